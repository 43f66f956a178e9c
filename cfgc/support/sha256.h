/* sha256.h - digests of texts. */
#ifndef CFGC_SUPPORT_SHA256_H
#define CFGC_SUPPORT_SHA256_H

#include "support/arena.h"

/** SHA-256 in hexadecimal digits. */
struct str sha256_hex(struct arena *a, struct str bytes);

#endif
