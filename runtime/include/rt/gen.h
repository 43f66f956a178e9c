/* gen.h - the image ABI: what cfgc emits and the runtime reads. The only header both sides know.
 *
 * A generated server.c defines exactly one external symbol, `const struct rt_gen rt_gen`;
 * everything it points to is constant and lives as long as the process.
 *
 * Version rules: MINOR grows when a field with a zero default is appended or a handler is added;
 * old output still compiles. MAJOR grows when anything is removed, re-ordered or changes meaning;
 * old output must not compile or link.
 *
 *   1.0   first version
 */
#ifndef RT_GEN_H
#define RT_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RT_GEN_ABI_MAJOR 1
#define RT_GEN_ABI_MINOR 0

/* Defined by a runtime of this major only: generated output refers to it, so a mismatch fails to
 * link by name. */
extern const char rt_gen_abi_1;

#define RT_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A place in the configuration: index into rt_gen.files, line and column from 1. line 0: a default.
 */
struct rt_at {
	uint32_t line;
	uint16_t column;
	uint16_t file;
};
/* An initialiser, not an expression: constant data has it in C17. */
#define RT_AT(file_, line_, column_)                                                               \
	{                                                                                          \
		.line = (line_), .column = (column_), .file = (file_)                              \
	}

/* ---- access control (acl, access) ---- */

/* Index into rt_gen.hosts, or one of these. */
#define RT_HOST_NONE   (-1) /* the JID's domain is not served here */
#define RT_HOST_GLOBAL (-1) /* a check made for no particular host */

/* Who is asking: a JID in prepared form. Borrowed for the call; parts are not NUL-terminated. */
struct rt_access_ctx {
	const char *node, *domain, *resource;
	uint16_t node_len, domain_len, resource_len; /* bytes, each < 1024 */
	int16_t host;        /* the host the check is made for, or RT_HOST_GLOBAL */
	int16_t domain_host; /* the served host whose name equals domain, or RT_HOST_NONE */
};

enum rt_verdict { RT_DENY, RT_ALLOW };

struct rt_shaper_spec {
	const char *name;     /* NUL-terminated */
	uint32_t bytes_per_s; /* rate and burst; > 0 */
	struct rt_at at;
};

#define RT_LIMIT_NONE     INT64_MIN /* the rule is not defined or matches nothing */
#define RT_LIMIT_INFINITY INT64_MAX

/* An access rule, by the type of its values. */
typedef enum rt_verdict rt_access_fn(const struct rt_access_ctx *who);
typedef const struct rt_shaper_spec *
rt_shaper_fn(const struct rt_access_ctx *who); /* NULL: unlimited */
typedef int64_t rt_limit_fn(const struct rt_access_ctx *who);

/* ---- listeners ---- */

enum rt_listener_kind { RT_LISTENER_C2S = 1, RT_LISTENER_SERVICE = 2 };

enum rt_listener_flags {
	RT_L_STARTTLS = 1u << 0,          /* offered */
	RT_L_STARTTLS_REQUIRED = 1u << 1, /* nothing else before it */
	RT_L_TLS = 1u << 2,               /* TLS from the first byte */
	RT_L_CHECK_FROM = 1u << 3,        /* service_check_from */
	RT_L_HIDDEN = 1u << 4,            /* hidden_components */
};

/* protocol_options, as a mask. */
enum rt_tls_flags {
	RT_TLS_NO_TLSV1 = 1u << 0,
	RT_TLS_NO_TLSV1_1 = 1u << 1,
	RT_TLS_NO_TLSV1_2 = 1u << 2,
	RT_TLS_NO_TLSV1_3 = 1u << 3,
	RT_TLS_SERVER_PREFERENCE = 1u << 4, /* cipher_server_preference */
	RT_TLS_NO_TICKET = 1u << 5,
};

/* Where a certificate and its key come from. Paths are relative to the server's working directory.
 */
struct rt_tls_spec {
	const char *certfile; /* PEM: chain and key */
	const char *cafile;   /* or NULL */
	const char *ciphers;  /* OpenSSL list for TLS <= 1.2, or NULL */
	const char *dhfile;   /* or NULL */
	uint32_t flags;       /* enum rt_tls_flags */
	struct rt_at at;
};

/* domain_certfile: chosen by SNI, or by the stream's `to` at STARTTLS. */
struct rt_domain_cert {
	const char *domain; /* prepared, NUL-terminated */
	const char *certfile;
	struct rt_at at;
};

enum rt_secret_kind {
	RT_SECRET_STORED = 1, /* written in the configuration: entry `ref` of the image's secrets
				 file (mode 0600) */
	RT_SECRET_ENV,        /* {env, "NAME"}: environment variable `ref` */
	RT_SECRET_FILE,       /* {file, "PATH"}: first line of the file `ref` */
};

/* A secret is never in the binary; it is resolved once, when the server starts. cfgc writes the
 * stored ones beside the binary, into its name with ".secrets" appended: lines of ref, a tab and
 * the text. */
struct rt_secret {
	enum rt_secret_kind kind;
	const char *ref;
	struct rt_at at;
};

struct rt_conn;
/* Bytes of one read, decrypted. See rt/vpi.h: rt_feed_as() instantiated over a constant row. */
typedef void rt_feed_fn(struct rt_conn *c, char *data, size_t len);

struct rt_listener_spec {
	/* Hot: read for every chunk or stanza. */
	uint32_t max_stanza; /* bytes of one top-level element; 0: what RT_XML_HARD_CAP allows */
	uint32_t max_queue;  /* max_fsm_queue: stanzas waiting for this connection; 0: unlimited */
	uint32_t flags;      /* enum rt_listener_flags */
	uint32_t hibernate_after; /* ms until an idle connection's buffers are let go; 0: at once */
	rt_access_fn *access; /* c2s: may this user have a session; service: may this sender reach
				 the component. NULL: everybody */
	rt_shaper_fn *shaper_rule;           /* c2s; NULL: none */
	const struct rt_shaper_spec *shaper; /* service: fixed shaper; NULL: none */
	rt_feed_fn *feed;
	/* Cold. */
	const struct rt_tls_spec *tls; /* NULL: no TLS */
	enum rt_listener_kind kind;
	uint16_t port;                    /* host byte order; 0: chosen by the kernel */
	uint8_t family;                   /* 4 or 6 */
	uint8_t addr[16];                 /* network byte order; the first 4 for family 4 */
	uint32_t backlog;                 /* listen(2) */
	uint32_t acceptors;               /* acceptors_num: accepts per loop turn and shard */
	const struct rt_secret *password; /* service */
	const char *name;                 /* "ejabberd_c2s 0.0.0.0:5222" */
	const char *access_name;          /* rule names for logs; NULL where there is none */
	const char *shaper_name;
	struct rt_at at;
};

#define RT_IPV4(a, b, c, d)                                                                        \
	{                                                                                          \
		(a), (b), (c), (d)                                                                 \
	}

/* ---- modules ---- */

struct rt_iq;
/* Answers one iq get or set; runs on the home shard of the addressed account, or on any shard for
 * the host itself. Must consume the request with exactly one rt_iq_* reply call, now or later. */
typedef void rt_iq_fn(struct rt_iq *iq);

struct rt_iq_row {
	const char *ns; /* the child's namespace */
	rt_iq_fn *fn;
	const void *opts; /* the module's option struct, rt/modules.h */
};

/* The row for a namespace, or NULL: a generated switch on length and bytes. */
typedef const struct rt_iq_row *rt_iq_find_fn(const char *ns, size_t len);

/* Points where modules join in, in the order the handlers run. The table of handlers is
 * rt/modules.def. */
struct rt_hook_row {
	void (*fn)(void); /* cast back by the caller to the hook's own type, rt/hooks.h */
	const void *opts;
};
struct rt_hook_list {
	const struct rt_hook_row *rows;
	size_t n;
};

enum rt_hook {
	RT_HOOK_STREAM_FEATURES,  /* children of <stream:features/> */
	RT_HOOK_UNAUTH_IQ,        /* iq before authentication: mod_register */
	RT_HOOK_USER_AVAILABLE,   /* first presence with priority >= 0, or rise to it */
	RT_HOOK_USER_UNAVAILABLE, /* a presence session ends */
	RT_HOOK_OFFLINE_MESSAGE,  /* message nobody is there to receive */
	RT_HOOK_SUBSCRIPTION_IN,  /* presence subscription stanza for a local user */
	RT_HOOK_SUBSCRIPTION_OUT,
	RT_HOOK_REGISTER_USER, /* an account was created in-band */
	RT_HOOK_REMOVE_USER,   /* an account is gone */
	RT_HOOK_DISCO_INFO,    /* mod_disco: identities and forms of the host or a node */
	RT_HOOK_DISCO_ITEMS,   /* mod_disco: items of the host or a node */
	RT_HOOK_SESSION_OPEN,  /* a resource was bound */
	RT_HOOK_SESSION_CLOSE, /* it is gone, whatever presence it had */
	RT_NHOOKS
};

struct rt_module_row {
	const char *name; /* "mod_roster" */
	const void *opts;
	struct rt_at at;
};

/* A domain served by a module under a host, e.g. mod_vcard's search service. */
struct rt_subdomain {
	const char *domain; /* prepared */
	rt_iq_fn *iq;       /* every iq to the bare domain */
	const void *opts;
};

/* ---- hosts ---- */

enum rt_sasl_mechanisms { /* sasl_mechanisms, already filtered by what the store supports */
			  RT_SASL_PLAIN = 1u << 0,
			  RT_SASL_SCRAM =
				  1u << 1, /* SCRAM-SHA-1, SCRAM-SHA-256 and their -PLUS forms */
};

struct rt_auth_spec {
	bool internal; /* auth_method internal: false means that nobody can log in */
	uint32_t scram_iterations;
	uint32_t mechanisms; /* enum rt_sasl_mechanisms */
	struct rt_at at;
};

struct rt_host_spec {
	const char *name; /* prepared, NUL-terminated */
	struct rt_auth_spec auth;
	rt_limit_fn *max_user_sessions; /* NULL: rule not defined (100) */
	rt_iq_find_fn *iq_host;         /* handlers of iq to the host; never NULL */
	rt_iq_find_fn *iq_account;      /* handlers of iq to a bare JID; never NULL */
	struct rt_hook_list hooks[RT_NHOOKS];
	const struct rt_module_row *modules; /* file order */
	size_t nmodules;
	const struct rt_subdomain *subdomains;
	size_t nsubdomains;
	const char *const *features; /* disco#info of the host: module namespaces, sorted, unique */
	size_t nfeatures;
	struct rt_at at;
};

/* ---- the root ---- */

/* The index of a served host by its prepared name, or RT_HOST_NONE: a generated switch. */
typedef int rt_host_find_fn(const char *name, size_t len);

struct rt_gen {
	uint16_t abi_major, abi_minor;
	const char *abi_anchor;
	/* Sizes as generated code saw them; compared at start for builds with other flags. */
	uint16_t gen_size, listener_size, host_size;
	const char *config_id; /* "sha256:..." of the canonical model */
	const char *cfgc_version;
	const char *manifest; /* manifest.json, whole: `xmppd --manifest` prints it */
	const char *const
		*files; /* configuration files, as named on the command line or by includes */
	size_t nfiles;
	const struct rt_host_spec *hosts; /* file order; the first is the main host */
	size_t nhosts;
	rt_host_find_fn *host_find;
	const struct rt_listener_spec *listeners; /* file order */
	size_t nlisteners;
	const struct rt_domain_cert *domain_certs;
	size_t ndomain_certs;
	bool (*init)(char *error,
		     size_t size); /* compiles what remains of regexps; NULL: nothing to do */
	void (*fini)(void);
	const char *language;         /* default xml:lang */
	uint8_t loglevel;             /* 0..5 as in the loglevel option */
	int64_t registration_timeout; /* s between in-band registrations from one address;
					 RT_LIMIT_INFINITY: no limit */
};

extern const struct rt_gen rt_gen;

#endif
