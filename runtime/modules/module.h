/* module.h - what several modules need: who is asked and who asks, errors of
 * the store on the wire, small pieces of XML.
 */
#ifndef RT_MODULES_MODULE_H
#define RT_MODULES_MODULE_H

#include "core/buf.h"
#include "route/iq.h"
#include "route/session.h"
#include "rt/modules.h"
#include "store/store.h"

/* What this server calls itself, to people and to programs. */
#define RT_PRODUCT "cfgc"

#define RT_NS_COMMANDS    "http://jabber.org/protocol/commands"
#define RT_NS_DISCO_INFO  "http://jabber.org/protocol/disco#info"
#define RT_NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define RT_NS_REGISTER    "jabber:iq:register"
#define RT_NS_RSM         "http://jabber.org/protocol/rsm"
#define RT_NS_SEARCH      "jabber:iq:search"
#define RT_NS_VCARD       "vcard-temp"

/** The account that a request was sent to. Borrowed from the request. */
struct rt_account rt_mod_account(const struct rt_iq *iq);
/** The asker as an account of this server. @return its host's index;
 * RT_HOST_NONE: it is none. */
int rt_mod_asker(const struct rt_iq *iq, struct rt_account *out);
/** The asker's own session, when it is homed on the shard where the request is
 * handled. */
struct rt_session *rt_mod_asker_session(const struct rt_iq *iq);
/** Whether a request's `from` is in a contact list with the right to see
 * presence: subscription from or both, or it is the account itself. u: inside
 * its roster turn. */
bool rt_mod_may_see(const struct rt_user *u, const struct rt_iq *iq);

/** RT_E_* as the stanza error it means when nothing more special applies. */
enum rt_stanza_error rt_mod_error_of(int err);

/** An element with text. */
struct rt_elem *rt_mod_add_text(struct rt_stanza *st, struct rt_elem *parent, const char *name,
				struct rt_str text);
/** A message stanza from a host to an address; NULL: out of memory. */
struct rt_stanza *rt_mod_message(int host, const struct rt_jid *to, enum rt_stanza_type type);

#endif
