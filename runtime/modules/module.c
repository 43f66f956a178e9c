/* module.c - see module.h. */
#include "modules/module.h"

#include "route/roster.h"

struct rt_account rt_mod_account(const struct rt_iq *iq)
{
	return (struct rt_account){iq->st->to.node, rt_str_of(rt_gen.hosts[iq->host].name)};
}

int rt_mod_asker(const struct rt_iq *iq, struct rt_account *out)
{
	const struct rt_jid *from = &iq->st->from;

	*out = (struct rt_account){from->node, from->domain};
	return from->node.n > 0 ? rt_gen.host_find(from->domain.p, from->domain.n) : RT_HOST_NONE;
}

struct rt_session *rt_mod_asker_session(const struct rt_iq *iq)
{
	struct rt_account who;
	int host = rt_mod_asker(iq, &who);

	if (host == RT_HOST_NONE || rt_shard_home(who.node, who.host) != iq->shard)
		return NULL;
	return rt_session_find(iq->shard, &iq->st->from, host);
}

bool rt_mod_may_see(const struct rt_user *u, const struct rt_iq *iq)
{
	const struct rt_roster_item *it;

	if (iq->own_account)
		return true;
	it = rt_roster_find_bare(u->roster, &iq->st->from);
	return it != NULL && rt_roster_sees_us(it);
}

enum rt_stanza_error rt_mod_error_of(int err)
{
	switch (err) {
	case RT_E_NOTFOUND:
		return RT_SE_ITEM_NOT_FOUND;
	case RT_E_LIMIT:
	case RT_E_NOMEM:
		return RT_SE_RESOURCE_CONSTRAINT;
	case RT_E_INVALID:
		return RT_SE_NOT_ACCEPTABLE;
	default:
		return RT_SE_INTERNAL_SERVER_ERROR;
	}
}

struct rt_elem *rt_mod_add_text(struct rt_stanza *st, struct rt_elem *parent, const char *name,
				struct rt_str text)
{
	struct rt_elem *e = rt_elem_add(st, parent, name, NULL);

	rt_elem_text(st, e, text);
	return e;
}

struct rt_stanza *rt_mod_message(int host, const struct rt_jid *to, enum rt_stanza_type type)
{
	struct rt_stanza *st = rt_stanza_new("message", RT_STANZA_MESSAGE);
	struct rt_jid from = {.domain = rt_str_of(rt_gen.hosts[host].name)};

	if (st == NULL)
		return NULL;
	rt_stanza_set_type(st, type);
	rt_stanza_set_from(st, &from);
	rt_stanza_set_to(st, to);
	return st;
}
