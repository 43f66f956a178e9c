/* pem.c - split PEM text into its blocks and decode each by its label. */
#include "world/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *label;
	enum pem_kind kind;
} labels[] = {
	{"CERTIFICATE", PEM_CERTIFICATE},
	{"X509 CERTIFICATE", PEM_CERTIFICATE},
	{"TRUSTED CERTIFICATE", PEM_CERTIFICATE},
	{"PRIVATE KEY", PEM_KEY},
	{"ENCRYPTED PRIVATE KEY", PEM_KEY},
	{"RSA PRIVATE KEY", PEM_KEY},
	{"EC PRIVATE KEY", PEM_KEY},
	{"DSA PRIVATE KEY", PEM_KEY},
	{"DH PARAMETERS", PEM_DH},
	{"X9.42 DH PARAMETERS", PEM_DH},
	{"X509 CRL", PEM_CRL},
};

static enum pem_kind kind_of(struct str label)
{
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (str_eqz(label, labels[i].label))
			return labels[i].kind;
	return PEM_OTHER;
}

/* ---- lines ---- */

struct lines {
	struct str text;
	size_t at;   /* where the next line begins */
	size_t line; /* number of the one read last */
};

static bool next_line(struct lines *l, struct str *out)
{
	const char *p = l->text.p + l->at, *nl;
	size_t n = l->text.n - l->at;

	if (n == 0)
		return false;
	nl = memchr(p, '\n', n);
	*out = (struct str){p, nl != NULL ? (size_t)(nl - p) : n};
	l->at += out->n + (nl != NULL);
	l->line++;
	while (out->n != 0 && strchr(" \t\r", out->p[out->n - 1]) != NULL)
		out->n--;
	return true;
}

/* "-----BEGIN label-----" at the very start of its line, as OpenSSL wants it. */
static bool is_mark(struct str line, const char *begin, struct str *label)
{
	size_t n = strlen(begin);

	if (line.n < n + 5 || memcmp(line.p, begin, n) != 0 ||
	    memcmp(line.p + line.n - 5, "-----", 5) != 0)
		return false;
	*label = (struct str){line.p + n, line.n - n - 5};
	return true;
}

/* ---- one block ---- */

struct password {
	const char *text;
	bool was_asked;
};

/* OpenSSL asks only for what is encrypted. Without a password it must not turn to the terminal. */
static int on_password(char *buf, int size, int writing, void *arg)
{
	struct password *p = arg;
	size_t n = p->text != NULL ? strlen(p->text) : 0;

	(void)writing;
	p->was_asked = true;
	if (p->text == NULL || size < 0 || n > (size_t)size)
		return -1;
	memcpy(buf, p->text, n);
	return (int)n;
}

static bool decode_crl(BIO *bio)
{
	X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	bool ok = crl != NULL;

	X509_CRL_free(crl);
	return ok;
}

/* @return whether the block is what its label says; a key that stays locked is, too. */
static bool decode(struct pem_block *block, struct str text, const char *password_text)
{
	struct password password = {.text = password_text};
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
	bool ok = true;

	switch (block->kind) {
	case PEM_CERTIFICATE:
		block->certificate = PEM_read_bio_X509_AUX(bio, NULL, on_password, &password);
		ok = block->certificate != NULL;
		break;
	case PEM_KEY:
		block->key = PEM_read_bio_PrivateKey(bio, NULL, on_password, &password);
		block->is_encrypted = password.was_asked;
		ok = block->key != NULL || password.was_asked;
		break;
	case PEM_DH:
		block->key = PEM_read_bio_Parameters(bio, NULL);
		ok = block->key != NULL;
		break;
	case PEM_CRL:
		ok = decode_crl(bio);
		break;
	case PEM_OTHER:
		break;
	}
	BIO_free(bio);
	return ok;
}

/* The first thing that OpenSSL found, which is nearest to the bytes. */
static const char *first_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	return reason != NULL && strcmp(reason, "unsupported") != 0
		       ? reason
		       : "it is not what its label says";
}

/* ---- the file ---- */

static void set_problem(struct arena *a, struct pem *out, const struct pem_block *block,
			const char *problem)
{
	size_t number = out->blocks.n + 1;

	/* What stands behind an unknown BEGIN may be anything. */
	out->wrong_block = block->kind == PEM_OTHER
				   ? arena_printf(a, "block %zu (line %zu)", number, block->line)
				   : arena_printf(a, "block %zu (%.*s, line %zu)", number,
						  STR_ARG(block->label), block->line);
	out->problem = arena_printf(a, "%s", problem);
}

/* Read on behind BEGIN. @return the bytes of the whole block; n == 0: it has no end. */
static struct str read_block(struct lines *l, size_t begin, struct str label)
{
	struct str line, mark;

	while (next_line(l, &line)) {
		if (is_mark(line, "-----BEGIN ", &mark))
			break;
		if (is_mark(line, "-----END ", &mark) && str_eq(mark, label))
			return (struct str){l->text.p + begin, l->at - begin};
	}
	return (struct str){NULL, 0};
}

static enum pem_other_form form_of(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	X509 *certificate = d2i_X509(NULL, &p, (long)text.n);
	PKCS12 *bag;

	if (certificate != NULL) {
		X509_free(certificate);
		return PEM_IS_DER;
	}
	p = (const unsigned char *)text.p;
	bag = d2i_PKCS12(NULL, &p, (long)text.n);
	ERR_clear_error();
	if (bag != NULL) {
		PKCS12_free(bag);
		return PEM_IS_PKCS12;
	}
	return memmem(text.p, text.n, "-----BEGIN ", 11) != NULL ? PEM_IS_INDENTED : PEM_NO_IDEA;
}

void tls_library_start(void)
{
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

void pem_parse(struct arena *a, struct str text, const char *password, struct pem *out)
{
	struct lines l = {.text = text};
	struct str line, label;
	size_t begin = 0;

	*out = (struct pem){0};
	/* OpenSSL passes over a byte order mark, too. */
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		begin = l.at = 3;
	tls_library_start();
	ERR_clear_error();
	for (; next_line(&l, &line); begin = l.at) {
		struct pem_block block = {0};
		struct str bytes;

		if (!is_mark(line, "-----BEGIN ", &label))
			continue;
		/* The text is wiped when it has been parsed; its labels are not secret. */
		block.label = arena_str(a, label.p, label.n);
		block.kind = kind_of(label);
		block.line = l.line;
		bytes = read_block(&l, begin, label);
		if (bytes.n == 0) {
			set_problem(a, out, &block, "it is never closed");
			break;
		}
		if (!decode(&block, bytes, password)) {
			set_problem(a, out, &block, first_reason());
			break;
		}
		ERR_clear_error();
		vec_push(a, &out->blocks, block);
	}
	if (out->blocks.n == 0 && out->problem.n == 0)
		out->form = form_of(text);
	ERR_clear_error();
}

void pem_free(struct pem *pem)
{
	for (size_t i = 0; i < pem->blocks.n; i++) {
		X509_free(pem->blocks.at[i].certificate);
		EVP_PKEY_free(pem->blocks.at[i].key);
	}
	*pem = (struct pem){0};
}

const struct pem_block *pem_block(const struct pem *pem, enum pem_kind kind, size_t n)
{
	for (size_t i = 0; i < pem->blocks.n; i++)
		if (pem->blocks.at[i].kind == kind && n-- == 0)
			return &pem->blocks.at[i];
	return NULL;
}

size_t pem_count(const struct pem *pem, enum pem_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < pem->blocks.n; i++)
		n += pem->blocks.at[i].kind == kind;
	return n;
}
