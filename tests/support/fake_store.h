/* fake_store.h - store/store.h in memory, for unit tests: one thread, callbacks at once or when the
 * test says so.
 *
 * Linked instead of the real store to every test that includes this header or route_fixture.h.
 */
#ifndef TESTS_FAKE_STORE_H
#define TESTS_FAKE_STORE_H

#include "store/store.h"

enum fake_store_mode {
	FAKE_STORE_AT_ONCE, /* callbacks run inside the call: finds code that cannot stand it */
	FAKE_STORE_QUEUED,  /* effects and callbacks wait for fake_store_run() */
};

/** Empty, and everything afterwards in this mode. */
void fake_store_reset(enum fake_store_mode mode);
/** From now on; what is queued stays queued. */
void fake_store_set_mode(enum fake_store_mode mode);
/** Do what is queued, in order, also what is added meanwhile. @return whether there was anything.
 */
bool fake_store_run(void);
/** The n-th call from now (0: the next one) fails with err and has no effect. */
void fake_store_fail(unsigned n, int err);
/** Calls made since the reset. */
unsigned fake_store_calls(void);

/** Create an account without further ado. */
void fake_store_add_account(const char *node, const char *host);
bool fake_store_has_account(const char *node, const char *host);
/** Put a roster item; strings NUL-terminated, NULL for none. */
void fake_store_add_item(const char *node, const char *host, const char *jid, const char *name,
			 const char *groups, uint8_t subscription, uint8_t ask);
/** The stored item as "jid name groups request subscription ask" ("-" for none); "" when there is
 * none. Static buffer. */
const char *fake_store_item(const char *node, const char *host, const char *jid);

#endif
