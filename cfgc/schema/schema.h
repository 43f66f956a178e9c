/* schema.h - the whole vocabulary as tables: a row per option, a section per listener, module or
 * list.
 *
 * The same rows drive binding (terms to values), "did you mean", `cfgc explain`, the option
 * reference and the tests. An option is added by adding a row to the table file of its section;
 * nothing else in the compiler lists options.
 *
 *   struct section  +  the term of an option list  --schema_bind()-->  struct bound
 */
#ifndef CFGC_SCHEMA_SCHEMA_H
#define CFGC_SCHEMA_SCHEMA_H

#include "diag/diag.h"
#include "syntax/term.h"

/* Where MongooseIM needs a string, xmppd takes a binary as well; a string for a binary is W0605.
 * For the target MongooseIM both are errors, except where it takes either. */
enum type_kind {
	TYPE_BOOL,      /* true | false */
	TYPE_INT,       /* min..max */
	TYPE_NUMBER,    /* integer or float, min..max */
	TYPE_CHOICE,    /* one of the atoms in names */
	TYPE_ATOM,      /* any atom */
	TYPE_STRING,    /* "..." */
	TYPE_BINARY,    /* <<"...">> */
	TYPE_PATH,      /* string naming a file */
	TYPE_SECRET,    /* string or binary; for xmppd also {env, "NAME"} or {file, "PATH"} */
	TYPE_HOST,      /* string or binary naming a served host or a domain */
	TYPE_SUBDOMAIN, /* string or binary in which @HOST@ stands for the virtual host */
	TYPE_IP,        /* {A,B,C,D} or an 8-tuple */
	TYPE_RULE,      /* atom naming an access rule, `all` and `none` built in */
	TYPE_SHAPER,    /* atom naming a shaper, `none` built in */
	TYPE_MODULE,    /* atom naming an Erlang module (callbacks): any atom */
	TYPE_REGEXP,    /* string holding a PCRE pattern */
	TYPE_LIST,      /* proper list of `of` */
	TYPE_TUPLE,     /* exactly the types in alts, in order */
	TYPE_ONEOF,     /* the first of alts that fits */
	TYPE_LITERAL,   /* the atom named text, e.g. infinity */
	TYPE_OPTIONS,   /* a nested option list of `section` */
	TYPE_TERM,      /* anything: checked elsewhere, by `check` */
};

struct bind;
struct section;

/* What a file that a value names is for: how far the checks look into it. */
enum path_role {
	PATH_FILE,      /* a regular file with contents of its own kind */
	PATH_EITHER,    /* a file or a folder */
	PATH_ELSEWHERE, /* nothing that could be looked up: written by the server, or part of it */
	PATH_SECRET,    /* a regular file that others must not read */
	PATH_CERTIFICATE, /* PEM: the server's certificate, its issuers, perhaps the key */
	PATH_KEY,         /* PEM: a private key */
	PATH_CA,          /* PEM: certificates that others are verified by */
	PATH_CRL,         /* PEM: a revocation list */
	PATH_DH,          /* PEM: Diffie-Hellman parameters */
};

/* A known mistake or old spelling, tried before edit distance. Tables of them end with {NULL,
 * NULL}. */
struct alias {
	const char *wrong;
	const char *right;
};

struct type {
	enum type_kind kind;
	/* TYPE_INT, TYPE_NUMBER: inclusive; TYPE_LIST: min elements; texts: min bytes. */
	int64_t min, max;
	/* "bytes", "ms", ...: for messages. */
	const char *unit;
	/* TYPE_CHOICE: the atoms; TYPE_STRING, TYPE_BINARY: the only texts, or NULL.
	 * NULL-terminated. */
	const char *const *names;
	/* Those of names (TYPE_BOOL: "true", "false") that xmppd cannot do yet, or NULL. */
	const char *const *unsupported;
	/* About names; NULL: none. */
	const struct alias *aliases;
	/* TYPE_LITERAL; otherwise overrides the generated description. */
	const char *text;
	/* TYPE_LIST. */
	const struct type *of;
	/* TYPE_TUPLE, TYPE_ONEOF. NULL-terminated. */
	const struct type *const *alts;
	/* TYPE_OPTIONS. */
	const struct section *section;
	/* TYPE_PATH. */
	enum path_role role;
	/* Further check of a term that has the right shape; reports and returns false if it fails.
	 */
	bool (*check)(struct bind *b, const struct term *t);
};

enum option_form {
	FORM_PAIR,   /* {name, Value} */
	FORM_FLAG,   /* the bare atom */
	FORM_UNFOLD, /* {name, Value}, and the bare atom means {name, true} */
	FORM_KEYED,  /* {{name, Key}, Value}; Key is of type option->key. Always OPT_MULTI */
	FORM_TUPLE,  /* {name, A, B...}: type describes the elements behind the name */
};

enum option_flags {
	OPT_REQUIRED = 1u << 0,    /* absent is an error */
	OPT_MULTI = 1u << 1,       /* may be given several times; value->more holds the rest */
	OPT_PER_HOST = 1u << 2,    /* has an effect inside host_config */
	OPT_DEAD = 1u << 3,        /* MongooseIM 3.2.0 reads it nowhere: `note` says so */
	OPT_DEPRECATED = 1u << 4,  /* `note` names the replacement */
	OPT_REFUSED = 1u << 5,     /* known, but an error in a file: `note` says what instead */
	OPT_UNSUPPORTED = 1u << 6, /* valid in MongooseIM 3.2, not supported by xmppd yet */
	OPT_SECRET = 1u << 7,      /* the value is never quoted in messages */
	OPT_NOOP = 1u << 8,        /* accepted, has nothing to act on here: `note` says why */
	OPT_CHECKED = 1u << 10,    /* a DEAD option that a check of the model reports */
	OPT_LAST_WINS = 1u << 9,   /* sections only: of equal names the last counts */
};

/* A fixed tuple key is part of the name: "{validity_period, access}" is a FORM_PAIR row for
 * {{validity_period, access}, V}. The form and type of a DEAD or REFUSED option are not checked. */
struct option {
	const char *name;
	enum option_form form;
	const struct type *type;
	const char *dflt; /* Erlang term, parsed by the schema; NULL: none */
	unsigned flags;   /* enum option_flags */
	const char *help; /* one line: what it does, unit included */
	const char *note; /* for DEAD, DEPRECATED, REFUSED, UNSUPPORTED, NOOP */
	/* Documented, but 3.2.0 reads this name instead: the value is bound there, with W0604. */
	const char *same_as;
	const struct type *key; /* FORM_KEYED */
};

struct section {
	const char *name;  /* "ejabberd_c2s", "mod_roster", "top", "outgoing_pools.rdbms" */
	const char *title; /* in messages: "an ejabberd_c2s listener" */
	const char *help;  /* one line */
	const struct option *options;
	size_t noptions;
	const struct alias *aliases; /* NULL: none */
	unsigned flags; /* OPT_UNSUPPORTED, OPT_DEPRECATED, OPT_LAST_WINS, for the whole */
	const char *note;
	/* Not NULL: the options are no option list but one term of this type (cowboy_static). */
	const struct type *type;
};

/* One value after binding. Exactly one per option row, given or not. */
struct value {
	const struct option *option;
	/* The value; for a flag the atom, for a bare FORM_UNFOLD name `true`, for FORM_TUPLE the
	 * whole tuple. NULL: absent, and no default. */
	const struct term *term;
	const struct term *key; /* {{name, Key}, Value}: Key */
	bool given;             /* false: term is the default, or NULL */
	bool failed;    /* written, but wrong, without effect or unsupported: given is false */
	struct span at; /* the whole {key, Value} or flag; NO_SPAN when not written */
	struct span key_at;
	struct bound *sub; /* TYPE_OPTIONS: the nested list, of defaults when dflt is a list */
	VEC(struct value *) more; /* OPT_MULTI: second and later ones, in file order */
};

struct bound {
	const struct section *section;
	struct span at;   /* the option list; NO_SPAN for a list made of defaults */
	bool unsupported; /* the section is, for this target: reported (E0702), leave it out */
	const struct term *term; /* section->type: the checked term, NULL when it was wrong */
	struct value *values;    /* section->noptions of them, same order */
};

enum target { TARGET_XMPPD, TARGET_MONGOOSEIM_3_2 };

/* What holds where MongooseIM 3.2.0 and its manual disagree. */
enum compat {
	COMPAT_DOCUMENTED, /* the manual, with a warning */
	COMPAT_MONGOOSEIM, /* what 3.2.0 does, with a warning */
	COMPAT_STRICT,     /* neither: it is an error */
};

/* One file that a value names. */
struct path_use {
	const struct term *term; /* string or binary */
	enum path_role role;
	const char *option; /* NULL: none in particular */
};

/* What binding needs from its surroundings. */
struct bind {
	struct arena *arena;
	struct sources *sources;
	struct diags *diags;
	enum target target;
	enum compat compat;
	int64_t now;            /* s since 1970 UTC: what certificates are judged by */
	bool allow_unsupported; /* E07 become warnings; the model leaves the thing out */

	/* Filled by binding: the files that are named by what this target has, in the order of
	 * binding. Defaults are not among them. */
	VEC(struct path_use) paths;

	/* Private to the schema; zero at first. */
	struct schema_cache *cache;  /* parsed defaults */
	const char *option;          /* the name that messages about a value begin with */
	bool secret;                 /* the value being checked is never quoted */
	unsigned inside_unsupported; /* levels of sections whose options are not reported again */
};

/**
 * Bind an option list: every element must be an option of the section, of the right form and type.
 * Reports unknown, duplicate, mistyped, refused, dead, unsupported and missing ones, and first of
 * all, at owner_at, that the section itself is unsupported (E0702, bound->unsupported) or
 * deprecated (W0601). Never NULL: what failed keeps its default, so that later phases can go on. An
 * element of a list that is merely unsupported is taken out of the list.
 *
 * @param list      NULL: no list was written, all defaults; missing required options are reported.
 * @param owner_at  what the list belongs to, e.g. the listener's or the module's name.
 */
struct bound *schema_bind(struct bind *b, const struct section *section, const struct term *list,
			  struct span owner_at);

/**
 * Bind one element of such a list by itself, without a look at duplicates.
 *
 * @return NULL after a diagnostic, and for what is without effect.
 */
struct value *schema_bind_one(struct bind *b, const struct section *section,
			      const struct term *element);

/** A bound list of nothing but defaults. */
struct bound *schema_defaults(struct bind *b, const struct section *section);

/**
 * Check one term against a type and report the mismatch as "expected ..., found ...".
 *
 * @param option_name  what messages begin with; NULL: nothing.
 * @return whether it fits; false without a report for TERM_BAD.
 */
bool schema_check_value(struct bind *b, const struct type *type, const struct term *t,
			const char *option_name);

/** The row of a name (without its spelling variants in aliases), or NULL. */
const struct option *schema_option(const struct section *section, struct str name);

/** "a positive integer (bytes)", "one of a, b, c": for messages and the reference. */
struct str type_describe(struct arena *a, const struct type *type);
/** How an option is written: "starttls", "{backlog, a positive integer (connections)}". */
struct str option_describe(struct arena *a, const struct option *o);

/* Values by option name. The name must be in the section (asserted); a wrongly typed value was
 * replaced by its default while binding, so these do not fail. */
const struct value *bound_value(const struct bound *b, const char *name);
/** FORM_FLAG, or a value that is `true`. */
bool bound_flag(const struct bound *b, const char *name);
/** if_absent also for what is no integer (infinity). */
int64_t bound_int(const struct bound *b, const char *name, int64_t if_absent);
/** Atom, string, binary; n == 0 when absent. */
struct str bound_text(const struct bound *b, const char *name);
const struct bound *bound_sub(const struct bound *b, const char *name);

/* The tables. Each finds by exact name or returns NULL. */
const struct section *schema_listener(struct str module);
const struct section *schema_module(struct str module);
const struct section *schema_service(struct str service);
const struct section *schema_http_handler(struct str module);
const struct section *schema_pool(struct str type); /* ConnOpts */
extern const struct section schema_top;             /* host_config scope by OPT_PER_HOST */
extern const struct section schema_auth_opts;       /* auth_opts of all methods */
extern const struct section schema_pool_opts;       /* PoolOpts of a pool of any type */

enum schema_group {
	SCHEMA_LISTENERS,
	SCHEMA_MODULES,
	SCHEMA_SERVICES,
	SCHEMA_HANDLERS,
	SCHEMA_POOLS,
	SCHEMA_NGROUPS
};

/** Report E0202 for a name that its group does not know, with what is known about it (renamed,
 * moved) or the nearest one. */
void schema_unknown_name(struct bind *b, enum schema_group group, const struct term *name);

/* Walk every section once, in a stable order: top level, listeners, modules, services, handlers,
 * pools, nested ones. */
typedef void (*schema_each_fn)(void *ctx, const char *group, const struct section *s);
void schema_each(schema_each_fn fn, void *ctx);

#endif
