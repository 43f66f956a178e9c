/* pem.h - the blocks of a PEM file, decoded. Private to cfgc/world. */
#ifndef CFGC_WORLD_PEM_H
#define CFGC_WORLD_PEM_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "support/arena.h"

enum pem_kind {
	PEM_CERTIFICATE,
	PEM_KEY,
	PEM_DH,
	PEM_CRL,
	PEM_OTHER, /* not decoded: nobody reads it */
};

/* One "-----BEGIN label-----" ... "-----END label-----". */
struct pem_block {
	struct str label;
	enum pem_kind kind;
	size_t line;       /* of BEGIN, 1-based */
	bool is_encrypted; /* PEM_KEY: asks for a password; key is NULL without the right one */
	X509 *certificate; /* PEM_CERTIFICATE */
	EVP_PKEY *key;     /* PEM_KEY, PEM_DH: parameters */
};

/* Why a file that is no PEM file is not. */
enum pem_other_form { PEM_NO_IDEA, PEM_IS_DER, PEM_IS_PKCS12, PEM_IS_INDENTED };

struct pem {
	VEC(struct pem_block) blocks; /* up to the first that is wrong */
	/* What is wrong with the block after them; n == 0: nothing. "block 2 (CERTIFICATE, line
	 * 31)", "it is never closed". */
	struct str wrong_block, problem;
	enum pem_other_form form; /* without a single block */
};

/**
 * Get the TLS library ready, without the machine's file of settings: that must not change what is
 * said about a configuration. Quick but for the first time; to be called before anything else.
 */
void tls_library_start(void);

/**
 * Split a file into blocks and decode those that a server reads.
 *
 * @param password  for encrypted keys; NULL: none.
 * Ownership: *out lies in the arena, except for the decoded objects: pem_free().
 */
void pem_parse(struct arena *a, struct str text, const char *password, struct pem *out);
void pem_free(struct pem *pem);

/** The n-th block of a kind (from 0), or NULL. */
const struct pem_block *pem_block(const struct pem *pem, enum pem_kind kind, size_t n);
/** How many blocks of a kind there are. */
size_t pem_count(const struct pem *pem, enum pem_kind kind);

#endif
