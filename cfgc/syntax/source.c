/* source.c - read files, find their encoding, index their lines, and lead derived text back to the
 * bytes on disk.
 *
 *   file ── E0001/E0003 ──► bytes ──► declared latin-1? ──► derived UTF-8 text
 *                                └──► UTF-8 ──► bad bytes? E0002 ──► derived text with U+FFFD,
 * marked repaired
 */
#include "syntax/source.h"

#include <errno.h>

#include "diag/diag.h"
#include "support/assert.h"
#include "support/file.h"
#include "support/strbuf.h"
#include "support/utf8.h"

#define CODING_BYTES 512u /* a declaration must end within these; epp(3) looks no further */

/* ---- registration and lines ---- */

static void index_lines(struct sources *ss, struct source *src)
{
	VEC(uint32_t) starts = {0};
	const char *p = src->text.p, *end = src->text.p + src->text.n;

	vec_push(ss->arena, &starts, 0);
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		vec_push(ss->arena, &starts, (uint32_t)(p - src->text.p));
	}
	src->line_off = starts.at;
	src->nlines = (uint32_t)starts.n;
}

static struct source *add_source(struct sources *ss, struct str path, struct str text,
				 struct span included_at)
{
	struct source *src = arena_new_of(ss->arena, struct source);

	CFGC_ASSERT(text.n <= SOURCE_MAX_BYTES * (size_t)4);
	src->path = path;
	src->text = text;
	src->included_at = included_at;
	src->origin = NO_FILE;
	vec_push(ss->arena, &ss->files, src);
	return src;
}

uint32_t source_add_derived(struct sources *ss, uint32_t origin, struct str text,
			    const struct source_piece *pieces, size_t npieces)
{
	struct source *from = ss->files.at[origin];
	struct source *src = add_source(ss, from->path, text, from->included_at);

	src->origin = origin;
	for (size_t i = 0; i < npieces; i++)
		vec_push(ss->arena, &src->pieces, pieces[i]);
	return (uint32_t)(ss->files.n - 1);
}

/* ---- encoding ---- */

enum coding { CODING_NONE, CODING_UTF8, CODING_LATIN1, CODING_UNKNOWN };

struct declaration {
	enum coding coding;
	size_t off, len; /* the name */
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

static bool begins_folded(struct str s, const char *lower)
{
	size_t n = strlen(lower);

	if (s.n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[i];

		if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != lower[i])
			return false;
	}
	return s.n == n || s.p[n] == '-';
}

/* `coding`, blanks, ':' or '=', blanks, name: the rule of epp(3), looked for in one comment. The
 * first `coding` with its
 * ':' decides, whatever follows. A name that runs into the limit has no visible end and does not
 * count. */
static bool find_in_comment(struct str text, size_t at, size_t end, struct declaration *found)
{
	for (; at + 6 <= end; at++) {
		size_t p = at + 6, name;
		struct str word;

		if (memcmp(text.p + at, "coding", 6) != 0)
			continue;
		while (p < end && text.p[p] == ' ')
			p++;
		if (p == end || (text.p[p] != ':' && text.p[p] != '='))
			continue;
		p++;
		while (p < end && text.p[p] == ' ')
			p++;
		for (name = p; p < end && is_name_char(text.p[p]); p++)
			;
		word = (struct str){text.p + name, p - name};
		*found = (struct declaration){CODING_NONE, name, p - name};
		if (word.n == 0 || p == CODING_BYTES)
			return true;
		found->coding = CODING_UNKNOWN;
		if (begins_folded(word, "latin-1"))
			found->coding = CODING_LATIN1;
		else if (begins_folded(word, "utf-8"))
			found->coding = CODING_UTF8;
		return true;
	}
	return false;
}

/* Only comments of the first two lines count. */
static struct declaration find_declaration(struct str text)
{
	size_t limit = text.n < CODING_BYTES ? text.n : CODING_BYTES, start = 0;
	struct declaration found = {CODING_NONE, 0, 0};

	for (int line = 0; line < 2 && start < limit; line++) {
		const char *nl = memchr(text.p + start, '\n', limit - start);
		size_t end = nl != NULL ? (size_t)(nl - text.p) : limit;
		const char *comment = memchr(text.p + start, '%', end - start);

		if (comment != NULL &&
		    find_in_comment(text, (size_t)(comment - text.p), end, &found))
			break;
		start = end + 1;
	}
	return found;
}

struct derived {
	struct strbuf text;
	VEC(struct source_piece) pieces;
};

/* Bytes [from, to) of `file` go over unchanged. */
static void copy_piece(struct derived *d, uint32_t file, struct str bytes, size_t from, size_t to)
{
	struct source_piece piece = {
		.off = (uint32_t)d->text.n,
		.from = {file, (uint32_t)from, (uint32_t)(to - from)},
		.value_at = NO_SPAN,
	};

	if (from == to)
		return;
	vec_push(d->text.arena, &d->pieces, piece);
	strbuf_add(&d->text, (struct str){bytes.p + from, to - from});
}

/* Byte `at` of `file` becomes one code point. */
static void replace_piece(struct derived *d, uint32_t file, size_t at, uint32_t code_point)
{
	struct source_piece piece = {
		.off = (uint32_t)d->text.n,
		.from = {file, (uint32_t)at, 1},
		.replaced = true,
		.value_at = NO_SPAN,
	};

	vec_push(d->text.arena, &d->pieces, piece);
	strbuf_add_utf8(&d->text, code_point);
}

static uint32_t finish_derived(struct sources *ss, uint32_t file, struct derived *d)
{
	struct str text;

	strbuf_addc(&d->text, '\0');
	text = strbuf_str(&d->text);
	text.n--;
	return source_add_derived(ss, file, text, d->pieces.at, d->pieces.n);
}

static uint32_t transcode_latin1(struct sources *ss, uint32_t file)
{
	struct str bytes = ss->files.at[file]->text;
	struct derived d = {.text = {.arena = ss->arena}};
	size_t copied = 0;

	ss->files.at[file]->latin1 = true;
	for (size_t i = 0; i < bytes.n; i++) {
		if ((unsigned char)bytes.p[i] < 0x80)
			continue;
		copy_piece(&d, file, bytes, copied, i);
		replace_piece(&d, file, i, (unsigned char)bytes.p[i]);
		copied = i + 1;
	}
	if (copied == 0)
		return file;
	copy_piece(&d, file, bytes, copied, bytes.n);
	return finish_derived(ss, file, &d);
}

/* Bytes that are no UTF-8 become U+FFFD, so that the rest of the file is still checked. */
static uint32_t repair_utf8(struct sources *ss, uint32_t file, size_t *nbad)
{
	struct str bytes = ss->files.at[file]->text;
	struct derived d = {.text = {.arena = ss->arena}};
	size_t at = 0;

	*nbad = 0;
	while (at < bytes.n) {
		size_t good = utf8_check((struct str){bytes.p + at, bytes.n - at});

		copy_piece(&d, file, bytes, at, at + good);
		at += good;
		if (at == bytes.n)
			break;
		replace_piece(&d, file, at++, 0xFFFD);
		++*nbad;
	}
	file = finish_derived(ss, file, &d);
	ss->files.at[file]->repaired = true;
	return file;
}

static void report_bad_utf8(struct sources *ss, struct diags *dl, uint32_t file, size_t at,
			    size_t nbad)
{
	struct source *src = ss->files.at[file];

	diag_add(dl, E0002, (struct span){file, (uint32_t)at, 1},
		 "byte %02X is not UTF-8, the encoding of this file",
		 (unsigned)(unsigned char)src->text.p[at]);
	diag_primary(dl, "byte offset %zu", at);
	if (nbad > 1)
		diag_note(dl, "%zu more bytes of this file are not UTF-8", nbad - 1);
	diag_help(dl, "save the file as UTF-8, or declare it on line 1: %%%% coding: latin-1");
}

static bool is_utf16(struct str text)
{
	return text.n >= 2 &&
	       (memcmp(text.p, "\xFF\xFE", 2) == 0 || memcmp(text.p, "\xFE\xFF", 2) == 0);
}

/* Registers what the parser reads: the file itself, or text derived from it.
 * @param decoded  somebody has read the file already: its text is UTF-8. */
static uint32_t settle_encoding(struct sources *ss, struct diags *dl, uint32_t file, bool decoded)
{
	struct str text = ss->files.at[file]->text;
	struct declaration said = find_declaration(text);
	size_t bad, nbad;

	if (is_utf16(text)) {
		diag_add(dl, E0002, (struct span){file, 0, 2}, "this file is UTF-16, not UTF-8");
		diag_help(dl, "save the file as UTF-8");
		return NO_FILE;
	}
	if (said.coding == CODING_UNKNOWN) {
		diag_add(dl, W0010, (struct span){file, (uint32_t)said.off, (uint32_t)said.len},
			 "encoding '%.*s' is not known; the file is read as UTF-8", (int)said.len,
			 text.p + said.off);
		diag_help(dl, "write 'latin-1' or 'utf-8'");
	}
	if (said.coding == CODING_LATIN1 && !decoded)
		return transcode_latin1(ss, file);
	bad = utf8_check(text);
	if (bad != text.n) {
		uint32_t derived = repair_utf8(ss, file, &nbad);

		report_bad_utf8(ss, dl, file, bad, nbad);
		return nbad > text.n / 4 ? NO_FILE
					 : derived; /* more binary than text: say no more */
	}
	if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0) {
		diag_add(dl, E0116, (struct span){file, 0, 3},
			 "this file begins with a byte order mark, which Erlang does not accept");
		diag_help(dl, "save the file as UTF-8 without a byte order mark");
		diag_fix(dl, (struct span){file, 0, 3}, STR(""));
	}
	return file;
}

/* ---- opening ---- */

static uint32_t register_file(struct sources *ss, struct diags *dl, struct str path,
			      struct str text, struct span included_at, bool decoded)
{
	index_lines(ss, add_source(ss, path, text, included_at));
	return settle_encoding(ss, dl, (uint32_t)(ss->files.n - 1), decoded);
}

static bool find_overlay(const struct sources *ss, const char *path, struct str *text)
{
	return ss->overlay != NULL && ss->overlay->find(ss->overlay->ctx, path, text);
}

uint32_t source_open(struct sources *ss, struct diags *dl, const char *path,
		     struct span included_at)
{
	struct str text, name = arena_str(ss->arena, path, strlen(path));
	int err;

	if (find_overlay(ss, path, &text) && text.n <= SOURCE_MAX_BYTES)
		return register_file(ss, dl, name, arena_str(ss->arena, text.p, text.n),
				     included_at, true);
	err = file_read(ss->arena, path, SOURCE_MAX_BYTES, &text);
	if (err == EFBIG) {
		diag_add(dl, E0003, included_at, "'%s' is larger than %u bytes", path,
			 SOURCE_MAX_BYTES);
		return NO_FILE;
	}
	if (err != 0) {
		diag_add(dl, E0001, included_at, "cannot read '%s': %s", path, strerror(err));
		if (included_at.file != NO_FILE && path[0] != '/')
			diag_note(dl, "the path is relative to the working directory, not to the "
				      "including file");
		return NO_FILE;
	}
	if (strcmp(path, "-") == 0)
		name = STR("<stdin>");
	return register_file(ss, dl, name, text, included_at, false);
}

uint32_t source_add(struct sources *ss, struct diags *dl, const char *name, struct str text,
		    struct span included_at)
{
	struct str path = arena_str(ss->arena, name, strlen(name));

	return register_file(ss, dl, path, arena_str(ss->arena, text.p, text.n), included_at,
			     false);
}

/* ---- places ---- */

/* The last piece that begins at or before off. */
static const struct source_piece *piece_at(const struct source *src, uint32_t off)
{
	size_t low = 0, high = src->pieces.n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (src->pieces.at[middle].off <= off)
			low = middle;
		else
			high = middle;
	}
	return src->pieces.n == 0 ? NULL : &src->pieces.at[low];
}

static struct span resolve_once(const struct source *src, struct span at, struct span *value_at)
{
	const struct source_piece *first = piece_at(src, at.off);
	const struct source_piece *last = at.len == 0 ? first : piece_at(src, at.off + at.len - 1);
	uint32_t start, end;

	if (first == NULL)
		return (struct span){src->origin, 0, 0};
	start = first->from.off + (first->replaced ? 0 : at.off - first->off);
	if (last->replaced)
		end = last->from.off + last->from.len;
	else
		end = last->from.off + (at.off + at.len - last->off);
	if (first == last && first->replaced && first->value_at.file != NO_FILE)
		*value_at = first->value_at;
	return (struct span){src->origin, start, end - start};
}

struct span source_resolve(const struct sources *ss, struct span at, struct span *value_at)
{
	struct span found = NO_SPAN;

	if (at.file != NO_FILE) {
		CFGC_ASSERT(at.file < ss->files.n);
		while (ss->files.at[at.file]->origin != NO_FILE)
			at = resolve_once(ss->files.at[at.file], at, &found);
	}
	if (value_at != NULL)
		*value_at = found;
	return at;
}

static uint32_t line_index(const struct source *src, uint32_t off)
{
	uint32_t low = 0, high = src->nlines;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (src->line_off[middle] <= off)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Bytes from one count of characters to the next: a column in a line of any length takes no more.
 */
#define BLOCK 1024u

/* Each character of UTF-8 has one byte that does not go on with another. */
static uint32_t begun_in(struct str s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void count_blocks(struct arena *a, struct source *src)
{
	uint32_t nblocks = (uint32_t)(src->text.n / BLOCK) + 1;

	src->nchars = arena_array_of(a, uint32_t, nblocks);
	for (uint32_t i = 1; i < nblocks; i++)
		src->nchars[i] =
			src->nchars[i - 1] +
			begun_in((struct str){src->text.p + (size_t)(i - 1) * BLOCK, BLOCK});
}

static uint32_t characters_before(const struct source *src, uint32_t off)
{
	uint32_t start = off / BLOCK * BLOCK;

	return src->nchars[off / BLOCK] + begun_in((struct str){src->text.p + start, off - start});
}

struct position source_position(const struct sources *ss, uint32_t file, uint32_t off)
{
	struct span at = source_resolve(ss, (struct span){file, off, 0}, NULL);
	struct source *src;
	uint32_t line, start, characters;

	CFGC_ASSERT(at.file != NO_FILE);
	src = ss->files.at[at.file];
	CFGC_ASSERT(at.off <= src->text.n);
	line = line_index(src, at.off);
	start = src->line_off[line];
	characters = at.off - start;
	if (!src->latin1) {
		if (src->nchars == NULL)
			count_blocks(ss->arena, src);
		characters = characters_before(src, at.off) - characters_before(src, start);
	}
	return (struct position){line + 1, characters + 1};
}

struct str source_text(const struct sources *ss, struct span at)
{
	const struct source *src;

	if (at.file == NO_FILE)
		return (struct str){NULL, 0};
	src = ss->files.at[at.file];
	CFGC_ASSERT(at.off <= src->text.n && at.len <= src->text.n - at.off);
	return (struct str){src->text.p + at.off, at.len};
}

struct span source_line(const struct sources *ss, uint32_t file, uint32_t line)
{
	const struct source *src = ss->files.at[file];
	uint32_t start, end;

	CFGC_ASSERT(src->origin == NO_FILE && line >= 1 && line <= src->nlines);
	start = src->line_off[line - 1];
	end = line < src->nlines ? src->line_off[line] - 1 : (uint32_t)src->text.n;
	if (end > start && src->text.p[end - 1] == '\r')
		end--;
	return (struct span){file, start, end - start};
}
