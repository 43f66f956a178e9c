/* diff_list.h - what the parts of the comparison share. Private to cfgc/tools/diff*.c. */
#ifndef CFGC_TOOLS_DIFF_LIST_H
#define CFGC_TOOLS_DIFF_LIST_H

#include "schema/schema.h"
#include "tools/diff.h"
#include "tools/masked.h"

struct host_pair {
	const struct host *old, *new;
};

/* Hosts of both configurations that are alike in something. */
struct host_group {
	VEC(struct host_pair) list;
};

struct differ {
	struct diff *diff;
	struct arena *a;
	const struct model *old, *new;
	struct masked secrets;
	struct host_group hosts; /* those that both have, in the order of the new one */
	/* What was looked at already, by its address. */
	struct names_table set_keys, module_keys; /* struct str */
};

/** Append a change that has no sides yet; the caller fills in the rest. Valid until the next one.
 */
struct diff_change *diff_add(struct differ *d, enum diff_part part, enum diff_kind kind,
			     struct str subject, const char *what);
/** One that has both sides. */
struct diff_change *diff_changed(struct differ *d, enum diff_part part, struct str subject,
				 const char *what, struct diff_side before, struct diff_side after);

/* ---- hosts (diff_hosts.c) ---- */

struct host_groups {
	VEC(struct host_group *) list; /* by first member */
};

/** What hosts are put together by: equal texts. */
typedef struct str (*host_key_fn)(void *ctx, const struct host_pair *pair);

/** Put hosts together whose keys are equal. */
void diff_group_hosts(struct differ *d, const struct host_group *hosts, host_key_fn key, void *ctx,
		      struct host_groups *out);
/** "example.org", "a, b and 3 more hosts", "all hosts". */
struct str diff_host_names(struct differ *d, const struct host_group *g);
/** Hosts that come and go; finds those that stay. */
void diff_hosts(struct differ *d);

/* ---- options (diff_options.c) ---- */

/* What values are compared for. */
struct diff_about {
	enum diff_part part;
	struct str subject;
	const char *prefix; /* in front of the names: "" or "transport_options." */
	/* The hosts that have these values; NULL: they belong to the server. */
	const struct host_group *group;
	/* The hosts whose checks rules are asked in; NULL: for no host in particular. */
	const struct host_group *asked_for;
};

/**
 * Compare two option lists of one section value by value, rules and shapers by what they decide.
 *
 * Addresses and TLS of a listener are left to diff_listen.c.
 */
void diff_options(struct differ *d, const struct diff_about *about, const struct bound *old,
		  const struct bound *new);
/** One value. NULL or without a term: absent. */
void diff_value(struct differ *d, const struct diff_about *about, const struct value *old,
		const struct value *new);
/** Bind a list again without a word: options of services, pools and routes, which the model does
 * not keep. */
const struct bound *diff_bind(struct differ *d, const struct model *m, const struct section *s,
			      const struct term *list);
/** Append what the options mean: equal texts for equal lists of one model. */
void diff_add_key(struct strbuf *out, const struct bound *b);

/* ---- parts ---- */

void diff_listeners(struct differ *d);
void diff_modules(struct differ *d);
void diff_logins(struct differ *d);
void diff_settings(struct differ *d);
void diff_keyed(struct differ *d, const struct forms *old, const struct forms *new);

/* ---- access (diff_access.c) ---- */

/* What is asked at one place: a rule, or an answer that needs none. */
struct diff_asked {
	const struct rule *rule;     /* NULL: the same for everybody */
	struct rule_value everybody; /* rule NULL */
	struct span at;              /* where it is named */
};

/* One place that asks. */
struct ask {
	struct str subject;
	const char *what; /* the option; "": the subject is the rule itself */
	enum rule_type type;
	bool local;                     /* only users of the host that is asked for come here */
	const struct host_group *hosts; /* NULL: asked for no host in particular */
	struct diff_asked old, new;
};

/** Report every group of users who get another answer, with one of them. */
void diff_ask(struct differ *d, const struct ask *ask);
/** What a rule option of the schema asks. v NULL or without a term: nothing is allowed. */
struct diff_asked diff_asked_by(const struct model *m, const struct value *v, enum rule_type type);
/** The rules that the server asks by their own names. */
void diff_rules_by_name(struct differ *d);

#endif
