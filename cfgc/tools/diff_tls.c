/* diff_tls.c - cipher strings, expanded by OpenSSL. */
#include "tools/diff_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "support/strbuf.h"

struct suites {
	VEC(struct str) list;
};

static void expand(struct arena *a, struct str string, struct suites *out)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *z = arena_str(a, string.p, string.n).p;
	STACK_OF(SSL_CIPHER) * all;

	*out = (struct suites){0};
	if (ctx != NULL && (string.n == 0 || SSL_CTX_set_cipher_list(ctx, z) == 1)) {
		all = SSL_CTX_get_ciphers(ctx);
		for (int i = 0; i < sk_SSL_CIPHER_num(all); i++) {
			const SSL_CIPHER *c = sk_SSL_CIPHER_value(all, i);
			const char *name = SSL_CIPHER_get_name(c);

			if (strcmp(SSL_CIPHER_get_version(c), "TLSv1.3") != 0)
				vec_push(a, &out->list, arena_str(a, name, strlen(name)));
		}
	}
	ERR_clear_error();
	SSL_CTX_free(ctx);
}

static bool has(const struct suites *s, struct str name)
{
	for (size_t i = 0; i < s->list.n; i++)
		if (str_eq(s->list.at[i], name))
			return true;
	return false;
}

/* Those of one list that the other does not have. */
static struct str missing(struct arena *a, const struct suites *these, const struct suites *those)
{
	struct strbuf out = {.arena = a};

	for (size_t i = 0; i < these->list.n; i++)
		if (!has(those, these->list.at[i]))
			strbuf_printf(&out, "%s%.*s", out.n != 0 ? ", " : "",
				      STR_ARG(these->list.at[i]));
	return strbuf_str(&out);
}

void diff_cipher_suites(struct arena *a, struct str old, struct str new, struct diff_suites *out)
{
	struct suites was, is;

	expand(a, old, &was);
	expand(a, new, &is);
	out->more = missing(a, &is, &was);
	out->less = missing(a, &was, &is);
	out->is_reordered = false;
	for (size_t i = 0; was.list.n == is.list.n && i < is.list.n; i++)
		out->is_reordered |= !str_eq(was.list.at[i], is.list.at[i]);
}
