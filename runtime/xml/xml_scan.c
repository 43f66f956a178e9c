/* xml_scan.c - finds where one top-level element ends. */
#include "xml/xml_scan.h"

enum state {
	PROLOG,      /* before the root, maybe after a declaration */
	PROLOG_LT,   /* "<" there */
	TARGET,      /* "<?", then "xml" */
	DECLARATION, /* up to "?" */
	DECLARATION_END,
	LT, /* "<" inside or at the start of an element */
	NAME,
	SPACE, /* in a tag, between attributes */
	ATTR,
	EQUALS,
	VALUE,
	APOS,
	QUOT,
	AFTER_VALUE,
	SLASH, /* "/" of an empty element's tag */
	CONTENT,
	CLOSE, /* "</" */
	CLOSE_NAME,
	CLOSE_SPACE,
	BANG, /* "<!" */
	CDATA_OPEN,
	CDATA,
	CDATA_1, /* "]" */
	CDATA_2, /* "]]" */
};

enum { IS_SPACE = 1, IS_START = 2, IS_NAME = 4, ENDS_VALUE = 8 };

#define S  IS_SPACE
#define A  (IS_START | IS_NAME)
#define N  IS_NAME
#define V  ENDS_VALUE
#define A8 A, A, A, A, A, A, A, A
#define Z8 0, 0, 0, 0, 0, 0, 0, 0

/* Beyond ASCII everything may be part of a name: the parser knows better. */
static const uint8_t class_of[256] = {
	0,  0,  0,  0,  0,  0,  0,  0,  0,  S,  S,  0,  0,  S,  0,  0, /* 00 */
	Z8, Z8,                                                        /* 10 */
	S,  0,  V,  0,  0,  0,  0,  V,  0,  0,  0,  0,  0,  N,  N,  0, /* 20 */
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  A,  0,  V,  0,  0,  0, /* 30 */
	0,  A,  A,  A,  A,  A,  A,  A,  A8,                            /* 40 */
	A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  0,  0,  0,  0,  A, /* 50 */
	0,  A,  A,  A,  A,  A,  A,  A,  A8,                            /* 60 */
	A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  A,  0,  0,  0,  0,  0, /* 70 */
	A8, A8, A8, A8, A8, A8, A8, A8, A8, A8, A8, A8, A8, A8, A8, A8,
};

#undef S
#undef A
#undef N
#undef V
#undef A8
#undef Z8

static bool is(char c, unsigned classes)
{
	return (class_of[(unsigned char)c] & classes) != 0;
}

void rt_xml_scan_element(struct rt_xml_scan *s)
{
	s->at = 1;
	s->mark = s->mark_end = 0;
	s->attrs = 0;
	s->state = LT;
	s->depth = s->match = 0;
	s->is_header = s->is_late = s->is_self_closed = false;
}

void rt_xml_scan_header(struct rt_xml_scan *s, bool is_late)
{
	rt_xml_scan_element(s);
	s->at = 0;
	s->state = PROLOG;
	s->is_header = true;
	s->is_late = is_late;
}

void rt_xml_scan_copy(struct rt_xml_scan *to, const struct rt_xml_scan *from)
{
	memcpy(to, from,
	       offsetof(struct rt_xml_scan, names) + from->depth * sizeof(from->names[0]));
}

/* Whether the end tag at mark has the name of the innermost open element. */
static bool closes_innermost(const struct rt_xml_scan *s, const char *base)
{
	const char *open = base + s->names[s->depth - 1u];
	size_t n = s->mark_end - s->mark;

	return memcmp(open, base + s->mark, n) == 0 && !is(open[n], IS_NAME);
}

/* The tag that opened an element has ended, or one that closed it. */
static bool is_done(const struct rt_xml_scan *s)
{
	return s->is_header || s->depth == 0;
}

#define RESULT(value)                                                                              \
	do {                                                                                       \
		result = (value);                                                                  \
		goto out;                                                                          \
	} while (0)

#define SKIP(classes)                                                                              \
	do {                                                                                       \
		while (p != end && is(*p, (classes)))                                              \
			p++;                                                                       \
		if (p == end)                                                                      \
			goto out;                                                                  \
	} while (0)

#define FIND(c)                                                                                    \
	do {                                                                                       \
		p = memchr(p, (c), (size_t)(end - p));                                             \
		if (p == NULL) {                                                                   \
			p = end;                                                                   \
			goto out;                                                                  \
		}                                                                                  \
		p++;                                                                               \
	} while (0)

/* One state after the other; each consumes what belongs to it and leaves when the bytes run out.
 * Long, since it is one table in the shape of a switch. */
enum rt_xml_scan_result rt_xml_scan(struct rt_xml_scan *s, const struct rt_xml_scan_limits *limits,
				    const char *base, size_t n)
{
	static const char cdata[] = "CDATA[", target[] = "xml";
	enum rt_xml_scan_result result = RT_XML_SCAN_MORE;
	const char *p = base + s->at, *const end = base + n;
	unsigned state = s->state;

	while (p != end) {
		switch ((enum state)state) {
		case PROLOG:
			SKIP(IS_SPACE);
			if (*p != '<')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			state = PROLOG_LT;
			break;
		case PROLOG_LT:
			if (*p == '?') {
				p++;
				s->match = 0;
				state = TARGET;
				break;
			}
			if (*p == '/')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			state = LT;
			break;
		case TARGET: /* the declaration is one only as the very first thing */
			if (s->match < sizeof(target) - 1) {
				if (*p != target[s->match])
					RESULT(RT_XML_SCAN_RESTRICTED);
				s->match++;
				p++;
				break;
			}
			if (!is(*p, IS_SPACE))
				RESULT(RT_XML_SCAN_RESTRICTED);
			if (s->is_late || p - base != sizeof("<?xml") - 1)
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			state = DECLARATION;
			break;
		case DECLARATION:
			FIND('?');
			state = DECLARATION_END;
			break;
		case DECLARATION_END:
			if (*p != '>')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			state = PROLOG;
			break;

		case CONTENT:
			FIND('<');
			state = LT;
			break;
		case LT:
			if (is(*p, IS_START)) {
				if (s->depth >= limits->max_depth)
					RESULT(RT_XML_SCAN_TOO_COMPLEX);
				s->names[s->depth++] = (uint32_t)(p - base);
				s->attrs = 0;
				p++;
				state = NAME;
			} else if (*p == '/') {
				p++;
				state = CLOSE;
			} else if (*p == '!') {
				p++;
				state = BANG;
			} else {
				RESULT(*p == '?' ? RT_XML_SCAN_RESTRICTED
						 : RT_XML_SCAN_NOT_WELL_FORMED);
			}
			break;
		case NAME:
			SKIP(IS_NAME);
			s->mark_end = (uint32_t)(p - base);
			state = AFTER_VALUE;
			break;
		case SPACE:
			SKIP(IS_SPACE);
			if (is(*p, IS_START)) {
				if (++s->attrs > limits->max_attrs)
					RESULT(RT_XML_SCAN_TOO_COMPLEX);
				p++;
				state = ATTR;
				break;
			}
			/* fall through */
		case AFTER_VALUE:
			if (is(*p, IS_SPACE)) {
				state = SPACE;
			} else if (*p == '/') {
				state = SLASH;
			} else if (*p == '>') {
				state = CONTENT;
				if (is_done(s)) {
					p++;
					RESULT(RT_XML_SCAN_DONE);
				}
			} else {
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			}
			p++;
			break;
		case ATTR:
			SKIP(IS_NAME);
			state = EQUALS;
			break;
		case EQUALS:
			SKIP(IS_SPACE);
			if (*p != '=')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			state = VALUE;
			break;
		case VALUE:
			SKIP(IS_SPACE);
			if (*p != '\'' && *p != '"')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			state = *p == '\'' ? APOS : QUOT;
			p++;
			break;
		case APOS:
		case QUOT:
			while (!is(*p, ENDS_VALUE)) {
				if (++p == end)
					goto out;
			}
			if (*p == '<')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			if (*p == (state == APOS ? '\'' : '"'))
				state = AFTER_VALUE;
			p++;
			break;
		case SLASH:
			if (*p != '>')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			s->depth--;
			state = CONTENT;
			if (is_done(s)) {
				s->is_self_closed = true;
				RESULT(RT_XML_SCAN_DONE);
			}
			break;

		case CLOSE:
			if (!is(*p, IS_START))
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			s->mark = (uint32_t)(p - base);
			state = CLOSE_NAME;
			break;
		case CLOSE_NAME:
			SKIP(IS_NAME);
			s->mark_end = (uint32_t)(p - base);
			if (s->depth != 0 && !closes_innermost(s, base))
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			state = CLOSE_SPACE;
			break;
		case CLOSE_SPACE:
			SKIP(IS_SPACE);
			if (*p != '>')
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			if (s->depth == 0)
				RESULT(RT_XML_SCAN_END);
			s->depth--;
			state = CONTENT;
			if (is_done(s))
				RESULT(RT_XML_SCAN_DONE);
			break;

		case BANG:
			if (*p != '[')
				RESULT(RT_XML_SCAN_RESTRICTED);
			if (s->depth == 0) /* character data between stanzas */
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			s->match = 0;
			state = CDATA_OPEN;
			break;
		case CDATA_OPEN:
			if (*p != cdata[s->match])
				RESULT(RT_XML_SCAN_NOT_WELL_FORMED);
			p++;
			if (++s->match == sizeof(cdata) - 1)
				state = CDATA;
			break;
		case CDATA:
			FIND(']');
			state = CDATA_1;
			break;
		case CDATA_1:
			state = *p == ']' ? CDATA_2 : CDATA;
			p++;
			break;
		case CDATA_2:
			if (*p == '>')
				state = CONTENT;
			else if (*p != ']')
				state = CDATA;
			p++;
			break;
		}
	}
out:
	s->at = (uint32_t)(p - base);
	s->state = (uint8_t)state;
	return result;
}
