/* address.c - IP addresses and networks in text. */
#include "schema/address.h"

#include <arpa/inet.h>

bool address_parse(struct str text, struct address *out)
{
	char z[INET6_ADDRSTRLEN];

	if (text.n == 0 || text.n >= sizeof(z) || memchr(text.p, '\0', text.n) != NULL)
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, z, out->bytes) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, z, out->bytes) == 1)
		out->family = 6;
	return out->family != 0;
}

bool address_parse_network(struct str text, struct address *out, uint8_t *prefix_bits)
{
	const char *slash = text.n != 0 ? memchr(text.p, '/', text.n) : NULL;
	struct str address = text;
	unsigned bits = 0, most;

	if (slash != NULL)
		address.n = (size_t)(slash - text.p);
	if (!address_parse(address, out))
		return false;
	most = out->family == 4 ? 32 : 128;
	if (slash == NULL) {
		*prefix_bits = (uint8_t)most;
		return true;
	}
	if (slash + 1 == text.p + text.n || text.p + text.n - slash > 4)
		return false;
	for (const char *p = slash + 1; p < text.p + text.n; p++) {
		if (*p < '0' || *p > '9')
			return false;
		bits = bits * 10 + (unsigned)(*p - '0');
	}
	*prefix_bits = (uint8_t)bits;
	return bits <= most;
}

void address_add_tuple(struct strbuf *out, const struct address *a)
{
	strbuf_addc(out, '{');
	if (a->family == 4) {
		for (size_t i = 0; i < 4; i++)
			strbuf_printf(out, "%s%u", i != 0 ? "," : "", a->bytes[i]);
	} else {
		for (size_t i = 0; i < 16; i += 2)
			strbuf_printf(out, "%s%u", i != 0 ? "," : "",
				      (unsigned)a->bytes[i] << 8 | a->bytes[i + 1]);
	}
	strbuf_addc(out, '}');
}
