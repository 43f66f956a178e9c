/* lower_modules.c - modules of the hosts, services and pools: {Name, Options} bound by the section
 * of the name. */
#include "model/lower.h"

#include "support/assert.h"
#include "support/strbuf.h"

/* ---- modules ---- */

/* Terms are compared by identity: a list shared by hosts is bound once. */
static struct str identity(const struct term *const *t)
{
	return (struct str){(const char *)t, sizeof(*t)};
}

/* Limits of offline storage and registration are for accounts here. */
unsigned module_rule_about(struct str module, const char *option)
{
	bool accounts =
		strcmp(option, "access_max_user_messages") == 0 || str_eqz(module, "mod_register");

	return accounts ? ABOUT_USERS | ABOUT_NAMED | ABOUT_BARE : 0;
}

enum rule_type module_rule_type(const char *option)
{
	return strcmp(option, "access_max_user_messages") == 0 ? RULE_LIMIT : RULE_VERDICT;
}

void use_rules_of_modules(struct lower *l)
{
	for (size_t i = 0; i < l->m->modules.n; i++) {
		const struct module *mod = l->m->modules.at[i];
		const struct section *section = mod->options->section;

		for (size_t o = 0; o < section->noptions; o++) {
			const struct value *v = &mod->options->values[o];

			if (section->options[o].type != NULL &&
			    section->options[o].type->kind == TYPE_RULE && v->term != NULL &&
			    v->term->kind == TERM_ATOM)
				rule_is_about(
					use_rule(l, v, module_rule_type(section->options[o].name),
						 section->options[o].name, section->title,
						 !mod->is_left_out),
					module_rule_about(mod->name, section->options[o].name));
		}
	}
}

static void lower_module(struct lower *l, const struct term *t)
{
	const struct term *name = t->seq.items[0];
	const struct section *section = name->kind == TERM_ATOM ? schema_module(name->text) : NULL;
	struct module *mod = arena_new_of(l->a, struct module);

	if (name->kind == TERM_BAD || names_find(&l->modules, identity(&t)) != NULL)
		return;
	if (section == NULL) {
		schema_unknown_name(l->b, SCHEMA_MODULES, name);
		return;
	}
	mod->term = t;
	mod->name = name->text;
	mod->at = t->at;
	mod->name_at = name->at;
	mod->options = schema_bind(l->b, section, t->seq.items[1], name->at);
	mod->is_left_out = mod->options->unsupported;
	if (mod->is_left_out)
		leave_out(l->m, mod->at, "module %.*s", STR_ARG(mod->name));
	for (size_t i = 0; !mod->is_left_out && i < section->noptions; i++)
		if (mod->options->values[i].failed)
			leave_out(l->m, mod->options->values[i].at, "option '%s' of module %s",
				  section->options[i].name, section->name);
	names_put(l->a, &l->modules, identity(&mod->term), mod);
	vec_push(l->a, &l->m->modules, mod);
}

void lower_modules(struct lower *l, const struct value *modules)
{
	const struct term *list = modules->term;

	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++) {
		const struct term *t = list->seq.items[i];

		if (t->kind == TERM_BAD)
			continue;
		if (term_is_tuple(t, 2, NULL)) {
			lower_module(l, t);
			continue;
		}
		diag_add(l->dl, E0234, t->at, "expected a module {Name, Options}, found %s",
			 term_kind_name(t->kind));
		if (t->kind == TERM_ATOM) {
			struct str pair = arena_printf(l->a, "{%.*s, []}", STR_ARG(t->text));

			diag_help(l->dl, "write %.*s", STR_ARG(pair));
			diag_fix(l->dl, t->at, pair);
		}
	}
}

/* The same module twice in a host's list: the options of both count, those of the later one before.
 */
static void join(struct lower *l, struct host *h, struct module *first, struct module *again)
{
	diag_add(l->dl, W0524, again->name_at, "host '%.*s' has module '%.*s' twice",
		 STR_ARG(h->name), STR_ARG(again->name));
	diag_label(l->dl, first->name_at, "first here");
	diag_note(l->dl,
		  "options of the later one win; those that it does not give keep their first "
		  "value");
}

/* A module with the options of two entries of one list. */
static struct module *joined(struct lower *l, const struct module *first,
			     const struct module *again)
{
	struct module *mod = arena_new_of(l->a, struct module);
	struct bound *options = arena_new_of(l->a, struct bound);
	size_t n = again->options->section->noptions;

	*mod = *again;
	mod->term = NULL;
	*options = *again->options;
	options->values = arena_array_of(l->a, struct value, n);
	for (size_t i = 0; i < n; i++)
		options->values[i] = again->options->values[i].given ? again->options->values[i]
								     : first->options->values[i];
	mod->options = options;
	return mod;
}

static void add_module(struct lower *l, struct host *h, struct module *mod)
{
	for (size_t i = 0; i < h->modules.list.n; i++) {
		struct module *first = h->modules.list.at[i];

		if (!str_eq(first->name, mod->name))
			continue;
		join(l, h, first, mod);
		h->modules.list.at[i] = joined(l, first, mod);
		return;
	}
	vec_push(l->a, &h->modules.list, mod);
}

/* The list of an earlier host when both have the same setting: then they share it. */
static bool share_modules(struct lower *l, struct host *h)
{
	const struct value *own = setting_of(h, "modules");
	const struct host *before = h->index != 0 ? l->m->hosts.at[h->index - 1] : NULL;

	if (before == NULL || setting_of(before, "modules") != own)
		return false;
	h->modules = before->modules;
	return true;
}

void lower_host_modules(struct lower *l, struct host *h)
{
	const struct value *v = setting_of(h, "modules");

	if (v == NULL || share_modules(l, h))
		return;
	for (uint32_t i = 0; v->term->kind == TERM_LIST && i < v->term->seq.n; i++) {
		const struct term *t = v->term->seq.items[i];
		struct module *mod = names_find(&l->modules, identity(&t));

		if (mod == NULL || mod->is_left_out)
			continue;
		add_module(l, h, mod);
	}
}

/* ---- services ---- */

void lower_services(struct lower *l, const struct value *services)
{
	const struct term *list = services->term;

	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++) {
		const struct term *t = list->seq.items[i];
		const struct section *section;

		if (t->kind == TERM_BAD)
			continue;
		if (!term_is_tuple(t, 2, NULL)) {
			diag_add(l->dl, E0234, t->at,
				 "expected a service {Name, Options}, found %s",
				 term_kind_name(t->kind));
			continue;
		}
		section = t->seq.items[0]->kind == TERM_ATOM ? schema_service(t->seq.items[0]->text)
							     : NULL;
		if (section == NULL)
			schema_unknown_name(l->b, SCHEMA_SERVICES, t->seq.items[0]);
		else if (schema_bind(l->b, section, t->seq.items[1], t->seq.items[0]->at)
				 ->unsupported)
			leave_out(l->m, t->at, "service %s", section->name);
	}
}

/* ---- pools ---- */

/* {Type, Host, Tag, PoolOpts, ConnOpts}; Host is global, host or a name. */
static void lower_pool(struct lower *l, const struct term *t)
{
	const struct term *type = t->seq.items[0], *host = t->seq.items[1], *tag = t->seq.items[2];
	const struct section *section = type->kind == TERM_ATOM ? schema_pool(type->text) : NULL;

	if (section == NULL) {
		schema_unknown_name(l->b, SCHEMA_POOLS, type);
		return;
	}
	if (host->kind == TERM_STRING || host->kind == TERM_BINARY)
		(void)lower_host_named(l, host);
	else if (!term_is_atom(host, "global") && !term_is_atom(host, "host") &&
		 host->kind != TERM_BAD)
		diag_add(l->dl, E0234, host->at,
			 "the host of a pool is global, host or the name of one, found %s",
			 term_kind_name(host->kind));
	if (tag->kind != TERM_ATOM && tag->kind != TERM_BAD)
		diag_add(l->dl, E0234, tag->at, "the tag of a pool is an atom, found %s",
			 term_kind_name(tag->kind));
	if (schema_bind(l->b, section, t->seq.items[4], type->at)->unsupported) {
		leave_out(l->m, t->at, "pool %s", section->name + strlen("outgoing_pools."));
		return;
	}
	(void)schema_bind(l->b, &schema_pool_opts, t->seq.items[3], type->at);
}

void lower_pools(struct lower *l, const struct value *pools)
{
	const struct term *list = pools->term;

	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++) {
		const struct term *t = list->seq.items[i];

		if (t->kind == TERM_BAD)
			continue;
		if (term_is_tuple(t, 5, NULL))
			lower_pool(l, t);
		else
			diag_add(l->dl, E0234, t->at,
				 "expected a pool {Type, Host, Tag, Options, ConnectionOptions}, "
				 "found %s",
				 term_kind_name(t->kind));
	}
}
