/* words.c - TLS, addresses, clauses and places in words. */
#include "tools/words.h"

#include <inttypes.h>

#include "schema/bind.h"
#include "support/array.h"
#include "support/strbuf.h"

/* ---- listeners ---- */

/* s2s_use_starttls holds for all listeners of other servers. */
static enum words_tls tls_of_servers(const struct model *m)
{
	const struct value *v = setting(m, "s2s_use_starttls");

	if (v == NULL || v->term == NULL || term_is_atom(v->term, "false"))
		return WORDS_NO_TLS;
	if (term_is_atom(v->term, "required") || term_is_atom(v->term, "required_trusted"))
		return WORDS_TLS_REQUIRED;
	return WORDS_TLS_OFFERED;
}

enum words_tls words_tls_of(const struct model *m, const struct listener *l)
{
	switch (l->kind) {
	case LISTENER_C2S:
		if (bound_flag(l->options, "tls"))
			return WORDS_TLS_DIRECT;
		if (bound_flag(l->options, "starttls_required"))
			return WORDS_TLS_REQUIRED;
		return bound_flag(l->options, "starttls") || bound_flag(l->options, "verify_peer")
			       ? WORDS_TLS_OFFERED
			       : WORDS_NO_TLS;
	case LISTENER_S2S:
		return tls_of_servers(m);
	case LISTENER_HTTP:
		return bound_value(l->options, "ssl")->given ? WORDS_TLS_DIRECT : WORDS_NO_TLS;
	case LISTENER_SERVICE:
		break;
	}
	return WORDS_NO_TLS;
}

const char *words_tls(enum words_tls tls)
{
	static const char *const words[] = {
		[WORDS_NO_TLS] = "no TLS",
		[WORDS_TLS_OFFERED] = "STARTTLS offered",
		[WORDS_TLS_REQUIRED] = "STARTTLS required",
		[WORDS_TLS_DIRECT] = "TLS from the first byte",
	};

	return words[tls];
}

bool words_has_protocol_option(const struct listener *l, const char *name)
{
	const struct term *list;

	if (l->kind != LISTENER_C2S && l->kind != LISTENER_S2S)
		return false;
	list = bound_value(l->options, "protocol_options")->term;
	for (uint32_t i = 0; i < list_len(list); i++)
		if (str_eqz(text_of(list->seq.items[i]), name))
			return true;
	return false;
}

struct str words_tls_versions(struct arena *a, const struct model *m, const struct listener *l)
{
	static const struct {
		const char *off, *name;
	} versions[] = {
		{"no_tlsv1", "TLS 1.0"},
		{"no_tlsv1_1", "TLS 1.1"},
		{"no_tlsv1_2", "TLS 1.2"},
		{"no_tlsv1_3", "TLS 1.3"},
	};
	struct strbuf out = {.arena = a};

	if (words_tls_of(m, l) == WORDS_NO_TLS || l->kind == LISTENER_HTTP)
		return STR("");
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (!words_has_protocol_option(l, versions[i].off))
			strbuf_printf(&out, "%s%s", out.n != 0 ? ", " : "", versions[i].name);
	return out.n != 0 ? strbuf_str(&out) : STR("no version");
}

const char *words_reach(const struct address *address)
{
	static const uint8_t zero[16];
	static const uint8_t loopback6[16] = {[15] = 1};
	const uint8_t *b = address->bytes;

	if (address->family == 4) {
		if (memcmp(b, zero, 4) == 0)
			return "every IPv4 address";
		if (b[0] == 127)
			return "this machine only";
		if (b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
		    (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254))
			return "a private network";
		return "one IPv4 address";
	}
	if (memcmp(b, zero, 16) == 0)
		return "every IPv6 address";
	if (memcmp(b, loopback6, 16) == 0)
		return "this machine only";
	if ((b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80))
		return "a private network";
	return "one IPv6 address";
}

const char *words_purpose(const struct listener *l)
{
	switch (l->kind) {
	case LISTENER_C2S:
		return "clients";
	case LISTENER_S2S:
		return "other servers";
	case LISTENER_SERVICE:
		return "components";
	case LISTENER_HTTP:
		break;
	}
	return "HTTP";
}

/* ---- access control ---- */

struct str words_value(struct arena *a, const struct rule_value *v, const struct term *term)
{
	struct strbuf out = {.arena = a};

	switch (v->kind) {
	case VALUE_DENY:
		return term != NULL && term_is_atom(term, "default") ? STR("by default")
								     : STR("denied");
	case VALUE_ALLOW:
		return STR("allowed");
	case VALUE_NO_SHAPER:
		return STR("no shaper");
	case VALUE_SHAPER:
		if (v->shaper == NULL)
			break;
		return arena_printf(a, "%" PRIu32 " byte%s/s", v->shaper->bytes_per_s,
				    v->shaper->bytes_per_s == 1 ? "" : "s");
	case VALUE_NUMBER:
		return arena_printf(a, "%" PRId64, v->number);
	case VALUE_INFINITY:
		return STR("no limit");
	case VALUE_OTHER:
		break;
	}
	if (term == NULL)
		return STR("nothing");
	term_print(&out, term);
	return strbuf_str(&out);
}

struct rule_value words_nothing(enum rule_type type)
{
	switch (type) {
	case RULE_SHAPER:
		return (struct rule_value){.kind = VALUE_NO_SHAPER};
	case RULE_VERDICT:
	case RULE_POLICY:
		return (struct rule_value){.kind = VALUE_DENY};
	case RULE_LIMIT:
	case RULE_UNUSED:
		break;
	}
	return (struct rule_value){.kind = VALUE_OTHER};
}

static void add_part(struct strbuf *out, const char **before, const char *what,
		     const struct part_test *t)
{
	static const char *const words[] = {[PART_IS] = "is",
					    [PART_STARTS] = "begins with",
					    [PART_ENDS] = "ends with",
					    [PART_MATCHES] = "matches"};

	if (t->kind == PART_ANY)
		return;
	strbuf_printf(out, "%s %s %s '%.*s'", *before, what, words[t->kind], STR_ARG(t->text));
	*before = " and whose";
}

void words_add_member(struct strbuf *out, const struct set_member *m, bool for_host)
{
	const char *before = " whose";

	if (m->kind == MEMBER_NONE) {
		strbuf_addz(out, "nobody");
		return;
	}
	strbuf_addz(out, "everybody");
	if (m->kind != MEMBER_TEST)
		return;
	if (m->server_is_host) {
		strbuf_addz(out, for_host ? " whose domain is the host's"
					  : " whose domain is served here");
		before = " and whose";
	}
	add_part(out, &before, "name", &m->node);
	add_part(out, &before, "domain", &m->domain);
	add_part(out, &before, "resource", &m->resource);
}

/* ---- places and quantities ---- */

struct str words_place(struct arena *a, const struct sources *ss, struct span at)
{
	struct span real;
	struct position p;

	if (at.file == NO_FILE)
		return STR("");
	real = source_resolve(ss, at, NULL);
	p = source_position(ss, at.file, at.off);
	return arena_printf(a, "%.*s:%u:%u", STR_ARG(ss->files.at[real.file]->path),
			    (unsigned)p.line, (unsigned)p.column);
}

struct str words_bytes(struct arena *a, int64_t n)
{
	if (n >= 1 << 20 && n % (1 << 20) == 0)
		return arena_printf(a, "%" PRId64 " MiB", n >> 20);
	if (n >= 1 << 10 && n % (1 << 10) == 0)
		return arena_printf(a, "%" PRId64 " KiB", n >> 10);
	return arena_printf(a, "%" PRId64 " bytes", n);
}
