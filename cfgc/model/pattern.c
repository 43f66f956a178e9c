/* pattern.c - regular expressions and globs of sets of users: are they well-formed, and are they
 * more than a comparison? */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "model/lower.h"
#include "schema/trap.h"
#include "support/strbuf.h"

bool pattern_check(struct lower *l, struct str pattern, struct span at)
{
	PCRE2_UCHAR text[256];
	PCRE2_SIZE offset;
	int error;
	pcre2_code *code;

	if (pattern.n == 0)
		return true;
	if (memchr(pattern.p, 0, pattern.n) != NULL) {
		diag_add(l->dl, E0229, at, "a pattern cannot hold a zero byte");
		return false;
	}
	code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error, &offset, NULL);
	if (code != NULL) {
		pcre2_code_free(code);
		return true;
	}
	pcre2_get_error_message(error, text, sizeof(text));
	trap_report(l->b, E0229, at, "this pattern cannot be compiled: %s", (const char *)text);
	diag_note(l->dl,
		  "after '%.*s'; MongooseIM 3.2.0 would match nobody, so a {deny, ...} on it lets "
		  "everybody in",
		  (int)(offset < pattern.n ? offset : pattern.n), pattern.p);
	return false;
}

static bool is_special(char c)
{
	return c != '\0' && strchr("\\^$.[|()?*+{", c) != NULL;
}

/* `*` and `?` are wild, [...] is a class in which a leading ! negates; all else stands for itself,
 * the backslash and braces included. Source: OTP, xmerl_regexp:sh_to_awk/1. */
struct str pattern_of_glob(struct arena *a, struct str glob)
{
	struct strbuf out = {.arena = a};
	size_t i = 0;

	strbuf_addz(&out, "^(");
	while (i < glob.n) {
		char c = glob.p[i++];

		if (c == '*') {
			strbuf_addz(&out, ".*");
		} else if (c == '?') {
			strbuf_addc(&out, '.');
		} else if (c == '[') {
			strbuf_addc(&out, '[');
			if (i < glob.n && glob.p[i] == '!') {
				strbuf_addc(&out, '^');
				i++;
			}
			while (i < glob.n && glob.p[i] != ']') {
				if (glob.p[i] == '\\')
					strbuf_addc(&out, '\\');
				strbuf_addc(&out, glob.p[i++]);
			}
			if (i < glob.n)
				strbuf_addc(&out, glob.p[i++]);
		} else {
			if (is_special(c) && c != '{')
				strbuf_addc(&out, '\\');
			strbuf_addc(&out, c);
		}
	}
	strbuf_addz(&out, ")$");
	return strbuf_str(&out);
}

/* Take literal text from the front of a pattern, without its backslashes. @return where it ends. */
static size_t take_literal(struct str pattern, size_t i, struct strbuf *out)
{
	static const char punctuation[] = "\\^$.[]|()?*+{}-_@!#%&=:;,<>~/'\"` ";

	while (i < pattern.n) {
		char c = pattern.p[i];
		bool escaped = c == '\\' && i + 1 < pattern.n && pattern.p[i + 1] != '\0' &&
			       strchr(punctuation, pattern.p[i + 1]) != NULL;

		if (is_special(c) && !escaped)
			break;
		if (escaped)
			c = pattern.p[++i];
		/* A quantifier binds to the last character: leave that one alone. */
		if (i + 1 < pattern.n && pattern.p[i + 1] != '\0' &&
		    strchr("?*+{", pattern.p[i + 1]) != NULL)
			return escaped ? i - 1 : i;
		strbuf_addc(out, c);
		i++;
	}
	return i;
}

static struct str rest_of(struct str s, size_t i)
{
	return (struct str){s.p + i, s.n - i};
}

/* JIDs hold no line ends, so `$` is the end of the text and `.*` matches any text. */
struct part_test pattern_fold(struct arena *a, struct str regexp)
{
	struct part_test unchanged = {.kind = PART_MATCHES, .text = regexp};
	struct strbuf literal = {.arena = a};
	bool at_start = regexp.n != 0 && regexp.p[0] == '^', grouped, wild = false, at_end;
	size_t i = at_start;

	grouped = at_start && i < regexp.n && regexp.p[i] == '(' &&
		  !(i + 1 < regexp.n && (regexp.p[i + 1] == '?' || regexp.p[i + 1] == '*'));
	i += grouped;
	if (str_eqz(rest_of(regexp, i).n > 2 ? (struct str){regexp.p + i, 2} : rest_of(regexp, i),
		    ".*")) {
		wild = true;
		i += 2;
	}
	i = take_literal(regexp, i, &literal);
	if (!wild && at_start && str_eqz(rest_of(regexp, i), grouped ? ".*)$" : ".*$"))
		return literal.n == 0 ? (struct part_test){.kind = PART_ANY}
				      : (struct part_test){PART_STARTS, strbuf_str(&literal)};
	if (grouped && !str_eqz(rest_of(regexp, i), ")$"))
		return unchanged;
	i += grouped;
	at_end = str_eqz(rest_of(regexp, i), "$");
	if (!at_end && i != regexp.n)
		return unchanged;
	if (wild || !at_start) {
		if (literal.n == 0)
			return (struct part_test){.kind = PART_ANY};
		return at_end ? (struct part_test){PART_ENDS, strbuf_str(&literal)} : unchanged;
	}
	if (!at_end && literal.n == 0)
		return (struct part_test){.kind = PART_ANY};
	return (struct part_test){at_end ? PART_IS : PART_STARTS,
				  literal.n != 0 ? strbuf_str(&literal) : STR("")};
}
