/* xml_ns.c - the namespace names that occur all the time, found by their length. */
#include "xml/xml_ns.h"

#include "xml/stanza.h"

const struct rt_str rt_ns_content = {RT_NS_CLIENT, sizeof(RT_NS_CLIENT) - 1};

static const struct rt_str known[] = {
#define NS(literal)                                                                                \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
	NS(RT_NS_STREAMS),
	NS(RT_NS_STANZAS),
	NS(RT_NS_TLS),
	NS(RT_NS_SASL),
	NS(RT_NS_BIND),
	NS(RT_NS_SESSION),
	NS(RT_NS_DELAY),
	NS(RT_NS_DATA_FORMS),
	NS(RT_NS_XML),
	NS("http://jabber.org/protocol/activity"),
	NS("http://jabber.org/protocol/address"),
	NS("http://jabber.org/protocol/bytestreams"),
	NS("http://jabber.org/protocol/caps"),
	NS("http://jabber.org/protocol/chatstates"),
	NS("http://jabber.org/protocol/commands"),
	NS("http://jabber.org/protocol/disco#info"),
	NS("http://jabber.org/protocol/disco#items"),
	NS("http://jabber.org/protocol/geoloc"),
	NS("http://jabber.org/protocol/ibb"),
	NS("http://jabber.org/protocol/mood"),
	NS("http://jabber.org/protocol/muc"),
	NS("http://jabber.org/protocol/muc#admin"),
	NS("http://jabber.org/protocol/muc#owner"),
	NS("http://jabber.org/protocol/muc#user"),
	NS("http://jabber.org/protocol/nick"),
	NS("http://jabber.org/protocol/pubsub"),
	NS("http://jabber.org/protocol/pubsub#event"),
	NS("http://jabber.org/protocol/pubsub#owner"),
	NS("http://jabber.org/protocol/rosterx"),
	NS("http://jabber.org/protocol/rsm"),
	NS("http://jabber.org/protocol/si"),
	NS("http://jabber.org/protocol/tune"),
	NS("http://jabber.org/protocol/xhtml-im"),
	NS("http://www.w3.org/1999/xhtml"),
	NS("eu.siacs.conversations.axolotl"),
	NS("jabber:iq:auth"),
	NS("jabber:iq:last"),
	NS("jabber:iq:oob"),
	NS("jabber:iq:privacy"),
	NS("jabber:iq:private"),
	NS("jabber:iq:register"),
	NS("jabber:iq:roster"),
	NS("jabber:iq:rpc"),
	NS("jabber:iq:search"),
	NS("jabber:iq:version"),
	NS("jabber:x:conference"),
	NS("jabber:x:delay"),
	NS("jabber:x:event"),
	NS("jabber:x:oob"),
	NS("jabber:x:signed"),
	NS("storage:bookmarks"),
	NS("urn:xmpp:attention:0"),
	NS("urn:xmpp:avatar:metadata"),
	NS("urn:xmpp:avatar:data"),
	NS("urn:xmpp:blocking"),
	NS("urn:xmpp:bob"),
	NS("urn:xmpp:bookmarks:1"),
	NS("urn:xmpp:carbons:2"),
	NS("urn:xmpp:chat-markers:0"),
	NS("urn:xmpp:csi:0"),
	NS("urn:xmpp:eme:0"),
	NS("urn:xmpp:fallback:0"),
	NS("urn:xmpp:forward:0"),
	NS("urn:xmpp:hints"),
	NS("urn:xmpp:http:upload:0"),
	NS("urn:xmpp:idle:1"),
	NS("urn:xmpp:jingle:1"),
	NS("urn:xmpp:jingle-message:0"),
	NS("urn:xmpp:mam:2"),
	NS("urn:xmpp:message-correct:0"),
	NS("urn:xmpp:omemo:2"),
	NS("urn:xmpp:ping"),
	NS("urn:xmpp:push:0"),
	NS("urn:xmpp:reactions:0"),
	NS("urn:xmpp:receipts"),
	NS("urn:xmpp:reply:0"),
	NS("urn:xmpp:sic:1"),
	NS("urn:xmpp:sid:0"),
	NS("urn:xmpp:sm:3"),
	NS("urn:xmpp:time"),
	NS("vcard-temp"),
	NS("vcard-temp:x:update"),
#undef NS
};

enum { COUNT = sizeof(known) / sizeof(known[0]), LONGEST = 64 };

/* Chains of equal length: index + 1 of the first of a length, and of the next one. Filled before
 * main(), constant then. */
static uint8_t first_of[LONGEST], next_of[COUNT];

__attribute__((constructor)) static void chain_by_length(void)
{
	_Static_assert(COUNT < UINT8_MAX, "indices fit a byte");
	for (unsigned i = COUNT; i-- > 0;) {
		RT_ASSERT(known[i].n < LONGEST);
		next_of[i] = first_of[known[i].n];
		first_of[known[i].n] = (uint8_t)(i + 1u);
	}
}

struct rt_str rt_xml_ns_find(const char *ns, size_t n)
{
	if (n < LONGEST) {
		for (unsigned i = first_of[n]; i != 0; i = next_of[i - 1]) {
			if (memcmp(known[i - 1].p, ns, n) == 0)
				return known[i - 1];
		}
	}
	return (struct rt_str){NULL, 0};
}
