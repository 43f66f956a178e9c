/* analysis.c - run the check, and find the way between its sources and the client's documents. */
#include "lsp/analysis.h"

#include "lsp/uri.h"
#include "support/assert.h"

static void name_files(struct analysis *an)
{
	size_t n = an->ninputs;

	an->paths = arena_array_of(an->arena, const char *, n + 1);
	an->same = arena_array_of(an->arena, uint32_t, n + 1);
	an->lines = arena_array_of(an->arena, struct text_lines, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		const struct source *src = an->run.sources.files.at[i];

		an->same[i] = i;
		if (src->origin != NO_FILE)
			continue;
		an->paths[i] = path_canonical(an->arena, src->path.p);
		for (uint32_t k = 0; k < i && an->same[i] == i; k++)
			if (an->paths[k] != NULL && strcmp(an->paths[k], an->paths[i]) == 0)
				an->same[i] = k;
	}
}

struct analysis *analysis_new(const struct options *o, const struct source_overlay *overlay,
			      const char *path)
{
	struct arena *a = arena_new();
	struct analysis *an = arena_new_of(a, struct analysis);

	an->arena = a;
	an->overlay = *overlay;
	compilation_start(&an->run, o, a);
	an->run.sources.overlay = &an->overlay;
	compilation_begin(&an->run, arena_str(a, path, strlen(path)).p, a);
	compilation_check(&an->run);
	an->ninputs = an->run.model != NULL ? an->run.ninputs : an->run.sources.files.n;
	name_files(an);
	diag_sort(&an->run.diags);
	cfgc_phase_enter("serve");
	return an;
}

void analysis_free(struct analysis **an)
{
	struct arena *a = *an != NULL ? (*an)->arena : NULL;

	*an = NULL;
	arena_free(&a);
}

uint32_t analysis_file(const struct analysis *an, const char *path)
{
	for (uint32_t i = 0; path != NULL && i < an->ninputs; i++)
		if (an->paths[i] != NULL && strcmp(an->paths[i], path) == 0)
			return i;
	return NO_FILE;
}

struct span analysis_place(const struct analysis *an, struct span at)
{
	if (at.file == NO_FILE)
		return NO_SPAN;
	at = source_resolve(&an->run.sources, at, NULL);
	if (at.file >= an->ninputs)
		return NO_SPAN;
	at.file = an->same[at.file];
	return at;
}

struct span analysis_written(const struct analysis *an, struct span at)
{
	struct span place = analysis_place(an, at);

	if (place.file == NO_FILE ||
	    !str_eq(source_text(&an->run.sources, at), source_text(&an->run.sources, place)))
		return NO_SPAN;
	return place;
}

struct text_lines *analysis_lines(struct analysis *an, uint32_t file)
{
	const struct source *src = an->run.sources.files.at[file];

	CFGC_ASSERT(file < an->ninputs && src->origin == NO_FILE);
	if (an->lines[file].starts == NULL)
		text_lines_init(an->arena, &an->lines[file], src->text, src->latin1);
	return &an->lines[file];
}
