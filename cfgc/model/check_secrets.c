/* check_secrets.c - passwords that everybody knows, or that can be guessed. */
#include "model/check.h"

#include <math.h>

#include "model/reach.h"
#include "support/array.h"

/* From manuals, examples and images, and what people type first. Letters are compared in lower
 * case. */
static const char *const known[] = {
	"secret",         "makotaipsa",
	"password",       "changeme",
	"cluecon",        "admin",
	"ejabberd",       "mongooseim",
	"mongoose",       "mongooseim_secret",
	"test",           "testing",
	"guest",          "xmpp",
	"default",        "component_secret",
	"passw0rd",       "letmein",
	"secretpassword", "mysecret",
	"component",      "123456",
	"12345678",       "qwerty",
};

/* What takes an attacker who can try some thousand a second a century. */
#define LEAST_BITS 45.0

static bool is_known(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		size_t n = strlen(known[i]), k = 0;

		while (k < n && n == s.n &&
		       known[i][k] == ((s.p[k] >= 'A' && s.p[k] <= 'Z') ? s.p[k] | 0x20 : s.p[k]))
			k++;
		if (k == n && n == s.n)
			return true;
	}
	return false;
}

/* Of a text of random characters of the kinds that are in it. */
static double bits_of(struct str s)
{
	bool lower = false, upper = false, digit = false, other = false, seen[256] = {false};
	int distinct = 0, kinds;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		lower |= c >= 'a' && c <= 'z';
		upper |= c >= 'A' && c <= 'Z';
		digit |= c >= '0' && c <= '9';
		other |= c < '0' || c > 'z' || (c > '9' && c < 'A') || (c > 'Z' && c < 'a');
		distinct += !seen[c];
		seen[c] = true;
	}
	kinds = 26 * lower + 26 * upper + 10 * digit + 32 * other;
	return kinds == 0 || distinct < 2 ? 0 : (double)s.n * log2(distinct < 5 ? distinct : kinds);
}

/* A secret is never quoted. is_local: whoever tries must be on this machine. */
static void check_secret(const struct check *c, struct str secret, struct span at, bool is_local)
{
	double bits = bits_of(secret);

	if (is_known(secret)) {
		diag_add(c->dl, W0810, at, "this password is the first that is tried");
		diag_primary(c->dl, "as in manuals and examples");
	} else if (bits < LEAST_BITS) {
		diag_add(c->dl, W0811, at, "this password can be guessed");
		diag_primary(c->dl, "%zu bytes, %d bits at most", secret.n, (int)bits);
	} else {
		return;
	}
	if (is_local)
		diag_as_note(c->dl);
	diag_help(c->dl, "take a random one, such as 'openssl rand -hex 24' writes");
}

static bool is_local(const struct listener *l)
{
	return address_reach(&l->address) == REACH_LOOPBACK;
}

static struct str text_of(const struct term *t)
{
	return t->kind == TERM_STRING || t->kind == TERM_BINARY ? t->text : STR("");
}

static void check_service(const struct check *c, const struct bound *options, bool local)
{
	const struct value *v = bound_value(options, "password");

	if (v->given && v->term->kind != TERM_TUPLE)
		check_secret(c, text_of(v->term), v->at, local);
}

static void check_routes_of(const struct check *c, const struct listener *l)
{
	for (size_t i = 0; i < l->routes.n; i++) {
		const struct route *r = l->routes.at[i];

		if (strcmp(r->handler->name, "mongoose_api_admin") == 0) {
			const struct value *v = bound_value(r->options, "auth");

			if (v->given && v->term->seq.items[1]->kind != TERM_TUPLE)
				check_secret(c, text_of(v->term->seq.items[1]),
					     v->term->seq.items[1]->at, is_local(l));
		} else if (strcmp(r->handler->name, "mod_websockets") == 0) {
			const struct value *v = bound_value(r->options, "ejabberd_service");

			/* A habit of MongooseIM's own file. */
			if (v->given && v->sub != NULL)
				check_service(c, v->sub, true);
		}
	}
}

static void check_clear_service(const struct check *c, const struct listener *l)
{
	if (address_reach(&l->address) != REACH_PUBLIC)
		return;
	diag_add(c->dl, W0812, l->module_at, "components talk to this listener without TLS");
	diag_label(c->dl, l->port_at, "on %s", reach_words(&l->address));
	diag_note(c->dl, "the protocol of components has none");
	diag_help(c->dl, "listen where only they are: {{%u, \"127.0.0.1\"}, ejabberd_service, [",
		  l->port);
}

void check_secrets(const struct check *c)
{
	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		if (l->kind == LISTENER_SERVICE) {
			if (l->password != NULL && l->password->kind == SECRET_STORED)
				check_secret(c, l->password->text, l->password->at, is_local(l));
			check_clear_service(c, l);
		}
		check_routes_of(c, l);
	}
}
