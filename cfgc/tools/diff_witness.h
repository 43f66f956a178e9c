/* diff_witness.h - users about whom two lists of decisions disagree. Private to cfgc/tools/diff*.c.
 */
#ifndef CFGC_TOOLS_DIFF_WITNESS_H
#define CFGC_TOOLS_DIFF_WITNESS_H

#include "tools/diff_list.h"
#include "model/jid_check.h"

/* The same check on both sides. Both lists end with a decision about everybody. */
struct diff_checks {
	const struct decisions *old, *new;
	/* HOST_GLOBAL: for no host in particular, with local: for the own host of each user. */
	int old_host, new_host;
	bool local; /* only users of the host, or of hosts, count */
	/* What only one side has, once it is known. The same for all hosts for which the lists are.
	 */
	const struct decisions *old_rest, *new_rest;
	bool same_sets; /* both ask for the same sets in the same order */
};

/* What was decided about a user by one, and is by another. */
struct diff_pair {
	const struct decision *old, *new;
	struct jid who; /* without a domain: nobody was found, and perhaps there is nobody */
};

struct diff_pairs {
	VEC(struct diff_pair) list; /* one for each two decisions that meet */
	bool is_unsure;             /* there may be more: it could not be decided */
};

/** Pairs with different values and somebody who gets from one to the other. */
void diff_find_pairs(struct differ *d, struct diff_checks *checks, struct diff_pairs *out);

#endif
