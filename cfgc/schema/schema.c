/* schema.c - find sections by name, walk them all, and what to say about names that no table has.
 */
#include "schema/tables.h"

#include "diag/suggest.h"
#include "support/array.h"
#include "support/assert.h"

static const struct section *const *const listener_tables[] = {listener_sections, NULL};
static const struct section *const *const service_tables[] = {service_sections, NULL};
static const struct section *const *const handler_tables[] = {handler_sections, NULL};
static const struct section *const *const pool_tables[] = {pool_sections, NULL};
static const struct section *const *const module_tables[] = {
	module_sections_basic,   module_sections_account, module_sections_muc,
	module_sections_mam,     module_sections_push,    module_sections_pubsub,
	module_sections_distrib, module_sections_web,     NULL,
};

static const struct group {
	const char *name; /* for schema_each() and messages */
	const struct section *const *const *tables;
	const struct hint *hints;
} groups[SCHEMA_NGROUPS] = {
	[SCHEMA_LISTENERS] = {"listener", listener_tables, listener_hints},
	[SCHEMA_MODULES] = {"module", module_tables, module_hints},
	[SCHEMA_SERVICES] = {"service", service_tables, service_hints},
	[SCHEMA_HANDLERS] = {"handler", handler_tables, handler_hints},
	[SCHEMA_POOLS] = {"pool type", pool_tables, pool_hints},
};

static const struct section *find_section(enum schema_group group, struct str name)
{
	for (const struct section *const *const *t = groups[group].tables; *t != NULL; t++)
		for (const struct section *const *s = *t; *s != NULL; s++)
			if (str_eqz(name, (*s)->name))
				return *s;
	return NULL;
}

const struct section *schema_listener(struct str module)
{
	return find_section(SCHEMA_LISTENERS, module);
}

const struct section *schema_module(struct str module)
{
	return find_section(SCHEMA_MODULES, module);
}

const struct section *schema_service(struct str service)
{
	return find_section(SCHEMA_SERVICES, service);
}

const struct section *schema_http_handler(struct str module)
{
	return find_section(SCHEMA_HANDLERS, module);
}

/* Pools are named "outgoing_pools.redis", to be told from the modules. */
const struct section *schema_pool(struct str type)
{
	for (const struct section *const *s = pool_sections; *s != NULL; s++)
		if (str_eqz(type, strchr((*s)->name, '.') + 1))
			return *s;
	return NULL;
}

/* ---- unknown names ---- */

/* The last part of a section's name: what stands in a file. */
static const char *written_name(enum schema_group group, const struct section *s)
{
	return group == SCHEMA_POOLS ? strchr(s->name, '.') + 1 : s->name;
}

static bool ends_with(struct str s, const char *end)
{
	size_t n = strlen(end);

	return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* "mod_roster_rdbms" and the like are parts of modules, chosen with {backend, ...}. */
static bool is_backend_of_module(struct str name, struct str *module)
{
	static const char *const backends[] = {"_mnesia", "_rdbms", "_riak",
					       "_odbc",   "_redis", "_cassandra"};

	for (size_t i = 0; i < ARRAY_LEN(backends); i++) {
		if (!ends_with(name, backends[i]))
			continue;
		*module = (struct str){name.p, name.n - strlen(backends[i])};
		if (schema_module(*module) != NULL)
			return true;
	}
	return false;
}

static bool help_with_hint(struct diags *dl, enum schema_group group, struct str name)
{
	struct str module;

	for (const struct hint *h = groups[group].hints; h->name != NULL; h++) {
		if (str_eqz(name, h->name)) {
			diag_help(dl, "%s", h->text);
			return true;
		}
	}
	if (group == SCHEMA_MODULES && is_backend_of_module(name, &module)) {
		diag_help(dl, "it is a part of %.*s: write {%.*s, [{backend, ...}]}",
			  STR_ARG(module), STR_ARG(module));
		return true;
	}
	return false;
}

void schema_unknown_name(struct bind *b, enum schema_group group, const struct term *name)
{
	struct names legal = {.arena = b->arena};

	if (name->kind == TERM_BAD)
		return;
	if (name->kind != TERM_ATOM) {
		diag_add(b->diags, E0205, name->at, "expected the name of a %s (atom), found %s",
			 groups[group].name, term_kind_name(name->kind));
		return;
	}
	diag_add(b->diags, E0202, name->at, "unknown %s '%.*s'", groups[group].name,
		 STR_ARG(name->text));
	if (help_with_hint(b->diags, group, name->text))
		return;
	for (const struct section *const *const *t = groups[group].tables; *t != NULL; t++)
		for (const struct section *const *s = *t; *s != NULL; s++)
			vec_push(b->arena, &legal.list, str_of(written_name(group, *s)));
	suggest_into(b->diags, name->at, name->text, &legal);
}

/* ---- walk ---- */

#define MOST_SECTIONS 256

struct walk {
	schema_each_fn fn;
	void *ctx;
	const struct section *seen[MOST_SECTIONS];
	size_t nseen;
};

static bool mark(struct walk *w, const struct section *s)
{
	for (size_t i = 0; i < w->nseen; i++)
		if (w->seen[i] == s)
			return false;
	CFGC_ASSERT(w->nseen < MOST_SECTIONS);
	w->seen[w->nseen++] = s;
	return true;
}

static void walk_nested(struct walk *w, const struct section *s);

static void walk_type(struct walk *w, const struct type *type)
{
	if (type->kind == TYPE_OPTIONS && mark(w, type->section)) {
		w->fn(w->ctx, "nested", type->section);
		walk_nested(w, type->section);
	}
	if (type->of != NULL)
		walk_type(w, type->of);
	for (size_t i = 0; type->alts != NULL && type->alts[i] != NULL; i++)
		walk_type(w, type->alts[i]);
}

static void walk_nested(struct walk *w, const struct section *s)
{
	for (size_t i = 0; i < s->noptions; i++)
		walk_type(w, s->options[i].type);
	if (s->type != NULL)
		walk_type(w, s->type);
}

static void walk_section(struct walk *w, const char *group, const struct section *s)
{
	if (mark(w, s))
		w->fn(w->ctx, group, s);
}

void schema_each(schema_each_fn fn, void *ctx)
{
	struct walk w = {.fn = fn, .ctx = ctx};
	size_t nouter;

	walk_section(&w, "top", &schema_top);
	walk_section(&w, "top", &schema_auth_opts);
	walk_section(&w, "top", &schema_pool_opts);
	for (size_t g = 0; g < SCHEMA_NGROUPS; g++)
		for (const struct section *const *const *t = groups[g].tables; *t != NULL; t++)
			for (const struct section *const *s = *t; *s != NULL; s++)
				walk_section(&w, groups[g].name, *s);
	nouter = w.nseen;
	for (size_t i = 0; i < nouter; i++)
		walk_nested(&w, w.seen[i]);
}
