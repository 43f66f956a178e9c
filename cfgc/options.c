/* options.c - read the command line by the tables of cli/table.c. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cli/table.h"
#include "diag/suggest.h"
#include "support/array.h"
#include "support/strbuf.h"

#ifndef CFGC_VERSION
#error "CFGC_VERSION comes from the build"
#endif

struct parser {
	struct arena *arena;
	struct options *o;
	int argc;
	char **argv;
	int at;             /* the next argument */
	bool has_command;   /* the first operand was a command's name */
	uint32_t noperands; /* the command's name not counted */
	const char **given; /* by row: as written, NULL if not given */
};

static bool complain(const struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool complain(const struct parser *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	p->o->mistake = arena_vprintf(p->arena, format, ap);
	va_end(ap);
	p->o->mistake_help = STR("'cfgc --help' lists all commands and options");
	return false;
}

/* ---- values ---- */

static bool read_choice(const struct parser *p, const struct option_row *row, const char *value,
			void *field)
{
	char words[128];
	size_t n = 0;

	words[0] = '\0';
	for (const struct choice *c = row->choices; c->word != NULL; c++) {
		if (strcmp(c->word, value) == 0) {
			memcpy(field, &c->value, sizeof(c->value)); /* an enum of that size */
			return true;
		}
		n += (size_t)snprintf(words + n, sizeof(words) - n, "%s'%s'",
				      c == row->choices   ? ""
				      : c[1].word == NULL ? " or "
							  : ", ",
				      c->word);
	}
	return complain(p, "--%s takes %s, not '%s'", row->name, words, value);
}

static bool read_count(const struct parser *p, const struct option_row *row, const char *value,
		       uint32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || n > UINT32_MAX)
		return complain(p, "--%s takes a number, not '%s'", row->name, value);
	*out = (uint32_t)n;
	return true;
}

/* YYYY-MM-DD, the first second of that day. */
static bool read_date(const struct parser *p, const struct option_row *row, const char *value,
		      int64_t *out)
{
	struct tm tm = {0}, back;
	const char *end = strptime(value, "%Y-%m-%d", &tm);
	time_t t;

	if (end == NULL || *end != '\0')
		return complain(p, "--%s takes a date as 2026-01-31, not '%s'", row->name, value);
	t = timegm(&tm);
	/* The 31st of a month of 30 days is the first of the next one. */
	if (gmtime_r(&t, &back) == NULL || back.tm_mday != tm.tm_mday)
		return complain(p, "--%s takes a date, and there is no '%s'", row->name, value);
	*out = t;
	return true;
}

static bool set_level(const struct parser *p, enum diag_setting *settings, const char *value)
{
	static const struct choice levels[] = {
		{"error", DIAG_AS_ERROR},
		{"warning", DIAG_AS_WARNING},
		{"note", DIAG_AS_NOTE},
		{"off", DIAG_OFF},
	};
	const char *equals = strchr(value, '=');
	struct str name = str_of(value);

	if (equals != NULL) {
		name.n = (size_t)(equals - value);
		for (size_t i = 0; i < ARRAY_LEN(levels); i++)
			if (strcmp(levels[i].word, equals + 1) == 0)
				return diag_set(settings, name,
						(enum diag_setting)levels[i].value) != 0 ||
				       complain(
					       p,
					       "-W takes warnings, and '%.*s' is none; errors stay "
					       "errors",
					       STR_ARG(name));
	}
	return complain(p, "-W takes CODE=error, CODE=warning, CODE=note or CODE=off, not '%s'",
			value);
}

static bool apply(struct parser *p, const struct option_row *row, const char *value)
{
	void *field = (char *)p->o + row->field;
	struct words *words = field;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_TEXT:
		*(const char **)field = value;
		break;
	case OPTION_WORDS:
		vec_push(p->arena, words, value);
		break;
	case OPTION_COUNT:
		return read_count(p, row, value, field);
	case OPTION_CHOICE:
		return read_choice(p, row, value, field);
	case OPTION_DATE:
		return read_date(p, row, value, field);
	case OPTION_LEVEL:
		return set_level(p, *(enum diag_setting **)field, value);
	case OPTION_VERSION:
	case OPTION_HELP:
		break; /* answered before anything is applied */
	}
	return true;
}

/* ---- words ---- */

static bool unknown_option(struct parser *p, const char *written, struct str name)
{
	struct names legal = {.arena = p->arena};
	struct str near;

	for (size_t i = 0; i < noption_rows; i++)
		if (option_rows[i].name != NULL)
			vec_push(p->arena, &legal.list, str_of(option_rows[i].name));
	near = suggest_one(name, &legal);
	complain(p, "unknown option '%s'", written);
	if (near.n != 0)
		p->o->mistake_help =
			arena_printf(p->arena, "did you mean '--%.*s'?", STR_ARG(near));
	return false;
}

static const struct option_row *find_row(char letter, struct str name)
{
	for (size_t i = 0; i < noption_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (letter != 0 ? row->letter == letter
				: row->name != NULL && str_eqz(name, row->name))
			return row;
	}
	return NULL;
}

/* -x, -xVALUE, -x VALUE, --name, --name=VALUE, --name VALUE */
static bool read_option(struct parser *p)
{
	const char *written = p->argv[p->at++], *value = NULL;
	bool is_long = written[1] == '-';
	struct str name = str_of(written + (is_long ? 2 : 1));
	const char *equals = is_long ? memchr(name.p, '=', name.n) : NULL;
	const struct option_row *row;

	if (equals != NULL) {
		name.n = (size_t)(equals - name.p);
		value = equals + 1;
	}
	row = find_row(is_long ? 0 : written[1], name);
	if (row == NULL)
		return unknown_option(p, written, name);
	if (!is_long && written[2] != '\0')
		value = written + 2;
	if (row->argument == NULL && value != NULL)
		return complain(p, "option '%s' takes no value", written);
	if (row->argument != NULL && value == NULL) {
		if (p->at == p->argc)
			return complain(p, "option '%s' needs a value", written);
		value = p->argv[p->at++];
	}
	p->given[row - option_rows] = written;
	return apply(p, row, value);
}

static bool is_command(struct parser *p, const char *word)
{
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(command_rows[i].name, word) != 0)
			continue;
		p->o->command = (enum command)i;
		p->has_command = true;
		return true;
	}
	return false;
}

static bool read_operand(struct parser *p)
{
	const char *word = p->argv[p->at++];
	const struct command_row *row;

	if (!p->has_command && p->noperands == 0 && is_command(p, word))
		return true;
	row = &command_rows[p->o->command];
	if (row->most == 0)
		return complain(p, "'cfgc %s' takes no operand, and there is '%s'", row->name,
				word);
	if (p->noperands == row->most)
		return complain(p, "'cfgc %s' takes %s, and '%s' is one too many", row->name,
				row->operands, word);
	if (p->noperands++ < row->nsubjects) {
		p->o->subject = word;
		return true;
	}
	if (p->o->files.n == 0)
		p->o->file = word;
	vec_push(p->arena, &p->o->files, word);
	return true;
}

/* ---- the whole ---- */

static bool is_given(const struct parser *p, const char *name)
{
	return p->given[find_row(0, str_of(name)) - option_rows] != NULL;
}

/* An option that the command would ignore is a mistake. */
static bool check_options(const struct parser *p)
{
	for (size_t i = 0; i < noption_rows; i++)
		if (p->given[i] != NULL && (option_rows[i].commands & FOR(p->o->command)) == 0)
			return complain(p, "'%s' has no meaning for 'cfgc %s'", p->given[i],
					command_rows[p->o->command].name);
	for (size_t i = 0; i < ncontradictions; i++)
		if (is_given(p, contradictions[i].one) && is_given(p, contradictions[i].other))
			return complain(p, "either --%s or --%s", contradictions[i].one,
					contradictions[i].other);
	return true;
}

static bool check_operands(const struct parser *p)
{
	const struct command_row *row = &command_rows[p->o->command];
	uint32_t nstdin = 0;

	if (p->noperands < row->least)
		return row->nsubjects == 0 && row->least == 1
			       ? complain(p, "no file given")
			       : complain(p, "'cfgc %s' takes %s", row->name, row->operands);
	for (size_t i = 0; i < p->o->files.n; i++)
		nstdin += strcmp(p->o->files.at[i], "-") == 0;
	if (nstdin > 1)
		return complain(p, "standard input can be read once only");
	if (nstdin != 0 && (p->o->fix || (p->o->fix_unsafe && !p->o->diff)))
		return complain(p, "--fix changes files; for standard input there is --diff");
	return true;
}

/* What one command needs. */
static bool check_needs(const struct parser *p)
{
	const struct options *o = p->o;

	switch (o->command) {
	case COMMAND_CAN:
		return (o->rule != NULL) != (o->listener != 0) ||
		       complain(p, "'cfgc can' needs --rule or --listener");
	case COMMAND_WHO:
		return o->rule != NULL || complain(p, "'cfgc who' needs --rule");
	case COMMAND_REPORT:
		return o->output != NULL || complain(p, "'cfgc report' needs -o FILE");
	case COMMAND_OPTIONS:
		return !o->man || o->subject == NULL ||
		       complain(p, "--man writes the whole page, not that of one name");
	case COMMAND_EMIT:
		if (o->dir == NULL)
			return complain(p, "'cfgc emit' needs -d DIR");
		/* fall through */
	case COMMAND_BUILD:
		return o->target != TARGET_MONGOOSEIM_3_2 ||
		       complain(p, "--target=mongooseim-3.2 can only be checked: 'cfgc check'");
	default:
		return true;
	}
}

static enum options_result answer(struct arena *a, enum option_kind kind)
{
	struct strbuf out = {.arena = a};

	if (kind == OPTION_HELP)
		cli_print_help(&out);
	else
		strbuf_addz(&out, "cfgc " CFGC_VERSION "\n");
	fwrite(out.p, 1, out.n, stdout);
	return OPTIONS_DONE;
}

/* How to report, wherever it stands; what is wrong about it is said later. */
static void look_for_form(struct parser *p)
{
	static const char *const names[] = {"diagnostics", "color"};

	for (int i = 1; i < p->argc && strcmp(p->argv[i], "--") != 0; i++) {
		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			size_t n = strlen(names[k]);
			const struct option_row *row = find_row(0, str_of(names[k]));
			const char *word = p->argv[i], *value = NULL;

			if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, names[k], n) != 0)
				continue;
			if (word[n + 2] == '=')
				value = word + n + 3;
			else if (word[n + 2] == '\0' && i + 1 < p->argc)
				value = p->argv[i + 1];
			if (value != NULL)
				(void)read_choice(p, row, value, (char *)p->o + row->field);
		}
	}
	p->o->mistake = (struct str){NULL, 0};
}

enum options_result options_parse(struct arena *a, struct options *o, int argc, char **argv)
{
	struct parser p = {.arena = a, .o = o, .argc = argc, .argv = argv, .at = 1};
	bool options_ended = false;

	*o = (struct options){.max_errors = 50, .at = time(NULL)};
	o->settings = arena_alloc(a, DIAG_NCODES * sizeof(*o->settings));
	for (size_t i = 0; i < DIAG_NCODES; i++)
		o->settings[i] = DIAG_AS_IS;
	p.given = arena_array_of(a, const char *, noption_rows);
	look_for_form(&p);
	while (p.at < argc) {
		const char *word = argv[p.at];
		bool is_option = !options_ended && word[0] == '-' && word[1] != '\0';

		if (is_option && strcmp(word, "--") == 0) {
			options_ended = true;
			p.at++;
		} else if (is_option && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
			return answer(a, OPTION_HELP);
		} else if (is_option && strcmp(word, "--version") == 0) {
			return answer(a, OPTION_VERSION);
		} else if (!(is_option ? read_option(&p) : read_operand(&p))) {
			return OPTIONS_BAD;
		}
	}
	if (!check_options(&p) || !check_operands(&p) || !check_needs(&p))
		return OPTIONS_BAD;
	return OPTIONS_RUN;
}
