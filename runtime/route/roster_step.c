/* roster_step.c - what a subscription stanza does to a roster item: the state table as data (RFC
 * 6121, appendix A). */
#include "route/roster.h"

enum { N, NO, NI, NB, T, TI, F, FO, B, NSTATES }; /* none, to, from, both; Out, In, Both pending */

static const struct {
	uint8_t subscription, ask;
} states[NSTATES] = {
	[N] = {RT_SUB_NONE, RT_ASK_NONE}, [NO] = {RT_SUB_NONE, RT_ASK_OUT},
	[NI] = {RT_SUB_NONE, RT_ASK_IN},  [NB] = {RT_SUB_NONE, RT_ASK_BOTH},
	[T] = {RT_SUB_TO, RT_ASK_NONE},   [TI] = {RT_SUB_TO, RT_ASK_IN},
	[F] = {RT_SUB_FROM, RT_ASK_NONE}, [FO] = {RT_SUB_FROM, RT_ASK_OUT},
	[B] = {RT_SUB_BOTH, RT_ASK_NONE},
};

/* The state afterwards. An approval that nobody asked for changes nothing on its way out (A.2.2);
 * on its way in it is taken as what the contact's server says about itself. */
/* clang-format off */
static const uint8_t next_state[NSTATES][RT_NROSTER_EVENTS] = {
	/*       out: subscribe subscribed unsubscribe unsubscribed  in: subscribe subscribed unsubscribe unsubscribed */
	[N]  = {      NO,       N,         N,          N,                NI,       N,         N,          N },
	[NO] = {      NO,       NO,        N,          NO,               NB,       T,         NO,         N },
	[NI] = {      NB,       F,         NI,         N,                NI,       NI,        N,          NI },
	[NB] = {      NB,       FO,        NI,         NO,               NB,       TI,        NO,         NI },
	[T]  = {      T,        T,         N,          T,                TI,       T,         T,          N },
	[TI] = {      TI,       B,         NI,         T,                TI,       TI,        T,          NI },
	[F]  = {      FO,       F,         F,          N,                F,        B,         N,          F },
	[FO] = {      FO,       FO,        F,          NO,               FO,       B,         NO,         F },
	[B]  = {      B,        B,         F,          T,                B,        B,         T,          F },
};
/* clang-format on */

_Static_assert(RT_OUT_SUBSCRIBE == 0 && RT_OUT_SUBSCRIBED == 1 && RT_OUT_UNSUBSCRIBE == 2 &&
		       RT_OUT_UNSUBSCRIBED == 3 && RT_IN_SUBSCRIBE == 4 && RT_IN_SUBSCRIBED == 5 &&
		       RT_IN_UNSUBSCRIBE == 6 && RT_IN_UNSUBSCRIBED == 7,
	       "columns of next_state");

static unsigned state_of(enum rt_subscription subscription, enum rt_ask ask)
{
	for (unsigned i = 0; i < NSTATES; i++)
		if (states[i].subscription == subscription && states[i].ask == ask)
			return i;
	return N;
}

/* Requests always travel: the other side may have lost its state. Answers only when they mean
 * something. */
static bool is_delivered(enum rt_roster_event event, bool changed)
{
	return changed || event == RT_OUT_SUBSCRIBE || event == RT_OUT_UNSUBSCRIBE;
}

static uint8_t auto_reply(enum rt_roster_event event, unsigned old, bool changed)
{
	if (event == RT_IN_SUBSCRIBE && (old == F || old == FO || old == B))
		return RT_TYPE_SUBSCRIBED;
	if (event == RT_IN_UNSUBSCRIBE && changed)
		return RT_TYPE_UNSUBSCRIBED;
	return 0;
}

struct rt_roster_change rt_roster_step(enum rt_subscription subscription, enum rt_ask ask,
				       enum rt_roster_event event)
{
	unsigned old = state_of(subscription, ask);
	unsigned new = next_state[old][event];
	bool changed = new != old;

	return (struct rt_roster_change){
		.subscription = states[new].subscription,
		.ask = states[new].ask,
		.changed = changed,
		/* A mere request of somebody else is not in the roster (3.1.3). */
		.push = changed && new != NI && !(old == NI && new == N),
		.deliver = is_delivered(event, changed),
		.auto_reply = auto_reply(event, old, changed),
	};
}
