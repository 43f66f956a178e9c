/* address.h - IP addresses and networks in text: strict literals, as inet_pton() takes them. */
#ifndef CFGC_SCHEMA_ADDRESS_H
#define CFGC_SCHEMA_ADDRESS_H

#include <stdint.h>

#include "support/strbuf.h"

struct address {
	uint8_t family;    /* 4 or 6 */
	uint8_t bytes[16]; /* network byte order; the first 4 for family 4 */
};

/** "192.0.2.1", "2001:db8::1"; no short forms, no zone. */
bool address_parse(struct str text, struct address *out);
/** "192.0.2.0/24", or an address alone, which is a network of one. Bits beyond the prefix may be
 * set. */
bool address_parse_network(struct str text, struct address *out, uint8_t *prefix_bits);
/** Write the Erlang tuple. */
void address_add_tuple(struct strbuf *out, const struct address *a);

#endif
