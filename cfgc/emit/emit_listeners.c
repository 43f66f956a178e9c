/* emit_listeners.c - listeners.h: sockets with everything the runtime needs to serve them, and for
 * each the function that its bytes go through, specialised over its constant row.
 */
#include <inttypes.h>

#include "emit/emitter.h"
#include "support/array.h"
#include "support/assert.h"

/* Listeners of the server by position: what is left out has none. */
static const struct listener *next_listener(const struct model *m, size_t *i)
{
	while (*i < m->listeners.n && m->listeners.at[*i]->is_left_out)
		++*i;
	return *i < m->listeners.n ? m->listeners.at[(*i)++] : NULL;
}

static size_t count(const struct model *m)
{
	size_t n = 0, i = 0;

	while (next_listener(m, &i) != NULL)
		n++;
	return n;
}

void emit_listener_index(struct emitter *e)
{
	size_t n = count(e->model);

	if (n == 0) {
		emit_comment(e, "none");
		return;
	}
	emit_line(e, "enum { GEN_NLISTENERS = %zu };", n);
	emit_blank(e);
	emit_line(e, "static const struct rt_listener_spec gen_listeners[GEN_NLISTENERS];");
}

/* ---- TLS and passwords ---- */

static bool has_tls(const struct listener *l)
{
	return l->kind == LISTENER_C2S &&
	       (bound_flag(l->options, "tls") || bound_flag(l->options, "starttls") ||
		bound_flag(l->options, "starttls_required"));
}

static const struct {
	const char *option, *flag;
} tls_flags[] = {
	{"no_tlsv1", "RT_TLS_NO_TLSV1"},
	{"no_tlsv1_1", "RT_TLS_NO_TLSV1_1"},
	{"no_tlsv1_2", "RT_TLS_NO_TLSV1_2"},
	{"no_tlsv1_3", "RT_TLS_NO_TLSV1_3"},
	{"cipher_server_preference", "RT_TLS_SERVER_PREFERENCE"},
	{"no_ticket", "RT_TLS_NO_TICKET"},
};

/* Other protocol options say what OpenSSL 3 does anyway. */
static struct str tls_flags_text(struct emitter *e, const struct term *list)
{
	struct strbuf out = {.arena = e->arena};

	for (size_t f = 0; f < ARRAY_LEN(tls_flags); f++) {
		bool is_set = false;

		for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n && !is_set; i++)
			is_set = str_eqz(list->seq.items[i]->text, tls_flags[f].option);
		if (is_set)
			strbuf_printf(&out, "%s%s", out.n != 0 ? " | " : "", tls_flags[f].flag);
	}
	return out.n != 0 ? strbuf_str(&out) : STR("0");
}

static void field_path(struct emitter *e, const struct listener *l, const char *name)
{
	const struct value *v = bound_value(l->options, name);

	emit_field(e, name, v->given ? v->at : NO_SPAN, "%.*s",
		   STR_ARG(v->given ? c_string(e->arena, v->term->text) : STR("NULL")));
}

static void emit_tls(struct emitter *e, const struct listener *l, size_t number)
{
	const struct value *options = bound_value(l->options, "protocol_options");
	const struct value *cert = bound_value(l->options, "certfile");

	emit_open(e, "static const struct rt_tls_spec gen_listener_%zu_tls = {", number);
	field_path(e, l, "certfile");
	field_path(e, l, "cafile");
	field_path(e, l, "ciphers");
	field_path(e, l, "dhfile");
	emit_field(e, "flags", options->given ? options->at : NO_SPAN, "%.*s",
		   STR_ARG(tls_flags_text(e, options->term)));
	emit_field_at(e, cert->given ? cert->at : l->at);
	emit_fields(e);
	emit_close(e, "};");
	emit_blank(e);
}

static void emit_password(struct emitter *e, const struct listener *l, size_t number)
{
	static const char *const kinds[] = {[SECRET_STORED] = "RT_SECRET_STORED",
					    [SECRET_ENV] = "RT_SECRET_ENV",
					    [SECRET_FILE] = "RT_SECRET_FILE"};

	emit_open(e, "static const struct rt_secret gen_listener_%zu_password = {", number);
	emit_field_plain(e, "kind", "%s", kinds[l->password->kind]);
	emit_field_plain(e, "ref", "%.*s", STR_ARG(c_string(e->arena, l->password->ref)));
	emit_field_at(e, l->password->at);
	emit_fields(e);
	emit_close(e, "};");
	emit_blank(e);
}

void emit_listener_parts(struct emitter *e)
{
	const struct listener *l;
	size_t i = 0;

	for (size_t number = 0; (l = next_listener(e->model, &i)) != NULL; number++) {
		if (has_tls(l))
			emit_tls(e, l, number);
		if (l->password != NULL)
			emit_password(e, l, number);
	}
}

/* ---- feeds ---- */

void emit_listener_feeds(struct emitter *e)
{
	const struct listener *l;
	size_t i = 0;

	for (size_t number = 0; (l = next_listener(e->model, &i)) != NULL; number++) {
		emit_comment(e, "%.*s", STR_ARG(l->name));
		emit_line(e, "static void");
		emit_line(e, "gen_listener_%zu_feed(struct rt_conn *c, char *data, size_t len)",
			  number);
		emit_open(e, "{");
		emit_line(e, "rt_feed_as(c, data, len, &gen_listeners[%zu]);", number);
		emit_close(e, "}");
		emit_blank(e);
	}
}

/* ---- rows ---- */

static void field_int(struct emitter *e, const struct listener *l, const char *field,
		      const char *option)
{
	const struct value *v = bound_value(l->options, option);

	emit_field(e, field, v->given ? v->at : NO_SPAN, "%" PRId64,
		   bound_int(l->options, option, 0));
}

static void field_max_queue(struct emitter *e, const struct listener *l)
{
	const struct value *v = bound_value(l->options, "max_fsm_queue");

	if (v->given)
		field_int(e, l, "max_queue", "max_fsm_queue");
	else
		emit_field(e, "max_queue", e->model->max_fsm_queue_at, "%u",
			   e->model->max_fsm_queue);
}

static void add_flag(struct strbuf *out, const char *flag)
{
	strbuf_printf(out, "%s%s", out->n != 0 ? " | " : "", flag);
}

static void field_flags(struct emitter *e, const struct listener *l)
{
	struct strbuf out = {.arena = e->arena};
	const struct bound *o = l->options;

	if (l->kind == LISTENER_C2S) {
		bool required = bound_flag(o, "starttls_required");

		if (bound_flag(o, "tls"))
			add_flag(&out, "RT_L_TLS");
		else if (required || bound_flag(o, "starttls"))
			add_flag(&out, "RT_L_STARTTLS");
		if (required)
			add_flag(&out, "RT_L_STARTTLS_REQUIRED");
	} else {
		if (bound_flag(o, "service_check_from"))
			add_flag(&out, "RT_L_CHECK_FROM");
		if (bound_flag(o, "hidden_components"))
			add_flag(&out, "RT_L_HIDDEN");
	}
	emit_field_plain(e, "flags", "%.*s", STR_ARG(out.n != 0 ? strbuf_str(&out) : STR("0")));
}

static void field_rules(struct emitter *e, const struct listener *l)
{
	struct str access = l->access_none      ? STR("gen_access_none")
			    : l->access != NULL ? l->access->ident
						: STR("NULL");

	emit_field(e, "access", l->access_at, "%.*s", STR_ARG(access));
	if (l->kind == LISTENER_C2S)
		emit_field(e, "shaper_rule", l->shaper_at, "%.*s",
			   STR_ARG(l->shaper_rule != NULL ? l->shaper_rule->ident : STR("NULL")));
	else if (l->shaper != NULL)
		emit_field(e, "shaper", l->shaper_at, "&gen_shapers[%.*s]",
			   STR_ARG(l->shaper->ident));
	else
		emit_field(e, "shaper", l->shaper_at, "NULL");
}

static void field_names(struct emitter *e, const struct listener *l)
{
	const struct str *shaper = l->shaper_rule != NULL ? &l->shaper_rule->name
				   : l->shaper != NULL    ? &l->shaper->name
							  : NULL;

	if (l->access != NULL || l->access_none)
		emit_field_plain(e, "access_name", "%.*s",
				 STR_ARG(c_string(e->arena, l->access != NULL ? l->access->name
									      : STR("none"))));
	if (shaper != NULL)
		emit_field_plain(e, "shaper_name", "%.*s", STR_ARG(c_string(e->arena, *shaper)));
}

static void emit_listener(struct emitter *e, const struct listener *l, size_t number)
{
	emit_row_open(e, STR(""), place_full(e, l->at));
	field_int(e, l, "max_stanza", "max_stanza_size");
	field_max_queue(e, l);
	field_flags(e, l);
	field_int(e, l, "hibernate_after", "hibernate_after");
	field_rules(e, l);
	emit_field_plain(e, "feed", "gen_listener_%zu_feed", number);
	if (has_tls(l))
		emit_field_plain(e, "tls", "&gen_listener_%zu_tls", number);
	emit_field_plain(e, "kind",
			 l->kind == LISTENER_C2S ? "RT_LISTENER_C2S" : "RT_LISTENER_SERVICE");
	emit_field(e, "port", l->port_at, "%u", l->port);
	emit_field_plain(e, "family", "%u", l->address.family);
	emit_field_plain(e, "addr", "%.*s", STR_ARG(c_address(e->arena, &l->address)));
	field_int(e, l, "backlog", "backlog");
	field_int(e, l, "acceptors", "acceptors_num");
	if (l->password != NULL)
		emit_field(e, "password", l->password->at, "&gen_listener_%zu_password", number);
	emit_field_plain(e, "name", "%.*s", STR_ARG(c_string(e->arena, l->name)));
	field_names(e, l);
	emit_field_at(e, l->at);
	emit_row_close(e);
}

void emit_listener_table(struct emitter *e)
{
	const struct listener *l;
	size_t i = 0;

	if (count(e->model) == 0)
		return;
	emit_open(e, "static const struct rt_listener_spec gen_listeners[GEN_NLISTENERS] = {");
	for (size_t number = 0; (l = next_listener(e->model, &i)) != NULL; number++)
		emit_listener(e, l, number);
	emit_close(e, "};");
}

void emit_domain_certs(struct emitter *e)
{
	const struct model *m = e->model;

	if (m->domain_certs.n == 0)
		return;
	emit_comment(e, "Certificates of single domains, in the order of the file.");
	emit_open(e, "static const struct rt_domain_cert gen_domain_certs[] = {");
	for (size_t i = 0; i < m->domain_certs.n; i++) {
		const struct domain_cert *c = m->domain_certs.at[i];

		emit_row_open(e, STR(""), place_full(e, c->at));
		emit_field_plain(e, "domain", "%.*s", STR_ARG(c_string(e->arena, c->domain)));
		emit_field_plain(e, "certfile", "%.*s", STR_ARG(c_string(e->arena, c->certfile)));
		emit_field_at(e, c->at);
		emit_row_close(e);
	}
	emit_close(e, "};");
}
