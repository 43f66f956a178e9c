/* table.c - every command and every option, one row each. */
#include "cli/table.h"

#include <stddef.h>

#include "support/array.h"

#define FOR_EXPANDED                                                                               \
	(FOR(COMMAND_BUILD) | FOR(COMMAND_CHECK) | FOR(COMMAND_EMIT) | FOR(COMMAND_TERMS) |        \
	 FOR(COMMAND_DUMP) | FOR(COMMAND_CAN) | FOR(COMMAND_WHO) | FOR(COMMAND_DIFF) |             \
	 FOR(COMMAND_CIPHERS) | FOR(COMMAND_REPORT))
#define FOR_READ    (FOR_EXPANDED | FOR(COMMAND_LSP))
#define FOR_CHECKED (FOR_READ & ~FOR(COMMAND_TERMS))
/* Those that look at the files which options name. */
#define FOR_WORLD                                                                                  \
	(FOR(COMMAND_BUILD) | FOR(COMMAND_CHECK) | FOR(COMMAND_EMIT) | FOR(COMMAND_CIPHERS) |      \
	 FOR(COMMAND_REPORT) | FOR(COMMAND_LSP))
#define FOR_ALL (FOR(NCOMMANDS) - 1)

const struct command_row command_rows[NCOMMANDS] = {
	[COMMAND_BUILD] = {"build", "FILE", 0, 1, 1,
			   "check FILE, write the C and link the server (the default)"},
	[COMMAND_CHECK] = {"check", "FILE...", 0, 1, ANY_NUMBER,
			   "check each FILE and write nothing"},
	[COMMAND_EMIT] = {"emit", "FILE", 0, 1, 1, "check FILE and write the C only"},
	[COMMAND_TERMS] = {"terms", "FILE", 0, 1, 1, "print the terms of FILE as JSON"},
	[COMMAND_FMT] = {"fmt", "FILE...", 0, 1, ANY_NUMBER,
			 "lay out each FILE; standard input goes to standard output"},
	[COMMAND_DUMP] = {"dump", "FILE", 0, 1, 1,
			  "print what holds in the end, defaults included, secrets masked"},
	[COMMAND_CAN] = {"can", "JID FILE", 1, 2, 2,
			 "what --rule or --listener decides about a user, and why"},
	[COMMAND_WHO] = {"who", "FILE", 0, 1, 1,
			 "whom each clause of --rule decides about, with an example"},
	[COMMAND_DIFF] = {"diff", "OLD NEW", 0, 2, 2,
			  "what changes for users and operators, whatever the files look like; "
			  "exit status 0: nothing, 1: something"},
	[COMMAND_REPORT] = {"report", "FILE", 0, 1, 1,
			    "write a page of HTML about what the server does, with all findings"},
	[COMMAND_OPTIONS] = {"options", "[NAME]", 1, 0, 1,
			     "the reference of all options, of one or of a section"},
	[COMMAND_EXPLAIN] = {"explain", "[NAME]", 1, 0, 1,
			     "what a code, an option, a listener or a module means"},
	[COMMAND_SHELL] = {"completion", "SHELL", 1, 1, 1,
			   "print what bash, zsh or fish need to complete cfgc's words"},
	[COMMAND_CIPHERS] = {"ciphers", "FILE", 0, 1, 1,
			     "the TLS versions and cipher suites that each listener is left with"},
	[COMMAND_LSP] = {"lsp", "", 0, 0, 0,
			 "serve an editor over standard input and output (LSP)"},
};

static const struct choice targets[] = {
	{"xmppd", TARGET_XMPPD},
	{"mongooseim-3.2", TARGET_MONGOOSEIM_3_2},
	{NULL, 0},
};

static const struct choice compats[] = {
	{"documented", COMPAT_DOCUMENTED},
	{"mongooseim", COMPAT_MONGOOSEIM},
	{"strict", COMPAT_STRICT},
	{NULL, 0},
};

static const struct choice forms[] = {
	{"text", DIAGNOSTICS_TEXT},     {"gcc", DIAGNOSTICS_GCC},
	{"json", DIAGNOSTICS_JSON},     {"sarif", DIAGNOSTICS_SARIF},
	{"github", DIAGNOSTICS_GITHUB}, {"gitlab", DIAGNOSTICS_GITLAB},
	{"junit", DIAGNOSTICS_JUNIT},   {NULL, 0},
};

static const struct choice levels[] = {
	{"error", DIAG_ERROR},
	{"warning", DIAG_WARNING},
	{"note", DIAG_NOTE},
	{NULL, 0},
};

static const struct choice colours[] = {
	{"auto", COLOUR_AUTO},
	{"always", COLOUR_ALWAYS},
	{"never", COLOUR_NEVER},
	{NULL, 0},
};

#define AT(field) offsetof(struct options, field)

const struct option_row option_rows[] = {
	{OPTION_TEXT, 'o', NULL, "FILE", NULL, FOR(COMMAND_BUILD) | FOR(COMMAND_REPORT), AT(output),
	 "the server binary (./xmppd), or the page; '-' is standard output"},
	{OPTION_TEXT, 'd', NULL, "DIR", NULL, FOR(COMMAND_BUILD) | FOR(COMMAND_EMIT), AT(dir),
	 "folder for the C that is written"},
	{OPTION_WORDS, 0, "vars", "FILE", NULL, FOR_READ, AT(vars),
	 "fill in {{{name}}} from a file of {name, Value}. terms; a later file wins"},
	{OPTION_CHOICE, 0, "target", "NAME", targets, FOR_CHECKED, AT(target),
	 "check for xmppd (the default) or mongooseim-3.2"},
	{OPTION_CHOICE, 0, "compat", "MODE", compats, FOR_CHECKED, AT(compat),
	 "where MongooseIM 3.2.0 is not as documented: documented (the default), mongooseim, or "
	 "strict (an error)"},
	{OPTION_DATE, 0, "at", "DATE", NULL, FOR_WORLD & ~FOR(COMMAND_CIPHERS), AT(at),
	 "judge certificates as of YYYY-MM-DD, UTC, instead of today"},
	{OPTION_TEXT, 0, "root", "DIR", NULL, FOR_WORLD, AT(root),
	 "look up the files that FILE names below DIR, as in an image"},
	{OPTION_FLAG, 0, "no-files", NULL, NULL, FOR_WORLD, AT(no_files),
	 "do not look at the files that FILE names, such as certificates"},
	{OPTION_FLAG, 0, "allow-unsupported", NULL, NULL, FOR_CHECKED, AT(allow_unsupported),
	 "leave out what xmppd cannot do yet, with a warning"},
	{OPTION_FLAG, 0, "werror", NULL, NULL, FOR_READ, AT(werror), "treat warnings as errors"},
	{OPTION_LEVEL, 'W', NULL, "CODE=LEVEL", NULL, FOR_READ, AT(settings),
	 "make a warning an error, warning or note, or turn it off; W05=LEVEL means all W05.."},
	{OPTION_CHOICE, 0, "fail-on", "LEVEL", levels, FOR(COMMAND_CHECK), AT(fail_on),
	 "exit with 1 from this level on: error (the default), warning or note"},
	{OPTION_TEXT, 0, "baseline", "FILE", NULL, FOR(COMMAND_CHECK), AT(baseline),
	 "leave out the findings that FILE names"},
	{OPTION_TEXT, 0, "write-baseline", "FILE", NULL, FOR(COMMAND_CHECK), AT(write_baseline),
	 "write all findings to FILE and report none of them"},
	{OPTION_CHOICE, 0, "diagnostics", "FORM", forms, FOR_ALL, AT(diagnostics),
	 "how to report: text (the default), gcc, json, sarif, github, gitlab or junit"},
	{OPTION_CHOICE, 0, "color", "WHEN", colours, FOR_ALL, AT(colour),
	 "colour text: auto (the default: on a terminal), always or never"},
	{OPTION_COUNT, 0, "max-errors", "N", NULL, FOR_ALL, AT(max_errors),
	 "errors to show, 0 for all (50)"},
	{OPTION_FLAG, 0, "json", NULL, NULL, FOR(COMMAND_OPTIONS) | FOR(COMMAND_DIFF), AT(json),
	 "the reference, or the changes, as JSON"},
	{OPTION_FLAG, 0, "markdown", NULL, NULL, FOR(COMMAND_OPTIONS) | FOR(COMMAND_DIFF),
	 AT(markdown), "the reference, or the changes, as Markdown"},
	{OPTION_FLAG, 0, "man", NULL, NULL, FOR(COMMAND_OPTIONS), AT(man),
	 "the whole reference as mongooseim.cfg(5), in mdoc"},
	{OPTION_FLAG, 0, "no-new-access", NULL, NULL, FOR(COMMAND_DIFF), AT(no_new_access),
	 "exit with 1 only if somebody may do more than before: a clause that lets in, a new "
	 "listener, host, route or way to log in, an address that reaches further, weaker TLS, a "
	 "higher limit or rate"},
	{OPTION_TEXT, 0, "rule", "NAME", NULL, FOR(COMMAND_CAN) | FOR(COMMAND_WHO), AT(rule),
	 "an access rule"},
	{OPTION_TEXT, 0, "host", "NAME", NULL, FOR(COMMAND_CAN) | FOR(COMMAND_WHO), AT(host),
	 "the host that the rule is consulted for"},
	{OPTION_COUNT, 0, "listener", "PORT", NULL, FOR(COMMAND_CAN), AT(listener),
	 "the rules of the listeners on a port"},
	{OPTION_TEXT, 0, "as", "PLACE", NULL, FOR(COMMAND_CHECK), AT(as),
	 "FILE is what stands in listen, modules, access, acl, shaper, or in the options of a "
	 "listener or module"},
	{OPTION_FLAG, 0, "fix", NULL, NULL, FOR(COMMAND_CHECK), AT(fix),
	 "make the changes that findings propose and that are safe, then check again"},
	{OPTION_FLAG, 0, "fix-unsafe", NULL, NULL, FOR(COMMAND_CHECK), AT(fix_unsafe),
	 "make also those that change what MongooseIM 3.2.0 does; with --diff print them"},
	{OPTION_FLAG, 0, "diff", NULL, NULL, FOR(COMMAND_CHECK) | FOR(COMMAND_FMT), AT(diff),
	 "print the changes as a unified diff and write nothing"},
	{OPTION_FLAG, 0, "check", NULL, NULL, FOR(COMMAND_FMT), AT(check),
	 "write nothing; exit with 1 and the file's name if it would change"},
	{OPTION_FLAG, 0, "expand", NULL, NULL, FOR(COMMAND_TERMS), AT(expand),
	 "follow includes and replace macros first"},
	{OPTION_TEXT, 0, "runtime", "DIR", NULL, FOR(COMMAND_BUILD) | FOR(COMMAND_EMIT),
	 AT(runtime), "folder of the runtime library and its headers"},
	{OPTION_VERSION, 0, "version", NULL, NULL, FOR_ALL, 0, "print the version"},
	{OPTION_HELP, 'h', "help", NULL, NULL, FOR_ALL, 0, "print this text"},
};
const size_t noption_rows = ARRAY_LEN(option_rows);

const struct contradiction contradictions[] = {
	{"json", "markdown"},           {"json", "man"}, {"markdown", "man"},  {"check", "diff"},
	{"baseline", "write-baseline"}, {"fix", "diff"}, {"root", "no-files"},
};
const size_t ncontradictions = ARRAY_LEN(contradictions);
