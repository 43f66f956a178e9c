/* sasl.c - PLAIN (RFC 4616) and the frame around SCRAM; names and authorization identities (RFC
 * 6120, 6.3.8). */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "rt/gen.h"
#include "xml/jid.h"
#include "stream/base64.h"
#include "stream/password.h"
#include "stream/sasl.h"

static const char *const mechanism_names[RT_NMECHS] = {
#define X(name, text) [RT_MECH_##name] = text,
	RT_SASL_MECHANISMS(X)
#undef X
};

static const char *const failure_names[] = {
#define X(name, text) [RT_SASL_##name] = text,
	RT_SASL_FAILURES(X)
#undef X
};

#define BIT(m)          (1u << (m))
#define PLUS_MECHANISMS (BIT(RT_MECH_SCRAM_SHA_256_PLUS) | BIT(RT_MECH_SCRAM_SHA_1_PLUS))

const char *rt_sasl_failure_name(enum rt_sasl_failure f)
{
	return failure_names[f];
}

const char *rt_sasl_mechanism_name(enum rt_sasl_mechanism m)
{
	return mechanism_names[m];
}

uint32_t rt_sasl_offer(uint32_t configured, bool can_bind)
{
	uint32_t offer = 0;

	if (configured & RT_SASL_SCRAM)
		offer |= BIT(RT_MECH_SCRAM_SHA_256) | BIT(RT_MECH_SCRAM_SHA_1) |
			 (can_bind ? PLUS_MECHANISMS : 0);
	if (configured & RT_SASL_PLAIN)
		offer |= BIT(RT_MECH_PLAIN);
	return offer;
}

int rt_sasl_mechanism_find(uint32_t offer, struct rt_str name)
{
	for (int m = 0; m < RT_NMECHS; m++)
		if ((offer & BIT(m)) != 0 && rt_str_eq(name, rt_str_of(mechanism_names[m])))
			return m;
	return -1;
}

static void drop_text(struct rt_str *s)
{
	if (s->p != NULL) {
		char *text = (char *)(uintptr_t)s->p;

		OPENSSL_cleanse(text, s->n);
		free(text);
	}
	*s = (struct rt_str){NULL, 0};
}

/* Owned, never NULL on success even when empty. */
static bool keep_text(struct rt_str *to, struct rt_str from)
{
	char *copy = malloc((size_t)from.n + 1);

	if (copy == NULL)
		return false;
	if (from.n != 0)
		memcpy(copy, from.p, from.n);
	copy[from.n] = '\0';
	*to = (struct rt_str){copy, from.n};
	return true;
}

void rt_sasl_fini(struct rt_sasl *x)
{
	drop_text(&x->node);
	drop_text(&x->password);
	rt_scram_fini(&x->scram);
	OPENSSL_cleanse(x, sizeof(*x));
}

static enum rt_sasl_step fail(struct rt_sasl *x, enum rt_sasl_failure why)
{
	x->failure = (uint8_t)why;
	drop_text(&x->password);
	OPENSSL_cleanse(&x->credentials, sizeof(x->credentials));
	return RT_SASL_FAILED;
}

static enum rt_sasl_step fail_by(struct rt_sasl *x, int err)
{
	return fail(x, err == RT_E_PROTO    ? RT_SASL_MALFORMED_REQUEST
		       : err == RT_E_DENIED ? RT_SASL_NOT_AUTHORIZED
					    : RT_SASL_TEMPORARY_AUTH_FAILURE);
}

/* The account that a user name means: "node", or "node@host" with the stream's host. RT_E_DENIED
 * when it cannot be one of ours, which is all the client may learn. */
static int prepare_node(struct rt_sasl *x, struct rt_arena *a, struct rt_str authcid)
{
	const char *at = authcid.n == 0 ? NULL : memchr(authcid.p, '@', authcid.n);
	struct rt_str node = authcid, domain;

	if (at != NULL) {
		node.n = (uint32_t)(at - authcid.p);
		domain = (struct rt_str){at + 1, authcid.n - node.n - 1};
		/* A second '@' is refused here: it is in no domain. */
		if (rt_jid_prep_domain(a, domain, &domain) != RT_OK || !rt_str_eq(domain, x->host))
			return RT_E_DENIED;
	}
	if (rt_jid_prep_node(a, node, &node) != RT_OK || node.n == 0)
		return RT_E_DENIED;
	return keep_text(&x->node, node) ? RT_OK : RT_E_NOMEM;
}

/* Nobody may act for another account here: the authorization identity is the account's own bare JID
 * or nothing. */
static bool is_own_identity(const struct rt_sasl *x, struct rt_arena *a, struct rt_str authzid)
{
	struct rt_jid jid;

	return rt_jid_parse(a, authzid, &jid) == RT_OK && rt_str_eq(jid.node, x->node) &&
	       rt_str_eq(jid.domain, x->host) && jid.resource.n == 0;
}

static enum rt_sasl_step identify(struct rt_sasl *x, struct rt_str authcid, struct rt_str authzid)
{
	struct rt_arena a = {0};
	int err = prepare_node(x, &a, authcid);
	bool own = err != RT_OK || authzid.n == 0 || is_own_identity(x, &a, authzid);

	rt_arena_fini(&a);
	if (err != RT_OK)
		return fail_by(x, err);
	return own ? RT_SASL_LOOKUP : fail(x, RT_SASL_INVALID_AUTHZID);
}

/* message = [authzid] NUL authcid NUL passwd */
static enum rt_sasl_step start_plain(struct rt_sasl *x, struct rt_str message)
{
	const char *first = message.n == 0 ? NULL : memchr(message.p, '\0', message.n), *second;
	const char *end = message.p + message.n;
	struct rt_str authzid, authcid, password;

	if (first == NULL)
		return fail(x, RT_SASL_MALFORMED_REQUEST);
	second = memchr(first + 1, '\0', (size_t)(end - first - 1));
	if (second == NULL || memchr(second + 1, '\0', (size_t)(end - second - 1)) != NULL)
		return fail(x, RT_SASL_MALFORMED_REQUEST);
	authzid = (struct rt_str){message.p, (uint32_t)(first - message.p)};
	authcid = (struct rt_str){first + 1, (uint32_t)(second - first - 1)};
	password = (struct rt_str){second + 1, (uint32_t)(end - second - 1)};
	if (authcid.n == 0 || password.n == 0)
		return fail(x, RT_SASL_NOT_AUTHORIZED);
	if (!keep_text(&x->password, password))
		return fail(x, RT_SASL_TEMPORARY_AUTH_FAILURE);
	return identify(x, authcid, authzid);
}

static enum rt_sasl_step start_scram(struct rt_sasl *x, struct rt_str message)
{
	int err = rt_scram_client_first(&x->scram, message);

	return err == RT_OK ? identify(x, x->scram.authcid, x->scram.authzid) : fail_by(x, err);
}

static enum rt_sasl_step first_data(struct rt_sasl *x, struct rt_str data)
{
	x->started = true;
	return x->mechanism == RT_MECH_PLAIN ? start_plain(x, data) : start_scram(x, data);
}

enum rt_sasl_step rt_sasl_start(struct rt_sasl *x, enum rt_sasl_mechanism m, uint32_t offer,
				struct rt_str data, struct rt_buf *out)
{
	(void)out; /* an empty challenge has no data */
	x->mechanism = (uint8_t)m;
	x->scram.sha256 = m == RT_MECH_SCRAM_SHA_256 || m == RT_MECH_SCRAM_SHA_256_PLUS;
	x->scram.plus = (BIT(m) & PLUS_MECHANISMS) != 0;
	x->scram.plus_offered = (offer & PLUS_MECHANISMS) != 0;
	return data.p == NULL ? RT_SASL_CHALLENGE : first_data(x, data);
}

enum rt_sasl_step rt_sasl_respond(struct rt_sasl *x, struct rt_str data, struct rt_buf *out)
{
	int err;

	if (!x->started)
		return first_data(x, data);
	/* PLAIN has one message only, so this is the second one of SCRAM. */
	err = rt_scram_client_final(&x->scram, data, out);
	if (err == RT_OK && !x->exists)
		err = RT_E_DENIED;
	return err == RT_OK ? RT_SASL_SUCCESS : fail_by(x, err);
}

static enum rt_sasl_step scram_challenge(struct rt_sasl *x, struct rt_buf *out)
{
	unsigned char random[18];
	char nonce[RT_BASE64_LEN(sizeof(random))];
	int err;

	/* A binding type we do not know, or that this connection does not have. */
	if (x->scram.flag == RT_SCRAM_BINDING && x->scram.binding_len == 0)
		return fail(x, RT_SASL_NOT_AUTHORIZED);
	if (RAND_bytes(random, sizeof(random)) != 1)
		return fail(x, RT_SASL_TEMPORARY_AUTH_FAILURE);
	rt_base64_encode(nonce, random, sizeof(random));
	err = rt_scram_server_first(&x->scram,
				    x->scram.sha256 ? &x->credentials.sha256 : &x->credentials.sha1,
				    (struct rt_str){nonce, sizeof(nonce)}, out);
	OPENSSL_cleanse(&x->credentials, sizeof(x->credentials));
	return err == RT_OK ? RT_SASL_CHALLENGE : fail_by(x, err);
}

enum rt_sasl_step rt_sasl_found(struct rt_sasl *x, int err, const struct rt_credentials *c,
				struct rt_buf *out)
{
	if (err != RT_OK && err != RT_E_NOTFOUND)
		return fail(x, RT_SASL_TEMPORARY_AUTH_FAILURE);
	x->exists = err == RT_OK;
	/* Made for everybody: the time it takes must not tell who exists. */
	if (rt_password_decoy(x->node, x->host, x->iterations, &x->credentials) != RT_OK)
		return fail(x, RT_SASL_TEMPORARY_AUTH_FAILURE);
	if (x->exists)
		x->credentials = *c;
	return x->mechanism == RT_MECH_PLAIN ? RT_SASL_CHECK : scram_challenge(x, out);
}

enum rt_sasl_step rt_sasl_checked(struct rt_sasl *x, int err, bool matches)
{
	drop_text(&x->password);
	OPENSSL_cleanse(&x->credentials, sizeof(x->credentials));
	if (err != RT_OK)
		return fail(x, RT_SASL_TEMPORARY_AUTH_FAILURE);
	return x->exists && matches ? RT_SASL_SUCCESS : fail(x, RT_SASL_NOT_AUTHORIZED);
}
