/* source.h - the files of one compilation: bytes, lines, and the spans that point into them. */
#ifndef CFGC_SYNTAX_SOURCE_H
#define CFGC_SYNTAX_SOURCE_H

#include <stdint.h>

#include "support/arena.h"

/* Bytes of one file. len 0 with file NO_FILE means "nowhere" (a default, the command line). */
struct span {
	uint32_t file, off, len;
};

#define NO_FILE UINT32_MAX
#define NO_SPAN ((struct span){NO_FILE, 0, 0})

struct position {
	uint32_t line, column; /* both 1-based; column in code points */
};

struct source {
	struct str path;        /* as the user wrote it, or as the include did; shown in messages */
	struct str text;        /* a NUL follows the last byte */
	bool latin1;            /* bytes are ISO 8859-1, by the file's own declaration */
	uint32_t *line_off;     /* byte offset of each line's start */
	uint32_t nlines;
	struct span included_at; /* the include directive, NO_SPAN for the main file */
};

struct sources {
	struct arena *arena;
	VEC(struct source *) files;
};

struct diags;

/** A file larger than this is refused (E0003). Bytes. */
#define SOURCE_MAX_BYTES (64u << 20)

/**
 * Read a file whole ("-" is standard input), find its encoding as Erlang's epp does, check it and index its lines.
 *
 * @return the file's index in sources->files, or NO_FILE after a diagnostic (missing, unreadable, too large, not text
 *         in its encoding).
 */
uint32_t source_open(struct sources *ss, struct diags *dl, const char *path,
                     struct span included_at);
/** The same for text that is already in memory (tests, defaults of the schema). text is copied. */
uint32_t source_add(struct sources *ss, struct diags *dl, const char *name, struct str text,
                    struct span included_at);

struct position source_position(const struct sources *ss, uint32_t file, uint32_t off);
struct str source_text(const struct sources *ss, struct span at);

#endif
