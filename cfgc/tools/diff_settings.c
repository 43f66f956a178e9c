/* diff_settings.c - settings of the server and of hosts, services, pools, and certificates of
 * domains. */
#include "tools/diff_list.h"

#include "schema/bind.h"
#include "support/strbuf.h"

/* ---- single settings ---- */

/* Compared in parts of their own, or what a file is made of. */
static bool is_elsewhere(const struct option *o)
{
	static const char *const names[] = {"hosts",
					    "host",
					    "listen",
					    "modules",
					    "services",
					    "outgoing_pools",
					    "acl",
					    "access",
					    "shaper",
					    "auth_method",
					    "auth_opts",
					    "sasl_mechanisms",
					    "domain_certfile",
					    "override_global",
					    "override_local",
					    "override_acls",
					    "include_config_file",
					    "define_macro",
					    "host_config",
					    NULL};

	return o->form == FORM_KEYED || o->same_as != NULL ||
	       (o->flags & (OPT_DEAD | OPT_REFUSED | OPT_NOOP)) != 0 ||
	       name_in(names, str_of(o->name));
}

struct row {
	struct differ *d;
	size_t index;
};

static struct str key_of_pair(void *ctx, const struct host_pair *pair)
{
	const struct row *row = ctx;
	const struct value *old = pair->old->settings[row->index];
	const struct value *new = pair->new->settings[row->index];
	struct strbuf out = {.arena = row->d->a};

	if (old != NULL)
		term_print(&out, old->term);
	strbuf_addc(&out, ';');
	if (new != NULL)
		term_print(&out, new->term);
	return strbuf_str(&out);
}

static const struct value *or_default(const struct value *v, const struct bound *defaults,
				      size_t row)
{
	return v != NULL ? v : &defaults->values[row];
}

static void compare_for_hosts(struct differ *d, const struct bound *defaults, size_t index)
{
	struct row row = {d, index};
	struct host_groups groups;

	diff_group_hosts(d, &d->hosts, key_of_pair, &row, &groups);
	for (size_t i = 0; i < groups.list.n; i++) {
		const struct host_group *g = groups.list.at[i];
		struct diff_about about = {
			.part = DIFF_SERVER, .subject = STR("settings"), .prefix = "", .group = g};

		diff_value(d, &about,
			   or_default(g->list.at[0].old->settings[index], defaults, index),
			   or_default(g->list.at[0].new->settings[index], defaults, index));
	}
}

static void compare_settings(struct differ *d)
{
	const struct bound *defaults = diff_bind(d, d->new, &schema_top, NULL);
	struct diff_about about = {.part = DIFF_SERVER, .subject = STR("settings"), .prefix = ""};

	for (size_t i = 0; i < schema_top.noptions; i++) {
		const struct option *o = &schema_top.options[i];

		if (is_elsewhere(o))
			continue;
		if ((o->flags & OPT_PER_HOST) != 0)
			compare_for_hosts(d, defaults, i);
		else
			diff_value(d, &about, or_default(d->old->settings[i], defaults, i),
				   or_default(d->new->settings[i], defaults, i));
	}
}

/* ---- lists of things with options ---- */

/* One service or pool. */
struct item {
	struct str name;
	const struct section *section;
	const struct term *term, *options,
		*more; /* more: a pool's options beside its connections' */
};

struct items {
	VEC(struct item *) list;
	struct names_table names;
};

static struct item *item_of(struct differ *d, const struct term *t)
{
	struct item *it = arena_new_of(d->a, struct item);
	struct strbuf name = {.arena = d->a};

	it->term = t;
	if (term_is_tuple(t, 2, NULL) && t->seq.items[0]->kind == TERM_ATOM) {
		it->section = schema_service(t->seq.items[0]->text);
		it->options = t->seq.items[1];
		strbuf_printf(&name, "service %.*s", STR_ARG(t->seq.items[0]->text));
	} else if (term_is_tuple(t, 5, NULL) && t->seq.items[0]->kind == TERM_ATOM) {
		it->section = schema_pool(t->seq.items[0]->text);
		it->options = t->seq.items[4];
		it->more = t->seq.items[3];
		strbuf_addz(&name, "pool ");
		for (uint32_t i = 0; i < 3; i++) {
			strbuf_addz(&name, i != 0 ? " " : "");
			term_print(&name, t->seq.items[i]);
		}
	}
	it->name = strbuf_str(&name);
	return it->section != NULL ? it : NULL;
}

static void collect(struct differ *d, const struct value *v, struct items *out)
{
	*out = (struct items){0};
	for (uint32_t i = 0; v != NULL && i < list_len(v->term); i++) {
		struct item *it = item_of(d, v->term->seq.items[i]);

		if (it == NULL)
			continue;
		vec_push(d->a, &out->list, it);
		names_put(d->a, &out->names, it->name, it);
	}
}

static void report_item(struct differ *d, enum diff_kind kind, const struct item *it)
{
	struct diff_change *c = diff_add(d, DIFF_SERVER, kind, it->name, "");
	struct diff_side *side = kind == DIFF_ADDED ? &c->after : &c->before;

	*side = (struct diff_side){str_of(it->section->help), it->term->at};
}

static void compare_items(struct differ *d, const struct item *old, const struct item *new)
{
	struct diff_about about = {.part = DIFF_SERVER, .subject = new->name, .prefix = ""};

	diff_options(d, &about, diff_bind(d, d->old, old->section, old->options),
		     diff_bind(d, d->new, new->section, new->options));
	if (old->more != NULL && new->more != NULL)
		diff_options(d, &about, diff_bind(d, d->old, &schema_pool_opts, old->more),
			     diff_bind(d, d->new, &schema_pool_opts, new->more));
}

static void compare_lists(struct differ *d, const char *setting_name)
{
	struct items old, new;

	collect(d, setting(d->old, setting_name), &old);
	collect(d, setting(d->new, setting_name), &new);
	for (size_t i = 0; i < old.list.n; i++)
		if (names_find(&new.names, old.list.at[i]->name) == NULL)
			report_item(d, DIFF_REMOVED, old.list.at[i]);
	for (size_t i = 0; i < new.list.n; i++) {
		const struct item *was = names_find(&old.names, new.list.at[i]->name);

		if (was == NULL)
			report_item(d, DIFF_ADDED, new.list.at[i]);
		else
			compare_items(d, was, new.list.at[i]);
	}
}

/* ---- certificates ---- */

static const struct domain_cert *cert_of(const struct model *m, struct str domain)
{
	for (size_t i = 0; i < m->domain_certs.n; i++)
		if (str_eq(m->domain_certs.at[i]->domain, domain))
			return m->domain_certs.at[i];
	return NULL;
}

static struct diff_side cert_side(const struct domain_cert *c)
{
	return c != NULL ? (struct diff_side){c->certfile, c->at}
			 : (struct diff_side){STR("none"), NO_SPAN};
}

static void compare_cert(struct differ *d, const struct domain_cert *old,
			 const struct domain_cert *new)
{
	struct str domain = old != NULL ? old->domain : new->domain;

	if (old != NULL && new != NULL && str_eq(old->certfile, new->certfile))
		return;
	(void)diff_changed(d, DIFF_SERVER,
			   arena_printf(d->a, "certificate of %.*s", STR_ARG(domain)),
			   "domain_certfile", cert_side(old), cert_side(new));
}

static void compare_certs(struct differ *d)
{
	for (size_t i = 0; i < d->old->domain_certs.n; i++)
		compare_cert(d, d->old->domain_certs.at[i],
			     cert_of(d->new, d->old->domain_certs.at[i]->domain));
	for (size_t i = 0; i < d->new->domain_certs.n; i++)
		if (cert_of(d->old, d->new->domain_certs.at[i]->domain) == NULL)
			compare_cert(d, NULL, d->new->domain_certs.at[i]);
}

void diff_settings(struct differ *d)
{
	compare_settings(d);
	/* Services and pools are no part of xmppd. */
	if (d->new->target == TARGET_MONGOOSEIM_3_2) {
		compare_lists(d, "services");
		compare_lists(d, "outgoing_pools");
	}
	compare_certs(d);
}
