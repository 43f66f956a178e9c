/* can.h - questions about access: may this user, and who may. */
#ifndef CFGC_TOOLS_CAN_H
#define CFGC_TOOLS_CAN_H

#include "model/model.h"

struct strbuf;
struct options;

/**
 * cfgc can: what a rule (o->rule) or the listeners on a port (o->listener) decide about the JID
 * o->subject, with the clause that decides and the member of its set that the user passes.
 *
 * The check is made for o->host; without one for the user's own domain where it is served, else for
 * no host in particular. A JID, rule, host or port that is none is reported (E0018).
 *
 * @return CFGC_OK: let in (a shaper or limit: some clause decides), CFGC_ERRORS: not, CFGC_USAGE.
 */
int can_answer(struct strbuf *out, struct diags *dl, const struct model *m,
	       const struct options *o);

/**
 * cfgc who: every clause of a rule with whom it decides about, in words, and a user who gets to it
 * where one could be found. For o->host, or for no host and for each host with clauses of its own.
 *
 * @return CFGC_OK or CFGC_USAGE.
 */
int who_answer(struct strbuf *out, struct diags *dl, const struct model *m,
	       const struct options *o);

#endif
