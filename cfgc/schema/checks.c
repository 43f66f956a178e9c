/* checks.c - what a type cannot say: networks, addresses, patterns, routes. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/address.h"
#include "schema/report.h"
#include "schema/tables.h"

bool check_cidr(struct bind *b, const struct term *t)
{
	struct address a;
	uint8_t bits;

	if (address_parse_network(text_of(t), &a, &bits))
		return true;
	report_expected(b, t, "an IP address or a network like \"192.0.2.0/24\"");
	return false;
}

bool check_ip_text(struct bind *b, const struct term *t)
{
	struct address a;

	if (address_parse(text_of(t), &a))
		return true;
	report_expected(b, t, "an IP address in full, not a host name");
	return false;
}

bool check_regexp(struct bind *b, const struct term *t)
{
	struct str pattern = text_of(t);
	int code;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[128];
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)(pattern.n != 0 ? pattern.p : ""), pattern.n,
				       PCRE2_UTF, &code, &at, NULL);

	if (re != NULL) {
		pcre2_code_free(re);
		return true;
	}
	(void)pcre2_get_error_message(code, why, sizeof(why));
	report_expected(b, t, "a regular expression");
	diag_note(b->diags, "%s at character %zu", (const char *)why, (size_t)at);
	return false;
}

/* SCRAM keys serve PLAIN as well, so clear passwords are never needed. */
bool check_password_format(struct bind *b, const struct term *t)
{
	if (term_is_atom(t, "plain") && reports_unsupported(b)) {
		diag_add(b->diags, W0603, t->at, "'plain' has no effect in xmppd");
		diag_note(b->diags, "passwords are always kept as keys of SCRAM");
	}
	return true;
}

static bool is_route_shaped(const struct term *t)
{
	if (t->kind != TERM_TUPLE || (t->seq.n != 3 && t->seq.n != 4))
		return false;
	return (is_text(t->seq.items[0]) || term_is_atom(t->seq.items[0], "_")) &&
	       is_text(t->seq.items[1]);
}

bool check_route(struct bind *b, const struct term *t)
{
	const struct section *handler;
	const struct term *name;
	struct str path;

	if (!is_route_shaped(t)) {
		report_expected(b, t,
				"a route {Host, Path, Handler} or {Host, Path, Handler, "
				"Options}");
		return false;
	}
	path = text_of(t->seq.items[1]);
	if (path.n == 0 || path.p[0] != '/') {
		report_expected(b, t->seq.items[1], "a path that begins with '/'");
		return false;
	}
	name = t->seq.items[2];
	handler = name->kind == TERM_ATOM ? schema_http_handler(name->text) : NULL;
	if (handler == NULL) {
		schema_unknown_name(b, SCHEMA_HANDLERS, name);
		return false;
	}
	if (t->seq.n == 4 || handler->type == NULL)
		bind_nested(b, handler, t->seq.n == 4 ? t->seq.items[3] : NULL, name->at);
	return true;
}
