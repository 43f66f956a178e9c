/* sha256.c - digests, by OpenSSL. */
#include "support/sha256.h"

#include <openssl/evp.h>

#include "support/assert.h"
#include "support/strbuf.h"

struct str sha256_hex(struct arena *a, struct str bytes)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct strbuf out = {.arena = a};
	unsigned n = 0;
	int ok = EVP_Digest(bytes.n != 0 ? bytes.p : "", bytes.n, digest, &n, EVP_sha256(), NULL);

	CFGC_ASSERT(ok == 1);
	for (unsigned i = 0; i < n; i++)
		strbuf_printf(&out, "%02x", digest[i]);
	return strbuf_str(&out);
}
