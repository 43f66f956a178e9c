/* check_security.c - listeners and modules that let in more than their operator may want: passwords
 * in clear text, interfaces and registration open to everybody. Secrets are in check_secrets.c.
 *
 * What can be reached from this machine only is left alone or is a note, and so are the habits of
 * MongooseIM's own file.
 */
#include "model/check.h"

#include "model/reach.h"
#include "schema/trap.h"
#include "support/strbuf.h"

static void note_if(const struct check *c, bool is_note)
{
	if (is_note)
		diag_as_note(c->dl);
}

static enum reach reach_of(const struct listener *l)
{
	return address_reach(&l->address);
}

/* ---- clients ---- */

static bool has_any(const struct term *t, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (term_is_atom(t, *names))
			return true;
		for (uint32_t i = 0; t->kind == TERM_LIST && i < t->seq.n; i++)
			if (term_is_atom(t->seq.items[i], *names))
				return true;
	}
	return false;
}

/* The first host whose users may send their password as it is, or NULL. */
static const struct host *host_with_plain(const struct model *m)
{
	static const char *const with_password[] = {"internal", "rdbms", "external", "ldap",
						    "jwt",      "riak",  "http",     NULL};

	for (size_t i = 0; i < m->hosts.n; i++) {
		const struct value *method = setting_of(m->hosts.at[i], "auth_method");

		if (method != NULL && has_any(method->term, with_password) &&
		    (m->hosts.at[i]->auth.mechanisms & SASL_PLAIN) != 0)
			return m->hosts.at[i];
	}
	return NULL;
}

static void check_clear_c2s(const struct check *c, const struct listener *l,
			    const struct host *plain)
{
	bool offers = bound_flag(l->options, "starttls") || bound_flag(l->options, "verify_peer");

	if (bound_flag(l->options, "tls") || bound_flag(l->options, "starttls_required") ||
	    bound_value(l->options, "tls")->failed ||
	    bound_value(l->options, "starttls_required")->failed || reach_of(l) == REACH_LOOPBACK ||
	    plain == NULL)
		return;
	diag_add(c->dl, W0801, l->module_at, "clients may send passwords without TLS on port %u",
		 l->port);
	note_if(c, offers);
	diag_primary(c->dl, offers ? "'starttls' is only offered"
				   : "neither 'tls' nor 'starttls_required' here");
	diag_note(c->dl, "host '%.*s' offers PLAIN: the password itself crosses the network",
		  STR_ARG(plain->name));
	diag_help(c->dl, "add starttls_required, or take cyrsasl_plain out of sasl_mechanisms");
}

static void check_zlib(const struct check *c, const struct listener *l)
{
	const struct value *v = bound_value(l->options, "zlib");

	if (!v->given || v->term->kind == TERM_INT || reach_of(l) == REACH_LOOPBACK)
		return;
	trap_report(c->b, W0805, v->at, "compressed streams may unpack to any size");
	diag_note(c->dl, "a few kilobytes of zeros become megabytes of memory");
	diag_help(c->dl, "give the most bytes that one read may become: {zlib, 65536}");
}

/* ---- HTTP ---- */

static bool is_handler(const struct route *r, const char *name)
{
	return strcmp(r->handler->name, name) == 0;
}

static bool is_for_logins(const struct route *r)
{
	return is_handler(r, "mod_bosh") || is_handler(r, "mod_websockets") ||
	       strncmp(r->handler->name, "mongoose_client_api", 19) == 0 ||
	       is_handler(r, "mongoose_api_client");
}

static void check_admin(const struct check *c, const struct listener *l, const struct route *r)
{
	const struct value *auth = bound_value(r->options, "auth");

	if (auth->given || auth->failed)
		return;
	trap_report(c->b, W0802, r->at, "everybody who can connect may administer the server");
	note_if(c, reach_of(l) == REACH_LOOPBACK);
	diag_primary(c->dl, "no 'auth' here");
	diag_label(c->dl, l->port_at, "on %s", reach_words(&l->address));
	diag_help(c->dl, "add {auth, {<<\"NAME\">>, <<\"PASSWORD\">>}}%s",
		  reach_of(l) == REACH_LOOPBACK ? "" : ", and listen on \"127.0.0.1\" only");
}

static void check_metrics(const struct check *c, const struct listener *l, const struct route *r)
{
	if (reach_of(l) == REACH_LOOPBACK)
		return;
	diag_add(c->dl, W0803, r->at, "mongoose_api asks nobody for a password");
	diag_label(c->dl, l->port_at, "on %s", reach_words(&l->address));
	diag_note(c->dl, "metrics are shown, and users listed and made, to whoever connects");
	diag_help(c->dl, "listen on \"127.0.0.1\" only");
}

static void check_clear_http(const struct check *c, const struct listener *l)
{
	if (bound_value(l->options, "ssl")->given || bound_value(l->options, "ssl")->failed ||
	    reach_of(l) == REACH_LOOPBACK)
		return;
	for (size_t i = 0; i < l->routes.n; i++) {
		const struct route *r = l->routes.at[i];

		if (!is_for_logins(r))
			continue;
		diag_add(c->dl, W0804, l->module_at,
			 "passwords go through this listener without TLS");
		diag_primary(c->dl, "no 'ssl' here");
		diag_label(c->dl, r->at, "users log in here");
		diag_note(c->dl, "this is right behind a proxy that does the TLS, and wrong "
				 "everywhere else");
		diag_help(c->dl, "add {ssl, [{certfile, \"PATH\"}, {keyfile, \"PATH\"}]}");
		return;
	}
}

static void check_http(const struct check *c, const struct listener *l)
{
	for (size_t i = 0; i < l->routes.n; i++) {
		if (is_handler(l->routes.at[i], "mongoose_api_admin"))
			check_admin(c, l, l->routes.at[i]);
		else if (is_handler(l->routes.at[i], "mongoose_api"))
			check_metrics(c, l, l->routes.at[i]);
	}
	check_clear_http(c, l);
}

void check_open_listeners(const struct check *c)
{
	const struct host *plain = host_with_plain(c->m);

	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		if (l->kind == LISTENER_C2S) {
			check_clear_c2s(c, l, plain);
			check_zlib(c, l);
		} else if (l->kind == LISTENER_HTTP) {
			check_http(c, l);
		}
	}
}

/* ---- registration ---- */

/* The listener through which most of the world comes in, or NULL. */
static const struct listener *widest_for_users(const struct model *m)
{
	const struct listener *widest = NULL;

	for (size_t i = 0; i < m->listeners.n; i++) {
		const struct listener *l = m->listeners.at[i];
		bool users = l->kind == LISTENER_C2S && !l->access_none;

		for (size_t k = 0; k < l->routes.n && !users; k++)
			users = is_handler(l->routes.at[k], "mod_bosh") ||
				is_handler(l->routes.at[k], "mod_websockets");
		if (users && (widest == NULL || reach_of(l) > reach_of(widest)))
			widest = l;
	}
	return widest;
}

static bool lets_everybody(const struct rule *r)
{
	return rule_is_defined(r) && r->global != NULL && r->base.list.n != 0 &&
	       r->base.list.at[0].set == NULL && r->base.list.at[0].value.kind == VALUE_ALLOW;
}

/* Whether an address from anywhere is let register: the first network that has it counts. */
static bool takes_any_address(const struct term *list)
{
	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++) {
		const struct term *pair = list->seq.items[i];
		struct address a;
		uint8_t bits;

		if (address_parse_network(pair->seq.items[1]->text, &a, &bits) && bits == 0)
			return term_is_atom(pair->seq.items[0], "allow");
	}
	return true;
}

/* Whether some host has a module that lets everybody register, as it is written. */
static const struct module *open_registration(const struct model *m)
{
	for (size_t i = 0; i < m->modules.n; i++) {
		const struct module *mod = m->modules.at[i];
		const struct value *access;

		if (!str_eqz(mod->name, "mod_register"))
			continue;
		access = bound_value(mod->options, "access");
		if (!access->failed && !bound_value(mod->options, "ip_access")->failed &&
		    (term_is_atom(access->term, "all") ||
		     lets_everybody(names_find(&m->rule_names, access->term->text))) &&
		    takes_any_address(bound_value(mod->options, "ip_access")->term))
			return mod;
	}
	return NULL;
}

static bool has_watchers(const struct module *mod)
{
	const struct term *list = bound_value(mod->options, "registration_watchers")->term;

	return list->kind == TERM_LIST && list->seq.n != 0;
}

void check_registration(const struct check *c)
{
	const struct module *mod = open_registration(c->m);
	const struct listener *l = widest_for_users(c->m);
	const struct value *access;

	if (mod == NULL || l == NULL || reach_of(l) == REACH_LOOPBACK || c->m->is_partial)
		return;
	access = bound_value(mod->options, "access");
	diag_add(c->dl, W0806, mod->name_at, "whoever can connect may register an account");
	note_if(c, has_watchers(mod) || reach_of(l) != REACH_PUBLIC);
	diag_primary(c->dl, "no 'ip_access' keeps anybody out");
	if (access->given)
		diag_label(c->dl, access->at, "allows everybody");
	diag_label(c->dl, l->port_at, "users come in here, on %s", reach_words(&l->address));
	diag_help(c->dl, "add {ip_access, [{allow, \"127.0.0.0/8\"}, {deny, \"0.0.0.0/0\"}]} with "
			 "your networks");
}

/* ---- other servers ---- */

void check_clear_s2s(const struct check *c)
{
	const struct value *v = setting(c->m, "s2s_use_starttls");
	bool optional = v != NULL && term_is_atom(v->term, "optional");
	const struct listener *l = NULL;

	if (c->m->target != TARGET_MONGOOSEIM_3_2 || c->m->is_partial ||
	    (v != NULL && !optional && !term_is_atom(v->term, "false")))
		return;
	for (size_t i = 0; i < c->m->listeners.n && l == NULL; i++)
		if (c->m->listeners.at[i]->kind == LISTENER_S2S &&
		    reach_of(c->m->listeners.at[i]) != REACH_LOOPBACK)
			l = c->m->listeners.at[i];
	if (l == NULL)
		return;
	diag_add(c->dl, W0807, v != NULL ? v->at : l->module_at,
		 optional ? "messages between servers go without TLS where the other side has none"
			  : "messages between servers go without TLS");
	note_if(c, optional);
	if (v == NULL)
		diag_primary(c->dl, "s2s_use_starttls is not set, which means false");
	else
		diag_label(c->dl, l->module_at, "other servers come in here");
	diag_help(c->dl, "%s {s2s_use_starttls, required}. and name a s2s_certfile",
		  v != NULL ? "write" : "add");
}

/* ---- reverse proxy ---- */

static bool begins(struct str s, const char *z)
{
	size_t n = strlen(z);

	return s.n >= n && memcmp(s.p, z, n) == 0;
}

/* "host" of "http://host:80/path"; "" when there is none. */
static struct str host_of_url(struct str url)
{
	size_t n = begins(url, "http://") ? 7 : begins(url, "https://") ? 8 : url.n, i = n;
	bool bracket = i < url.n && url.p[i] == '[';

	if (bracket) {
		while (i < url.n && url.p[i] != ']')
			i++;
		return (struct str){url.p + n + 1, i - n - 1};
	}
	if (i < url.n && url.p[i] == ':') /* a binding */
		i++;
	while (i < url.n && strchr("/:?#", url.p[i]) == NULL)
		i++;
	return (struct str){url.p + n, i - n};
}

static void check_upstream(const struct check *c, const struct term *route)
{
	const struct term *t = route->seq.items[route->seq.n - 1];
	struct str host;
	struct address a;

	if (t->kind != TERM_STRING && t->kind != TERM_BINARY)
		return;
	host = host_of_url(t->text);
	if (host.n != 0 && memchr(host.p, ':', host.n) == host.p) {
		diag_add(c->dl, W0809, t->at,
			 "clients choose the server that they are passed on to");
		diag_primary(c->dl, "'%.*s' is taken from the request", STR_ARG(host));
		diag_help(c->dl, "name the server, or a fixed domain that it is in");
		return;
	}
	if (str_eqz(host, "metadata.google.internal") ||
	    (address_parse(host, &a) && address_reach(&a) == REACH_LINK_LOCAL)) {
		diag_add(c->dl, W0808, t->at, "clients are passed on to the local link");
		diag_note(c->dl, "there clouds tell a machine its credentials");
		diag_help(c->dl, "take the route out");
	}
}

void check_proxy(const struct check *c)
{
	for (size_t i = 0; i < c->m->modules.n; i++) {
		const struct module *mod = c->m->modules.at[i];
		const struct term *routes;

		if (!str_eqz(mod->name, "mod_revproxy"))
			continue;
		routes = bound_value(mod->options, "routes")->term;
		for (uint32_t k = 0; routes->kind == TERM_LIST && k < routes->seq.n; k++)
			check_upstream(c, routes->seq.items[k]);
	}
}
