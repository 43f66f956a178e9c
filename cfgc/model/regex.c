/* regex.c - a recursive descent over the syntax of PCRE. What it does not know makes the whole
 * pattern unknown. */
#include "model/regex.h"

#define DEEPEST 64

struct reader {
	struct arena *a;
	struct str p;
	size_t i;
	int depth;
	bool failed; /* nothing is known about the pattern */
};

static bool at_end(const struct reader *r)
{
	return r->i == r->p.n;
}

static bool next_is(const struct reader *r, char c)
{
	return r->i < r->p.n && r->p.p[r->i] == c;
}

static struct regex *node(struct reader *r, enum regex_kind kind, size_t at)
{
	struct regex *x = arena_new_of(r->a, struct regex);

	x->kind = kind;
	x->at = (uint32_t)at;
	x->len = (uint32_t)(r->i - at);
	return x;
}

/* ---- sets of bytes ---- */

static void add_range(struct byte_set *s, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to; c++)
		byte_set_add(s, (unsigned char)c);
}

static void invert(struct byte_set *s)
{
	for (int i = 0; i < 4; i++)
		s->bits[i] = ~s->bits[i];
}

/* \d, \w, \s and their opposites. @return false: none of them. */
static bool add_kind(struct byte_set *s, char c)
{
	struct byte_set own = {{0}};

	switch (c | 0x20) {
	case 'd':
		add_range(&own, '0', '9');
		break;
	case 'w':
		add_range(&own, '0', '9');
		add_range(&own, 'a', 'z');
		add_range(&own, 'A', 'Z');
		byte_set_add(&own, '_');
		break;
	case 's':
		add_range(&own, '\t', '\r');
		byte_set_add(&own, ' ');
		break;
	default:
		return false;
	}
	if ((c & 0x20) == 0)
		invert(&own);
	for (int i = 0; i < 4; i++)
		s->bits[i] |= own.bits[i];
	return true;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* A byte behind a backslash that stands for itself or a control character. */
static bool escaped_byte(char c, unsigned char *out)
{
	static const char letters[] = "tnrfea", means[] = "\t\n\r\f\033\a";
	const char *at = c != '\0' ? strchr(letters, c) : NULL;

	*out = at != NULL ? (unsigned char)means[at - letters] : (unsigned char)c;
	return at != NULL || !is_alnum(c);
}

/* One element of a class: a byte, or a kind that is added at once. @return whether a byte. */
static bool class_byte(struct reader *r, struct byte_set *s, unsigned char *out)
{
	char c = r->p.p[r->i++];

	*out = (unsigned char)c;
	if (c == '[' && !at_end(r) && strchr(":.=", r->p.p[r->i]) != NULL)
		r->failed = true;
	if (c != '\\' || r->failed)
		return true;
	if (at_end(r)) {
		r->failed = true;
		return true;
	}
	c = r->p.p[r->i++];
	if (add_kind(s, c))
		return false;
	r->failed |= !escaped_byte(c, out);
	return true;
}

static struct regex *read_class(struct reader *r, size_t at)
{
	struct byte_set s = {{0}};
	bool negated = next_is(r, '^'), first = true;
	struct regex *x;

	r->i += negated;
	while (!at_end(r) && !r->failed && (first || !next_is(r, ']'))) {
		unsigned char from, to;

		first = false;
		if (!class_byte(r, &s, &from))
			continue;
		to = from;
		if (next_is(r, '-') && r->i + 1 < r->p.n && r->p.p[r->i + 1] != ']') {
			r->i++;
			if (!class_byte(r, &s, &to) || to < from) {
				r->failed = true;
				break;
			}
		}
		add_range(&s, from, to);
	}
	r->failed |= at_end(r);
	r->i += !at_end(r);
	if (negated)
		invert(&s);
	x = node(r, REGEX_BYTE, at);
	x->bytes = s;
	return x;
}

/* ---- atoms ---- */

static struct regex *read_alternatives(struct reader *r);

static struct regex *read_group(struct reader *r, size_t at)
{
	struct regex *inner;

	if (next_is(r, '?')) {
		r->i++;
		r->failed |= !next_is(r, ':');
		r->i += !at_end(r);
	}
	r->failed |= next_is(r, '*') || ++r->depth > DEEPEST;
	if (r->failed)
		return node(r, REGEX_SEQ, at);
	inner = read_alternatives(r);
	r->depth--;
	r->failed |= !next_is(r, ')');
	r->i += !at_end(r);
	inner->at = (uint32_t)at;
	inner->len = (uint32_t)(r->i - at);
	return inner;
}

static struct regex *read_escape(struct reader *r, size_t at)
{
	struct byte_set s = {{0}};
	enum regex_kind kind = REGEX_BYTE;
	unsigned char byte;
	struct regex *x;
	char c;

	if (at_end(r)) {
		r->failed = true;
		return node(r, REGEX_SEQ, at);
	}
	c = r->p.p[r->i++];
	if (c == 'A') {
		kind = REGEX_START;
	} else if (c == 'z' || c == 'Z') {
		kind = REGEX_END;
	} else if (!add_kind(&s, c)) {
		r->failed |= !escaped_byte(c, &byte);
		byte_set_add(&s, byte);
	}
	x = node(r, kind, at);
	x->bytes = s;
	return x;
}

static struct regex *read_atom(struct reader *r)
{
	size_t at = r->i;
	char c = r->p.p[r->i++];
	struct regex *x;

	switch (c) {
	case '(':
		return read_group(r, at);
	case '[':
		return read_class(r, at);
	case '\\':
		return read_escape(r, at);
	case '^':
		return node(r, REGEX_START, at);
	case '$':
		return node(r, REGEX_END, at);
	default:
		break;
	}
	x = node(r, REGEX_BYTE, at);
	byte_set_add(&x->bytes, c == '.' ? '\n' : (unsigned char)c);
	if (c == '.')
		invert(&x->bytes);
	return x;
}

/* ---- quantifiers ---- */

static bool read_number(const struct reader *r, size_t *i, int *out)
{
	size_t from = *i;

	*out = 0;
	for (; *i < r->p.n && r->p.p[*i] >= '0' && r->p.p[*i] <= '9' && *i - from < 5; ++*i)
		*out = 10 * *out + (r->p.p[*i] - '0');
	return *i != from;
}

/* {n}, {n,} and {n,m}; any other brace stands for itself. */
static bool read_braces(struct reader *r, int *min, int *max)
{
	size_t i = r->i + 1;

	if (!read_number(r, &i, min))
		return false;
	*max = *min;
	if (i < r->p.n && r->p.p[i] == ',') {
		i++;
		if (!read_number(r, &i, max))
			*max = REGEX_UNBOUNDED;
	}
	if (i >= r->p.n || r->p.p[i] != '}')
		return false;
	r->i = i + 1;
	return true;
}

static bool read_quantifier(struct reader *r, int *min, int *max)
{
	if (at_end(r))
		return false;
	if (next_is(r, '{'))
		return read_braces(r, min, max);
	if (!next_is(r, '*') && !next_is(r, '+') && !next_is(r, '?'))
		return false;
	*min = next_is(r, '+');
	*max = next_is(r, '?') ? 1 : REGEX_UNBOUNDED;
	r->i++;
	return true;
}

static struct regex *read_repeated(struct reader *r)
{
	size_t at = r->i;
	struct regex *x = read_atom(r);
	int min, max;

	while (!r->failed && read_quantifier(r, &min, &max)) {
		struct regex *repeat;

		/* Lazy ones match the same texts, possessive ones fewer. */
		r->failed |= next_is(r, '+') || x->kind == REGEX_START || x->kind == REGEX_END;
		r->i += next_is(r, '?');
		repeat = node(r, REGEX_REPEAT, at);
		repeat->min = min;
		repeat->max = max;
		vec_push(r->a, &repeat->parts, x);
		x = repeat;
	}
	return x;
}

static struct regex *read_sequence(struct reader *r)
{
	struct regex *seq = node(r, REGEX_SEQ, r->i);

	while (!at_end(r) && !r->failed && !next_is(r, '|') && !next_is(r, ')'))
		vec_push(r->a, &seq->parts, read_repeated(r));
	seq->len = (uint32_t)r->i - seq->at;
	return seq;
}

static struct regex *read_alternatives(struct reader *r)
{
	struct regex *first = read_sequence(r), *alt;

	if (!next_is(r, '|'))
		return first;
	alt = node(r, REGEX_ALT, first->at);
	vec_push(r->a, &alt->parts, first);
	while (!r->failed && next_is(r, '|')) {
		r->i++;
		vec_push(r->a, &alt->parts, read_sequence(r));
	}
	alt->len = (uint32_t)r->i - alt->at;
	return alt;
}

struct regex *regex_parse(struct arena *a, struct str pattern)
{
	struct reader r = {.a = a, .p = pattern};
	struct regex *x = read_alternatives(&r);

	return r.failed || !at_end(&r) ? NULL : x;
}
