/* transport.h - messages on a stream: each one a header with its length, then that many bytes.
 *
 * Private to cfgc/lsp.
 */
#ifndef CFGC_LSP_TRANSPORT_H
#define CFGC_LSP_TRANSPORT_H

#include "support/strbuf.h"

/** A message longer than this is read over and refused. Bytes: the largest file, every byte of it
 * escaped. */
#define TRANSPORT_MAX_MESSAGE ((size_t)400 << 20)
/** The header of a message may be so long. Bytes. */
#define TRANSPORT_MAX_HEADER 4096u

enum transport_event {
	TRANSPORT_MESSAGE,
	TRANSPORT_TOO_LONG, /* a message was read over */
	TRANSPORT_BROKEN,   /* what came is no header: where the next message begins is unknown */
	TRANSPORT_END,      /* the stream ended, within a message or between two */
};

struct transport {
	int in, out;
	/*   buffer[read .. filled): received, not taken yet   */
	char buffer[64 << 10];
	size_t read, filled;
	bool has_ended;
	bool cannot_write; /* the client no longer listens */
};

void transport_init(struct transport *t, int in, int out);

/** Wait for the next message. *body lies in the arena, followed by a NUL. */
enum transport_event transport_read(struct transport *t, struct arena *a, struct str *body);

/** Whether something has been received that was not taken: reading on would not wait for the
 * client to think. */
bool transport_has_input(struct transport *t);

/** Send one message. A client that is gone is found at the next read. */
void transport_write(struct transport *t, struct str body);

#endif
