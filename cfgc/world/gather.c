/* gather.c - from the model to the files, certificates and endpoints it speaks of. */
#include "world/tour.h"

#include <stdlib.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* ---- files ---- */

static struct named_file *file_named(struct tour *t, const struct term *term)
{
	struct named_file *f = names_find(&t->by_path, term->text);

	if (f != NULL)
		return f;
	f = arena_new_of(t->a, struct named_file);
	f->path = term->text;
	f->term = term;
	names_put(t->a, &t->by_path, f->path, f);
	vec_push(t->a, &t->files, f);
	return f;
}

/* ---- what is written in vain ---- */

static bool c2s_has_tls(const struct listener *l)
{
	static const char *const flags[] = {"tls", "starttls_required", "starttls", "verify_peer"};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (bound_flag(l->options, flags[i]))
			return true;
	return false;
}

struct spans {
	VEC(struct span) list;
};

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->off > y->off) - (x->off < y->off);
}

static int by_place(const void *a, const void *b)
{
	return by_start(&((const struct path_use *)a)->term->at,
			&((const struct path_use *)b)->term->at);
}

/* The option lists of listeners without TLS: that their certificates are not used is reported, and
 * what is in them can do no harm. */
static struct spans idle_lists(struct tour *t)
{
	struct spans idle = {0};

	for (size_t i = 0; i < t->m->listeners.n; i++) {
		const struct listener *l = t->m->listeners.at[i];

		if (l->kind == LISTENER_C2S && !c2s_has_tls(l))
			vec_push(t->a, &idle.list, l->options->at);
	}
	if (idle.list.n != 0)
		qsort(idle.list.at, idle.list.n, sizeof(*idle.list.at), by_start);
	return idle;
}

static int compare_to_list(const void *key, const void *element)
{
	const struct span *at = key, *list = element;

	if (at->file != list->file)
		return at->file < list->file ? -1 : 1;
	if (at->off < list->off)
		return -1;
	return at->off >= list->off + list->len;
}

static bool is_idle(const struct spans *idle, const struct path_use *use)
{
	return idle->list.n != 0 && bsearch(&use->term->at, idle->list.at, idle->list.n,
					    sizeof(*idle->list.at), compare_to_list) != NULL;
}

/* Each is reported where the file names it first. */
static void gather_paths(struct tour *t)
{
	struct spans idle = idle_lists(t);

	if (t->b->paths.n != 0)
		qsort(t->b->paths.at, t->b->paths.n, sizeof(*t->b->paths.at), by_place);
	for (size_t i = 0; i < t->b->paths.n; i++) {
		const struct path_use *use = &t->b->paths.at[i];
		struct named_file *f;

		if (use->role == PATH_ELSEWHERE || is_idle(&idle, use))
			continue;
		f = file_named(t, use->term);
		f->roles |= 1u << use->role;
		f->nuses++;
	}
}

/* ---- identities ---- */

static const struct term *path_of(const struct value *v)
{
	return v != NULL && v->given && v->term->kind != TERM_BAD ? v->term : NULL;
}

/* The identity of these files for this kind of peer. key NULL: in the certificate's file. */
static struct identity *identity_of(struct tour *t, const struct term *certificate,
				    const struct term *key, const char *service)
{
	struct named_file *f = file_named(t, certificate);
	struct named_file *k = key != NULL ? file_named(t, key) : f;
	struct identity *id = f->identities;

	while (id != NULL && (id->key != k || id->service != service))
		id = id->next;
	if (id != NULL)
		return id;
	id = arena_new_of(t->a, struct identity);
	id->certificate = f;
	id->key = k;
	id->term = certificate;
	id->service = service;
	id->next = f->identities;
	f->identities = id;
	f->is_shown = true;
	k->is_shown = true;
	vec_push(t->a, &t->identities, id);
	return id;
}

static void add_name(struct tour *t, struct identity *id, struct str name, struct span at)
{
	for (size_t i = 0; i < id->names.n; i++)
		if (str_eq(id->names.at[i].name, name))
			return;
	vec_push(t->a, &id->names, ((struct served_name){name, at}));
}

static const char service_c2s[] = "_xmpp-client.", service_s2s[] = "_xmpp-server.",
		  service_distrib[] = "";

/* Beside hosts that others can reach, the machine's own name is for tests: no authority signs it.
 */
static bool is_aside(const struct model *m, const struct host *h)
{
	return m->hosts.n > 1 && str_eqz(h->name, "localhost");
}

/* An identity that is shown to whoever asks for a host without a certificate of its own. */
static struct identity *base_identity(struct tour *t, const struct value *certfile,
				      const struct term *key, const char *service)
{
	const struct term *path = path_of(certfile);
	struct identity *id = path != NULL ? identity_of(t, path, key, service) : NULL;

	if (id == NULL || id->is_base)
		return id;
	id->is_base = true;
	/* All at once: add_name() would compare each with each. */
	for (size_t i = 0; i < t->m->hosts.n; i++) {
		const struct host *h = t->m->hosts.at[i];

		if (names_find(&t->with_domain_cert, h->name) == NULL && !is_aside(t->m, h))
			vec_push(t->a, &id->names, ((struct served_name){h->name, h->at}));
	}
	return id;
}

static void gather_domain_certs(struct tour *t)
{
	for (size_t i = 0; i < t->m->domain_certs.n; i++) {
		struct domain_cert *cert = t->m->domain_certs.at[i];
		struct identity *id = identity_of(t, cert->path, NULL, service_c2s);

		names_put(t->a, &t->with_domain_cert, cert->domain, cert);
		/* A certificate for nobody is reported as such. */
		if (names_find(&t->m->host_names, cert->domain) != NULL)
			vec_push(t->a, &id->names, ((struct served_name){cert->domain, cert->at}));
	}
}

/* ---- protocol versions ---- */

#define ALL_VERSIONS (TLS_1_0 | TLS_1_1 | TLS_1_2 | TLS_1_3)

static const struct {
	const char *option;
	unsigned version;
} switches[] = {
	{"no_tlsv1", TLS_1_0},
	{"no_tlsv1_1", TLS_1_1},
	{"no_tlsv1_2", TLS_1_2},
	{"no_tlsv1_3", TLS_1_3},
};

/* protocol_options: what OpenSSL is told to leave out. */
static void read_protocol_options(struct endpoint *e, const struct value *v)
{
	e->versions = ALL_VERSIONS;
	e->versions_at = NO_SPAN;
	if (v == NULL || !v->given || v->term->kind != TERM_LIST)
		return;
	e->versions_at = v->at;
	for (uint32_t i = 0; i < v->term->seq.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(switches); k++)
			if (str_eqz(v->term->seq.items[i]->text, switches[k].option))
				e->versions &= ~switches[k].version;
}

/* versions: what the Erlang implementation is told to offer. It has no TLS 1.3 in 3.2.0. */
static void read_versions(struct endpoint *e, const struct value *v)
{
	static const struct {
		const char *name;
		unsigned version;
	} names[] = {{"tlsv1.2", TLS_1_2}, {"tlsv1.1", TLS_1_1}, {"tlsv1", TLS_1_0}};

	e->versions = TLS_1_0 | TLS_1_1 | TLS_1_2;
	e->versions_at = NO_SPAN;
	if (v == NULL || !v->given)
		return;
	e->versions = 0;
	e->versions_at = v->at;
	for (uint32_t i = 0; i < v->term->seq.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (term_is_atom(v->term->seq.items[i], names[k].name))
				e->versions |= names[k].version;
}

/* One that stands in the file; what {env, Name} and {file, Path} lead to is for the server. */
static void read_password(struct tour *t, struct identity *id, const struct value *v)
{
	if (v->given && v->term->kind != TERM_TUPLE && !term_is_nil(v->term))
		id->key->password = arena_str(t->a, v->term->text.p, v->term->text.n).p;
}

/* A text, or a list of the names of suites. */
static void read_ciphers(struct tour *t, struct endpoint *e, const struct value *v)
{
	e->ciphers_at = NO_SPAN;
	if (v == NULL || !v->given)
		return;
	e->ciphers_at = v->term->at;
	if (v->term->kind != TERM_LIST) {
		e->ciphers = v->term->text;
		return;
	}
	for (uint32_t i = 0; i < v->term->seq.n; i++)
		e->ciphers = i == 0 ? v->term->seq.items[i]->text
				    : arena_printf(t->a, "%.*s:%.*s", STR_ARG(e->ciphers),
						   STR_ARG(v->term->seq.items[i]->text));
}

/* ---- endpoints ---- */

static struct endpoint *endpoint_new(struct tour *t, struct str name, struct span at)
{
	struct endpoint *e = arena_new_of(t->a, struct endpoint);

	e->name = name;
	e->at = at;
	vec_push(t->a, &t->endpoints, e);
	return e;
}

static struct endpoint *listener_endpoint(struct tour *t, const struct listener *l)
{
	return endpoint_new(t, arena_printf(t->a, "listener %.*s", STR_ARG(l->name)), l->module_at);
}

/* The Erlang implementation of TLS has options of its own, as HTTPS has. */
static void read_just_tls(struct tour *t, struct endpoint *e, const struct listener *l)
{
	const struct bound *ssl = bound_sub(l->options, "ssl_options");
	const struct term *key = path_of(bound_value(ssl, "keyfile"));
	struct identity *id;

	read_versions(e, bound_value(ssl, "versions"));
	read_ciphers(t, e, bound_value(ssl, "ciphers"));
	id = base_identity(t, bound_value(l->options, "certfile"), key, service_c2s);
	e->base = id;
	if (id != NULL)
		read_password(t, id, bound_value(ssl, "password"));
}

static void gather_c2s(struct tour *t, const struct listener *l)
{
	struct endpoint *e;

	if (!c2s_has_tls(l))
		return;
	e = listener_endpoint(t, l);
	e->has_domains = true;
	if (t->m->target != TARGET_XMPPD &&
	    term_is_atom(bound_value(l->options, "tls_module")->term, "just_tls")) {
		read_just_tls(t, e, l);
		return;
	}
	read_protocol_options(e, bound_value(l->options, "protocol_options"));
	read_ciphers(t, e, bound_value(l->options, "ciphers"));
	e->base = base_identity(t, bound_value(l->options, "certfile"), NULL, service_c2s);
}

/* STARTTLS between servers is switched on for all of them at once. */
static bool s2s_has_tls(const struct model *m)
{
	const struct value *v = setting(m, "s2s_use_starttls");

	return v != NULL && v->given && !term_is_atom(v->term, "false");
}

static void gather_s2s(struct tour *t, const struct listener *l)
{
	struct endpoint *e;

	if (!s2s_has_tls(t->m))
		return;
	e = listener_endpoint(t, l);
	read_protocol_options(e, bound_value(l->options, "protocol_options"));
	read_ciphers(t, e, bound_value(l->options, "ciphers"));
	e->base = base_identity(t, setting(t->m, "s2s_certfile"), NULL, service_s2s);
	e->has_domains = true;
}

/* A route's host that is the name of one; "_" and patterns stand for many. */
static bool is_one_host(const struct term *t)
{
	if (t->kind != TERM_STRING || t->text.n == 0)
		return false;
	for (size_t i = 0; i < t->text.n; i++)
		if (strchr("_[]:*", t->text.p[i]) != NULL)
			return false;
	return true;
}

static void add_route_names(struct tour *t, struct identity *id, const struct listener *l)
{
	const struct value *routes = bound_value(l->options, "modules");

	if (!routes->given || routes->term->kind != TERM_LIST)
		return;
	for (uint32_t i = 0; i < routes->term->seq.n; i++) {
		const struct term *route = routes->term->seq.items[i];

		if (route->kind == TERM_TUPLE && route->seq.n != 0 &&
		    is_one_host(route->seq.items[0]))
			add_name(t, id, route->seq.items[0]->text, route->seq.items[0]->at);
	}
}

static void gather_http(struct tour *t, const struct listener *l)
{
	const struct bound *ssl = bound_sub(l->options, "ssl");
	const struct term *certificate, *key;
	struct endpoint *e;
	struct identity *id;

	if (ssl == NULL)
		return;
	e = listener_endpoint(t, l);
	read_versions(e, bound_value(ssl, "versions"));
	read_ciphers(t, e, bound_value(ssl, "ciphers"));
	certificate = path_of(bound_value(ssl, "certfile"));
	if (certificate == NULL)
		return;
	key = path_of(bound_value(ssl, "keyfile"));
	id = identity_of(t, certificate, key, NULL);
	e->base = id;
	add_route_names(t, id, l);
	read_password(t, id, bound_value(ssl, "password"));
}

/* Between data centres. */
static void gather_distrib(struct tour *t)
{
	for (size_t i = 0; i < t->m->modules.n; i++) {
		const struct module *mod = t->m->modules.at[i];
		const struct bound *connections, *tls;
		struct endpoint *e;

		if (mod->is_left_out || !str_eqz(mod->name, "mod_global_distrib"))
			continue;
		connections = bound_sub(mod->options, "connections");
		tls = connections != NULL ? bound_sub(connections, "tls_opts") : NULL;
		if (tls == NULL)
			continue;
		e = endpoint_new(t, STR("mod_global_distrib"), mod->name_at);
		read_protocol_options(e, bound_value(tls, "protocol_options"));
		read_ciphers(t, e, bound_value(tls, "ciphers"));
		if (path_of(bound_value(tls, "certfile")) != NULL)
			e->base = identity_of(t, path_of(bound_value(tls, "certfile")), NULL,
					      service_distrib);
	}
}

static void gather_listeners(struct tour *t)
{
	static void (*const gatherers[])(struct tour *, const struct listener *) = {
		[LISTENER_C2S] = gather_c2s,
		[LISTENER_S2S] = gather_s2s,
		[LISTENER_HTTP] = gather_http,
	};

	for (size_t i = 0; i < t->m->listeners.n; i++) {
		const struct listener *l = t->m->listeners.at[i];

		if (!l->is_left_out && l->kind != LISTENER_SERVICE)
			gatherers[l->kind](t, l);
	}
}

/* Connections to other servers. */
static void gather_s2s_out(struct tour *t)
{
	const struct value *ciphers = setting(t->m, "s2s_ciphers");
	struct endpoint *e;

	if (!s2s_has_tls(t->m) || ciphers == NULL || !ciphers->given)
		return;
	e = endpoint_new(t, STR("connections to other servers"), ciphers->key_at);
	read_protocol_options(e, NULL);
	read_ciphers(t, e, ciphers);
}

void gather(struct tour *t)
{
	gather_paths(t);
	gather_domain_certs(t);
	gather_listeners(t);
	gather_s2s_out(t);
	gather_distrib(t);
}
