/* test_diag.c - how diagnostics are sorted, counted and printed; the layouts are whole texts, to be
 * read. */
#include <stdlib.h>

#include "compiler_fixture.h"

static struct fixture f;

static void setup(void)
{
	fixture_init(&f);
}

static void teardown(void)
{
	fixture_fini(&f);
}

/* The span of the n-th (from 0) occurrence of a word in a file. */
static struct span find(uint32_t file, const char *word, int n)
{
	struct str text = f.sources.files.at[file]->text;
	const char *p = text.p;

	for (p = strstr(p, word); n > 0; n--)
		p = strstr(p + 1, word);
	return (struct span){file, (uint32_t)(p - text.p), (uint32_t)strlen(word)};
}

static const char three_lines[] = "{listen, [\n"
				  "  { 5222, ejabberd_c2s, []},\n"
				  "  { 5269, ejabberd_s2s_in, []},\n"
				  "  { 5222, ejabberd_c2s, []}\n"
				  "]}.\n";

START_TEST(test_one_place_with_a_label_and_help)
{
	uint32_t file = fixture_add(&f, STR("{a,1}.\n{ max_stanza_sise, 65536 }.\n"));

	diag_add(&f.diags, E0203, find(file, "max_stanza_sise", 0), "unknown option '%s'",
		 "max_stanza_sise");
	diag_primary(&f.diags, "not an option of this listener");
	diag_help(&f.diags, "did you mean 'max_stanza_size'?");
	ck_assert_str_eq(fixture_text(&f),
			 "error[E0203]: unknown option 'max_stanza_sise'\n"
			 "   --> test.cfg:2:3\n"
			 "    |\n"
			 "  2 | { max_stanza_sise, 65536 }.\n"
			 "    |   ^^^^^^^^^^^^^^^ not an option of this listener\n"
			 "    |\n"
			 "help: did you mean 'max_stanza_size'?\n"
			 "\n"
			 "1 error; nothing was written\n"
			 "more about E0203: cfgc explain E0203\n");
}
END_TEST

START_TEST(test_two_places_with_a_line_between_and_a_gap)
{
	uint32_t file = fixture_add(&f, str_of(three_lines));

	diag_add(&f.diags, E0203, find(file, "5222", 1), "two listeners want port 5222");
	diag_primary(&f.diags, "second listener");
	diag_label(&f.diags, find(file, "5222", 0), "first listener");
	diag_note(&f.diags, "listeners differ by port and address");
	diag_add(&f.diags, W0131, find(file, "]}.", 0), "far away");
	diag_label(&f.diags, find(file, "{listen", 0), "from here");
	ck_assert_str_eq(fixture_text(&f), "error[E0203]: two listeners want port 5222\n"
					   "   --> test.cfg:4:5\n"
					   "    |\n"
					   "  2 |   { 5222, ejabberd_c2s, []},\n"
					   "    |     ---- first listener\n"
					   "  3 |   { 5269, ejabberd_s2s_in, []},\n"
					   "  4 |   { 5222, ejabberd_c2s, []}\n"
					   "    |     ^^^^ second listener\n"
					   "    |\n"
					   "note: listeners differ by port and address\n"
					   "\n"
					   "warning[W0131]: far away\n"
					   "   --> test.cfg:5:1\n"
					   "    |\n"
					   "  1 | {listen, [\n"
					   "    | ------- from here\n"
					   "...\n"
					   "  5 | ]}.\n"
					   "    | ^^^\n"
					   "\n"
					   "1 error, 1 warning; nothing was written\n"
					   "more about E0203: cfgc explain E0203\n");
}
END_TEST

START_TEST(test_markers_follow_tabs_and_wide_characters)
{
	uint32_t file = fixture_add(
		&f, STR("{a,\tb,\t\"\xe6\x97\xa5\xe6\x9c\xac\", X, \"e\xcc\x81\", Y}."));

	diag_add(&f.diags, E0106, find(file, "X", 0), "wide");
	diag_label(&f.diags, find(file, "b", 0), "tab");
	diag_label(&f.diags, find(file, "\xe6\x97\xa5\xe6\x9c\xac", 0), "two columns each");
	diag_label(&f.diags, find(file, "Y", 0), "behind a combining mark");
	ck_assert_str_eq(
		fixture_text(&f),
		"error[E0106]: wide\n"
		"   --> test.cfg:1:14\n"
		"    |\n"
		"  1 | {a,     b,      \"\xe6\x97\xa5\xe6\x9c\xac\", X, \"e\xcc\x81\", Y}.\n"
		"    |         - tab\n"
		"    |                  ---- two columns each\n"
		"    |                         ^\n"
		"    |                                 - behind a combining mark\n"
		"\n"
		"1 error; nothing was written\n"
		"more about E0106: cfgc explain E0106\n");
}
END_TEST

START_TEST(test_long_lines_are_shown_through_a_window)
{
	struct strbuf text = {.arena = f.arena};
	uint32_t file;
	const char *printed, *line, *marker;

	strbuf_addz(&text, "{start, \"");
	strbuf_fill(&text, 'x', 5000);
	strbuf_addz(&text, "\", wrong, \"");
	strbuf_fill(&text, 'y', 5000);
	strbuf_addz(&text, "\"}.");
	file = fixture_add(&f, strbuf_str(&text));
	diag_add(&f.diags, E0101, find(file, "wrong", 0), "far right");
	diag_label(&f.diags, find(file, "start", 0), "far left");
	printed = fixture_text(&f);
	line = strstr(printed, "  1 | ");
	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_nonnull(strstr(line, "\xe2\x80\xa6xxx"));
	ck_assert_ptr_nonnull(strstr(line, "yyy\xe2\x80\xa6\n"));
	ck_assert_ptr_nonnull(strstr(line, "| \xe2\x80\xa6 far left\n"));
	/* the marker stands under the word: the cut is one column and three bytes */
	marker = strstr(printed, "^^^^^");
	while (marker > printed && marker[-1] != '\n')
		marker--;
	ck_assert_uint_eq(strcspn(marker, "^"), (size_t)(strstr(line, "wrong") - line) - 2);
	ck_assert_uint_lt(strlen(printed), 500);
}
END_TEST

START_TEST(test_span_of_several_lines_is_marked_on_its_first)
{
	uint32_t file = fixture_add(&f, STR("{a, [  \r\n 1\n]}.\n"));

	diag_add(&f.diags, E0101, (struct span){file, 4, 10}, "long");
	diag_add(&f.diags, E0101, (struct span){file, 14, 0}, "empty");
	ck_assert_str_eq(fixture_text(&f), "error[E0101]: long\n"
					   "   --> test.cfg:1:5\n"
					   "    |\n"
					   "  1 | {a, [  \n"
					   "    |     ^\n"
					   "\n"
					   "error[E0101]: empty\n"
					   "   --> test.cfg:3:3\n"
					   "    |\n"
					   "  3 | ]}.\n"
					   "    |   ^\n"
					   "\n"
					   "2 errors; nothing was written\n"
					   "more about E0101: cfgc explain E0101\n");
}
END_TEST

START_TEST(test_last_line_without_a_newline_and_empty_lines_can_be_shown)
{
	uint32_t file = fixture_add(&f, STR("a\n\nb"));

	diag_add(&f.diags, E0105, (struct span){file, 4, 0}, "at the end");
	diag_label(&f.diags, (struct span){file, 2, 0}, "empty line");
	ck_assert_str_eq(fixture_text(&f), "error[E0105]: at the end\n"
					   "   --> test.cfg:3:2\n"
					   "    |\n"
					   "  2 |\n"
					   "    | - empty line\n"
					   "  3 | b\n"
					   "    |  ^\n"
					   "\n"
					   "1 error; nothing was written\n"
					   "more about E0105: cfgc explain E0105\n");
}
END_TEST

START_TEST(test_other_files_follow_with_their_own_place)
{
	uint32_t main_file = fixture_add(&f, STR("{include_config_file, \"b\"}.\n"));
	uint32_t other = source_add(&f.sources, &f.diags, "other.cfg", STR("x.\n{bad}.\n"),
				    (struct span){main_file, 0, 26});

	diag_add(&f.diags, E0101, find(other, "bad", 0), "in an included file");
	diag_label(&f.diags, find(main_file, "\"b\"", 0), "see here");
	ck_assert_str_eq(fixture_text(&f), "error[E0101]: in an included file\n"
					   "   --> other.cfg:2:2\n"
					   "    |\n"
					   "  2 | {bad}.\n"
					   "    |  ^^^\n"
					   "   ::: test.cfg:1:23\n"
					   "    |\n"
					   "  1 | {include_config_file, \"b\"}.\n"
					   "    |                       --- see here\n"
					   "    |\n"
					   "note: included from test.cfg:1\n"
					   "\n"
					   "1 error; nothing was written\n"
					   "more about E0101: cfgc explain E0101\n");
}
END_TEST

START_TEST(test_latin1_lines_are_shown_as_text)
{
	uint32_t file = fixture_add(&f, STR("% coding: latin-1\n{\xe4\xf6, X}.\n"));

	ck_assert_uint_eq(f.diags.list.n, 0);
	/* the parsed text is UTF-8, the place is in the file's own bytes */
	diag_add(&f.diags, E0106, find(file, "X", 0), "variable");
	ck_assert_str_eq(fixture_text(&f), "error[E0106]: variable\n"
					   "   --> test.cfg:2:6\n"
					   "    |\n"
					   "  2 | {\xc3\xa4\xc3\xb6, X}.\n"
					   "    |      ^\n"
					   "\n"
					   "1 error; nothing was written\n"
					   "more about E0106: cfgc explain E0106\n");
	ck_assert_uint_eq(f.diags.list.at[0]->labels.at[0].at.off, 23);
}
END_TEST

START_TEST(test_controls_do_not_reach_the_terminal)
{
	uint32_t file = fixture_add(&f, STR("{a,\033[31m\x01 X}."));

	diag_add(&f.diags, E0106, find(file, "X", 0), "escape");
	ck_assert_ptr_null(strchr(fixture_text(&f), '\033'));
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "{a,\xe2\x90\x9b[31m\xe2\x90\x81 X}."));
}
END_TEST

START_TEST(test_colour_only_adds_escapes)
{
	struct strbuf plain = {.arena = f.arena}, painted = {.arena = f.arena},
		      stripped = {.arena = f.arena};
	uint32_t file = fixture_add(&f, STR("{a,X}."));

	diag_add(&f.diags, E0106, find(file, "X", 0), "variable");
	diag_label(&f.diags, find(file, "a", 0), "label");
	diag_help(&f.diags, "help");
	diag_report_print(&plain, &(struct diag_report){.diags = &f.diags}, DIAGNOSTICS_TEXT);
	diag_report_print(&painted, &(struct diag_report){.diags = &f.diags, .colour = true},
			  DIAGNOSTICS_TEXT);
	for (size_t i = 0; i < painted.n; i++) {
		if (painted.p[i] == '\033')
			while (painted.p[i] != 'm')
				i++;
		else
			strbuf_addc(&stripped, painted.p[i]);
	}
	ck_assert_uint_gt(painted.n, plain.n);
	ck_assert(str_eq(strbuf_str(&plain), strbuf_str(&stripped)));
}
END_TEST

START_TEST(test_order_is_by_file_offset_code_and_arrival)
{
	uint32_t first = fixture_add(&f, STR("aaaa bbbb")), second = fixture_add(&f, STR("cccc"));

	diag_add(&f.diags, E0007, NO_SPAN, "last");
	diag_add(&f.diags, E0101, find(second, "c", 0), "5");
	diag_add(&f.diags, E0106, find(first, "b", 0), "3");
	diag_add(&f.diags, E0101, find(first, "b", 0), "2");
	diag_add(&f.diags, E0106, find(first, "b", 0), "4");
	diag_add(&f.diags, W0131, find(first, "a", 0), "1");
	diag_sort(&f.diags);
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(f.diags.list.at[i]->message.p[0], '1' + (int)i);
	ck_assert(str_eqz(f.diags.list.at[5]->message, "last"));
}
END_TEST

START_TEST(test_errors_beyond_the_limit_are_counted_and_not_kept)
{
	uint32_t file = fixture_add(&f, STR("abc"));
	struct strbuf out = {.arena = f.arena};

	f.diags.max_errors = 2;
	for (int i = 0; i < 5; i++) {
		diag_add(&f.diags, E0101, find(file, "b", 0), "error");
		diag_label(&f.diags, find(file, "a", 0), "goes to the right one");
	}
	diag_add(&f.diags, W0131, find(file, "c", 0), "warnings are kept");
	ck_assert_uint_eq(f.diags.list.n, 3);
	ck_assert_uint_eq(f.diags.list.at[0]->labels.n, 2);
	diag_report_print(&out, &(struct diag_report){.diags = &f.diags}, DIAGNOSTICS_TEXT);
	strbuf_addc(&out, '\0');
	ck_assert_ptr_nonnull(strstr(out.p,
				     "3 further errors are not shown (--max-errors=0 shows all)\n"
				     "5 errors, 1 warning; nothing was written\n"));
}
END_TEST

START_TEST(test_warnings_are_limited_as_well)
{
	uint32_t file = fixture_add(&f, STR("abc"));

	f.diags.max_errors = 50;
	for (int i = 0; i < DIAG_MAX_WARNINGS + 7; i++)
		diag_add(&f.diags, W0131, find(file, "b", 0), "warning");
	ck_assert_uint_eq(f.diags.list.n, DIAG_MAX_WARNINGS);
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "7 further warnings are not shown"));
}
END_TEST

START_TEST(test_werror_makes_errors_of_warnings)
{
	uint32_t file = fixture_add(&f, STR("abc"));

	diag_add(&f.diags, W0131, find(file, "b", 0), "warning");
	ck_assert(!diag_has_errors(&f.diags));
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "\n1 warning\n"));
	f.diags.werror = true;
	diag_add(&f.diags, W0131, find(file, "b", 0), "warning");
	ck_assert(diag_has_errors(&f.diags));
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "error[W0131]"));
}
END_TEST

START_TEST(test_nothing_to_say_prints_nothing)
{
	ck_assert_str_eq(fixture_text(&f), "");
}
END_TEST

START_TEST(test_json_has_every_field)
{
	uint32_t file = fixture_add(&f, STR("x.\n{\xc3\xa4, b\nc}.\n"));
	struct strbuf out = {.arena = f.arena};

	diag_add(&f.diags, E0102, (struct span){file, 8, 3}, "say \"it\"");
	diag_primary(&f.diags, "here");
	diag_label(&f.diags, find(file, "x", 0), "there");
	diag_note(&f.diags, "note");
	diag_help(&f.diags, "help");
	diag_fix(&f.diags, find(file, "b", 0), STR("b,"));
	diag_add(&f.diags, W0008, NO_SPAN, "nowhere");
	diag_report_print(&out, &(struct diag_report){.diags = &f.diags}, DIAGNOSTICS_JSON);
	strbuf_addc(&out, '\0');
	ck_assert_str_eq(
		out.p,
		"{\"code\":\"E0102\",\"slug\":\"missing-comma\",\"level\":\"error\",\"message\":"
		"\"say "
		"\\\"it\\\"\",\"file\":\"test.cfg\",\"spans\":[{\"file\":\"test.cfg\",\"start\":8,"
		"\"end\":11,"
		"\"line\":2,\"column\":5,\"endLine\":3,\"endColumn\":2,\"primary\":true,\"label\":"
		"\"here\"},"
		"{\"file\":\"test.cfg\",\"start\":0,\"end\":1,\"line\":1,\"column\":1,\"endLine\":"
		"1,"
		"\"endColumn\":2,\"primary\":false,\"label\":\"there\"}],\"notes\":[\"note\"],"
		"\"help\":"
		"\"help\",\"fix\":[{\"file\":\"test.cfg\",\"start\":8,\"end\":9,\"with\":\"b,\","
		"\"safe\":true}]}"
		"\n"
		"{\"code\":\"W0008\",\"slug\":\"include-dropped\",\"level\":\"warning\","
		"\"message\":"
		"\"nowhere\",\"file\":null,\"spans\":[],\"notes\":[],\"help\":\"\",\"fix\":[]}\n");
}
END_TEST

START_TEST(test_codes_and_slugs_are_unique_and_well_formed)
{
	for (int i = 0; i < DIAG_NCODES; i++) {
		const struct diag_info *info = diag_info_of((enum diag_code)i);

		ck_assert_uint_eq(strlen(info->id), 5);
		ck_assert_msg((info->id[0] == 'W') == (info->level == DIAG_WARNING) ||
				      (info->id[0] == 'E') == (info->level == DIAG_ERROR),
			      "%s", info->id);
		ck_assert_uint_gt(strlen(info->summary), 10);
		for (int k = 0; k < i; k++) {
			ck_assert_str_ne(info->id, diag_info_of((enum diag_code)k)->id);
			ck_assert_msg(strcmp(info->slug, diag_info_of((enum diag_code)k)->slug) !=
					      0,
				      "%s and %s", info->id, diag_info_of((enum diag_code)k)->id);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tc = tcase_create("printing");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_one_place_with_a_label_and_help);
	tcase_add_test(tc, test_two_places_with_a_line_between_and_a_gap);
	tcase_add_test(tc, test_markers_follow_tabs_and_wide_characters);
	tcase_add_test(tc, test_long_lines_are_shown_through_a_window);
	tcase_add_test(tc, test_span_of_several_lines_is_marked_on_its_first);
	tcase_add_test(tc, test_last_line_without_a_newline_and_empty_lines_can_be_shown);
	tcase_add_test(tc, test_other_files_follow_with_their_own_place);
	tcase_add_test(tc, test_latin1_lines_are_shown_as_text);
	tcase_add_test(tc, test_controls_do_not_reach_the_terminal);
	tcase_add_test(tc, test_colour_only_adds_escapes);
	tcase_add_test(tc, test_order_is_by_file_offset_code_and_arrival);
	tcase_add_test(tc, test_errors_beyond_the_limit_are_counted_and_not_kept);
	tcase_add_test(tc, test_warnings_are_limited_as_well);
	tcase_add_test(tc, test_werror_makes_errors_of_warnings);
	tcase_add_test(tc, test_nothing_to_say_prints_nothing);
	tcase_add_test(tc, test_json_has_every_field);
	tcase_add_test(tc, test_codes_and_slugs_are_unique_and_well_formed);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
