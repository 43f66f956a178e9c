/* text.c - diagnostics for people: message, place, quoted lines with markers, notes, help.
 *
 * A quoted line is walked once into cells (one per code point, with its columns on the terminal);
 * the text and the markers under it are printed from the same cells, so that they agree whatever
 * tabs and wide characters there are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "diag/report.h"
#include "support/utf8.h"

#define TAB_STOP     8
#define LINE_COLUMNS 110  /* wider lines are shown through a window around the primary marker */
#define WINDOW_LEAD  40   /* columns of the window before the marker */
#define EXCERPT      2048 /* bytes of a line looked at on either side of the marker */

enum paint { PLAIN, BOLD, RED, YELLOW, BLUE, GREEN };

struct printer {
	struct strbuf *out;
	const struct diags *dl;
	bool colour;
	int gutter; /* columns of the widest line number */
};

struct cell {
	uint32_t off; /* byte offset in the file */
	uint32_t column, width;
	uint32_t shown; /* code point to print; a tab is printed as spaces */
};

struct cells {
	VEC(struct cell) list; /* the last one stands for the line end */
};

static void paint(struct printer *p, enum paint colour)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m",     [BOLD] = "\033[1m",    [RED] = "\033[1;31m",
		[YELLOW] = "\033[1;33m", [BLUE] = "\033[1;34m", [GREEN] = "\033[1;32m",
	};

	if (p->colour)
		strbuf_addz(p->out, codes[colour]);
}

static void painted(struct printer *p, enum paint colour, const char *text)
{
	paint(p, colour);
	strbuf_addz(p->out, text);
	paint(p, PLAIN);
}

static enum paint level_paint(enum diag_level level)
{
	return level == DIAG_ERROR ? RED : level == DIAG_WARNING ? YELLOW : GREEN;
}

/* A control character would act on the terminal, and one of those that turn the direction of
 * writing would show another text than there is: show a picture. */
static uint32_t harmless(uint32_t cp)
{
	if (cp < 0x20)
		return 0x2400 + cp;
	if (cp == 0x7F)
		return 0x2421;
	if ((cp >= 0x80 && cp < 0xA0) || cp == 0x061C || cp == 0x200E || cp == 0x200F ||
	    cp == 0x2028 || cp == 0x2029 || (cp >= 0x202A && cp <= 0x202E) ||
	    (cp >= 0x2066 && cp <= 0x2069))
		return 0xFFFD;
	return cp;
}

/* Messages quote words of the file, and files have names. */
static void add_harmless(struct strbuf *out, struct str s)
{
	while (s.n != 0) {
		uint32_t cp;
		size_t used = utf8_decode(s.p, s.n, &cp);

		if (used == 0) {
			used = 1;
			cp = 0xFFFD;
		}
		strbuf_add_utf8(out, cp == '\n' ? cp : harmless(cp));
		s.p += used;
		s.n -= used;
	}
}

static size_t decode_byte_or_char(const struct source *src, struct str rest, uint32_t *cp)
{
	size_t len;

	if (src->latin1) {
		*cp = (unsigned char)rest.p[0];
		return 1;
	}
	len = utf8_decode(rest.p, rest.n, cp);
	if (len == 0) {
		*cp = 0xFFFD;
		return 1;
	}
	return len;
}

static void walk_line(const struct printer *p, struct span line, struct cells *cells)
{
	const struct source *src = p->dl->sources->files.at[line.file];
	struct arena *arena = p->out->arena;
	struct cell cell = {.off = line.off};

	for (size_t at = line.off, end = line.off + line.len; at < end;) {
		uint32_t cp;
		size_t used =
			decode_byte_or_char(src, (struct str){src->text.p + at, end - at}, &cp);

		cell.off = (uint32_t)at;
		if (cp == '\t') {
			cell.width = TAB_STOP - cell.column % TAB_STOP;
			cell.shown = '\t';
		} else {
			cell.shown = harmless(cp);
			cell.width = (uint32_t)utf8_width(cell.shown);
		}
		vec_push(arena, &cells->list, cell);
		cell.column += cell.width;
		at += used;
	}
	cell.off = line.off + line.len;
	cell.width = 1;
	cell.shown = 0;
	vec_push(arena, &cells->list, cell);
}

static uint32_t column_of(const struct cells *cells, uint32_t off)
{
	for (size_t i = 0; i < cells->list.n; i++)
		if (cells->list.at[i].off >= off)
			return cells->list.at[i].column;
	return cells->list.at[cells->list.n - 1].column;
}

struct window {
	uint32_t first, last; /* columns shown: first <= column < last */
	bool cut_left, cut_right;
};

static struct window choose_window(const struct cells *cells, uint32_t marker_column)
{
	uint32_t width = cells->list.at[cells->list.n - 1].column;
	struct window w = {0, width + 1, false, false};

	if (width <= LINE_COLUMNS)
		return w;
	if (marker_column > LINE_COLUMNS - 20)
		w.first = marker_column - WINDOW_LEAD;
	w.last = w.first + LINE_COLUMNS;
	w.cut_left = w.first > 0;
	w.cut_right = w.last < width;
	return w;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* The part of a very long line around an offset, cut between characters. */
static struct span excerpt_of(const struct source *src, struct span line, uint32_t focus)
{
	uint32_t first = line.off, last = line.off + line.len;

	if (focus - first > EXCERPT) {
		first = focus - EXCERPT;
		while (first < focus && !src->latin1 && is_continuation(src->text.p[first]))
			first++;
	}
	if (last > focus && last - focus > EXCERPT) {
		last = focus + EXCERPT;
		while (last > focus && !src->latin1 && is_continuation(src->text.p[last]))
			last--;
	}
	return (struct span){line.file, first, last - first};
}

static void print_gutter(struct printer *p, const char *number)
{
	paint(p, BLUE);
	strbuf_printf(p->out, "%*s |", p->gutter, number);
	paint(p, PLAIN);
}

static void print_source_line(struct printer *p, uint32_t line_number, const struct cells *cells,
			      struct window w)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", line_number);
	print_gutter(p, number);
	if (cells->list.n > 1)
		strbuf_addc(p->out, ' ');
	strbuf_addz(p->out, w.cut_left ? "…" : "");
	for (size_t i = 0; i + 1 < cells->list.n; i++) {
		const struct cell *c = &cells->list.at[i];

		if (c->column < w.first || c->column >= w.last)
			continue;
		if (c->shown == '\t')
			strbuf_fill(p->out, ' ', c->width);
		else
			strbuf_add_utf8(p->out, c->shown);
	}
	strbuf_addz(p->out, w.cut_right ? "…" : "");
	strbuf_addc(p->out, '\n');
}

/* A label that runs over several lines is marked on its first one, up to the last visible character
 * there. */
static uint32_t marker_end(const struct cells *cells, struct span line, struct span at)
{
	uint32_t end = at.off + at.len, line_end = line.off + line.len;
	size_t last;

	if (end < line_end || cells->list.n < 2)
		return end < line_end ? end : line_end;
	/* The last cell stands for the line end. */
	for (last = cells->list.n - 2; last > 0 && cells->list.at[last].off > at.off; last--)
		if (cells->list.at[last].shown != ' ' && cells->list.at[last].shown != '\t')
			break;
	return cells->list.at[last + 1].off;
}

static void print_marker(struct printer *p, const struct cells *cells, struct window w,
			 struct span line, const struct diag_label *label, enum paint colour)
{
	uint32_t first = column_of(cells, label->at.off);
	uint32_t last = column_of(cells, marker_end(cells, line, label->at));
	bool is_outside;

	if (last <= first)
		last = first + 1;
	is_outside = last <= w.first || first >= w.last;
	first = first < w.first ? w.first : first > w.last ? w.last : first;
	last = last > w.last ? w.last : last;

	print_gutter(p, "");
	strbuf_addc(p->out, ' ');
	strbuf_fill(p->out, ' ', first - w.first + (w.cut_left && !is_outside ? 1 : 0));
	paint(p, label->primary ? colour : BLUE);
	if (is_outside)
		strbuf_addz(p->out, "…");
	else
		strbuf_fill(p->out, label->primary ? '^' : '-', last - first);
	if (label->text.n != 0) {
		strbuf_addc(p->out, ' ');
		add_harmless(p->out, label->text);
	}
	paint(p, PLAIN);
	strbuf_addc(p->out, '\n');
}

struct placed {
	const struct diag_label *label;
	uint32_t line;
	uint32_t arrival; /* keeps the order of labels at one place */
};

struct placed_list {
	VEC(struct placed) list;
};

/* The file of the primary label comes first, the others in the order of the sources. */
static int compare_placed(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->label->at.off != b->label->at.off)
		return a->label->at.off < b->label->at.off ? -1 : 1;
	return a->arrival < b->arrival ? -1 : 1;
}

static void print_line_with_markers(struct printer *p, uint32_t file, uint32_t number,
				    const struct placed *labels, size_t n, enum paint colour)
{
	struct span line = source_line(p->dl->sources, file, number), shown;
	uint32_t focus = line.off;
	struct cells cells = {0};
	struct window w;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || labels[i].label->primary)
			focus = labels[i].label->at.off;
	if (focus > line.off + line.len) /* behind a CR */
		focus = line.off + line.len;
	shown = excerpt_of(p->dl->sources->files.at[file], line, focus);
	walk_line(p, shown, &cells);
	w = choose_window(&cells, column_of(&cells, focus));
	w.cut_left = w.cut_left || shown.off != line.off;
	w.cut_right = w.cut_right || shown.off + shown.len != line.off + line.len;
	print_source_line(p, number, &cells, w);
	for (size_t i = 0; i < n; i++)
		print_marker(p, &cells, w, shown, labels[i].label, colour);
}

/* Between two quoted lines: one line in between is shown, more become "...". */
static void print_gap(struct printer *p, uint32_t file, uint32_t previous, uint32_t next)
{
	if (next == previous + 2)
		print_line_with_markers(p, file, previous + 1, NULL, 0, PLAIN);
	else if (next > previous + 2)
		strbuf_addz(p->out, "...\n");
}

static void print_file(struct printer *p, struct placed *labels, size_t n, bool is_primary,
		       enum paint colour)
{
	uint32_t file = labels[0].label->at.file;
	struct span at = labels[0].label->at; /* the primary label arrives first */
	struct position pos = source_position(p->dl->sources, file, at.off);

	strbuf_fill(p->out, ' ', (size_t)p->gutter);
	painted(p, BLUE, is_primary ? "--> " : "::: ");
	add_harmless(p->out, p->dl->sources->files.at[file]->path);
	strbuf_printf(p->out, ":%u:%u\n", pos.line, pos.column);
	print_gutter(p, "");
	strbuf_addc(p->out, '\n');

	qsort(labels, n, sizeof(*labels), compare_placed);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && labels[end].line == labels[i].line; end++)
			;
		if (i != 0)
			print_gap(p, file, labels[i - 1].line, labels[i].line);
		print_line_with_markers(p, file, labels[i].line, labels + i, end - i, colour);
	}
}

static void print_places(struct printer *p, const struct diag *d)
{
	struct placed_list same = {0};
	size_t printed = 0;

	/* Files in the order in which the labels first name them. */
	while (printed < d->labels.n) {
		uint32_t file = NO_FILE;
		size_t start = same.list.n;

		for (size_t i = 0; i < d->labels.n; i++) {
			const struct diag_label *label = &d->labels.at[i];
			struct placed placed = {.label = label, .arrival = (uint32_t)i};
			bool seen = false;

			for (size_t k = 0; k < start; k++)
				seen = seen || same.list.at[k].label->at.file == label->at.file;
			if (seen || (file != NO_FILE && label->at.file != file))
				continue;
			file = label->at.file;
			placed.line = source_position(p->dl->sources, file, label->at.off).line;
			vec_push(p->out->arena, &same.list, placed);
		}
		print_file(p, same.list.at + start, same.list.n - start, start == 0,
			   level_paint(d->level));
		printed = same.list.n;
	}
}

static int gutter_of(const struct printer *p, const struct diag *d)
{
	uint32_t highest = 1;
	int digits = 1;

	for (size_t i = 0; i < d->labels.n; i++) {
		struct span at = d->labels.at[i].at;
		uint32_t line = source_position(p->dl->sources, at.file, at.off).line;

		highest = line > highest ? line : highest;
	}
	for (; highest >= 10; highest /= 10)
		digits++;
	return digits < 3 ? 3 : digits;
}

static void print_remark(struct printer *p, const char *word, struct str text)
{
	painted(p, GREEN, word);
	strbuf_addz(p->out, ": ");
	add_harmless(p->out, text);
	strbuf_addc(p->out, '\n');
}

static bool is_included(const struct printer *p, uint32_t file)
{
	return p->dl->sources->files.at[file]->included_at.file != NO_FILE;
}

/* How the compilation came to an included file. */
static void print_origin(struct printer *p, uint32_t file)
{
	const struct sources *ss = p->dl->sources;

	for (struct span at = ss->files.at[file]->included_at; at.file != NO_FILE;
	     at = ss->files.at[at.file]->included_at) {
		struct span place = source_resolve(ss, at, NULL);
		struct position pos = source_position(ss, place.file, place.off);

		print_remark(p, "note",
			     arena_printf(p->out->arena, "included from %.*s:%u",
					  STR_ARG(ss->files.at[place.file]->path), pos.line));
	}
}

static void print_one(struct printer *p, const struct diag *d)
{
	p->gutter = gutter_of(p, d);
	paint(p, level_paint(d->level));
	strbuf_printf(p->out, "%s[%s]", diag_level_word(d->level), diag_info_of(d->code)->id);
	paint(p, PLAIN);
	paint(p, BOLD);
	strbuf_addz(p->out, ": ");
	add_harmless(p->out, d->message);
	paint(p, PLAIN);
	strbuf_addc(p->out, '\n');
	if (d->labels.n != 0)
		print_places(p, d);
	if (d->labels.n != 0 &&
	    (is_included(p, d->labels.at[0].at.file) || d->notes.n != 0 || d->help.n != 0)) {
		print_gutter(p, "");
		strbuf_addc(p->out, '\n');
	}
	if (d->labels.n != 0)
		print_origin(p, d->labels.at[0].at.file);
	for (size_t i = 0; i < d->notes.n; i++)
		print_remark(p, "note", d->notes.at[i]);
	if (d->help.n != 0)
		print_remark(p, "help", d->help);
	strbuf_addc(p->out, '\n');
}

static void print_hidden(struct printer *p, const char *what, uint32_t count)
{
	if (count != 0)
		strbuf_printf(p->out, "%u further %s are not shown (--max-errors=0 shows all)\n",
			      count, what);
}

static void print_count(struct printer *p, bool wrote_anyway)
{
	uint32_t errors = p->dl->nerrors, warnings = p->dl->nwarnings;
	size_t waived = p->dl->waived.n;

	print_hidden(p, "errors", p->dl->nhidden_errors);
	print_hidden(p, "warnings", p->dl->nhidden_warnings);
	if (errors != 0)
		strbuf_printf(p->out, "%u error%s", errors, errors == 1 ? "" : "s");
	if (warnings != 0)
		strbuf_printf(p->out, "%s%u warning%s", errors != 0 ? ", " : "", warnings,
			      warnings == 1 ? "" : "s");
	if (waived != 0)
		strbuf_printf(p->out, "%s%zu waived", errors != 0 || warnings != 0 ? ", " : "",
			      waived);
	if (errors != 0 && !wrote_anyway)
		strbuf_addz(p->out, "; nothing was written");
	if (errors != 0 || warnings != 0 || waived != 0)
		strbuf_addc(p->out, '\n');
}

/* Where the reader can go on; about the first finding, since an error often causes those behind. */
static void print_more(struct printer *p)
{
	if (p->dl->list.n != 0)
		strbuf_printf(p->out, "more about %s: cfgc explain %s\n",
			      diag_info_of(p->dl->list.at[0]->code)->id,
			      diag_info_of(p->dl->list.at[0]->code)->id);
}

void diag_print_text(struct strbuf *out, const struct diag_report *r)
{
	struct printer p = {.out = out, .dl = r->diags, .colour = r->colour};

	for (size_t i = 0; i < r->diags->list.n; i++)
		print_one(&p, r->diags->list.at[i]);
	print_count(&p, r->wrote_anyway);
	print_more(&p);
}
