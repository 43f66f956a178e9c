/* check_chain.c - the certificates of one file: their order and their dates. */
#include "world/tour.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Long enough to renew by hand. ACME clients renew at 30 days. Days. */
#define SOON_DAYS 21
#define DAY_S     86400

/* ---- texts ---- */

struct str date_text(struct arena *a, int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return STR("a date that has no name");
	return arena_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

#define DN_MAX_BYTES 80u

struct str dn_text(struct arena *a, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	struct str text = STR("a name without parts");
	long n;

	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	n = BIO_get_mem_data(bio, &p);
	if (n > 0)
		text = arena_printf(a, "%.*s%s", n > DN_MAX_BYTES ? (int)DN_MAX_BYTES : (int)n, p,
				    n > DN_MAX_BYTES ? "..." : "");
	BIO_free(bio);
	return text;
}

X509 *certificate_of(const struct named_file *f, size_t n)
{
	const struct pem_block *block = pem_block(&f->pem, PEM_CERTIFICATE, n);

	return block != NULL ? block->certificate : NULL;
}

/* ---- order ---- */

bool is_issuer(X509 *issuer, X509 *subject)
{
	bool is =
		X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) == 0 &&
		X509_verify(subject, X509_get0_pubkey(issuer)) == 1;

	ERR_clear_error();
	return is;
}

static bool is_self_signed(X509 *x)
{
	return is_issuer(x, x);
}

/* Where in the file the issuer of a certificate is, or n. */
static size_t find_issuer(const struct named_file *f, size_t n, size_t subject)
{
	for (size_t i = 0; i < n; i++)
		if (i != subject && is_issuer(certificate_of(f, i), certificate_of(f, subject)))
			return i;
	return n;
}

static void report_missing_issuer(const struct tour *t, const struct named_file *f, size_t at)
{
	struct str issuer = dn_text(t->a, X509_get_issuer_name(certificate_of(f, at)));

	report_at(t, W0422, f->term, "'%.*s' lacks the issuer of its certificate %zu",
		  STR_ARG(f->path), at + 1);
	diag_primary(t->dl, "no '%.*s' in it", STR_ARG(issuer));
	diag_note(t->dl, "clients know roots only: they cannot get from certificate %zu to one",
		  at + 1);
	diag_help(t->dl, "use the file with the full chain, often called fullchain.pem");
}

/* Certificate `at` is not the issuer of the one before it. */
static void report_order(const struct tour *t, const struct named_file *f, size_t n, size_t at)
{
	size_t issuer;

	if (X509_cmp(certificate_of(f, at - 1), certificate_of(f, at)) == 0) {
		report_at(t, W0421, f->term, "certificate %zu of '%.*s' is there twice", at,
			  STR_ARG(f->path));
		return;
	}
	if (is_self_signed(certificate_of(f, at - 1))) {
		report_at(t, W0421, f->term, "the chain of '%.*s' ends with certificate %zu of %zu",
			  STR_ARG(f->path), at, n);
		diag_note(t->dl,
			  "certificate %zu is its own issuer; those behind it are sent in vain",
			  at);
		return;
	}
	issuer = find_issuer(f, n, at - 1);
	if (issuer == n) {
		report_missing_issuer(t, f, at - 1);
		return;
	}
	report_at(t, W0421, f->term, "the certificates in '%.*s' are not in the order of the chain",
		  STR_ARG(f->path));
	diag_primary(t->dl, "certificate %zu is the issuer of certificate %zu", issuer + 1, at);
	diag_note(t->dl, "each must be followed by its issuer (RFC 5246, 7.4.2)");
	diag_help(t->dl, "put certificate %zu right behind certificate %zu", issuer + 1, at);
}

/* Whether a certificate says where that of its issuer can be fetched: public CAs do, and sign with
 * intermediates. */
static bool names_issuer_file(X509 *x)
{
	AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++)
		found |= OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(info, i)->method) ==
			 NID_ad_ca_issuers;
	AUTHORITY_INFO_ACCESS_free(info);
	return found;
}

static void check_end(const struct tour *t, const struct named_file *f, size_t n)
{
	X509 *last = certificate_of(f, n - 1);

	if (is_self_signed(last) && n > 1) {
		report_at(t, W0423, f->term, "'%.*s' ends with a root", STR_ARG(f->path));
		diag_note(t->dl, "who trusts '%.*s' has it already; it makes each handshake longer",
			  STR_ARG(dn_text(t->a, X509_get_subject_name(last))));
	} else if (is_self_signed(last)) {
		report_at(t, W0424, f->term, "the certificate in '%.*s' is its own issuer",
			  STR_ARG(f->path));
		diag_note(t->dl, "clients and servers that do not know it refuse it");
	} else if (n == 1 && names_issuer_file(last)) {
		report_missing_issuer(t, f, 0);
	} else if (n == 1) {
		report_at(t, W0425, f->term, "'%.*s' holds the server's certificate alone",
			  STR_ARG(f->path));
		diag_note(t->dl, "that is enough if all clients trust its issuer, '%.*s'",
			  STR_ARG(dn_text(t->a, X509_get_issuer_name(last))));
	}
}

/* @return how many certificates are a chain. */
static size_t check_order(const struct tour *t, const struct named_file *f, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (!is_issuer(certificate_of(f, i), certificate_of(f, i - 1))) {
			report_order(t, f, n, i);
			return i;
		}
	}
	check_end(t, f, n);
	return n;
}

/* ---- dates ---- */

/* s since 1970 UTC; INT64_MAX for a time that cannot be read. */
static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : INT64_MAX;
}

struct str whose_certificate(struct arena *a, size_t n)
{
	return n == 0 ? STR("the certificate")
		      : arena_printf(a, "certificate %zu, of an issuer,", n + 1);
}

static void report_expired(const struct tour *t, const struct named_file *f, size_t n, int64_t end)
{
	int64_t days = (t->b->now - end) / DAY_S;

	report_at(t, n == 0 ? E0426 : W0429, f->term, "%.*s in '%.*s' expired on %.*s",
		  STR_ARG(whose_certificate(t->a, n)), STR_ARG(f->path),
		  STR_ARG(date_text(t->a, end)));
	diag_primary(t->dl, "%lld day%s before %.*s", (long long)days, days == 1 ? "" : "s",
		     STR_ARG(date_text(t->a, t->b->now)));
	if (n == 0)
		diag_note(t->dl, "clients and servers that check certificates do not connect");
}

/* Some certificates live for days only, and are renewed all the time. s before the end. */
static int64_t soon_s(int64_t begin, int64_t end)
{
	int64_t soon = (int64_t)SOON_DAYS * DAY_S;

	return (end - begin) / 3 < soon ? (end - begin) / 3 : soon;
}

static void check_dates(const struct tour *t, const struct named_file *f, size_t n)
{
	X509 *x = certificate_of(f, n);
	int64_t begin = seconds_of(X509_get0_notBefore(x)), end = seconds_of(X509_get0_notAfter(x));
	int64_t now = t->b->now;

	if (end < now) {
		report_expired(t, f, n, end);
	} else if (begin > now && begin != INT64_MAX) {
		report_at(t, W0428, f->term, "%.*s in '%.*s' is not valid before %.*s",
			  STR_ARG(whose_certificate(t->a, n)), STR_ARG(f->path),
			  STR_ARG(date_text(t->a, begin)));
	} else if (end - now < soon_s(begin, end)) {
		report_at(t, W0427, f->term, "%.*s in '%.*s' expires on %.*s",
			  STR_ARG(whose_certificate(t->a, n)), STR_ARG(f->path),
			  STR_ARG(date_text(t->a, end)));
		diag_primary(t->dl, "in %lld days", (long long)((end - now) / DAY_S));
	}
}

void check_chain(const struct tour *t, struct named_file *f)
{
	f->nchain = check_order(t, f, pem_count(&f->pem, PEM_CERTIFICATE));
	for (size_t i = 0; i < f->nchain; i++)
		check_dates(t, f, i);
}
