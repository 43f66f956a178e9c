/* tls.c - all contexts of the image, which one a connection gets, and replacing them while
 * connections live on.
 *
 *   set ─▶ one entry per different rt_tls_spec ─▶ base context, and one per domain_certfile
 *
 * Contexts are reference counted by OpenSSL: a connection keeps its own alive, a reload only swaps
 * the set.
 */
#include "net/tls.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

#include <idn-free.h>
#include <idna.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls_context.h"

/* The contexts for one spec. Owned by its base context (as ex data), so that the SNI callback may
 * use it as long as any connection of that context lives. */
struct family {
	SSL_CTX **domains;  /* one per row of names */
	char **names;       /* as they come by SNI: ASCII form, lower case */
	const char **texts; /* as prepared by the configuration */
	size_t n;
};

struct entry {
	const struct rt_tls_spec *spec;
	SSL_CTX *base;
};

struct set {
	struct entry *entries;
	size_t n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct set current;
static int family_index = -1; /* of ex data */

static void free_family(struct family *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n; i++) {
		SSL_CTX_free(f->domains[i]);
		free(f->names[i]);
	}
	free(f->domains);
	free(f->names);
	free(f->texts);
	free(f);
}

static void on_context_freed(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl,
			     void *argp)
{
	(void)parent;
	(void)ad;
	(void)idx;
	(void)argl;
	(void)argp;
	free_family(ptr);
}

/* Choose by SNI (RFC 6066, 3). A name that has no certificate of its own keeps what was chosen
 * before. */
static int on_server_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct family *f = arg;
	size_t i;

	(void)alert;
	for (i = 0; name != NULL && i < f->n; i++) {
		if (strcasecmp(name, f->names[i]) == 0) {
			SSL_set_SSL_CTX(ssl, f->domains[i]);
			break;
		}
	}
	return SSL_TLSEXT_ERR_OK;
}

static char *ascii_name(const char *domain)
{
	char *ascii = NULL, *copy;

	if (idna_to_ascii_8z(domain, &ascii, 0) != IDNA_SUCCESS)
		return strdup(domain); /* a name that no client can send */
	copy = strdup(ascii);
	idn_free(ascii);
	return copy;
}

static struct family *new_family(const struct rt_gen *gen, const struct rt_tls_spec *spec)
{
	struct family *f = calloc(1, sizeof(*f));
	bool ok = f != NULL;
	size_t i, n = gen->ndomain_certs;

	if (ok && n > 0) {
		f->domains = calloc(n, sizeof(f->domains[0]));
		f->names = calloc(n, sizeof(f->names[0]));
		f->texts = calloc(n, sizeof(f->texts[0]));
		ok = f->domains != NULL && f->names != NULL && f->texts != NULL;
	}
	if (!ok) {
		free_family(f);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		const struct rt_domain_cert *row = &gen->domain_certs[i];

		f->texts[i] = row->domain;
		f->names[i] = ascii_name(row->domain);
		f->domains[i] = rt_tls_context_new(gen, spec, row->certfile, row->at);
		f->n++;
		ok = f->names[i] != NULL && f->domains[i] != NULL &&
		     ok; /* go on: report every bad file */
	}
	if (!ok) {
		free_family(f);
		return NULL;
	}
	return f;
}

static void answer_server_names(SSL_CTX *ctx, struct family *f)
{
	SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(ctx, f);
}

static SSL_CTX *new_base(const struct rt_gen *gen, const struct rt_tls_spec *spec)
{
	SSL_CTX *base = rt_tls_context_new(gen, spec, spec->certfile, spec->at);
	struct family *f = new_family(gen, spec);
	size_t i;

	if (base == NULL || f == NULL || SSL_CTX_set_ex_data(base, family_index, f) != 1) {
		free_family(f);
		SSL_CTX_free(base);
		return NULL;
	}
	answer_server_names(base, f);
	for (i = 0; i < f->n; i++)
		answer_server_names(f->domains[i], f);
	return base;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_spec(const struct rt_tls_spec *a, const struct rt_tls_spec *b)
{
	return a == b || (same_text(a->certfile, b->certfile) && same_text(a->cafile, b->cafile) &&
			  same_text(a->ciphers, b->ciphers) && same_text(a->dhfile, b->dhfile) &&
			  a->flags == b->flags);
}

static const struct entry *find_entry(const struct set *s, const struct rt_tls_spec *spec)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->entries[i].spec == spec)
			return &s->entries[i];
	for (i = 0; i < s->n; i++)
		if (same_spec(s->entries[i].spec, spec))
			return &s->entries[i];
	return NULL;
}

static void free_set(struct set *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		SSL_CTX_free(s->entries[i].base);
	free(s->entries);
	*s = (struct set){0};
}

static int load_set(const struct rt_gen *gen, struct set *s)
{
	int err = RT_OK;
	size_t i;

	*s = (struct set){0};
	if (gen->nlisteners == 0)
		return RT_OK;
	s->entries = calloc(gen->nlisteners, sizeof(s->entries[0]));
	if (s->entries == NULL)
		return RT_E_NOMEM;
	for (i = 0; i < gen->nlisteners; i++) {
		const struct rt_tls_spec *spec = gen->listeners[i].tls;
		SSL_CTX *base;

		if (spec == NULL || find_entry(s, spec) != NULL)
			continue;
		base = new_base(gen, spec);
		if (base == NULL)
			err = RT_E_INVALID;
		/* A failed one is kept, too: its problems are reported once. */
		s->entries[s->n++] = (struct entry){spec, base};
	}
	return err;
}

int rt_tls_load(const struct rt_gen *gen)
{
	struct set fresh, old;
	int err;

	if (family_index < 0)
		family_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_freed);
	if (family_index < 0)
		return RT_E_NOMEM;
	err = load_set(gen, &fresh);
	if (err != RT_OK) {
		free_set(&fresh);
		return err;
	}
	pthread_mutex_lock(&lock);
	old = current;
	current = fresh;
	pthread_mutex_unlock(&lock);
	free_set(&old);
	return RT_OK;
}

void rt_tls_unload(void)
{
	struct set old;

	pthread_mutex_lock(&lock);
	old = current;
	current = (struct set){0};
	pthread_mutex_unlock(&lock);
	free_set(&old);
}

struct ssl_st *rt_tls_accept(const struct rt_tls_spec *spec, int fd, struct rt_str domain)
{
	const struct entry *entry;
	const struct family *f;
	SSL *ssl = NULL;
	size_t i;

	/* Once per handshake, beside which an uncontended lock is nothing. */
	pthread_mutex_lock(&lock);
	entry = find_entry(&current, spec);
	if (entry != NULL)
		ssl = SSL_new(entry->base);
	pthread_mutex_unlock(&lock);
	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	f = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), family_index);
	for (i = 0; i < f->n; i++) {
		if (rt_str_eq(rt_str_of(f->texts[i]), domain)) {
			SSL_set_SSL_CTX(ssl, f->domains[i]);
			break;
		}
	}
	SSL_set_accept_state(ssl);
	return ssl;
}
