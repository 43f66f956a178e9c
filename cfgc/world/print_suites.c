/* print_suites.c - `cfgc ciphers`: what is left to each endpoint, in words. */
#include "world/suites.h"

#include "support/strbuf.h"

static void print_keys(struct strbuf *out, const struct tour *t, const struct endpoint *e)
{
	unsigned kinds = endpoint_keys(t, e);

	strbuf_addz(out, "  certificates: ");
	if ((kinds & KEYS_UNKNOWN) != 0)
		strbuf_addz(out, "not all could be read, suites for every kind of key follow\n");
	else
		strbuf_printf(out, "%s%s%s\n", (kinds & KEYS_RSA) != 0 ? "RSA" : "",
			      kinds == (KEYS_RSA | KEYS_EC) ? " and " : "",
			      (kinds & KEYS_EC) != 0 ? "EC" : "");
}

static void print_version(struct strbuf *out, const struct suites *s, size_t version,
			  unsigned kinds)
{
	size_t n = 0;

	strbuf_printf(out, "  %s\n", tls_versions[version].name);
	for (size_t i = 0; i < s->by_version[version].list.n; i++) {
		const SSL_CIPHER *suite = s->by_version[version].list.at[i];
		const char *weakness = suite_weakness(suite);

		if (!suite_fits(suite, kinds))
			continue;
		n++;
		strbuf_printf(out, "    %-31s %3d bits%s%s\n", SSL_CIPHER_get_name(suite),
			      SSL_CIPHER_get_bits(suite, NULL), weakness != NULL ? ", weak: " : "",
			      weakness != NULL ? weakness : "");
	}
	if (n == 0)
		strbuf_addz(out, "    no suite is left\n");
}

static void print_endpoint(struct strbuf *out, struct tour *t, const struct endpoint *e)
{
	const struct suites *s = suites_of(t, e->ciphers, e->versions);

	strbuf_printf(out, "%.*s\n", STR_ARG(e->name));
	print_keys(out, t, e);
	for (size_t i = TLS_NVERSIONS; i-- > 0;)
		if ((e->versions & tls_versions[i].bit) != 0)
			print_version(out, s, i, endpoint_keys(t, e));
}

void print_endpoints(struct strbuf *out, struct tour *t)
{
	for (size_t i = 0; i < t->endpoints.n; i++) {
		if (i != 0)
			strbuf_addc(out, '\n');
		print_endpoint(out, t, t->endpoints.at[i]);
	}
	if (t->endpoints.n == 0)
		strbuf_addz(out, "nothing speaks TLS\n");
}
