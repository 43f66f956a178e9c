/* header.c - the checks of a stream header, in their order. */
#include <sys/random.h>

#include "rt/gen.h"
#include "stream/header.h"

struct header_check {
	const struct rt_header_rules *rules;
	const struct rt_xml_header *h;
	int host, authenticated;
};

static bool is_foreign_root(const struct header_check *c)
{
	return !rt_str_is(c->h->ns, RT_NS_STREAMS);
}

static bool is_no_stream(const struct header_check *c)
{
	return !rt_str_is(c->h->name, "stream");
}

static bool has_foreign_content(const struct header_check *c)
{
	return !rt_str_eq(c->h->content_ns, rt_str_of(c->rules->content_ns));
}

static bool changes_host(const struct header_check *c)
{
	return c->authenticated != RT_HOST_NONE && c->host != c->authenticated;
}

static bool has_unknown_host(const struct header_check *c)
{
	return c->rules->names_host && c->host == RT_HOST_NONE;
}

/* RFC 6120, 4.7.5: digits "." digits; we speak 1.0, to which every 1.x is compatible. */
static bool has_unsupported_version(const struct header_check *c)
{
	struct rt_str v = c->h->version;
	uint32_t i = 0, digits;

	if (!c->rules->names_host)
		return false;
	while (i < v.n && v.p[i] == '0')
		i++;
	if (i == v.n || v.p[i++] != '1' || i == v.n || v.p[i++] != '.')
		return true;
	for (digits = i; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return true;
	return i == digits;
}

static const struct {
	bool (*is_wrong)(const struct header_check *c);
	enum rt_stream_error error;
} checks[] = {
	{is_foreign_root, RT_STREAM_INVALID_NAMESPACE},
	{is_no_stream, RT_STREAM_BAD_FORMAT},
	{has_foreign_content, RT_STREAM_INVALID_NAMESPACE},
	{changes_host, RT_STREAM_NOT_AUTHORIZED},
	{has_unknown_host, RT_STREAM_HOST_UNKNOWN},
	{has_unsupported_version, RT_STREAM_UNSUPPORTED_VERSION},
};

static int find_host(struct rt_str to)
{
	struct rt_arena a = {0};
	int host = RT_HOST_NONE;

	if (to.n != 0 && rt_jid_prep_domain(&a, to, &to) == RT_OK)
		host = rt_gen.host_find(to.p, to.n);
	rt_arena_fini(&a);
	return host;
}

int rt_header_check(const struct rt_header_rules *rules, const struct rt_xml_header *h,
		    int authenticated, int *host, enum rt_stream_error *error)
{
	struct header_check c = {.rules = rules, .h = h, .authenticated = authenticated};

	c.host = *host = rules->names_host ? find_host(h->to) : RT_HOST_NONE;
	for (size_t i = 0; i < RT_ARRAY_LEN(checks); i++) {
		if (checks[i].is_wrong(&c)) {
			*error = checks[i].error;
			return RT_E_PROTO;
		}
	}
	return RT_OK;
}

void rt_stream_id_make(char out[RT_STREAM_ID])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char random[RT_STREAM_ID / 2];

	/* From the kernel: OpenSSL's generator may want memory for its first bytes on a thread. */
	RT_ASSERT(getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		out[2 * i] = digits[random[i] >> 4];
		out[2 * i + 1] = digits[random[i] & 15];
	}
}
