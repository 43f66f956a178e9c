/* check_identity.c - whether a server can prove with a key that it is whom a certificate names. */
#include "world/tour.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

X509 *own_certificate(const struct identity *id)
{
	const struct pem_block *block = pem_block(&id->certificate->pem, PEM_CERTIFICATE, 0);

	return id->certificate->is_open && block != NULL ? block->certificate : NULL;
}

EVP_PKEY *own_key(const struct identity *id)
{
	const struct pem_block *block = pem_block(&id->key->pem, PEM_KEY, 0);

	return id->key->is_open && block != NULL ? block->key : NULL;
}

unsigned key_kind_of(X509 *certificate)
{
	EVP_PKEY *key = certificate != NULL ? X509_get0_pubkey(certificate) : NULL;

	if (key == NULL)
		return KEYS_UNKNOWN;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return KEYS_RSA;
	case EVP_PKEY_EC:
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return KEYS_EC;
	default:
		return KEYS_OTHER;
	}
}

static void report_no_key(const struct tour *t, const struct identity *id)
{
	report_at(t, E0416, id->term, "'%.*s' holds no private key", STR_ARG(id->key->path));
	if (id->service == NULL)
		diag_help(t->dl, "add {keyfile, \"PATH\"}, or append the key to the file");
	else
		diag_help(t->dl, "append the key to the file, behind the certificates");
}

static void report_locked(const struct tour *t, const struct identity *id)
{
	report_at(t, E0418, id->key == id->certificate ? id->term : id->key->term,
		  id->key->password != NULL ? "the password does not open the private key in '%.*s'"
					    : "the private key in '%.*s' is encrypted",
		  STR_ARG(id->key->path));
	diag_note(t->dl, "a server that starts by itself cannot ask for a passphrase");
	diag_help(t->dl, "openssl pkey -in %.*s -out KEY.pem, and chmod 600 KEY.pem",
		  STR_ARG(id->key->path));
}

static void report_mismatch(const struct tour *t, const struct identity *id, EVP_PKEY *key)
{
	size_t n = pem_count(&id->certificate->pem, PEM_CERTIFICATE);

	if (id->key == id->certificate)
		report_at(t, E0417, id->term,
			  "the private key in '%.*s' is not that of its first certificate",
			  STR_ARG(id->key->path));
	else
		report_at(t, E0417, id->key->term,
			  "the private key in '%.*s' is not that of '%.*s'", STR_ARG(id->key->path),
			  STR_ARG(id->certificate->path));
	if (id->key != id->certificate)
		diag_label(t->dl, id->term->at, "the certificate");
	for (size_t i = 1; i < n; i++) {
		X509 *other = pem_block(&id->certificate->pem, PEM_CERTIFICATE, i)->certificate;

		if (X509_check_private_key(other, key) != 1)
			continue;
		diag_note(t->dl, "it is that of certificate %zu", i + 1);
		diag_help(t->dl, "put that certificate first, and its issuers behind it");
		return;
	}
}

/* What the server will do with the two at its start. The reason if the library refuses. */
static const char *refusal(X509 *certificate, EVP_PKEY *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *reason = NULL;

	ERR_clear_error();
	if (ctx != NULL && (SSL_CTX_use_certificate(ctx, certificate) != 1 ||
			    SSL_CTX_use_PrivateKey(ctx, key) != 1)) {
		reason = ERR_reason_error_string(ERR_peek_last_error());
		if (reason == NULL)
			reason = "no reason given";
	}
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return reason;
}

static void check_library(const struct tour *t, const struct identity *id, X509 *certificate,
			  EVP_PKEY *key)
{
	const char *reason = t->m->target == TARGET_XMPPD ? refusal(certificate, key) : NULL;

	int digest = NID_undef;

	if (reason == NULL)
		return;
	report_at(t, E0419, id->term, "OpenSSL %s refuses the certificate in '%.*s'",
		  OpenSSL_version(OPENSSL_VERSION_STRING), STR_ARG(id->certificate->path));
	diag_primary(t->dl, "%s", reason);
	X509_get_signature_info(certificate, &digest, NULL, NULL, NULL);
	diag_note(t->dl, "it has an %s key of %d bits and is signed with %s",
		  EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key), OBJ_nid2sn(digest));
	diag_note(t->dl, "the server does not start with it");
	id->certificate->is_refused = true;
}

/* Another identity with the same two files comes first, and was checked. */
static bool is_repeated(const struct identity *id)
{
	for (const struct identity *other = id->next; other != NULL; other = other->next)
		if (other->key == id->key)
			return true;
	return false;
}

void check_identity(const struct tour *t, const struct identity *id)
{
	X509 *certificate = own_certificate(id);
	const struct pem_block *block = pem_block(&id->key->pem, PEM_KEY, 0);
	EVP_PKEY *key = own_key(id);

	if (certificate == NULL || !id->key->is_open || is_repeated(id))
		return;
	if (block == NULL) {
		report_no_key(t, id);
	} else if (key == NULL) {
		report_locked(t, id);
	} else if (X509_check_private_key(certificate, key) != 1) {
		report_mismatch(t, id, key);
	} else {
		check_library(t, id, certificate, key);
	}
	ERR_clear_error();
}
