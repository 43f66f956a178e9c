/* reach.h - from where can something be reached: what the address that it listens on, or that it is
 * passed on to, says about it. */
#ifndef CFGC_MODEL_REACH_H
#define CFGC_MODEL_REACH_H

#include "model/model.h"

/* In growing order. */
enum reach {
	REACH_LOOPBACK,   /* only this machine: 127.0.0.0/8, ::1 */
	REACH_LINK_LOCAL, /* 169.254.0.0/16, fe80::/10: neighbours, and what clouds tell a machine
			   */
	REACH_PRIVATE,    /* RFC 1918, RFC 6598, fc00::/7: a network of one's own */
	REACH_PUBLIC      /* all else, every address of the machine (0.0.0.0, ::) included */
};

enum reach address_reach(const struct address *a);

/** "every address", "a private address" and so on. */
const char *reach_words(const struct address *a);

#endif
