/* stanza.h - one top-level element of a stream as a tree in its own arena, with its addresses.
 *
 * Namespaces are resolved: an element carries its namespace name, not its prefix. The content
 * namespace of every kind of stream (jabber:client, jabber:server, jabber:component:accept) is one
 * and the same pointer, that of rt_ns_content, so that a stanza can cross between kinds. Order of
 * attributes and children is kept.
 *
 * Ownership: whoever holds a struct rt_stanza * owns it; routing functions take it. Never touched
 * by two threads at once.
 */
#ifndef RT_XML_STANZA_H
#define RT_XML_STANZA_H

#include "core/arena.h"
#include "core/shard.h"
#include "xml/jid.h"

#define RT_NS_CLIENT        "jabber:client"
#define RT_NS_STREAMS       "http://etherx.jabber.org/streams"
#define RT_NS_STANZAS       "urn:ietf:params:xml:ns:xmpp-stanzas"
#define RT_NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define RT_NS_TLS           "urn:ietf:params:xml:ns:xmpp-tls"
#define RT_NS_SASL          "urn:ietf:params:xml:ns:xmpp-sasl"
#define RT_NS_BIND          "urn:ietf:params:xml:ns:xmpp-bind"
#define RT_NS_SESSION       "urn:ietf:params:xml:ns:xmpp-session"
#define RT_NS_COMPONENT     "jabber:component:accept"
#define RT_NS_DELAY         "urn:xmpp:delay"
#define RT_NS_DATA_FORMS    "jabber:x:data"

/* The content namespace, whatever the stream calls it; its text is "jabber:client". All elements in
 * it share the pointer. */
extern const struct rt_str rt_ns_content;

struct rt_attr {
	struct rt_attr *next;
	struct rt_str name; /* local name, or "prefix:local" as written when ns is not empty */
	struct rt_str ns;   /* empty for unprefixed attributes; that of XML itself for xml: */
	struct rt_str value;
};

/* A child: element or text, in document order. */
struct rt_node {
	struct rt_node *next;
	struct rt_elem *elem; /* NULL: text */
	struct rt_str text;   /* character data, unescaped; one text may come in several nodes */
};

struct rt_elem {
	struct rt_str name;
	struct rt_str ns;
	struct rt_attr *attrs;
	struct rt_node *first, *last;
	struct rt_node *link; /* the node of the parent that holds it; NULL for a root */
};

enum rt_stanza_kind { RT_STANZA_MESSAGE, RT_STANZA_PRESENCE, RT_STANZA_IQ, RT_STANZA_OTHER };

/* Values of `type` over the three kinds; RT_TYPE_NONE: attribute absent, RT_TYPE_UNKNOWN: not one
 * that is defined for the stanza's kind (a message of type "get"). For RT_STANZA_OTHER all are. */
enum rt_stanza_type {
	RT_TYPE_NONE,
	RT_TYPE_UNKNOWN,
	RT_TYPE_ERROR,
	RT_TYPE_GET,
	RT_TYPE_SET,
	RT_TYPE_RESULT,
	RT_TYPE_CHAT,
	RT_TYPE_NORMAL,
	RT_TYPE_GROUPCHAT,
	RT_TYPE_HEADLINE,
	RT_TYPE_UNAVAILABLE,
	RT_TYPE_SUBSCRIBE,
	RT_TYPE_SUBSCRIBED,
	RT_TYPE_UNSUBSCRIBE,
	RT_TYPE_UNSUBSCRIBED,
	RT_TYPE_PROBE,
	RT_TYPE_INVISIBLE,
};

struct rt_stanza {
	struct rt_arena arena;  /* holds this struct too: rt_stanza_free() gives it all back */
	struct rt_msg msg;      /* carries it to another shard */
	struct rt_stanza *next; /* for whoever queues it */
	struct rt_elem *root;   /* its `to`, `from`, `type`, `id`, `xml:lang` attributes are
				   authoritative only until routing: the writer takes to, from and
				   type from the fields below */
	enum rt_stanza_kind kind;
	enum rt_stanza_type type;
	struct rt_jid to, from; /* prepared; domain.n == 0: absent, or not a JID */
	bool bad_to, bad_from;  /* the attribute was there and is no JID; its text is in the root */
	struct rt_str type_text, id, lang; /* as written; p NULL when absent */
	struct rt_str children; /* serialised children (bytes between the root's tags), p NULL until
				   first needed: lets a fan-out serialise once. Functions below that
				   take the stanza and change a child forget it. */
	struct rt_id origin; /* connection that sent it, if on the handling shard; zero otherwise */
	uint32_t size;       /* bytes on the wire as received; 0 when built here */
	bool failed;         /* an allocation failed while building: do not send, count and drop */
};

/** An empty stanza in an arena of the calling shard; name is a literal ("iq"). NULL when out of
 * memory. */
struct rt_stanza *rt_stanza_new(const char *name, enum rt_stanza_kind kind);
/** Frees and nulls *st; NULL inside is fine. */
void rt_stanza_free(struct rt_stanza **st);

/** Set the type from a defined value; RT_TYPE_NONE removes the attribute. Not RT_TYPE_UNKNOWN. */
void rt_stanza_set_type(struct rt_stanza *st, enum rt_stanza_type type);
/** Addresses are copied into the stanza's arena. */
void rt_stanza_set_to(struct rt_stanza *st, const struct rt_jid *jid);
void rt_stanza_set_from(struct rt_stanza *st, const struct rt_jid *jid);
void rt_stanza_set_id(struct rt_stanza *st, struct rt_str id);
/** A deep copy in a new arena, for recipients that need different content. NULL when out of memory.
 */
struct rt_stanza *rt_stanza_copy(const struct rt_stanza *st);

/** The text of a defined type; p NULL for RT_TYPE_NONE and RT_TYPE_UNKNOWN. */
struct rt_str rt_stanza_type_text(enum rt_stanza_type type);
/** The value of a `type` attribute on this kind of stanza; text.p NULL: absent. */
enum rt_stanza_type rt_stanza_type_parse(enum rt_stanza_kind kind, struct rt_str text);
/** Fill kind, type, to, from, id and lang from the attributes of st->root, whatever they were.
 * RT_OK or RT_E_NOMEM. */
int rt_stanza_read_root(struct rt_stanza *st) RT_MUST_USE;

/* Building. Strings are copied unless they are said to be borrowed; all return NULL and set
 * st->failed when out of memory, and accept NULL for stanza and elements, so that a chain of calls
 * needs one check at the end. */
struct rt_elem *rt_elem_add(struct rt_stanza *st, struct rt_elem *parent,
			    const char *name /* literal */,
			    const char *ns /* literal; NULL: the parent's */);
/** Set, replace or (value.p NULL) remove an attribute: plain, or "xml:lang". On the root, id, type
 * and xml:lang change the stanza's fields too; to and from are set by rt_stanza_set_to and _from
 * alone. */
void rt_elem_set(struct rt_stanza *st, struct rt_elem *e, const char *name /* literal */,
		 struct rt_str value);
void rt_elem_text(struct rt_stanza *st, struct rt_elem *e, struct rt_str text);
/** Move an element (of the same stanza, or one whose memory outlives it) under a parent. */
void rt_elem_adopt(struct rt_stanza *st, struct rt_elem *parent, struct rt_elem *child);
/** Unlink; the child itself stays usable. Only before the children are cached
 * (rt_xml_cache_children). */
void rt_elem_remove_child(struct rt_elem *parent, const struct rt_elem *child);
/** Drop all children; st->children cache is cleared when e is the root. */
void rt_elem_clear(struct rt_stanza *st, struct rt_elem *e);

/* Reading. ns NULL: any namespace. */
struct rt_elem *rt_elem_child(const struct rt_elem *e, const char *name, const char *ns);
struct rt_elem *
rt_elem_next(const struct rt_elem *parent,
	     const struct rt_elem *after); /* next element child; after NULL: first */
/** False for NULL. */
bool rt_elem_is(const struct rt_elem *e, const char *name, const char *ns);
/** Whether e is in the content namespace of its stream. */
static inline bool rt_elem_is_content(const struct rt_elem *e)
{
	return e->ns.p == rt_ns_content.p;
}
/** Value of an attribute, unprefixed or "xml:lang"; p NULL when absent (or e is NULL), never for an
 * empty value. */
struct rt_str rt_elem_attr(const struct rt_elem *e, const char *name);
/** All character data directly inside, joined; borrowed when it is one piece, else from the
 * stanza's arena. */
struct rt_str rt_elem_get_text(struct rt_stanza *st, const struct rt_elem *e);

/* Stanza errors (RFC 6120, 8.3.3), with the legacy numeric code that MongooseIM writes. */
#define RT_STANZA_ERRORS(X)                                                                        \
	X(BAD_REQUEST, "bad-request", "modify", 400)                                               \
	X(CONFLICT, "conflict", "cancel", 409)                                                     \
	X(FEATURE_NOT_IMPLEMENTED, "feature-not-implemented", "cancel", 501)                       \
	X(FORBIDDEN, "forbidden", "auth", 403)                                                     \
	X(GONE, "gone", "modify", 302)                                                             \
	X(INTERNAL_SERVER_ERROR, "internal-server-error", "wait", 500)                             \
	X(ITEM_NOT_FOUND, "item-not-found", "cancel", 404)                                         \
	X(JID_MALFORMED, "jid-malformed", "modify", 400)                                           \
	X(NOT_ACCEPTABLE, "not-acceptable", "modify", 406)                                         \
	X(NOT_ACCEPTABLE_CANCEL, "not-acceptable", "cancel", 406)                                  \
	X(NOT_ALLOWED, "not-allowed", "cancel", 405)                                               \
	X(NOT_AUTHORIZED, "not-authorized", "auth", 401)                                           \
	X(POLICY_VIOLATION, "policy-violation", "modify", 405)                                     \
	X(RECIPIENT_UNAVAILABLE, "recipient-unavailable", "wait", 404)                             \
	X(REDIRECT, "redirect", "modify", 302)                                                     \
	X(REGISTRATION_REQUIRED, "registration-required", "auth", 407)                             \
	X(REMOTE_SERVER_NOT_FOUND, "remote-server-not-found", "cancel", 404)                       \
	X(REMOTE_SERVER_TIMEOUT, "remote-server-timeout", "wait", 504)                             \
	X(RESOURCE_CONSTRAINT, "resource-constraint", "wait", 500)                                 \
	X(SERVICE_UNAVAILABLE, "service-unavailable", "cancel", 503)                               \
	X(SUBSCRIPTION_REQUIRED, "subscription-required", "auth", 407)                             \
	X(UNDEFINED_CONDITION, "undefined-condition", "modify", 500)                               \
	X(UNEXPECTED_REQUEST, "unexpected-request", "wait", 400)

enum rt_stanza_error {
#define X(name, condition, type, code) RT_SE_##name,
	RT_STANZA_ERRORS(X)
#undef X
};

/**
 * Turn a stanza into the error reply to itself: to and from swapped, type error, children kept (or
 * dropped), <error/> appended. text may be empty. An address that was no JID is left out.
 */
void rt_stanza_make_error(struct rt_stanza *st, enum rt_stanza_error error, struct rt_str text,
			  bool keep_children);
/** Leave nothing of the root's attributes but id (empty when there was none) and type, in this
 * order: 3.2 builds what answers an iq anew and carries nothing over. Addresses are untouched. */
void rt_stanza_strip(struct rt_stanza *st, enum rt_stanza_type type);
/** Whether an error may be sent in reply: not for errors and iq results (RFC 6120, 8.3.1). */
bool rt_stanza_wants_error(const struct rt_stanza *st);

#endif
