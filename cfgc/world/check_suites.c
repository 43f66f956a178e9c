/* check_suites.c - protocol versions and cipher suites that an endpoint is left with. */
#include "world/suites.h"

#include "support/strbuf.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MOST_SHOWN   6u

/* Index of TLS 1.2 in tls_versions: what everybody speaks who does not speak 1.3 yet. */
#define VERSION_1_2 2

static const char *library(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

unsigned endpoint_keys(const struct tour *t, const struct endpoint *e)
{
	unsigned kinds = e->base != NULL ? key_kind_of(own_certificate(e->base)) : 0;

	if (e->has_domains)
		kinds |= t->domain_keys;
	return kinds != 0 ? kinds : KEYS_UNKNOWN;
}

/* ---- what is left ---- */

static size_t count(const struct suites *s, size_t version, unsigned kinds)
{
	size_t n = 0;

	for (size_t i = 0; i < s->by_version[version].list.n; i++)
		n += suite_fits(s->by_version[version].list.at[i], kinds);
	return n;
}

static size_t count_all(const struct suites *s, unsigned kinds)
{
	size_t n = 0;

	for (size_t i = 0; i < TLS_NVERSIONS; i++)
		n += count(s, i, kinds);
	return n;
}

static bool is_among(const struct suites *s, size_t before, const SSL_CIPHER *suite)
{
	for (size_t v = 0; v < before; v++)
		for (size_t i = 0; i < s->by_version[v].list.n; i++)
			if (s->by_version[v].list.at[i] == suite)
				return true;
	return false;
}

/* Those for some kinds of keys, every suite once. */
static void note_suites(const struct tour *t, const struct suites *s, unsigned kinds)
{
	struct strbuf out = {.arena = t->a};
	size_t n = 0;

	for (size_t v = 0; v < TLS_NVERSIONS; v++) {
		for (size_t i = 0; i < s->by_version[v].list.n; i++) {
			const SSL_CIPHER *suite = s->by_version[v].list.at[i];

			if (!suite_fits(suite, kinds) || is_among(s, v, suite) || n++ >= MOST_SHOWN)
				continue;
			strbuf_printf(&out, "%s%s", out.n != 0 ? ", " : "",
				      SSL_CIPHER_get_name(suite));
		}
	}
	if (n > MOST_SHOWN)
		strbuf_printf(&out, " and %zu more", n - MOST_SHOWN);
	diag_note(t->dl, "left are %.*s", STR_ARG(strbuf_str(&out)));
	diag_note(t->dl, "'cfgc ciphers FILE' lists all of them");
}

/* ---- words of the string ---- */

/* What asks for weak suites, whether the library still has them or not. */
static const char *const weak_words[] = {
	"NULL",
	"eNULL",
	"aNULL",
	"ADH",
	"AECDH",
	"EXP",
	"EXPORT",
	"EXPORT40",
	"EXPORT56",
	"LOW",
	"RC4",
	"RC2",
	"3DES",
	"DES-CBC3",
	"DES-CBC",
	"DES",
	"MD5",
	"SSLv2",
	"COMPLEMENTOFALL",
};

/* Words that mean something although no suite may be chosen by them. */
static const char *const idle_words[] = {
	"TLSv1.3", "MEDIUM", "COMPLEMENTOFDEFAULT", "TLS_AES_", "TLS_CHACHA20_",
};

/* Whether word, or a part of a name such as "RC4-MD5", is one of a list. */
static bool holds_one_of(struct str word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		for (size_t at = 0; at + len <= word.n; at++)
			if (memcmp(word.p + at, list[i], len) == 0 &&
			    (at == 0 || strchr("-+", word.p[at - 1]) != NULL) &&
			    (at + len == word.n || list[i][len - 1] == '_' ||
			     strchr("-+", word.p[at + len]) != NULL))
				return true;
	}
	return false;
}

/* The next word that adds suites: not "!MD5", "-RC4", "+AES", "@STRENGTH". */
static bool next_word(struct str *rest, struct str *word)
{
	while (rest->n != 0) {
		size_t n = 0;

		while (n < rest->n && strchr(":,; ", rest->p[n]) == NULL)
			n++;
		*word = (struct str){rest->p, n};
		n += n < rest->n;
		*rest = (struct str){rest->p + n, rest->n - n};
		if (word->n != 0 && strchr("!-+@", word->p[0]) == NULL)
			return true;
	}
	return false;
}

static void check_words(struct tour *t, const struct endpoint *e)
{
	struct str rest = e->ciphers, word;
	struct strbuf unknown = {.arena = t->a};

	while (next_word(&rest, &word)) {
		if (holds_one_of(word, weak_words, ARRAY_LEN(weak_words)) ||
		    holds_one_of(word, idle_words, ARRAY_LEN(idle_words)) ||
		    suite_word_is_known(t, word))
			continue;
		strbuf_printf(&unknown, "%s'%.*s'", unknown.n != 0 ? ", " : "", STR_ARG(word));
	}
	if (unknown.n == 0)
		return;
	diag_add(t->dl, W0445, e->ciphers_at, "no cipher suite is called %.*s",
		 STR_ARG(strbuf_str(&unknown)));
	diag_note(t->dl, "OpenSSL %s passes over it", library());
}

/* ---- weak ones ---- */

static struct str weak_word_of(const struct endpoint *e)
{
	struct str rest = e->ciphers, word;

	while (next_word(&rest, &word))
		if (holds_one_of(word, weak_words, ARRAY_LEN(weak_words)))
			return word;
	return (struct str){"", 0};
}

static void check_weak(const struct tour *t, const struct endpoint *e, const struct suites *s)
{
	struct str word = weak_word_of(e);
	const SSL_CIPHER *first = NULL;
	size_t n = 0, version = 0;

	for (size_t v = 0; v < TLS_NVERSIONS; v++) {
		for (size_t i = 0; i < s->by_version[v].list.n; i++) {
			const SSL_CIPHER *suite = s->by_version[v].list.at[i];

			if (suite_weakness(suite) == NULL || is_among(s, v, suite))
				continue;
			version = n == 0 ? v : version;
			first = n++ == 0 ? suite : first;
		}
	}
	if (first != NULL) {
		diag_add(t->dl, W0444, e->ciphers_at, "weak cipher suites are left: %s%s",
			 SSL_CIPHER_get_name(first), n > 1 ? " and others" : "");
		diag_primary(t->dl, "%zu of them", n);
		diag_note(t->dl, "%s: %s; a client with %s can ask for it",
			  SSL_CIPHER_get_name(first), suite_weakness(first),
			  tls_versions[version].name);
	} else if (word.n != 0) {
		diag_add(t->dl, W0444, e->ciphers_at, "'%.*s' asks for weak cipher suites",
			 STR_ARG(word));
		diag_note(t->dl, "OpenSSL %s has none of them; an older one may", library());
	} else {
		return;
	}
	note_suites(t, s, endpoint_keys(t, e));
	diag_help(t->dl, "end the string with :!aNULL:!eNULL:!EXPORT:!RC4:!3DES:!MD5");
}

/* ---- none left ---- */

static void report_none(const struct tour *t, const struct endpoint *e, const struct suites *s)
{
	if (!s->taken) {
		diag_add(t->dl, E0441, e->ciphers_at, "the cipher string chooses no suite");
		diag_primary(t->dl, "OpenSSL %s has none of these", library());
		diag_note(t->dl, "suites of TLS 1.3 do not count: they are not chosen here");
		return;
	}
	diag_add(t->dl, E0441, e->ciphers_at,
		 "no cipher suite is left for the versions that are on");
	if (e->versions_at.file != NO_FILE)
		diag_label(t->dl, e->versions_at, "switches versions off");
}

static const char *kind_name(unsigned kind)
{
	return kind == KEYS_RSA ? "an RSA key" : kind == KEYS_EC ? "an EC key" : "a DSA key";
}

static void check_keys(const struct tour *t, const struct endpoint *e, const struct suites *s)
{
	static const unsigned kinds[] = {KEYS_RSA, KEYS_EC, KEYS_OTHER};
	unsigned present = endpoint_keys(t, e);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if ((present & kinds[i]) == 0)
			continue;
		if (count_all(s, kinds[i]) == 0) {
			diag_add(t->dl, E0442, e->ciphers_at,
				 "no cipher suite is left for a certificate with %s",
				 kind_name(kinds[i]));
			if (e->base != NULL && key_kind_of(own_certificate(e->base)) == kinds[i])
				diag_label(t->dl, e->base->term->at, "the certificate");
			note_suites(t, s, KEYS_UNKNOWN);
			return;
		}
		if ((e->versions & TLS_1_2) != 0 && count(s, VERSION_1_2, kinds[i]) == 0) {
			diag_add(t->dl, W0446, e->ciphers_at,
				 "TLS 1.2 is on, but no cipher suite is left for it with %s",
				 kind_name(kinds[i]));
			note_suites(t, s, kinds[i]);
			return;
		}
	}
	if ((present & KEYS_UNKNOWN) == 0 || (e->versions & TLS_1_2) == 0 ||
	    count(s, VERSION_1_2, KEYS_UNKNOWN) != 0)
		return;
	diag_add(t->dl, W0446, e->ciphers_at, "TLS 1.2 is on, but no cipher suite is left for it");
	note_suites(t, s, KEYS_UNKNOWN);
}

void check_endpoint(struct tour *t, const struct endpoint *e)
{
	const struct suites *s;

	if (e->versions == 0) {
		diag_add(t->dl, E0443, e->versions_at, "no version of TLS is left for %.*s",
			 STR_ARG(e->name));
		diag_help(t->dl, "leave at least TLS 1.2 and 1.3 on");
		return;
	}
	if (e->ciphers.n == 0)
		return;
	s = suites_of(t, e->ciphers, e->versions);
	if (!s->taken || count_all(s, KEYS_UNKNOWN) == 0) {
		report_none(t, e, s);
		return;
	}
	check_words(t, e);
	check_weak(t, e, s);
	check_keys(t, e, s);
}
