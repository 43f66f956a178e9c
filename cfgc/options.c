/* options.c - the command line, driven by two tables: commands and options. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "diag/suggest.h"
#include "support/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#ifndef CFGC_VERSION
#error "CFGC_VERSION comes from the build"
#endif

#define FOR(command) (1u << (command))
#define FOR_EXPANDED                                                                               \
	(FOR(COMMAND_BUILD) | FOR(COMMAND_CHECK) | FOR(COMMAND_EMIT) | FOR(COMMAND_TERMS) |        \
	 FOR(COMMAND_DUMP) | FOR(COMMAND_CAN) | FOR(COMMAND_WHO))
#define FOR_ALL (FOR_EXPANDED | FOR(COMMAND_FMT))

static const struct {
	const char *name;
	enum command command;
	const char *help;
} commands[] = {
	{"build", COMMAND_BUILD, "check FILE, write the C and link the server (the default)"},
	{"check", COMMAND_CHECK, "check FILE and write nothing"},
	{"emit", COMMAND_EMIT, "check FILE and write the C only"},
	{"terms", COMMAND_TERMS, "print the terms of FILE as JSON"},
	{"fmt", COMMAND_FMT, "lay out FILE; standard input goes to standard output"},
	{"dump", COMMAND_DUMP, "print what holds in the end, defaults included, secrets masked"},
	{"can", COMMAND_CAN, "JID FILE: what --rule or --listener decides about a user, and why"},
	{"who", COMMAND_WHO, "whom each clause of --rule decides about, with an example"},
	{"options", COMMAND_OPTIONS, "the reference of all options, or [NAME] of one or a section"},
};

/* One word of a fixed set, for options such as --color. The values of an option lie next to each
 * other. */
struct choice {
	const char *word;
	int value;
};

static const struct choice target_choices[] = {
	{"xmppd", TARGET_XMPPD},
	{"mongooseim-3.2", TARGET_MONGOOSEIM_3_2},
	{NULL, 0},
};

static const struct choice compat_choices[] = {
	{"documented", COMPAT_DOCUMENTED},
	{"mongooseim", COMPAT_MONGOOSEIM},
	{"strict", COMPAT_STRICT},
	{NULL, 0},
};

static const struct choice diagnostics_choices[] = {
	{"text", DIAGNOSTICS_TEXT},     {"gcc", DIAGNOSTICS_GCC},
	{"json", DIAGNOSTICS_JSON},     {"sarif", DIAGNOSTICS_SARIF},
	{"github", DIAGNOSTICS_GITHUB}, {"gitlab", DIAGNOSTICS_GITLAB},
	{"junit", DIAGNOSTICS_JUNIT},   {NULL, 0},
};

static const struct choice fail_on_choices[] = {
	{"error", DIAG_ERROR},
	{"warning", DIAG_WARNING},
	{"note", DIAG_NOTE},
	{NULL, 0},
};

static const struct choice colour_choices[] = {
	{"auto", COLOUR_AUTO},
	{"always", COLOUR_ALWAYS},
	{"never", COLOUR_NEVER},
	{NULL, 0},
};

enum option_id {
	OPT_OUTPUT,
	OPT_DIR,
	OPT_VARS,
	OPT_TARGET,
	OPT_COMPAT,
	OPT_AT,
	OPT_ALLOW_UNSUPPORTED,
	OPT_WERROR,
	OPT_LEVEL,
	OPT_FAIL_ON,
	OPT_BASELINE,
	OPT_WRITE_BASELINE,
	OPT_DIAGNOSTICS,
	OPT_COLOR,
	OPT_MAX_ERRORS,
	OPT_JSON,
	OPT_MARKDOWN,
	OPT_RULE,
	OPT_HOST,
	OPT_LISTENER,
	OPT_FIX,
	OPT_DIFF,
	OPT_CHECK,
	OPT_EXPAND,
	OPT_RUNTIME,
	OPT_VERSION,
	OPT_HELP,
};

struct option_row {
	enum option_id id;
	char letter;                  /* 0: none */
	const char *name;             /* without dashes; NULL: letter only */
	const char *argument;         /* NULL: takes none */
	const struct choice *choices; /* NULL: any text */
	unsigned commands;            /* the commands that take it */
	const char *help;
};

static const struct option_row option_rows[] = {
	{OPT_OUTPUT, 'o', NULL, "FILE", NULL, FOR(COMMAND_BUILD), "the server binary (./xmppd)"},
	{OPT_DIR, 'd', NULL, "DIR", NULL, FOR(COMMAND_BUILD) | FOR(COMMAND_EMIT),
	 "folder for the C that is written"},
	{OPT_VARS, 0, "vars", "FILE", NULL, FOR_EXPANDED,
	 "fill in {{{name}}} from a file of {name, Value}. terms; a later file wins"},
	{OPT_TARGET, 0, "target", "NAME", target_choices, FOR_EXPANDED & ~FOR(COMMAND_TERMS),
	 "check for xmppd (the default) or mongooseim-3.2"},
	{OPT_COMPAT, 0, "compat", "MODE", compat_choices, FOR_EXPANDED & ~FOR(COMMAND_TERMS),
	 "where MongooseIM 3.2.0 is not as documented: documented (the default), mongooseim, or "
	 "strict (an error)"},
	{OPT_AT, 0, "at", "DATE", NULL, FOR_EXPANDED & ~FOR(COMMAND_TERMS),
	 "judge certificates as of YYYY-MM-DD, UTC, instead of today"},
	{OPT_ALLOW_UNSUPPORTED, 0, "allow-unsupported", NULL, NULL,
	 FOR_EXPANDED & ~FOR(COMMAND_TERMS), "leave out what xmppd cannot do yet, with a warning"},
	{OPT_WERROR, 0, "werror", NULL, NULL, FOR_EXPANDED, "treat warnings as errors"},
	{OPT_LEVEL, 'W', NULL, "CODE=LEVEL", NULL, FOR_EXPANDED,
	 "make a warning an error, warning or note, or turn it off; W05=LEVEL means all W05.."},
	{OPT_FAIL_ON, 0, "fail-on", "LEVEL", fail_on_choices, FOR(COMMAND_CHECK),
	 "exit with 1 from this level on: error (the default), warning or note"},
	{OPT_BASELINE, 0, "baseline", "FILE", NULL, FOR(COMMAND_CHECK),
	 "leave out the findings that FILE names"},
	{OPT_WRITE_BASELINE, 0, "write-baseline", "FILE", NULL, FOR(COMMAND_CHECK),
	 "write all findings to FILE and report none of them"},
	{OPT_DIAGNOSTICS, 0, "diagnostics", "FORM", diagnostics_choices, FOR_ALL,
	 "how to report: text (the default), gcc, json, sarif, github, gitlab or junit"},
	{OPT_COLOR, 0, "color", "WHEN", colour_choices, FOR_ALL,
	 "auto (the default: on a terminal), always or never"},
	{OPT_MAX_ERRORS, 0, "max-errors", "N", NULL, FOR_ALL, "errors to show, 0 for all (50)"},
	{OPT_JSON, 0, "json", NULL, NULL, FOR(COMMAND_OPTIONS), "the reference as JSON"},
	{OPT_MARKDOWN, 0, "markdown", NULL, NULL, FOR(COMMAND_OPTIONS),
	 "the reference as Markdown"},
	{OPT_RULE, 0, "rule", "NAME", NULL, FOR(COMMAND_CAN) | FOR(COMMAND_WHO), "an access rule"},
	{OPT_HOST, 0, "host", "NAME", NULL, FOR(COMMAND_CAN) | FOR(COMMAND_WHO),
	 "the host that the rule is consulted for"},
	{OPT_LISTENER, 0, "listener", "PORT", NULL, FOR(COMMAND_CAN),
	 "the rules of the listeners on a port"},
	{OPT_FIX, 0, "fix", NULL, NULL, FOR(COMMAND_CHECK),
	 "make the changes that findings propose, then check again"},
	{OPT_DIFF, 0, "diff", NULL, NULL, FOR(COMMAND_CHECK) | FOR(COMMAND_FMT),
	 "print the changes as a unified diff and write nothing"},
	{OPT_CHECK, 0, "check", NULL, NULL, FOR(COMMAND_FMT),
	 "write nothing; exit with 1 and the file's name if it would change"},
	{OPT_EXPAND, 0, "expand", NULL, NULL, FOR(COMMAND_TERMS),
	 "follow includes and replace macros first"},
	{OPT_RUNTIME, 0, "runtime", "DIR", NULL, FOR(COMMAND_BUILD) | FOR(COMMAND_EMIT),
	 "folder of the runtime library and its headers"},
	{OPT_VERSION, 0, "version", NULL, NULL, FOR_ALL, "print the version"},
	{OPT_HELP, 'h', "help", NULL, NULL, FOR_ALL, "print this text"},
};

static void print_help(void)
{
	fputs("usage: cfgc [COMMAND] [OPTION...] FILE\n\n"
	      "Compiles an Erlang-term mongooseim.cfg into an XMPP server. FILE '-' is standard "
	      "input.\n\n"
	      "commands:\n",
	      stdout);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-24s %s\n", commands[i].name, commands[i].help);
	fputs("\noptions:\n", stdout);
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++) {
		const struct option_row *row = &option_rows[i];
		char left[64], letter[3] = {'-', row->letter, '\0'};

		snprintf(left, sizeof(left), "%s%s%s%s%s%s", row->letter != 0 ? letter : "",
			 row->letter != 0 && row->name != NULL ? ", " : "",
			 row->name != NULL ? "--" : "", row->name != NULL ? row->name : "",
			 row->argument == NULL ? ""
			 : row->name != NULL   ? "="
					       : " ",
			 row->argument != NULL ? row->argument : "");
		printf("  %-24s %s\n", left, row->help);
	}
	fputs("\nexit status: 0 clean, 1 findings of the level of --fail-on or worse, 2 usage or a "
	      "file that "
	      "cannot be "
	      "read or written\n",
	      stdout);
}

/* ---- parsing
 * ----------------------------------------------------------------------------------------------------
 */

struct parser {
	struct arena *arena;
	struct options *o;
	int argc;
	char **argv;
	int at;           /* the next argument */
	bool has_command; /* the first operand was a command's name */
	const char
		*given[ARRAY_LEN(option_rows)]; /* as written, for the check against the command */
};

static bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool complain(const char *format, ...)
{
	va_list ap;

	fputs("cfgc: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\nTry 'cfgc --help'.\n", stderr);
	return false;
}

static bool read_choice(const struct option_row *row, const char *value, int *out)
{
	char words[128];
	size_t n = 0;

	words[0] = '\0';
	for (const struct choice *c = row->choices; c->word != NULL; c++) {
		if (strcmp(c->word, value) == 0) {
			*out = c->value;
			return true;
		}
		n += (size_t)snprintf(words + n, sizeof(words) - n, "%s'%s'",
				      c == row->choices   ? ""
				      : c[1].word == NULL ? " or "
							  : ", ",
				      c->word);
	}
	return complain("--%s takes %s, not '%s'", row->name, words, value);
}

static bool read_count(const struct option_row *row, const char *value, uint32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || n > UINT32_MAX)
		return complain("--%s takes a number, not '%s'", row->name, value);
	*out = (uint32_t)n;
	return true;
}

/* YYYY-MM-DD, the first second of that day. */
static bool read_date(const struct option_row *row, const char *value, int64_t *out)
{
	struct tm tm = {0}, back;
	const char *end = strptime(value, "%Y-%m-%d", &tm);
	time_t t;

	if (end == NULL || *end != '\0')
		return complain("--%s takes a date as 2026-01-31, not '%s'", row->name, value);
	t = timegm(&tm);
	/* The 31st of a month of 30 days is the first of the next one. */
	if (gmtime_r(&t, &back) == NULL || back.tm_mday != tm.tm_mday)
		return complain("--%s takes a date, and there is no '%s'", row->name, value);
	*out = t;
	return true;
}

static bool set_level(struct options *o, const char *value)
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
				return diag_set(o->settings, name,
						(enum diag_setting)levels[i].value) != 0 ||
				       complain(
					       "-W takes warnings, and '%.*s' is none; errors stay "
					       "errors",
					       STR_ARG(name));
	}
	return complain("-W takes CODE=error, CODE=warning, CODE=note or CODE=off, not '%s'",
			value);
}

static bool apply(struct parser *p, const struct option_row *row, const char *value)
{
	struct options *o = p->o;
	int choice = 0;

	if (row->choices != NULL && !read_choice(row, value, &choice))
		return false;
	switch (row->id) {
	case OPT_OUTPUT:
		o->output = value;
		break;
	case OPT_DIR:
		o->dir = value;
		break;
	case OPT_VARS:
		vec_push(p->arena, &o->vars, value);
		break;
	case OPT_TARGET:
		o->target = (enum target)choice;
		break;
	case OPT_COMPAT:
		o->compat = (enum compat)choice;
		break;
	case OPT_AT:
		return read_date(row, value, &o->at);
	case OPT_ALLOW_UNSUPPORTED:
		o->allow_unsupported = true;
		break;
	case OPT_WERROR:
		o->werror = true;
		break;
	case OPT_LEVEL:
		return set_level(o, value);
	case OPT_FAIL_ON:
		o->fail_on = (enum diag_level)choice;
		break;
	case OPT_BASELINE:
		o->baseline = value;
		break;
	case OPT_WRITE_BASELINE:
		o->write_baseline = value;
		break;
	case OPT_DIAGNOSTICS:
		o->diagnostics = (enum diagnostics_form)choice;
		break;
	case OPT_COLOR:
		o->colour = (enum colour_mode)choice;
		break;
	case OPT_MAX_ERRORS:
		return read_count(row, value, &o->max_errors);
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_MARKDOWN:
		o->markdown = true;
		break;
	case OPT_RULE:
		o->rule = value;
		break;
	case OPT_HOST:
		o->host = value;
		break;
	case OPT_LISTENER:
		return read_count(row, value, &o->listener);
	case OPT_FIX:
		o->fix = true;
		break;
	case OPT_DIFF:
		o->diff = true;
		break;
	case OPT_CHECK:
		o->check = true;
		break;
	case OPT_EXPAND:
		o->expand = true;
		break;
	case OPT_RUNTIME:
		o->runtime = value;
		break;
	case OPT_VERSION:
	case OPT_HELP:
		break; /* answered before anything is applied */
	}
	return true;
}

static bool unknown_option(struct parser *p, const char *written, struct str name)
{
	struct names legal = {.arena = p->arena};
	struct str near;

	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++)
		if (option_rows[i].name != NULL)
			vec_push(p->arena, &legal.list, str_of(option_rows[i].name));
	near = suggest_one(name, &legal);
	if (near.n != 0)
		return complain("unknown option '%s'; did you mean '--%.*s'?", written,
				STR_ARG(near));
	return complain("unknown option '%s'", written);
}

static const struct option_row *find_row(char letter, struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++) {
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
		return complain("option '%s' takes no value", written);
	if (row->argument != NULL && value == NULL) {
		if (p->at == p->argc)
			return complain("option '%s' needs a value", written);
		value = p->argv[p->at++];
	}
	p->given[row - option_rows] = written;
	return apply(p, row, value);
}

static bool read_operand(struct parser *p)
{
	const char *word = p->argv[p->at++];

	if (!p->has_command && p->o->file == NULL) {
		for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
			if (strcmp(commands[i].name, word) != 0)
				continue;
			p->o->command = commands[i].command;
			p->has_command = true;
			return true;
		}
	}
	if ((p->o->command == COMMAND_CAN || p->o->command == COMMAND_OPTIONS) &&
	    p->o->subject == NULL) {
		p->o->subject = word;
		return true;
	}
	if (p->o->file != NULL)
		return complain("one file at a time: '%s' and '%s'", p->o->file, word);
	p->o->file = word;
	return true;
}

/* An option that the command would ignore is a mistake. */
static bool check_combination(const struct parser *p)
{
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++)
		if (p->given[i] != NULL && (option_rows[i].commands & FOR(p->o->command)) == 0)
			return complain("'%s' has no meaning for 'cfgc %s'", p->given[i],
					commands[p->o->command].name);
	if (p->o->command == COMMAND_OPTIONS) {
		if (p->o->file != NULL)
			return complain("one name at a time: '%s' and '%s'", p->o->subject,
					p->o->file);
		return !(p->o->json && p->o->markdown) || complain("either --json or --markdown");
	}
	if (p->o->file == NULL)
		return complain("no file given");
	if (p->o->command == COMMAND_CAN && (p->o->rule != NULL) == (p->o->listener != 0))
		return complain("'cfgc can' needs --rule or --listener");
	if (p->o->command == COMMAND_WHO && p->o->rule == NULL)
		return complain("'cfgc who' needs --rule");
	if (p->o->check && p->o->diff)
		return complain("either --check or --diff");
	if (p->o->baseline != NULL && p->o->write_baseline != NULL)
		return complain("either --baseline or --write-baseline");
	if (p->o->fix && p->o->diff)
		return complain("either --fix or --diff");
	if (p->o->fix && strcmp(p->o->file, "-") == 0)
		return complain("--fix changes files; for standard input there is --diff");
	if (p->o->command == COMMAND_EMIT && p->o->dir == NULL)
		return complain("'cfgc emit' needs -d DIR");
	if (p->o->target == TARGET_MONGOOSEIM_3_2 &&
	    (p->o->command == COMMAND_BUILD || p->o->command == COMMAND_EMIT))
		return complain("--target=mongooseim-3.2 can only be checked: 'cfgc check'");
	return true;
}

enum options_result options_parse(struct arena *a, struct options *o, int argc, char **argv)
{
	struct parser p = {.arena = a, .o = o, .argc = argc, .argv = argv, .at = 1};
	bool options_ended = false;

	*o = (struct options){.output = "./xmppd", .max_errors = 50, .at = time(NULL)};
	o->settings = arena_alloc(a, DIAG_NCODES * sizeof(*o->settings));
	for (size_t i = 0; i < DIAG_NCODES; i++)
		o->settings[i] = DIAG_AS_IS;
	while (p.at < argc) {
		const char *word = argv[p.at];
		bool is_option = !options_ended && word[0] == '-' && word[1] != '\0';

		if (is_option && strcmp(word, "--") == 0) {
			options_ended = true;
			p.at++;
		} else if (is_option && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
			print_help();
			return OPTIONS_DONE;
		} else if (is_option && strcmp(word, "--version") == 0) {
			puts("cfgc " CFGC_VERSION);
			return OPTIONS_DONE;
		} else if (!(is_option ? read_option(&p) : read_operand(&p))) {
			return OPTIONS_BAD;
		}
	}
	return check_combination(&p) ? OPTIONS_RUN : OPTIONS_BAD;
}
