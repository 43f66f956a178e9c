/* mod_adhoc.c - XEP-0050, Ad-Hoc Commands of the host: one command, `ping`, and
 * their discovery. */
#include "core/clock.h"
#include "modules/module.h"

#define PING "ping"

/* Only `execute`, written or implied, has a meaning for a command without
 * stages. */
static bool is_execute(const struct rt_elem *command)
{
	struct rt_str action = rt_elem_attr(command, "action");

	return action.n == 0 || rt_str_is(action, "execute");
}

static void complete_ping(struct rt_iq *iq)
{
	char session[32];
	struct rt_elem *e, *note;

	rt_clock_stamp(session, sizeof(session), rt_clock_wall_us(), 6);
	e = rt_iq_reply(iq, "command", RT_NS_COMMANDS);
	rt_elem_set(iq->st, e, "sessionid", rt_str_of(session));
	rt_elem_set(iq->st, e, "node", RT_STR(PING));
	rt_elem_set(iq->st, e, "status", RT_STR("completed"));
	note = rt_mod_add_text(iq->st, e, "note", RT_STR("Pong"));
	rt_elem_set(iq->st, note, "type", RT_STR("info"));
	rt_iq_send(iq);
}

void rt_mod_adhoc_iq(struct rt_iq *iq)
{
	if (!iq->is_set || !rt_elem_is(iq->child, "command", NULL))
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
	else if (!rt_str_is(rt_elem_attr(iq->child, "node"), PING))
		rt_iq_error(iq, RT_SE_ITEM_NOT_FOUND, "");
	else if (!is_execute(iq->child))
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
	else
		complete_ping(iq);
}

/* Accounts have no commands. */
void rt_mod_adhoc_iq_account(struct rt_iq *iq)
{
	rt_iq_error(iq, RT_SE_ITEM_NOT_FOUND, "");
}

static void add_identity(struct rt_stanza *st, struct rt_elem *query, struct rt_str type,
			 struct rt_str name)
{
	struct rt_elem *e = rt_elem_add(st, query, "identity", NULL);

	rt_elem_set(st, e, "category", RT_STR("automation"));
	rt_elem_set(st, e, "type", type);
	rt_elem_set(st, e, "name", name);
}

bool rt_mod_adhoc_info(struct rt_iq *iq, struct rt_elem *query, const struct rt_str *node,
		       const void *opts)
{
	struct rt_elem *feature;

	(void)opts;
	if (rt_str_is(*node, RT_NS_COMMANDS)) {
		add_identity(iq->st, query, RT_STR("command-list"), RT_STR("Commands"));
		return true;
	}
	if (!rt_str_is(*node, PING))
		return false;
	add_identity(iq->st, query, RT_STR("command-node"), RT_STR("Ping"));
	feature = rt_elem_add(iq->st, query, "feature", NULL);
	rt_elem_set(iq->st, feature, "var", RT_STR(RT_NS_COMMANDS));
	return true;
}

static void add_item(struct rt_iq *iq, struct rt_elem *query, struct rt_str node,
		     struct rt_str name)
{
	struct rt_elem *e = rt_elem_add(iq->st, query, "item", NULL);

	rt_elem_set(iq->st, e, "jid", rt_str_of(rt_gen.hosts[iq->host].name));
	rt_elem_set(iq->st, e, "node", node);
	rt_elem_set(iq->st, e, "name", name);
}

bool rt_mod_adhoc_items(struct rt_iq *iq, struct rt_elem *query, const struct rt_str *node,
			const void *opts)
{
	const struct rt_mod_adhoc_opts *o = opts;

	if (node->n == 0 && o->report_commands_node)
		add_item(iq, query, RT_STR(RT_NS_COMMANDS), RT_STR("Ad-Hoc Commands"));
	if (!rt_str_is(*node, RT_NS_COMMANDS))
		return rt_str_is(*node, PING);
	add_item(iq, query, RT_STR(PING), RT_STR("Ping"));
	return true;
}
