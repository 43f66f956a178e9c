/* check_contents.c - Diffie-Hellman parameters that are too short, lists of CAs of the past. */
#include "world/tour.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* Fewer bits have been broken in public, fewer than the second number are within reach (RFC 7919,
 * 1). */
#define DH_MIN_BITS  1024
#define DH_SAFE_BITS 2048

/* Whether the library takes the parameters, as the server asks it to. */
static bool library_takes(EVP_PKEY *parameters)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	bool takes = false;

	if (ctx != NULL && EVP_PKEY_up_ref(parameters) == 1) {
		takes = SSL_CTX_set0_tmp_dh_pkey(ctx, parameters) == 1;
		if (!takes)
			EVP_PKEY_free(parameters);
	}
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return takes;
}

static void check_dh(const struct tour *t, const struct named_file *f)
{
	EVP_PKEY *parameters = pem_block(&f->pem, PEM_DH, 0)->key;
	int bits = EVP_PKEY_get_bits(parameters);
	bool refused = t->m->target == TARGET_XMPPD && !library_takes(parameters);

	if (bits >= DH_SAFE_BITS && !refused)
		return;
	report_at(t, bits < DH_MIN_BITS || refused ? E0420 : W0434, f->term,
		  "the Diffie-Hellman parameters in '%.*s' have %d bits", STR_ARG(f->path), bits);
	if (refused)
		diag_note(t->dl, "OpenSSL %s refuses them, and the server does not start",
			  OpenSSL_version(OPENSSL_VERSION_STRING));
	diag_note(t->dl, "%d bits are the least that is safe", DH_SAFE_BITS);
	if (t->m->target == TARGET_XMPPD)
		diag_help(t->dl,
			  "leave 'dhfile' out: then OpenSSL chooses a group that fits the key");
	else
		diag_help(t->dl, "openssl dhparam -out %.*s %d", STR_ARG(f->path), DH_SAFE_BITS);
}

static void check_cas(const struct tour *t, const struct named_file *f)
{
	time_t now = (time_t)t->b->now;
	const struct pem_block *block;

	for (size_t i = 0; i < f->pem.blocks.n; i++) {
		block = &f->pem.blocks.at[i];
		if (block->kind == PEM_CERTIFICATE &&
		    X509_cmp_time(X509_get0_notAfter(block->certificate), &now) >= 0)
			return;
	}
	report_at(t, W0429, f->term, "every certificate in '%.*s' has expired", STR_ARG(f->path));
	diag_note(t->dl, "so nobody can be verified by it");
}

void check_contents(const struct tour *t, const struct named_file *f)
{
	if ((f->roles & 1u << PATH_DH) != 0)
		check_dh(t, f);
	/* The dates of a chain are looked at one by one. */
	if ((f->roles & 1u << PATH_CA) != 0 && (f->roles & 1u << PATH_CERTIFICATE) == 0)
		check_cas(t, f);
}
