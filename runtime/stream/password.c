/* password.c - SASLprep (RFC 4013), PBKDF2 and the keys of SCRAM (RFC 5802, 3). */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <stringprep.h>
#include <sys/random.h>

#include "core/worker.h"
#include "stream/password.h"

struct password_hash {
	const EVP_MD *(*md)(void);
	unsigned len;
};

static const struct password_hash sha1 = {EVP_sha1, 20}, sha256 = {EVP_sha256, 32};

static bool is_plain_ascii(struct rt_str s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

/* *out is the caller's to wipe and free. Unassigned code points are let through: new scripts and
 * emoji are in use as passwords, and both mechanisms treat them alike. */
static int saslprep(struct rt_str in, char **out)
{
	char *copy = malloc((size_t)in.n + 1);
	int rc = STRINGPREP_OK;

	if (copy == NULL)
		return RT_E_NOMEM;
	memcpy(copy, in.p, in.n);
	copy[in.n] = '\0';
	*out = copy;
	if (is_plain_ascii(in))
		return RT_OK;
	rc = memchr(in.p, '\0', in.n) != NULL
		     ? STRINGPREP_CONTAINS_PROHIBITED
		     : stringprep_profile(copy, out, "SASLprep", (Stringprep_profile_flags)0);
	OPENSSL_cleanse(copy, in.n);
	free(copy);
	if (rc == STRINGPREP_MALLOC_ERROR)
		return RT_E_NOMEM;
	return rc == STRINGPREP_OK ? RT_OK : RT_E_INVALID;
}

static bool is_acceptable_length(struct rt_str password)
{
	return password.n != 0 && password.n <= RT_PASSWORD_MAX;
}

static bool hmac(const struct password_hash *h, const void *key, const char *text,
		 unsigned char *out)
{
	return HMAC(h->md(), key, (int)h->len, (const unsigned char *)text, strlen(text), out,
		    NULL) != NULL;
}

/* StoredKey and, unless NULL, ServerKey of a prepared password. */
static bool derive_keys(const struct password_hash *h, const char *password,
			const struct rt_scram_keys *k, uint8_t *stored, uint8_t *server)
{
	unsigned char salted[EVP_MAX_MD_SIZE], client[EVP_MAX_MD_SIZE];
	bool ok = PKCS5_PBKDF2_HMAC(password, (int)strlen(password), k->salt, RT_SCRAM_SALT,
				    (int)k->iterations, h->md(), (int)h->len, salted) == 1 &&
		  hmac(h, salted, "Client Key", client) &&
		  EVP_Digest(client, h->len, stored, NULL, h->md(), NULL) == 1 &&
		  (server == NULL || hmac(h, salted, "Server Key", server));

	OPENSSL_cleanse(salted, sizeof(salted));
	OPENSSL_cleanse(client, sizeof(client));
	return ok;
}

static bool derive_fresh(const struct password_hash *h, const char *password, uint32_t iterations,
			 struct rt_scram_keys *k)
{
	k->iterations = iterations;
	return RAND_bytes(k->salt, RT_SCRAM_SALT) == 1 &&
	       derive_keys(h, password, k, k->stored_key, k->server_key);
}

static void wipe_text(char **text)
{
	OPENSSL_cleanse(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

int rt_password_derive(struct rt_str password, uint32_t iterations, struct rt_credentials *out)
{
	struct rt_credentials c = {0};
	char *prepared = NULL;
	int err = is_acceptable_length(password) ? RT_OK : RT_E_INVALID;

	if (err == RT_OK)
		err = saslprep(password, &prepared);
	if (err != RT_OK)
		return err;
	if (prepared[0] == '\0')
		err = RT_E_INVALID;
	else if (!derive_fresh(&sha1, prepared, iterations, &c.sha1) ||
		 !derive_fresh(&sha256, prepared, iterations, &c.sha256))
		err = RT_E_NOMEM;
	wipe_text(&prepared);
	if (err == RT_OK)
		*out = c;
	OPENSSL_cleanse(&c, sizeof(c));
	return err;
}

bool rt_password_matches(struct rt_str password, const struct rt_credentials *c)
{
	uint8_t stored[EVP_MAX_MD_SIZE];
	char *prepared = NULL;
	bool ok = false;

	if (!is_acceptable_length(password) || saslprep(password, &prepared) != RT_OK)
		return false;
	ok = derive_keys(&sha256, prepared, &c->sha256, stored, NULL) &&
	     CRYPTO_memcmp(stored, c->sha256.stored_key, sha256.len) == 0;
	wipe_text(&prepared);
	OPENSSL_cleanse(stored, sizeof(stored));
	return ok;
}

static unsigned char decoy_secret[32];
static pthread_once_t decoy_once = PTHREAD_ONCE_INIT;

static void make_decoy_secret(void)
{
	RT_ASSERT(getrandom(decoy_secret, sizeof(decoy_secret), 0) ==
		  (ssize_t)sizeof(decoy_secret));
}

/* n <= 32 bytes that look random and depend on the name and the purpose alone. */
static bool fill_decoy(uint8_t *out, size_t n, const char *purpose, struct rt_str node,
		       struct rt_str host)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[2u * 1024u + 32u];
	size_t used = 0;
	const struct rt_str parts[] = {rt_str_of(purpose), RT_STR("|"), node, RT_STR("@"), host};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		RT_ASSERT(used + parts[i].n <= sizeof(text));
		if (parts[i].n != 0)
			memcpy(text + used, parts[i].p, parts[i].n);
		used += parts[i].n;
	}
	if (HMAC(EVP_sha256(), decoy_secret, sizeof(decoy_secret), (const unsigned char *)text,
		 used, digest, NULL) == NULL)
		return false;
	memcpy(out, digest, n);
	return true;
}

static bool make_decoy_keys(struct rt_scram_keys *k, const char *salt_purpose,
			    const char *key_purpose, struct rt_str node, struct rt_str host,
			    uint32_t iterations)
{
	k->iterations = iterations;
	if (!fill_decoy(k->salt, sizeof(k->salt), salt_purpose, node, host) ||
	    !fill_decoy(k->stored_key, sizeof(k->stored_key), key_purpose, node, host))
		return false;
	memcpy(k->server_key, k->stored_key, sizeof(k->server_key));
	return true;
}

int rt_password_decoy(struct rt_str node, struct rt_str host, uint32_t iterations,
		      struct rt_credentials *out)
{
	pthread_once(&decoy_once, make_decoy_secret);
	return make_decoy_keys(&out->sha1, "salt-1", "key-1", node, host, iterations) &&
			       make_decoy_keys(&out->sha256, "salt-256", "key-256", node, host,
					       iterations)
		       ? RT_OK
		       : RT_E_NOMEM;
}

/* One derivation or check on a worker. */
struct password_job {
	struct rt_job job; /* first: the message and the job are the same memory */
	rt_password_derived_fn *derived;
	rt_password_checked_fn *checked;
	void *ctx;
	int err;
	bool matches;
	uint32_t iterations;
	struct rt_credentials credentials;
	uint32_t n;
	char password[]; /* n bytes, wiped once used */
};

static void finish(struct rt_shard *shard, struct rt_msg *msg)
{
	struct password_job *j = (struct password_job *)(void *)msg;

	if (j->derived != NULL)
		j->derived(shard, j->ctx, j->err, j->err == RT_OK ? &j->credentials : NULL);
	else
		j->checked(shard, j->ctx, j->err, j->matches);
	OPENSSL_cleanse(&j->credentials, sizeof(j->credentials));
	free(j);
}

static void work(struct rt_job *job)
{
	struct password_job *j = (struct password_job *)(void *)job;
	struct rt_str password = {j->password, j->n};

	if (j->derived != NULL)
		j->err = rt_password_derive(password, j->iterations, &j->credentials);
	else
		j->matches = rt_password_matches(password, &j->credentials);
	OPENSSL_cleanse(j->password, j->n);
}

/* NULL: out of memory. */
static struct password_job *new_job(struct rt_shard *shard, struct rt_str password)
{
	/* One byte too many is enough for the work to refuse it. */
	uint32_t n = password.n <= RT_PASSWORD_MAX ? password.n : RT_PASSWORD_MAX + 1u;
	struct password_job *j = calloc(1, sizeof(*j) + n);

	if (j == NULL)
		return NULL;
	j->job.msg.fn = finish;
	j->job.work = work;
	j->job.home = shard;
	j->n = n;
	if (n != 0)
		memcpy(j->password, password.p, n);
	return j;
}

/* j is the worker's once it has been taken, so nothing is written to it afterwards. */
static void submit(struct rt_shard *shard, struct password_job *j)
{
	int err = rt_worker_submit(&j->job);

	if (err == RT_OK)
		return;
	j->err = err;
	OPENSSL_cleanse(j->password, j->n);
	rt_shard_post(shard, &j->job.msg);
}

void rt_password_derive_async(struct rt_shard *shard, struct rt_str password, uint32_t iterations,
			      rt_password_derived_fn *done, void *ctx)
{
	struct password_job *j = new_job(shard, password);

	if (j == NULL) {
		done(shard, ctx, RT_E_NOMEM, NULL);
		return;
	}
	j->derived = done;
	j->ctx = ctx;
	j->iterations = iterations;
	submit(shard, j);
}

void rt_password_check_async(struct rt_shard *shard, struct rt_str password,
			     const struct rt_credentials *c, rt_password_checked_fn *done,
			     void *ctx)
{
	struct password_job *j = new_job(shard, password);

	if (j == NULL) {
		done(shard, ctx, RT_E_NOMEM, false);
		return;
	}
	j->checked = done;
	j->ctx = ctx;
	j->credentials = *c;
	submit(shard, j);
}
