/* route_fixture.h - a server without sockets: shards run by the test, fake store, clients that
 * write down what they get.
 *
 * Hosts: "localhost" with mod_roster and recording hooks, "two.example" without modules; the
 * service "vjud.localhost". Time stands still at 2026-01-31T12:00:00Z.
 */
#ifndef TESTS_ROUTE_FIXTURE_H
#define TESTS_ROUTE_FIXTURE_H

#include "fake_store.h"
#include "route/iq.h"
#include "route/router.h"
#include "route/session.h"
#include "rt/modules.h"

#define FX_STAMP   "2026-01-31T12:00:00Z"
#define FX_MAX_OUT 64u

struct fx_client {
	struct rt_session s;
	struct rt_shard *shard;
	struct rt_str node;
	int host;
	char *out[FX_MAX_OUT]; /* received and not yet looked at */
	unsigned nout;
	char ended[96]; /* "condition: text" of terminate */
};

/* What the recording hooks saw; cleared by fx_start. */
struct fx_seen {
	unsigned available, unavailable, removed;
	char status[64];      /* of the last USER_UNAVAILABLE */
	char offline[1024];   /* the last message nobody took */
	char component[1024]; /* the last stanza for a component */
	unsigned to_component;
	bool takes_offline;     /* set by the test: OFFLINE_MESSAGE hook takes the message */
	bool component_refuses; /* answers with not-allowed */
	struct rt_iq *held;     /* an iq to "test:hold", to be answered by the test */
	struct rt_id component_conn;
};
extern struct fx_seen fx_seen;
extern struct rt_mod_roster_opts fx_roster_opts;
/** What rule max_user_sessions of localhost yields; RT_LIMIT_NONE at first. */
extern int64_t fx_session_limit;

void fx_start(unsigned nshards, enum fake_store_mode mode);
/** Closes what is open; frees everything. */
void fx_stop(void);

/** Open a session of an account that is created if needed; "rose@localhost/a". Aborts when it
 * fails. */
struct fx_client *fx_open(const char *jid);
/** rt_session_open with a client that stays the fixture's. @return its error. */
int fx_try_open(const char *jid, struct fx_client **out);
/** fx_open, initial presence, and nothing left to look at. */
struct fx_client *fx_online(const char *jid);
/** The session ends as if its connection had. */
void fx_close(struct fx_client *c, const char *status);

/** A stanza as the client writes it; from is stamped. Everything it causes has happened afterwards.
 */
void fx_send(struct fx_client *c, const char *xml);
/** The same without fx_settle. */
void fx_send_only(struct fx_client *c, const char *xml);
/** A stanza with `from` and `to` from elsewhere (a component), brought in on shard 0. */
void fx_route(const char *xml);
/** Run mailboxes and store until nothing moves. */
void fx_settle(void);

/** The next thing the client received, "" when there is none; valid until the next call. Ids of
 * pushes read 'push'. */
const char *fx_next(struct fx_client *c);
/** Forget what it has received. */
void fx_forget(struct fx_client *c);
/** Fails the test unless the client's next is exactly this. */
#define fx_expect(c, xml)    ck_assert_str_eq(fx_next(c), (xml))
#define fx_expect_nothing(c) ck_assert_str_eq(fx_next(c), "")

#endif
