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

/* Where a stretch of derived text comes from. Pieces cover the text without gaps, in order. */
struct source_piece {
	uint32_t off; /* where it begins in the derived text; it ends where the next one begins */
	struct span from; /* in the origin; the stretch is a copy, byte for byte, unless replaced */
	bool replaced; /* stands for all of `from`: a placeholder's value, a transcoded character */
	struct span value_at; /* where the value was written (a vars file), NO_SPAN otherwise */
};

/* Text is always UTF-8. A file in another encoding, and a template with its placeholders filled in,
 * are two sources: the bytes that were read, and the text derived from them, whose pieces lead back
 * to the bytes. */
struct source {
	struct str path; /* as the user wrote it, or as the include did; shown in messages */
	struct str text; /* a NUL follows the last byte */
	bool latin1; /* bytes are ISO 8859-1, by the file's own declaration; never parsed itself */
	uint32_t *line_off; /* byte offset of each line's start */
	uint32_t nlines;
	uint32_t
		*nchars; /* characters before each block of the text; NULL until one is asked for */
	struct span included_at; /* the include directive, NO_SPAN for the main file */
	uint32_t
		origin; /* the source this one is derived from, NO_FILE for a file as it was read */
	bool rendered;  /* a template whose placeholders were filled in; those left are reported */
	bool repaired;  /* U+FFFD stands for bytes that were no UTF-8, already reported */
	VEC(struct source_piece) pieces;
};

/* Texts that stand for files on disk: what an editor has not saved yet. */
struct source_overlay {
	/* The text of a file, which is UTF-8 whatever it declares; false: read it from disk. */
	bool (*find)(void *ctx, const char *path, struct str *text);
	void *ctx;
};

struct sources {
	struct arena *arena;
	const struct source_overlay *overlay; /* NULL: none */
	VEC(struct source *) files;
};

struct diags;

/** A file larger than this is refused (E0003). Bytes. */
#define SOURCE_MAX_BYTES (64u << 20)

/**
 * Read a file whole ("-" is standard input), find its encoding as Erlang's epp does, check it and
 * index its lines.
 *
 * @return the file's index in sources->files, or NO_FILE after a diagnostic (missing, unreadable,
 * too large, not text in its encoding).
 */
uint32_t source_open(struct sources *ss, struct diags *dl, const char *path,
		     struct span included_at);
/** The same for text that is already in memory (tests, defaults of the schema). text is copied. */
uint32_t source_add(struct sources *ss, struct diags *dl, const char *name, struct str text,
		    struct span included_at);

/** Register text derived from another source. text and pieces stay in the arena of the caller, not
 * copied. */
uint32_t source_add_derived(struct sources *ss, uint32_t origin, struct str text,
			    const struct source_piece *pieces, size_t npieces);

/** Line and column in the file as it was read, whichever source the offset belongs to. */
struct position source_position(const struct sources *ss, uint32_t file, uint32_t off);
/** The text of a span, as it was parsed. */
struct str source_text(const struct sources *ss, struct span at);
/**
 * The span in the file as it was read that a span stands for; a span inside a placeholder's value
 * becomes the placeholder.
 *
 * @param value_at  if not NULL and the whole span lies in one placeholder's value: where that value
 * was written.
 */
struct span source_resolve(const struct sources *ss, struct span at, struct span *value_at);
/** Bytes of line `line` (1-based) without its line end. */
struct span source_line(const struct sources *ss, uint32_t file, uint32_t line);

/** From the start of one span to the end of another of the same file. */
static inline struct span span_join(struct span first, struct span last)
{
	return (struct span){first.file, first.off, last.off + last.len - first.off};
}

#endif
