/* emit.c - a model to texts: names first, then every template with its holes filled. */
#include "emit/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/emitter.h"
#include "emit/tmpl.h"
#include "rt/gen.h"
#include "support/assert.h"
#include "support/file.h"

/* ---- names ---- */

static void name_hosts(struct emitter *e)
{
	for (size_t i = 0; i < e->model->hosts.n; i++) {
		struct host *h = e->model->hosts.at[i];
		struct str ident = ident_from(e->arena, h->name);
		struct str wanted = arena_printf(e->arena, "GEN_HOST_%.*s",
						 STR_ARG(ident_upper(e->arena, ident)));
		struct str given = ident_unique(e, wanted);

		/* A suffix that makes it unique counts for the names in small letters, too. */
		h->ident = arena_printf(e->arena, "%.*s%.*s", STR_ARG(ident),
					(int)(given.n - wanted.n), given.p + wanted.n);
	}
}

struct str host_enumerator(struct emitter *e, const struct host *h)
{
	return arena_printf(e->arena, "GEN_HOST_%.*s", STR_ARG(ident_upper(e->arena, h->ident)));
}

static void name_shapers(struct emitter *e)
{
	for (size_t i = 0; i < e->model->shapers.n; i++) {
		struct shaper *s = e->model->shapers.at[i];
		struct str ident = ident_from(e->arena, s->name);

		if (s->is_emitted)
			s->ident = ident_unique(
				e, arena_printf(e->arena, "GEN_SHAPER_%.*s",
						STR_ARG(ident_upper(e->arena, ident))));
	}
}

static void name_sets_and_rules(struct emitter *e)
{
	static const char *const kinds[] = {
		[RULE_VERDICT] = "access", [RULE_SHAPER] = "shaper", [RULE_LIMIT] = "limit"};

	for (size_t i = 0; i < e->model->sets.n; i++) {
		struct set *s = e->model->sets.at[i];

		if (s->is_asked)
			s->ident = ident_unique(
				e, arena_printf(e->arena, "gen_acl_%.*s",
						STR_ARG(ident_from(e->arena, s->name))));
	}
	(void)ident_unique(e, STR("gen_access_none"));
	for (size_t i = 0; i < e->model->rules.n; i++) {
		struct rule *r = e->model->rules.at[i];

		if (r->is_emitted)
			r->ident = ident_unique(
				e, arena_printf(e->arena, "gen_%s_%.*s", kinds[r->type],
						STR_ARG(ident_from(e->arena, r->name))));
	}
}

/* ---- files ---- */

static bool is_main(const struct emitter *e, const struct source *s)
{
	const char *name = e->settings->main_file;

	return s->origin == NO_FILE && s->included_at.file == NO_FILE &&
	       str_eqz(s->path, strcmp(name, "-") == 0 ? "<stdin>" : name);
}

static void list_files(struct emitter *e)
{
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < e->settings->ninputs; i++) {
			const struct source *s = e->model->sources->files.at[i];
			bool first = is_main(e, s);

			if (pass == 0 ? first : !first && s->origin == NO_FILE)
				vec_push(e->arena, &e->files, i);
		}
	}
}

void emit_files(struct emitter *e)
{
	emit_open(e, "static const char *const gen_files[] = {");
	for (size_t i = 0; i < e->files.n; i++) {
		struct str name = source_name(e, e->model->sources->files.at[e->files.at[i]]);

		emit_line(e, "%.*s,", STR_ARG(c_string(e->arena, name)));
	}
	emit_close(e, "};");
}

/* ---- banner, root ---- */

static void emit_inputs(struct emitter *e)
{
	struct str name = source_name(e, e->model->sources->files.at[e->files.at[0]]);

	strbuf_add(&e->out, c_comment_text(e->arena, name));
	if (e->files.n > 1)
		strbuf_printf(&e->out, " and %zu more file%s", e->files.n - 1,
			      e->files.n > 2 ? "s" : "");
}

void emit_left_out(struct emitter *e)
{
	for (size_t i = 0; i < e->model->left_out.n; i++) {
		const struct left_out *l = &e->model->left_out.at[i];

		emit_comment(e, "%.*s: left out, not supported yet: %.*s",
			     STR_ARG(place_full(e, l->at)), STR_ARG(l->what));
	}
}

static void emit_root_tables(struct emitter *e)
{
	const struct model *m = e->model;
	size_t nlisteners = 0;

	for (size_t i = 0; i < m->listeners.n; i++)
		nlisteners += !m->listeners.at[i]->is_left_out;
	emit_field_plain(e, "files", "gen_files");
	emit_field_plain(e, "nfiles", "RT_ARRAY_LEN(gen_files)");
	emit_field_plain(e, "hosts", "gen_hosts");
	emit_field_plain(e, "nhosts", "GEN_NHOSTS");
	emit_field_plain(e, "host_find", "gen_host_find");
	emit_field_plain(e, "listeners", nlisteners != 0 ? "gen_listeners" : "NULL");
	emit_field_plain(e, "nlisteners", nlisteners != 0 ? "GEN_NLISTENERS" : "0");
	if (m->domain_certs.n != 0) {
		emit_field_plain(e, "domain_certs", "gen_domain_certs");
		emit_field_plain(e, "ndomain_certs", "RT_ARRAY_LEN(gen_domain_certs)");
	}
	if (e->patterns.n != 0) {
		emit_field_plain(e, "init", "gen_init");
		emit_field_plain(e, "fini", "gen_fini");
	}
}

void emit_root(struct emitter *e)
{
	const struct model *m = e->model;

	e->depth++;
	emit_field_plain(e, "config_id", "\"sha256:%.*s\"", STR_ARG(e->config_id));
	emit_field_plain(e, "cfgc_version", "%.*s",
			 STR_ARG(c_string(e->arena, str_of(e->settings->version))));
	emit_root_tables(e);
	emit_field(e, "language", m->language_at, "%.*s", STR_ARG(c_string(e->arena, m->language)));
	emit_field(e, "loglevel", m->loglevel_at, "%u", m->loglevel);
	if (m->registration_timeout < 0)
		emit_field(e, "registration_timeout", m->registration_timeout_at,
			   "RT_LIMIT_INFINITY");
	else
		emit_field(e, "registration_timeout", m->registration_timeout_at, "%lld",
			   (long long)m->registration_timeout);
	emit_fields(e);
	e->depth--;
}

/* ---- templates ---- */

static struct str render(struct emitter *e, const struct tmpl *t);

/* Every hole of every template: a missing case does not compile. */
static void fill_hole(struct emitter *e, enum hole hole)
{
	switch (hole) {
	case HOLE_BANNER:
		strbuf_add(&e->out, render(e, &templates[TMPL_BANNER]));
		break;
	case HOLE_VERSION:
		strbuf_add(&e->out, c_comment_text(e->arena, str_of(e->settings->version)));
		break;
	case HOLE_INPUTS:
		emit_inputs(e);
		break;
	case HOLE_ABI_MAJOR:
		strbuf_printf(&e->out, "%d", RT_GEN_ABI_MAJOR);
		break;
	case HOLE_ABI_MINOR:
		strbuf_printf(&e->out, "%d", RT_GEN_ABI_MINOR);
		break;
	case HOLE_HOST_INDEX:
		emit_host_index(e);
		break;
	case HOLE_HOST_FIND:
		emit_host_find(e);
		break;
	case HOLE_SHAPER_INDEX:
		emit_shaper_index(e);
		break;
	case HOLE_SHAPER_TABLE:
		emit_shaper_table(e);
		break;
	case HOLE_PATTERN_INDEX:
		emit_pattern_index(e);
		break;
	case HOLE_PATTERN_INIT:
		emit_pattern_init(e);
		break;
	case HOLE_SETS:
		emit_sets(e);
		break;
	case HOLE_RULES:
		emit_rules(e);
		break;
	case HOLE_MODULE_OPTIONS:
		emit_module_options(e);
		break;
	case HOLE_MODULE_TABLES:
		emit_module_tables(e);
		break;
	case HOLE_HOST_TABLE:
		emit_host_table(e);
		break;
	case HOLE_LISTENER_INDEX:
		emit_listener_index(e);
		break;
	case HOLE_LISTENER_PARTS:
		emit_listener_parts(e);
		break;
	case HOLE_LISTENER_FEEDS:
		emit_listener_feeds(e);
		break;
	case HOLE_LISTENER_TABLE:
		emit_listener_table(e);
		break;
	case HOLE_DOMAIN_CERTS:
		emit_domain_certs(e);
		break;
	case HOLE_FILES:
		emit_files(e);
		break;
	case HOLE_LEFT_OUT:
		emit_left_out(e);
		break;
	case HOLE_MANIFEST:
		strbuf_add(&e->out, c_string_lines(e->arena, e->manifest));
		break;
	case HOLE_ROOT:
		emit_root(e);
		break;
	}
}

/* Add template text, but never two blank lines in a row: an empty hole takes its line with it. */
static void add_text(struct strbuf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		bool blank_again = text.p[i] == '\n' &&
				   (out->n == 0 || (out->n >= 2 && out->p[out->n - 1] == '\n' &&
						    out->p[out->n - 2] == '\n'));

		if (!blank_again)
			strbuf_addc(out, text.p[i]);
	}
}

static struct str render(struct emitter *e, const struct tmpl *t)
{
	struct strbuf outer = e->out, out = {.arena = e->arena};

	for (size_t i = 0; i < t->npieces; i++) {
		const struct tmpl_piece *p = &t->pieces[i];
		struct str text = {p->text, p->n};

		if (p->hole >= 0) {
			e->out = (struct strbuf){.arena = e->arena};
			fill_hole(e, (enum hole)p->hole);
			text = strbuf_str(&e->out);
			/* Its last line ends in the template. */
			if (text.n != 0 && text.p[text.n - 1] == '\n')
				text.n--;
		}
		add_text(&out, text);
	}
	while (out.n >= 2 && out.p[out.n - 1] == '\n' && out.p[out.n - 2] == '\n')
		out.n--;
	e->out = outer;
	return strbuf_str(&out);
}

/* ---- secrets ---- */

static struct str secrets_text(struct emitter *e)
{
	struct strbuf out = {.arena = e->arena};

	for (size_t i = 0; i < e->model->secrets.n; i++) {
		const struct secret *s = e->model->secrets.at[i];

		strbuf_printf(&out, "%.*s\t", STR_ARG(s->ref));
		strbuf_add(&out, s->text);
		strbuf_addc(&out, '\n');
	}
	return strbuf_str(&out);
}

/* ---- the whole ---- */

static void prepare(struct emitter *e)
{
	struct strbuf canonical = {.arena = e->arena};

	list_files(e);
	CFGC_ASSERT(e->files.n != 0);
	name_hosts(e);
	name_shapers(e);
	name_sets_and_rules(e);
	collect_patterns(e);
	model_print(&canonical, e->model);
	e->config_id = sha256_hex(e->arena, strbuf_str(&canonical));
	name_modules(e);
	e->manifest = manifest_text(e);
}

void emit_model(struct arena *a, struct model *m, const struct emit_settings *settings,
		struct emission *out)
{
	struct emitter e = {.arena = a, .model = m, .settings = settings, .out = {.arena = a}};

	*out = (struct emission){0};
	prepare(&e);
	for (size_t i = 0; i < NTEMPLATES; i++) {
		struct emitted_file file = {.name = templates[i].name};

		if (i == TMPL_BANNER)
			continue;
		file.text = render(&e, &templates[i]);
		vec_push(a, &out->files, file);
	}
	out->manifest = e.manifest;
	out->config_id = e.config_id;
	out->secrets = secrets_text(&e);
	vec_push(a, &out->files, ((struct emitted_file){"manifest.json", e.manifest}));
}

int emission_write(struct arena *a, const struct emission *out, const char *dir,
		   const char **failed)
{
	int error = file_make_dirs(a, dir);

	*failed = dir;
	for (size_t i = 0; error == 0 && i < out->files.n; i++) {
		struct str path = arena_printf(a, "%s/%s", dir, out->files.at[i].name);

		*failed = path.p;
		error = file_write_atomic(a, path.p, out->files.at[i].text, false, NULL);
	}
	return error;
}

static int write_all(int fd, struct str bytes)
{
	for (size_t at = 0; at < bytes.n;) {
		ssize_t n = write(fd, bytes.p + at, bytes.n - at);

		if (n < 0 && errno != EINTR)
			return errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) == 0 ? 0 : errno;
}

int secrets_write(struct arena *a, const struct emission *out, const char *path)
{
	struct str beside = arena_printf(a, "%s.XXXXXX", path);
	char *temporary = arena_alloc(a, beside.n + 1);
	int fd, error;

	if (out->secrets.n == 0)
		return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
	memcpy(temporary, beside.p, beside.n);
	fd = mkstemp(temporary); /* mode 0600 */
	if (fd < 0)
		return errno;
	error = write_all(fd, out->secrets);
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0 && rename(temporary, path) != 0)
		error = errno;
	if (error != 0)
		(void)unlink(temporary);
	return error;
}
