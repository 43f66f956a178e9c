/* check_listen.c - listeners that get in each other's way, and TLS without what it needs. */
#include "model/check.h"

#include "schema/trap.h"
#include "support/array.h"

/* ---- ports ---- */

static bool is_wildcard(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, a->family == 4 ? 4 : 16) == 0;
}

/* Whether two sockets of one family take connections to the same address. */
static bool overlap(const struct address *a, const struct address *b)
{
	return is_wildcard(a) || is_wildcard(b) ||
	       memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

/* In Erlang [::] takes connections over IPv4 as well, so both cannot be bound; here it leaves them
 * to the other. */
static void check_families(const struct check *c, const struct listener *first,
			   const struct listener *second)
{
	if (!is_wildcard(first->address.family == 6 ? &first->address : &second->address))
		return;
	trap_report(c->b, W0546, second->port_at,
		    "MongooseIM 3.2.0 does not start with these two listeners on port %u",
		    second->port);
	diag_label(c->dl, first->port_at, "first listener");
	diag_note(c->dl, "there, [::] means all addresses of IPv4, too");
}

static void check_pair(const struct check *c, const struct listener *first,
		       const struct listener *second)
{
	bool same = first->address.family == second->address.family &&
		    memcmp(&first->address, &second->address, sizeof(first->address)) == 0;

	if (first->port != second->port || first->port == 0)
		return;
	if (first->address.family != second->address.family) {
		check_families(c, first, second);
		return;
	}
	if (!overlap(&first->address, &second->address))
		return;
	diag_add(c->dl, E0305, second->port_at, "two listeners want tcp port %u on %.*s",
		 second->port, STR_ARG(address_text(c->a, &second->address)));
	diag_primary(c->dl, "second listener");
	diag_label(c->dl, first->port_at, "first listener");
	if (!same) {
		diag_note(
			c->dl, "%.*s is among the addresses of %.*s",
			STR_ARG(address_text(c->a, is_wildcard(&first->address) ? &second->address
										: &first->address)),
			STR_ARG(address_text(c->a, is_wildcard(&first->address)
							   ? &first->address
							   : &second->address)));
		diag_note(c->dl, "MongooseIM 3.2.0 does not start with these");
	} else {
		diag_note(c->dl, "MongooseIM 3.2.0 starts the first of them only");
		trap_settle(c->b);
	}
}

/* The listeners of one port so far: enough of them to find the first one in the way. */
struct port {
	struct listener *first[2];    /* of IPv4 and of IPv6 */
	struct listener *wildcard[2]; /* 0.0.0.0 and [::] */
	struct names_table by_address;
};

static const struct listener *in_the_way(const struct port *p, const struct listener *l)
{
	bool six = l->address.family == 6;
	const struct listener *same = names_find(
		&p->by_address, (struct str){(const char *)&l->address, sizeof(l->address)});

	if (same != NULL)
		return same;
	return is_wildcard(&l->address) ? p->first[six] : p->wildcard[six];
}

/* Each listener is compared with the first one that it meets. */
static void check_port(const struct check *c, struct port *p, struct listener *l)
{
	bool six = l->address.family == 6, all = is_wildcard(&l->address);
	const struct listener *other = in_the_way(p, l);

	if (other != NULL)
		check_pair(c, other, l);
	else if (six && all && p->first[0] != NULL)
		check_pair(c, p->first[0], l);
	else if (!six && p->wildcard[1] != NULL)
		check_pair(c, p->wildcard[1], l);
	if (p->first[six] == NULL)
		p->first[six] = l;
	if (all && p->wildcard[six] == NULL)
		p->wildcard[six] = l;
	if (other == NULL)
		names_put(c->a, &p->by_address,
			  (struct str){(const char *)&l->address, sizeof(l->address)}, l);
}

static void check_privileged(const struct check *c, const struct listener *l)
{
	if (l->port == 0 || l->port >= 1024)
		return;
	diag_add(c->dl, W0534, l->port_at, "port %u is below 1024", l->port);
	diag_note(c->dl, "only root may listen there, or a program with CAP_NET_BIND_SERVICE");
	diag_help(c->dl, "'AmbientCapabilities=CAP_NET_BIND_SERVICE' in the unit of systemd, or a "
			 "port above and a redirection");
}

void check_same_ports(const struct check *c)
{
	struct names_table ports = {0};

	for (size_t i = 0; i < c->m->listeners.n; i++) {
		struct listener *l = c->m->listeners.at[i];
		struct port *port;

		check_privileged(c, l);
		if (l->port == 0)
			continue;
		port = names_find(&ports, (struct str){(const char *)&l->port, sizeof(l->port)});
		if (port == NULL) {
			port = arena_new_of(c->a, struct port);
			names_put(c->a, &ports,
				  (struct str){(const char *)&l->port, sizeof(l->port)}, port);
		}
		check_port(c, port, l);
	}
}

void check_any_listener(const struct check *c)
{
	const struct model *m = c->m;

	if (m->is_partial || diag_unit_is_wrong(c->dl))
		return;
	for (size_t i = 0; i < m->listeners.n; i++)
		if (!m->listeners.at[i]->is_left_out)
			return;
	diag_add(c->dl, W0527,
		 setting(m, "listen") != NULL ? setting(m, "listen")->key_at : NO_SPAN,
		 "the server listens nowhere");
	diag_help(c->dl, "add {listen, [{5222, ejabberd_c2s, []}]}. for clients");
}

/* ---- TLS ---- */

static const char *tls_flag(const struct listener *l)
{
	static const char *const flags[] = {"tls", "starttls_required", "starttls", "verify_peer"};

	for (size_t i = 0; l->kind == LISTENER_C2S && i < ARRAY_LEN(flags); i++)
		if (bound_flag(l->options, flags[i]))
			return flags[i];
	return NULL;
}

/* The first host without a certificate of its own, or NULL. */
static const struct host *host_without_cert(const struct check *c)
{
	struct names_table with = {0};

	for (size_t i = 0; i < c->m->domain_certs.n; i++)
		names_put(c->a, &with, c->m->domain_certs.at[i]->domain, c->m->domain_certs.at[i]);
	for (size_t i = 0; i < c->m->hosts.n; i++)
		if (names_find(&with, c->m->hosts.at[i]->name) == NULL)
			return c->m->hosts.at[i];
	return NULL;
}

/* bare: a host without a certificate of its own, or NULL. */
static void check_one_tls(const struct check *c, const struct listener *l, const char *flag,
			  const struct host *bare)
{
	const struct value *at = bound_value(l->options, flag);
	const struct value *cert = bound_value(l->options, "certfile");

	if (!cert->given && !cert->failed && bare != NULL && !c->m->is_partial) {
		diag_add(c->dl, E0401, at->at, "'%s' needs a certificate", flag);
		diag_primary(c->dl, "no 'certfile' here");
		diag_note(c->dl, "host '%.*s' has none from domain_certfile either",
			  STR_ARG(bare->name));
		diag_help(c->dl, "add {certfile, \"PATH\"} with certificate chain and key");
	}
	for (int i = 0; strcmp(flag, "tls") == 0 && i < 2; i++) {
		const struct value *other =
			bound_value(l->options, i == 0 ? "starttls" : "starttls_required");

		if (!other->given)
			continue;
		diag_add(c->dl, E0402, other->at, "'%s' cannot be together with 'tls'",
			 other->option->name);
		diag_label(c->dl, at->at, "TLS is there from the first byte");
		diag_help(c->dl, "remove one of them");
	}
}

void check_listener_tls(const struct check *c)
{
	const struct host *bare = host_without_cert(c);

	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		if (tls_flag(l) != NULL)
			check_one_tls(c, l, tls_flag(l), bare);
	}
}

void check_certificate_use(const struct check *c)
{
	static const char *const needs_tls[] = {"certfile", "ciphers", "dhfile", "cafile"};

	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		if (l->kind != LISTENER_C2S || tls_flag(l) != NULL)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(needs_tls); k++) {
			const struct value *v = bound_value(l->options, needs_tls[k]);

			if (!v->given)
				continue;
			diag_add(c->dl, W0526, v->at, "'%s' is not used: this listener has no TLS",
				 needs_tls[k]);
			diag_help(c->dl, "add starttls or tls");
			break;
		}
	}
}
