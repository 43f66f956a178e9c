/* text.h - lines and columns as the protocol counts them, in a text that is UTF-8 or Latin-1.
 *
 * A line ends with \n, \r\n or \r. Columns are counted in the units that client and server agreed
 * on. Private to cfgc/lsp. Source: LSP 3.17, Position.
 */
#ifndef CFGC_LSP_TEXT_H
#define CFGC_LSP_TEXT_H

#include <stdint.h>

#include "support/arena.h"

enum encoding { ENCODING_UTF16, ENCODING_UTF8 };

struct text_position {
	uint32_t line, character; /* both 0-based */
};

struct text_lines {
	struct str text;
	bool latin1; /* each byte is a character: a file of that encoding that is not open */
	uint32_t *starts;
	size_t n;
	/* The last place that was asked for: the next one is often behind it on a long line. */
	uint32_t last_off, last_character;
};

/** Find the lines. The text is borrowed. */
void text_lines_init(struct arena *a, struct text_lines *lines, struct str text, bool latin1);

/** Where a byte is. Past the end counts as the end. */
struct text_position text_position(struct text_lines *lines, enum encoding e, uint32_t off);

/** The line alone, 0-based. */
uint32_t text_line(const struct text_lines *lines, uint32_t off);

/** The byte at a position: at the end of its line where there is no such column, at the end of the
 * text where there is no such line, and never inside a character. */
uint32_t text_offset(const struct text_lines *lines, enum encoding e, struct text_position at);

#endif
