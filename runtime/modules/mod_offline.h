/* mod_offline.h - what the two halves of mod_offline share: storing and handing
 * over. */
#ifndef RT_MODULES_MOD_OFFLINE_H
#define RT_MODULES_MOD_OFFLINE_H

#include "modules/module.h"

/* Messages written to a connection before the module waits until they have left
 * it. */
#define RT_OFFLINE_CHUNK       64u
#define RT_OFFLINE_CHUNK_BYTES (256u << 10)
/* How often it looks whether they have. ms */
#define RT_OFFLINE_POLL_MS 20u

#endif
