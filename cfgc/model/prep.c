/* prep.c - stringprep through libidn, with a short way for plain ASCII, which is nearly everything.
 */
#include "model/prep.h"

#include <stringprep.h>

#include "support/utf8.h"

/* Room for a part that grows while it is folded (a character becomes three at most). */
#define PREP_ROOM (4 * PREP_MAX_BYTES)

static const char *forbidden_in_node(unsigned char c)
{
	switch (c) {
	case ' ':
		return "it holds a space";
	case '"':
		return "it holds a double quote";
	case '&':
		return "it holds a '&'";
	case '\'':
		return "it holds a single quote";
	case '/':
		return "it holds a '/'";
	case ':':
		return "it holds a ':'";
	case '<':
		return "it holds a '<'";
	case '>':
		return "it holds a '>'";
	case '@':
		return "it holds an '@'";
	default:
		return NULL;
	}
}

/* What can be said of ASCII without tables. @return whether it is all ASCII, and in *why what is
 * wrong with it. */
static bool look_at_ascii(enum prep_profile profile, struct str in, const char **why, bool *folds)
{
	*why = NULL;
	*folds = false;
	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = (unsigned char)in.p[i];

		if (c >= 0x80)
			return false;
		if (*why == NULL && (c < 0x20 || c == 0x7f) && profile != PREP_DOMAIN)
			*why = "it holds a control character";
		if (*why == NULL && profile == PREP_NODE)
			*why = forbidden_in_node(c);
		*folds |= profile != PREP_RESOURCE && c >= 'A' && c <= 'Z';
	}
	return true;
}

static struct str lower_case(struct arena *a, struct str in)
{
	struct str out = arena_str(a, in.p, in.n);
	char *p = arena_alloc(a, in.n + 1);

	for (size_t i = 0; i < in.n; i++)
		p[i] = (char)(in.p[i] >= 'A' && in.p[i] <= 'Z' ? in.p[i] | 0x20 : in.p[i]);
	out.p = p;
	return out;
}

static const char *by_tables(struct arena *a, enum prep_profile profile, struct str in,
			     struct str *out)
{
	const Stringprep_profile *tables = profile == PREP_NODE     ? stringprep_xmpp_nodeprep
					   : profile == PREP_DOMAIN ? stringprep_nameprep
								    : stringprep_xmpp_resourceprep;
	char *text = arena_alloc(a, PREP_ROOM + 1);

	if (in.n > PREP_MAX_BYTES)
		return "it is longer than 1023 bytes";
	memcpy(text, in.p, in.n);
	switch (stringprep(text, PREP_ROOM, 0, tables)) {
	case STRINGPREP_OK:
		break;
	case STRINGPREP_CONTAINS_PROHIBITED:
		return "it holds a character that may not stand there";
	case STRINGPREP_BIDI_BOTH_L_AND_RAL:
	case STRINGPREP_BIDI_LEADTRAIL_NOT_RAL:
	case STRINGPREP_BIDI_CONTAINS_PROHIBITED:
		return "it mixes writing directions";
	case STRINGPREP_TOO_SMALL_BUFFER:
		return "it is longer than 1023 bytes";
	default:
		return "it has no prepared form";
	}
	*out = str_of(text);
	return NULL;
}

const char *prep(struct arena *a, enum prep_profile profile, struct str in, struct str *out)
{
	struct str result = in;
	const char *why;
	bool folds;

	if (in.n != 0 && memchr(in.p, 0, in.n) != NULL)
		return "it holds a zero byte";
	if (utf8_check(in) != in.n)
		return "it is not UTF-8";
	if (!look_at_ascii(profile, in, &why, &folds))
		why = by_tables(a, profile, in, &result);
	else if (why == NULL && folds)
		result = lower_case(a, in);
	if (why != NULL)
		return why;
	if (result.n == 0)
		return "it is empty";
	if (result.n > PREP_MAX_BYTES)
		return "it is longer than 1023 bytes";
	*out = result;
	return NULL;
}
