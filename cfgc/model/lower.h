/* lower.h - what the parts share that turn forms into a model. Private to cfgc/model. */
#ifndef CFGC_MODEL_LOWER_H
#define CFGC_MODEL_LOWER_H

#include "model/model.h"

struct lower {
	struct bind *b;
	struct arena *a;
	struct diags *dl;
	struct model *m;
	struct names_table modules; /* struct module by the address of its term */
	struct names_table places;  /* struct listener by address and port */
	uint32_t nlisten;           /* listeners read so far, left out ones too */
};

/* ---- forms and settings (lower.c) ---- */

/** The index of a row of schema_top. */
size_t setting_row(const char *name);

/* ---- hosts (lower_hosts.c) ---- */

/** Find `hosts` or `host` among all forms and make the hosts. Order in the file does not matter. */
void lower_hosts(struct lower *l, const struct forms *forms);
/** The host that {host_config, Name, ...} is about, or NULL after a diagnostic. */
struct host *lower_host_named(struct lower *l, const struct term *name);

/* ---- access control (lower_acl.c, lower_access.c) ---- */

/** One {acl, Name, Spec} of the right outer shape. */
void lower_acl(struct lower *l, const struct term *t, int host);
/** One {access, Name, Clauses}. */
void lower_access(struct lower *l, const struct term *t, int host);
void lower_shaper(struct lower *l, const struct term *t);

/** The object of a name, made when it is new: a reference may come before the definition, or
 * without one. */
struct set *set_named(struct model *m, struct str name);
struct rule *rule_named(struct model *m, struct str name);

static inline bool rule_is_defined(const struct rule *r)
{
	return r != NULL && (r->global != NULL || r->per_host.n != 0 || r->is_broken);
}

/** The form could not be read: its name counts as defined, so that nothing else is reported because
 * of it. */
void define_broken(struct lower *l, const struct term *t);

/** Somebody consults a rule: `all` and `none` need none. @return the rule, or NULL for these two.
 */
struct rule *use_rule(struct lower *l, const struct value *v, enum rule_type type,
		      const char *option, const char *owner, bool emitted);

/** Whom the last use of a rule asks about (enum asked_about). r may be NULL. */
void rule_is_about(struct rule *r, unsigned about);

/* ---- patterns (pattern.c) ---- */

/** Report a regular expression that PCRE does not compile. */
bool pattern_check(struct lower *l, struct str pattern, struct span at);
/** The regular expression of a glob of MongooseIM 3.2 (xmerl_regexp:sh_to_awk/1). */
struct str pattern_of_glob(struct arena *a, struct str glob);
/** Simplify: equality, prefix and suffix tests where the pattern is no more than that. */
struct part_test pattern_fold(struct arena *a, struct str regexp);

/* ---- listeners and modules ---- */

void lower_listen(struct lower *l, const struct value *listen);
/** The routes of an HTTP listener, and the rules and shapers that their options name. */
void lower_routes(struct lower *l, struct listener *http);
/** The shaper that an option names, or NULL where there is no limit. */
const struct shaper *use_shaper(struct lower *l, const struct value *v, bool emitted);
/** Read every element of a `modules` list once; elements shared by hosts are bound once. */
void lower_modules(struct lower *l, const struct value *modules);
/** The rules that options of modules name, when all rules are known. */
void use_rules_of_modules(struct lower *l);
/** Give a host the modules of its final list. */
void lower_host_modules(struct lower *l, struct host *h);
/** services and outgoing_pools: checked, nothing of them is in the server. */
void lower_services(struct lower *l, const struct value *services);
void lower_pools(struct lower *l, const struct value *pools);
/** auth_method, auth_opts, sasl_mechanisms of a host. */
void lower_auth(struct lower *l, struct host *h);

/** Note that the file asks for something that this server does not have. */
void leave_out(struct model *m, struct span at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- after lowering ---- */

/** Give rules that are named and not defined the definition that they have all the same, if they
 * have one: what MongooseIM 3.2.0 makes of them, or a shaper of the name. */
void assume_rules(struct lower *l);
/** Types of the rules from those who consult them, and their values by these types. Reports what
 * does not fit. */
void resolve_rules(struct lower *l);
/** Put sets, rules and shapers into the order of their names. */
void model_sort(struct model *m);
void fold_sets(struct model *m);
void fold_rules(struct model *m);

/* When sets are folded. */
static inline bool is_for_everybody(const struct clause *c)
{
	return c->set == NULL ? c->is_all : c->set->is_everybody;
}

/** How many clauses of a global rule, NULL: none, are tried before those of a host. If that is not
 * all of them, the last one, {allow, all}, is tried behind the host's (acl:merge_acls/2 of
 * MongooseIM 3.2.0). */
size_t clauses_before_host(const struct rule_def *global);
void check_model(struct bind *b, const struct model *m);

#endif
