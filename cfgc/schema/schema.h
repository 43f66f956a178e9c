/* schema.h - the whole vocabulary as tables: one row per option, one section per listener, module, pool or option list.
 *
 * The same rows drive binding (terms to values), "did you mean", `cfgc explain`, the option reference and the tests.
 * An option is added by adding a row to the table file of its section; nothing else in the compiler lists options.
 *
 *   const struct section *section  +  the list term of an option list   --schema_bind()-->   struct bound
 */
#ifndef CFGC_SCHEMA_SCHEMA_H
#define CFGC_SCHEMA_SCHEMA_H

#include "diag/diag.h"
#include "syntax/term.h"

enum type_kind {
	TYPE_BOOL,    /* true | false */
	TYPE_INT,     /* min..max */
	TYPE_NUMBER,  /* integer or float, min..max */
	TYPE_CHOICE,  /* one of the atoms in names */
	TYPE_ATOM,    /* any atom */
	TYPE_STRING,  /* "..." ; a binary where 3.2 needs a string is accepted too */
	TYPE_BINARY,  /* <<"...">> ; a string is accepted with a fix where it means the same */
	TYPE_PATH,    /* string naming a file */
	TYPE_SECRET,  /* string or binary, {env, "NAME"} or {file, "PATH"} */
	TYPE_HOST,    /* string or binary naming a served host or a domain */
	TYPE_SUBDOMAIN, /* string or binary in which @HOST@ stands for the virtual host */
	TYPE_IP,      /* {A,B,C,D}, an 8-tuple, or a strict literal string where the place allows it */
	TYPE_RULE,    /* atom naming an access rule, `all` and `none` built in */
	TYPE_SHAPER,  /* atom naming a shaper, `none` built in */
	TYPE_MODULE,  /* atom naming an Erlang module (callbacks): any atom */
	TYPE_REGEXP,  /* string holding a PCRE pattern */
	TYPE_LIST,    /* proper list of `of` */
	TYPE_TUPLE,   /* exactly the types in alts, in order */
	TYPE_ONEOF,   /* the first of alts that fits */
	TYPE_LITERAL, /* exactly the term in text (e.g. infinity, 'tlsv1.2') */
	TYPE_OPTIONS, /* a nested option list of `section` */
	TYPE_TERM,    /* anything: checked elsewhere, by `check` */
};

struct bind;

struct type {
	enum type_kind kind;
	int64_t min, max;               /* TYPE_INT, TYPE_NUMBER: inclusive; TYPE_LIST: min elements */
	const char *unit;               /* "bytes", "ms", ...; for messages */
	const char *const *names;       /* TYPE_CHOICE, NULL-terminated */
	const char *text;               /* TYPE_LITERAL; otherwise overrides the generated description */
	const struct type *of;          /* TYPE_LIST */
	const struct type *const *alts; /* TYPE_TUPLE, TYPE_ONEOF, NULL-terminated */
	const struct section *section;  /* TYPE_OPTIONS */
	/* Further check of a term that already has the right shape; reports and returns false when it fails. */
	bool (*check)(struct bind *b, const struct term *t);
};

enum option_form {
	FORM_PAIR,   /* {name, Value} */
	FORM_FLAG,   /* the bare atom */
	FORM_UNFOLD, /* {name, Value}, and the bare atom means {name, true} (module options) */
};

enum option_flags {
	OPT_REQUIRED = 1u << 0,    /* absent is an error */
	OPT_MULTI = 1u << 1,       /* may be given several times; bound->values[i].more holds the rest */
	OPT_PER_HOST = 1u << 2,    /* has an effect inside host_config */
	OPT_DEAD = 1u << 3,        /* MongooseIM 3.2.0 reads it nowhere: `note` says so */
	OPT_DEPRECATED = 1u << 4,  /* `note` names the replacement */
	OPT_REFUSED = 1u << 5,     /* known, but an error in a file: `note` says why and what instead */
	OPT_UNSUPPORTED = 1u << 6, /* valid in MongooseIM 3.2, not supported by xmppd yet */
	OPT_SECRET = 1u << 7,      /* the value is never quoted in messages */
	OPT_NOOP = 1u << 8,        /* accepted: has nothing to act on in this runtime, `note` says why (not an error) */
};

struct option {
	const char *name;
	enum option_form form;
	const struct type *type;
	const char *dflt; /* Erlang term, parsed by the schema; NULL: none */
	unsigned flags;
	const char *help; /* one line: what it does, unit included */
	const char *note; /* for DEAD, DEPRECATED, REFUSED, UNSUPPORTED, NOOP */
};

struct alias {
	const char *wrong, *right; /* known mistakes and old spellings, tried before edit distance */
};

struct section {
	const char *name;  /* "ejabberd_c2s", "mod_roster", "top", "outgoing_pools.rdbms" */
	const char *title; /* in messages: "an ejabberd_c2s listener" */
	const char *help;  /* one line */
	const struct option *options;
	size_t noptions;
	const struct alias *aliases; /* ends with {NULL, NULL}; NULL: none */
	unsigned flags;              /* OPT_UNSUPPORTED, OPT_DEPRECATED: about the section as a whole */
	const char *note;
};

/* One value after binding. Exactly one per option row, given or not. */
struct value {
	const struct option *option;
	const struct term *term; /* the value; for a flag given as an atom, the atom. NULL: absent, no default */
	bool given;              /* false: term is the default, or NULL */
	struct span at;          /* the whole {key, Value} or flag; NO_SPAN when not given */
	struct span key_at;
	struct bound *sub;       /* TYPE_OPTIONS: the nested list (defaults when not given) */
	VEC(struct value *) more; /* OPT_MULTI: second and later ones, in file order */
};

struct bound {
	const struct section *section;
	struct span at;       /* the option list; NO_SPAN for a list made of defaults */
	struct value *values; /* section->noptions of them, same order */
};

enum target { TARGET_XMPPD, TARGET_MONGOOSEIM_3_2 };

/* What binding needs from its surroundings. */
struct bind {
	struct arena *arena;
	struct sources *sources;
	struct diags *diags;
	enum target target;
	bool allow_unsupported; /* E07 diagnostics become warnings; the model leaves the thing out */
};

/**
 * Bind an option list: every element must be an option of the section, of the right form and type. Reports unknown,
 * duplicate, mistyped, refused, dead, unsupported and missing ones. Never NULL: what failed keeps its default, so that
 * later phases can go on.
 */
struct bound *schema_bind(struct bind *b, const struct section *section, const struct term *list,
                          struct span owner_at);

/** A bound list of nothing but defaults. */
struct bound *schema_defaults(struct bind *b, const struct section *section);

/** Check one term against a type and report the mismatch as "expected ..., found ...". @return whether it fits. */
bool schema_check_value(struct bind *b, const struct type *type, const struct term *t,
                        const char *option_name);

/** "a positive integer (bytes)", "one of a, b, c": for messages and the reference. */
struct str type_describe(struct arena *a, const struct type *type);

/* Values by option name. The name must be in the section (asserted); a wrongly typed value was replaced by its
 * default while binding, so these do not fail. */
const struct value *bound_value(const struct bound *b, const char *name);
bool bound_flag(const struct bound *b, const char *name);     /* FORM_FLAG or TYPE_BOOL */
int64_t bound_int(const struct bound *b, const char *name, int64_t if_absent); /* if_absent also for atoms (infinity) */
struct str bound_text(const struct bound *b, const char *name); /* atom, string, binary; n == 0 when absent */
const struct bound *bound_sub(const struct bound *b, const char *name);

/* The tables. Each finds by exact name or returns NULL. */
const struct section *schema_listener(struct str module);
const struct section *schema_module(struct str module);
const struct section *schema_service(struct str service);
const struct section *schema_http_handler(struct str module);
const struct section *schema_pool(struct str type);
extern const struct section schema_top;       /* top-level {key, Value} options, host_config scope by OPT_PER_HOST */
extern const struct section schema_auth_opts; /* auth_opts of all methods */

/* Walk every section once, in a stable order: listeners, modules, services, handlers, pools, nested ones. */
typedef void (*schema_each_fn)(void *ctx, const char *group, const struct section *s);
void schema_each(schema_each_fn fn, void *ctx);

#endif
