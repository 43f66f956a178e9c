/* text.c - bytes to positions and back. */
#include "lsp/text.h"

#include "support/utf8.h"

void text_lines_init(struct arena *a, struct text_lines *lines, struct str text, bool latin1)
{
	VEC(uint32_t) starts = {0};

	vec_push(a, &starts, 0);
	for (size_t i = 0; i < text.n; i++) {
		bool ends = text.p[i] == '\n' ||
			    (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'));

		if (ends)
			vec_push(a, &starts, (uint32_t)(i + 1));
	}
	*lines = (struct text_lines){
		.text = text, .latin1 = latin1, .starts = starts.at, .n = starts.n};
}

/* The character at p: its bytes, and its units as the client counts. Bytes that are no UTF-8 are
 * shown as U+FFFD. */
static size_t character_at(const struct text_lines *lines, enum encoding e, size_t off, size_t end,
			   uint32_t *units)
{
	uint32_t cp = 0xFFFD;
	size_t n = 1;

	if (lines->latin1) {
		*units = e == ENCODING_UTF8 && (unsigned char)lines->text.p[off] >= 0x80 ? 2 : 1;
		return 1;
	}
	n = utf8_decode(lines->text.p + off, end - off, &cp);
	if (n == 0) {
		*units = e == ENCODING_UTF8 ? 3 : 1;
		return 1;
	}
	*units = e == ENCODING_UTF8 ? (uint32_t)n : cp > 0xFFFF ? 2 : 1;
	return n;
}

uint32_t text_line(const struct text_lines *lines, uint32_t off)
{
	size_t low = 0, high = lines->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (lines->starts[middle] <= off)
			low = middle;
		else
			high = middle;
	}
	return (uint32_t)low;
}

struct text_position text_position(struct text_lines *lines, enum encoding e, uint32_t off)
{
	uint32_t line, character = 0;
	size_t at;

	if (off > lines->text.n)
		off = (uint32_t)lines->text.n;
	line = text_line(lines, off);
	at = lines->starts[line];
	if (lines->last_off >= at && lines->last_off <= off) {
		at = lines->last_off;
		character = lines->last_character;
	}
	while (at < off) {
		uint32_t units;
		size_t n = character_at(lines, e, at, lines->text.n, &units);

		if (at + n > off)
			break;
		character += units;
		at += n;
	}
	lines->last_off = (uint32_t)at;
	lines->last_character = character;
	return (struct text_position){line, character};
}

/* The end of a line without the characters that end it. */
static size_t end_of_line(const struct text_lines *lines, size_t line)
{
	size_t start = lines->starts[line];
	size_t end = line + 1 < lines->n ? lines->starts[line + 1] : lines->text.n;

	if (line + 1 < lines->n) {
		end--;
		if (end > start && lines->text.p[end] == '\n' && lines->text.p[end - 1] == '\r')
			end--;
	}
	return end;
}

uint32_t text_offset(const struct text_lines *lines, enum encoding e, struct text_position at)
{
	size_t off, end;
	uint32_t character = 0;

	if (at.line >= lines->n)
		return (uint32_t)lines->text.n;
	end = end_of_line(lines, at.line);
	for (off = lines->starts[at.line]; off < end && character < at.character;) {
		uint32_t units;
		size_t n = character_at(lines, e, off, end, &units);

		if (character + units > at.character)
			break;
		character += units;
		off += n;
	}
	return (uint32_t)off;
}
