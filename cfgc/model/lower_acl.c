/* lower_acl.c - {acl, Name, Spec}: one member of a set of users, its operands prepared like the
 * JIDs they are compared with. */
#include "model/lower.h"

#include "diag/suggest.h"
#include "model/backtrack.h"
#include "model/prep.h"
#include "schema/trap.h"
#include "support/array.h"
#include "support/assert.h"
#include "support/strbuf.h"

enum how { NOT_GIVEN, IS, REGEXP, GLOB };

/* The kinds of Spec that have operands: {user, U}, {user, U, S} and so on. Operands come in the
 * order node, domain, resource. Source: MongooseIM 3.2, acl:match_acl/4. */
static const struct spec_kind {
	const char *name;
	const char *form; /* for messages */
	enum how node, domain, resource;
} kinds[] = {
	{"user", "{user, \"NAME\"}", IS, NOT_GIVEN, NOT_GIVEN},
	{"user", "{user, \"NAME\", \"DOMAIN\"}", IS, IS, NOT_GIVEN},
	{"server", "{server, \"DOMAIN\"}", NOT_GIVEN, IS, NOT_GIVEN},
	{"resource", "{resource, \"RESOURCE\"}", NOT_GIVEN, NOT_GIVEN, IS},
	{"user_regexp", "{user_regexp, \"REGEXP\"}", REGEXP, NOT_GIVEN, NOT_GIVEN},
	{"user_regexp", "{user_regexp, \"REGEXP\", \"DOMAIN\"}", REGEXP, IS, NOT_GIVEN},
	{"server_regexp", "{server_regexp, \"REGEXP\"}", NOT_GIVEN, REGEXP, NOT_GIVEN},
	{"resource_regexp", "{resource_regexp, \"REGEXP\"}", NOT_GIVEN, NOT_GIVEN, REGEXP},
	{"node_regexp", "{node_regexp, \"REGEXP\", \"DOMAIN REGEXP\"}", REGEXP, REGEXP, NOT_GIVEN},
	{"user_glob", "{user_glob, \"GLOB\"}", GLOB, NOT_GIVEN, NOT_GIVEN},
	{"user_glob", "{user_glob, \"GLOB\", \"DOMAIN\"}", GLOB, IS, NOT_GIVEN},
	{"server_glob", "{server_glob, \"GLOB\"}", NOT_GIVEN, GLOB, NOT_GIVEN},
	{"resource_glob", "{resource_glob, \"GLOB\"}", NOT_GIVEN, NOT_GIVEN, GLOB},
	{"node_glob", "{node_glob, \"GLOB\", \"DOMAIN GLOB\"}", GLOB, GLOB, NOT_GIVEN},
};

#define NKINDS ARRAY_LEN(kinds)

static uint32_t operands(const struct spec_kind *k)
{
	return (uint32_t)(k->node != NOT_GIVEN) + (k->domain != NOT_GIVEN) +
	       (k->resource != NOT_GIVEN);
}

/* ---- names ---- */

struct set *set_named(struct model *m, struct str name)
{
	struct set *s = names_find(&m->set_names, name);

	if (s != NULL)
		return s;
	s = arena_new_of(m->arena, struct set);
	s->name = name;
	s->first_used = NO_SPAN;
	names_put(m->arena, &m->set_names, name, s);
	vec_push(m->arena, &m->sets, s);
	return s;
}

/* ---- operands ---- */

static const char *const part_names[] = {
	[PREP_NODE] = "user name", [PREP_DOMAIN] = "domain", [PREP_RESOURCE] = "resource"};

static bool has_capital(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

static bool has_non_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

/* MongooseIM 3.2.0 puts every operand through nodeprep, whatever it is. Say where that gives
 * something else. @return whether it matches anybody there, then with *as_mongooseim. */
static bool warn_otherwise(struct lower *l, enum prep_profile part, enum how how,
			   const struct term *t, struct str *as_mongooseim)
{
	struct str folded = t->text;
	const char *why;

	if (t->kind == TERM_STRING && has_non_ascii(t->text)) {
		trap_report(l->b, W0521, t->at,
			    "MongooseIM 3.2.0 matches nobody here: it does not read this "
			    "string as UTF-8");
		diag_help(l->dl, "write <<\"%.*s\"/utf8>>", STR_ARG(t->text));
		return false;
	}
	why = prep(l->a, PREP_NODE, t->text, &folded);
	if (t->text.n != 0 && why != NULL) {
		trap_report(l->b, W0521, t->at, "MongooseIM 3.2.0 matches nobody here, because %s",
			    why);
		diag_note(l->dl, "it prepares every operand like the name of a user");
		return false;
	}
	*as_mongooseim = folded;
	if (part == PREP_RESOURCE && has_capital(t->text)) {
		trap_report(l->b, W0521, t->at, "MongooseIM 3.2.0 compares with '%.*s'",
			    STR_ARG(folded));
		diag_note(l->dl, "it folds the operand, but no resource");
	} else if (how != IS && has_capital(t->text)) {
		trap_report(l->b, W0521, t->at,
			    "MongooseIM 3.2.0 reads this pattern in lower case");
		diag_note(l->dl, "%ss have no capitals", part_names[part]);
		diag_help(l->dl, "write the letters in lower case");
	}
	return true;
}

/* The characters from `at` on of a text, in the file: where nothing in it is escaped. */
static struct span part_of_text(struct lower *l, const struct term *t, uint32_t at, uint32_t len)
{
	struct str source = source_text(l->m->sources, t->at);
	struct span part = t->at;

	if (source.n != t->text.n + 2 || source.p[0] != '"' ||
	    memcmp(source.p + 1, t->text.p, t->text.n) != 0)
		return part;
	part.off += 1 + at;
	part.len = len;
	return part;
}

static void warn_backtracking(struct lower *l, const struct term *t)
{
	const struct regex *loop;

	if (!backtracks(l->a, t->text, &loop))
		return;
	diag_add(l->dl, W0535, part_of_text(l, t, loop->at, loop->len),
		 "a long name keeps this pattern busy for years");
	diag_primary(l->dl, "takes the same text in more and more ways");
	diag_note(l->dl, "matchers give up after some million steps, and the user counts as not "
			 "matched: a deny lets in");
	diag_help(l->dl, "repeat only what cannot be read in two ways: [a-z]+ instead of "
			 "([a-z]+)+");
}

/* A name written as a pattern: what its author had in mind is probably that name. */
static void warn_unanchored(struct lower *l, enum prep_profile part, const struct term *t)
{
	for (size_t i = 0; i < t->text.n; i++) {
		char c = t->text.p[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (c >= '0' && c <= '9') || c == '-' || c == '_';

		if (!is_word && !(c == '.' && part == PREP_DOMAIN && i != 0))
			return;
	}
	if (t->text.n == 0)
		return;
	trap_report(l->b, W0557, t->at, "this pattern matches every %s that contains '%.*s'",
		    part_names[part], STR_ARG(t->text));
	diag_help(l->dl, "write \"^%.*s$\" to match it whole", STR_ARG(t->text));
}

static bool lower_text(struct lower *l, enum prep_profile part, const struct term *t,
		       struct part_test *out)
{
	const char *why = prep(l->a, part, t->text, &out->text);

	out->kind = PART_IS;
	if (why == NULL)
		return true;
	if (t->text.n == 0 && part != PREP_DOMAIN) { /* JIDs without this part */
		out->text = STR("");
		return true;
	}
	trap_report(l->b, E0227, t->at, "'%.*s' is not a %s: %s", STR_ARG(t->text),
		    part_names[part], why);
	return false;
}

static bool lower_pattern(struct lower *l, enum how how, struct str text, struct span at,
			  struct part_test *out)
{
	out->kind = PART_MATCHES;
	out->text = how == GLOB ? pattern_of_glob(l->a, text) : text;
	return pattern_check(l, out->text, at);
}

static bool lower_operand(struct lower *l, enum prep_profile part, enum how how,
			  const struct term *t, struct part_test *out)
{
	struct str there = t->text;
	bool matches;

	if (t->kind == TERM_BAD)
		return false;
	if (t->kind != TERM_STRING && t->kind != TERM_BINARY && !term_is_nil(t)) {
		diag_add(l->dl, E0226, t->at, "expected a %s in quotes, found %s", part_names[part],
			 term_kind_name(t->kind));
		if (t->kind == TERM_ATOM)
			trap_settle(l->b);
		if (t->kind == TERM_ATOM) {
			struct str quoted = arena_printf(l->a, "\"%.*s\"", STR_ARG(t->text));

			diag_help(l->dl, "write %.*s", STR_ARG(quoted));
			diag_fix(l->dl, t->at, quoted);
		}
		return false;
	}
	if (how == IS) {
		if (!lower_text(l, part, t, out))
			return false;
	} else if (!lower_pattern(l, how, term_is_nil(t) ? STR("") : t->text, t->at, out)) {
		return false;
	}
	if (term_is_nil(t))
		return true;
	if (how == REGEXP)
		warn_backtracking(l, t);
	matches = warn_otherwise(l, part, how, t, &there);
	if (how == REGEXP && matches)
		warn_unanchored(l, part, t);
	if (!does_as_mongooseim(l->b))
		return true;
	if (!matches)
		return false;
	if (how != IS)
		return lower_pattern(l, how, there, t->at, out);
	out->text = there;
	return true;
}

static bool lower_operands(struct lower *l, const struct spec_kind *k, const struct term *spec,
			   struct set_member *out)
{
	uint32_t next = 1;
	bool good = true;

	if (k->node != NOT_GIVEN)
		good &= lower_operand(l, PREP_NODE, k->node, spec->seq.items[next++], &out->node);
	if (k->domain != NOT_GIVEN)
		good &= lower_operand(l, PREP_DOMAIN, k->domain, spec->seq.items[next++],
				      &out->domain);
	if (k->resource != NOT_GIVEN)
		good &= lower_operand(l, PREP_RESOURCE, k->resource, spec->seq.items[next],
				      &out->resource);
	out->kind = MEMBER_TEST;
	out->server_is_host = k->node != NOT_GIVEN && k->domain == NOT_GIVEN;
	return good;
}

/* ---- specs ---- */

/* Whether MongooseIM 3.2.0 starts with it, to find out later that it describes nobody. */
static bool is_loaded(const struct term *spec)
{
	return spec->kind == TERM_TUPLE && (spec->seq.n == 2 || spec->seq.n == 3);
}

static void report_kind(struct lower *l, const struct term *spec)
{
	const struct term *name =
		spec->kind == TERM_TUPLE && spec->seq.n != 0 ? spec->seq.items[0] : spec;
	struct names legal = {.arena = l->a};
	bool is_known = false;

	for (size_t i = 0; i < NKINDS; i++) {
		if (legal.list.n == 0 || !str_eqz(legal.list.at[legal.list.n - 1], kinds[i].name))
			vec_push(l->a, &legal.list, str_of(kinds[i].name));
		is_known |= term_is_atom(name, kinds[i].name);
	}
	if (is_known) {
		diag_add(l->dl, E0226, spec->at, "'%.*s' does not take %u operands",
			 STR_ARG(name->text), spec->kind == TERM_TUPLE ? spec->seq.n - 1 : 0);
		for (size_t i = 0; i < NKINDS; i++)
			if (term_is_atom(name, kinds[i].name))
				diag_note(l->dl, "it is written %s", kinds[i].form);
		if (is_loaded(spec))
			trap_settle(l->b);
		return;
	}
	if (name->kind == TERM_ATOM && spec->kind == TERM_TUPLE) {
		diag_add(l->dl, E0226, name->at, "'%.*s' is no way to describe users",
			 STR_ARG(name->text));
		if (is_loaded(spec))
			trap_settle(l->b);
		suggest_into(l->dl, name->at, name->text, &legal);
	} else {
		diag_add(l->dl, E0226, spec->at,
			 "expected a description of users such as {user, \"NAME\"}, found %s",
			 term_kind_name(spec->kind));
	}
}

static struct set_member *lower_spec(struct lower *l, const struct term *spec)
{
	struct set_member *member = arena_new_of(l->a, struct set_member);

	if (spec->kind == TERM_BAD)
		return NULL;
	if (term_is_atom(spec, "all")) {
		member->kind = MEMBER_ALL;
		return member;
	}
	if (term_is_atom(spec, "none")) {
		diag_add(l->dl, W0508, spec->at, "'none' describes nobody");
		diag_note(l->dl, "MongooseIM 3.2.0 logs an error each time this set is asked for");
		member->kind = MEMBER_NONE;
		return member;
	}
	for (size_t i = 0; i < NKINDS; i++)
		if (term_is_tuple(spec, 1 + operands(&kinds[i]), kinds[i].name))
			return lower_operands(l, &kinds[i], spec, member) ? member : NULL;
	report_kind(l, spec);
	return NULL;
}

void lower_acl(struct lower *l, const struct term *t, int host)
{
	const struct term *name = t->seq.items[1];
	struct set_member *member;
	struct set *set;

	if (term_is_atom(name, "all") || term_is_atom(name, "none")) {
		diag_add(l->dl, E0228, name->at, "'%.*s' cannot be defined", STR_ARG(name->text));
		diag_note(l->dl, "it is built in and means %s",
			  term_is_atom(name, "all") ? "everybody" : "nobody");
		return;
	}
	set = set_named(l->m, name->text);
	member = lower_spec(l, t->seq.items[2]);
	if (member == NULL) { /* defined all the same: users of the name are right */
		member = arena_new_of(l->a, struct set_member);
		member->kind = MEMBER_NONE;
		set->is_broken = true;
	}
	member->host = host;
	member->term = t;
	member->at = t->at;
	vec_push(l->a, &set->members, member);
}
