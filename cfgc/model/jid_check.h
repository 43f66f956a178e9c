/* jid_check.h - decide about a user at compile time, as the compiled rules do at run time. */
#ifndef CFGC_MODEL_JID_CHECK_H
#define CFGC_MODEL_JID_CHECK_H

#include "model/model.h"

/* Prepared parts; empty where the JID has none. */
struct jid {
	struct str node, domain, resource;
};

/** Take a JID apart and prepare its parts. @return NULL, or why it is none. */
const char *jid_read(struct arena *a, struct str text, struct jid *out);
/** "node@domain/resource". */
struct str jid_text(struct arena *a, const struct jid *who);

/** Whether a prepared part of a JID passes a test. */
bool part_passes(const struct part_test *t, struct str text);

/** What a rule decides in checks for a host (HOST_GLOBAL: no host in particular). */
const struct decisions *decisions_of(const struct rule *r, int host);
/** The first member of a set that lets the user pass in such a check, or NULL. */
const struct set_member *member_for(const struct model *m, const struct set *s,
				    const struct jid *who, int host);
/** The decision about a user, or NULL. */
const struct decision *decision_for(const struct model *m, const struct decisions *d,
				    const struct jid *who, int host);
/** The clause of a rule that a decision was made of. */
const struct clause *clause_of(const struct rule *r, const struct decision *d);

#endif
