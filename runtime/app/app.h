/* app.h - a server from its first to its last moment.
 *
 *   arguments ─▶ ABI ─▶ secrets ─▶ certificates ─▶ store ─▶ listeners ─▶ shards ─▶ ready
 *   signal    ─▶ no new connections ─▶ goodbyes ─▶ workers ─▶ shards ─▶ store ─▶ gone
 */
#ifndef RT_APP_APP_H
#define RT_APP_APP_H

#include "core/base.h"
#include "rt/gen.h"

/** main() of every server. @return exit status */
int rt_app_main(const struct rt_gen *gen, int argc, char **argv);

/** Read all certificates anew; connections keep what they have. Logged either way. Any thread. */
int rt_app_reload(const struct rt_gen *gen) RT_MUST_USE;

/* When this process began to serve, rt_clock_ms(). Set before the ctl thread starts. */
extern uint64_t rt_app_started_ms;

#endif
