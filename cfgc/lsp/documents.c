/* documents.c - the files that are open, and which check each of them belongs to. */
#include <stdlib.h>
#include <unistd.h>

#include "lsp/server.h"
#include "lsp/uri.h"
#include "support/assert.h"

/* A main file is looked for in the document's folder and this many above it. */
#define FOLDERS_UP 3

struct document *document_find(const struct server *s, struct str uri)
{
	for (size_t i = 0; i < s->documents.n; i++)
		if (s->documents.at[i]->is_open && str_eq(s->documents.at[i]->uri, uri))
			return s->documents.at[i];
	return NULL;
}

static struct document *find_path(const struct server *s, const char *path)
{
	for (size_t i = 0; i < s->documents.n; i++)
		if (strcmp(s->documents.at[i]->path, path) == 0)
			return s->documents.at[i];
	return NULL;
}

/* ---- life ---- */

static struct document *add(struct server *s, struct str uri, const char *path)
{
	struct arena *a = arena_new();
	struct document *d = arena_new_of(a, struct document);

	d->arena = a;
	d->uri = arena_str(a, uri.p, uri.n);
	d->path = arena_str(a, path, strlen(path)).p;
	vec_push(s->arena, &s->documents, d);
	return d;
}

static void release(struct document **d)
{
	struct arena *a = (*d)->arena;

	analysis_free(&(*d)->analysis);
	arena_free(&(*d)->text_arena);
	*d = NULL;
	arena_free(&a);
}

void documents_forget(struct server *s)
{
	for (size_t i = 0; i < s->documents.n; i++)
		analysis_free(&s->documents.at[i]->analysis);
	s->diagnostics_are_old = true;
}

void documents_free(struct server *s)
{
	for (size_t i = 0; i < s->documents.n; i++)
		release(&s->documents.at[i]);
	s->documents.n = 0;
}

/* Every check that has read it is out of date. */
static void forget_checks_of(struct server *s, const struct document *d)
{
	for (size_t i = 0; i < s->documents.n; i++) {
		struct document *other = s->documents.at[i];

		if (other->analysis != NULL &&
		    (other == d || analysis_file(other->analysis, d->path) != NO_FILE))
			analysis_free(&other->analysis);
	}
	s->diagnostics_are_old = true;
}

static void set_text(struct document *d, struct str text, int64_t version)
{
	struct arena *old = d->text_arena;

	d->text_arena = arena_new();
	d->text = arena_str(d->text_arena, text.p, text.n);
	text_lines_init(d->text_arena, &d->lines, d->text, false);
	d->version = version;
	arena_free(&old);
}

void document_set_text(struct server *s, struct document *d, struct str text, int64_t version)
{
	set_text(d, text, version);
	forget_checks_of(s, d);
}

void document_watch(struct server *s, const char *path)
{
	struct arena *a = arena_new();
	const char *canonical = path_canonical(a, path);

	if (find_path(s, canonical) == NULL)
		add(s, uri_of_path(a, canonical), canonical);
	arena_free(&a);
}

/* A document may be a part of the mongooseim.cfg beside it or above it. */
static void watch_main_files(struct server *s, const char *path)
{
	struct arena *a = arena_new();
	char *folder = (char *)arena_alloc(a, strlen(path) + 1), *slash;

	memcpy(folder, path, strlen(path));
	for (int up = 0; up <= FOLDERS_UP && (slash = strrchr(folder, '/')) != NULL; up++) {
		const char *main_file;

		*slash = '\0';
		main_file = arena_printf(a, "%s/mongooseim.cfg", folder).p;
		if (access(main_file, R_OK) == 0)
			document_watch(s, main_file);
	}
	arena_free(&a);
}

struct document *document_open(struct server *s, struct str uri, struct str text, int64_t version)
{
	struct arena *a = arena_new();
	const char *path = uri_path(a, uri);
	struct document *d;

	/* What is no file gets a name that no file has, in the working directory. */
	path = path_canonical(a, path != NULL ? path : arena_str(a, uri.p, uri.n).p);
	d = find_path(s, path);
	if (d == NULL)
		d = add(s, uri, path);
	else
		d->uri = arena_str(d->arena, uri.p, uri.n); /* as this client writes it */
	arena_free(&a);
	d->is_open = true;
	set_text(d, text, version);
	documents_forget(s);
	watch_main_files(s, d->path);
	return d;
}

void document_close(struct server *s, struct document *d)
{
	size_t n = 0;

	documents_forget(s);
	for (size_t i = 0; i < s->documents.n; i++)
		if (s->documents.at[i] != d)
			s->documents.at[n++] = s->documents.at[i];
	s->documents.n = n;
	release(&d);
	/* It may still be the main file of others. */
	for (size_t i = 0; i < n; i++)
		if (s->documents.at[i]->is_open)
			watch_main_files(s, s->documents.at[i]->path);
	if (s->main_file != NULL)
		document_watch(s, s->main_file);
}

/* ---- checks ---- */

static bool overlay_find(void *ctx, const char *path, struct str *text)
{
	const struct server *s = ctx;
	struct arena *a;
	const char *canonical;
	bool found = false;

	for (size_t i = 0; i < s->documents.n; i++) {
		const struct document *d = s->documents.at[i];

		if (d->is_open && strcmp(d->path, path) == 0) {
			*text = d->text;
			return true;
		}
	}
	a = arena_new();
	canonical = path_canonical(a, path);
	for (size_t i = 0; i < s->documents.n && !found; i++) {
		const struct document *d = s->documents.at[i];

		found = d->is_open && strcmp(d->path, canonical) == 0;
		if (found)
			*text = d->text;
	}
	arena_free(&a);
	return found;
}

struct analysis *document_check(struct server *s, struct document *d)
{
	struct source_overlay overlay = {overlay_find, s};

	if (d->analysis == NULL)
		d->analysis = analysis_new(s->options, &overlay, d->path);
	return d->analysis;
}

static bool includes(struct server *s, struct document *a, const struct document *b)
{
	return analysis_file(document_check(s, a), b->path) != NO_FILE;
}

/* Of two that include each other the first one is the main file. */
static struct document *includer_of(struct server *s, struct document *d)
{
	bool passed = false;

	for (size_t i = 0; i < s->documents.n; i++) {
		struct document *other = s->documents.at[i];

		if (other == d)
			passed = true;
		else if (includes(s, other, d) && !(passed && includes(s, d, other)))
			return other;
	}
	return NULL;
}

struct document *document_owner(struct server *s, struct document *d)
{
	for (size_t i = 0; i < s->documents.n; i++) {
		struct document *up = includer_of(s, d);

		if (up == NULL)
			break;
		d = up;
	}
	return d;
}

const char *document_uri_of(const struct server *s, struct arena *a, const char *path)
{
	const struct document *d = find_path(s, path);
	struct str uri = d != NULL ? d->uri : uri_of_path(a, path);

	return arena_str(a, uri.p, uri.n).p;
}
