/* process.h - what the server asks of the operating system for itself. */
#ifndef RT_APP_PROCESS_H
#define RT_APP_PROCESS_H

#include "core/base.h"

/** As many descriptors as the hard limit allows; no new privileges; files for nobody else. */
void rt_process_harden(void);

/**
 * Take SIGTERM, SIGINT and SIGHUP out of the way of every thread, and ignore SIGPIPE. Before any
 * thread starts.
 *
 * @return a descriptor that reads them, or RT_E_IO.
 */
int rt_process_signals(void) RT_MUST_USE;
/** Wait for one of them. @param timeout_ms  < 0: for ever. @return its number, or 0 when the time
 * is over. */
int rt_process_wait(int fd, int timeout_ms);

/** Processors this process may use. */
unsigned rt_process_cpus(void);

/** Tell the service manager, if there is one (sd_notify(3)). */
void rt_process_notify(const char *state);

/** "<the running binary>.secrets"; out holds PATH_MAX bytes. @return out, or NULL */
const char *rt_process_secrets_path(char *out);

#endif
