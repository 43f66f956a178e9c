/* test_model.c - forms to a model: names, order of settings, listeners, modules, access control. */
#include "model_fixture.h"

#include "model/prep.h"

/* ---- parts of JIDs ---- */

static const struct {
	enum prep_profile profile;
	const char *in, *out; /* out NULL: refused */
} prep_cases[] = {
	{PREP_NODE, "bob", "bob"},
	{PREP_NODE, "Bob", "bob"},
	{PREP_NODE, "B\xc3\x9cNYAMIN", "b\xc3\xbcnyamin"},
	{PREP_NODE,
	 "stra\xc3\x9f"
	 "e",
	 "strasse"},
	{PREP_NODE, "a b", NULL},
	{PREP_NODE, "a@b", NULL},
	{PREP_NODE, "a/b", NULL},
	{PREP_NODE, "a:b", NULL},
	{PREP_NODE, "a'b", NULL},
	{PREP_NODE, "a\"b", NULL},
	{PREP_NODE, "a&b", NULL},
	{PREP_NODE, "a<b", NULL},
	{PREP_NODE,
	 "a\x01"
	 "b",
	 NULL},
	{PREP_NODE, "a\x7f", NULL},
	{PREP_NODE, "", NULL},
	{PREP_NODE, "a\xff", NULL}, /* not UTF-8 */
	{PREP_NODE,
	 "a\xc2\xad"
	 "b",
	 "ab"}, /* a soft hyphen is nothing */
	{PREP_NODE,
	 "\xd7\x90"
	 "a",
	 NULL}, /* both directions of writing */
	{PREP_DOMAIN, "EXAMPLE.org", "example.org"},
	{PREP_DOMAIN,
	 "B\xc3\xbc"
	 "cher.example",
	 "b\xc3\xbc"
	 "cher.example"},
	{PREP_DOMAIN, "", NULL},
	{PREP_RESOURCE, "My Phone", "My Phone"},
	{PREP_RESOURCE, "a\nb", NULL},
	{PREP_RESOURCE, "\xef\xbc\xa1", "A"}, /* full-width A */
};

START_TEST(prepares_each_part_by_its_profile)
{
	struct str out = {NULL, 0};
	const char *in = prep_cases[_i].in, *want = prep_cases[_i].out;
	const char *why = prep(arena, prep_cases[_i].profile, str_of(in), &out);

	ck_assert_msg((why == NULL) == (want != NULL), "case %d: '%s': %s", _i, in,
		      why != NULL ? why : "accepted");
	if (want != NULL)
		ck_assert_msg(str_eqz(out, want), "case %d: '%.*s'", _i, STR_ARG(out));
}
END_TEST

START_TEST(refuses_parts_that_are_too_long)
{
	struct str out, longest = arena_str(arena, "", 0);
	char text[1025];

	memset(text, 'a', sizeof(text));
	longest = arena_str(arena, text, 1023);
	ck_assert_ptr_null(prep(arena, PREP_NODE, longest, &out));
	longest = arena_str(arena, text, 1024);
	ck_assert_ptr_nonnull(prep(arena, PREP_NODE, longest, &out));
	/* Folding may grow a text past the limit: two bytes become three. */
	for (size_t i = 0; i < 1022; i += 2)
		memcpy(text + i, "\xc5\x89", 2);
	ck_assert_ptr_nonnull(prep(arena, PREP_NODE, arena_str(arena, text, 1022), &out));
	ck_assert_ptr_null(prep(arena, PREP_NODE, arena_str(arena, text, 682), &out));
	ck_assert_uint_eq(out.n, 1023);
}
END_TEST

/* ---- settings: which of several counts ---- */

static const struct {
	const char *text;
	int iterations_a, iterations_b;
	const char *codes;
} order_cases[] = {
	{"", 4096, 4096, ""},
	{"{auth_opts, [{scram_iterations, 5000}]}. ", 5000, 5000, ""},
	{"{auth_opts, [{scram_iterations, 1}]}. {auth_opts, [{scram_iterations, 2}]}. ", 2, 2,
	 "W0505"},
	{"{auth_opts, [{scram_iterations, 1}]}. "
	 "{host_config, \"a\", [{auth_opts, [{scram_iterations, 2}]}]}. ",
	 2, 1, ""},
	{"{host_config, \"a\", [{auth_opts, [{scram_iterations, 2}]}]}. "
	 "{auth_opts, [{scram_iterations, 1}]}. ",
	 2, 1, "W0506"},
	{"{host_config, \"a\", [{auth_opts, [{scram_iterations, 2}]}]}. "
	 "{host_config, \"a\", [{auth_opts, [{scram_iterations, 3}]}]}. ",
	 3, 4096, "W0505"},
	/* Added options come first, and the first of equal names counts. */
	{"{auth_opts, [{scram_iterations, 1}]}. "
	 "{host_config, \"a\", [{{add, auth_opts}, [{scram_iterations, 2}]}]}. ",
	 2, 1, ""},
	{"{host_config, \"a\", [{{add, auth_opts}, [{scram_iterations, 2}]}]}. "
	 "{auth_opts, [{scram_iterations, 1}]}. ",
	 2, 1, "W0506 W0507"},
	{"{auth_opts, []}. {{add, auth_opts}, [{scram_iterations, 7}]}. ", 7, 7, ""},
};

START_TEST(later_settings_win)
{
	struct strbuf text = {.arena = arena};
	struct model *m;

	strbuf_addz(&text, HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, all}]}]}. ");
	strbuf_addz(&text, order_cases[_i].text);
	strbuf_addc(&text, '\0');
	m = model_of(text.p);
	ck_assert_msg(strcmp(codes(), order_cases[_i].codes) == 0, "case %d: %s", _i, codes());
	ck_assert_int_eq((int)m->hosts.at[0]->auth.scram_iterations, order_cases[_i].iterations_a);
	ck_assert_int_eq((int)m->hosts.at[1]->auth.scram_iterations, order_cases[_i].iterations_b);
}
END_TEST

START_TEST(as_in_mongooseim_the_later_term_wins)
{
	static const char text[] =
		HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, all}]}]}. "
			  "{host_config, \"a\", [{auth_opts, [{scram_iterations, 2}]}]}. "
			  "{auth_opts, [{scram_iterations, 1}]}. ";
	struct model *m;

	binding.compat = COMPAT_MONGOOSEIM;
	m = model_of(text);
	must_be_clean(text);
	ck_assert_int_eq((int)m->hosts.at[0]->auth.scram_iterations, 1);
	binding.compat = COMPAT_STRICT;
	(void)model_of(text);
	ck_assert(diag_has_errors(&diags));
}
END_TEST

/* ---- modules of hosts ---- */

static const char *modules_of(const struct host *h)
{
	struct strbuf out = {.arena = arena};

	for (size_t i = 0; i < h->modules.list.n; i++)
		strbuf_printf(&out, "%s%.*s", i != 0 ? " " : "",
			      STR_ARG(h->modules.list.at[i]->name));
	strbuf_addc(&out, '\0');
	return out.p;
}

START_TEST(added_modules_come_first)
{
	struct model *m =
		model_of(HOSTS_A_B "{modules, [{mod_time, []}, {mod_ping, []}]}. "
				   "{host_config, \"a\", [{{add, modules}, [{mod_last, []}]},"
				   "                      {{add, modules}, [{mod_sic, []}]}]}. ");

	must_be_clean("modules");
	ck_assert_str_eq(modules_of(m->hosts.at[0]), "mod_sic mod_last mod_time mod_ping");
	ck_assert_str_eq(modules_of(m->hosts.at[1]), "mod_time mod_ping");
}
END_TEST

START_TEST(a_module_given_twice_has_the_options_of_both)
{
	struct model *m = model_of(
		HOSTS_A_B
		"{modules, [{mod_roster, [{versioning, true}]},"
		"           {mod_roster, [{store_current_id, true}, {versioning, false}]}]}. ");
	const struct bound *options = m->hosts.at[0]->modules.list.at[0]->options;

	ck_assert_str_eq(modules_of(m->hosts.at[0]), "mod_roster");
	ck_assert(!bound_flag(options, "versioning"));
	ck_assert(bound_flag(options, "store_current_id"));
	ck_assert(reports(W0524));
}
END_TEST

START_TEST(what_is_not_supported_is_left_out_when_allowed)
{
	struct model *m;

	binding.allow_unsupported = true;
	m = model_of(HOSTS_A_B "{modules, [{mod_bosh, []}, {mod_time, []}]}. "
			       "{listen, [{5269, ejabberd_s2s_in, []},"
			       "          {5222, ejabberd_c2s, [{access, all}, {zlib, 100}]}]}. "
			       "{s2s_default_policy, deny}. ");
	must_be_clean("left out");
	ck_assert_str_eq(modules_of(m->hosts.at[0]), "mod_time");
	ck_assert_uint_eq(m->left_out.n, 4);
	ck_assert(str_eqz(m->left_out.at[0].what, "module mod_bosh"));
	ck_assert(str_eqz(m->left_out.at[1].what, "listener ejabberd_s2s_in 0.0.0.0:5269"));
	ck_assert(str_eqz(m->left_out.at[2].what,
			  "option 'zlib' of listener ejabberd_c2s 0.0.0.0:5222"));
	ck_assert(str_eqz(m->left_out.at[3].what, "option 's2s_default_policy'"));
}
END_TEST

/* ---- listeners ---- */

static const struct {
	const char *port, *options, *name; /* name NULL: refused */
} listener_cases[] = {
	{"5222", "", "ejabberd_c2s 0.0.0.0:5222"},
	{"5222", ", inet6", "ejabberd_c2s [::]:5222"},
	{"5222", ", {ip, {127, 0, 0, 1}}", "ejabberd_c2s 127.0.0.1:5222"},
	{"5222", ", {ip, {0, 0, 0, 0, 0, 0, 0, 1}}", "ejabberd_c2s [::1]:5222"},
	{"{5222, tcp}", "", "ejabberd_c2s 0.0.0.0:5222"},
	{"{5222, \"::1\"}", ", {ip, {1, 2, 3, 4}}", "ejabberd_c2s [::1]:5222"},
	{"{5222, {10, 0, 0, 1}, ws}", "", "ejabberd_c2s 10.0.0.1:5222"},
	{"{5222, {16#2001, 16#db8, 0, 0, 1, 0, 0, 1}}", "",
	 "ejabberd_c2s [2001:db8::1:0:0:1]:5222"},
	{"{5222, {1, 0, 2, 0, 3, 0, 4, 0}}", "", "ejabberd_c2s [1:0:2:0:3:0:4:0]:5222"},
	{"{5222, {1, 0, 0, 0, 0, 0, 0, 0}}", "", "ejabberd_c2s [1::]:5222"},
	{"0", "", "ejabberd_c2s 0.0.0.0:0"},
	{"65535", "", "ejabberd_c2s 0.0.0.0:65535"},
	{"65536", "", NULL},
	{"-1", "", NULL},
	{"99999999999999999999", "", NULL},
	{"{5222, \"localhost\"}", "", NULL},
	{"{5222, \"127.1\"}", "", NULL},
	{"{5222, \"[::1]\"}", "", NULL},
	{"{5222, \"\"}", "", NULL},
	{"{5222, <<\"127.0.0.1\">>}", "", NULL},
	{"{5222, {1, 2, 3}}", "", NULL},
	{"{5222, {1, 2, 3, 256}}", "", NULL},
	{"{5222, {1, 2, 3, -1}}", "", NULL},
	{"{5222, {1, 2, 3, x}}", "", NULL},
	{"{5222, udp}", "", NULL},
	{"{5222, \"127.0.0.1\", udp}", "", NULL},
	{"{5222, \"127.0.0.1\", \"tcp\"}", "", NULL},
	{"{5222}", "", NULL},
	{"[5222]", "", NULL},
	{"\"5222\"", "", NULL},
};

START_TEST(ports_and_addresses_are_strict)
{
	struct strbuf text = {.arena = arena};
	struct model *m;

	strbuf_printf(&text, HOSTS_A_B "{listen, [{%s, ejabberd_c2s, [{access, all}%s]}]}. ",
		      listener_cases[_i].port, listener_cases[_i].options);
	strbuf_addc(&text, '\0');
	m = model_of(text.p);
	if (listener_cases[_i].name == NULL) {
		ck_assert_msg(diag_has_errors(&diags), "case %d accepted: %s", _i, text.p);
		return;
	}
	must_be_clean(text.p);
	ck_assert_uint_eq(m->listeners.n, 1);
	ck_assert_msg(str_eqz(m->listeners.at[0]->name, listener_cases[_i].name), "case %d: %.*s",
		      _i, STR_ARG(m->listeners.at[0]->name));
}
END_TEST

static const struct {
	const char *first, *second;
	bool clash;
} port_cases[] = {
	{"5222", "5222", true},
	{"5222", "5223", false},
	{"0", "0", false},
	{"5222", "{5222, \"127.0.0.1\"}", true},
	{"{5222, \"127.0.0.1\"}", "5222", true},
	{"{5222, \"127.0.0.1\"}", "{5222, \"127.0.0.2\"}", false},
	{"{5222, \"127.0.0.1\"}", "{5222, {127, 0, 0, 1}}", true},
	{"{5222, \"::\"}", "{5222, \"::1\"}", true},
	{"{5222, \"::1\"}", "{5222, \"127.0.0.1\"}", false},
	{"{5222, \"::\"}", "5222", false}, /* a warning: MongooseIM cannot do both */
};

START_TEST(listeners_must_not_want_the_same_port)
{
	struct strbuf text = {.arena = arena};

	strbuf_printf(&text,
		      HOSTS_A_B "{listen, [{%s, ejabberd_c2s, [{access, all}]},"
				"          {%s, ejabberd_c2s, [{access, all}]}]}. ",
		      port_cases[_i].first, port_cases[_i].second);
	strbuf_addc(&text, '\0');
	(void)model_of(text.p);
	ck_assert_msg(reports(E0305) == port_cases[_i].clash, "case %d: %s", _i, codes());
}
END_TEST

START_TEST(access_of_c2s_is_the_rule_of_that_name_when_there_is_one)
{
	struct model *m = model_of(HOSTS_A_B "{listen, [{5222, ejabberd_c2s, []}]}. ");

	ck_assert_ptr_null(m->listeners.at[0]->access);
	ck_assert_str_eq(codes(), "");
	restart();
	m = model_of(HOSTS_A_B "{listen, [{5222, ejabberd_c2s, []}]}. {access, c2s, [{deny, none}, "
			       "{allow, all}]}. ");
	ck_assert_ptr_nonnull(m->listeners.at[0]->access);
	ck_assert_str_eq(codes(), "W0523");
	restart();
	m = model_of(HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, c2s}]}]}. "
			       "{access, c2s, [{deny, none}, {allow, all}]}. ");
	ck_assert_ptr_nonnull(m->listeners.at[0]->access);
	ck_assert_str_eq(codes(), "");
	restart();
	m = model_of(HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, none}]}]}. ");
	ck_assert_ptr_null(m->listeners.at[0]->access);
	ck_assert(m->listeners.at[0]->access_none);
}
END_TEST

static const struct {
	const char *password;
	enum secret_kind kind;
	const char *ref, *text; /* ref NULL: refused */
} secret_cases[] = {
	{"\"s3cret\"", SECRET_STORED, "listener_0_password", "s3cret"},
	{"<<\"s3cret\">>", SECRET_STORED, "listener_0_password", "s3cret"},
	{"\" a\\\\b \"", SECRET_STORED, "listener_0_password", " a\\b "},
	{"{env, \"NAME\"}", SECRET_ENV, "NAME", ""},
	{"{file, \"/run/x\"}", SECRET_FILE, "/run/x", ""},
	{"\"a\\nb\"", SECRET_STORED, NULL, ""},
	{"\"a\\tb\"", SECRET_STORED, NULL, ""},
	{"\"a\\0\"", SECRET_STORED, NULL, ""},
	{"secret", SECRET_STORED, NULL, ""},
};

START_TEST(passwords_become_references)
{
	struct strbuf text = {.arena = arena};
	const struct secret *s;
	struct model *m;

	strbuf_printf(&text, HOSTS_A_B "{listen, [{8888, ejabberd_service, [{password, %s}]}]}. ",
		      secret_cases[_i].password);
	strbuf_addc(&text, '\0');
	m = model_of(text.p);
	if (secret_cases[_i].ref == NULL) {
		ck_assert_msg(diag_has_errors(&diags), "case %d", _i);
		return;
	}
	must_be_clean(text.p);
	s = m->listeners.at[0]->password;
	ck_assert_int_eq((int)s->kind, (int)secret_cases[_i].kind);
	ck_assert_msg(str_eqz(s->ref, secret_cases[_i].ref), "case %d: %.*s", _i, STR_ARG(s->ref));
	ck_assert(str_eqz(s->text, secret_cases[_i].text));
	ck_assert(reports(W0502) == (s->kind == SECRET_STORED));
}
END_TEST

/* ---- names used before they are defined, or in broken forms ---- */

START_TEST(a_broken_form_is_reported_once)
{
	/* Nothing is said of c2s and slow being undefined: they are, badly. */
	(void)model_of(HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, c2s}, {shaper, s}]}]}. "
				 "{access, c2s, [{allow}]}. "
				 "{access, s, [{slow, all}]}. "
				 "{shaper, slow, fast}. ");
	ck_assert_str_eq(codes(), "E0205 E0207");
}
END_TEST

START_TEST(hosts_may_come_last)
{
	struct model *m = model_of("{host_config, \"b\", [{auth_opts, [{scram_iterations, 9}]}]}. "
				   "{sm_backend, {mnesia, []}}. {auth_method, internal}. "
				   "{hosts, [\"A\", <<\"b\">>]}. ");

	must_be_clean("hosts last");
	ck_assert(str_eqz(m->hosts.at[0]->name, "a"));
	ck_assert_uint_eq(m->hosts.at[1]->auth.scram_iterations, 9);
}
END_TEST

START_TEST(subdomains_name_the_host)
{
	ck_assert(str_eqz(subdomain_of(arena, STR("vjud.@HOST@"), STR("a")), "vjud.a"));
	ck_assert(str_eqz(subdomain_of(arena, STR("@HOST@.@HOST@"), STR("a")), "a.a"));
	ck_assert(str_eqz(subdomain_of(arena, STR("x.@HOST"), STR("a")), "x.@HOST"));
	ck_assert(str_eqz(subdomain_of(arena, STR(""), STR("a")), ""));
}
END_TEST

START_TEST(one_hundred_thousand_users_are_no_trouble)
{
	struct strbuf text = {.arena = arena};

	strbuf_addz(&text, HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, r}]}]}. "
				     "{access, r, [{allow, s}]}.\n");
	for (int i = 0; i < 100000; i++)
		strbuf_printf(&text, "{acl, s, {user, \"user%d\", \"a\"}}.\n", i);
	strbuf_addc(&text, '\0');
	ck_assert_uint_eq(model_of(text.p)->sets.at[0]->folded.n, 100000);
	must_be_clean("many users");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	SRunner *runner = srunner_create(suite);
	TCase *tc = tcase_create("model");
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, prepares_each_part_by_its_profile, 0, COUNT(prep_cases));
	tcase_add_test(tc, refuses_parts_that_are_too_long);
	tcase_add_loop_test(tc, later_settings_win, 0, COUNT(order_cases));
	tcase_add_test(tc, as_in_mongooseim_the_later_term_wins);
	tcase_add_test(tc, added_modules_come_first);
	tcase_add_test(tc, a_module_given_twice_has_the_options_of_both);
	tcase_add_test(tc, what_is_not_supported_is_left_out_when_allowed);
	tcase_add_loop_test(tc, ports_and_addresses_are_strict, 0, COUNT(listener_cases));
	tcase_add_loop_test(tc, listeners_must_not_want_the_same_port, 0, COUNT(port_cases));
	tcase_add_test(tc, access_of_c2s_is_the_rule_of_that_name_when_there_is_one);
	tcase_add_loop_test(tc, passwords_become_references, 0, COUNT(secret_cases));
	tcase_add_test(tc, a_broken_form_is_reported_once);
	tcase_add_test(tc, hosts_may_come_last);
	tcase_add_test(tc, subdomains_name_the_host);
	tcase_add_test(tc, one_hundred_thousand_users_are_no_trouble);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
