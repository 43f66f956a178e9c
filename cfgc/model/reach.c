/* reach.c - the networks of addresses with a meaning of their own. */
#include "model/reach.h"
#include "support/array.h"

static const struct network {
	uint8_t family, bits, bytes[2];
	enum reach reach;
} networks[] = {
	{4, 8, {127, 0}, REACH_LOOPBACK},        {4, 16, {169, 254}, REACH_LINK_LOCAL},
	{4, 8, {10, 0}, REACH_PRIVATE},          {4, 12, {172, 16}, REACH_PRIVATE},
	{4, 16, {192, 168}, REACH_PRIVATE},      {4, 10, {100, 64}, REACH_PRIVATE},
	{6, 10, {0xfe, 0x80}, REACH_LINK_LOCAL}, {6, 7, {0xfc, 0}, REACH_PRIVATE},
};

static bool is_in(const struct address *a, const struct network *n)
{
	unsigned address = (unsigned)(a->bytes[0] << 8 | a->bytes[1]);
	unsigned network = (unsigned)(n->bytes[0] << 8 | n->bytes[1]);
	unsigned mask = 0xffffu << (16 - n->bits) & 0xffffu;

	return a->family == n->family && (address & mask) == network;
}

/* ::1, ::ffff:a.b.c.d */
static bool is_ipv6_loopback(const struct address *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return a->family == 6 && memcmp(a->bytes, one, 16) == 0;
}

static bool is_mapped(const struct address *a)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return a->family == 6 && memcmp(a->bytes, prefix, 12) == 0;
}

enum reach address_reach(const struct address *a)
{
	struct address inner = {.family = 4};

	if (is_mapped(a)) {
		memcpy(inner.bytes, a->bytes + 12, 4);
		return address_reach(&inner);
	}
	if (is_ipv6_loopback(a))
		return REACH_LOOPBACK;
	for (size_t i = 0; i < ARRAY_LEN(networks); i++)
		if (is_in(a, &networks[i]))
			return networks[i].reach;
	return REACH_PUBLIC;
}

const char *reach_words(const struct address *a)
{
	static const char *const words[] = {
		[REACH_LOOPBACK] = "the loopback address",
		[REACH_LINK_LOCAL] = "an address of the local link",
		[REACH_PRIVATE] = "a private address",
		[REACH_PUBLIC] = "a public address",
	};
	static const uint8_t zero[16];

	if (memcmp(a->bytes, zero, 16) == 0)
		return "every address";
	return words[address_reach(a)];
}
