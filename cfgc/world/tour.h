/* tour.h - what the checks of the world have in common: files by path, certificates by use,
 * endpoints. Private to cfgc/world.
 *
 *   bind->paths ──▶ named_file (one per path)
 *                      ▲  ▲
 *   model ──▶ identity ┘  │  (certificate and key, and the names they are to vouch for)
 *         └─▶ endpoint ───┘  (whatever speaks TLS with a peer: versions, cipher string, identities)
 */
#ifndef CFGC_WORLD_TOUR_H
#define CFGC_WORLD_TOUR_H

#include "model/model.h"
#include "world/pem.h"
#include "world/world.h"
#include "world/world_file.h"

struct identity;

/* A path that options name. */
struct named_file {
	struct str path;
	const struct term *term; /* where it is named first */
	unsigned roles;          /* 1 << enum path_role of everything it is for */
	size_t nuses;
	const char *password; /* of its private key; NULL: none */
	struct file_answer answer;
	struct pem pem;              /* of a file that has one of the PEM roles */
	bool is_shown;               /* it has the certificate or the key of an identity */
	bool is_open;                /* it was read, and pem has something for each role */
	size_t nchain;               /* how many of its certificates are a chain */
	bool is_refused;             /* the library does not take the first of them: reported */
	struct identity *identities; /* those with this certificate, by next */
};

/* A name that a certificate must hold. */
struct served_name {
	struct str name; /* prepared */
	struct span at;
};

/* A certificate with its key, for one kind of peer. */
struct identity {
	struct named_file *certificate;
	struct named_file *key;  /* the certificate's own file, or another */
	const struct term *term; /* where the certificate is named */
	const char *service;     /* "_xmpp-client." as in SRVName; "": no name is asked for; NULL:
				    HTTP, where the key may have a file of its own */
	VEC(struct served_name) names;
	bool is_base; /* names has the hosts without a certificate of their own */
	struct identity *next;
};

/* Sets of kinds of keys, as cipher suites tell them apart. */
enum key_kind {
	KEYS_RSA = 1,
	KEYS_EC = 2,     /* ECDSA and EdDSA */
	KEYS_OTHER = 4,  /* nothing that a suite could use */
	KEYS_UNKNOWN = 8 /* the file is not there, or could not be read */
};

/* Bits of protocol versions. */
enum tls_version { TLS_1_0 = 1, TLS_1_1 = 2, TLS_1_2 = 4, TLS_1_3 = 8 };

struct endpoint {
	struct str name;         /* "listener ejabberd_c2s 0.0.0.0:5222" */
	struct span at;          /* what `name` names */
	unsigned versions;       /* enum tls_version */
	struct span versions_at; /* what switches versions on or off; NO_SPAN: nothing */
	struct str ciphers;      /* n == 0: the library's own choice */
	struct span ciphers_at;
	const struct identity *base; /* NULL: none */
	bool has_domains;            /* the certificates of domain_certfile are shown, too */
};

struct tour {
	struct bind *b;
	struct arena *a;
	struct diags *dl;
	const struct model *m;
	const struct world_settings *settings;
	struct file_root root;
	struct names_table suites; /* struct suites by versions and cipher string (suites.c) */
	struct names_table by_path;
	struct names_table with_domain_cert; /* hosts */
	unsigned domain_keys;                /* of all certificates of domain_certfile */
	VEC(struct named_file *) files;      /* by first use */
	VEC(struct identity *) identities;
	VEC(struct endpoint *) endpoints;
};

/* ---- gather.c ---- */

/** Fill in files, identities and endpoints; nothing is looked up. */
void gather(struct tour *t);

/* ---- open_files.c ---- */

/** Look at each file, read and parse those in PEM form, and report what hinders that. */
void open_files(struct tour *t);
void close_files(struct tour *t);

/* ---- one file each: what its contents say ---- */

/** check_chain.c: order, completeness and dates of a file with a certificate. */
void check_chain(const struct tour *t, struct named_file *f);
/** check_strength.c: keys and signatures of the same, when it is known what the library takes. */
void check_strength(const struct tour *t, const struct named_file *f);
/** check_contents.c: private keys, DH parameters, lists of CAs. */
void check_contents(const struct tour *t, const struct named_file *f);

/* ---- identities and endpoints ---- */

/** check_identity.c: key and certificate belong together and are taken by the library. */
void check_identity(const struct tour *t, const struct identity *id);
/** cert_names.c: the certificate holds the names that are served. */
void check_names(const struct tour *t, const struct identity *id);
/** check_suites.c: protocol versions and cipher suites. */
void check_endpoint(struct tour *t, const struct endpoint *e);

/** print_suites.c: `cfgc ciphers`. */
void print_endpoints(struct strbuf *out, struct tour *t);

/* ---- shared ---- */

/** The server's own certificate, and the key for it; NULL: not there. */
X509 *own_certificate(const struct identity *id);
EVP_PKEY *own_key(const struct identity *id);
/** enum key_kind of a certificate; KEYS_UNKNOWN for NULL. */
unsigned key_kind_of(X509 *certificate);
/** The kinds of keys that an endpoint shows; KEYS_UNKNOWN when it is not certain of all. */
unsigned endpoint_keys(const struct tour *t, const struct endpoint *e);

/** Add a diagnostic about a term that names a file, with the macro that it came through. */
void report_at(const struct tour *t, enum diag_code code, const struct term *term,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
/** The n-th certificate of a file, from 0; NULL: there is none. */
X509 *certificate_of(const struct named_file *f, size_t n);
/** "the certificate", "certificate 2, of an issuer,". */
struct str whose_certificate(struct arena *a, size_t n);
/** By name and signature. */
bool is_issuer(X509 *issuer, X509 *subject);
/** "2026-01-31". */
struct str date_text(struct arena *a, int64_t s);
/** A distinguished name on one line, cut where it becomes long. */
struct str dn_text(struct arena *a, const X509_NAME *name);

#endif
