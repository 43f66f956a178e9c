/* table.c - runs cases.txt: every text gets the verdict, the warnings and the terms that its row
 * says.
 *
 *   ok [W0131 ...] <tab> text <tab> terms in Erlang syntax
 *   error line:column E0102 [...] <tab> text
 *
 * In a text, ~n ~r ~t are control characters, ~xHH is a byte, ~~ is a tilde, and "~3000[" repeats
 * the next character. Lines that begin with '#' are headings. `syntax_table cases.txt --print`
 * writes the table with the verdicts as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler_fixture.h"

#define LONGEST_TERMS 300 /* bytes; longer ones are cut in the table */

static const char *table_path;

static struct strbuf decode(struct arena *arena, const char *p, size_t n)
{
	struct strbuf out = {.arena = arena};

	for (size_t i = 0; i < n; i++) {
		if (p[i] != '~') {
			strbuf_addc(&out, p[i]);
			continue;
		}
		i++;
		if (p[i] == 'x') {
			char hex[3] = {p[i + 1], p[i + 2], '\0'};

			strbuf_addc(&out, (char)strtoul(hex, NULL, 16));
			i += 2;
		} else if (p[i] >= '0' && p[i] <= '9') {
			char *end;
			size_t times = strtoul(p + i, &end, 10);

			strbuf_fill(&out, *end, times);
			i = (size_t)(end - p);
		} else {
			strbuf_addc(&out, p[i] == 'n'   ? '\n'
					  : p[i] == 'r' ? '\r'
					  : p[i] == 't' ? '\t'
							: p[i]);
		}
	}
	return out;
}

/* What the parser makes of a text, in the words of the table. */
static struct strbuf verdict(struct fixture *f, const struct forms *forms)
{
	struct strbuf out = {.arena = f->arena};
	const char *errors = fixture_codes(f, DIAG_ERROR);
	const char *warnings = fixture_codes(f, DIAG_WARNING);

	if (errors[0] == '\0') {
		strbuf_printf(&out, "ok%s%s", warnings[0] != '\0' ? " " : "", warnings);
	} else {
		const struct diag *first = NULL;
		struct position pos;

		for (size_t i = 0; first == NULL; i++)
			if (f->diags.list.at[i]->level == DIAG_ERROR)
				first = f->diags.list.at[i];
		pos = source_position(&f->sources, first->labels.at[0].at.file,
				      first->labels.at[0].at.off);
		strbuf_printf(&out, "error %u:%u %s", pos.line, pos.column, errors);
	}
	if (errors[0] == '\0') {
		const char *terms = fixture_print(f, forms);

		if (strlen(terms) <= LONGEST_TERMS)
			strbuf_printf(&out, "\t%s", terms);
		else
			strbuf_printf(&out, "\t%.40s... %zu bytes", terms, strlen(terms));
	}
	strbuf_addc(&out, '\0');
	return out;
}

/* One row as it should be, and as the table has it. */
static bool row_agrees(struct fixture *f, const char *row, struct strbuf *as_it_is)
{
	const char *text = strchr(row, '\t');
	size_t n;
	struct strbuf input, got;
	struct forms forms;
	const char *tab;

	if (text == NULL)
		return false;
	text++;
	n = strcspn(text, "\t");
	input = decode(f->arena, text, n);
	forms = fixture_parse(f, strbuf_str(&input));
	got = verdict(f, &forms);
	tab = strchr(got.p, '\t');

	as_it_is->arena = f->arena;
	if (tab == NULL)
		strbuf_printf(as_it_is, "%s\t%.*s", got.p, (int)n, text);
	else
		strbuf_printf(as_it_is, "%.*s\t%.*s%s", (int)(tab - got.p), got.p, (int)n, text,
			      tab);
	strbuf_addc(as_it_is, '\0');
	return strcmp(row, as_it_is->p) == 0;
}

/* @return rows that do not agree, -1 if there is no table. With `print` the table is written as it
 * would be right. */
static int run_table(bool print)
{
	FILE *table = fopen(table_path, "r");
	char *row = NULL;
	size_t cap = 0;
	int line = 0, rows = 0, failed = 0;
	ssize_t n;

	if (table == NULL) {
		fprintf(stderr, "cannot read %s\n", table_path);
		return -1;
	}
	while ((n = getline(&row, &cap, table)) > 0) {
		struct fixture f;
		struct strbuf as_it_is = {0};

		line++;
		row[strcspn(row, "\n")] = '\0';
		if (row[0] == '#' || row[0] == '\0') {
			if (print)
				puts(row);
			continue;
		}
		rows++;
		fixture_init(&f);
		if (!row_agrees(&f, row, &as_it_is) && !print) {
			fprintf(stderr, "%s:%d:\n  expected %s\n  got      %s\n", table_path, line,
				row, as_it_is.p);
			failed++;
		}
		if (print)
			puts(as_it_is.p);
		fixture_fini(&f);
	}
	free(row);
	fclose(table);
	return rows > 300 ? failed : -1; /* an empty table proves nothing */
}

START_TEST(test_every_row_of_the_table_holds)
{
	ck_assert_int_eq(run_table(false), 0);
}
END_TEST

static int run_suite(void)
{
	Suite *suite = suite_create("syntax table");
	TCase *tc = tcase_create("rows");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, test_every_row_of_the_table_holds);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	table_path = argv[1];
	if (argc == 3 && strcmp(argv[2], "--print") == 0)
		return run_table(true) != 0;
	return run_suite();
}
