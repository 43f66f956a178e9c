/* scram.c - parsing and proving of SCRAM messages (RFC 5802, 5 and 7). */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "stream/base64.h"
#include "stream/scram.h"

static void drop_names(struct rt_scram *x)
{
	free(x->names);
	x->names = NULL;
	x->authcid = x->authzid = x->binding_name = (struct rt_str){NULL, 0};
}

void rt_scram_fini(struct rt_scram *x)
{
	rt_buf_fini(&x->said);
	drop_names(x);
	OPENSSL_cleanse(x, sizeof(*x));
}

/* The text up to the next comma. false: nothing is left. */
static bool take_field(struct rt_str *rest, struct rt_str *field)
{
	const char *comma;

	if (rest->p == NULL)
		return false;
	comma = memchr(rest->p, ',', rest->n);
	if (comma == NULL) {
		*field = *rest;
		*rest = (struct rt_str){NULL, 0};
		return true;
	}
	*field = (struct rt_str){rest->p, (uint32_t)(comma - rest->p)};
	rest->n -= field->n + 1;
	rest->p = comma + 1;
	return true;
}

/* "x=value"; the value is left in *field. */
static bool is_attribute(struct rt_str *field, char name)
{
	if (field->n < 2 || field->p[0] != name || field->p[1] != '=')
		return false;
	field->p += 2;
	field->n -= 2;
	return true;
}

/* A saslname: =2C and =3D stand for comma and equals sign, any other `=` is an error, and so is an
 * empty name. Shrinks in place: the text is our own copy. */
static bool unescape_name(char *base, struct rt_str *name)
{
	char *text = base + (name->p - base), *o = text;

	for (uint32_t i = 0; i < name->n; i++) {
		char c = text[i];

		if (c == '\0')
			return false;
		if (c == '=') {
			if (name->n - i < 3 || text[i + 1] != (text[i + 2] == 'C' ? '2' : '3') ||
			    (text[i + 2] != 'C' && text[i + 2] != 'D'))
				return false;
			c = text[i + 2] == 'C' ? ',' : '=';
			i += 2;
		}
		*o++ = c;
	}
	name->n = (uint32_t)(o - text);
	return name->n != 0;
}

static bool is_nonce(struct rt_str s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.n != 0;
}

static bool parse_flag(struct rt_scram *x, struct rt_str flag)
{
	if (rt_str_is(flag, "n")) {
		x->flag = RT_SCRAM_NO_BINDING;
	} else if (rt_str_is(flag, "y")) {
		x->flag = RT_SCRAM_COULD_BIND;
	} else if (is_attribute(&flag, 'p') && flag.n != 0) {
		x->flag = RT_SCRAM_BINDING;
		x->binding_name = flag;
	} else {
		return false;
	}
	/* -PLUS is used exactly when the client binds. */
	return x->plus == (x->flag == RT_SCRAM_BINDING);
}

int rt_scram_client_first(struct rt_scram *x, struct rt_str message)
{
	struct rt_str rest, field, nonce;

	if (message.n > RT_SCRAM_FIRST_MAX)
		return RT_E_PROTO;
	x->names = malloc((size_t)message.n + 1);
	if (x->names == NULL)
		return RT_E_NOMEM;
	if (message.n != 0)
		memcpy(x->names, message.p, message.n);
	rest = (struct rt_str){x->names, message.n};

	if (!take_field(&rest, &field) || !parse_flag(x, field))
		return RT_E_PROTO;
	if (!take_field(&rest, &x->authzid))
		return RT_E_PROTO;
	if (x->authzid.n != 0 &&
	    (!is_attribute(&x->authzid, 'a') || !unescape_name(x->names, &x->authzid)))
		return RT_E_PROTO;
	if (rest.p == NULL)
		return RT_E_PROTO;
	x->bare = (uint32_t)(rest.p - x->names);

	/* A mandatory extension, "m=...", would stand before the name: there is none that we know.
	 */
	if (!take_field(&rest, &x->authcid) || !is_attribute(&x->authcid, 'n'))
		return RT_E_PROTO;
	if (!take_field(&rest, &nonce) || !is_attribute(&nonce, 'r') || !is_nonce(nonce) ||
	    nonce.n > RT_SCRAM_NONCE_MAX)
		return RT_E_PROTO;
	while (take_field(&rest, &field))
		if (field.n < 2 || field.p[1] != '=' || field.p[0] == 'm')
			return RT_E_PROTO;

	rt_buf_add(&x->said, message.p, message.n);
	x->nonce = (uint32_t)(nonce.p - x->names);
	x->nonce_len = nonce.n;
	if (!unescape_name(x->names, &x->authcid))
		return RT_E_PROTO;
	if (x->said.failed)
		return RT_E_NOMEM;
	/* RFC 5802, 6: "y" although -PLUS was offered means that the list was tampered with. */
	return x->flag == RT_SCRAM_COULD_BIND && x->plus_offered ? RT_E_DENIED : RT_OK;
}

static void add_base64(struct rt_buf *b, const void *data, size_t n)
{
	char *to = rt_buf_reserve(b, RT_BASE64_LEN(n));

	if (to != NULL)
		b->end += (uint32_t)rt_base64_encode(to, data, n);
}

int rt_scram_server_first(struct rt_scram *x, const struct rt_scram_keys *keys, struct rt_str nonce,
			  struct rt_buf *out)
{
	char count[16];
	uint32_t begin, at;
	int n = snprintf(count, sizeof(count), ",i=%u", (unsigned)keys->iterations);

	RT_ASSERT(is_nonce(nonce) && n > 0);
	x->keys = *keys;
	/* The client's nonce is copied from what it said before the buffer can move. */
	if (rt_buf_reserve(&x->said, 64u + x->nonce_len + nonce.n) == NULL)
		return RT_E_NOMEM;
	rt_buf_add(&x->said, ",", 1);
	begin = x->said.end;
	rt_buf_add(&x->said, "r=", 2);
	at = x->said.end;
	rt_buf_add(&x->said, x->said.data + x->nonce, x->nonce_len);
	rt_buf_adds(&x->said, nonce);
	x->nonce = at;
	x->nonce_len += nonce.n;
	rt_buf_add(&x->said, ",s=", 3);
	add_base64(&x->said, keys->salt, RT_SCRAM_SALT);
	rt_buf_add(&x->said, count, (size_t)n);
	if (x->said.failed)
		return RT_E_NOMEM;
	drop_names(x); /* the answer may be long in coming */
	rt_buf_add(out, x->said.data + begin, x->said.end - begin);
	return out->failed ? RT_E_NOMEM : RT_OK;
}

/* c= must be the base64 of the gs2-header and the binding data, byte for byte: what the client saw
 * is what we sent. */
static int check_binding(const struct rt_scram *x, struct rt_str c)
{
	struct rt_buf raw = {0}, want = {0};
	int err;

	rt_buf_add(&raw, x->said.data, x->bare);
	rt_buf_add(&raw, x->binding, x->flag == RT_SCRAM_BINDING ? x->binding_len : 0);
	if (!raw.failed)
		add_base64(&want, raw.data, raw.end);
	if (raw.failed || want.failed)
		err = RT_E_NOMEM;
	else
		err = c.n == want.end && memcmp(c.p, want.data, c.n) == 0 ? RT_OK : RT_E_DENIED;
	rt_buf_fini(&raw);
	rt_buf_fini(&want);
	return err;
}

/* Splits at the last comma: the proof is the last field, whatever extensions come before. */
static bool split_proof(struct rt_str message, struct rt_str *without, struct rt_str *proof)
{
	const char *comma = message.n == 0 ? NULL : memrchr(message.p, ',', message.n);

	if (comma == NULL)
		return false;
	*without = (struct rt_str){message.p, (uint32_t)(comma - message.p)};
	*proof = (struct rt_str){comma + 1, message.n - without->n - 1};
	return is_attribute(proof, 'p');
}

/* The proof is ClientKey XOR HMAC(StoredKey, AuthMessage), and StoredKey is the hash of ClientKey.
 */
static bool is_proven(const struct rt_scram *x, const EVP_MD *md, size_t len,
		      const unsigned char *proof)
{
	unsigned char key[EVP_MAX_MD_SIZE], digest[EVP_MAX_MD_SIZE];
	bool ok = HMAC(md, x->keys.stored_key, (int)len,
		       (const unsigned char *)x->said.data + x->bare, x->said.end - x->bare, key,
		       NULL) != NULL;

	for (size_t i = 0; i < len; i++)
		key[i] ^= proof[i];
	ok = ok && EVP_Digest(key, len, digest, NULL, md, NULL) == 1 &&
	     CRYPTO_memcmp(digest, x->keys.stored_key, len) == 0;
	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

int rt_scram_client_final(struct rt_scram *x, struct rt_str message, struct rt_buf *out)
{
	const EVP_MD *md = x->sha256 ? EVP_sha256() : EVP_sha1();
	const size_t len = x->sha256 ? 32 : 20;
	unsigned char proof[64], signature[EVP_MAX_MD_SIZE];
	struct rt_str rest, proof_text, c, r, field;
	int err;

	if (!split_proof(message, &rest, &proof_text) || proof_text.n != RT_BASE64_LEN(len) ||
	    rt_base64_decode(proof, proof_text) != (ptrdiff_t)len)
		return RT_E_PROTO;
	rt_buf_add(&x->said, ",", 1);
	rt_buf_adds(&x->said, rest);
	if (x->said.failed)
		return RT_E_NOMEM;
	if (!take_field(&rest, &c) || !is_attribute(&c, 'c') || !take_field(&rest, &r) ||
	    !is_attribute(&r, 'r'))
		return RT_E_PROTO;
	while (take_field(&rest, &field))
		if (field.n < 2 || field.p[1] != '=' || field.p[0] == 'm')
			return RT_E_PROTO;

	if (r.n != x->nonce_len || memcmp(r.p, x->said.data + x->nonce, r.n) != 0)
		return RT_E_DENIED;
	err = check_binding(x, c);
	if (err != RT_OK)
		return err;
	if (!is_proven(x, md, len, proof))
		return RT_E_DENIED;
	if (HMAC(md, x->keys.server_key, (int)len, (const unsigned char *)x->said.data + x->bare,
		 x->said.end - x->bare, signature, NULL) == NULL)
		return RT_E_NOMEM;
	rt_buf_add(out, "v=", 2);
	add_base64(out, signature, len);
	return out->failed ? RT_E_NOMEM : RT_OK;
}
