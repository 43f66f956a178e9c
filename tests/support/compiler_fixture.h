/* compiler_fixture.h - what every test of the compiler's front end needs: an arena, sources,
 * diagnostics. */
#ifndef TESTS_SUPPORT_COMPILER_FIXTURE_H
#define TESTS_SUPPORT_COMPILER_FIXTURE_H

#include <check.h>
#include <stdio.h>

#include "diag/report.h"
#include "options.h"
#include "support/strbuf.h"
#include "syntax/parser.h"

struct fixture {
	struct arena *arena;
	struct sources sources;
	struct diags diags;
};

static inline void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.arena = arena_new()};
	f->sources.arena = f->arena;
	f->diags.arena = f->arena;
	f->diags.sources = &f->sources;
}

static inline void fixture_fini(struct fixture *f)
{
	arena_free(&f->arena);
}

static inline uint32_t fixture_add(struct fixture *f, struct str text)
{
	return source_add(&f->sources, &f->diags, "test.cfg", text, NO_SPAN);
}

/* The forms of a text; none if it is no text at all. */
static inline struct forms fixture_parse(struct fixture *f, struct str text)
{
	struct forms forms = {0};
	uint32_t file = fixture_add(f, text);

	if (file != NO_FILE)
		parse_source(&f->sources, &f->diags, file, &forms);
	return forms;
}

/* All forms in Erlang syntax, a blank between them. NUL-terminated. */
static inline const char *fixture_print(struct fixture *f, const struct forms *forms)
{
	struct strbuf out = {.arena = f->arena};

	for (size_t i = 0; i < forms->list.n; i++) {
		strbuf_addz(&out, i != 0 ? " " : "");
		term_print(&out, forms->list.at[i].term);
		strbuf_addc(&out, '.');
	}
	strbuf_addc(&out, '\0');
	return out.p;
}

/* The codes of one level in the order of their places, a blank between them. NUL-terminated. */
static inline const char *fixture_codes(struct fixture *f, enum diag_level level)
{
	struct strbuf out = {.arena = f->arena};

	diag_sort(&f->diags);
	for (size_t i = 0; i < f->diags.list.n; i++) {
		const struct diag *d = f->diags.list.at[i];

		if (d->level == level)
			strbuf_printf(&out, "%s%s", out.n != 0 ? " " : "",
				      diag_info_of(d->code)->id);
	}
	strbuf_addc(&out, '\0');
	return out.p;
}

/* Diagnostics as they are printed, without colour. NUL-terminated. */
static inline const char *fixture_text(struct fixture *f)
{
	struct strbuf out = {.arena = f->arena};

	diag_report_print(&out, &(struct diag_report){.diags = &f->diags}, DIAGNOSTICS_TEXT);
	strbuf_addc(&out, '\0');
	return out.p;
}

#endif
