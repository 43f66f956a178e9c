/* emitter.c - lines, comments, rows with aligned columns, and places in the configuration. */
#include "emit/emitter.h"

#include <stdarg.h>

#include "support/utf8.h"

#define LONGEST_COMMENT 84 /* characters */
#define NOTE_COLUMN     48 /* notes behind statements begin here, if the statement is shorter */
#define WIDEST_VALUE    40 /* values wider than this do not push the notes of others away */

/* ---- lines ---- */

void emit_blank(struct emitter *e)
{
	strbuf_addc(&e->out, '\n');
}

static void vline(struct emitter *e, const char *format, va_list ap)
{
	strbuf_fill(&e->out, '\t', e->depth);
	strbuf_vprintf(&e->out, format, ap);
	strbuf_addc(&e->out, '\n');
}

void emit_line(struct emitter *e, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vline(e, format, ap);
	va_end(ap);
}

void emit_open(struct emitter *e, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vline(e, format, ap);
	va_end(ap);
	e->depth++;
}

void emit_close(struct emitter *e, const char *text)
{
	e->depth--;
	emit_line(e, "%s", text);
}

/* ---- comments ---- */

/* The first characters of a text, with an ellipsis when some are left. */
static struct str cut(struct arena *a, struct str text, size_t most)
{
	struct strbuf out = {.arena = a};
	size_t i = 0;

	for (size_t n = 0; i < text.n && n < most; n++) {
		uint32_t c;
		size_t len = utf8_decode(text.p + i, text.n - i, &c);

		i += len != 0 ? len : 1;
	}
	if (i >= text.n)
		return text;
	strbuf_add(&out, (struct str){text.p, i});
	strbuf_addz(&out, "...");
	return strbuf_str(&out);
}

void emit_comment(struct emitter *e, const char *format, ...)
{
	struct str text;
	va_list ap;

	va_start(ap, format);
	text = arena_vprintf(e->arena, format, ap);
	va_end(ap);
	text = cut(e->arena, c_comment_text(e->arena, text), LONGEST_COMMENT);
	emit_line(e, "/* %.*s */", STR_ARG(text));
}

void emit_comment_term(struct emitter *e, const struct term *t)
{
	struct strbuf text = {.arena = e->arena};

	term_print(&text, t);
	emit_comment(e, "%.*s: %.*s.", STR_ARG(place_full(e, t->at)), STR_ARG(strbuf_str(&text)));
}

static struct str noted_text(struct emitter *e, struct str note)
{
	return cut(e->arena, c_comment_text(e->arena, note), LONGEST_COMMENT / 2);
}

/* Tabs are 8 columns wide. */
static size_t width(struct emitter *e, struct str line)
{
	return 8 * (size_t)e->depth + utf8_count(line);
}

void emit_noted(struct emitter *e, struct str note, const char *format, ...)
{
	struct str line;
	va_list ap;
	size_t w;

	va_start(ap, format);
	line = arena_vprintf(e->arena, format, ap);
	va_end(ap);
	w = width(e, line);
	strbuf_fill(&e->out, '\t', e->depth);
	strbuf_add(&e->out, line);
	strbuf_fill(&e->out, ' ', w + 1 < NOTE_COLUMN ? NOTE_COLUMN - w : 1);
	strbuf_printf(&e->out, "/* %.*s */\n", STR_ARG(noted_text(e, note)));
}

/* ---- rows ---- */

void emit_fields(struct emitter *e)
{
	size_t name_width = 0, value_width = 0;

	for (size_t i = 0; i < e->fields.n; i++) {
		const struct emit_field *f = &e->fields.at[i];
		size_t w = utf8_count(f->value);

		if (f->name.n > name_width)
			name_width = f->name.n;
		if (f->note.n != 0 && w > value_width && w <= WIDEST_VALUE)
			value_width = w;
	}
	for (size_t i = 0; i < e->fields.n; i++) {
		const struct emit_field *f = &e->fields.at[i];
		size_t w = utf8_count(f->value);

		strbuf_fill(&e->out, '\t', e->depth);
		strbuf_printf(&e->out, ".%-*.*s = %.*s,", (int)name_width, STR_ARG(f->name),
			      STR_ARG(f->value));
		if (f->note.n != 0) {
			strbuf_fill(&e->out, ' ', w < value_width ? value_width - w + 1 : 1);
			strbuf_printf(&e->out, "/* %.*s */", STR_ARG(f->note));
		}
		strbuf_addc(&e->out, '\n');
	}
	e->fields.n = 0;
}

void emit_row_open(struct emitter *e, struct str designator, struct str place)
{
	strbuf_fill(&e->out, '\t', e->depth);
	if (designator.n != 0)
		strbuf_printf(&e->out, "[%.*s] = ", STR_ARG(designator));
	strbuf_addc(&e->out, '{');
	if (place.n != 0)
		strbuf_printf(&e->out, " /* %.*s */", STR_ARG(noted_text(e, place)));
	strbuf_addc(&e->out, '\n');
	e->depth++;
}

void emit_row_close(struct emitter *e)
{
	emit_fields(e);
	emit_close(e, "},");
}

void emit_sub_open(struct emitter *e, const char *name)
{
	emit_fields(e);
	emit_open(e, ".%s = {", name);
}

void emit_sub_close(struct emitter *e)
{
	emit_fields(e);
	emit_close(e, "},");
}

static void add_field(struct emitter *e, const char *name, struct str note, const char *format,
		      va_list ap)
{
	struct emit_field f = {.name = str_of(name), .note = note};

	f.value = arena_vprintf(e->arena, format, ap);
	vec_push(e->arena, &e->fields, f);
}

void emit_field(struct emitter *e, const char *name, struct span at, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_field(e, name, noted_text(e, place_short(e, at)), format, ap);
	va_end(ap);
}

void emit_field_plain(struct emitter *e, const char *name, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_field(e, name, (struct str){NULL, 0}, format, ap);
	va_end(ap);
}

/* ---- places ---- */

struct str source_name(const struct emitter *e, const struct source *s)
{
	struct str main_file = str_of(e->settings->main_file);
	size_t folder = 0;

	for (size_t i = 0; i < main_file.n; i++)
		if (main_file.p[i] == '/')
			folder = i + 1;
	if (s->path.n > folder && memcmp(s->path.p, main_file.p, folder) == 0)
		return (struct str){s->path.p + folder, s->path.n - folder};
	return s->path;
}

/* The index of a source in rt_gen.files. */
static size_t file_index(struct emitter *e, uint32_t source)
{
	for (size_t i = 0; i < e->files.n; i++)
		if (e->files.at[i] == source)
			return i;
	return 0; /* a place in a derived text was resolved to a source that was read */
}

struct str place_full(struct emitter *e, struct span at)
{
	struct span in_file;
	struct position p;

	if (at.file == NO_FILE)
		return STR("default");
	in_file = source_resolve(e->model->sources, at, NULL);
	p = source_position(e->model->sources, in_file.file, in_file.off);
	return arena_printf(e->arena, "%.*s:%u",
			    STR_ARG(source_name(e, e->model->sources->files.at[in_file.file])),
			    p.line);
}

struct str place_short(struct emitter *e, struct span at)
{
	struct span in_file;

	if (at.file == NO_FILE)
		return STR("default");
	in_file = source_resolve(e->model->sources, at, NULL);
	if (file_index(e, in_file.file) != 0)
		return place_full(e, at);
	return arena_printf(e->arena, "%u",
			    source_position(e->model->sources, in_file.file, in_file.off).line);
}

void emit_field_at(struct emitter *e, struct span at)
{
	struct span in_file;
	struct position p;

	if (at.file == NO_FILE) {
		emit_field_plain(e, "at", "RT_AT(0, 0, 0)");
		return;
	}
	in_file = source_resolve(e->model->sources, at, NULL);
	p = source_position(e->model->sources, in_file.file, in_file.off);
	emit_field_plain(e, "at", "RT_AT(%zu, %u, %u)", file_index(e, in_file.file), p.line,
			 p.column < UINT16_MAX ? p.column : UINT16_MAX);
}
