/* fake_gen.h - the smallest image: one host "localhost", internal authentication, no listeners, no
 * modules.
 *
 * Linked to every unit test of the runtime that does not define rt_gen itself.
 */
#ifndef TESTS_FAKE_GEN_H
#define TESTS_FAKE_GEN_H

#include "rt/gen.h"

#define FAKE_HOST "localhost"

/** An iq table without rows, for images that tests make. */
const struct rt_iq_row *fake_gen_no_iq(const char *ns, size_t len);
/** Finds FAKE_HOST as host 0. */
int fake_gen_host_find(const char *name, size_t len);

#endif
