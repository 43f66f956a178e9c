/* jid.c - addresses: ASCII by table, the rest by libidn's stringprep profiles. */
#include "xml/jid.h"

#include <stringprep.h>
#include <sys/random.h>

/* What an ASCII byte is to each part. A byte beyond ASCII sends the part to stringprep. */
enum { UPPER = 1, NOT_NODE = 2, NOT_DOMAIN = 4, NOT_RESOURCE = 8, WIDE = 16 };

#define C  (NOT_NODE | NOT_DOMAIN | NOT_RESOURCE) /* control characters */
#define Q  (NOT_NODE | NOT_DOMAIN)                /* space and  " & ' / < > @ */
#define L  NOT_NODE                               /* the colon of IPv6 literals */
#define U  UPPER
#define W  WIDE
#define C8 C, C, C, C, C, C, C, C
#define U8 U, U, U, U, U, U, U, U
#define W8 W, W, W, W, W, W, W, W
#define Z8 0, 0, 0, 0, 0, 0, 0, 0

static const uint8_t class_of[256] = {
	C8, C8, C8, C8,                                                /* 00, 10 */
	Q,  0,  Q,  0,  0,  0,  Q,  Q,  0,  0,  0,  0,  0,  0,  0,  Q, /* 20 */
	0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  L,  0,  Q,  0,  Q,  0, /* 30 */
	Q,  U,  U,  U,  U,  U,  U,  U,  U8,                            /* 40 */
	U,  U,  U,  U,  U,  U,  U,  U,  U,  U,  U,  0,  0,  0,  0,  0, /* 50 */
	Z8, Z8,                                                        /* 60 */
	0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  C, /* 70 */
	W8, W8, W8, W8, W8, W8, W8, W8, W8, W8, W8, W8, W8, W8, W8, W8,
};

#undef C
#undef Q
#undef L
#undef U
#undef W
#undef C8
#undef U8
#undef W8
#undef Z8

/* RFC 6122, appendices A and B; RFC 3491. */
struct part {
	const Stringprep_profile *profile;
	uint8_t forbidden; /* ASCII classes */
	bool folds_case;
};

static const struct part node_part = {stringprep_xmpp_nodeprep, NOT_NODE, true};
static const struct part domain_part = {stringprep_nameprep, NOT_DOMAIN, true};
static const struct part resource_part = {stringprep_xmpp_resourceprep, NOT_RESOURCE, false};

static unsigned classes_in(struct rt_str s)
{
	unsigned seen = 0;

	for (uint32_t i = 0; i < s.n; i++)
		seen |= class_of[(unsigned char)s.p[i]];
	return seen;
}

static int fold_ascii(struct rt_arena *a, struct rt_str in, struct rt_str *out)
{
	char *copy = rt_arena_alloc(a, in.n);

	if (copy == NULL)
		return RT_E_NOMEM;
	for (uint32_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		copy[i] = (class_of[(unsigned char)c] & UPPER) != 0 ? (char)(c | 0x20) : c;
	}
	*out = (struct rt_str){copy, in.n};
	return RT_OK;
}

/* Unassigned code points are allowed: what we are asked for is a query in the sense of RFC 3454, 7.
 * The result is looked at once more, since nameprep itself would let through what has no place in a
 * domain ("example.org&fullwidth-slash;x"). */
static int prepare_wide(struct rt_arena *a, const struct part *part, struct rt_str in,
			struct rt_str *out)
{
	char text[RT_JID_PART_MAX + 1];
	struct rt_str prepared = {text, 0};
	int rc;

	memcpy(text, in.p, in.n);
	text[in.n] = '\0';
	rc = stringprep(text, sizeof(text), 0, part->profile);
	if (rc == STRINGPREP_MALLOC_ERROR)
		return RT_E_NOMEM;
	if (rc != STRINGPREP_OK)
		return RT_E_INVALID; /* also when it has grown too long */
	prepared.n = (uint32_t)strlen(text);
	if (prepared.n == 0 || (classes_in(prepared) & part->forbidden) != 0)
		return RT_E_INVALID;
	if (rt_str_eq(prepared, in)) {
		*out = in;
		return RT_OK;
	}
	*out = rt_arena_str(a, text, prepared.n);
	return out->p != NULL ? RT_OK : RT_E_NOMEM;
}

static int prepare(struct rt_arena *a, const struct part *part, struct rt_str in,
		   struct rt_str *out)
{
	unsigned seen;

	if (in.n == 0 || in.n > RT_JID_PART_MAX)
		return RT_E_INVALID;
	seen = classes_in(in);
	if ((seen & part->forbidden) != 0)
		return RT_E_INVALID;
	if ((seen & WIDE) != 0)
		return prepare_wide(a, part, in, out);
	if ((seen & UPPER) != 0 && part->folds_case)
		return fold_ascii(a, in, out);
	*out = in;
	return RT_OK;
}

int rt_jid_prep_node(struct rt_arena *a, struct rt_str in, struct rt_str *out)
{
	return prepare(a, &node_part, in, out);
}

int rt_jid_prep_domain(struct rt_arena *a, struct rt_str in, struct rt_str *out)
{
	return prepare(a, &domain_part, in, out);
}

int rt_jid_prep_resource(struct rt_arena *a, struct rt_str in, struct rt_str *out)
{
	return prepare(a, &resource_part, in, out);
}

int rt_jid_parse(struct rt_arena *a, struct rt_str text, struct rt_jid *out)
{
	struct rt_jid jid = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct rt_str domain = text;
	const char *at, *slash;
	int err = RT_OK;

	*out = jid;
	if (text.n == 0 || text.n > RT_JID_MAX)
		return RT_E_INVALID;
	/* RFC 6122, 2.1: the resource begins at the first slash and may hold anything. */
	slash = memchr(text.p, '/', text.n);
	if (slash != NULL) {
		domain.n = (uint32_t)(slash - text.p);
		err = rt_jid_prep_resource(a, (struct rt_str){slash + 1, text.n - domain.n - 1},
					   &jid.resource);
	}
	at = domain.n != 0 ? memchr(domain.p, '@', domain.n) : NULL;
	if (at != NULL && err == RT_OK) {
		err = rt_jid_prep_node(a, (struct rt_str){text.p, (uint32_t)(at - text.p)},
				       &jid.node);
		domain.n -= (uint32_t)(at + 1 - domain.p);
		domain.p = at + 1; /* a second one is refused as part of the domain */
	}
	if (err == RT_OK)
		err = rt_jid_prep_domain(a, domain, &jid.domain);
	if (err == RT_OK)
		*out = jid;
	return err;
}

static int copy_part(struct rt_arena *a, struct rt_str in, struct rt_str *out)
{
	*out = (struct rt_str){NULL, 0};
	if (in.n == 0)
		return RT_OK;
	*out = rt_arena_str(a, in.p, in.n);
	return out->p != NULL ? RT_OK : RT_E_NOMEM;
}

int rt_jid_copy(struct rt_arena *a, const struct rt_jid *in, struct rt_jid *out)
{
	struct rt_jid copy;
	int err = copy_part(a, in->node, &copy.node);

	if (err == RT_OK)
		err = copy_part(a, in->domain, &copy.domain);
	if (err == RT_OK)
		err = copy_part(a, in->resource, &copy.resource);
	if (err == RT_OK)
		*out = copy;
	return err;
}

bool rt_jid_bare_eq(const struct rt_jid *a, const struct rt_jid *b)
{
	return rt_str_eq(a->node, b->node) && rt_str_eq(a->domain, b->domain);
}

bool rt_jid_eq(const struct rt_jid *a, const struct rt_jid *b)
{
	return rt_jid_bare_eq(a, b) && rt_str_eq(a->resource, b->resource);
}

/* ---- hash: SipHash-1-3 (Aumasson, Bernstein), since peers choose what is hashed ---- */

static uint64_t seed[2];

/* Before main(), so that no thread ever sees two values. */
__attribute__((constructor)) static void make_seed(void)
{
	RT_ASSERT(getrandom(seed, sizeof(seed), 0) == (ssize_t)sizeof(seed));
}

struct sip {
	uint64_t v0, v1, v2, v3;
	uint64_t tail;  /* bytes not yet mixed in, lowest first */
	uint32_t total; /* bytes seen */
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	s->v0 ^= m;
}

static void sip_add(struct sip *s, const char *p, uint32_t n)
{
	uint32_t have = s->total & 7u;

	s->total += n;
	if (have == 0) {
		for (; n >= 8; p += 8, n -= 8) {
			uint64_t m;

			memcpy(&m, p, 8);
			sip_word(s, m);
		}
	}
	for (; n != 0; p++, n--) {
		s->tail |= (uint64_t)(unsigned char)*p << (8 * have);
		if (++have == 8) {
			sip_word(s, s->tail);
			s->tail = 0;
			have = 0;
		}
	}
}

static uint64_t sip_end(struct sip *s)
{
	sip_word(s, s->tail | (uint64_t)s->total << 56);
	s->v2 ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t rt_jid_hash(struct rt_str node, struct rt_str domain)
{
	struct sip s = {
		.v0 = seed[0] ^ 0x736f6d6570736575u,
		.v1 = seed[1] ^ 0x646f72616e646f6du,
		.v2 = seed[0] ^ 0x6c7967656e657261u,
		.v3 = seed[1] ^ 0x7465646279746573u,
	};

	sip_add(&s, domain.p, domain.n);
	sip_add(&s, "@", 1); /* occurs in neither */
	sip_add(&s, node.p, node.n);
	return sip_end(&s);
}

/* ---- text ---- */

static char *put(char *to, struct rt_str s)
{
	if (s.n != 0)
		memcpy(to, s.p, s.n);
	return to + s.n;
}

size_t rt_jid_format(const struct rt_jid *j, char *out)
{
	char *p = put(out, j->node);

	if (j->node.n != 0)
		*p++ = '@';
	p = put(p, j->domain);
	if (j->resource.n != 0) {
		*p++ = '/';
		p = put(p, j->resource);
	}
	*p = '\0';
	return (size_t)(p - out);
}

struct rt_str rt_jid_text(struct rt_arena *a, const struct rt_jid *j)
{
	size_t n = (size_t)j->node.n + j->domain.n + j->resource.n + 2;
	char *text = rt_arena_alloc(a, n + 1);

	if (text == NULL)
		return (struct rt_str){NULL, 0};
	return (struct rt_str){text, (uint32_t)rt_jid_format(j, text)};
}
