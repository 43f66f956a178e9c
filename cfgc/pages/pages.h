/* pages.h - what `cfgc explain` knows about each diagnostic: Markdown, one page per code. */
#ifndef CFGC_PAGES_PAGES_H
#define CFGC_PAGES_PAGES_H

#include "diag/diag.h"

/* The whole page of each code, "# E0203 unknown-option" first; NULL: there is none. Written by the
 * build from the *.md beside this file. */
extern const char *const page_texts[DIAG_NCODES];

#endif
