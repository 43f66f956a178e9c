/* diff_modules.c - modules that hosts get and lose, and their options. */
#include "tools/diff_list.h"

#include "schema/bind.h"
#include "support/strbuf.h"
#include "tools/diff_networks.h"

/* ---- which hosts have the same lists ---- */

/* What one side's list of modules says; lists that hosts share are looked at once. */
static struct str key_of_modules(struct differ *d, const struct modules *list)
{
	struct str identity = {(const char *)&list->list.at, sizeof(list->list.at)};
	struct str *known = names_find(&d->module_keys, identity);
	struct strbuf out = {.arena = d->a};

	if (known != NULL)
		return *known;
	for (size_t i = 0; i < list->list.n; i++) {
		strbuf_add(&out, list->list.at[i]->name);
		strbuf_addc(&out, '(');
		diff_add_key(&out, list->list.at[i]->options);
		strbuf_addc(&out, ')');
	}
	known = arena_new_of(d->a, struct str);
	*known = strbuf_str(&out);
	names_put(d->a, &d->module_keys, arena_str(d->a, identity.p, identity.n), known);
	return *known;
}

static struct str key_of_pair(void *ctx, const struct host_pair *pair)
{
	struct differ *d = ctx;
	struct str old = key_of_modules(d, &pair->old->modules);
	struct str new = key_of_modules(d, &pair->new->modules);

	return arena_printf(d->a, "%zu:%.*s%.*s", old.n, STR_ARG(old), STR_ARG(new));
}

/* ---- one module ---- */

static const struct module *find(const struct modules *list, struct str name)
{
	for (size_t i = 0; i < list->list.n; i++)
		if (str_eq(list->list.at[i]->name, name))
			return list->list.at[i];
	return NULL;
}

/* Modules through which somebody does something that a rule has to allow. */
static bool asks_a_rule(const struct section *s)
{
	for (size_t i = 0; i < s->noptions; i++)
		if (s->options[i].type != NULL && s->options[i].type->kind == TYPE_RULE &&
		    strcmp(s->options[i].name, "access_max_user_messages") != 0)
			return true;
	return false;
}

static void report_module(struct differ *d, enum diff_kind kind, const struct diff_about *about,
			  const struct module *mod)
{
	struct diff_change *c = diff_add(d, DIFF_MODULES, kind, mod->name, "");
	struct diff_side *side = kind == DIFF_ADDED ? &c->after : &c->before;

	*side = (struct diff_side){str_of(mod->options->section->help), mod->at};
	c->group = about->group;
	if (!asks_a_rule(mod->options->section))
		return;
	c->effect = kind == DIFF_ADDED ? DIFF_OPENS : DIFF_CLOSES;
	c->why = kind == DIFF_ADDED ? STR("access rules decide who may use it")
				    : STR("nobody can use it any more");
}

static void compare_module(struct differ *d, const struct diff_about *about,
			   const struct module *old, const struct module *new)
{
	struct diff_about inner = *about;

	inner.subject = new->name;
	diff_options(d, &inner, old->options, new->options);
	if (str_eqz(new->name, "mod_register"))
		diff_networks(d, &inner, bound_value(old->options, "ip_access"),
			      bound_value(new->options, "ip_access"));
}

static void compare_group(struct differ *d, const struct host_group *g)
{
	const struct host_pair *first = &g->list.at[0];
	const struct modules *old = &first->old->modules, *new = &first->new->modules;
	struct diff_about about = {
		.part = DIFF_MODULES,
		.prefix = "",
		.group = g,
		.asked_for = g,
	};

	for (size_t i = 0; i < old->list.n; i++)
		if (find(new, old->list.at[i]->name) == NULL)
			report_module(d, DIFF_REMOVED, &about, old->list.at[i]);
	for (size_t i = 0; i < new->list.n; i++) {
		const struct module *mod = new->list.at[i], *was = find(old, mod->name);

		if (was == NULL)
			report_module(d, DIFF_ADDED, &about, mod);
		else
			compare_module(d, &about, was, mod);
	}
}

void diff_modules(struct differ *d)
{
	struct host_groups groups;

	diff_group_hosts(d, &d->hosts, key_of_pair, d, &groups);
	for (size_t i = 0; i < groups.list.n; i++)
		compare_group(d, groups.list.at[i]);
}
