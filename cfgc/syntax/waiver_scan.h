/* waiver_scan.h - private to waivers.c and waiver_scan.c: the waivers of one source. */
#ifndef CFGC_SYNTAX_WAIVER_SCAN_H
#define CFGC_SYNTAX_WAIVER_SCAN_H

#include "syntax/parse.h"

#define WAIVER_MARK "cfgc:"

/* One name between the parentheses. Places are in the text as it was parsed. */
struct allowance {
	struct span at;
	bool is_known, is_used;
};

struct waiver {
	struct span comment; /* from its first '%' to the end of the line */
	struct span head;    /* of it, up to the ')' */
	struct span behind;  /* the white space in front of it on its line, and the comment */
	struct span term;    /* what it is for */
	bool alone;          /* on a line of its own */
	struct str reason;
	VEC(struct allowance) names;
};

struct waiver_scan {
	struct arena *arena;
	struct sources *sources;
	struct diags *diags;
	const struct source *source;
	uint32_t file;
	uint32_t depth;        /* brackets that are open */
	struct token previous; /* kind TOK_EOF: none yet */
	VEC(struct waiver) list;
	size_t nplaced;            /* of the list: they know what they are for */
	VEC(size_t) open;          /* waivers whose term has begun, outermost first ... */
	VEC(uint32_t) open_depths; /* ... and how deep it stands */
};

/** Read the waivers of a source into sc->list, each with the term that it is for. */
void waiver_scan(struct waiver_scan *sc, uint32_t file);

/** The start of the line that a place of the source is on; an empty span. */
struct span waiver_line_start(const struct waiver_scan *sc, struct span at);

#endif
