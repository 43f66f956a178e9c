/* check_needs.c - modules and HTTP routes that do nothing, or fail, without another module.
 *
 * Source: MongooseIM 3.2.0 starts what gen_mod_deps declares by itself; these are the others.
 */
#include "model/check.h"
#include "support/array.h"

static const struct need {
	const char *module;
	const char *other;
	const char *without; /* what happens in MongooseIM 3.2.0 */
	bool is_habit;       /* of MongooseIM's own file */
} needs[] = {
	{"mod_blocking", "mod_privacy", "it blocks by privacy lists, and nothing asks these",
	 false},
	{"mod_auth_token", "mod_keystore", "tokens are signed with keys from there", false},
	{"mod_muc_log", "mod_muc", "there are no rooms to log", false},
	{"mod_muc_commands", "mod_muc", "its commands fail", true},
	{"mod_muc_light_commands", "mod_muc_light", "its commands fail", true},
};

static struct str identity(const struct term *const *t)
{
	return (struct str){(const char *)t, sizeof(*t)};
}

static bool list_has(const struct value *modules, const char *name)
{
	const struct term *list = modules != NULL ? modules->term : NULL;

	for (uint32_t i = 0; list != NULL && list->kind == TERM_LIST && i < list->seq.n; i++)
		if (list->seq.items[i]->kind == TERM_TUPLE && list->seq.items[i]->seq.n != 0 &&
		    term_is_atom(list->seq.items[i]->seq.items[0], name))
			return true;
	return false;
}

static const struct term *name_in(const struct value *modules, const char *name)
{
	const struct term *list = modules->term;

	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++)
		if (term_is_tuple(list->seq.items[i], 2, name))
			return list->seq.items[i]->seq.items[0];
	return NULL;
}

/* reported: elements that lists of several hosts have. */
static void check_list(const struct check *c, const struct value *modules,
		       struct names_table *reported)
{
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		const struct need *n = &needs[i];
		const struct term *name = name_in(modules, n->module), **kept;

		if (name == NULL || list_has(modules, n->other) ||
		    names_find(reported, identity(&name)) != NULL)
			continue;
		kept = arena_new_of(c->a, const struct term *);
		*kept = name;
		names_put(c->a, reported, identity(kept), kept);
		diag_add(c->dl, W0536, name->at, "module '%s' does nothing without '%s'", n->module,
			 n->other);
		if (n->is_habit)
			diag_as_note(c->dl);
		diag_note(c->dl, "%s", n->without);
		diag_help(c->dl, "add {%s, []}, or take this one out", n->other);
	}
}

static bool some_host_has(const struct model *m, const char *name)
{
	const struct value *last = NULL;

	for (size_t i = 0; i < m->hosts.n; i++) {
		const struct value *modules = setting_of(m->hosts.at[i], "modules");

		if (modules != last && list_has(modules, name))
			return true;
		last = modules;
	}
	return false;
}

static void check_route(const struct check *c, const struct route *r, bool has_bosh,
			bool has_revproxy)
{
	bool bosh = strcmp(r->handler->name, "mod_bosh") == 0;
	bool revproxy = strcmp(r->handler->name, "mod_revproxy") == 0;

	if (!(bosh && !has_bosh) && !(revproxy && !has_revproxy))
		return;
	diag_add(c->dl, W0537, r->at, "this route fails without module '%s'", r->handler->name);
	diag_primary(c->dl, "no host has the module");
	diag_note(c->dl, "MongooseIM 3.2.0 answers requests with 500");
	diag_help(c->dl, "add {%s, []} to modules", r->handler->name);
}

void check_needs(const struct check *c)
{
	struct names_table reported = {0};
	const struct value *last = NULL;
	bool has_bosh, has_revproxy;

	if (c->m->is_partial || c->m->hosts.n == 0)
		return;
	for (size_t i = 0; i < c->m->hosts.n; i++) {
		const struct value *modules = setting_of(c->m->hosts.at[i], "modules");

		if (modules != NULL && modules != last)
			check_list(c, modules, &reported);
		last = modules;
	}
	has_bosh = some_host_has(c->m, "mod_bosh");
	has_revproxy = some_host_has(c->m, "mod_revproxy");
	for (size_t i = 0; i < c->m->listeners.n; i++)
		for (size_t k = 0; k < c->m->listeners.at[i]->routes.n; k++)
			check_route(c, c->m->listeners.at[i]->routes.at[k], has_bosh, has_revproxy);
}
