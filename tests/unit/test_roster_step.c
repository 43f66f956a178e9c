/* test_roster_step.c - the subscription state table, transition by transition (RFC 6121, appendix
 * A). */
#include <check.h>
#include <stdlib.h>

#include "route/roster.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

enum { N, NO, NI, NB, T, TI, F, FO, B };

static const struct {
	uint8_t subscription, ask;
	const char *name;
} states[] = {
	{RT_SUB_NONE, RT_ASK_NONE, "none"},  {RT_SUB_NONE, RT_ASK_OUT, "none,out"},
	{RT_SUB_NONE, RT_ASK_IN, "none,in"}, {RT_SUB_NONE, RT_ASK_BOTH, "none,both"},
	{RT_SUB_TO, RT_ASK_NONE, "to"},      {RT_SUB_TO, RT_ASK_IN, "to,in"},
	{RT_SUB_FROM, RT_ASK_NONE, "from"},  {RT_SUB_FROM, RT_ASK_OUT, "from,out"},
	{RT_SUB_BOTH, RT_ASK_NONE, "both"},
};

/* What else happens, one letter each: P push, D delivered or routed, S auto-reply subscribed, U
 * auto-reply unsubscribed. */
struct transition {
	int from, event, to;
	const char *effects;
};

static const struct transition transitions[] = {
	{N, RT_OUT_SUBSCRIBE, NO, "PD"},   {NO, RT_OUT_SUBSCRIBE, NO, "D"},
	{NI, RT_OUT_SUBSCRIBE, NB, "PD"},  {NB, RT_OUT_SUBSCRIBE, NB, "D"},
	{T, RT_OUT_SUBSCRIBE, T, "D"},     {TI, RT_OUT_SUBSCRIBE, TI, "D"},
	{F, RT_OUT_SUBSCRIBE, FO, "PD"},   {FO, RT_OUT_SUBSCRIBE, FO, "D"},
	{B, RT_OUT_SUBSCRIBE, B, "D"},

	{N, RT_OUT_SUBSCRIBED, N, ""},     {NO, RT_OUT_SUBSCRIBED, NO, ""},
	{NI, RT_OUT_SUBSCRIBED, F, "PD"},  {NB, RT_OUT_SUBSCRIBED, FO, "PD"},
	{T, RT_OUT_SUBSCRIBED, T, ""},     {TI, RT_OUT_SUBSCRIBED, B, "PD"},
	{F, RT_OUT_SUBSCRIBED, F, ""},     {FO, RT_OUT_SUBSCRIBED, FO, ""},
	{B, RT_OUT_SUBSCRIBED, B, ""},

	{N, RT_OUT_UNSUBSCRIBE, N, "D"},   {NO, RT_OUT_UNSUBSCRIBE, N, "PD"},
	{NI, RT_OUT_UNSUBSCRIBE, NI, "D"}, {NB, RT_OUT_UNSUBSCRIBE, NI, "D"},
	{T, RT_OUT_UNSUBSCRIBE, N, "PD"},  {TI, RT_OUT_UNSUBSCRIBE, NI, "D"},
	{F, RT_OUT_UNSUBSCRIBE, F, "D"},   {FO, RT_OUT_UNSUBSCRIBE, F, "PD"},
	{B, RT_OUT_UNSUBSCRIBE, F, "PD"},

	{N, RT_OUT_UNSUBSCRIBED, N, ""},   {NO, RT_OUT_UNSUBSCRIBED, NO, ""},
	{NI, RT_OUT_UNSUBSCRIBED, N, "D"}, {NB, RT_OUT_UNSUBSCRIBED, NO, "PD"},
	{T, RT_OUT_UNSUBSCRIBED, T, ""},   {TI, RT_OUT_UNSUBSCRIBED, T, "PD"},
	{F, RT_OUT_UNSUBSCRIBED, N, "PD"}, {FO, RT_OUT_UNSUBSCRIBED, NO, "PD"},
	{B, RT_OUT_UNSUBSCRIBED, T, "PD"},

	{N, RT_IN_SUBSCRIBE, NI, "D"},     {NO, RT_IN_SUBSCRIBE, NB, "PD"},
	{NI, RT_IN_SUBSCRIBE, NI, ""},     {NB, RT_IN_SUBSCRIBE, NB, ""},
	{T, RT_IN_SUBSCRIBE, TI, "PD"},    {TI, RT_IN_SUBSCRIBE, TI, ""},
	{F, RT_IN_SUBSCRIBE, F, "S"},      {FO, RT_IN_SUBSCRIBE, FO, "S"},
	{B, RT_IN_SUBSCRIBE, B, "S"},

	{N, RT_IN_SUBSCRIBED, N, ""},      {NO, RT_IN_SUBSCRIBED, T, "PD"},
	{NI, RT_IN_SUBSCRIBED, NI, ""},    {NB, RT_IN_SUBSCRIBED, TI, "PD"},
	{T, RT_IN_SUBSCRIBED, T, ""},      {TI, RT_IN_SUBSCRIBED, TI, ""},
	{F, RT_IN_SUBSCRIBED, B, "PD"},    {FO, RT_IN_SUBSCRIBED, B, "PD"},
	{B, RT_IN_SUBSCRIBED, B, ""},

	{N, RT_IN_UNSUBSCRIBE, N, ""},     {NO, RT_IN_UNSUBSCRIBE, NO, ""},
	{NI, RT_IN_UNSUBSCRIBE, N, "DU"},  {NB, RT_IN_UNSUBSCRIBE, NO, "PDU"},
	{T, RT_IN_UNSUBSCRIBE, T, ""},     {TI, RT_IN_UNSUBSCRIBE, T, "PDU"},
	{F, RT_IN_UNSUBSCRIBE, N, "PDU"},  {FO, RT_IN_UNSUBSCRIBE, NO, "PDU"},
	{B, RT_IN_UNSUBSCRIBE, T, "PDU"},

	{N, RT_IN_UNSUBSCRIBED, N, ""},    {NO, RT_IN_UNSUBSCRIBED, N, "PD"},
	{NI, RT_IN_UNSUBSCRIBED, NI, ""},  {NB, RT_IN_UNSUBSCRIBED, NI, "D"},
	{T, RT_IN_UNSUBSCRIBED, N, "PD"},  {TI, RT_IN_UNSUBSCRIBED, NI, "D"},
	{F, RT_IN_UNSUBSCRIBED, F, ""},    {FO, RT_IN_UNSUBSCRIBED, F, "PD"},
	{B, RT_IN_UNSUBSCRIBED, F, "PD"},
};

static void describe(const struct rt_roster_change *c, char out[8])
{
	size_t n = 0;

	if (c->push)
		out[n++] = 'P';
	if (c->deliver)
		out[n++] = 'D';
	if (c->auto_reply == RT_TYPE_SUBSCRIBED)
		out[n++] = 'S';
	if (c->auto_reply == RT_TYPE_UNSUBSCRIBED)
		out[n++] = 'U';
	out[n] = '\0';
}

START_TEST(test_transition_leads_where_the_table_says)
{
	const struct transition *t = &transitions[_i];
	struct rt_roster_change c =
		rt_roster_step(states[t->from].subscription, states[t->from].ask, t->event);
	char effects[8];

	describe(&c, effects);
	ck_assert_msg(c.subscription == states[t->to].subscription && c.ask == states[t->to].ask,
		      "%s, event %d: not %s", states[t->from].name, t->event, states[t->to].name);
	ck_assert_msg(c.changed == (t->from != t->to), "%s, event %d: changed",
		      states[t->from].name, t->event);
	ck_assert_msg(strcmp(effects, t->effects) == 0, "%s, event %d: effects '%s', not '%s'",
		      states[t->from].name, t->event, effects, t->effects);
}
END_TEST

START_TEST(test_table_above_is_whole)
{
	bool seen[9][RT_NROSTER_EVENTS] = {{false}};

	ck_assert_int_eq(COUNT(transitions), 72);
	for (int i = 0; i < COUNT(transitions); i++) {
		ck_assert(!seen[transitions[i].from][transitions[i].event]);
		seen[transitions[i].from][transitions[i].event] = true;
	}
}
END_TEST

START_TEST(test_impossible_state_counts_as_none)
{
	struct rt_roster_change c = rt_roster_step(RT_SUB_BOTH, RT_ASK_OUT, RT_OUT_SUBSCRIBE);

	ck_assert_int_eq(c.subscription, RT_SUB_NONE);
	ck_assert_int_eq(c.ask, RT_ASK_OUT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("roster_step");
	TCase *tc = tcase_create("step");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_loop_test(tc, test_transition_leads_where_the_table_says, 0, COUNT(transitions));
	tcase_add_test(tc, test_table_above_is_whole);
	tcase_add_test(tc, test_impossible_state_counts_as_none);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
