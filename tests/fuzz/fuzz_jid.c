/* fuzz_jid.c - addresses of any bytes: what is accepted is prepared for good, and has no byte that
 * an attribute or a separator could be made of. */
#include <stdint.h>
#include <stdlib.h>

#include "xml/jid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_any_of(struct rt_str s, const char *bytes, size_t n)
{
	for (size_t i = 0; s.n != 0 && i < n; i++) {
		if (memchr(s.p, bytes[i], s.n) != NULL)
			return true;
	}
	return false;
}

static void check_parts(const struct rt_jid *jid)
{
	static const char in_bare[] = "\"&'/<>@ \0\t\n\r", in_resource[] = "\0\t\n\r\x01\x7f";

	RT_ASSERT(jid->domain.n != 0);
	RT_ASSERT(jid->node.n <= RT_JID_PART_MAX && jid->domain.n <= RT_JID_PART_MAX &&
		  jid->resource.n <= RT_JID_PART_MAX);
	RT_ASSERT(!has_any_of(jid->node, in_bare, sizeof(in_bare) - 1));
	RT_ASSERT(!has_any_of(jid->domain, in_bare, sizeof(in_bare) - 1));
	RT_ASSERT(!has_any_of(jid->resource, in_resource, sizeof(in_resource) - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_arena a = {0};
	struct rt_str text = {(const char *)data, (uint32_t)size}, formatted;
	struct rt_jid jid, again;

	if (rt_jid_parse(&a, text, &jid) == RT_OK) {
		check_parts(&jid);
		formatted = rt_jid_text(&a, &jid);
		RT_ASSERT(rt_jid_parse(&a, formatted, &again) == RT_OK);
		RT_ASSERT(rt_jid_eq(&jid, &again));
		RT_ASSERT(rt_jid_hash(jid.node, jid.domain) ==
			  rt_jid_hash(again.node, again.domain));
	}
	rt_arena_fini(&a);
	return 0;
}
