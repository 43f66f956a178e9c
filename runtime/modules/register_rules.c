/* register_rules.c - XEP-0077, In-Band Registration: who may, how often, with
 * which password. */
#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <sys/socket.h>

#include "modules/mod_register.h"

/* ---- addresses ---- */

static struct rt_source of_ipv6(const struct in6_addr *a)
{
	struct rt_source s = {.family = 6};

	if (IN6_IS_ADDR_V4MAPPED(a)) {
		s.family = 4;
		memcpy(s.addr, a->s6_addr + 12, 4);
	} else {
		memcpy(s.addr, a->s6_addr, 16);
	}
	return s;
}

struct rt_source rt_register_source(const struct sockaddr_storage *peer)
{
	struct rt_source s = {.family = 0};

	if (peer->ss_family == AF_INET6)
		return of_ipv6(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr);
	if (peer->ss_family == AF_INET) {
		s.family = 4;
		memcpy(s.addr, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
	}
	return s;
}

struct rt_source rt_register_source_of(const char *text)
{
	struct rt_source s = {.family = 0};
	struct in6_addr six;

	if (inet_pton(AF_INET, text, s.addr) == 1)
		s.family = 4;
	else if (inet_pton(AF_INET6, text, &six) == 1)
		s = of_ipv6(&six);
	return s;
}

void rt_register_source_text(const struct rt_source *source, char *out)
{
	if (source->family == 0 || inet_ntop(source->family == 4 ? AF_INET : AF_INET6, source->addr,
					     out, INET6_ADDRSTRLEN) == NULL)
		memcpy(out, "unknown", sizeof("unknown"));
}

static bool matches(const struct rt_ip_rule *r, const struct rt_source *s)
{
	size_t whole = r->prefix / 8u;
	uint8_t rest = (uint8_t)(0xff00u >> r->prefix % 8u);

	if (r->family != s->family || memcmp(r->addr, s->addr, whole) != 0)
		return false;
	return r->prefix % 8u == 0 || ((r->addr[whole] ^ s->addr[whole]) & rest) == 0;
}

bool rt_register_ip_allowed(const struct rt_ip_rule *rules, size_t n,
			    const struct rt_source *source)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (matches(&rules[i], source))
			return rules[i].verdict == RT_ALLOW;
	return true;
}

/* ---- pace ---- */

/* Sets of a few slots each: a source that finds its set full takes the place of
 * the oldest. Rarely used, so one lock for all shards will do. */
#define WAYS 8u
#define SETS (RT_REGISTER_SOURCES / WAYS)

static struct {
	pthread_mutex_t lock;
	struct slot {
		struct rt_source source;
		uint64_t last_ms; /* monotonic; of the last attempt */
	} slots[SETS][WAYS];
} pace = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct rt_source site_of(struct rt_source s)
{
	if (s.family == 6)
		memset(s.addr + 8, 0, 8);
	return s;
}

static struct slot *find_slot(const struct rt_source *site)
{
	uint64_t h = rt_jid_hash((struct rt_str){(const char *)site->addr, 16}, RT_STR(""));
	struct slot *set = pace.slots[h % SETS], *oldest = set;
	unsigned i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].source.family == site->family &&
		    memcmp(set[i].source.addr, site->addr, 16) == 0)
			return &set[i];
		if (set[i].last_ms < oldest->last_ms)
			oldest = &set[i];
	}
	oldest->source = *site;
	oldest->last_ms = 0;
	return oldest;
}

bool rt_register_pace(const struct rt_source *source, int64_t timeout_s, uint64_t now_ms)
{
	struct rt_source site = site_of(*source);
	struct slot *slot;
	bool late_enough;

	if (timeout_s == RT_LIMIT_INFINITY || timeout_s <= 0)
		return true;
	pthread_mutex_lock(&pace.lock);
	slot = find_slot(&site);
	late_enough = slot->last_ms == 0 || (now_ms - slot->last_ms) / 1000 >= (uint64_t)timeout_s;
	/* A refused attempt does not start the wait anew: who asks too often still
	 * gets in. */
	if (late_enough)
		slot->last_ms = now_ms != 0 ? now_ms : 1;
	pthread_mutex_unlock(&pace.lock);
	return late_enough;
}

void rt_register_forget(void)
{
	pthread_mutex_lock(&pace.lock);
	memset(pace.slots, 0, sizeof(pace.slots));
	pthread_mutex_unlock(&pace.lock);
}

/* ---- passwords ---- */

double rt_register_entropy(struct rt_str password)
{
	unsigned digits = 0, lower = 0, upper = 0, signs = 0, others = 0, length = 0;
	uint32_t i;

	for (i = 0; i < password.n; i++) {
		unsigned char c = (unsigned char)password.p[i];

		if ((c & 0xc0u) == 0x80u)
			continue; /* inside a character */
		length++;
		if (c >= '0' && c <= '9')
			digits = 10;
		else if (c >= 'a' && c <= 'z')
			lower = 26;
		else if (c >= 'A' && c <= 'Z')
			upper = 26;
		else if (c > ' ' && c < 0x7f)
			signs = 33;
		else
			others = 128;
	}
	if (length == 0)
		return 0;
	return length * log2((double)(digits + lower + upper + signs + others));
}
