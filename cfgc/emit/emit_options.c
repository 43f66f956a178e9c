/* emit_options.c - the option struct of each module (rt/modules.h): one small function per module.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "emit/emitter.h"
#include "model/prep.h"
#include "support/array.h"
#include "support/assert.h"

struct options_job {
	struct emitter *e;
	const struct bound *options;
	const struct host *host;
	struct str name; /* of the struct in C; parts of it begin with it */
};

static struct span at_of(const struct value *v)
{
	return v->given ? v->at : NO_SPAN;
}

static void field_bool(struct options_job *j, const char *name)
{
	emit_field(j->e, name, at_of(bound_value(j->options, name)), "%s",
		   bound_flag(j->options, name) ? "true" : "false");
}

static void field_int(struct options_job *j, const char *name)
{
	emit_field(j->e, name, at_of(bound_value(j->options, name)), "%" PRId64,
		   bound_int(j->options, name, 0));
}

static struct str text_or_empty(const struct term *t)
{
	return term_is_nil(t) ? STR("") : t->text;
}

static uint32_t length(const struct term *t)
{
	return t->kind == TERM_LIST ? t->seq.n : 0;
}

static void open_struct(struct options_job *j, const char *module)
{
	emit_open(j->e, "static const struct rt_%s_opts %.*s = {", module, STR_ARG(j->name));
}

static void close_struct(struct options_job *j)
{
	emit_fields(j->e);
	emit_close(j->e, "};");
}

/* An array of texts under a name of its own; nothing for an empty list. */
static struct str emit_texts(struct options_job *j, const char *part, const struct term *list)
{
	struct str name;

	if (length(list) == 0)
		return STR("NULL");
	name = ident_unique(j->e, arena_printf(j->e->arena, "%.*s_%s", STR_ARG(j->name), part));
	emit_open(j->e, "static const char *const %.*s[] = {", STR_ARG(name));
	for (uint32_t i = 0; i < list->seq.n; i++)
		emit_line(j->e, "%.*s,",
			  STR_ARG(c_string(j->e->arena, text_or_empty(list->seq.items[i]))));
	emit_close(j->e, "};");
	emit_blank(j->e);
	return name;
}

/* ---- modules ---- */

static void emit_nothing(struct options_job *j, const char *module)
{
	open_struct(j, module);
	emit_field_plain(j->e, "unused", "0");
	close_struct(j);
}

static void emit_adhoc(struct options_job *j, const char *module)
{
	open_struct(j, module);
	field_bool(j, "report_commands_node");
	close_struct(j);
}

/* {all | [Module], Name, [Value]} */
static void emit_server_info_row(struct options_job *j, const struct term *t, struct str values,
				 struct str modules)
{
	emit_row_open(j->e, STR(""), place_short(j->e, t->at));
	emit_field_plain(j->e, "name", "%.*s",
			 STR_ARG(c_string(j->e->arena, text_or_empty(t->seq.items[1]))));
	emit_field_plain(j->e, "values", "%.*s", STR_ARG(values));
	emit_field_plain(j->e, "nvalues", "%u", length(t->seq.items[2]));
	emit_field_plain(j->e, "modules", "%.*s", STR_ARG(modules));
	emit_field_plain(j->e, "nmodules", "%u", length(t->seq.items[0]));
	emit_row_close(j->e);
}

static struct str emit_server_info(struct options_job *j, const struct term *list)
{
	struct emitter *e = j->e;
	uint32_t n = length(list);
	struct str *values = arena_array_of(e->arena, struct str, n + 1);
	struct str *modules = arena_array_of(e->arena, struct str, n + 1);
	struct str name;

	if (n == 0)
		return STR("NULL");
	for (uint32_t i = 0; i < n; i++) {
		values[i] = emit_texts(j, "values", list->seq.items[i]->seq.items[2]);
		modules[i] = emit_texts(j, "shown_for", list->seq.items[i]->seq.items[0]);
	}
	name = ident_unique(e, arena_printf(e->arena, "%.*s_server_info", STR_ARG(j->name)));
	emit_open(e, "static const struct rt_serverinfo_field %.*s[] = {", STR_ARG(name));
	for (uint32_t i = 0; i < n; i++)
		emit_server_info_row(j, list->seq.items[i], values[i], modules[i]);
	emit_close(e, "};");
	emit_blank(e);
	return name;
}

static void emit_disco(struct options_job *j, const char *module)
{
	const struct value *domains = bound_value(j->options, "extra_domains");
	const struct value *info = bound_value(j->options, "server_info");
	struct str domains_name = emit_texts(j, "extra_domains", domains->term);
	struct str info_name = emit_server_info(j, info->term);

	open_struct(j, module);
	field_bool(j, "users_can_see_hidden_services");
	emit_field(j->e, "extra_domains", at_of(domains), "%.*s", STR_ARG(domains_name));
	emit_field_plain(j->e, "nextra_domains", "%u", length(domains->term));
	emit_field(j->e, "server_info", at_of(info), "%.*s", STR_ARG(info_name));
	emit_field_plain(j->e, "nserver_info", "%u", length(info->term));
	close_struct(j);
}

static void emit_offline(struct options_job *j, const char *module)
{
	const struct value *v = bound_value(j->options, "access_max_user_messages");
	bool is_rule = !term_is_atom(v->term, "none"); /* which gives no number, so no limit */

	open_struct(j, module);
	emit_field(j->e, "max_user_messages", at_of(v), "%.*s",
		   STR_ARG(is_rule ? rule_of(j->e, v) : STR("NULL")));
	close_struct(j);
}

static void emit_ping(struct options_job *j, const char *module)
{
	const struct value *action = bound_value(j->options, "timeout_action");

	open_struct(j, module);
	field_bool(j, "send_pings");
	emit_field(j->e, "kill", at_of(action), "%s",
		   term_is_atom(action->term, "kill") ? "true" : "false");
	field_int(j, "ping_interval");
	field_int(j, "ping_req_timeout");
	close_struct(j);
}

/* The shortest decimal that reads back as the same number. */
static struct str number_text(struct emitter *e, const struct term *t)
{
	struct str text = {NULL, 0};

	if (t->kind == TERM_INT)
		return arena_printf(e->arena, "%" PRId64, t->integer.value);
	for (int digits = 1; digits <= 17; digits++) {
		text = arena_printf(e->arena, "%.*g", digits, t->real);
		if (strtod(text.p, NULL) == t->real)
			break;
	}
	return text;
}

static struct str emit_ip_access(struct options_job *j, const struct term *list)
{
	struct emitter *e = j->e;
	struct str name;

	if (length(list) == 0)
		return STR("NULL");
	name = ident_unique(e, arena_printf(e->arena, "%.*s_ip_access", STR_ARG(j->name)));
	emit_open(e, "static const struct rt_ip_rule %.*s[] = {", STR_ARG(name));
	for (uint32_t i = 0; i < list->seq.n; i++) {
		const struct term *t = list->seq.items[i];
		struct address a;
		uint8_t bits;
		bool good = address_parse_network(text_or_empty(t->seq.items[1]), &a, &bits);

		CFGC_ASSERT(good);
		emit_row_open(e, STR(""), place_short(e, t->at));
		emit_field_plain(e, "verdict", "%s",
				 term_is_atom(t->seq.items[0], "allow") ? "RT_ALLOW" : "RT_DENY");
		emit_field_plain(e, "family", "%u", a.family);
		emit_field_plain(e, "addr", "%.*s", STR_ARG(c_address(e->arena, &a)));
		emit_field_plain(e, "prefix", "%u", bits);
		emit_field_at(e, t->at);
		emit_row_close(e);
	}
	emit_close(e, "};");
	emit_blank(e);
	return name;
}

static void emit_register(struct options_job *j, const char *module)
{
	struct emitter *e = j->e;
	const struct value *access = bound_value(j->options, "access");
	const struct value *welcome = bound_value(j->options, "welcome_message");
	const struct value *watchers = bound_value(j->options, "registration_watchers");
	const struct value *strength = bound_value(j->options, "password_strength");
	const struct value *ip = bound_value(j->options, "ip_access");
	struct str watchers_name = emit_texts(j, "watchers", watchers->term);
	struct str ip_name = emit_ip_access(j, ip->term);
	struct str body =
		welcome->term->seq.n > 1 ? text_or_empty(welcome->term->seq.items[1]) : STR("");

	open_struct(j, module);
	emit_field(e, "access", at_of(access), "%.*s", STR_ARG(rule_of(e, access)));
	emit_field_plain(e, "access_given", "%s", access->given ? "true" : "false");
	emit_field(e, "welcome_subject", at_of(welcome), "%.*s",
		   STR_ARG(c_string(e->arena, text_or_empty(welcome->term->seq.items[0]))));
	emit_field(e, "welcome_body", at_of(welcome), "%.*s", STR_ARG(c_string(e->arena, body)));
	emit_field(e, "registration_watchers", at_of(watchers), "%.*s", STR_ARG(watchers_name));
	emit_field_plain(e, "nregistration_watchers", "%u", length(watchers->term));
	emit_field(e, "password_strength", at_of(strength), "%.*s",
		   STR_ARG(number_text(e, strength->term)));
	emit_field(e, "ip_access", at_of(ip), "%.*s", STR_ARG(ip_name));
	emit_field_plain(e, "nip_access", "%u", length(ip->term));
	close_struct(j);
}

static void emit_roster(struct options_job *j, const char *module)
{
	open_struct(j, module);
	field_bool(j, "versioning");
	field_bool(j, "store_current_id");
	close_struct(j);
}

static void emit_vcard(struct options_job *j, const char *module)
{
	struct emitter *e = j->e;
	const struct value *host = bound_value(j->options, "host");
	const struct value *matches = bound_value(j->options, "matches");
	struct str domain;
	const char *why = prep(e->arena, PREP_DOMAIN,
			       subdomain_of(e->arena, host->term->text, j->host->name), &domain);

	CFGC_ASSERT(why == NULL); /* check_subdomains() */
	open_struct(j, module);
	field_bool(j, "search");
	emit_field(e, "host", at_of(host), "%.*s", STR_ARG(c_string(e->arena, domain)));
	if (matches->term->kind == TERM_INT)
		field_int(j, "matches");
	else
		emit_field(e, "matches", at_of(matches), "RT_LIMIT_INFINITY");
	close_struct(j);
}

static void emit_version(struct options_job *j, const char *module)
{
	open_struct(j, module);
	field_bool(j, "os_info");
	close_struct(j);
}

/* How the options of a module become C. */
struct writer {
	const char *module;
	void (*emit)(struct options_job *j, const char *module);
	/* The option that names a domain of the module's own below each host, and the one that
	 * switches that domain on; NULL: it has none. */
	const char *domain, *has_domain;
};

static const struct writer writers[] = {
	{.module = "mod_adhoc", .emit = emit_adhoc},
	{.module = "mod_disco", .emit = emit_disco},
	{.module = "mod_last", .emit = emit_nothing},
	{.module = "mod_offline", .emit = emit_offline},
	{.module = "mod_ping", .emit = emit_ping},
	{.module = "mod_private", .emit = emit_nothing},
	{.module = "mod_register", .emit = emit_register},
	{.module = "mod_roster", .emit = emit_roster},
	{.module = "mod_sic", .emit = emit_nothing},
	{.module = "mod_time", .emit = emit_nothing},
	{.module = "mod_vcard", .emit = emit_vcard, .domain = "host", .has_domain = "search"},
	{.module = "mod_version", .emit = emit_version},
};

static const struct writer *writer_of(const struct module *mod)
{
	for (size_t i = 0; i < ARRAY_LEN(writers); i++)
		if (str_eqz(mod->name, writers[i].module))
			return &writers[i];
	CFGC_ASSERT(!"a module that xmppd supports");
	return NULL;
}

bool options_depend_on_host(const struct module *mod)
{
	return writer_of(mod)->domain != NULL;
}

struct str module_domain(struct emitter *e, const struct module *mod, const struct host *h)
{
	const struct writer *w = writer_of(mod);
	struct str domain = {NULL, 0};

	if (w->domain != NULL && bound_flag(mod->options, w->has_domain))
		(void)prep(e->arena, PREP_DOMAIN,
			   subdomain_of(e->arena, bound_text(mod->options, w->domain), h->name),
			   &domain);
	return domain;
}

struct str rule_of(struct emitter *e, const struct value *v)
{
	const struct rule *r;

	if (term_is_atom(v->term, "all"))
		return STR("NULL");
	if (term_is_atom(v->term, "none"))
		return STR("gen_access_none");
	r = names_find(&e->model->rule_names, v->term->text);
	return r != NULL && r->is_emitted ? r->ident : STR("NULL"); /* a default not defined */
}

void emit_options_of(struct emitter *e, const struct module *mod, const struct host *h,
		     struct str name)
{
	struct options_job j = {.e = e, .options = mod->options, .host = h, .name = name};
	const struct writer *w = writer_of(mod);

	emit_comment(e, "%.*s: %s", STR_ARG(place_full(e, mod->at)), w->module);
	w->emit(&j, w->module);
	emit_blank(e);
}
