/* witness.h - is there anybody? Somebody who gets to a clause of a rule, or whom one rule treats
 * otherwise than another one.
 *
 *   struct witnesses *w = witnesses_new(arena);
 *   switch (witness_between(w, &new_side, &old_side, &who)) {
 *   case WITNESS_FOUND:   who is let in by the new rule and was not by the old one
 *   case WITNESS_NOBODY:  proved: there is no such JID
 *   case WITNESS_UNKNOWN: a regular expression was too much, or the work would take too long
 *   }
 *
 * How: a set of users is a list of members, a member is a test for each part of a JID. For the
 * member in question all tests of those who might come before it are collected, each part is asked
 * which of its tests can be passed together (texts.h, exact by automata), and every combination of
 * the parts is looked at. Whoever is found is asked the rules themselves once more, so a witness is
 * always true, while NOBODY is only said when everything was looked at.
 */
#ifndef CFGC_MODEL_WITNESS_H
#define CFGC_MODEL_WITNESS_H

#include "model/jid_check.h"

enum witness { WITNESS_NOBODY, WITNESS_FOUND, WITNESS_UNKNOWN };

/* In which check a rule is asked. */
struct asked {
	const struct model *m;
	/* As for decisions_of(). With ABOUT_USERS, HOST_GLOBAL stands for the users of all hosts,
	 * otherwise for a check that is for no host in particular. */
	int host;
	unsigned about; /* enum asked_about */
};

struct witnesses; /* a series of questions */

/** @param a  of the answers, too. */
struct witnesses *witnesses_new(struct arena *a);

/**
 * Somebody who is in a set and in none of others.
 *
 * @param set     NULL: everybody.
 * @param before  the others; no NULL among them.
 * @param out     the JID, when it is WITNESS_FOUND.
 */
enum witness witness_left(struct witnesses *w, const struct asked *asked, const struct set *set,
			  const struct set *const *before, size_t nbefore, struct jid *out);

/* A rule in a check. The two sides of a question may be of different models. */
struct witness_side {
	const struct model *m;
	const struct decisions *decisions; /* NULL: no rule is asked */
	bool everybody;                    /* decisions NULL: are all let in, or none? */
	bool only_decided; /* first side: leave out those about whom it decides nothing */
	int host;
	unsigned about; /* the same on both sides */
};

/** Whether a pair of decisions about one user is what is looked for. NULL: no clause decides. */
typedef bool (*witness_pair_fn)(const struct decision *one, const struct decision *other,
				void *ctx);

/**
 * Somebody whom both sides decide about in a certain way. Where no rule is asked fn gets a decision
 * with the value allow, or NULL.
 *
 * With ABOUT_USERS the user is one of the first side's; where the other side does not serve the
 * host, it decides nothing.
 */
enum witness witness_pair(struct witnesses *w, const struct witness_side *one,
			  const struct witness_side *other, witness_pair_fn fn, void *ctx,
			  struct jid *out);

/** Somebody whom the first side lets in (value allow) and the other one does not. */
enum witness witness_between(struct witnesses *w, const struct witness_side *allows,
			     const struct witness_side *denies, struct jid *out);

#endif
