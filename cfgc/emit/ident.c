/* ident.c - the only ways by which text of a configuration gets into C: identifiers, string
 * literals, comments. */
#include "emit/emitter.h"

#include "support/utf8.h"

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* ---- identifiers ---- */

struct str ident_from(struct arena *a, struct str name)
{
	struct strbuf out = {.arena = a};

	for (size_t i = 0; i < name.n && out.n < IDENT_MAX; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (is_letter(c) || (is_digit(c) && out.n != 0))
			strbuf_addc(&out, (char)c);
		else if (is_digit(c))
			strbuf_printf(&out, "_%c", c);
		else if (c == '.' || c == '-')
			strbuf_addc(&out, '_');
		else
			strbuf_printf(&out, "_x%02X", c);
	}
	if (out.n == 0)
		strbuf_addc(&out, '_');
	return strbuf_str(&out);
}

struct str ident_upper(struct arena *a, struct str name)
{
	struct str copy = arena_str(a, name.p, name.n);
	char *p = arena_alloc(a, name.n + 1);

	for (size_t i = 0; i < name.n; i++)
		p[i] = (char)(name.p[i] >= 'a' && name.p[i] <= 'z' ? name.p[i] & ~0x20 : name.p[i]);
	copy.p = p;
	return copy;
}

struct str ident_unique(struct emitter *e, struct str wanted)
{
	struct str name = wanted;

	for (unsigned n = 2; names_find(&e->c_names, name) != NULL; n++)
		name = arena_printf(e->arena, "%.*s_%u", STR_ARG(wanted), n);
	names_put(e->arena, &e->c_names, name, e);
	return name;
}

/* ---- texts ---- */

/* Characters that show as themselves and do nothing else: no controls, no invisible ones, none that
 * turn the direction of writing (compilers refuse those, and readers would be misled). */
static bool is_plain(uint32_t c)
{
	return c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c != 0xad &&
	       !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff && !(c >= 0xfff0 && c <= 0xffff) &&
	       c < 0xe0000;
}

/* Copy one character, or escape its bytes as three octal digits each: a digit behind them is not
 * swallowed. */
static size_t add_char(struct strbuf *out, const char *p, size_t n)
{
	uint32_t c;
	size_t len = utf8_decode(p, n, &c);

	if (len != 0 && is_plain(c)) {
		strbuf_add(out, (struct str){p, len});
		return len;
	}
	len = len != 0 ? len : 1;
	for (size_t i = 0; i < len; i++)
		strbuf_printf(out, "\\%03o", (unsigned char)p[i]);
	return len;
}

static void add_string(struct strbuf *out, struct str text)
{
	strbuf_addc(out, '"');
	for (size_t i = 0; i < text.n;) {
		char c = text.p[i];
		bool is_trigraph = c == '?' && i != 0 && text.p[i - 1] == '?';

		if (c == '"' || c == '\\' || is_trigraph) {
			strbuf_addc(out, '\\');
			strbuf_addc(out, c);
			i++;
		} else if (c == '\n') {
			strbuf_addz(out, "\\n");
			i++;
		} else {
			i += add_char(out, text.p + i, text.n - i);
		}
	}
	strbuf_addc(out, '"');
}

struct str c_string(struct arena *a, struct str text)
{
	struct strbuf out = {.arena = a};

	add_string(&out, text);
	return strbuf_str(&out);
}

struct str c_string_lines(struct arena *a, struct str text)
{
	struct strbuf out = {.arena = a};
	size_t i = 0;

	while (i < text.n) {
		const char *end = memchr(text.p + i, '\n', text.n - i);
		size_t len = end != NULL ? (size_t)(end - (text.p + i)) + 1 : text.n - i;

		strbuf_addz(&out, i != 0 ? "\n\t" : "\t");
		add_string(&out, (struct str){text.p + i, len});
		i += len;
	}
	if (text.n == 0)
		strbuf_addz(&out, "\t\"\"");
	return strbuf_str(&out);
}

struct str c_comment_text(struct arena *a, struct str text)
{
	struct strbuf out = {.arena = a};

	for (size_t i = 0; i < text.n;) {
		char c = text.p[i], before = i != 0 ? text.p[i - 1] : '\0';
		bool is_edge = (c == '/' && before == '*') || (c == '*' && before == '/');
		bool is_trigraph = c == '?' && before == '?';

		if (is_edge || is_trigraph)
			strbuf_addc(&out, ' ');
		i += add_char(&out, text.p + i, text.n - i);
	}
	return strbuf_str(&out);
}

struct str c_address(struct arena *arena, const struct address *a)
{
	struct strbuf out = {.arena = arena};

	if (a->family == 4)
		return arena_printf(arena, "RT_IPV4(%u, %u, %u, %u)", a->bytes[0], a->bytes[1],
				    a->bytes[2], a->bytes[3]);
	for (int i = 0; i < 16; i++)
		strbuf_printf(&out, "%s0x%02x", i == 0 ? "{" : ", ", a->bytes[i]);
	strbuf_addc(&out, '}');
	return strbuf_str(&out);
}
