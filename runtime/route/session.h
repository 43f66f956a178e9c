/* session.h - who is here: users homed on this shard and their sessions (bound resources).
 *
 *   directory ─▶ user (bare JID) ─▶ sessions (resources)
 *                     └─▶ roster (loaded while anybody is online)
 *
 * Own shard only. A user exists while it has sessions, or while work for it is in flight
 * (rt_user_hold).
 */
#ifndef RT_ROUTE_SESSION_H
#define RT_ROUTE_SESSION_H

#include "core/rcbuf.h"
#include "core/shard.h"
#include "xml/stanza.h"

struct rt_conn;
struct rt_roster;
struct rt_session;
struct rt_user;

/* How a session hands stanzas to its client; implemented by c2s, later by BOSH and WebSocket
 * sessions. */
struct rt_session_ops {
	/* Write st to the client; `to` overrides its address. st stays the caller's. */
	void (*deliver)(struct rt_session *s, struct rt_stanza *st, const struct rt_jid *to);
	/* End it with a stream error condition ("conflict") and text; the session is already out of
	 * the directory. */
	void (*terminate)(struct rt_session *s, const char *condition, const char *text);
	/* The connection's peer address as text and port. */
	void (*peer)(struct rt_session *s, char *out /* INET6_ADDRSTRLEN */, uint16_t *port);
};

/* One JID of presence bookkeeping beside the roster: told available by directed presence (RFC
 * 6121, 4.6), or left out of broadcasts since it answered with an error or was told unavailable on
 * its own. */
struct rt_directed {
	struct rt_directed *next;
	uint32_t n;
	bool muted; /* bare JID left out of broadcasts */
	char jid[]; /* prepared full or bare JID, n bytes, NUL-terminated */
};

/* Entries of one session's list at most; beyond it directed presence is refused with
 * resource-constraint. */
#define RT_DIRECTED_MAX 1024u

struct rt_session {
	const struct rt_session_ops *ops;
	struct rt_user *user;
	struct rt_session *next; /* of the same user, newest first */
	struct rt_id conn;       /* its connection, on this shard; zero for others */
	struct rt_str resource;  /* prepared; owned */
	uint64_t seq;            /* order of opening over the shard: the smallest is the oldest */
	bool available;          /* has sent presence */
	bool invisible;
	bool interested;     /* has asked for the roster: gets pushes */
	bool subs_delivered; /* pending subscription requests were handed over */
	int8_t priority;     /* meaningful when available */
	struct rt_rcbuf
		*presence;   /* last presence as serialised children, for probes; NULL: none */
	int64_t presence_us; /* wall time of it */
	struct rt_str presence_lang; /* owned */
	struct rt_directed *directed;
	uint32_t ndirected;
	struct rt_ping *ping; /* mod_ping's; NULL: not watched */
};

/* Messages that wait for stored ones to be handed over; what exceeds that is delivered at once. */
#define RT_USER_LATE_MAX 256u

struct rt_user {
	struct rt_user *hash_next;
	struct rt_str node; /* prepared; owned */
	int host;           /* rt_gen.hosts index */
	uint64_t hash;
	struct rt_session *sessions;
	struct rt_roster *roster;     /* NULL: not loaded */
	uint32_t holds;               /* in-flight work */
	struct rt_delivery *delivery; /* mod_offline's, while it hands over stored messages */
	/* Messages to the bare JID that have come meanwhile: they were sent later than the stored
	 * ones. A queue of at most RT_USER_LATE_MAX, owned; rt_user_deliver_late() empties it. */
	struct rt_stanza *late, *late_last;
	uint32_t nlate;
	/* Work on the roster, in turns; route/roster.h. */
	uint16_t turn_refs;    /* > 0: a turn is going on, or the roster is being read */
	uint16_t turn_pending; /* > 0: it waits for the store */
	uint16_t nwaiting;
	struct rt_roster_wait *waiting, *waiting_last; /* in order */
};

int rt_directory_new(struct rt_shard *shard) RT_MUST_USE;
void rt_directory_free(struct rt_shard *shard);

/** NULL when the account has neither sessions nor work in flight here. */
struct rt_user *rt_user_find(struct rt_shard *shard, struct rt_str node, int host);
/** Find or create, with one hold; NULL: out of memory. */
struct rt_user *rt_user_hold(struct rt_shard *shard, struct rt_str node, int host);
/** Give a hold back; the user goes when nothing keeps it. */
void rt_user_release(struct rt_shard *shard, struct rt_user *u);

/**
 * Open a session for a resource: replaces an older one with the same resource (terminate
 * "conflict", "Replaced by new connection") and, beyond the limit of rule max_user_sessions
 * (default 100), the oldest one.
 *
 * @param s  the caller's memory (embedded in c2s), zeroed but for ops and conn; stays until
 * rt_session_close.
 * @return RT_OK, RT_E_NOMEM, or RT_E_LIMIT when the rule grants no session at all.
 */
int rt_session_open(struct rt_shard *shard, struct rt_session *s, struct rt_str node, int host,
		    struct rt_str resource) RT_MUST_USE;
/** Leave the directory: presence unavailable to whom it may concern (with that status, may be
 * empty), hooks, memory. Idempotent. */
void rt_session_close(struct rt_shard *shard, struct rt_session *s, struct rt_str status);
struct rt_session *rt_session_find(struct rt_shard *shard, const struct rt_jid *full, int host);
/** The user's session with that resource, or NULL. */
struct rt_session *rt_user_session(const struct rt_user *u, struct rt_str resource);

/** "node@host/resource" as a JID that borrows from the session. */
struct rt_jid rt_session_jid(const struct rt_session *s);

/* Number of sessions on this shard is shard->counters.sessions. For ctl: walk users. */
void rt_directory_each(struct rt_shard *shard, void (*fn)(struct rt_user *u, void *ctx), void *ctx);

#endif
