/* lower.c - forms to a model: which form is what, and which of several settings of one option
 * counts.
 *
 * Forms are taken in file order. A later top-level setting of a per-host option replaces what
 * host_config said before, as in MongooseIM 3.2; everything that is replaced so is reported.
 */
#include "model/lower.h"

#include "diag/suggest.h"
#include "schema/trap.h"
#include "support/assert.h"
#include "model/prep.h"

/* ---- rows of schema_top ---- */

size_t setting_row(const char *name)
{
	const struct option *o = schema_option(&schema_top, str_of(name));

	CFGC_ASSERT(o != NULL);
	return (size_t)(o - schema_top.options);
}

const struct value *setting_of(const struct host *h, const char *name)
{
	return h->settings[setting_row(name)];
}

const struct value *setting(const struct model *m, const char *name)
{
	return m->settings[setting_row(name)];
}

void leave_out(struct model *m, struct span at, const char *format, ...)
{
	struct left_out out = {.at = at};
	va_list ap;

	va_start(ap, format);
	out.what = arena_vprintf(m->arena, format, ap);
	va_end(ap);
	vec_push(m->arena, &m->left_out, out);
}

/* ---- settings ---- */

static void warn_replaced(struct lower *l, const struct value *old, const struct value *new)
{
	diag_add(l->dl, W0505, old->key_at, "this '%s' is replaced by a later one",
		 old->option->name);
	diag_primary(l->dl, "discarded");
	diag_label(l->dl, new->key_at, "this one counts");
}

static void warn_host_config_lost(struct lower *l, const struct host *h, const struct value *old,
				  const struct value *new)
{
	trap_report(l->b, W0506, old->key_at,
		    "in MongooseIM 3.2.0 '%s' of host '%.*s' is replaced by the top-level one",
		    old->option->name, STR_ARG(h->name));
	diag_primary(l->dl, "discarded there");
	diag_label(l->dl, new->key_at, "comes later, so it counts for all hosts there");
	diag_help(l->dl, "move host_config behind the top-level '%s'", old->option->name);
}

static void set_for_server(struct lower *l, const struct value *v)
{
	size_t row = (size_t)(v->option - schema_top.options);
	const struct value *old = l->m->settings[row];

	if (old != NULL)
		warn_replaced(l, old, v);
	l->m->settings[row] = v;
	if ((v->option->flags & OPT_PER_HOST) == 0)
		return;
	for (size_t i = 0; i < l->m->hosts.n; i++) {
		struct host *h = l->m->hosts.at[i];

		if (h->set_in_host_config[row]) {
			warn_host_config_lost(l, h, h->settings[row], v);
			if (!does_as_mongooseim(l->b))
				continue;
		}
		h->settings[row] = v;
		h->set_in_host_config[row] = false;
	}
}

static void set_for_host(struct lower *l, struct host *h, const struct value *v)
{
	size_t row = (size_t)(v->option - schema_top.options);

	if (h->set_in_host_config[row])
		warn_replaced(l, h->settings[row], v);
	h->settings[row] = v;
	h->set_in_host_config[row] = true;
}

/* What every setting of some options needs at once, whether it stays in force or not. */
static void read_lists(struct lower *l, const struct value *v)
{
	if (strcmp(v->option->name, "modules") == 0)
		lower_modules(l, v);
	else if (strcmp(v->option->name, "services") == 0)
		lower_services(l, v);
	else if (strcmp(v->option->name, "outgoing_pools") == 0)
		lower_pools(l, v);
}

/* ---- {{add, Key}, List} ---- */

static const struct term *pair_of(struct arena *a, const struct term *like, const struct term *key,
				  const struct term *value)
{
	struct term *t = arena_new_of(a, struct term);

	*t = *like;
	t->kind = TERM_TUPLE;
	t->seq.items = arena_array_of(a, const struct term *, 2);
	t->seq.items[0] = key;
	t->seq.items[1] = value;
	t->seq.n = 2;
	t->seq.tail = NULL;
	return t;
}

static bool is_list(const struct term *t)
{
	return term_is_nil(t) || (t->kind == TERM_LIST && t->seq.tail == NULL);
}

static uint32_t list_len(const struct term *t)
{
	return t->kind == TERM_LIST ? t->seq.n : 0;
}

static const struct term *joined(struct arena *a, const struct term *first, const struct term *rest)
{
	struct term *t = arena_new_of(a, struct term);
	uint32_t n = list_len(first), m = list_len(rest);

	*t = *first;
	t->kind = TERM_LIST;
	t->seq.items = arena_array_of(a, const struct term *, (size_t)n + m);
	for (uint32_t i = 0; i < n; i++)
		t->seq.items[i] = first->seq.items[i];
	for (uint32_t i = 0; i < m; i++)
		t->seq.items[n + i] = rest->seq.items[i];
	t->seq.n = n + m;
	t->seq.tail = NULL;
	return t;
}

/* Bind what has been reported already in parts. */
static const struct value *bind_in_silence(struct lower *l, const struct term *t)
{
	struct diags silent = {.arena = l->a, .sources = l->m->sources};
	struct diags *loud = l->b->diags;
	const struct value *v;

	l->b->diags = &silent;
	v = schema_bind_one(l->b, &schema_top, t);
	l->b->diags = loud;
	return v;
}

static const struct value *value_added(struct lower *l, const struct host *h, const struct term *t,
				       const struct value *added)
{
	size_t row = (size_t)(added->option - schema_top.options);
	const struct value *old = h->settings[row], *v;

	if (old == NULL) {
		diag_add(l->dl, W0507, added->key_at,
			 "host '%.*s' has no '%s' yet that this could be added to",
			 STR_ARG(h->name), added->option->name);
		diag_help(l->dl, "move it behind the top-level '%s'", added->option->name);
		return added;
	}
	if (!is_list(old->term)) {
		diag_add(l->dl, E0223, added->key_at, "'%s' of host '%.*s' is no list",
			 added->option->name, STR_ARG(h->name));
		diag_label(l->dl, old->at, "its value so far");
		return NULL;
	}
	v = bind_in_silence(l, pair_of(l->a, t, t->seq.items[0]->seq.items[1],
				       joined(l->a, added->term, old->term)));
	return v != NULL ? v : added;
}

/* {{add, Key}, List}: List goes in front of what the hosts have. host NULL: all of them. */
static void lower_add(struct lower *l, const struct term *t, struct host *host)
{
	const struct term *key = t->seq.items[0]->seq.items[1], *list = t->seq.items[1];
	const struct value *added;
	struct value *own;

	if (key->kind == TERM_ATOM && list->kind != TERM_BAD && !is_list(list)) {
		diag_add(l->dl, E0223, list->at, "only a list can be added to '%.*s'",
			 STR_ARG(key->text));
		return;
	}
	added = schema_bind_one(l->b, &schema_top, pair_of(l->a, t, key, list));
	if (added == NULL)
		return;
	if ((added->option->flags & OPT_PER_HOST) == 0) {
		diag_add(l->dl, E0222, key->at, "'%s' belongs to the server as a whole",
			 added->option->name);
		return;
	}
	own = arena_new_of(l->a, struct value);
	*own = *added;
	own->at = t->at;
	read_lists(l, own);
	for (size_t i = 0; i < l->m->hosts.n; i++) {
		struct host *h = l->m->hosts.at[i];
		const struct value *v;

		if (host != NULL && h != host)
			continue;
		v = value_added(l, h, t, own);
		if (v == NULL)
			continue;
		h->settings[own->option - schema_top.options] = v;
		if (host != NULL)
			h->set_in_host_config[own->option - schema_top.options] = true;
	}
}

/* ---- forms ---- */

static bool is_add(const struct term *t)
{
	return term_is_tuple(t, 2, NULL) && term_is_tuple(t->seq.items[0], 2, "add");
}

/* {Name, ...} */
static bool is_named(const struct term *t, const char *name)
{
	return t->kind == TERM_TUPLE && t->seq.n != 0 && term_is_atom(t->seq.items[0], name);
}

/* acl, access and shaper. @return whether the form was one of them. */
static bool lower_access_control(struct lower *l, const struct term *t, int host)
{
	bool is_acl = is_named(t, "acl"), is_access = is_named(t, "access");

	if (!is_acl && !is_access && !is_named(t, "shaper"))
		return false;
	if (schema_bind_one(l->b, &schema_top, t) == NULL) {
		define_broken(l, t);
		return true;
	}
	if (is_acl)
		lower_acl(l, t, host);
	else if (is_access)
		lower_access(l, t, host);
	else
		lower_shaper(l, t);
	return true;
}

/* Options that only make sense once for the whole server. @return whether t is one; reported. */
static bool refuse_in_host_config(struct lower *l, const struct term *t)
{
	const struct term *key = t->kind == TERM_TUPLE && t->seq.n != 0 ? t->seq.items[0] : t;
	const struct option *o;

	if (term_is_tuple(key, 2, NULL))
		key = key->seq.items[0];
	o = key->kind == TERM_ATOM ? schema_option(&schema_top, key->text) : NULL;
	if (o == NULL || (o->flags & (OPT_PER_HOST | OPT_REFUSED | OPT_DEAD)) != 0 ||
	    o->same_as != NULL)
		return false;
	diag_add(l->dl, E0222, key->at, "'%s' cannot be set for one host", o->name);
	diag_primary(l->dl, "it belongs to the server as a whole");
	diag_help(l->dl, "write it at the top level");
	return true;
}

/* An option that was not bound because this server does not have it. */
static void note_left_out(struct lower *l, const struct term *t)
{
	const struct term *key = t->kind == TERM_TUPLE && t->seq.n != 0 ? t->seq.items[0] : t;
	const struct option *o;

	if (term_is_tuple(key, 2, NULL))
		key = key->seq.items[0];
	o = key->kind == TERM_ATOM ? schema_option(&schema_top, key->text) : NULL;
	if (o != NULL && strcmp(o->name, "sasl_mechanisms") == 0)
		l->m->mechanisms_left_out = t->at;
	if (o != NULL && (o->flags & OPT_UNSUPPORTED) != 0 && l->m->target == TARGET_XMPPD)
		leave_out(l->m, t->at, "option '%s'", o->name);
}

static void lower_host_term(struct lower *l, const struct term *t, struct host *h)
{
	const struct value *v;

	if (t->kind == TERM_BAD || refuse_in_host_config(l, t) ||
	    lower_access_control(l, t, h->index))
		return;
	if (is_add(t)) {
		lower_add(l, t, h);
		return;
	}
	v = schema_bind_one(l->b, &schema_top, t);
	if (v == NULL) {
		note_left_out(l, t);
		return;
	}
	read_lists(l, v);
	set_for_host(l, h, v);
}

static void lower_host_config(struct lower *l, const struct term *t)
{
	const struct term *terms;
	struct host *h;

	if (schema_bind_one(l->b, &schema_top, t) == NULL)
		return;
	h = lower_host_named(l, t->seq.items[1]);
	terms = t->seq.items[2];
	for (uint32_t i = 0; h != NULL && i < list_len(terms); i++)
		lower_host_term(l, terms->seq.items[i], h);
}

/* MongooseIM 3.2.0 looks domains up as binaries. */
static void warn_string(struct lower *l, const struct term *domain, const char *looks_for)
{
	trap_report(l->b, W0551, domain->at,
		    "MongooseIM 3.2.0 does not find this string when it looks for %s", looks_for);
	diag_note(l->dl, "it looks for a binary: <<\"%.*s\">>", STR_ARG(domain->text));
}

static void lower_domain_certfile(struct lower *l, const struct term *t)
{
	struct domain_cert *cert = arena_new_of(l->a, struct domain_cert);
	const struct term *domain = t->seq.items[1];
	const char *why = prep(l->a, PREP_DOMAIN, domain->text, &cert->domain);

	if (why != NULL) {
		diag_add(l->dl, E0225, domain->at, "'%.*s' is not the name of a domain: %s",
			 STR_ARG(domain->text), why);
		return;
	}
	if (domain->kind == TERM_STRING) {
		warn_string(l, domain, "the certificate of a domain");
		if (does_as_mongooseim(l->b))
			return;
	}
	cert->path = t->seq.items[2];
	cert->certfile = cert->path->text;
	cert->at = t->at;
	for (size_t i = 0; i < l->m->domain_certs.n; i++) {
		struct domain_cert *old = l->m->domain_certs.at[i];

		if (!str_eq(old->domain, cert->domain))
			continue;
		diag_add(l->dl, W0505, old->at,
			 "this certificate of '%.*s' is replaced by a later one",
			 STR_ARG(cert->domain));
		diag_primary(l->dl, "discarded");
		diag_label(l->dl, cert->at, "this one counts");
		*old = *cert;
		return;
	}
	vec_push(l->a, &l->m->domain_certs, cert);
}

static void warn_override(struct lower *l, const struct term *t)
{
	diag_add(l->dl, W0606, t->at, "'%.*s' has no effect", STR_ARG(t->text));
	diag_note(
		l->dl,
		"a server that is built from the file holds nothing else that could be forgotten");
}

static void lower_form(struct lower *l, const struct term *t)
{
	const struct value *v;

	if (t->kind == TERM_BAD || is_named(t, "hosts") || is_named(t, "host") ||
	    lower_access_control(l, t, HOST_GLOBAL))
		return;
	if (is_named(t, "host_config")) {
		lower_host_config(l, t);
		return;
	}
	if (is_add(t)) {
		lower_add(l, t, NULL);
		return;
	}
	v = schema_bind_one(l->b, &schema_top, t);
	if (v == NULL) {
		note_left_out(l, t);
		return;
	}
	if (t->kind == TERM_ATOM) {
		warn_override(l, t);
	} else if (is_named(t, "domain_certfile")) {
		lower_domain_certfile(l, t);
	} else if (strcmp(v->option->name, "s2s_host") == 0) {
		if (v->key->kind == TERM_STRING)
			warn_string(l, v->key, "a server");
	} else if (v->option->form != FORM_KEYED) {
		read_lists(l, v);
		set_for_server(l, v);
	}
}

/* ---- values for the whole server ---- */

static int64_t int_of(const struct value *v, int64_t if_absent)
{
	return v != NULL && v->term->kind == TERM_INT ? v->term->integer.value : if_absent;
}

static uint8_t loglevel_of(const struct value *v)
{
	static const char *const names[] = {"none",    "critical", "error",
					    "warning", "info",     "debug"};

	for (uint8_t i = 0; v != NULL && v->term->kind == TERM_ATOM && i < 6; i++)
		if (term_is_atom(v->term, names[i]))
			return i;
	return (uint8_t)int_of(v, 3);
}

static void lower_server_values(struct lower *l)
{
	struct model *m = l->m;
	const struct value *v;

	v = setting(m, "loglevel");
	m->loglevel = loglevel_of(v);
	m->loglevel_at = v != NULL ? v->at : NO_SPAN;
	v = setting(m, "language");
	m->language = v != NULL ? v->term->text : STR("en");
	m->language_at = v != NULL ? v->at : NO_SPAN;
	v = setting(m, "registration_timeout");
	m->registration_timeout = v == NULL ? 600 : int_of(v, -1);
	m->registration_timeout_at = v != NULL ? v->at : NO_SPAN;
	v = setting(m, "max_fsm_queue");
	m->max_fsm_queue = (uint32_t)int_of(v, 0);
	m->max_fsm_queue_at = v != NULL ? v->at : NO_SPAN;
	if (m->hosts.n == 0)
		return;
	/* Only rooms' logs use a language of their own; the server speaks that of the main host. */
	for (size_t i = 0; i < m->hosts.n; i++) {
		const struct host *h = m->hosts.at[i];

		if (!h->set_in_host_config[setting_row("language")])
			continue;
		v = setting_of(h, "language");
		diag_add(l->dl, W0603, v->key_at, "'language' has no effect for one host");
		diag_note(l->dl, "MongooseIM 3.2 uses it for the logs of rooms only");
	}
}

/* Options without which the server does not start. */
static void report_missing(struct lower *l, const struct forms *forms)
{
	for (size_t row = 0; row < schema_top.noptions && !l->m->is_partial; row++) {
		const struct option *o = &schema_top.options[row];
		bool is_written = (o->flags & OPT_REQUIRED) == 0;

		for (size_t i = 0; i < forms->list.n && !is_written; i++)
			is_written = is_named(forms->list.at[i].term, o->name);
		if (is_written)
			continue;
		diag_add(l->dl, E0208, NO_SPAN, "the file has no '%s'", o->name);
		diag_help(l->dl, "add {%s, ...}: %s", o->name, o->help);
	}
}

struct model *model_build(struct bind *b, const struct forms *forms)
{
	struct model *m = arena_new_of(b->arena, struct model);
	struct lower l = {.b = b, .a = b->arena, .dl = b->diags, .m = m};

	m->arena = b->arena;
	m->sources = b->sources;
	m->target = b->target;
	m->compat = b->compat;
	m->now = b->now;
	m->mechanisms_left_out = NO_SPAN;
	m->is_partial = diag_unit_is_wrong(b->diags);
	m->settings = arena_array_of(l.a, const struct value *, schema_top.noptions);
	lower_hosts(&l, forms);
	for (size_t i = 0; i < forms->list.n; i++)
		lower_form(&l, forms->list.at[i].term);
	lower_server_values(&l);
	report_missing(&l, forms);
	use_rules_of_modules(&l);
	if (setting(m, "listen") != NULL)
		lower_listen(&l, setting(m, "listen"));
	for (size_t i = 0; i < m->hosts.n; i++) {
		lower_host_modules(&l, m->hosts.at[i]);
		lower_auth(&l, m->hosts.at[i]);
	}
	assume_rules(&l);
	resolve_rules(&l);
	model_sort(m);
	fold_sets(m);
	fold_rules(m);
	check_model(b, m);
	return m;
}
