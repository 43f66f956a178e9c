/* print.c - the model as one text: what config_id is a digest of. Comments, the order of
 * independent terms, spellings and places do not show in it, nor do rules and sets that decide
 * nothing; secrets are not in it either. */
#include <inttypes.h>
#include <stdlib.h>

#include "model/lower.h"
#include "support/strbuf.h"

static void print_text(struct strbuf *out, struct str s)
{
	strbuf_printf(out, "%zu:", s.n);
	strbuf_add(out, s);
}

/* ---- options ---- */

static void print_options(struct strbuf *out, const struct bound *b);

static void print_value(struct strbuf *out, const struct value *v)
{
	bool is_secret = (v->option->flags & OPT_SECRET) != 0 && v->term != NULL &&
			 v->term->kind != TERM_TUPLE;

	strbuf_printf(out, "  %s ", v->option->name);
	if (v->sub != NULL) {
		strbuf_addz(out, "[\n");
		print_options(out, v->sub);
		strbuf_addz(out, "  ]");
	} else if (is_secret) {
		strbuf_addz(out, "secret");
	} else if (v->term != NULL) {
		term_print(out, v->term);
	} else {
		strbuf_addc(out, '-');
	}
	strbuf_addc(out, '\n');
}

static void print_options(struct strbuf *out, const struct bound *b)
{
	for (size_t i = 0; i < b->section->noptions; i++) {
		const struct value *v = &b->values[i];

		if (v->option->same_as != NULL || (v->option->flags & (OPT_DEAD | OPT_NOOP)) != 0)
			continue;
		print_value(out, v);
		for (size_t k = 0; k < v->more.n; k++)
			print_value(out, v->more.at[k]);
	}
}

/* ---- access control ---- */

static void print_part(struct strbuf *out, const struct part_test *t)
{
	strbuf_printf(out, " %d ", (int)t->kind);
	print_text(out, t->text);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Members in an order of their own: a set is a set. */
static void print_set(struct strbuf *out, const struct set *s)
{
	size_t n = s->folded.n;
	struct str *lines = arena_array_of(out->arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++) {
		const struct set_member *m = s->folded.at[i];
		struct strbuf line = {.arena = out->arena};

		strbuf_printf(&line, "  %d %d %d", m->host, (int)m->kind, (int)m->server_is_host);
		print_part(&line, &m->node);
		print_part(&line, &m->domain);
		print_part(&line, &m->resource);
		lines[i] = strbuf_str(&line);
	}
	qsort(lines, n, sizeof(*lines), by_text);
	strbuf_addz(out, "set ");
	print_text(out, s->name);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < n; i++) {
		strbuf_add(out, lines[i]);
		strbuf_addc(out, '\n');
	}
}

static void print_decisions(struct strbuf *out, int host, const struct decisions *d)
{
	strbuf_printf(out, "  %d %d\n", host, (int)d->is_defined);
	for (size_t i = 0; i < d->list.n; i++) {
		const struct decision *x = &d->list.at[i];

		strbuf_printf(out, "    %d %" PRId64 " ", (int)x->value.kind, x->value.number);
		if (x->value.shaper != NULL)
			print_text(out, x->value.shaper->name);
		strbuf_addc(out, ' ');
		if (x->set != NULL)
			print_text(out, x->set->name);
		strbuf_addc(out, '\n');
	}
}

static void print_rule(struct strbuf *out, const struct rule *r)
{
	strbuf_addz(out, "rule ");
	print_text(out, r->name);
	strbuf_printf(out, " %d\n", (int)r->type);
	print_decisions(out, HOST_GLOBAL, &r->base);
	for (size_t i = 0; i < r->others.n; i++)
		print_decisions(out, r->others.at[i].host, &r->others.at[i].decisions);
}

/* ---- hosts and listeners ---- */

static void print_host(struct strbuf *out, const struct host *h)
{
	strbuf_addz(out, "host ");
	print_text(out, h->name);
	strbuf_printf(out, " %d %" PRIu32 " %" PRIu32 "\n", (int)h->auth.is_internal,
		      h->auth.scram_iterations, h->auth.mechanisms);
	for (size_t i = 0; i < h->modules.list.n; i++) {
		const struct module *mod = h->modules.list.at[i];

		strbuf_addz(out, " module ");
		print_text(out, mod->name);
		strbuf_addc(out, '\n');
		print_options(out, mod->options);
	}
}

static void print_listener(struct strbuf *out, const struct listener *l)
{
	if (l->is_left_out)
		return;
	strbuf_addz(out, "listener ");
	print_text(out, l->name);
	strbuf_addc(out, '\n');
	print_options(out, l->options);
}

void model_print(struct strbuf *out, const struct model *m)
{
	for (size_t i = 0; i < m->hosts.n; i++)
		print_host(out, m->hosts.at[i]);
	for (size_t i = 0; i < m->shapers.n; i++) {
		const struct shaper *s = m->shapers.at[i];

		if (!s->is_emitted)
			continue;
		strbuf_addz(out, "shaper ");
		print_text(out, s->name);
		strbuf_printf(out, " %" PRIu32 "\n", s->bytes_per_s);
	}
	for (size_t i = 0; i < m->sets.n; i++)
		if (m->sets.at[i]->is_asked)
			print_set(out, m->sets.at[i]);
	for (size_t i = 0; i < m->rules.n; i++)
		if (m->rules.at[i]->is_emitted)
			print_rule(out, m->rules.at[i]);
	for (size_t i = 0; i < m->listeners.n; i++)
		print_listener(out, m->listeners.at[i]);
	for (size_t i = 0; i < m->domain_certs.n; i++) {
		strbuf_addz(out, "certificate ");
		print_text(out, m->domain_certs.at[i]->domain);
		print_text(out, m->domain_certs.at[i]->certfile);
		strbuf_addc(out, '\n');
	}
	strbuf_printf(out, "loglevel %d\nlanguage ", m->loglevel);
	print_text(out, m->language);
	strbuf_printf(out, "\nregistration_timeout %" PRId64 "\nmax_fsm_queue %" PRIu32 "\n",
		      m->registration_timeout, m->max_fsm_queue);
}
