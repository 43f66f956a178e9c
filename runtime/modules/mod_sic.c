/* mod_sic.c - XEP-0279, Server IP Check: tells a client the address its
 * connection comes from. */
#include <netinet/in.h>
#include <stdio.h>

#include "modules/module.h"

void rt_mod_sic_iq(struct rt_iq *iq)
{
	char ip[INET6_ADDRSTRLEN], port_text[8];
	struct rt_session *s;
	struct rt_elem *e;
	uint16_t port;

	if (iq->is_set) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	if (iq->scope == RT_IQ_ACCOUNT && !iq->own_account) {
		rt_iq_error(iq, RT_SE_FORBIDDEN, "");
		return;
	}
	s = rt_mod_asker_session(iq);
	if (s == NULL) { /* a component, say */
		rt_iq_error(iq, RT_SE_INTERNAL_SERVER_ERROR, "");
		return;
	}
	s->ops->peer(s, ip, &port);
	snprintf(port_text, sizeof(port_text), "%u", port);
	e = rt_iq_reply(iq, "address", "urn:xmpp:sic:1");
	rt_mod_add_text(iq->st, e, "ip", rt_str_of(ip));
	rt_mod_add_text(iq->st, e, "port", rt_str_of(port_text));
	rt_iq_send(iq);
}
