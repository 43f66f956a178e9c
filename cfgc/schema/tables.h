/* tables.h - the vocabulary in which the tables are written: shared types, and macros for types,
 * rows and sections.
 *
 * Private to cfgc/schema. A row reads name, type, default, help, then what is special about it:
 *
 *   PAIR("ping_interval", POSITIVE("s"), "60", "time between two pings", .flags = OPT_..., .note =
 * "...")
 */
#ifndef CFGC_SCHEMA_TABLES_H
#define CFGC_SCHEMA_TABLES_H

#include "schema/schema.h"

/* Largest integer an option takes unless it says otherwise; also the longest Erlang timer. */
#define INT_LIMIT UINT32_MAX

#define T(...)       (&(const struct type){__VA_ARGS__})
#define NAMES(...)   ((const char *const[]){__VA_ARGS__, NULL})
#define TYPES(...)   ((const struct type *const[]){__VA_ARGS__, NULL})
#define ALIASES(...) ((const struct alias[]){__VA_ARGS__, {NULL, NULL}})

#define INT(lo, hi, u)    T(.kind = TYPE_INT, .min = (lo), .max = (hi), .unit = (u))
#define POSITIVE(u)       INT(1, INT_LIMIT, u)
#define NATURAL(u)        INT(0, INT_LIMIT, u)
#define NUMBER(lo, hi, u) T(.kind = TYPE_NUMBER, .min = (lo), .max = (hi), .unit = (u))
#define CHOICE(...)       T(.kind = TYPE_CHOICE, .names = NAMES(__VA_ARGS__))
/* Where data is kept. All take rdbms, which old files call odbc. */
#define BACKEND(...)                                                                               \
	T(.kind = TYPE_CHOICE, .names = NAMES("mnesia", "rdbms", __VA_ARGS__),                     \
	  .aliases = backend_aliases)
#define MNESIA_OR_LATER(...)                                                                       \
	T(.kind = TYPE_CHOICE, .names = NAMES("mnesia", "rdbms", __VA_ARGS__),                     \
	  .unsupported = NAMES("rdbms", __VA_ARGS__), .aliases = backend_aliases)
#define WORD(...)          T(.kind = TYPE_STRING, .names = NAMES(__VA_ARGS__))
#define BINARY_WORD(...)   T(.kind = TYPE_BINARY, .names = NAMES(__VA_ARGS__))
#define LITERAL(text_)     T(.kind = TYPE_LITERAL, .text = (text_))
#define LIST_OF(type_)     T(.kind = TYPE_LIST, .of = (type_))
#define SOME_OF(type_)     T(.kind = TYPE_LIST, .of = (type_), .min = 1)
#define TUPLE(...)         T(.kind = TYPE_TUPLE, .alts = TYPES(__VA_ARGS__))
#define ONEOF(...)         T(.kind = TYPE_ONEOF, .alts = TYPES(__VA_ARGS__))
#define OPTIONS(section_)  T(.kind = TYPE_OPTIONS, .section = (section_))
#define OR_INFINITY(type_) ONEOF(type_, &type_infinity)

/* Everything behind the named parameters goes to further fields of the row, the help text first. */
#define PAIR(name_, type_, dflt_, ...)                                                             \
	{                                                                                          \
		.name = (name_), .form = FORM_PAIR, .type = (type_), .dflt = (dflt_),              \
		.help = __VA_ARGS__                                                                \
	}
#define UNFOLD(name_, type_, dflt_, ...)                                                           \
	{                                                                                          \
		.name = (name_), .form = FORM_UNFOLD, .type = (type_), .dflt = (dflt_),            \
		.help = __VA_ARGS__                                                                \
	}
#define FLAG(name_, ...)                                                                           \
	{                                                                                          \
		.name = (name_), .form = FORM_FLAG, .type = &type_bool, .help = __VA_ARGS__        \
	}
#define KEYED(name_, key_, type_, ...)                                                             \
	{                                                                                          \
		.name = (name_), .form = FORM_KEYED, .key = (key_), .type = (type_),               \
		.help = __VA_ARGS__                                                                \
	}
#define FORM(name_, type_, ...)                                                                    \
	{                                                                                          \
		.name = (name_), .form = FORM_TUPLE, .type = (type_), .help = __VA_ARGS__          \
	}
/* Known, read nowhere by MongooseIM 3.2.0, with nothing it could do here. */
#define DEAD(name_, note_)                                                                         \
	{                                                                                          \
		.name = (name_), .type = &type_term, .flags = OPT_DEAD, .help = "has no effect",   \
		.note = (note_)                                                                    \
	}
/* Known, without effect, and worse than that: a check of the model says so. */
#define IGNORED(name_, note_)                                                                      \
	{                                                                                          \
		.name = (name_), .type = &type_term, .flags = OPT_DEAD | OPT_CHECKED,              \
		.help = "has no effect", .note = (note_)                                           \
	}
/* Known, and an error when written here. */
#define REFUSED(name_, note_)                                                                      \
	{                                                                                          \
		.name = (name_), .type = &type_term, .flags = OPT_REFUSED,                         \
		.help = "cannot be used here", .note = (note_)                                     \
	}
/* What the documentation calls an option that 3.2.0 reads under another name. */
#define SAME_AS(name_, read_, type_)                                                               \
	{                                                                                          \
		.name = (name_), .form = FORM_PAIR, .type = (type_),                               \
		.help = "another name of " read_, .same_as = (read_)                               \
	}

#define ROWS(array) .options = (array), .noptions = sizeof(array) / sizeof((array)[0])

/* Found in nearly every module that answers iq requests. */
#define IQDISC(dflt_)                                                                              \
	PAIR("iqdisc", &type_iqdisc, dflt_, "how Erlang processes share the module's requests",    \
	     .flags = OPT_NOOP, .note = "requests are handled on the shard of the user or host")

/* Shared types (types.c). */
extern const struct type type_bool, type_atom, type_string, type_text, type_binary, type_path,
	type_any_path, type_path_elsewhere, type_secret_path, type_certfile, type_keyfile,
	type_cafile, type_crlfile, type_dhfile, type_secret, type_host, type_subdomain, type_ip,
	type_rule, type_shaper, type_module, type_term, type_terms, type_infinity, type_port,
	type_ms, type_iqdisc, type_regexp, type_cidr, type_ip_text, type_wpool_strategy,
	type_ldap_uids, type_ldap_uid_tuples;

extern const struct alias backend_aliases[];

/* Further checks (checks.c), for struct type's `check`. */
bool check_cidr(struct bind *b, const struct term *t);
bool check_ip_text(struct bind *b, const struct term *t);
bool check_regexp(struct bind *b, const struct term *t);
bool check_password_format(struct bind *b, const struct term *t);
bool check_route(struct bind *b, const struct term *t);

/* Sections that other tables refer to. */
extern const struct section section_c2s, section_service, section_cowboy;

/* The groups, each an array of pointers that ends with NULL. */
extern const struct section *const listener_sections[];
extern const struct section *const service_sections[];
extern const struct section *const handler_sections[];
extern const struct section *const pool_sections[];
/* Modules by table file. */
extern const struct section *const module_sections_basic[];
extern const struct section *const module_sections_account[];
extern const struct section *const module_sections_muc[];
extern const struct section *const module_sections_mam[];
extern const struct section *const module_sections_push[];
extern const struct section *const module_sections_pubsub[];
extern const struct section *const module_sections_distrib[];
extern const struct section *const module_sections_web[];

/* Names that are no members of a group although files use them so. */
struct hint {
	const char *name;
	const char *text; /* a help line */
};
extern const struct hint listener_hints[], module_hints[], service_hints[], handler_hints[],
	pool_hints[]; /* each ends with {NULL, NULL} */

/* Connection settings of LDAP: at top level, where they hold for authentication, and in the modules
 * that use LDAP. */
#define LDAP_CONNECTION_ROWS(flags_)                                                               \
	PAIR("ldap_servers", SOME_OF(&type_string), "[\"localhost\"]",                             \
	     "names of the LDAP servers, tried in order", .flags = (flags_)),                      \
		PAIR("ldap_backups", LIST_OF(&type_string), "[]",                                  \
		     "servers tried when all others fail", .flags = (flags_)),                     \
		PAIR("ldap_encrypt", CHOICE("none", "tls", "starttls"), "none",                    \
		     "how the connection to the LDAP server is encrypted", .flags = (flags_)),     \
		PAIR("ldap_tls_verify", CHOICE("hard", "soft", "false"), "false",                  \
		     "whether the LDAP server's certificate is verified", .flags = (flags_)),      \
		PAIR("ldap_tls_cacertfile", &type_cafile, NULL, "CA certificates for that (PEM)",  \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_tls_depth", NATURAL("certificates"), NULL,                              \
		     "longest chain accepted from the LDAP server", .flags = (flags_)),            \
		PAIR("ldap_port", &type_port, NULL, "port of the LDAP servers: 389, with tls 636", \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_rootdn", &type_string, "\"\"", "DN to bind as; empty: anonymous",       \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_password", &type_secret, "\"\"", "password of ldap_rootdn",             \
		     .flags = (flags_) | OPT_SECRET),                                              \
		PAIR("ldap_base", &type_string, "\"\"", "base DN of all searches",                 \
		     .flags = (flags_)),                                                           \
		PAIR("deref", CHOICE("never", "always", "finding", "searching"), "never",          \
		     "when aliases are dereferenced", .flags = (flags_)),                          \
	{                                                                                          \
		.name = "ldap_deref", .form = FORM_PAIR,                                           \
		.type = CHOICE("never", "always", "finding", "searching"), .flags = (flags_),      \
		.help = "another name of deref", .same_as = "deref"                                \
	}

/* Search filters of LDAP, RFC 4515. */
#define LDAP_FILTER_ROWS(flags_)                                                                   \
	PAIR("ldap_filter", &type_string, "\"\"", "filter joined to every search",                 \
	     .flags = (flags_))

/* Filters and caches of shared roster groups. */
#define LDAP_GROUP_ROWS(flags_)                                                                    \
	PAIR("ldap_ufilter", &type_string, "\"\"", "filter that finds one user's entry",           \
	     .flags = (flags_)),                                                                   \
		PAIR("ldap_gfilter", &type_string, "\"\"", "filter that finds a group's entries",  \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_rfilter", &type_string, "\"\"", "filter that finds all groups",         \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_user_cache_validity", POSITIVE("s"), "300", "life of cached users",     \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_group_cache_validity", POSITIVE("s"), "300", "life of cached groups",   \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_user_cache_size", POSITIVE("entries"), "1000", "most users cached",     \
		     .flags = (flags_)),                                                           \
		PAIR("ldap_group_cache_size", POSITIVE("entries"), "1000", "most groups cached",   \
		     .flags = (flags_))

#endif
