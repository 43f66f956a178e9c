/* test_schema.c - binding: each kind of mistake gives its code at the exact place, and good values
 * come through. */
#include <check.h>
#include <stdlib.h>

#include "diag/diag.h"
#include "schema/schema.h"
#include "support/strbuf.h"
#include "syntax/parser.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct arena *arena;
static struct sources sources;
static struct diags diags;
static struct bind binding;

static void setup(void)
{
	arena = arena_new();
	sources = (struct sources){.arena = arena};
	diags = (struct diags){.arena = arena, .sources = &sources};
	binding = (struct bind){.arena = arena, .sources = &sources, .diags = &diags};
}

static void teardown(void)
{
	arena_free(&arena);
}

static void restart(void)
{
	teardown();
	setup();
}

static const struct section *section_of(const char *name)
{
	const struct section *s = NULL;

	if (strcmp(name, "top") == 0)
		return &schema_top;
	if (strcmp(name, "auth_opts") == 0)
		return &schema_auth_opts;
	if (strncmp(name, "pool ", 5) == 0)
		s = schema_pool(str_of(name + 5));
	else if (strncmp(name, "route ", 6) == 0)
		s = schema_http_handler(str_of(name + 6));
	else if (strncmp(name, "mod_", 4) == 0)
		s = schema_module(str_of(name));
	else if (strncmp(name, "service_", 8) == 0)
		s = schema_service(str_of(name));
	else
		s = schema_listener(str_of(name));
	ck_assert_msg(s != NULL, "no section '%s'", name);
	return s;
}

static struct bound *bind_text(const char *section, const char *text)
{
	const struct term *list = parse_term_text(&sources, &diags, "test.cfg", text);

	ck_assert_msg(list != NULL && diags.list.n == 0, "'%s' is no term", text);
	return schema_bind(&binding, section_of(section), list, list->at);
}

/* ---- mistakes ---- */

#define MOST_EXPECTED 4

/* One diagnostic: its code, the text its primary span covers (NULL: not compared), the text its fix
 * puts there (NULL: there must be none). */
struct expected {
	const char *code, *at, *fix;
};

struct mistake {
	const char *section, *list;
	struct expected expected[MOST_EXPECTED];
};

static const struct mistake mistakes[] = {
	/* Unknown names: known mistakes first, then distance, then nothing. */
	{"ejabberd_c2s",
	 "[{max_stanza_sise, 65536}]",
	 {{"E0203", "max_stanza_sise", "max_stanza_size"}}},
	{"ejabberd_c2s", "[{num_acceptors, 10}]", {{"E0203", "num_acceptors", "acceptors_num"}}},
	{"ejabberd_c2s",
	 "[starttls_require]",
	 {{"E0203", "starttls_require", "starttls_required"}}},
	{"ejabberd_service",
	 "[{password, \"x\"}, {shaper, fast}]",
	 {{"E0203", "shaper", "shaper_rule"}}},
	{"ejabberd_c2s", "[{frobnicate, 1}]", {{"E0203", "frobnicate", NULL}}},
	{"ejabberd_c2s", "[frobnicate]", {{"E0203", "frobnicate", NULL}}},
	{"mod_register",
	 "[{acces, register}, {welcom_message, {\"\"}}]",
	 {{"E0203", "acces", "access"}, {"E0203", "welcom_message", "welcome_message"}}},
	{"top", "[{lisen, []}, {sm_backend, {mnesia, []}}]", {{"E0203", "lisen", "listen"}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {{s2s_hots, \"a\"}, allow}]",
	 {{"E0203", "{s2s_hots, \"a\"}", NULL}}},
	{"mod_sic", "[{iqdisk, no_queue}]", {{"E0203", "iqdisk", "iqdisc"}}},
	{"mod_carboncopy", "[{x, 1}]", {{"E0702", NULL, NULL}, {"E0203", "x", NULL}}},
	{"mod_amp", "[{x, 1}]", {{"E0702", NULL, NULL}, {"E0203", "x", NULL}}},

	/* Forms. */
	{"ejabberd_c2s", "[{starttls, true}]", {{"W0544", "{starttls, true}", "starttls"}}},
	{"ejabberd_c2s", "[{tls, false}]", {{"W0544", "{tls, false}", NULL}}},
	{"ejabberd_c2s", "[{tls, yes}]", {{"E0204", "{tls, yes}", NULL}}},
	{"ejabberd_c2s", "[access]", {{"E0204", "access", NULL}}},
	{"ejabberd_service",
	 "[{password, \"x\"}, service_check_from]",
	 {{"E0204", "service_check_from", "{service_check_from, true}"}}},
	{"ejabberd_c2s", "[{access, c2s, all}]", {{"E0204", "{access, c2s, all}", NULL}}},
	{"ejabberd_c2s", "[{access}]", {{"E0204", "{access}", NULL}}},
	{"ejabberd_c2s", "[7, {access, c2s}]", {{"E0204", "7", NULL}}},
	{"ejabberd_c2s", "[{\"access\", c2s}]", {{"E0204", "\"access\"", NULL}}},
	{"ejabberd_c2s", "[{}]", {{"E0204", "{}", NULL}}},
	{"top", "[{sm_backend, {mnesia, []}}, {acl, local}]", {{"E0204", "{acl, local}", NULL}}},

	{"top",
	 "[{sm_backend, {mnesia, []}}, domain_certfile, {s2s_host, \"a\"}]",
	 {{"E0204", "domain_certfile", NULL}, {"E0701", "s2s_host", NULL}}},

	/* Types, at the innermost term that is wrong. */
	{"ejabberd_c2s", "[{max_stanza_size, \"65536\"}]", {{"E0205", "\"65536\"", "65536"}}},
	{"ejabberd_c2s", "[{max_stanza_size, \"64k\"}]", {{"E0205", "\"64k\"", NULL}}},
	{"ejabberd_c2s", "[{access, \"c2s\"}]", {{"E0205", "\"c2s\"", "c2s"}}},
	{"ejabberd_c2s", "[{certfile, priv}]", {{"E0205", "priv", NULL}}},
	{"ejabberd_c2s",
	 "[{protocol_options, \"no_sslv3\"}]",
	 {{"E0205", "\"no_sslv3\"", "[\"no_sslv3\"]"}}},
	{"ejabberd_c2s", "[{protocol_options, [\"no_tlsv1\", 7]}]", {{"E0205", "7", NULL}}},
	{"ejabberd_c2s", "[{ip, \"127.0.0.1\"}]", {{"E0205", "\"127.0.0.1\"", "{127,0,0,1}"}}},
	{"ejabberd_c2s", "[{ip, \"::1\"}]", {{"E0205", "\"::1\"", "{0,0,0,0,0,0,0,1}"}}},
	{"ejabberd_c2s", "[{ip, {1, 2, 3}}]", {{"E0205", "{1, 2, 3}", NULL}}},
	{"ejabberd_c2s", "[{ip, {127, 0, zero, 1}}]", {{"E0205", "zero", NULL}}},
	{"ejabberd_service", "[{password, secret}]", {{"E0205", "secret", NULL}}},
	{"mod_register",
	 "[{ip_access, [{allow, \"127.0.0.0/8\"}, {deny, \"0.0.0.0/33\"}]}]",
	 {{"E0205", "\"0.0.0.0/33\"", NULL}}},
	{"mod_register", "[{ip_access, [{allow, localhost}]}]", {{"E0205", "localhost", NULL}}},
	{"mod_register", "[{welcome_message, {\"a\", b}}]", {{"E0205", "b", NULL}}},
	{"mod_register", "[{welcome_message, \"hello\"}]", {{"E0205", "\"hello\"", NULL}}},
	{"mod_disco", "[{server_info, [{all, \"abuse\", [\"a\" , 1]}]}]", {{"E0205", "1", NULL}}},
	{"mod_disco", "#{}", {{"E0205", "#{}", NULL}}},
	{"mod_disco", "[{extra_domains, []} | tail]", {{"E0205", NULL, NULL}}},
	{"top", "[{sm_backend, mnesia}]", {{"E0205", "mnesia", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {hosts, \"localhost\"}]",
	 {{"E0205", "\"localhost\"", "[\"localhost\"]"}}},

	/* Ranges. */
	{"ejabberd_c2s", "[{max_stanza_size, -5}]", {{"E0206", "-5", NULL}}},
	{"ejabberd_c2s", "[{max_stanza_size, 0}]", {{"E0206", "0", NULL}}},
	{"ejabberd_c2s",
	 "[{backlog, 99999999999999999999}]",
	 {{"E0206", "99999999999999999999", NULL}}},
	{"ejabberd_c2s", "[{ip, {127, 0, 0, 256}}]", {{"E0206", "256", NULL}}},
	{"ejabberd_c2s", "[{certfile, \"\"}]", {{"E0206", "\"\"", NULL}}},
	{"mod_register", "[{password_strength, -0.5}]", {{"E0206", "-0.5", NULL}}},
	{"top", "[{sm_backend, {mnesia, []}}, {loglevel, 6}]", {{"E0206", "6", NULL}}},
	{"top", "[{sm_backend, {mnesia, []}}, {auth_method, []}]", {{"E0206", "[]", NULL}}},

	/* Choices. */
	{"ejabberd_c2s",
	 "[{tls_module, fasttls}]",
	 {{"W0603", "tls_module", NULL}, {"E0207", "fasttls", "fast_tls"}}},
	{"ejabberd_c2s",
	 "[{protocol_options, [\"no_tslv1\"]}]",
	 {{"E0207", "\"no_tslv1\"", "\"no_tlsv1\""}}},
	{"mod_roster", "[{backend, odbc}]", {{"E0207", "odbc", "rdbms"}}},
	{"mod_ping", "[{timeout_action, kil}]", {{"E0207", "kil", "kill"}}},
	{"mod_ping", "[{send_pings, yes}]", {{"E0207", "yes", NULL}}},
	{"ejabberd_c2s", "[{max_stanza_size, unlimited}]", {{"E0207", "unlimited", NULL}}},
	{"top", "[{sm_backend, {mnesia, []}}, {loglevel, warn}]", {{"E0207", "warn", "warning"}}},
	{"top", "[{sm_backend, {mnesia, []}}, {auth_method, odbc}]", {{"E0207", "odbc", "rdbms"}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {sasl_mechanisms, [plain]}]",
	 {{"E0207", "plain", "cyrsasl_plain"}}},
	{"top", "[{sm_backend, {ets, []}}]", {{"E0207", "ets", NULL}}},

	/* Missing and refused. */
	{"ejabberd_service", "[]", {{"E0208", "[]", NULL}}},
	{"top", "[]", {{"E0208", "[]", NULL}}},
	{"ejabberd_c2s", "[ssl]", {{"E0209", "ssl", NULL}}},
	{"ejabberd_c2s", "[{ssl, []}]", {{"E0209", "ssl", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {odbc_server, x}, {pool, odbc, x}]",
	 {{"E0209", "odbc_server", NULL}, {"E0209", "pool", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {auth_password_format, scram}]",
	 {{"E0209", "auth_password_format", NULL}}},

	/* Twice. */
	{"ejabberd_c2s", "[{access, a}, {access, b}]", {{"W0510", "access", NULL}}},
	{"ejabberd_c2s", "[tls, tls]", {{"W0510", "tls", NULL}}},
	{"ejabberd_c2s",
	 "[{shaper, a}, {c2s_shaper, b}]",
	 {{"W0604", "c2s_shaper", "shaper"}, {"W0510", "c2s_shaper", NULL}}},

	/* Without effect, or with another one than expected. */
	{"ejabberd_c2s", "[{c2s_shaper, fast}]", {{"W0604", "c2s_shaper", "shaper"}}},
	{"ejabberd_c2s", "[inet]", {{"W0602", "inet", NULL}}},
	{"mod_register", "[{allow, \"127.0.0.1\"}]", {{"W0602", "allow", NULL}}},
	{"mod_register", "[{access_from, deny}]", {{"W0602", "access_from", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {alarms, []}, {watchdog_admins, x}]",
	 {{"W0602", "alarms", NULL}, {"W0602", "watchdog_admins", NULL}}},
	{"top", "[{sm_backend, {mnesia, []}}, {host, \"localhost\"}]", {{"W0601", "host", NULL}}},
	{"mod_roster", "[{iqdisc, parallel}]", {{"W0603", "iqdisc", NULL}}},
	{"auth_opts", "[{password_format, plain}]", {{"W0603", "plain", NULL}}},
	{"auth_opts",
	 "[{auth_scram_iterations, 5000}]",
	 {{"W0604", "auth_scram_iterations", "scram_iterations"}}},
	{"mod_disco",
	 "[{extra_domains, [\"a.example\"]}]",
	 {{"W0605", "\"a.example\"", "<<\"a.example\">>"}}},

	/* Valid in MongooseIM, not here. */
	{"ejabberd_c2s", "[{zlib, 10000}]", {{"E0701", "zlib", NULL}}},
	{"ejabberd_c2s", "[zlib]", {{"E0701", "zlib", NULL}}},
	{"ejabberd_c2s",
	 "[verify_peer, {cafile, \"ca.pem\"}]",
	 {{"E0701", "verify_peer", NULL}, {"E0701", "cafile", NULL}}},
	{"mod_roster", "[{backend, rdbms}]", {{"E0703", "rdbms", NULL}}},
	{"top", "[{sm_backend, {redis, []}}]", {{"E0703", "redis", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {auth_method, [internal, ldap]}]",
	 {{"E0703", "ldap", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {all_metrics_are_global, true}]",
	 {{"E0703", "true", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {{s2s_host, \"a\"}, deny}, {route_subdomain, s2s}]",
	 {{"E0701", "{s2s_host, \"a\"}", NULL}, {"E0701", "route_subdomain", NULL}}},
	/* One cause, one report: options of such a section are checked, but not reported as
	   unsupported again. */
	{"ejabberd_s2s_in",
	 "[{shaper, s2s_shaper}, {max_stanza_size, 0}]",
	 {{"E0702", NULL, NULL}, {"E0206", "0", NULL}}},
	{"mod_muc",
	 "[{host, \"conference.@HOST@\"}, {default_room_options, [{titel, <<>>}]}]",
	 {{"E0702", NULL, NULL}, {"E0203", "titel", "title"}}},
	{"service_admin_extra",
	 "[{submods, [node, stat]}]",
	 {{"E0702", NULL, NULL}, {"E0207", "stat", "stats"}}},
	{"mod_push", "[]", {{"E0702", NULL, NULL}}},
	{"pool rdbms",
	 "[{server, {pgsql, \"h\", 70000, \"d\", \"u\", \"p\"}}]",
	 {{"E0702", NULL, NULL}, {"E0206", "70000", NULL}}},
	{"mod_auth_token",
	 "[{{validity_period, access}, {1, weeks}}]",
	 {{"E0702", NULL, NULL}, {"E0207", "weeks", NULL}}},

	/* HTTP: routes and nested lists. */
	{"ejabberd_cowboy",
	 "[{modules, [{\"_\", \"ws\", mod_websockets}]}]",
	 {{"E0702", NULL, NULL}, {"E0205", "\"ws\"", NULL}}},
	{"ejabberd_cowboy",
	 "[{modules, [{\"_\", \"/ws\", mod_websocket}]}]",
	 {{"E0702", NULL, NULL}, {"E0202", "mod_websocket", "mod_websockets"}}},
	{"ejabberd_cowboy",
	 "[{modules, [{\"_\", \"/ws\", mod_websockets, [{ejabberd_service, [{access, all}]}]}]}]",
	 {{"E0702", NULL, NULL}, {"E0208", "[{access, all}]", NULL}}},
	{"ejabberd_cowboy",
	 "[{modules, []}, {ssl, [{certfle, \"c\"}]}, {protocol_options, [{compress, true}]}]",
	 {{"E0702", NULL, NULL}, {"E0203", "certfle", "certfile"}}},
	{"ejabberd_cowboy",
	 "[{modules, [{\"_\", \"/\", cowboy_static, {dir, \"www\", x}}]}]",
	 {{"E0702", NULL, NULL}, {"E0205", "x", NULL}}},
};

static void describe_all(struct strbuf *out)
{
	for (size_t i = 0; i < diags.list.n; i++) {
		const struct diag *d = diags.list.at[i];

		strbuf_printf(out, "\n  %s: %.*s", diag_infos[d->code].id, STR_ARG(d->message));
	}
}

static void check_expected(const char *text, const struct expected *expected)
{
	struct strbuf all = {.arena = arena};
	size_t n = 0;

	describe_all(&all);
	for (; n < MOST_EXPECTED && expected[n].code != NULL; n++) {
		const struct expected *e = &expected[n];
		const struct diag *d;

		ck_assert_msg(n < diags.list.n, "%s: no %s, only%.*s", text, e->code,
			      STR_ARG(strbuf_str(&all)));
		d = diags.list.at[n];
		ck_assert_msg(strcmp(diag_infos[d->code].id, e->code) == 0,
			      "%s: expected %s as number %zu, found%.*s", text, e->code, n,
			      STR_ARG(strbuf_str(&all)));
		if (e->at != NULL)
			ck_assert_msg(
				d->labels.n != 0 &&
					str_eqz(source_text(&sources, d->labels.at[0].at), e->at),
				"%s: %s is not at '%s' but '%.*s'", text, e->code, e->at,
				STR_ARG(source_text(&sources, d->labels.at[0].at)));
		if (e->fix != NULL)
			ck_assert_msg(d->fix.n == 1 && str_eqz(d->fix.at[0].with, e->fix),
				      "%s: %s should be fixed with '%s'", text, e->code, e->fix);
		else
			ck_assert_msg(d->fix.n == 0, "%s: %s has a fix '%.*s'", text, e->code,
				      STR_ARG(d->fix.at[0].with));
	}
	ck_assert_msg(diags.list.n == n, "%s: more than expected:%.*s", text,
		      STR_ARG(strbuf_str(&all)));
}

START_TEST(test_mistake_has_its_code_place_and_fix)
{
	const struct mistake *m = &mistakes[_i];

	bind_text(m->section, m->list);
	check_expected(m->list, m->expected);
}
END_TEST

/* ---- the same list for the other target ---- */

static const struct mistake linted[] = {
	{"ejabberd_c2s", "[{zlib, 10000}, verify_peer]", {{0}}},
	{"ejabberd_s2s_in", "[{shaper, s2s_shaper}]", {{0}}},
	{"mod_roster", "[{backend, rdbms}, {iqdisc, parallel}, versioning]", {{0}}},
	{"mod_push", "[]", {{"W0601", NULL, NULL}}},
	{"ejabberd_cowboy",
	 "[{modules, [{\"_\", \"/api\", mongoose_api}]}, {protocol_options, [{compress, true}]}]",
	 {{"W0601", "mongoose_api", NULL}, {"W0602", "compress", NULL}}},
	{"ejabberd_cowboy",
	 "[{modules, []}, {max_connections, 5}, {transport_options, [{num_acceptors, 5}]}]",
	 {{"W0601", "max_connections", NULL}, {"E0209", "num_acceptors", NULL}}},
	{"ejabberd_c2s", "[{certfile, <<\"c.pem\">>}]", {{"E0205", "<<\"c.pem\">>", "\"c.pem\""}}},
	{"mod_disco", "[{extra_domains, [\"a\"]}]", {{"E0205", "\"a\"", "<<\"a\">>"}}},
	{"mod_disco",
	 "[{extra_domains, [\"\xc3\xa9\"]}]",
	 {{"E0205", "\"\xc3\xa9\"", "<<\"\xc3\xa9\"/utf8>>"}}},
	{"ejabberd_service",
	 "[{password, {env, \"PASSWORD\"}}]",
	 {{"E0205", "{env, \"PASSWORD\"}", NULL}}},
	{"ejabberd_service", "[{password, <<\"x\">>}]", {{0}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {s2s_shared, <<\"x\">>}]",
	 {{"W0602", "s2s_shared", NULL}}},
	{"top",
	 "[{sm_backend, {mnesia, []}}, {route_subdomain, s2s}]",
	 {{"W0604", "route_subdomain", "route_subdomains"}}},
};

START_TEST(test_target_mongooseim_knows_nothing_unsupported_but_is_strict)
{
	const struct mistake *m = &linted[_i];

	binding.target = TARGET_MONGOOSEIM_3_2;
	bind_text(m->section, m->list);
	check_expected(m->list, m->expected);
}
END_TEST

/* ---- what is left after binding ---- */

START_TEST(test_good_values_come_through)
{
	struct bound *c2s = bind_text(
		"ejabberd_c2s", "[{certfile, \"a.pem\"}, starttls, {access, local}, {shaper, s}, "
				"{max_stanza_size, 65536}, {protocol_options, [\"no_sslv3\"]}]");

	ck_assert_uint_eq(diags.list.n, 0);
	ck_assert(str_eqz(bound_text(c2s, "certfile"), "a.pem"));
	ck_assert(str_eqz(bound_text(c2s, "access"), "local"));
	ck_assert(bound_flag(c2s, "starttls"));
	ck_assert(!bound_flag(c2s, "tls"));
	ck_assert_int_eq(bound_int(c2s, "max_stanza_size", -1), 65536);
	ck_assert_uint_eq(bound_value(c2s, "protocol_options")->term->seq.n, 1);
	ck_assert(bound_value(c2s, "access")->given);
	ck_assert(
		str_eqz(source_text(&sources, bound_value(c2s, "access")->at), "{access, local}"));
	ck_assert(str_eqz(source_text(&sources, bound_value(c2s, "access")->key_at), "access"));
}
END_TEST

START_TEST(test_absent_options_have_their_defaults)
{
	struct bound *c2s = bind_text("ejabberd_c2s", "[]");
	struct bound *cowboy = bind_text("ejabberd_cowboy", "[{modules, []}]");

	ck_assert(!bound_value(c2s, "access")->given);
	ck_assert(str_eqz(bound_text(c2s, "access"), "c2s"));
	ck_assert_int_eq(bound_int(c2s, "backlog", -1), 100);
	ck_assert_int_eq(bound_int(c2s, "max_stanza_size", -1), -1);
	ck_assert_int_eq(bound_int(c2s, "max_fsm_queue", -1), -1);
	ck_assert_ptr_null(bound_value(c2s, "certfile")->term);
	ck_assert_ptr_nonnull(bound_sub(cowboy, "transport_options"));
	ck_assert_int_eq(bound_int(bound_sub(cowboy, "transport_options"), "max_connections", -1),
			 1024);
	ck_assert_ptr_null(bound_sub(cowboy, "ssl"));
}
END_TEST

START_TEST(test_wrong_values_keep_their_default)
{
	struct bound *c2s = bind_text("ejabberd_c2s", "[{backlog, many}, {access, 7}]");

	ck_assert_int_eq(bound_int(c2s, "backlog", -1), 100);
	ck_assert(bound_value(c2s, "backlog")->failed);
	ck_assert(!bound_value(c2s, "backlog")->given);
	ck_assert(str_eqz(bound_text(c2s, "access"), "c2s"));
}
END_TEST

START_TEST(test_documented_name_binds_the_real_one)
{
	struct bound *c2s = bind_text("ejabberd_c2s", "[{c2s_shaper, fast}]");

	ck_assert(bound_value(c2s, "shaper")->given);
	ck_assert(str_eqz(bound_text(c2s, "shaper"), "fast"));
}
END_TEST

START_TEST(test_bare_module_option_means_true)
{
	struct bound *roster = bind_text("mod_roster", "[versioning, {store_current_id, true}]");

	ck_assert_uint_eq(diags.list.n, 0);
	ck_assert(bound_flag(roster, "versioning"));
	ck_assert(bound_flag(roster, "store_current_id"));
	ck_assert(!bound_flag(bind_text("mod_roster", "[]"), "versioning"));
}
END_TEST

START_TEST(test_zlib_is_a_number_a_word_or_bare)
{
	binding.target = TARGET_MONGOOSEIM_3_2;
	ck_assert_int_eq(bound_int(bind_text("ejabberd_c2s", "[{zlib, 10000}]"), "zlib", -1),
			 10000);
	ck_assert(str_eqz(bound_text(bind_text("ejabberd_c2s", "[{zlib, unlimited}]"), "zlib"),
			  "unlimited"));
	ck_assert(bound_flag(bind_text("ejabberd_c2s", "[zlib]"), "zlib"));
	ck_assert(!bound_value(bind_text("ejabberd_c2s", "[]"), "zlib")->given);
	ck_assert_uint_eq(diags.list.n, 0);
}
END_TEST

START_TEST(test_first_wins_in_listeners_and_last_at_top)
{
	struct bound *c2s = bind_text("ejabberd_c2s", "[{backlog, 1}, {backlog, 2}]");
	struct bound *top;

	ck_assert_int_eq(bound_int(c2s, "backlog", -1), 1);
	ck_assert_uint_eq(diags.list.n, 1);
	ck_assert_uint_eq(diags.list.at[0]->labels.n, 2);
	restart();
	top = bind_text("top", "[{sm_backend, {mnesia, []}}, {loglevel, 1}, {loglevel, 2}]");
	ck_assert_int_eq(bound_int(top, "loglevel", -1), 2);
}
END_TEST

START_TEST(test_keyed_options_are_collected)
{
	struct bound *top;
	const struct value *v;

	binding.target = TARGET_MONGOOSEIM_3_2;
	top = bind_text("top", "[{sm_backend, {mnesia, []}}, {{s2s_host, \"a\"}, allow}, "
			       "{{s2s_host, <<\"b\">>}, deny}, {{s2s_host, \"b\"}, allow}]");
	v = bound_value(top, "s2s_host");
	ck_assert(v->given);
	ck_assert(str_eqz(v->key->text, "a"));
	ck_assert_uint_eq(v->more.n, 2);
	ck_assert(str_eqz(v->more.at[0]->key->text, "b"));
	ck_assert_uint_eq(diags.list.n, 1);
	ck_assert_int_eq(diags.list.at[0]->code, W0510);
}
END_TEST

START_TEST(test_tuples_keep_all_their_elements)
{
	struct bound *top = bind_text("top", "[{sm_backend, {mnesia, []}}, {acl, local, all}, "
					     "{shaper, fast, {maxrate, 1000}}, "
					     "{shaper, none_, none}]");

	ck_assert_uint_eq(diags.list.n, 0);
	ck_assert_uint_eq(bound_value(top, "acl")->term->seq.n, 3);
	ck_assert_uint_eq(bound_value(top, "shaper")->more.n, 1);
}
END_TEST

START_TEST(test_unsupported_can_be_a_warning_and_is_left_out)
{
	struct bound *top, *s2s;
	const struct value *v;

	binding.allow_unsupported = true;
	top = bind_text("top", "[{sm_backend, {mnesia, []}}, {auth_method, [internal, ldap]}, "
			       "{s2s_certfile, \"x\"}]");
	ck_assert_uint_eq(diags.nerrors, 0);
	ck_assert_uint_eq(diags.nwarnings, 2);
	v = bound_value(top, "auth_method");
	ck_assert(v->given);
	ck_assert_uint_eq(v->term->seq.n, 1);
	ck_assert(term_is_atom(v->term->seq.items[0], "internal"));
	ck_assert(bound_value(top, "s2s_certfile")->failed);
	restart();
	binding.allow_unsupported = true;
	s2s = bind_text("ejabberd_s2s_in", "[]");
	ck_assert(s2s->unsupported);
	ck_assert_uint_eq(diags.nerrors, 0);
	restart();
	binding.allow_unsupported = true;
	diags.werror = true;
	bind_text("ejabberd_s2s_in", "[]");
	ck_assert_uint_eq(diags.nerrors, 1);
}
END_TEST

START_TEST(test_secrets_are_never_quoted)
{
	static const char *const lists[] = {"[{password, hunter2}]", "[{password, {hunter2, x}}]",
					    "[{password, \"x\"}, {password, \"hunter2\"}]"};

	for (size_t i = 0; i < COUNT(lists); i++) {
		restart();
		bind_text("ejabberd_service", lists[i]);
		ck_assert_uint_ne(diags.list.n, 0);
		for (size_t k = 0; k < diags.list.n; k++) {
			struct str m = diags.list.at[k]->message;

			ck_assert(memmem(m.p, m.n, "hunter2", 7) == NULL);
		}
	}
	restart();
	bind_text("pool rdbms", "[{server, {pgsql, \"h\", \"d\", \"u\", hunter2}}]");
	for (size_t k = 0; k < diags.list.n; k++)
		ck_assert(memmem(diags.list.at[k]->message.p, diags.list.at[k]->message.n,
				 "hunter2", 7) == NULL);
}
END_TEST

START_TEST(test_secret_may_come_from_elsewhere)
{
	bind_text("ejabberd_service", "[{password, {env, \"COMPONENT_PASSWORD\"}}]");
	bind_text("ejabberd_service", "[{password, {file, \"/run/secrets/x\"}}]");
	bind_text("ejabberd_service", "[{password, <<\"x\">>}]");
	ck_assert_uint_eq(diags.list.n, 0);
	bind_text("ejabberd_service", "[{password, {env, \"\"}}]");
	ck_assert_uint_eq(diags.list.n, 1);
}
END_TEST

START_TEST(test_broken_terms_pass_in_silence)
{
	static const struct term bad = {.kind = TERM_BAD, .used_at = {NO_FILE, 0, 0}};
	const struct term *access = parse_term_text(&sources, &diags, "t", "access");
	const struct term *pair[] = {access, &bad}, *nameless[] = {&bad, access};
	const struct term wrong_value = {
		.kind = TERM_TUPLE, .used_at = NO_SPAN, .seq = {.items = pair, .n = 2}};
	const struct term wrong_name = {
		.kind = TERM_TUPLE, .used_at = NO_SPAN, .seq = {.items = nameless, .n = 2}};
	const struct term *elements[] = {&wrong_value, &bad, &wrong_name};
	const struct term list = {
		.kind = TERM_LIST, .used_at = NO_SPAN, .seq = {.items = elements, .n = 3}};
	struct bound *c2s = schema_bind(&binding, section_of("ejabberd_c2s"), &list, NO_SPAN);

	schema_bind(&binding, section_of("ejabberd_c2s"), &bad, NO_SPAN);
	schema_bind(&binding, section_of("ejabberd_service"), &bad, NO_SPAN);
	ck_assert_uint_eq(diags.list.n, 0);
	ck_assert(bound_value(c2s, "access")->failed);
	ck_assert(str_eqz(bound_text(c2s, "access"), "c2s"));
}
END_TEST

START_TEST(test_one_element_binds_by_itself)
{
	const struct term *good = parse_term_text(&sources, &diags, "t", "{loglevel, 4}");
	const struct term *wrong = parse_term_text(&sources, &diags, "t", "{loglevel, x}");
	const struct term *dead = parse_term_text(&sources, &diags, "t", "{alarms, x}");
	struct value *v = schema_bind_one(&binding, &schema_top, good);

	ck_assert_ptr_nonnull(v);
	ck_assert_int_eq(v->term->integer.value, 4);
	ck_assert_ptr_null(schema_bind_one(&binding, &schema_top, wrong));
	ck_assert_ptr_null(schema_bind_one(&binding, &schema_top, dead));
	ck_assert_uint_eq(diags.list.n, 2);
}
END_TEST

/* ---- names of sections ---- */

static const struct {
	enum schema_group group;
	const char *name, *code, *help;
} unknown_names[] = {
	{SCHEMA_MODULES, "mod_rostr", "E0202", "did you mean 'mod_roster'?"},
	{SCHEMA_MODULES, "mod_admin_extra", "E0202", "service_admin_extra"},
	{SCHEMA_MODULES, "mod_websockets", "E0202", "route"},
	{SCHEMA_MODULES, "mod_vcard_riak", "E0202", "{mod_vcard, [{backend, ...}]}"},
	{SCHEMA_MODULES, "mod_irc", "E0202", "take it out"},
	{SCHEMA_LISTENERS, "ejabberd_http", "E0202", "ejabberd_cowboy"},
	{SCHEMA_LISTENERS, "ejabberd_c2c", "E0202", "ejabberd_c2s"},
	{SCHEMA_HANDLERS, "mongoose_api_client_contacts", "E0202", "mongoose_client_api_contacts"},
	{SCHEMA_POOLS, "odbc", "E0202", "rdbms"},
	{SCHEMA_POOLS, "elastik", "E0202", "elastic"},
	{SCHEMA_SERVICES, "mod_admin_extra", "E0202", "service_admin_extra"},
	{SCHEMA_SERVICES, "\"x\"", "E0205", NULL},
};

START_TEST(test_unknown_section_names_what_is_meant)
{
	const struct term *name = parse_term_text(&sources, &diags, "t", unknown_names[_i].name);
	const struct diag *d;

	schema_unknown_name(&binding, unknown_names[_i].group, name);
	ck_assert_uint_eq(diags.list.n, 1);
	d = diags.list.at[0];
	ck_assert_str_eq(diag_infos[d->code].id, unknown_names[_i].code);
	if (unknown_names[_i].help != NULL)
		ck_assert_msg(memmem(d->help.p, d->help.n, unknown_names[_i].help,
				     strlen(unknown_names[_i].help)) != NULL,
			      "help is '%.*s'", STR_ARG(d->help));
}
END_TEST

/* ---- words ---- */

static const struct {
	const char *section, *option, *text;
} descriptions[] = {
	{"ejabberd_c2s", "max_stanza_size", "a positive integer (bytes) or infinity"},
	{"ejabberd_c2s", "hibernate_after", "an integer of at least 0 (ms)"},
	{"ejabberd_c2s", "tls_module", "fast_tls or just_tls"},
	{"ejabberd_c2s", "access", "the name of an access rule (atom)"},
	{"ejabberd_service", "password", "a string, {env, \"NAME\"} or {file, \"PATH\"}"},
	{"mod_vcard", "ldap_search_operator", "'or' or 'and'"},
	{"mod_roster", "iqdisc",
	 "no_queue, one_queue or parallel or a tuple {queues, a positive integer (queues)}"},
	{"top", "hosts", "a list; each element a domain (string)"},
	{"ejabberd_cowboy", "modules",
	 "a list; each element a route {Host, Path, Handler, Options}"},
};

static const struct {
	const char *section, *option, *text;
} forms[] = {
	{"ejabberd_c2s", "starttls", "starttls"},
	{"ejabberd_c2s", "backlog", "{backlog, a positive integer (connections)}"},
	{"top", "s2s_host", "{{s2s_host, a domain (string)}, allow or deny}"},
	{"top", "domain_certfile", "{domain_certfile, a domain (string), a file name (string)}"},
	{"top", "include_config_file", "{include_config_file, a file name (string)}"},
};

START_TEST(test_options_are_described_as_they_are_written)
{
	const struct option *o =
		schema_option(section_of(forms[_i].section), str_of(forms[_i].option));
	struct str text = option_describe(arena, o);

	ck_assert_msg(str_eqz(text, forms[_i].text), "'%.*s'", STR_ARG(text));
}
END_TEST

START_TEST(test_types_are_described_in_words)
{
	const struct option *o = schema_option(section_of(descriptions[_i].section),
					       str_of(descriptions[_i].option));
	struct str text = type_describe(arena, o->type);

	ck_assert_msg(str_eqz(text, descriptions[_i].text), "'%.*s'", STR_ARG(text));
}
END_TEST

static const struct {
	const char *section, *list, *message;
} messages[] = {
	{"ejabberd_c2s", "[{max_stanza_sise, 1}]",
	 "unknown option 'max_stanza_sise' for an ejabberd_c2s listener"},
	{"ejabberd_c2s", "[{max_stanza_size, \"big\"}]",
	 "'max_stanza_size': expected a positive integer (bytes) or infinity, found the string "
	 "\"big\""},
	{"ejabberd_c2s", "[{max_stanza_size, 0}]",
	 "'max_stanza_size': 0 is below the minimum of 1 byte"},
	{"ejabberd_c2s", "[{backlog, 9999999999}]",
	 "'backlog': 9999999999 is above the maximum of 4294967295 connections"},
	{"ejabberd_c2s", "[{tls, yes}]",
	 "'tls' is a flag: it is written as a bare name, without a value"},
	{"ejabberd_service", "[]", "an ejabberd_service listener needs 'password'"},
	{"mod_muc", "[]", "module mod_muc is valid in MongooseIM 3.2, not supported by xmppd yet"},
	{"ejabberd_service", "[{password, 5}]",
	 "'password': expected a string, {env, \"NAME\"} or {file, \"PATH\"}, found an integer"},
};

START_TEST(test_messages_say_what_is_wrong_and_what_was_expected)
{
	bind_text(messages[_i].section, messages[_i].list);
	ck_assert_uint_eq(diags.list.n, 1);
	ck_assert_msg(str_eqz(diags.list.at[0]->message, messages[_i].message), "'%.*s'",
		      STR_ARG(diags.list.at[0]->message));
}
END_TEST

/* ---- size ---- */

/* Quadratic work would take minutes, and the time limit of the test would end it. */
START_TEST(test_long_lists_take_linear_time)
{
	struct strbuf text = {.arena = arena};
	struct bound *top;

	binding.target = TARGET_MONGOOSEIM_3_2;
	diags.max_errors = 50;
	strbuf_addz(&text, "[{sm_backend, {mnesia, []}}");
	for (int i = 0; i < 100000; i++)
		strbuf_printf(&text, ", {{s2s_host, \"h%d.example\"}, allow}, {x%d, 1}, tls_%d", i,
			      i, i);
	strbuf_addz(&text, "]");
	strbuf_addc(&text, '\0');
	top = bind_text("top", text.p);
	ck_assert_uint_eq(bound_value(top, "s2s_host")->more.n, 99999);
	ck_assert_uint_eq(diags.nerrors, 200000);
	ck_assert_uint_eq(diags.list.n, 50);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schema");
	TCase *tc = tcase_create("binding");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_mistake_has_its_code_place_and_fix, 0, COUNT(mistakes));
	tcase_add_loop_test(tc, test_target_mongooseim_knows_nothing_unsupported_but_is_strict, 0,
			    COUNT(linted));
	tcase_add_test(tc, test_good_values_come_through);
	tcase_add_test(tc, test_absent_options_have_their_defaults);
	tcase_add_test(tc, test_wrong_values_keep_their_default);
	tcase_add_test(tc, test_documented_name_binds_the_real_one);
	tcase_add_test(tc, test_bare_module_option_means_true);
	tcase_add_test(tc, test_zlib_is_a_number_a_word_or_bare);
	tcase_add_test(tc, test_first_wins_in_listeners_and_last_at_top);
	tcase_add_test(tc, test_keyed_options_are_collected);
	tcase_add_test(tc, test_tuples_keep_all_their_elements);
	tcase_add_test(tc, test_unsupported_can_be_a_warning_and_is_left_out);
	tcase_add_test(tc, test_secrets_are_never_quoted);
	tcase_add_test(tc, test_secret_may_come_from_elsewhere);
	tcase_add_test(tc, test_broken_terms_pass_in_silence);
	tcase_add_test(tc, test_one_element_binds_by_itself);
	tcase_add_loop_test(tc, test_unknown_section_names_what_is_meant, 0, COUNT(unknown_names));
	tcase_add_loop_test(tc, test_types_are_described_in_words, 0, COUNT(descriptions));
	tcase_add_loop_test(tc, test_options_are_described_as_they_are_written, 0, COUNT(forms));
	tcase_add_loop_test(tc, test_messages_say_what_is_wrong_and_what_was_expected, 0,
			    COUNT(messages));
	tcase_add_test(tc, test_long_lists_take_linear_time);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
