/* tmpl.h - templates as the build has taken them apart (templates/embed.c). */
#ifndef CFGC_EMIT_TMPL_H
#define CFGC_EMIT_TMPL_H

#include <stddef.h>

#include "templates.h" /* enum hole, enum template_id */

struct tmpl_piece {
	size_t n;
	int hole; /* enum hole, or -1: text */
	const char *text;
};

struct tmpl {
	const char *name; /* of the file it becomes */
	const struct tmpl_piece *pieces;
	size_t npieces;
};

extern const struct tmpl templates[NTEMPLATES];

#endif
