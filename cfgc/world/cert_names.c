/* cert_names.c - whether a certificate holds the names that are served (RFC 6125; RFC 6120,
 * 13.7.1). */
#include "world/tour.h"

#include <stdlib.h>
#include <strings.h>

#include <idn-free.h>
#include <idna.h>
#include <openssl/x509v3.h>

#include "support/strbuf.h"

/* ---- one name ---- */

/* What is asked for: as a JID has it, as DNS has it. */
struct wanted {
	struct str jid, dns;
	const char *service; /* "_xmpp-client.", or NULL */
};

/* NUL-terminated. */
static struct str ascii_of(struct arena *a, struct str name)
{
	char *ascii = NULL;
	struct str copy = arena_str(a, name.p, name.n);

	if (idna_to_ascii_8z(copy.p, &ascii, 0) != IDNA_SUCCESS)
		return copy;
	copy = arena_str(a, ascii, strlen(ascii));
	idn_free(ascii);
	return copy;
}

static bool equals(struct str a, struct str b)
{
	return a.n == b.n && a.n != 0 && strncasecmp(a.p, b.p, a.n) == 0;
}

static struct str behind_first_dot(struct str name)
{
	const char *dot = name.n != 0 ? memchr(name.p, '.', name.n) : NULL;

	return dot == NULL ? (struct str){"", 0}
			   : (struct str){dot + 1, name.n - (size_t)(dot + 1 - name.p)};
}

/* "*.example.com" stands for one label (RFC 6125, 6.4.3). */
static bool dns_matches(struct str pattern, struct str name)
{
	if (pattern.n > 2 && memcmp(pattern.p, "*.", 2) == 0)
		return equals(behind_first_dot(pattern), behind_first_dot(name));
	return equals(pattern, name);
}

static struct str string_of(const ASN1_STRING *s)
{
	return (struct str){(const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)};
}

/* The text of an otherName of a kind, or n == 0. */
static struct str other_name(const GENERAL_NAME *name, int nid, int type)
{
	if (name->type != GEN_OTHERNAME || OBJ_obj2nid(name->d.otherName->type_id) != nid ||
	    name->d.otherName->value->type != type)
		return (struct str){"", 0};
	return string_of(name->d.otherName->value->value.asn1_string);
}

/* "_xmpp-client.example.com" */
static bool srv_matches(struct str srv, const struct wanted *w)
{
	size_t n = w->service != NULL ? strlen(w->service) : 0;

	return n != 0 && srv.n > n && strncasecmp(srv.p, w->service, n) == 0 &&
	       dns_matches((struct str){srv.p + n, srv.n - n}, w->dns);
}

static bool name_matches(const GENERAL_NAME *name, const struct wanted *w)
{
	if (name->type == GEN_DNS)
		return dns_matches(string_of(name->d.dNSName), w->dns);
	return (w->service != NULL &&
		equals(other_name(name, NID_XmppAddr, V_ASN1_UTF8STRING), w->jid)) ||
	       srv_matches(other_name(name, NID_SRVName, V_ASN1_IA5STRING), w);
}

static bool is_covered(const GENERAL_NAMES *names, const struct wanted *w)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (name_matches(sk_GENERAL_NAME_value(names, i), w))
			return true;
	return false;
}

/* A host without a name. */
static bool is_address_of(X509 *x, const struct wanted *w)
{
	return X509_check_ip_asc(x, w->dns.p, 0) == 1;
}

/* The common name, which clients used to look at. */
static bool is_common_name(X509 *x, const struct wanted *w)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	return at >= 0 &&
	       dns_matches(string_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))),
			   w->dns);
}

/* ---- all names of an identity ---- */

#define MOST_SHOWN 4u

/* "a.example, *.b.example and 3 more": printable bytes only, for the certificate may hold any. */
static struct str names_text(const struct tour *t, const GENERAL_NAMES *names)
{
	struct strbuf out = {.arena = t->a};
	int n = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		struct str text = name->type == GEN_DNS ? string_of(name->d.dNSName)
				  : other_name(name, NID_XmppAddr, V_ASN1_UTF8STRING).n != 0
					  ? other_name(name, NID_XmppAddr, V_ASN1_UTF8STRING)
					  : other_name(name, NID_SRVName, V_ASN1_IA5STRING);

		if (text.n == 0 || n++ >= (int)MOST_SHOWN)
			continue;
		strbuf_addz(&out, out.n != 0 ? ", " : "");
		for (size_t k = 0; k < text.n && k < 100; k++)
			strbuf_addc(&out, text.p[k] > ' ' && text.p[k] < 127 ? text.p[k] : '?');
	}
	if (n > (int)MOST_SHOWN)
		strbuf_printf(&out, " and %d more", n - (int)MOST_SHOWN);
	return strbuf_str(&out);
}

/* The names that failed in one way. */
struct misses {
	const struct served_name *shown[MOST_SHOWN];
	size_t n;
};

static void miss(struct misses *m, const struct served_name *name)
{
	if (m->n < MOST_SHOWN)
		m->shown[m->n] = name;
	m->n++;
}

static void report(const struct tour *t, const struct identity *id, const struct misses *m,
		   enum diag_code code, const char *format)
{
	struct strbuf list = {.arena = t->a};

	if (m->n == 0)
		return;
	for (size_t i = 0; i < m->n && i < MOST_SHOWN; i++)
		strbuf_printf(&list, "%s'%.*s'", i != 0 ? ", " : "", STR_ARG(m->shown[i]->name));
	if (m->n > MOST_SHOWN)
		strbuf_printf(&list, " and %zu more", m->n - MOST_SHOWN);
	report_at(t, code, id->term, format, STR_ARG(strbuf_str(&list)));
	for (size_t i = 0; i < m->n && i < MOST_SHOWN; i++)
		if (m->shown[i]->at.file != id->term->at.file ||
		    m->shown[i]->at.off > id->term->at.off ||
		    m->shown[i]->at.off + m->shown[i]->at.len <= id->term->at.off)
			diag_label(t->dl, m->shown[i]->at, "served here");
}

void check_names(const struct tour *t, const struct identity *id)
{
	X509 *x = own_certificate(id);
	struct misses nowhere = {0}, in_cn = {0};
	GENERAL_NAMES *names;
	struct str text;

	if (x == NULL || id->names.n == 0)
		return;
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	text = names_text(t, names);
	for (size_t i = 0; i < id->names.n; i++) {
		const struct served_name *name = &id->names.at[i];
		struct wanted w = {name->name, ascii_of(t->a, name->name), id->service};

		if (!is_covered(names, &w) && !is_address_of(x, &w))
			miss(is_common_name(x, &w) ? &in_cn : &nowhere, name);
	}
	GENERAL_NAMES_free(names);
	report(t, id, &nowhere, W0430, "the certificate is not for %.*s");
	if (nowhere.n != 0) {
		if (text.n != 0)
			diag_note(t->dl, "it is for %.*s", STR_ARG(text));
		else
			diag_note(t->dl, "it holds no name of a server");
		diag_help(t->dl, id->service != NULL
					 ? "add the name to the certificate, or give the host one "
					   "of its own: {domain_certfile, \"HOST\", \"PATH\"}."
					 : "add the name to the certificate");
	}
	report(t, id, &in_cn, W0431, "the certificate has %.*s in its common name only");
	if (in_cn.n != 0)
		diag_note(t->dl, "clients look at subjectAltName and ignore the common name "
				 "(RFC 6125, 6.4.4; RFC 9525)");
}
