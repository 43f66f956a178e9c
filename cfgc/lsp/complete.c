/* complete.c - what may be written at the cursor: names of options that its list does not have yet,
 * of modules, listeners and the like, values, and the names that the file defines.
 *
 *   context_find() says what is expected, add_*() put together the items of that kind.
 */
#include "lsp/context.h"
#include "lsp/occur.h"
#include "lsp/server.h"
#include "options.h"
#include "support/array.h"

/* Kinds of the protocol, for the client's icons. */
enum item_kind {
	ITEM_FUNCTION = 3,
	ITEM_MODULE = 9,
	ITEM_PROPERTY = 10,
	ITEM_VALUE = 12,
	ITEM_ENUM_MEMBER = 20,
	ITEM_CONSTANT = 21,
};

/* What comes first: all there is, then what is not supported, then what is for other places. */
enum rank { RANK_GOOD, RANK_MACRO, RANK_UNSUPPORTED, RANK_ELSEWHERE };

struct item {
	struct str label;
	enum item_kind kind;
	enum rank rank;
	bool is_deprecated;
	struct str detail, documentation; /* n == 0: none */
	struct str text;                  /* what is inserted; n == 0: the label */
	bool is_snippet;                  /* text has holes: ${1:...} */
};

struct completion {
	struct request *r;
	struct arena *a;
	struct context c;
	struct span replaced;
	uint32_t n;
};

/* ---- items ---- */

static void add_item(struct completion *p, const struct item *item)
{
	struct strbuf *out = &p->r->out;
	struct text_edit edit = {p->replaced, item->text.n != 0 ? item->text : item->label};

	if (p->n++ != 0)
		strbuf_addc(out, ',');
	strbuf_addz(out, "{\"label\":");
	strbuf_add_json(out, item->label);
	strbuf_printf(out, ",\"kind\":%d,\"sortText\":\"%d%04u\"", item->kind, item->rank, p->n);
	if (item->is_deprecated)
		strbuf_addz(out, ",\"tags\":[1]");
	if (item->detail.n != 0) {
		strbuf_addz(out, ",\"detail\":");
		strbuf_add_json(out, item->detail);
	}
	if (item->documentation.n != 0) {
		strbuf_addz(out, ",\"documentation\":");
		strbuf_add_json(out, item->documentation);
	}
	/* What is typed is compared with this: quotes and all. */
	strbuf_addz(out, ",\"filterText\":");
	strbuf_add_json(out, item->label);
	if (item->is_snippet)
		strbuf_addz(out, ",\"insertTextFormat\":2");
	strbuf_addz(out, ",\"textEdit\":");
	write_text_edit(out, p->r->server, p->r->analysis, &edit);
	strbuf_addc(out, '}');
}

/* Text inside a snippet: its special characters are escaped. */
static void add_escaped(struct strbuf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$' || text.p[i] == '}' || text.p[i] == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, text.p[i]);
	}
}

static struct str written(struct completion *p, enum term_kind kind, struct str text)
{
	struct strbuf out = {.arena = p->a};
	struct term t = {.kind = kind, .at = NO_SPAN, .used_at = NO_SPAN, .text = text};

	term_print(&out, &t);
	return strbuf_str(&out);
}

static void add_word(struct completion *p, const char *word, enum item_kind kind, struct str detail)
{
	struct item item = {.label = str_of(word), .kind = kind, .detail = detail};

	add_item(p, &item);
}

/* ---- options ---- */

static bool is_given(const struct completion *p, const struct option *o)
{
	for (size_t i = 0; (o->flags & OPT_MULTI) == 0 && i < p->c.given.n; i++)
		if (str_eqz(p->c.given.at[i], o->name))
			return true;
	return false;
}

static bool is_offered(const struct completion *p, const struct option *o)
{
	if ((o->flags & (OPT_DEAD | OPT_REFUSED)) != 0 || o->same_as != NULL || o->name[0] == '{')
		return false;
	if (p->c.expect.in_host_config && (o->flags & OPT_PER_HOST) == 0)
		return false;
	return !is_given(p, o);
}

/* A hole for a value: its default, or what it is. */
static void add_hole(struct completion *p, struct strbuf *out, int number, const struct option *o,
		     const struct type *type)
{
	strbuf_printf(out, "${%d:", number);
	if (o->dflt != NULL)
		add_escaped(out, str_of(o->dflt));
	else if (type != NULL && type->kind == TYPE_RULE)
		strbuf_addz(out, "rule");
	else if (type != NULL && (type->kind == TYPE_LIST || type->kind == TYPE_OPTIONS))
		strbuf_addz(out, "[]");
	else if (type != NULL && (type->kind == TYPE_PATH || type->kind == TYPE_STRING ||
				  type->kind == TYPE_HOST || type->kind == TYPE_SECRET))
		strbuf_addz(out, "\"\"");
	strbuf_addc(out, '}');
	(void)p;
}

/* The name and what stands behind it, without the brackets of the pair. */
static void add_inner(struct completion *p, struct strbuf *out, const struct option *o)
{
	const struct type *type = o->type;
	int n = 1;

	if (o->form == FORM_KEYED) {
		strbuf_printf(out, "{%s, ${1}\\}, ", o->name);
		add_hole(p, out, 2, o, type);
		return;
	}
	strbuf_addz(out, o->name);
	if (o->form != FORM_TUPLE) {
		strbuf_addz(out, ", ");
		add_hole(p, out, 1, o, type);
		return;
	}
	while (type->kind == TYPE_ONEOF)
		type = type->alts[0];
	for (; type->alts[n - 1] != NULL; n++) {
		strbuf_addz(out, ", ");
		add_hole(p, out, n, o, type->alts[n - 1]);
	}
}

/* Forms whose value has a structure that the reader wants to see at once. */
static const struct {
	const char *option;
	const char *inner;
} top_snippets[] = {
	{"acl", "acl, ${1:name}, {${2:user}, \"${3}\"\\}"},
	{"access", "access, ${1:name}, [{${2:allow}, ${3:all}\\}]"},
	{"shaper", "shaper, ${1:name}, {maxrate, ${2:1000}\\}"},
	{"listen", "listen, [\n  ${1}\n]"},
	{"modules", "modules, [\n  ${1}\n]"},
	{"hosts", "hosts, [\"${1:example.org}\"]"},
	{"host_config", "host_config, \"${1:example.org}\", [\n  ${2}\n]"},
	{"define_macro", "define_macro, '${1:NAME}', ${2}"},
	{"include_config_file", "include_config_file, \"${1}\""},
	{"sm_backend", "sm_backend, {mnesia, []\\}"},
};

static struct str inner_of(struct completion *p, const struct section *s, const struct option *o)
{
	struct strbuf out = {.arena = p->a};

	for (size_t i = 0; s == &schema_top && i < ARRAY_LEN(top_snippets); i++)
		if (strcmp(o->name, top_snippets[i].option) == 0)
			return str_of(top_snippets[i].inner);
	add_inner(p, &out, o);
	return strbuf_str(&out);
}

/* As an element: {name, Value}, with the full stop where it is a form. In a tuple that is there
 * already: name, and the value when none follows. */
static void set_text(struct completion *p, struct item *item, const struct section *s,
		     const struct option *o, bool whole)
{
	struct strbuf out = {.arena = p->a};
	struct str inner = inner_of(p, s, o);
	bool is_form = whole && s == &schema_top && !p->c.expect.in_host_config;

	if (o->form == FORM_FLAG)
		strbuf_printf(&out, is_form ? "%s." : "%s", o->name);
	else if (!p->r->server->knows_snippets || (!whole && p->c.next_kind == TOK_COMMA))
		strbuf_addz(&out, o->name);
	else if (!whole)
		strbuf_add(&out, inner);
	else
		strbuf_printf(&out, is_form ? "{%.*s\\}." : "{%.*s\\}", STR_ARG(inner));
	item->text = strbuf_str(&out);
	item->is_snippet = p->r->server->knows_snippets && memchr(out.p, '$', out.n) != NULL;
	if (!item->is_snippet && memchr(out.p, '\\', out.n) != NULL)
		item->text = (struct str){NULL, 0};
}

static void add_options(struct completion *p, const struct section *s, bool whole)
{
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];
		struct item item = {.label = str_of(o->name), .kind = ITEM_PROPERTY};

		if (!is_offered(p, o) || (!whole && o->form == FORM_FLAG))
			continue;
		if ((o->flags & OPT_UNSUPPORTED) != 0 &&
		    p->r->server->options->target == TARGET_XMPPD)
			item.rank = RANK_UNSUPPORTED;
		item.is_deprecated = (o->flags & OPT_DEPRECATED) != 0;
		item.detail = option_describe(p->a, o);
		item.documentation = str_of(o->help);
		if (o->note != NULL)
			item.documentation = arena_printf(p->a, "%s\n%s", o->help, o->note);
		set_text(p, &item, s, o, whole);
		add_item(p, &item);
	}
}

/* ---- modules, listeners, ... ---- */

struct group_walk {
	struct completion *p;
	const char *group;
	const char *form; /* how a whole entry is written, around the name; NULL: the name alone */
};

static void add_section_name(void *ctx, const char *group, const struct section *s)
{
	struct group_walk *w = ctx;
	struct item item = {.label = str_of(section_written(s)), .kind = ITEM_MODULE};

	if (strcmp(group, w->group) != 0)
		return;
	if ((s->flags & OPT_UNSUPPORTED) != 0 && w->p->r->server->options->target == TARGET_XMPPD)
		item.rank = RANK_UNSUPPORTED;
	item.is_deprecated = (s->flags & OPT_DEPRECATED) != 0;
	item.detail = str_of(s->help);
	if (w->form != NULL && w->p->r->server->knows_snippets) {
		item.text = arena_printf(w->p->a,
					 w->form[0] == 'n'   ? "{%s, [${1}]\\}"
					 : w->form[0] == 'p' ? "{${1:5222}, %s, [${2}]\\}"
					 : w->form[0] == 'r'
						 ? "{\"_\", \"${1:/}\", %s, [${2}]\\}"
						 : "{%s, global, ${1:default}, [${2}], [${3}]\\}",
					 section_written(s));
		item.is_snippet = true;
	}
	add_item(w->p, &item);
}

static const char *const group_names[SCHEMA_NGROUPS] = {
	[SCHEMA_LISTENERS] = "listener", [SCHEMA_MODULES] = "module",
	[SCHEMA_SERVICES] = "service",   [SCHEMA_HANDLERS] = "handler",
	[SCHEMA_POOLS] = "pool type",
};

static void add_group(struct completion *p, enum schema_group group, const char *form)
{
	struct group_walk w = {p, group_names[group], form};

	schema_each(add_section_name, &w);
}

/* ---- names that the file defines ---- */

/* Whether a definition for one host counts at the cursor. */
static bool is_in_scope(const struct completion *p, const struct occurrence *o)
{
	return o->host.n == 0 || p->c.host.n == 0 || str_eq(o->host, p->c.host);
}

static bool is_first_definition(const struct occurrences *all, size_t i)
{
	/* Few names are defined twice, and those close to each other. */
	for (size_t k = i; k > 0 && i - k < 100; k--)
		if (all->list.at[k - 1].is_definition &&
		    is_same_name(&all->list.at[k - 1], &all->list.at[i]))
			return false;
	return true;
}

#define MOST_NAMES 1000 /* more than anybody reads; typing narrows them */

static void add_names(struct completion *p, enum name_kind kind)
{
	const struct occurrences *all = occurrences_of(p->r->analysis);
	uint32_t limit = p->n + MOST_NAMES;

	for (size_t i = 0; i < all->list.n && p->n < limit; i++) {
		const struct occurrence *o = &all->list.at[i];
		struct item item = {.kind = ITEM_FUNCTION};

		if (o->kind != kind || !o->is_definition || !is_in_scope(p, o) ||
		    !is_first_definition(all, i))
			continue;
		item.label = written(p, kind == NAME_HOST ? TERM_STRING : TERM_ATOM, o->name);
		item.detail = str_of(name_kind_text(kind));
		if (o->host.n != 0)
			item.detail = arena_printf(p->a, "%s of host %.*s", name_kind_text(kind),
						   STR_ARG(o->host));
		if (o->host.n != 0 && p->c.host.n == 0)
			item.rank = RANK_ELSEWHERE;
		if (kind == NAME_MACRO) {
			item.kind = ITEM_CONSTANT;
			item.rank = RANK_MACRO;
		}
		add_item(p, &item);
	}
}

/* ---- values ---- */

static void add_type(struct completion *p, const struct type *type, int depth);

static void add_choices(struct completion *p, const struct type *type, enum term_kind kind)
{
	for (const char *const *name = type->names; name != NULL && *name != NULL; name++) {
		struct item item = {.label = written(p, kind, str_of(*name)),
				    .kind = ITEM_ENUM_MEMBER};

		for (const char *const *u = type->unsupported; u != NULL && *u != NULL; u++)
			if (strcmp(*u, *name) == 0 && p->r->server->options->target == TARGET_XMPPD)
				item.rank = RANK_UNSUPPORTED;
		add_item(p, &item);
	}
}

static void add_snippet(struct completion *p, const char *label, const char *text)
{
	struct item item = {.label = str_of(label), .kind = ITEM_VALUE};

	if (p->r->server->knows_snippets) {
		item.text = str_of(text);
		item.is_snippet = true;
	}
	add_item(p, &item);
}

static void add_type(struct completion *p, const struct type *type, int depth)
{
	switch (type->kind) {
	case TYPE_BOOL:
		add_word(p, "true", ITEM_ENUM_MEMBER, STR(""));
		add_word(p, "false", ITEM_ENUM_MEMBER, STR(""));
		break;
	case TYPE_CHOICE:
		add_choices(p, type, TERM_ATOM);
		break;
	case TYPE_STRING:
		add_choices(p, type, TERM_STRING);
		break;
	case TYPE_BINARY:
		add_choices(p, type, TERM_BINARY);
		break;
	case TYPE_LITERAL:
		add_word(p, type->text, ITEM_ENUM_MEMBER, STR(""));
		break;
	case TYPE_RULE:
		add_names(p, NAME_RULE);
		add_word(p, "all", ITEM_ENUM_MEMBER, STR("built in: allows everybody"));
		add_word(p, "none", ITEM_ENUM_MEMBER, STR("built in: denies everybody"));
		break;
	case TYPE_SHAPER:
		add_names(p, NAME_SHAPER);
		add_word(p, "none", ITEM_ENUM_MEMBER, STR("built in: no limit"));
		break;
	case TYPE_HOST:
		add_names(p, NAME_HOST);
		break;
	case TYPE_SECRET:
		add_snippet(p, "{env, \"NAME\"}", "{env, \"${1:NAME}\"\\}");
		add_snippet(p, "{file, \"PATH\"}", "{file, \"${1:PATH}\"\\}");
		break;
	case TYPE_IP:
		add_word(p, "{127, 0, 0, 1}", ITEM_VALUE, STR("this machine only"));
		add_word(p, "{0, 0, 0, 0}", ITEM_VALUE, STR("all IPv4 addresses"));
		break;
	case TYPE_ONEOF:
		for (size_t i = 0; depth < 8 && type->alts[i] != NULL; i++)
			add_type(p, type->alts[i], depth + 1);
		break;
	default:
		break;
	}
}

static void add_default(struct completion *p, const struct option *o)
{
	struct item item = {.kind = ITEM_VALUE, .detail = STR("the default")};

	if (o == NULL || o->dflt == NULL || o->type != p->c.expect.type ||
	    (o->type->kind != TYPE_INT && o->type->kind != TYPE_NUMBER &&
	     o->type->kind != TYPE_ONEOF && o->type->kind != TYPE_SUBDOMAIN))
		return;
	item.label = str_of(o->dflt);
	add_item(p, &item);
}

/* ---- access control ---- */

static void add_spec(struct completion *p, bool whole)
{
	static const struct {
		const char *kind, *snippet, *help;
	} specs[] = {
		{"user", "user, \"${1}\", \"${2}\"", "one user, of one host"},
		{"server", "server, \"${1}\"", "all users of a host"},
		{"resource", "resource, \"${1}\"", "all users with this resource"},
		{"user_regexp", "user_regexp, \"${1}\"",
		 "users of served hosts, by a regular expression"},
		{"server_regexp", "server_regexp, \"${1}\"", "hosts, by a regular expression"},
		{"resource_regexp", "resource_regexp, \"${1}\"",
		 "resources, by a regular expression"},
		{"node_regexp", "node_regexp, \"${1}\", \"${2}\"",
		 "user and host, by regular expressions"},
		{"user_glob", "user_glob, \"${1}\"",
		 "users of served hosts, by a pattern with * and ?"},
		{"server_glob", "server_glob, \"${1}\"", "hosts, by a pattern with * and ?"},
		{"resource_glob", "resource_glob, \"${1}\"",
		 "resources, by a pattern with * and ?"},
		{"node_glob", "node_glob, \"${1}\", \"${2}\"",
		 "user and host, by patterns with * and ?"},
	};

	for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
		struct item item = {.label = str_of(specs[i].kind),
				    .kind = ITEM_ENUM_MEMBER,
				    .detail = str_of(specs[i].help)};

		if (p->r->server->knows_snippets && (whole || p->c.next_kind != TOK_COMMA)) {
			item.text = arena_printf(p->a, whole ? "{%s\\}" : "%s", specs[i].snippet);
			item.is_snippet = true;
		} else if (whole) {
			continue;
		}
		add_item(p, &item);
	}
	if (!whole)
		return;
	add_word(p, "all", ITEM_ENUM_MEMBER, STR("everybody"));
	add_word(p, "none", ITEM_ENUM_MEMBER, STR("nobody"));
}

static void add_clause_values(struct completion *p)
{
	add_word(p, "allow", ITEM_ENUM_MEMBER, STR(""));
	add_word(p, "deny", ITEM_ENUM_MEMBER, STR(""));
	add_word(p, "none", ITEM_ENUM_MEMBER, STR("a rule for shapers: no limit"));
	add_names(p, NAME_SHAPER);
}

static void add_sets(struct completion *p)
{
	add_names(p, NAME_SET);
	add_word(p, "all", ITEM_ENUM_MEMBER, STR("built in: everybody"));
	add_word(p, "none", ITEM_ENUM_MEMBER, STR("built in: nobody"));
}

/* ---- the request ---- */

static void add_expected(struct completion *p)
{
	const struct expect *e = &p->c.expect;

	if (e->is_list)
		return;
	switch (e->kind) {
	case EXPECT_ELEMENT:
		add_options(p, e->section, true);
		break;
	case EXPECT_OPTION:
		add_options(p, e->section, false);
		break;
	case EXPECT_VALUE:
		add_type(p, e->type, 0);
		add_default(p, e->option);
		break;
	case EXPECT_LISTENER:
		add_group(p, SCHEMA_LISTENERS, "port");
		break;
	case EXPECT_MODULE:
		add_group(p, SCHEMA_MODULES, "name");
		break;
	case EXPECT_SERVICE:
		add_group(p, SCHEMA_SERVICES, "name");
		break;
	case EXPECT_ROUTE:
		add_group(p, SCHEMA_HANDLERS, "route");
		break;
	case EXPECT_POOL:
		add_group(p, SCHEMA_POOLS, "type");
		break;
	case EXPECT_NAME:
		add_group(p, e->group, NULL);
		break;
	case EXPECT_SPEC:
		add_spec(p, true);
		break;
	case EXPECT_SPEC_KIND:
		add_spec(p, false);
		break;
	case EXPECT_CLAUSE:
		add_snippet(p, "{allow, all}", "{allow, ${1:all}\\}");
		add_snippet(p, "{deny, all}", "{deny, ${1:all}\\}");
		break;
	case EXPECT_CLAUSE_VALUE:
		add_clause_values(p);
		break;
	case EXPECT_SET:
		add_sets(p);
		break;
	case EXPECT_HOST:
		add_names(p, NAME_HOST);
		break;
	default:
		break;
	}
}

/* Macros stand for whole values. */
static bool takes_macro(const struct expect *e)
{
	switch (e->kind) {
	case EXPECT_VALUE:
	case EXPECT_SPEC:
	case EXPECT_CLAUSE_VALUE:
	case EXPECT_SET:
	case EXPECT_HOST:
		return true;
	default:
		return e->is_list;
	}
}

void handle_completion(struct request *r)
{
	struct completion p = {.r = r, .a = r->arena};

	context_find(r->arena, &r->analysis->run.sources, r->file, r->offset, &p.c);
	p.replaced = p.c.word;
	if (p.c.word.len == 0 || p.c.word.off >= r->offset)
		p.replaced = (struct span){r->file, r->offset, 0};
	strbuf_addz(&r->out, "{\"isIncomplete\":false,\"items\":[");
	if (!p.c.in_comment) {
		add_expected(&p);
		if (takes_macro(&p.c.expect))
			add_names(&p, NAME_MACRO);
	}
	strbuf_addz(&r->out, "]}");
}
