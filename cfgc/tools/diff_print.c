/* diff_print.c - the list of changes for people: on a terminal, and in a merge request. */
#include "tools/diff.h"

#include "support/strbuf.h"
#include "support/utf8.h"
#include "tools/words.h"

static const char *const part_names[DIFF_NPARTS] = {
	[DIFF_HOSTS] = "hosts",     [DIFF_LISTENERS] = "listeners", [DIFF_LOGIN] = "login",
	[DIFF_MODULES] = "modules", [DIFF_ACCESS] = "access",       [DIFF_SERVER] = "settings",
};

static bool starts_part(const struct diff *d, size_t i)
{
	return i == 0 || d->list.at[i].part != d->list.at[i - 1].part;
}

static bool starts_subject(const struct diff *d, size_t i)
{
	return starts_part(d, i) || !str_eq(d->list.at[i].subject, d->list.at[i - 1].subject);
}

static struct str places(struct arena *a, const struct diff *d, const struct diff_change *c)
{
	struct str before = words_place(a, d->old->sources, c->before.at);
	struct str after = words_place(a, d->new->sources, c->after.at);

	if (before.n == 0 || after.n == 0)
		return before.n != 0 ? before : after;
	return arena_printf(a, "%.*s -> %.*s", STR_ARG(before), STR_ARG(after));
}

static const char *effect_word(enum diff_effect effect)
{
	static const char *const words[] = {
		[DIFF_NEUTRAL] = "", [DIFF_OPENS] = "gains", [DIFF_CLOSES] = "loses"};

	return words[effect];
}

/* "3 changes: 1 gives access, 2 take access away" */
static void add_totals(struct strbuf *out, const struct diff *d)
{
	size_t n = d->list.n;

	strbuf_printf(out, "%zu change%s", n, n == 1 ? "" : "s");
	if (d->nopens != 0)
		strbuf_printf(out, ": %zu give%s access", d->nopens, d->nopens == 1 ? "s" : "");
	if (d->ncloses != 0)
		strbuf_printf(out, "%s %zu take%s access away", d->nopens != 0 ? "," : ":",
			      d->ncloses, d->ncloses == 1 ? "s" : "");
}

/* ---- text ---- */

enum paint { PLAIN, BOLD, RED, GREEN, DIM };

struct printer {
	struct strbuf *out;
	const struct diff *d;
	bool colour;
};

static void paint(struct printer *p, enum paint paint)
{
	static const char *const codes[] = {[PLAIN] = "\033[0m",
					    [BOLD] = "\033[1m",
					    [RED] = "\033[1;31m",
					    [GREEN] = "\033[1;32m",
					    [DIM] = "\033[2m"};

	if (p->colour)
		strbuf_addz(p->out, codes[paint]);
}

/* A name from a file must not act on the terminal. */
static void add_harmless(struct strbuf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t used = utf8_decode(s.p + i, s.n - i, &cp);

		if (used == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
		    (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
			cp = 0xfffd;
		strbuf_add_utf8(out, cp);
		i += used != 0 ? used : 1;
	}
}

static void add_painted(struct printer *p, enum paint colour, struct str s)
{
	paint(p, colour);
	add_harmless(p->out, s);
	paint(p, PLAIN);
}

static void print_subject(struct printer *p, const struct diff_change *c)
{
	static const char marks[] = {
		[DIFF_ADDED] = '+', [DIFF_REMOVED] = '-', [DIFF_CHANGED] = '~'};
	char mark = c->what.n == 0 ? marks[c->kind] : '~';

	strbuf_printf(p->out, "  %c ", mark);
	add_painted(p, BOLD, c->subject);
	strbuf_addc(p->out, '\n');
}

static void print_effect(struct printer *p, enum diff_effect effect)
{
	strbuf_addz(p->out, "    ");
	paint(p, effect == DIFF_OPENS ? RED : effect == DIFF_CLOSES ? GREEN : PLAIN);
	strbuf_printf(p->out, "%-6s", effect_word(effect));
	paint(p, PLAIN);
}

static void print_sides(struct printer *p, const struct diff_change *c)
{
	if (c->before.text.n != 0)
		add_harmless(p->out, c->before.text);
	if (c->before.text.n != 0 && c->after.text.n != 0)
		strbuf_addz(p->out, " -> ");
	if (c->after.text.n != 0)
		add_harmless(p->out, c->after.text);
}

static void print_change(struct printer *p, const struct diff_change *c)
{
	struct str where = places(p->out->arena, p->d, c);

	print_effect(p, c->effect);
	if (c->what.n != 0) {
		add_harmless(p->out, c->what);
		strbuf_addz(p->out, ": ");
	}
	if (c->who.n != 0) {
		add_harmless(p->out, c->who);
		strbuf_addz(p->out, ": ");
	}
	print_sides(p, c);
	if (c->why.n != 0) {
		strbuf_addz(p->out, "; ");
		add_harmless(p->out, c->why);
	}
	if (c->hosts.n != 0) {
		strbuf_addz(p->out, " (");
		add_harmless(p->out, c->hosts);
		strbuf_addc(p->out, ')');
	}
	strbuf_addc(p->out, '\n');
	if (where.n == 0)
		return;
	strbuf_addz(p->out, "          ");
	add_painted(p, DIM, where);
	strbuf_addc(p->out, '\n');
}

void diff_print_text(struct strbuf *out, const struct diff *d, bool colour)
{
	struct printer p = {out, d, colour};

	for (size_t i = 0; i < d->list.n; i++) {
		const struct diff_change *c = &d->list.at[i];

		if (starts_part(d, i)) {
			strbuf_addz(out, i != 0 ? "\n" : "");
			add_painted(&p, BOLD, str_of(part_names[c->part]));
			strbuf_addc(out, '\n');
		}
		if (starts_subject(d, i))
			print_subject(&p, c);
		print_change(&p, c);
	}
	if (d->list.n == 0)
		return;
	strbuf_addc(out, '\n');
	add_totals(out, d);
	strbuf_addc(out, '\n');
}

/* ---- Markdown ---- */

/* In a code span nothing has a meaning but the fence, and the bar that divides cells. */
static void add_code(struct strbuf *out, struct str s)
{
	size_t run = 0, longest = 0;
	bool pad;

	if (s.n == 0)
		return;
	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	pad = longest != 0;
	strbuf_fill(out, '`', longest + 1);
	strbuf_addz(out, pad ? " " : "");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '|')
			strbuf_addc(out, '\\');
		strbuf_addc(out, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
	}
	strbuf_addz(out, pad ? " " : "");
	strbuf_fill(out, '`', longest + 1);
}

static void markdown_row(struct strbuf *out, const struct diff *d, const struct diff_change *c)
{
	static const char *const kinds[] = {
		[DIFF_ADDED] = "added", [DIFF_REMOVED] = "removed", [DIFF_CHANGED] = "changed"};
	struct str where = places(out->arena, d, c);

	strbuf_printf(out, "| %s%s%s | ", c->effect == DIFF_OPENS ? "**" : "",
		      c->effect != DIFF_NEUTRAL ? effect_word(c->effect) : kinds[c->kind],
		      c->effect == DIFF_OPENS ? "**" : "");
	add_code(out, c->subject);
	if (c->what.n != 0) {
		strbuf_addc(out, ' ');
		add_code(out, c->what);
	}
	if (c->hosts.n != 0) {
		strbuf_addz(out, " on ");
		add_code(out, c->hosts);
	}
	strbuf_addz(out, " | ");
	add_code(out, c->before.text);
	strbuf_addz(out, " | ");
	add_code(out, c->after.text);
	strbuf_addz(out, " | ");
	add_code(out, c->who);
	if (c->why.n != 0) {
		strbuf_addz(out, c->who.n != 0 ? " " : "");
		add_code(out, c->why);
	}
	strbuf_addz(out, " | ");
	add_code(out, where);
	strbuf_addz(out, " |\n");
}

void diff_print_markdown(struct strbuf *out, const struct diff *d)
{
	strbuf_addz(out, "### Change of the server's configuration\n\n");
	if (d->list.n == 0) {
		strbuf_addz(out, "Nothing changes.\n");
		return;
	}
	add_totals(out, d);
	strbuf_addz(out, ".\n");
	for (size_t i = 0; i < d->list.n; i++) {
		if (starts_part(d, i))
			strbuf_printf(out,
				      "\n#### %c%s\n\n"
				      "| | what | before | after | who, why | where |\n"
				      "| --- | --- | --- | --- | --- | --- |\n",
				      part_names[d->list.at[i].part][0] - 'a' + 'A',
				      part_names[d->list.at[i].part] + 1);
		markdown_row(out, d, &d->list.at[i]);
	}
}
