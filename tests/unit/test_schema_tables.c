/* test_schema_tables.c - the tables agree with themselves: names, defaults, aliases, texts. */
#include <check.h>
#include <stdlib.h>

#include "diag/diag.h"
#include "schema/schema.h"
#include "support/strbuf.h"
#include "syntax/parser.h"

static struct arena *arena;
static struct sources sources;
static struct diags diags;
static struct bind binding;

static void setup(void)
{
	arena = arena_new();
	sources = (struct sources){.arena = arena};
	diags = (struct diags){.arena = arena, .sources = &sources};
	binding = (struct bind){
		.arena = arena,
		.sources = &sources,
		.diags = &diags,
		.target = TARGET_MONGOOSEIM_3_2,
	};
}

static void teardown(void)
{
	arena_free(&arena);
}

static bool is_one_line(const char *text)
{
	return text != NULL && text[0] != '\0' && strchr(text, '\n') == NULL && strlen(text) < 100;
}

static void check_names_are_unique(void *ctx, const char *group, const struct section *s)
{
	(void)ctx;
	for (size_t i = 0; i < s->noptions; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_msg(strcmp(s->options[i].name, s->options[j].name) != 0,
				      "%s %s: two rows '%s'", group, s->name, s->options[i].name);
}

START_TEST(test_no_section_has_two_rows_of_one_name)
{
	schema_each(check_names_are_unique, NULL);
}
END_TEST

struct section_names {
	const char *at[256];
	const char *group[256];
	size_t n;
};

static void check_section_name_is_new(void *ctx, const char *group, const struct section *s)
{
	struct section_names *seen = ctx;

	for (size_t i = 0; i < seen->n; i++)
		ck_assert_msg(strcmp(seen->group[i], group) != 0 ||
				      strcmp(seen->at[i], s->name) != 0,
			      "two sections %s '%s'", group, s->name);
	ck_assert(seen->n < 256);
	seen->at[seen->n] = s->name;
	seen->group[seen->n++] = group;
}

START_TEST(test_no_group_has_two_sections_of_one_name)
{
	struct section_names seen = {0};

	schema_each(check_section_name_is_new, &seen);
	ck_assert_uint_gt(seen.n, 100);
}
END_TEST

static void check_texts(void *ctx, const char *group, const struct section *s)
{
	(void)ctx;
	ck_assert_msg(is_one_line(s->title), "%s %s: title", group, s->name);
	ck_assert_msg(is_one_line(s->help), "%s %s: help", group, s->name);
	if (s->flags & OPT_DEPRECATED)
		ck_assert_msg(is_one_line(s->note), "%s %s: note", group, s->name);
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];

		ck_assert_msg(is_one_line(o->help), "%s: help of '%s'", s->name, o->name);
		ck_assert_msg(o->help[strlen(o->help) - 1] != '.', "%s: full stop after '%s'",
			      s->name, o->name);
		if (o->flags & (OPT_DEAD | OPT_DEPRECATED | OPT_REFUSED | OPT_NOOP))
			ck_assert_msg(is_one_line(o->note), "%s: note of '%s'", s->name, o->name);
	}
}

START_TEST(test_every_section_and_row_has_a_line_of_help)
{
	schema_each(check_texts, NULL);
}
END_TEST

static void check_defaults(void *ctx, const char *group, const struct section *s)
{
	(void)ctx;
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];
		const struct term *t;

		if (o->dflt == NULL)
			continue;
		t = parse_term_text(&sources, &diags, o->name, o->dflt);
		ck_assert_msg(t != NULL, "%s %s: '%s' has a default that is no term", group,
			      s->name, o->name);
		ck_assert_msg(schema_check_value(&binding, o->type, t, o->name),
			      "%s %s: the default %s of '%s' is not of its type", group, s->name,
			      o->dflt, o->name);
		ck_assert_msg((o->flags & OPT_REQUIRED) == 0,
			      "%s: '%s' is required and has a default", s->name, o->name);
	}
}

START_TEST(test_every_default_is_of_its_type)
{
	schema_each(check_defaults, NULL);
	ck_assert_uint_eq(diags.nerrors, 0);
}
END_TEST

static void check_aliases(void *ctx, const char *group, const struct section *s)
{
	(void)group;
	(void)ctx;
	for (const struct alias *a = s->aliases; a != NULL && a->wrong != NULL; a++) {
		ck_assert_msg(schema_option(s, str_of(a->right)) != NULL,
			      "%s: alias '%s' leads to '%s', which is no option", s->name, a->wrong,
			      a->right);
		ck_assert_msg(schema_option(s, str_of(a->wrong)) == NULL,
			      "%s: alias '%s' is an option", s->name, a->wrong);
	}
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];
		const struct option *same;

		if (o->same_as == NULL)
			continue;
		same = schema_option(s, str_of(o->same_as));
		ck_assert_msg(same != NULL && same->same_as == NULL,
			      "%s: '%s' is the same as '%s', which is no option", s->name, o->name,
			      o->same_as);
	}
}

START_TEST(test_every_alias_leads_to_an_option)
{
	schema_each(check_aliases, NULL);
}
END_TEST

static bool has_name(const char *const *names, const char *name)
{
	for (; names != NULL && *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Which fields a kind needs, so that a wrong macro in a table shows. */
static void check_type(const char *where, const struct type *type)
{
	ck_assert_msg(type != NULL, "%s has no type", where);
	ck_assert_msg(type->kind != TYPE_CHOICE || type->names != NULL, "%s: no names", where);
	ck_assert_msg(type->kind != TYPE_LITERAL || type->text != NULL, "%s: no text", where);
	ck_assert_msg(type->kind != TYPE_OPTIONS || type->section != NULL, "%s: no section", where);
	ck_assert_msg((type->kind == TYPE_LIST) == (type->of != NULL), "%s: elements", where);
	ck_assert_msg((type->kind == TYPE_TUPLE || type->kind == TYPE_ONEOF) ==
			      (type->alts != NULL),
		      "%s: alternatives", where);
	if (type->kind == TYPE_INT || type->kind == TYPE_NUMBER)
		ck_assert_msg(type->min < type->max, "%s: empty range", where);
	for (size_t i = 0;
	     type->names != NULL && type->unsupported != NULL && type->unsupported[i] != NULL; i++)
		ck_assert_msg(has_name(type->names, type->unsupported[i]),
			      "%s: '%s' is unsupported but no choice", where, type->unsupported[i]);
	for (const struct alias *a = type->aliases; a != NULL && a->wrong != NULL; a++)
		ck_assert_msg(has_name(type->names, a->right) && !has_name(type->names, a->wrong),
			      "%s: alias '%s'", where, a->wrong);
	if (type->of != NULL)
		check_type(where, type->of);
	for (size_t i = 0; type->alts != NULL && type->alts[i] != NULL; i++)
		check_type(where, type->alts[i]);
}

static void check_types(void *ctx, const char *group, const struct section *s)
{
	(void)ctx;
	(void)group;
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];

		check_type(o->name, o->type);
		ck_assert_msg(type_describe(arena, o->type).n != 0, "%s: no description", o->name);
		ck_assert_msg((o->form == FORM_KEYED) == (o->key != NULL), "%s: key", o->name);
		if (o->form == FORM_KEYED)
			ck_assert_msg((o->flags & OPT_MULTI) != 0, "%s: one key only", o->name);
		if (o->form == FORM_UNFOLD && s->type == NULL) {
			const struct term *yes = parse_term_text(&sources, &diags, "t", "true");

			ck_assert_msg(schema_check_value(&binding, o->type, yes, o->name),
				      "%s: '%s' may be a bare name but does not take true", s->name,
				      o->name);
		}
	}
}

START_TEST(test_every_type_has_what_its_kind_needs)
{
	schema_each(check_types, NULL);
}
END_TEST

/* One value of each kind, and a few that look right to several types. */
static const char *const values[] = {"true",
				     "infinity",
				     "'Odd atom'",
				     "0",
				     "-1",
				     "100000000000000000000",
				     "1.5",
				     "\"\"",
				     "\"text\"",
				     "\"\xe2\x82\xac\"",
				     "<<>>",
				     "<<\"bytes\">>",
				     "<<1:3>>",
				     "{}",
				     "{a}",
				     "{1, 2, 3, 4}",
				     "{\"a\", 1}",
				     "{env, \"X\"}",
				     "{maxrate, 10}",
				     "[]",
				     "[a]",
				     "[1, 2]",
				     "[\"a\", <<\"b\">>]",
				     "[{a, b}]",
				     "[{a, [{b, c}]} | d]",
				     "[[[[]]]]",
				     "#{a => 1}",
				     "fun lists:map/2"};

static const struct term *pair_of(const char *name, const struct term *value)
{
	const struct term **items = arena_array_of(arena, const struct term *, 2);
	struct term *key = arena_new_of(arena, struct term);
	struct term *pair = arena_new_of(arena, struct term);

	*key = (struct term){.kind = TERM_ATOM, .used_at = NO_SPAN, .text = str_of(name)};
	items[0] = key;
	items[1] = value;
	*pair = (struct term){
		.kind = TERM_TUPLE, .used_at = NO_SPAN, .seq = {.items = items, .n = 2}};
	return pair;
}

static void check_values(void *ctx, const char *group, const struct section *s)
{
	const struct term *const *terms = ctx;

	(void)group;
	for (size_t i = 0; i < s->noptions; i++) {
		for (size_t k = 0; terms[k] != NULL; k++) {
			const struct term *pair = pair_of(s->options[i].name, terms[k]);
			size_t before = diags.list.n;
			struct value *v = schema_bind_one(&binding, s, pair);

			ck_assert_msg(v != NULL || diags.list.n > before ||
					      (s->options[i].flags & OPT_CHECKED) != 0,
				      "%s: '%s' refuses %s without a word", s->name,
				      s->options[i].name, values[k]);
			ck_assert_msg(v == NULL || v->term != NULL,
				      "%s: '%s' is given but has no value", s->name,
				      s->options[i].name);
		}
	}
}

START_TEST(test_every_option_takes_a_value_or_says_why_not)
{
	const struct term *terms[sizeof(values) / sizeof(values[0]) + 1] = {0};

	for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
		terms[k] = parse_term_text(&sources, &diags, "value", values[k]);
		ck_assert_msg(terms[k] != NULL, "%s", values[k]);
	}
	binding.target = _i == 0 ? TARGET_XMPPD : TARGET_MONGOOSEIM_3_2;
	schema_each(check_values, terms);
}
END_TEST

/* The names of the specification, by the function that finds them. */
static const char *const listeners[] = {"ejabberd_c2s", "ejabberd_s2s_in", "ejabberd_service",
					"ejabberd_cowboy", NULL};
static const char *const handlers[] = {"mod_bosh",
				       "mod_websockets",
				       "mongoose_api",
				       "mongoose_api_admin",
				       "mongoose_api_client",
				       "mongoose_client_api_messages",
				       "mongoose_client_api_contacts",
				       "mongoose_client_api_rooms",
				       "mongoose_client_api_rooms_config",
				       "mongoose_client_api_rooms_users",
				       "mongoose_client_api_rooms_messages",
				       "lasse_handler",
				       "cowboy_static",
				       "mod_revproxy",
				       "mod_cowboy",
				       NULL};
static const char *const pools[] = {"redis",     "riak",    "http",    "rdbms",
				    "cassandra", "elastic", "generic", NULL};
static const char *const modules[] = {"mod_adhoc",
				      "mod_amp",
				      "mod_auth_token",
				      "mod_aws_sns",
				      "mod_blocking",
				      "mod_bosh",
				      "mod_caps",
				      "mod_carboncopy",
				      "mod_commands",
				      "mod_csi",
				      "mod_disco",
				      "mod_event_pusher",
				      "mod_global_distrib",
				      "mod_http_notification",
				      "mod_http_upload",
				      "mod_inbox",
				      "mod_jingle_sip",
				      "mod_keystore",
				      "mod_last",
				      "mod_mam_meta",
				      "mod_muc",
				      "mod_muc_commands",
				      "mod_muc_light",
				      "mod_muc_light_commands",
				      "mod_muc_log",
				      "mod_offline",
				      "mod_offline_stub",
				      "mod_ping",
				      "mod_privacy",
				      "mod_private",
				      "mod_pubsub",
				      "mod_push",
				      "mod_push_service_mongoosepush",
				      "mod_register",
				      "mod_revproxy",
				      "mod_roster",
				      "mod_shared_roster_ldap",
				      "mod_sic",
				      "mod_stream_management",
				      "mod_time",
				      "mod_vcard",
				      "mod_version",
				      "mod_mam",
				      "mod_mam_muc",
				      "mod_mam_rdbms_arch",
				      "mod_mam_muc_rdbms_arch",
				      "mod_mam_rdbms_async_pool_writer",
				      "mod_mam_muc_rdbms_async_pool_writer",
				      "mod_mam_rdbms_user",
				      "mod_mam_rdbms_prefs",
				      "mod_mam_mnesia_prefs",
				      "mod_mam_cassandra_prefs",
				      "mod_mam_cassandra_arch",
				      "mod_mam_muc_cassandra_arch",
				      "mod_mam_riak_timed_arch_yz",
				      "mod_mam_elasticsearch_arch",
				      "mod_mam_muc_elasticsearch_arch",
				      "mod_mam_cache_user",
				      "mod_mam_muc_cache_user",
				      NULL};

START_TEST(test_every_name_of_mongooseim_is_found)
{
	for (size_t i = 0; listeners[i] != NULL; i++)
		ck_assert_ptr_nonnull(schema_listener(str_of(listeners[i])));
	for (size_t i = 0; handlers[i] != NULL; i++)
		ck_assert_ptr_nonnull(schema_http_handler(str_of(handlers[i])));
	for (size_t i = 0; pools[i] != NULL; i++)
		ck_assert_ptr_nonnull(schema_pool(str_of(pools[i])));
	for (size_t i = 0; modules[i] != NULL; i++)
		ck_assert_msg(schema_module(str_of(modules[i])) != NULL, "%s", modules[i]);
	ck_assert_ptr_nonnull(schema_service(STR("service_admin_extra")));
	ck_assert_ptr_null(schema_module(STR("mod_websockets")));
	ck_assert_ptr_null(schema_listener(STR("mod_bosh")));
	ck_assert_ptr_null(schema_pool(STR("outgoing_pools.redis")));
}
END_TEST

/* What xmppd does now; everything else must say that it does not. */
static const char *const supported[] = {
	"ejabberd_c2s", "ejabberd_service", "mod_adhoc",   "mod_disco",    "mod_last",
	"mod_offline",  "mod_ping",         "mod_private", "mod_register", "mod_roster",
	"mod_sic",      "mod_time",         "mod_vcard",   "mod_version",  NULL};

static void check_support(void *ctx, const char *group, const struct section *s)
{
	(void)ctx;
	if (strcmp(group, "top") == 0 || strcmp(group, "nested") == 0)
		return;
	ck_assert_msg(has_name(supported, s->name) == ((s->flags & OPT_UNSUPPORTED) == 0), "%s %s",
		      group, s->name);
}

START_TEST(test_sections_that_xmppd_lacks_say_so)
{
	schema_each(check_support, NULL);
}
END_TEST

/* Every option of the listener page of the manual. */
static const struct {
	const char *listener, *options[20];
} documented[] = {
	{"ejabberd_c2s",
	 {"certfile", "cafile", "crlfiles", "verify_peer", "starttls", "starttls_required", "tls",
	  "tls_module", "zlib", "ciphers", "access", "c2s_shaper", "max_stanza_size", "backlog",
	  "max_fsm_queue", "protocol_options", "dhfile", "hibernate_after", "acceptors_num"}},
	{"ejabberd_cowboy",
	 {"ip", "num_acceptors", "transport_options", "protocol_options", "ssl", "modules"}},
	{"ejabberd_s2s_in", {"shaper", "max_stanza_size", "protocol_options", "dhfile"}},
	{"ejabberd_service",
	 {"access", "password", "shaper_rule", "service_check_from", "max_fsm_queue",
	  "hidden_components"}},
};

START_TEST(test_every_documented_listener_option_has_a_row)
{
	const struct section *s = schema_listener(str_of(documented[_i].listener));

	for (size_t i = 0; documented[_i].options[i] != NULL; i++)
		ck_assert_msg(schema_option(s, str_of(documented[_i].options[i])) != NULL, "%s: %s",
			      s->name, documented[_i].options[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schema tables");
	TCase *tc = tcase_create("tables");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_no_section_has_two_rows_of_one_name);
	tcase_add_test(tc, test_no_group_has_two_sections_of_one_name);
	tcase_add_test(tc, test_every_section_and_row_has_a_line_of_help);
	tcase_add_test(tc, test_every_default_is_of_its_type);
	tcase_add_test(tc, test_every_alias_leads_to_an_option);
	tcase_add_test(tc, test_every_type_has_what_its_kind_needs);
	tcase_add_loop_test(tc, test_every_option_takes_a_value_or_says_why_not, 0, 2);
	tcase_add_test(tc, test_every_name_of_mongooseim_is_found);
	tcase_add_test(tc, test_sections_that_xmppd_lacks_say_so);
	tcase_add_loop_test(tc, test_every_documented_listener_option_has_a_row, 0,
			    (int)(sizeof(documented) / sizeof(documented[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
