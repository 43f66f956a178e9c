/* ctl.h - the administrator's way in: a UNIX socket in the data directory, mode 0600.
 *
 *   xmppd ctl WORDS ──one line of quoted words──▶ DIR/ctl.sock ─▶ thread "ctl" ─▶ shards, store
 *                  ◀── "ok" or "error TEXT", then output ──
 *
 * One request per connection, one at a time: a command may take as long as the shards need.
 */
#ifndef RT_APP_CTL_H
#define RT_APP_CTL_H

#include "core/buf.h"
#include "rt/gen.h"

struct rt_ctl;

#define RT_CTL_SOCKET    "ctl.sock"
#define RT_CTL_LINE_MAX  8192u /* bytes of a request */
#define RT_CTL_WORDS_MAX 16

/** Listen in the data directory, whose lock the store holds. Errors are logged. Main thread, shards
 * running. */
int rt_ctl_start(struct rt_ctl **out, const struct rt_gen *gen, const char *data_dir) RT_MUST_USE;
/** Let the present command finish, remove the socket. NULL inside is fine. */
void rt_ctl_stop(struct rt_ctl **ctl);

/** The client: `xmppd ctl WORDS`. @return exit status: 0 done, 1 refused, 2 usage, 3 no server */
int rt_ctl_main(const char *data_dir, char **words, int nwords);

/** A socket address for DIR/ctl.sock that fits however long the path is, through /proc/self/fd.
 * @return a descriptor to keep open while the address is in use, or RT_E_IO with errno. */
struct sockaddr_un;
int rt_ctl_address(const char *data_dir, struct sockaddr_un *out) RT_MUST_USE;

/** Words as they travel: in double quotes, with \" \\ \n \r \t \0. */
void rt_ctl_quote(struct rt_buf *out, struct rt_str word);
/**
 * Split a line into words, in place; bare words end at white space.
 *
 * @return how many, or RT_E_INVALID: a quote is not closed, an escape not known, or there are more
 * than max.
 */
int rt_ctl_split(char *line, size_t len, struct rt_str *words, int max) RT_MUST_USE;

/** Run one command. Output is appended to `out`. @return RT_OK, or an error with a sentence in
 * `error`. Thread ctl. */
int rt_ctl_run(const struct rt_gen *gen, const struct rt_str *words, int nwords, struct rt_buf *out,
	       char *error, size_t size) RT_MUST_USE;
/** Whether a command may have that many words; for the client's own check. @return NULL, or what is
 * wrong */
const char *rt_ctl_check_usage(const struct rt_str *words, int nwords);
/** What `ctl help` prints. */
void rt_ctl_help(struct rt_buf *out);

#endif
