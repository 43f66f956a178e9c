/* pages.h - what `cfgc explain` knows about each diagnostic: Markdown, one page per code. */
#ifndef CFGC_PAGES_PAGES_H
#define CFGC_PAGES_PAGES_H

#include <stddef.h>

struct page {
	const char *id;   /* "E0203" */
	const char *text; /* the whole page, "# E0203 unknown-option" first */
};

/* Written by the build from the *.md beside this file, sorted by id. */
extern const struct page pages[];
extern const size_t npages;

#endif
