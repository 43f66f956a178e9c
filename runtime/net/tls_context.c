/* tls_context.c - reading certificate files into an SSL_CTX, with errors that say what to mend. */
#include "net/tls_context.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/buf.h"
#include "core/log.h"
#include "core/place.h"

/* Larger than any chain with its key; a certfile that points elsewhere (a disk image) is not read
 * in. */
#define FILE_MAX_BYTES (1u << 20)

struct job {
	const struct rt_gen *gen;
	const char *file;
	struct rt_at at;
};

static void complain(const struct job *job, const char *problem)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	char place[RT_PLACE_MAX];

	RT_LOG(ERROR, NULL, "tls", "bad-file", KV_Z("file", job->file), KV_Z("problem", problem),
	       KV_Z("detail", reason != NULL ? reason : "none"),
	       KV_STR("cfg", rt_place(job->gen, job->at, place)));
	ERR_clear_error();
}

/* The whole file; false when it cannot be read. */
static bool read_file(const struct job *job, struct rt_buf *out)
{
	FILE *f = fopen(job->file, "rbe");
	char place[RT_PLACE_MAX], *at;
	int error = f == NULL ? errno : 0;
	size_t n = 1;

	while (f != NULL && error == 0 && n > 0 && rt_buf_len(out) <= FILE_MAX_BYTES) {
		at = rt_buf_reserve(out, 4096);
		if (at == NULL)
			break;
		n = fread(at, 1, 4096, f);
		out->end += (uint32_t)n;
		error = ferror(f) ? errno : 0;
	}
	if (f != NULL)
		fclose(f);
	if (error == 0 && !out->failed && rt_buf_len(out) <= FILE_MAX_BYTES)
		return true;
	RT_LOG(ERROR, NULL, "tls", "bad-file", KV_Z("file", job->file),
	       KV_Z("problem", "cannot be read"), KV_ERRNO(error != 0 ? error : EFBIG),
	       KV_STR("cfg", rt_place(job->gen, job->at, place)));
	return false;
}

static BIO *open_bytes(const struct rt_buf *bytes)
{
	return BIO_new_mem_buf(bytes->data, (int)rt_buf_len(bytes));
}

/* There was a key in it. */
static void wipe(struct rt_buf *bytes)
{
	if (bytes->data != NULL)
		OPENSSL_cleanse(bytes->data, bytes->cap);
	rt_buf_fini(bytes);
}

/* A key that asks for a password cannot be used by a server that starts by itself: never prompt. */
static int refuse_password(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

/* The first certificate is ours, the others follow it to the client in their order. */
static bool use_chain(const struct job *job, SSL_CTX *ctx, BIO *bio)
{
	X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, refuse_password, NULL);
	bool ok;

	if (certificate == NULL) {
		complain(job, "holds no certificate in PEM form");
		return false;
	}
	ok = SSL_CTX_use_certificate(ctx, certificate) == 1;
	X509_free(certificate);
	if (!ok) {
		complain(job, "its certificate is refused");
		return false;
	}
	while ((certificate = PEM_read_bio_X509(bio, NULL, refuse_password, NULL)) != NULL) {
		if (SSL_CTX_add0_chain_cert(ctx, certificate) != 1) {
			X509_free(certificate);
			complain(job, "a certificate of its chain is refused");
			return false;
		}
	}
	ERR_clear_error(); /* the end of the file */
	return true;
}

static bool has_key(const struct rt_buf *bytes)
{
	BIO *bio = open_bytes(bytes);
	char *name, *header;
	unsigned char *data;
	bool found = false;
	long len;

	while (!found && PEM_read_bio(bio, &name, &header, &data, &len) == 1) {
		found = strstr(name, "PRIVATE KEY") != NULL;
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(data, (size_t)len);
	}
	BIO_free(bio);
	return found;
}

static bool use_key(const struct job *job, SSL_CTX *ctx, const struct rt_buf *bytes)
{
	EVP_PKEY *key;
	BIO *bio;
	bool ok;

	if (!has_key(bytes)) {
		ERR_clear_error();
		complain(job, "holds no private key");
		return false;
	}
	bio = open_bytes(bytes); /* from its beginning: chain and key come in any order */
	key = PEM_read_bio_PrivateKey(bio, NULL, refuse_password, NULL);
	BIO_free(bio);
	if (key == NULL) {
		complain(job, "its private key cannot be read: encrypted, or damaged");
		return false;
	}
	ok = SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(key);
	if (!ok)
		complain(job, "its private key does not match its certificate");
	return ok;
}

static bool load_certificate(const struct job *job, SSL_CTX *ctx)
{
	struct rt_buf bytes = {0};
	BIO *bio = NULL;
	bool ok = read_file(job, &bytes);

	if (ok) {
		bio = open_bytes(&bytes);
		ok = bio != NULL && use_chain(job, ctx, bio) && use_key(job, ctx, &bytes);
	}
	BIO_free(bio);
	wipe(&bytes);
	return ok;
}

/* dhfile; without it OpenSSL chooses a group that fits the certificate. */
static bool load_dh(const struct job *job, SSL_CTX *ctx)
{
	struct rt_buf bytes = {0};
	EVP_PKEY *parameters;
	BIO *bio;

	if (job->file == NULL) {
		SSL_CTX_set_dh_auto(ctx, 1);
		return true;
	}
	if (!read_file(job, &bytes)) {
		wipe(&bytes);
		return false;
	}
	bio = open_bytes(&bytes);
	parameters = PEM_read_bio_Parameters(bio, NULL);
	BIO_free(bio);
	wipe(&bytes);
	if (parameters == NULL || SSL_CTX_set0_tmp_dh_pkey(ctx, parameters) != 1) {
		EVP_PKEY_free(parameters);
		complain(job, "holds no usable DH parameters");
		return false;
	}
	return true;
}

static uint64_t options_of(uint32_t flags)
{
	/* An idle session must be cheap and a key must be gone when its connection is: no tickets,
	 * no cache, no renegotiation. */
	uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET;

	if ((flags & RT_TLS_NO_TLSV1) != 0)
		options |= SSL_OP_NO_TLSv1;
	if ((flags & RT_TLS_NO_TLSV1_1) != 0)
		options |= SSL_OP_NO_TLSv1_1;
	if ((flags & RT_TLS_NO_TLSV1_2) != 0)
		options |= SSL_OP_NO_TLSv1_2;
	if ((flags & RT_TLS_NO_TLSV1_3) != 0)
		options |= SSL_OP_NO_TLSv1_3;
	if ((flags & RT_TLS_SERVER_PREFERENCE) != 0)
		options |= SSL_OP_CIPHER_SERVER_PREFERENCE;
	return options;
}

/* OpenSSL 3 lets nobody below TLS 1.2 in unless the security level is 0. Who may is for
 * protocol_options to say (no_tlsv1, no_tlsv1_1), so that clients which can do no better get in by
 * default, as in 3.2; all others keep the level of the system. */
static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
	const unsigned char *versions;
	size_t n;

	(void)alert;
	(void)arg;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &versions, &n) != 1 &&
	    SSL_client_hello_get0_legacy_version(ssl) < TLS1_2_VERSION)
		SSL_set_security_level(ssl, 0);
	return SSL_CLIENT_HELLO_SUCCESS;
}

SSL_CTX *rt_tls_context_new(const struct rt_gen *gen, const struct rt_tls_spec *spec,
			    const char *certfile, struct rt_at at)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	struct job certificate = {gen, certfile, at};
	struct job dh = {gen, spec->dhfile, spec->at};
	struct job ca = {gen, spec->cafile, spec->at};
	struct job ciphers = {gen, spec->ciphers, spec->at};
	bool ok = true;

	ERR_clear_error();
	if (ctx == NULL) {
		complain(&certificate, "out of memory");
		return NULL;
	}
	SSL_CTX_set_options(ctx, options_of(spec->flags));
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1); /* a record in one system call instead of two */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
	if (spec->ciphers != NULL && SSL_CTX_set_cipher_list(ctx, spec->ciphers) != 1) {
		complain(&ciphers, "names no cipher that OpenSSL knows");
		ok = false;
	}
	if (spec->cafile != NULL && SSL_CTX_load_verify_file(ctx, spec->cafile) != 1) {
		complain(&ca, "cafile cannot be read, or holds no certificate");
		ok = false;
	}
	ok = load_dh(&dh, ctx) && ok;
	ok = load_certificate(&certificate, ctx) && ok;
	if (!ok) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}
