/* reference_man.c - the schema as a manual page, mongooseim.cfg(5). */
#include "support/assert.h"
#include "support/array.h"
#include "support/strbuf.h"
#include "tools/mdoc.h"
#include "tools/reference.h"

struct page {
	struct strbuf *out;
	const char *group; /* of the section before, as schema_each() names it; NULL: none yet */
};

/* The day on which the words of this file were last changed; a date of the build would give other
 * bytes every day. */
#define PAGE_DATE "November 24, 2026"

static const char head[] =
	".Dd " PAGE_DATE "\n"
	".Dt MONGOOSEIM.CFG 5\n"
	".Os\n"
	".Sh NAME\n"
	".Nm mongooseim.cfg\n"
	".Nd configuration of an XMPP server\n"
	".Sh DESCRIPTION\n"
	"The file says which domains are served, on which ports, to whom, and with which\n"
	"extensions.\n"
	"It has the vocabulary of MongooseIM 3.2.\n"
	".Xr cfgc 1\n"
	"checks it and builds an\n"
	".Xr xmppd 8\n"
	"from it.\n"
	".Pp\n"
	"It is a sequence of Erlang terms, in UTF-8, each ended by a full stop:\n"
	".Bl -tag -width Ds\n"
	".It Em atoms\n"
	"Words that begin with a small letter:\n"
	".Ql starttls .\n"
	"Others stand in single quotes.\n"
	".It Em strings\n"
	"Text in double quotes.\n"
	"A backslash in it is written twice.\n"
	".It Em binaries\n"
	"Text in\n"
	".Ql <<\\(dq...\\(dq>> .\n"
	"Wherever MongooseIM needs a string,\n"
	".Xr xmppd 8\n"
	"takes a binary as well.\n"
	".It Em numbers\n"
	"As usual; also\n"
	".Ql 16#ff .\n"
	".It Em lists\n"
	"Terms between\n"
	".Ql \\&[\n"
	"and\n"
	".Ql \\&] ,\n"
	"with a comma between each two of them and none behind the last.\n"
	".It Em tuples\n"
	"The same between\n"
	".Ql \\&{\n"
	"and\n"
	".Ql \\&} .\n"
	".El\n"
	".Pp\n"
	"A comment begins with\n"
	".Ql %\n"
	"and ends with the line.\n"
	".Pp\n"
	"Most terms at the top level are a name and a value,\n"
	".Ql {loglevel, 3}\\&. ,\n"
	"and hold for every host.\n"
	"Those that are marked so may also stand in the list of a\n"
	".Ic host_config\n"
	"and then hold for that host alone.\n"
	"Of two that set the same, the later one counts.\n"
	".Pp\n"
	".Ic acl\n"
	"names a set of users,\n"
	".Ic access\n"
	"a list of values for such sets, of which the first that has a user counts, and\n"
	".Ic shaper\n"
	"a rate of bytes per second.\n"
	"Other options refer to rules and shapers by their names.\n"
	".Pp\n"
	"A password need not stand in the file:\n"
	".Ql {env, \\(dqNAME\\(dq}\n"
	"takes it from the environment and\n"
	".Ql {file, \\(dqPATH\\(dq}\n"
	"from a file, both when the server starts.\n"
	".Pp\n"
	"The following sections have every option.\n"
	".Ql cfgc options Ar name\n"
	"prints one of them, or one section.\n";

static const char tail[] = ".Sh EXAMPLES\n"
			   "A server for one domain:\n"
			   ".Bd -literal -offset indent\n"
			   "{hosts, [\\(dqexample.org\\(dq]}.\n"
			   "{sm_backend, {mnesia, []}}.\n"
			   "{auth_method, internal}.\n"
			   "{listen, [\n"
			   "  {5222, ejabberd_c2s, [starttls_required, {access, c2s},\n"
			   "                        {certfile, \\(dqexample.org.pem\\(dq}]}\n"
			   "]}.\n"
			   "{acl, blocked, {user, \\(dqmallory\\(dq}}.\n"
			   "{access, c2s, [{deny, blocked}, {allow, all}]}.\n"
			   "{modules, [{mod_roster, []}, {mod_disco, []}]}.\n"
			   ".Ed\n"
			   ".Sh SEE ALSO\n"
			   ".Xr cfgc 1 ,\n"
			   ".Xr xmppd 8\n";

/* Groups of schema_each() in their order, and what they are called here. */
static const struct {
	const char *group, *heading, *text;
} headings[] = {
	{"top", "TOP LEVEL", "Terms of the file, and what some of them hold."},
	{"listener", "LISTENERS",
	 "Each element of listen is {Port, Listener, Options}. "
	 "Port is a number or {Port, \"ADDRESS\"}."},
	{"module", "MODULES", "Each element of modules is {Module, Options}."},
	{"service", "SERVICES", "Each element of services is {Service, Options}."},
	{"handler", "HTTP HANDLERS",
	 "Each element of modules at an ejabberd_cowboy listener is {Host, Path, Handler} or "
	 "{Host, Path, Handler, Options}."},
	{"pool type", "OUTGOING POOLS",
	 "Each element of outgoing_pools is {Type, Host, Tag, PoolOptions, ConnectionOptions}."},
	{"nested", "NESTED OPTIONS", "Lists of options that are the value of another option."},
};

/* ---- options ---- */

/* What stands in a file, with words for its parts. */
static struct str written(struct arena *a, const struct option *o)
{
	switch (o->form) {
	case FORM_PAIR:
		return arena_printf(a, "{%s, Value}", o->name);
	case FORM_FLAG:
		return str_of(o->name);
	case FORM_UNFOLD:
		return arena_printf(a, "%s, {%s, Value}", o->name, o->name);
	case FORM_KEYED:
		return arena_printf(a, "{{%s, Key}, Value}", o->name);
	case FORM_TUPLE:
		return option_describe(a, o);
	}
	CFGC_ASSERT(!"a form of options");
	return STR("");
}

static void add_type(struct page *p, const struct option *o)
{
	struct arena *a = p->out->arena;

	if (o->form == FORM_FLAG || o->form == FORM_TUPLE)
		return;
	if (o->form == FORM_KEYED)
		mdoc_sentence(p->out,
			      arena_printf(a, "Key: %.*s", STR_ARG(type_describe(a, o->key))).p);
	mdoc_sentence(p->out, arena_printf(a, "Value: %.*s", STR_ARG(type_describe(a, o->type))).p);
	if (o->dflt != NULL)
		mdoc_sentence(p->out, arena_printf(a, "Default: %s", o->dflt).p);
}

static void add_remark(struct page *p, const char *what, const char *note)
{
	strbuf_addz(p->out, "\\&");
	strbuf_addz(p->out, what);
	if (note != NULL) {
		strbuf_addz(p->out, ": ");
		mdoc_text(p->out, str_of(note));
	}
	strbuf_addz(p->out, ".\n");
}

static void add_remarks(struct page *p, unsigned flags, const char *note)
{
	if (flags & OPT_REQUIRED)
		add_remark(p, "Must be given", NULL);
	if (flags & OPT_MULTI)
		add_remark(p, "May be given several times", NULL);
	if (flags & OPT_PER_HOST)
		add_remark(p, "May stand in host_config", NULL);
	if (flags & OPT_DEPRECATED)
		add_remark(p, "Deprecated", note);
	if (flags & OPT_NOOP)
		add_remark(p, "Without effect in xmppd", note);
	if (flags & OPT_UNSUPPORTED)
		add_remark(p, "Not supported by xmppd yet",
			   (flags & OPT_DEPRECATED) == 0 ? note : NULL);
	if ((flags & (OPT_DEPRECATED | OPT_NOOP | OPT_UNSUPPORTED)) == 0 && note != NULL)
		mdoc_help(p->out, note);
}

/* Neither form nor type of such a one matters. */
static bool is_for_nothing(const struct option *o)
{
	return (o->flags & (OPT_DEAD | OPT_REFUSED)) != 0;
}

static void add_option(struct page *p, const struct option *o)
{
	struct arena *a = p->out->arena;

	strbuf_addz(p->out, ".It Ic \"");
	mdoc_text(p->out, is_for_nothing(o) ? str_of(o->name) : written(a, o));
	strbuf_addz(p->out, "\"\n");
	if (is_for_nothing(o)) {
		mdoc_help(p->out, arena_printf(a, "%s%s%s", o->help, o->note != NULL ? ": " : "",
					       o->note != NULL ? o->note : "")
					  .p);
		return;
	}
	mdoc_help(p->out, o->help);
	add_type(p, o);
	add_remarks(p, o->flags, o->note);
}

static void add_heading(struct page *p, const char *group)
{
	for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
		if (strcmp(headings[i].group, group) != 0)
			continue;
		strbuf_printf(p->out, ".Sh %s\n", headings[i].heading);
		mdoc_sentence(p->out, headings[i].text);
		return;
	}
	CFGC_ASSERT(!"a group of schema_each()");
}

static void add_section(void *ctx, const char *group, const struct section *s)
{
	struct page *p = ctx;

	if (p->group == NULL || strcmp(p->group, group) != 0)
		add_heading(p, group);
	p->group = group;
	strbuf_addz(p->out, ".Ss \"");
	mdoc_text(p->out, str_of(s->name));
	strbuf_addz(p->out, "\"\n");
	mdoc_help(p->out, s->help != NULL ? s->help : s->title);
	add_remarks(p, s->flags & ~(unsigned)OPT_LAST_WINS, s->note);
	if (s->type != NULL)
		mdoc_sentence(p->out, arena_printf(p->out->arena, "Value: %.*s",
						   STR_ARG(type_describe(p->out->arena, s->type)))
					      .p);
	if (s->noptions == 0)
		return;
	strbuf_addz(p->out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < s->noptions; i++)
		add_option(p, &s->options[i]);
	strbuf_addz(p->out, ".El\n");
}

void reference_man(struct strbuf *out)
{
	struct page p = {.out = out};

	strbuf_addz(out, head);
	schema_each(add_section, &p);
	strbuf_addz(out, tail);
}
