/* handshake.c - proving the secret, and claiming the component's domains (XEP-0114, 3). */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "component/component.h"
#include "core/log.h"
#include "policy/secret.h"
#include "route/router.h"

#define DIGEST_HEX 40u /* characters of a SHA-1 digest */

/* Lower-case hex of SHA-1(stream id ++ password). */
static bool make_digest(const struct rt_component *c, char out[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	struct rt_str password = rt_secret_value(c->stream.conn.listener->password);
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha1(), NULL) == 1 &&
		  EVP_DigestUpdate(md, c->id, sizeof(c->id)) == 1 &&
		  EVP_DigestUpdate(md, password.p, password.n) == 1 &&
		  EVP_DigestFinal_ex(md, digest, NULL) == 1;

	EVP_MD_CTX_free(md);
	for (size_t i = 0; ok && i < DIGEST_HEX / 2; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	return ok;
}

static bool is_proven(const struct rt_component *c, struct rt_str given)
{
	char digest[DIGEST_HEX];

	return make_digest(c, digest) && given.n == DIGEST_HEX &&
	       CRYPTO_memcmp(digest, given.p, DIGEST_HEX) == 0;
}

/* NAME, or NAME.HOST for every host. */
static size_t name_count(const struct rt_component *c)
{
	return c->is_subdomain ? rt_gen.nhosts : 1;
}

/* The i-th domain, prepared, in the arena. */
static int make_domain(const struct rt_component *c, struct rt_arena *a, size_t i,
		       struct rt_str *out)
{
	struct rt_str name = rt_str_of(c->name), host, full;
	char *text;

	if (!c->is_subdomain)
		return rt_jid_prep_domain(a, name, out);
	host = rt_str_of(rt_gen.hosts[i].name);
	full.n = name.n + 1 + host.n;
	text = rt_arena_alloc(a, full.n);
	if (text == NULL)
		return RT_E_NOMEM;
	memcpy(text, name.p, name.n);
	text[name.n] = '.';
	memcpy(text + name.n + 1, host.p, host.n);
	full.p = text;
	return rt_jid_prep_domain(a, full, out);
}

/* All prepared domains into c->domains. RT_E_INVALID: NAME.HOST is too long or no domain. */
static int keep_domains(struct rt_component *c)
{
	size_t n = name_count(c), size = n * sizeof(struct rt_str);
	struct rt_str *made;
	struct rt_arena a = {0};
	char *text;
	int err = RT_OK;

	made = rt_arena_alloc(&a, size);
	if (made == NULL)
		return RT_E_NOMEM;
	for (size_t i = 0; i < n && err == RT_OK; i++) {
		err = make_domain(c, &a, i, &made[i]);
		if (err == RT_OK)
			size += made[i].n;
	}
	if (err == RT_OK) {
		c->domains = malloc(size);
		err = c->domains == NULL ? RT_E_NOMEM : RT_OK;
	}
	if (err == RT_OK) {
		text = (char *)(c->domains + n);
		for (size_t i = 0; i < n; i++) {
			memcpy(text, made[i].p, made[i].n);
			c->domains[i] = (struct rt_str){text, made[i].n};
			text += made[i].n;
		}
		c->ndomains = n;
	}
	rt_arena_fini(&a);
	return err;
}

static void log_join(const struct rt_component *c, const char *event)
{
	char name[RT_CONN_NAME_MAX];

	RT_LOG(INFO, rt_conn_name(&c->stream.conn, name), "component", event, KV_Z("name", c->name),
	       KV_INT("domains", c->ndomains));
}

static void on_claimed(struct rt_shard *shard, struct rt_id id, int err)
{
	struct rt_conn *conn = rt_conn_find(shard, id);
	struct rt_stream *s = conn == NULL ? NULL : rt_stream_of(conn);

	/* When the connection has ended meanwhile, the claim was given up with it. */
	if (s == NULL || s->phase != RT_PHASE_WAIT)
		return;
	if (err != RT_OK) {
		log_join(rt_component_of(s), "conflict");
		rt_component_of(s)->claimed = false;
		rt_stream_error(s,
				err == RT_E_EXISTS ? RT_STREAM_CONFLICT : RT_STREAM_OUT_OF_MEMORY);
		return;
	}
	log_join(rt_component_of(s), "joined");
	rt_stream_send(s, "<handshake/>");
	rt_conn_set_timeout(&s->conn, 0);
	rt_conn_trust(&s->conn);
	rt_stream_resume(s, RT_PHASE_SESSION);
}

static void claim(struct rt_component *c)
{
	struct rt_stream *s = &c->stream;
	int err = keep_domains(c);

	if (err != RT_OK) {
		rt_stream_error(s, err == RT_E_INVALID ? RT_STREAM_HOST_UNKNOWN
						       : RT_STREAM_OUT_OF_MEMORY);
		return;
	}
	rt_stream_wait(s);
	c->claimed = true;
	rt_routes_claim(s->conn.shard, s->conn.id, c->domains, c->ndomains,
			(s->conn.listener->flags & RT_L_HIDDEN) != 0, on_claimed);
}

void rt_component_handshake(struct rt_component *c, struct rt_stanza *st)
{
	char name[RT_CONN_NAME_MAX];

	/* Anything else that comes too early is ignored, as 3.2 does. */
	if (st->kind == RT_STANZA_OTHER && rt_elem_is(st->root, "handshake", RT_NS_CLIENT)) {
		if (is_proven(c, rt_elem_get_text(st, st->root))) {
			claim(c);
		} else {
			c->stream.conn.shard->counters.login_failures++;
			RT_LOG(INFO, rt_conn_name(&c->stream.conn, name), "component",
			       "handshake-failed", KV_Z("name", c->name));
			rt_stream_error(&c->stream, RT_STREAM_BAD_HANDSHAKE);
		}
	}
	rt_stanza_free(&st);
}
