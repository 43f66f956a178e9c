/* diff_login.c - ways to log in: methods and mechanisms as sets, and the options of both. */
#include "tools/diff_list.h"

#include "schema/bind.h"
#include "support/array.h"
#include "support/strbuf.h"

/* ---- sets of atoms ---- */

static bool has(const struct term *t, struct str name)
{
	for (uint32_t i = 0; t != NULL && i < list_len(t); i++)
		if (str_eq(text_of(t->seq.items[i]), name))
			return true;
	return t != NULL && t->kind == TERM_ATOM && str_eq(t->text, name);
}

/* Atoms of one that the other does not have. */
static struct str missing(struct arena *a, const struct term *these, const struct term *those)
{
	struct strbuf out = {.arena = a};

	if (these != NULL && these->kind == TERM_ATOM && !has(those, these->text))
		return these->text;
	for (uint32_t i = 0; these != NULL && i < list_len(these); i++)
		if (!has(those, text_of(these->seq.items[i])))
			strbuf_printf(&out, "%s%.*s", out.n != 0 ? ", " : "",
				      STR_ARG(text_of(these->seq.items[i])));
	return strbuf_str(&out);
}

static struct str printed(struct arena *a, const struct term *t)
{
	struct strbuf out = {.arena = a};

	if (t == NULL)
		return STR("none");
	term_print(&out, t);
	return strbuf_str(&out);
}

/* What is not given holds by default. */
static const struct term *term_of(struct differ *d, const struct value *v, const char *name)
{
	struct diags quiet = {.arena = d->a, .sources = d->new->sources};
	struct bind bind = {.arena = d->a,
			    .sources = d->new->sources,
			    .diags = &quiet,
			    .target = d->new->target};
	const struct option *o = schema_option(&schema_top, str_of(name));

	return v != NULL ? v->term : default_term(&bind, o);
}

static void compare_atoms(struct differ *d, struct str subject, const struct host_group *group,
			  const char *name, const struct value *old, const struct value *new)
{
	const struct term *was = term_of(d, old, name), *is = term_of(d, new, name);
	struct str more = missing(d->a, is, was), less = missing(d->a, was, is);
	struct diff_change *c;

	if (more.n == 0 && less.n == 0)
		return;
	c = diff_changed(d, DIFF_LOGIN, subject, name,
			 (struct diff_side){printed(d->a, was), old != NULL ? old->at : NO_SPAN},
			 (struct diff_side){printed(d->a, is), new != NULL ? new->at : NO_SPAN});
	c->group = group;
	c->effect = more.n != 0 ? DIFF_OPENS : DIFF_CLOSES;
	c->why = more.n != 0 ? arena_printf(d->a, "users can log in by %.*s, too", STR_ARG(more))
			     : arena_printf(d->a, "nobody logs in by %.*s any more", STR_ARG(less));
}

/* ---- hosts ---- */

static struct str key_of_pair(void *ctx, const struct host_pair *pair)
{
	struct differ *d = ctx;
	const struct value *values[] = {
		setting_of(pair->old, "auth_method"), setting_of(pair->new, "auth_method"),
		setting_of(pair->old, "auth_opts"), setting_of(pair->new, "auth_opts")};
	struct strbuf out = {.arena = d->a};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		if (values[i] != NULL)
			term_print(&out, values[i]->term);
		strbuf_addc(&out, ';');
	}
	return strbuf_str(&out);
}

static const struct bound *options_of(struct differ *d, const struct model *m,
				      const struct value *v)
{
	return v != NULL && v->sub != NULL
		       ? v->sub
		       : diff_bind(d, m, &schema_auth_opts, v != NULL ? v->term : NULL);
}

void diff_logins(struct differ *d)
{
	struct host_groups groups;

	compare_atoms(d, STR("login"), NULL, "sasl_mechanisms", setting(d->old, "sasl_mechanisms"),
		      setting(d->new, "sasl_mechanisms"));
	diff_group_hosts(d, &d->hosts, key_of_pair, d, &groups);
	for (size_t i = 0; i < groups.list.n; i++) {
		const struct host_group *g = groups.list.at[i];
		const struct host *old = g->list.at[0].old, *new = g->list.at[0].new;
		struct diff_about about = {.part = DIFF_LOGIN,
					   .subject = STR("login"),
					   .prefix = "auth_opts.",
					   .group = g};

		compare_atoms(d, about.subject, g, "auth_method", setting_of(old, "auth_method"),
			      setting_of(new, "auth_method"));
		diff_options(d, &about, options_of(d, d->old, setting_of(old, "auth_opts")),
			     options_of(d, d->new, setting_of(new, "auth_opts")));
	}
}
