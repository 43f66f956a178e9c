/* emit_manifest.c - manifest.json: what went in, what came out, and what the server allows, for
 * people and for tools. */
#include "emit/emitter.h"
#include "schema/trap.h"
#include "emit/tmpl.h"
#include "rt/gen.h"

/* A writer of indented JSON. Keys are ours, values anybody's. */
struct json {
	struct emitter *e;
	struct strbuf out;
	unsigned depth;
	bool is_first; /* of the object or array that is open */
	bool is_flat;  /* objects in a list stand on one line each */
};

static void separate(struct json *j)
{
	if (!j->is_first)
		strbuf_addc(&j->out, ',');
	if (j->is_flat) {
		if (!j->is_first)
			strbuf_addc(&j->out, ' ');
	} else {
		strbuf_addc(&j->out, '\n');
		strbuf_fill(&j->out, ' ', 2 * (size_t)j->depth);
	}
	j->is_first = false;
}

static void key(struct json *j, const char *name)
{
	separate(j);
	strbuf_printf(&j->out, "\"%s\": ", name);
}

static void put(struct json *j, const char *name, struct str value)
{
	key(j, name);
	strbuf_add_json(&j->out, value);
}

static void put_number(struct json *j, const char *name, unsigned value)
{
	key(j, name);
	strbuf_printf(&j->out, "%u", value);
}

static void put_place(struct json *j, struct span at)
{
	put(j, "at", place_full(j->e, at));
}

static void open_list(struct json *j, const char *name)
{
	key(j, name);
	strbuf_addc(&j->out, '[');
	j->depth++;
	j->is_first = true;
}

static void close_list(struct json *j)
{
	j->depth--;
	if (!j->is_first) {
		strbuf_addc(&j->out, '\n');
		strbuf_fill(&j->out, ' ', 2 * (size_t)j->depth);
	}
	strbuf_addc(&j->out, ']');
	j->is_first = false;
}

static void open_row(struct json *j)
{
	separate(j);
	strbuf_addc(&j->out, '{');
	j->is_first = true;
	j->is_flat = true;
}

static void close_row(struct json *j)
{
	strbuf_addc(&j->out, '}');
	j->is_first = false;
	j->is_flat = false;
}

static void put_inputs(struct json *j)
{
	open_list(j, "inputs");
	for (size_t i = 0; i < j->e->files.n; i++) {
		const struct source *s = j->e->model->sources->files.at[j->e->files.at[i]];

		open_row(j);
		put(j, "path", source_name(j->e, s));
		put(j, "sha256", sha256_hex(j->e->arena, s->text));
		close_row(j);
	}
	close_list(j);
}

static void put_outputs(struct json *j)
{
	open_list(j, "outputs");
	for (size_t i = 0; i < NTEMPLATES; i++) {
		if (i == TMPL_BANNER)
			continue;
		separate(j);
		strbuf_add_json(&j->out, str_of(templates[i].name));
	}
	close_list(j);
}

static void put_hosts(struct json *j)
{
	open_list(j, "hosts");
	for (size_t i = 0; i < j->e->model->hosts.n; i++) {
		const struct host *h = j->e->model->hosts.at[i];

		open_row(j);
		put(j, "name", h->name);
		put(j, "auth_method", h->auth.is_internal ? STR("internal") : STR(""));
		key(j, "modules");
		strbuf_addc(&j->out, '[');
		for (size_t k = 0; k < h->modules.list.n; k++) {
			strbuf_addz(&j->out, k != 0 ? ", " : "");
			strbuf_add_json(&j->out, h->modules.list.at[k]->name);
		}
		strbuf_addc(&j->out, ']');
		put_place(j, h->at);
		close_row(j);
	}
	close_list(j);
}

static struct str tls_of(const struct listener *l)
{
	static const char *const flags[] = {"tls", "starttls_required", "starttls"};

	for (size_t i = 0; l->kind == LISTENER_C2S && i < 3; i++)
		if (bound_flag(l->options, flags[i]))
			return str_of(flags[i]);
	return STR("");
}

static void put_listeners(struct json *j)
{
	open_list(j, "listeners");
	for (size_t i = 0; i < j->e->model->listeners.n; i++) {
		const struct listener *l = j->e->model->listeners.at[i];

		if (l->is_left_out)
			continue;
		open_row(j);
		put(j, "module", str_of(l->options->section->name));
		put(j, "address", address_text(j->e->arena, &l->address));
		put_number(j, "port", l->port);
		put(j, "tls", tls_of(l));
		put(j, "access",
		    l->access != NULL ? l->access->name
		    : l->access_none  ? STR("none")
				      : STR("all"));
		put(j, "shaper",
		    l->shaper_rule != NULL ? l->shaper_rule->name
		    : l->shaper != NULL    ? l->shaper->name
					   : STR("none"));
		put_place(j, l->at);
		close_row(j);
	}
	close_list(j);
}

static void put_access(struct json *j)
{
	const struct model *m = j->e->model;

	open_list(j, "acl");
	for (size_t i = 0; i < m->sets.n; i++) {
		const struct set *s = m->sets.at[i];

		if (!s->is_asked)
			continue;
		open_row(j);
		put(j, "name", s->name);
		put(j, "symbol", s->ident);
		put_number(j, "members", (unsigned)s->folded.n);
		put_place(j, s->members.at[0]->at);
		close_row(j);
	}
	close_list(j);
	open_list(j, "access");
	for (size_t i = 0; i < m->rules.n; i++) {
		const struct rule *r = m->rules.at[i];

		if (!r->is_emitted)
			continue;
		open_row(j);
		put(j, "name", r->name);
		put(j, "symbol", r->ident);
		put_place(j, r->global != NULL ? r->global->at : r->per_host.at[0]->at);
		close_row(j);
	}
	close_list(j);
	open_list(j, "shapers");
	for (size_t i = 0; i < m->shapers.n; i++) {
		const struct shaper *s = m->shapers.at[i];

		if (!s->is_emitted)
			continue;
		open_row(j);
		put(j, "name", s->name);
		put_number(j, "bytes_per_s", s->bytes_per_s);
		put_place(j, s->at);
		close_row(j);
	}
	close_list(j);
}

static void put_secrets(struct json *j)
{
	open_list(j, "secrets");
	for (size_t i = 0; i < j->e->model->secrets.n; i++) {
		open_row(j);
		put(j, "ref", j->e->model->secrets.at[i]->ref);
		put_place(j, j->e->model->secrets.at[i]->at);
		close_row(j);
	}
	close_list(j);
}

static void put_left_out(struct json *j)
{
	open_list(j, "left_out");
	for (size_t i = 0; i < j->e->model->left_out.n; i++) {
		open_row(j);
		put(j, "what", j->e->model->left_out.at[i].what);
		put_place(j, j->e->model->left_out.at[i].at);
		close_row(j);
	}
	close_list(j);
}

struct str manifest_text(struct emitter *e)
{
	struct json j = {.e = e, .out = {.arena = e->arena}, .depth = 1, .is_first = true};

	strbuf_addc(&j.out, '{');
	put_number(&j, "format", 1);
	put(&j, "cfgc", str_of(e->settings->version));
	put(&j, "abi", arena_printf(e->arena, "%d.%d", RT_GEN_ABI_MAJOR, RT_GEN_ABI_MINOR));
	put(&j, "compat", str_of(compat_word(e->model->compat)));
	put(&j, "config_id", arena_printf(e->arena, "sha256:%.*s", STR_ARG(e->config_id)));
	put_inputs(&j);
	put_outputs(&j);
	put_hosts(&j);
	put_listeners(&j);
	put_access(&j);
	put_secrets(&j);
	put_left_out(&j);
	strbuf_addz(&j.out, "\n}\n");
	return strbuf_str(&j.out);
}
