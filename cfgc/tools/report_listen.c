/* report_listen.c - the sockets of the server and what protects each; its hosts and how one logs in
 * to them. */
#include <inttypes.h>

#include "schema/bind.h"
#include "tools/report_page.h"
#include "tools/words.h"

/* ---- listeners ---- */

static void put_where(struct page *p, const struct listener *l)
{
	struct str address = address_text(p->a, &l->address);

	html_raw(p, "<span class=\"port\">");
	html_textf(p, "%u", (unsigned)l->port);
	html_raw(p, "</span> ");
	html_code(p, address);
	html_raw(p, "<div class=\"sub\">");
	html_textz(p, words_reach(&l->address));
	html_raw(p, "</div>");
	html_place(p, l->at);
}

static void put_purpose(struct page *p, const struct listener *l)
{
	html_raw(p, "<span class=\"strong\">");
	html_textz(p, words_purpose(l));
	html_raw(p, "</span><div class=\"sub\">");
	html_textz(p, l->options->section->name);
	html_raw(p, "</div>");
}

static void put_tls(struct page *p, const struct listener *l)
{
	static const char *const classes[] = {[WORDS_NO_TLS] = "bad",
					      [WORDS_TLS_OFFERED] = "fair",
					      [WORDS_TLS_REQUIRED] = "good",
					      [WORDS_TLS_DIRECT] = "good"};
	enum words_tls tls = words_tls_of(p->m, l);
	bool is_local = strcmp(words_reach(&l->address), "this machine only") == 0;
	struct str versions = words_tls_versions(p->a, p->m, l);
	const struct value *cert;

	html_badge(p, tls == WORDS_NO_TLS && is_local ? "quiet" : classes[tls], words_tls(tls));
	if (versions.n != 0) {
		html_raw(p, "<div class=\"sub\">");
		html_text(p, versions);
		html_raw(p, "</div>");
	}
	if (l->kind != LISTENER_C2S || tls == WORDS_NO_TLS)
		return;
	cert = bound_value(l->options, "certfile");
	html_raw(p, "<div class=\"sub\">certificate ");
	if (cert->given)
		html_code(p, text_of(cert->term));
	else
		html_raw(p, "by domain");
	html_raw(p, "</div>");
	if (bound_value(l->options, "ciphers")->given) {
		html_raw(p, "<div class=\"sub\">ciphers ");
		html_code(p, bound_text(l->options, "ciphers"));
		html_raw(p, "</div>");
	}
}

static void put_routes(struct page *p, const struct listener *l)
{
	const struct term *routes = bound_value(l->options, "modules")->term;

	html_raw(p, "<ul class=\"plain\">");
	for (uint32_t i = 0; routes != NULL && i < list_len(routes); i++) {
		const struct term *t = routes->seq.items[i];

		html_raw(p, "<li>");
		html_code(p, text_of(t->seq.items[1]));
		html_raw(p, " ");
		html_text(p, text_of(t->seq.items[2]));
		html_raw(p, "</li>");
	}
	html_raw(p, "</ul>");
}

static void put_password(struct page *p, const struct listener *l)
{
	html_raw(p, "<div class=\"sub\">password ");
	if (l->password == NULL) {
		html_raw(p, "not set");
	} else if (l->password->kind == SECRET_STORED) {
		html_raw(p, "<code>********</code> in the configuration");
	} else {
		html_raw(p, l->password->kind == SECRET_ENV ? "in the environment variable "
							    : "in the file ");
		html_code(p, l->password->ref);
	}
	html_raw(p, "</div>");
}

static void put_access(struct page *p, const struct listener *l)
{
	if (l->kind == LISTENER_HTTP) {
		put_routes(p, l);
		return;
	}
	if (l->kind == LISTENER_S2S) {
		html_raw(p, "other servers");
		return;
	}
	if (l->access_none) {
		html_badge(p, "bad", "nobody");
	} else if (l->access == NULL) {
		html_raw(p, "<span class=\"strong\">everybody</span>");
	} else {
		html_raw(p, "rule ");
		html_link(p, "rule", l->access->name);
		html_raw(p, "<div class=\"sub\">");
		report_rule_short(p, l->access);
		html_raw(p, "</div>");
	}
	if (l->kind == LISTENER_SERVICE)
		put_password(p, l);
}

/* The model keeps it for clients only. */
static const struct rule *shaper_rule_of(struct page *p, const struct listener *l)
{
	const struct value *v = l->kind == LISTENER_S2S ? bound_value(l->options, "shaper") : NULL;

	return v != NULL && v->term != NULL ? names_find(&p->m->rule_names, text_of(v->term))
					    : l->shaper_rule;
}

static void put_shaper(struct page *p, const struct listener *l)
{
	const struct rule *rule = shaper_rule_of(p, l);

	if (l->kind == LISTENER_HTTP) {
		html_raw(p, "<span class=\"sub\">as its routes have it</span>");
	} else if (rule != NULL) {
		html_raw(p, "rule ");
		html_link(p, "rule", rule->name);
		html_raw(p, "<div class=\"sub\">");
		report_rule_short(p, rule);
		html_raw(p, "</div>");
	} else if (l->shaper != NULL) {
		html_textf(p, "%" PRIu32 " bytes/s", l->shaper->bytes_per_s);
		html_raw(p, "<div class=\"sub\">shaper ");
		html_code(p, l->shaper->name);
		html_raw(p, "</div>");
	} else {
		html_raw(p, "no limit");
	}
}

static void put_limit(struct page *p, const char *name, struct str value)
{
	strbuf_printf(p->out, "<div><dt>%s</dt><dd>", name);
	html_text(p, value);
	html_raw(p, "</dd></div>");
}

static struct str number(struct page *p, int64_t n)
{
	return n > 0 ? arena_printf(p->a, "%" PRId64, n) : STR("no limit");
}

static void put_limits(struct page *p, const struct listener *l)
{
	int64_t size;

	if (l->kind == LISTENER_HTTP)
		return;
	size = bound_int(l->options, "max_stanza_size", 0);
	html_raw(p, "<dl>");
	put_limit(p, "stanza",
		  size > 0                       ? words_bytes(p->a, size)
		  : p->m->target == TARGET_XMPPD ? STR("16 MiB")
						 : STR("no limit"));
	if (l->kind != LISTENER_S2S)
		put_limit(p, "queue",
			  number(p, bound_int(l->options, "max_fsm_queue", p->m->max_fsm_queue)));
	put_limit(p, "backlog", number(p, bound_int(l->options, "backlog", 0)));
	html_raw(p, "</dl>");
}

void report_listeners(struct page *p)
{
	static const char *const columns[] = {"Where", "For",    "Encryption", "Who may use it",
					      "Speed", "Limits", NULL};
	static void (*const cells[])(struct page *, const struct listener *) = {
		put_where, put_purpose, put_tls, put_access, put_shaper, put_limits};

	html_section(p, "listeners", "Listeners");
	html_table(p, "What the server listens on, and what protects it", columns);
	for (size_t i = 0; i < p->m->listeners.n; i++) {
		const struct listener *l = p->m->listeners.at[i];

		if (l->is_left_out)
			continue;
		html_row(p);
		for (size_t k = 0; columns[k] != NULL; k++) {
			html_cell(p, columns[k], k == 0);
			cells[k](p, l);
			html_cell_end(p, k == 0);
		}
		html_row_end(p);
	}
	html_table_end(p);
	html_section_end(p);
}

/* ---- hosts ---- */

static void put_atoms(struct page *p, const struct term *t, const char *without)
{
	size_t skip = strlen(without);
	uint32_t n = t->kind == TERM_ATOM ? 1 : list_len(t);

	for (uint32_t i = 0; i < n; i++) {
		struct str name = text_of(t->kind == TERM_ATOM ? t : t->seq.items[i]);

		if (name.n > skip && memcmp(name.p, without, skip) == 0)
			name = (struct str){name.p + skip, name.n - skip};
		html_raw(p, i != 0 ? ", " : "");
		html_code(p, name);
	}
}

static void put_login(struct page *p, const struct host *h)
{
	const struct value *method = setting_of(h, "auth_method");
	const struct value *mechanisms = setting(p->m, "sasl_mechanisms");
	uint32_t bits = h->auth.mechanisms;

	if (method == NULL) {
		html_badge(p, "bad", "nobody can log in");
		return;
	}
	put_atoms(p, method->term, "");
	html_raw(p, "<div class=\"sub\">by ");
	if (mechanisms != NULL)
		put_atoms(p, mechanisms->term, "cyrsasl_");
	else if (p->m->target == TARGET_MONGOOSEIM_3_2)
		html_raw(p, "every mechanism");
	else
		html_textf(p, "%s%s%s", (bits & SASL_PLAIN) != 0 ? "plain" : "",
			   bits == (SASL_PLAIN | SASL_SCRAM) ? ", " : "",
			   (bits & SASL_SCRAM) != 0 ? "scram" : "");
	html_raw(p, "</div>");
}

static void put_certificate(struct page *p, const struct host *h)
{
	for (size_t i = 0; i < p->m->domain_certs.n; i++) {
		const struct domain_cert *c = p->m->domain_certs.at[i];

		if (!str_eq(c->domain, h->name))
			continue;
		html_code(p, c->certfile);
		return;
	}
	html_raw(p, "that of the listener");
}

static void put_own_settings(struct page *p, const struct host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < schema_top.noptions; i++) {
		if (!h->set_in_host_config[i])
			continue;
		html_raw(p, n++ != 0 ? ", " : "");
		html_code(p, str_of(schema_top.options[i].name));
	}
	for (size_t i = 0; i < p->m->rules.n; i++) {
		const struct rule *r = p->m->rules.at[i];

		for (size_t k = 0; k < r->per_host.n; k++) {
			if (r->per_host.at[k]->host != h->index)
				continue;
			html_raw(p, n++ != 0 ? ", rule " : "rule ");
			html_link(p, "rule", r->name);
		}
	}
	if (n == 0)
		html_raw(p, "nothing");
}

void report_hosts(struct page *p)
{
	static const char *const columns[] = {"Host",        "Login",      "Modules",
					      "Certificate", "Of its own", NULL};

	html_section(p, "hosts", "Hosts");
	html_table(p, "The domains that are served", columns);
	for (size_t i = 0; i < p->m->hosts.n; i++) {
		const struct host *h = p->m->hosts.at[i];

		html_row(p);
		html_cell(p, columns[0], true);
		html_raw(p, "<span class=\"strong\">");
		html_text(p, h->name);
		html_raw(p, "</span>");
		if (i == 0 && p->m->hosts.n > 1)
			html_raw(p, " <span class=\"sub\">main</span>");
		html_raw(p, " ");
		html_place(p, h->at);
		html_cell_end(p, true);
		html_cell(p, columns[1], false);
		put_login(p, h);
		html_cell_end(p, false);
		html_cell(p, columns[2], false);
		html_textf(p, "%zu", h->modules.list.n);
		html_cell_end(p, false);
		html_cell(p, columns[3], false);
		put_certificate(p, h);
		html_cell_end(p, false);
		html_cell(p, columns[4], false);
		put_own_settings(p, h);
		html_cell_end(p, false);
		html_row_end(p);
	}
	html_table_end(p);
	html_section_end(p);
}
