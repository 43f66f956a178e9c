/* model.h - what a configuration means: the typed result of reading it, every part knowing where it
 * was written.
 *
 *   forms ──lower_*──▶ struct model ──check_*──▶ diagnostics
 *                          │
 *                          └──fold_*──▶ decisions (struct fold in rules and sets) ──▶ emit
 *
 * Everything lies in the arena of the compilation. A span of NO_SPAN means that the value is a
 * default.
 */
#ifndef CFGC_MODEL_MODEL_H
#define CFGC_MODEL_MODEL_H

#include "model/names.h"
#include "schema/address.h"
#include "schema/schema.h"

/* A check or definition that belongs to no host in particular; otherwise an index into
 * model->hosts. */
#define HOST_GLOBAL (-1)

/* ---- sets of users: acl ---- */

/* What one part of a JID must look like. */
enum part_test_kind {
	PART_ANY,    /* every text, the empty one too */
	PART_IS,     /* equals text */
	PART_STARTS, /* begins with text */
	PART_ENDS,   /* ends with text */
	PART_MATCHES /* the regular expression in text is found in it */
};

struct part_test {
	enum part_test_kind kind;
	struct str text; /* prepared, or a PCRE pattern */
};

enum set_member_kind {
	MEMBER_ALL,  /* everybody */
	MEMBER_NONE, /* nobody */
	MEMBER_TEST, /* who passes all tests */
};

/* One {acl, Name, Spec}. */
struct set_member {
	enum set_member_kind kind;
	int host; /* in host_config: counts in checks for that host only. HOST_GLOBAL: always */
	/* The user's domain must be the host the check is made for; any served one in a check for
	 * no host. */
	bool server_is_host;
	struct part_test node, domain, resource;
	const struct term *term; /* {acl, Name, Spec} */
	struct span at;
	/* Of a folded one: */
	uint32_t nth; /* in folded */
	struct set_member *next_of_name,
		*last_of_name; /* for the same user name; last: of the first */
};

/* All {acl, Name, ...} of one name: a user is in the set who passes any member. */
struct set {
	struct str name;
	VEC(struct set_member *) members; /* file order; empty: not defined */
	struct span first_used;           /* NO_SPAN: no rule names it */
	uint32_t nuses;

	/* fold_sets() */
	VEC(struct set_member *) folded;  /* simplified, without doubles; empty: nobody */
	bool is_everybody;                /* a global member passes everybody */
	struct names_table named;         /* of folded: first for exactly this user name */
	VEC(struct set_member *) unnamed; /* of folded: all others, file order */

	uint32_t asked_by; /* fold_rules(): number of the last list of decisions that has it */
	bool is_asked;     /* by a rule that is emitted */
	bool is_broken;    /* a member could not be read: reported */

	struct str ident; /* emit: the end of its names in C */
};

/** The first folded member for exactly this user name, or NULL; more by next_of_name. */
static inline const struct set_member *set_members_named(const struct set *s, struct str node)
{
	return names_find(&s->named, node);
}

/* ---- access rules ---- */

/* What a rule's values are, as those who consult it see them. */
enum rule_type {
	RULE_UNUSED,
	RULE_VERDICT, /* allow, deny */
	RULE_SHAPER,  /* a shaper's name, none */
	RULE_LIMIT,   /* an integer >= 0, infinity */
	RULE_POLICY,  /* allow, deny, default: message archives */
};

enum rule_value_kind {
	VALUE_DENY,
	VALUE_ALLOW,
	VALUE_NO_SHAPER,
	VALUE_SHAPER,
	VALUE_NUMBER,
	VALUE_INFINITY,
	VALUE_OTHER /* no value of the rule's type: reported */
};

struct shaper;

struct rule_value {
	enum rule_value_kind kind;
	int64_t number;
	const struct shaper *shaper;
};

/* One {Value, Set} of a rule. */
struct clause {
	const struct term *value; /* as written */
	struct set *set;          /* NULL: `all` or `none` */
	bool is_all;              /* set NULL: `all`, else `none` */
	struct rule_value typed;  /* by the rule's type; resolve_rules() */
	struct span at, value_at, set_at;
};

/* One {access, Name, Clauses}: the last one for its name and host. */
struct rule_def {
	int host;
	VEC(struct clause *) clauses;
	const struct term *term; /* {access, Name, Clauses} */
	struct span at;
};

/* Whom a rule is asked about. */
enum asked_about {
	ABOUT_USERS = 1u << 0, /* only users of served hosts, each in a check for the own host */
	ABOUT_NAMED = 1u << 1, /* only JIDs with a user name */
	ABOUT_BARE = 1u << 2,  /* only JIDs without a resource */
};

/* Somebody who consults a rule. */
struct rule_use {
	enum rule_type type;
	struct span
		at; /* the value that names the rule; NO_SPAN: a default or a rule known by name */
	struct str what; /* "option 'access' of an ejabberd_c2s listener" */
	bool is_global;  /* consulted for no host in particular */
	unsigned about;  /* enum asked_about */
	bool emitted;    /* by something this server has: the rule becomes C */
};

/* One decision of a folded rule: the value for who is in the set and was in none before. */
struct decision {
	const struct set *set; /* NULL: everybody; always the last one */
	struct rule_value value;
	struct span at;
};

struct decisions {
	VEC(struct decision) list;
	bool is_defined; /* false: there is no rule to ask in this scope */
	struct span at;  /* of the definition that the list begins with */
};

/* Where the decisions of a host are not those of the base. */
struct host_decisions {
	int host;
	struct decisions decisions;
};

struct rule {
	struct str name;
	struct rule_def *global;         /* NULL: none */
	VEC(struct rule_def *) per_host; /* file order, one per host */
	bool is_broken;                  /* a definition could not be read: reported */
	bool is_assumed;                 /* no term defines it: assume.c */
	bool is_reported;                /* that no term defines it */
	VEC(struct rule_use) uses;
	enum rule_type type; /* resolve_rules() */
	bool is_emitted;

	/* fold_rules() */
	struct decisions base;             /* for no host, and hosts that are not in others */
	VEC(struct host_decisions) others; /* by host */

	struct str ident; /* emit */
};

struct shaper {
	struct str name;
	uint32_t bytes_per_s; /* 0: {shaper, Name, none}, no limit */
	struct span at;
	bool is_used;    /* a rule or an option names it */
	bool is_emitted; /* something this server has uses it */
	struct str ident;
};

/* ---- listeners ---- */

enum listener_kind { LISTENER_C2S, LISTENER_S2S, LISTENER_SERVICE, LISTENER_HTTP };

/* A text that must not get into the binary. */
enum secret_kind { SECRET_STORED, SECRET_ENV, SECRET_FILE };

struct secret {
	enum secret_kind kind;
	struct str ref;  /* STORED: the name of its line in the secrets file; ENV: the variable;
			    FILE: the path */
	struct str text; /* STORED */
	struct span at;
};

struct listener {
	enum listener_kind kind;
	uint16_t port;
	struct address address;
	struct str name; /* "ejabberd_c2s 0.0.0.0:5222" */
	const struct bound *options;
	bool is_left_out; /* not supported: the server does not have it */
	struct span at, port_at, module_at;

	struct rule *access;      /* c2s, service; NULL: everybody */
	bool access_none;         /* the built-in rule `none` */
	struct span access_at;    /* NO_SPAN: default */
	struct rule *shaper_rule; /* c2s; NULL: no shaper */
	struct span shaper_at;
	const struct shaper *shaper; /* service */
	const struct secret *password;
	VEC(struct route *) routes; /* HTTP: file order */
};

/* {Host, Path, Handler} or {Host, Path, Handler, Options} of an HTTP listener. */
struct route {
	struct str host, path; /* host "_": every one */
	const struct section *handler;
	const struct bound *options; /* values NULL for a handler whose options are one term */
	const struct term *term;
	struct span at, host_at, path_at;
};

/* {domain_certfile, Domain, File} */
struct domain_cert {
	struct str domain, certfile;
	const struct term *path; /* the string that certfile comes from */
	struct span at;
};

/* ---- modules and hosts ---- */

/* One {Module, Options}, shared by all hosts whose list it is in. */
struct module {
	struct str name;
	const struct bound *options;
	bool is_left_out;
	const struct term *term; /* the pair */
	struct span at, name_at;
};

struct modules {
	VEC(struct module *) list; /* file order */
};

enum sasl_mechanism_bits { SASL_PLAIN = 1, SASL_SCRAM = 2 };

struct auth {
	bool is_internal;
	uint32_t scram_iterations;
	uint32_t mechanisms; /* enum sasl_mechanism_bits */
	struct span at;      /* auth_method */
};

struct host {
	struct str name; /* prepared */
	int index;       /* in model->hosts */
	struct span at;
	const struct value **settings; /* by row of schema_top; NULL where only the default holds */
	bool *set_in_host_config;      /* by row of schema_top */
	struct auth auth;
	struct modules modules; /* without doubles and without what is left out */
	struct str ident;
};

/* ---- the whole ---- */

/* Something the file asks for and this server does not have. */
struct left_out {
	struct str what; /* "listener ejabberd_cowboy 0.0.0.0:5280" */
	struct span at;
};

struct model {
	struct arena *arena;
	struct sources *sources;
	enum target target;
	enum compat compat;
	int64_t now;     /* struct bind */
	bool is_partial; /* forms are missing because they are broken: what seems undefined may be
			    in them */

	VEC(struct host *) hosts; /* file order; the first is the main one */
	struct names_table host_names;

	VEC(struct set *) sets;       /* by name */
	VEC(struct rule *) rules;     /* by name */
	VEC(struct shaper *) shapers; /* by name */
	struct names_table set_names, rule_names, shaper_names;

	const struct value **settings; /* by row of schema_top: what holds for the whole server */
	VEC(struct listener *) listeners;
	VEC(struct module *) modules; /* every one that some host's list has, by place */
	VEC(struct domain_cert *) domain_certs;
	VEC(struct secret *) secrets; /* stored ones */
	VEC(struct left_out) left_out;

	uint8_t loglevel;
	struct span loglevel_at;
	struct str language;
	struct span language_at;
	int64_t registration_timeout; /* s; -1: infinity */
	struct span registration_timeout_at;
	uint32_t max_fsm_queue; /* stanzas; 0: no limit */
	struct span max_fsm_queue_at;
	struct span
		mechanisms_left_out; /* sasl_mechanisms names none that is supported; or NO_SPAN */
	struct rule *max_user_sessions; /* the rule of that name, or NULL */
};

/** What a rule that an option of a module names decides. */
enum rule_type module_rule_type(const char *option);
/** Whom it is asked about: enum asked_about. */
unsigned module_rule_about(struct str module, const char *option);

struct forms;

/**
 * Read forms (after includes and macros) into a model, check it, and simplify its access rules.
 *
 * All mistakes are reported in b->diags; the model is only good for emission when there are none.
 *
 * @param b  arena, sources, diagnostics and target of the run.
 * @return never NULL.
 */
struct model *model_build(struct bind *b, const struct forms *forms);

/** Print what decides the server's behaviour in a fixed order and spelling, without places and
 * without secrets: what config_id is a digest of. */
struct strbuf;
void model_print(struct strbuf *out, const struct model *m);

/** What holds for a host: its own setting or the top-level one; NULL: the default. name is a row of
 * schema_top. */
const struct value *setting_of(const struct host *h, const char *name);
const struct value *setting(const struct model *m, const char *name);

/** "198.51.100.7" or "[2001:db8::1]". */
struct str address_text(struct arena *a, const struct address *address);

/** Put a virtual host's name where a subdomain option has @HOST@. */
struct str subdomain_of(struct arena *a, struct str pattern, struct str host);

#endif
