/* emit_shapers.c - shapers.h: rates, by name. */
#include "emit/emitter.h"

static size_t count(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->shapers.n; i++)
		n += m->shapers.at[i]->is_emitted;
	return n;
}

void emit_shaper_index(struct emitter *e)
{
	if (count(e->model) == 0) {
		emit_comment(e, "none");
		return;
	}
	emit_open(e, "enum gen_shaper {");
	for (size_t i = 0; i < e->model->shapers.n; i++)
		if (e->model->shapers.at[i]->is_emitted)
			emit_line(e, "%.*s,", STR_ARG(e->model->shapers.at[i]->ident));
	emit_line(e, "GEN_NSHAPERS");
	emit_close(e, "};");
}

void emit_shaper_table(struct emitter *e)
{
	if (count(e->model) == 0)
		return;
	emit_open(e, "static const struct rt_shaper_spec gen_shapers[GEN_NSHAPERS] = {");
	for (size_t i = 0; i < e->model->shapers.n; i++) {
		const struct shaper *s = e->model->shapers.at[i];

		if (!s->is_emitted)
			continue;
		emit_row_open(e, s->ident, place_full(e, s->at));
		emit_field_plain(e, "name", "%.*s", STR_ARG(c_string(e->arena, s->name)));
		emit_field_plain(e, "bytes_per_s", "%u", s->bytes_per_s);
		emit_field_at(e, s->at);
		emit_row_close(e);
	}
	emit_close(e, "};");
}
