/* diff_tls.h - what a change of a cipher string does to the suites. Private to cfgc/tools/diff*.c.
 */
#ifndef CFGC_TOOLS_DIFF_TLS_H
#define CFGC_TOOLS_DIFF_TLS_H

#include "support/arena.h"

struct diff_suites {
	struct str more, less; /* names, comma-separated; n == 0: none */
	bool is_reordered;
};

/** Let the linked OpenSSL expand both strings (n == 0: its default) and compare the suites for TLS
 * 1.2 and older; those of TLS 1.3 do not depend on the string. A string that it does not take
 * stands for no suite. */
void diff_cipher_suites(struct arena *a, struct str old, struct str new, struct diff_suites *out);

#endif
