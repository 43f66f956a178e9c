/* suites.c - ask the TLS library which suites are left. */
#include "world/suites.h"
#include "support/array.h"

#include <openssl/err.h>

const struct tls_version_info tls_versions[TLS_NVERSIONS] = {
	{TLS_1_0, TLS1_VERSION, "TLS 1.0"},
	{TLS_1_1, TLS1_1_VERSION, "TLS 1.1"},
	{TLS_1_2, TLS1_2_VERSION, "TLS 1.2"},
	{TLS_1_3, TLS1_3_VERSION, "TLS 1.3"},
};

static bool set_ciphers(SSL_CTX *ctx, struct arena *a, struct str ciphers)
{
	bool ok;

	if (memchr(ciphers.p, '\0', ciphers.n) != NULL)
		return false;
	ok = SSL_CTX_set_cipher_list(ctx, arena_str(a, ciphers.p, ciphers.n).p) == 1;
	ERR_clear_error();
	return ok;
}

static void list_version(struct arena *a, SSL_CTX *ctx, size_t version, struct suites *out)
{
	SSL *ssl = SSL_new(ctx);
	STACK_OF(SSL_CIPHER) * list;

	if (ssl == NULL)
		return;
	SSL_set_min_proto_version(ssl, tls_versions[version].number);
	SSL_set_max_proto_version(ssl, tls_versions[version].number);
	if (tls_versions[version].bit < TLS_1_2)
		SSL_set_security_level(ssl, 0);
	list = SSL_get1_supported_ciphers(ssl);
	/* The library's suites are constants: they outlive the list. */
	for (int i = 0; i < sk_SSL_CIPHER_num(list); i++)
		vec_push(a, &out->by_version[version].list, sk_SSL_CIPHER_value(list, i));
	sk_SSL_CIPHER_free(list);
	SSL_free(ssl);
}

static void ask(struct arena *a, struct str ciphers, unsigned versions, struct suites *out)
{
	SSL_CTX *ctx;

	tls_library_start();
	ctx = SSL_CTX_new(TLS_server_method());
	*out = (struct suites){0};
	out->taken = ctx != NULL && (ciphers.n == 0 || set_ciphers(ctx, a, ciphers));
	for (size_t i = 0; out->taken && i < TLS_NVERSIONS; i++)
		if ((versions & tls_versions[i].bit) != 0)
			list_version(a, ctx, i, out);
	SSL_CTX_free(ctx);
	ERR_clear_error();
}

const struct suites *suites_of(struct tour *t, struct str ciphers, unsigned versions)
{
	struct str key = arena_printf(t->a, "%u %.*s", versions, STR_ARG(ciphers));
	struct suites *s = names_find(&t->suites, key);

	if (s != NULL)
		return s;
	s = arena_new_of(t->a, struct suites);
	ask(t->a, ciphers, versions, s);
	names_put(t->a, &t->suites, key, s);
	return s;
}

bool suite_fits(const SSL_CIPHER *suite, unsigned key_kinds)
{
	if ((key_kinds & KEYS_UNKNOWN) != 0)
		return true;
	switch (SSL_CIPHER_get_auth_nid(suite)) {
	case NID_auth_rsa:
		return (key_kinds & KEYS_RSA) != 0;
	case NID_auth_ecdsa:
		return (key_kinds & KEYS_EC) != 0;
	case NID_auth_any: /* TLS 1.3: whatever the certificate has */
		return (key_kinds & (KEYS_RSA | KEYS_EC)) != 0;
	case NID_auth_dss:
		return (key_kinds & KEYS_OTHER) != 0;
	default:
		return SSL_CIPHER_get_auth_nid(suite) == NID_auth_null;
	}
}

bool suite_word_is_known(struct tour *t, struct str word)
{
	return suites_of(t, word, 0)->taken;
}

const char *suite_weakness(const SSL_CIPHER *suite)
{
	static const struct {
		int cipher;
		const char *name;
	} weak[] = {
		{NID_undef, "no encryption"}, {NID_rc4, "RC4"},     {NID_des_ede3_cbc, "3DES"},
		{NID_des_cbc, "DES"},         {NID_rc2_cbc, "RC2"},
	};

	if (SSL_CIPHER_get_auth_nid(suite) == NID_auth_null)
		return "no authentication";
	for (size_t i = 0; i < ARRAY_LEN(weak); i++)
		if (SSL_CIPHER_get_cipher_nid(suite) == weak[i].cipher)
			return weak[i].name;
	return SSL_CIPHER_get_digest_nid(suite) == NID_md5 ? "MD5" : NULL;
}
