/* world.c - the order in which the world is looked at. */
#include "world/world.h"

#include "world/tour.h"

static bool begin(struct tour *t)
{
	int error = file_root_open(&t->root, t->settings->root);

	gather(t);
	if (error == 0)
		return true;
	diag_add(t->dl, E0001, NO_SPAN, "cannot look up files in '%s': %s", t->settings->root,
		 strerror(error));
	return false;
}

static void end(struct tour *t)
{
	close_files(t);
	file_root_close(&t->root);
}

/* The certificates of domains are the same for every endpoint. */
static void find_domain_keys(struct tour *t)
{
	for (size_t i = 0; i < t->m->domain_certs.n; i++) {
		const struct named_file *f =
			names_find(&t->by_path, t->m->domain_certs.at[i]->certfile);

		t->domain_keys |= key_kind_of(own_certificate(f->identities));
	}
}

static void look_at_files(struct tour *t)
{
	open_files(t);
	for (size_t i = 0; i < t->identities.n; i++) {
		check_identity(t, t->identities.at[i]);
		check_names(t, t->identities.at[i]);
	}
	for (size_t i = 0; i < t->files.n; i++)
		check_strength(t, t->files.at[i]);
}

void world_check(struct bind *b, const struct model *m, const struct world_settings *settings)
{
	struct tour t = {.b = b, .a = b->arena, .dl = b->diags, .m = m, .settings = settings};

	if (begin(&t)) {
		if (!settings->skip_files)
			look_at_files(&t);
		find_domain_keys(&t);
		for (size_t i = 0; i < t.endpoints.n; i++)
			check_endpoint(&t, t.endpoints.at[i]);
	}
	end(&t);
}

void world_skip(struct diags *dl, const struct world_settings *settings)
{
	for (size_t code = W0411; code <= W0446; code++)
		dl->skipped[code] = settings == NULL || (settings->skip_files && code <= W0435);
	/* Which suites a version needs depends on the key. */
	dl->skipped[W0446] |= settings == NULL || settings->skip_files;
}

void world_print_suites(struct strbuf *out, struct bind *b, const struct model *m,
			const struct world_settings *settings)
{
	struct diags silent = {.arena = b->arena, .sources = b->sources};
	struct tour t = {.b = b, .a = b->arena, .dl = &silent, .m = m, .settings = settings};

	if (begin(&t)) {
		if (!settings->skip_files)
			look_at_files(&t);
		find_domain_keys(&t);
		print_endpoints(out, &t);
	}
	end(&t);
}
