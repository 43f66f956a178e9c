/* ctl_report.h - ctl commands that look into the shards. Thread ctl. Private to app/. */
#ifndef RT_APP_CTL_REPORT_H
#define RT_APP_CTL_REPORT_H

#include "core/buf.h"
#include "xml/jid.h"
#include "rt/gen.h"

/** Accounts of a host, one a line. @return RT_OK or an error of the store */
int rt_ctl_report_users(struct rt_str host, struct rt_buf *out) RT_MUST_USE;
/** Sessions of all shards: address, peer address and port, priority ("-" without presence),
 * separated by tabs. */
void rt_ctl_report_sessions(struct rt_buf *out);
/** One JSON object. */
void rt_ctl_report_stats(const struct rt_gen *gen, struct rt_buf *out);
/** End a session. @return RT_OK or RT_E_NOTFOUND */
int rt_ctl_kick(const struct rt_jid *full, int host) RT_MUST_USE;

#endif
