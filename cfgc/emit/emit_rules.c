/* emit_rules.c - access.h, second half: every access rule that something of this server consults,
 * as one function. */
#include <inttypes.h>

#include "emit/emitter.h"
#include "support/assert.h"

static const char *return_type(const struct rule *r)
{
	switch (r->type) {
	case RULE_SHAPER:
		return "const struct rt_shaper_spec *";
	case RULE_LIMIT:
		return "int64_t";
	default:
		return "enum rt_verdict";
	}
}

/* What a rule yields for whom no clause decides. */
static const char *nothing(const struct rule *r)
{
	switch (r->type) {
	case RULE_SHAPER:
		return "NULL";
	case RULE_LIMIT:
		return "RT_LIMIT_NONE";
	default:
		return "RT_DENY";
	}
}

static struct str value_text(struct emitter *e, const struct rule_value *v)
{
	switch (v->kind) {
	case VALUE_DENY:
		return STR("RT_DENY");
	case VALUE_ALLOW:
		return STR("RT_ALLOW");
	case VALUE_NO_SHAPER:
		return STR("NULL");
	case VALUE_SHAPER:
		return arena_printf(e->arena, "&gen_shapers[%.*s]", STR_ARG(v->shaper->ident));
	case VALUE_NUMBER:
		return arena_printf(e->arena, "%" PRId64, v->number);
	case VALUE_INFINITY:
		return STR("RT_LIMIT_INFINITY");
	case VALUE_OTHER:
		break;
	}
	CFGC_ASSERT(!"a value of the rule's type");
	return STR("");
}

static const char *value_word(const struct rule_value *v)
{
	switch (v->kind) {
	case VALUE_DENY:
		return "deny";
	case VALUE_ALLOW:
		return "allow";
	case VALUE_NO_SHAPER:
		return "none";
	case VALUE_INFINITY:
		return "infinity";
	default:
		return "";
	}
}

/* "297: deny, blocked" */
static struct str note_of(struct emitter *e, const struct decision *d)
{
	struct str place = place_short(e, d->at), who = d->set != NULL ? d->set->name : STR("all");

	if (d->value.kind == VALUE_SHAPER)
		return arena_printf(e->arena, "%.*s: %.*s, %.*s", STR_ARG(place),
				    STR_ARG(d->value.shaper->name), STR_ARG(who));
	if (d->value.kind == VALUE_NUMBER)
		return arena_printf(e->arena, "%.*s: %" PRId64 ", %.*s", STR_ARG(place),
				    d->value.number, STR_ARG(who));
	return arena_printf(e->arena, "%.*s: %s, %.*s", STR_ARG(place), value_word(&d->value),
			    STR_ARG(who));
}

static void emit_signature(struct emitter *e, const struct rule *r, struct str name)
{
	emit_line(e, "static %s", return_type(r));
	emit_line(e, "%.*s(const struct rt_access_ctx *who)", STR_ARG(name));
}

static void emit_decisions(struct emitter *e, const struct rule *r, const struct decisions *d,
			   bool who_is_used)
{
	bool asks = d->list.n != 0 && d->list.at[0].set != NULL;

	if (!asks && !who_is_used)
		emit_line(e, "(void)who;");
	for (size_t i = 0; i < d->list.n; i++) {
		const struct decision *x = &d->list.at[i];
		struct str value = value_text(e, &x->value), note = note_of(e, x);

		if (x->set != NULL) {
			emit_open(e, "if (%.*s(who))", STR_ARG(x->set->ident));
			emit_noted(e, note, "return %.*s;", STR_ARG(value));
			e->depth--;
		} else {
			emit_noted(e, note, "return %.*s;", STR_ARG(value));
			return;
		}
	}
	emit_noted(e, d->is_defined ? STR("no clause matches") : STR("not defined for the others"),
		   "return %s;", nothing(r));
}

/* ---- hosts with clauses of their own ---- */

struct host_function {
	int host;
	struct str name;
};

struct host_functions {
	VEC(struct host_function) list;
};

static const struct rule_def *def_of(const struct rule *r, int host)
{
	for (size_t i = 0; i < r->per_host.n; i++)
		if (r->per_host.at[i]->host == host)
			return r->per_host.at[i];
	return NULL;
}

static struct host_functions emit_host_functions(struct emitter *e, const struct rule *r)
{
	struct host_functions out = {0};

	for (size_t i = 0; i < r->others.n; i++) {
		const struct host_decisions *d = &r->others.at[i];
		const struct host *h = e->model->hosts.at[d->host];
		struct host_function f = {.host = d->host};

		f.name = ident_unique(e, arena_printf(e->arena, "%.*s_at_%.*s", STR_ARG(r->ident),
						      STR_ARG(h->ident)));
		emit_comment(e, "For host %.*s:", STR_ARG(h->name));
		emit_comment_term(e, def_of(r, d->host)->term);
		emit_signature(e, r, f.name);
		emit_open(e, "{");
		emit_decisions(e, r, &d->decisions, false);
		emit_close(e, "}");
		emit_blank(e);
		vec_push(e->arena, &out.list, f);
	}
	return out;
}

static void emit_host_switch(struct emitter *e, const struct host_functions *functions)
{
	emit_line(e, "switch (who->host) {");
	for (size_t i = 0; i < functions->list.n; i++) {
		const struct host_function *f = &functions->list.at[i];

		emit_line(e,
			  "case %.*s:", STR_ARG(host_enumerator(e, e->model->hosts.at[f->host])));
		e->depth++;
		emit_line(e, "return %.*s(who);", STR_ARG(f->name));
		e->depth--;
	}
	emit_line(e, "default:");
	e->depth++;
	emit_line(e, "break;");
	e->depth--;
	emit_line(e, "}");
}

static void emit_rule(struct emitter *e, const struct rule *r)
{
	struct host_functions functions = emit_host_functions(e, r);

	if (r->global != NULL)
		emit_comment_term(e, r->global->term);
	else
		emit_comment(e, "%.*s is defined for some hosts only.", STR_ARG(r->name));
	emit_signature(e, r, r->ident);
	emit_open(e, "{");
	if (functions.list.n != 0)
		emit_host_switch(e, &functions);
	emit_decisions(e, r, &r->base, functions.list.n != 0);
	emit_close(e, "}");
	emit_blank(e);
}

static bool names_none(const struct bound *options)
{
	for (size_t i = 0; i < options->section->noptions; i++)
		if (options->values[i].option->type->kind == TYPE_RULE &&
		    options->values[i].term != NULL &&
		    term_is_atom(options->values[i].term, "none"))
			return true;
	return false;
}

/* The built-in rule `none`; `all` is NULL wherever a rule is named. */
static bool none_is_used(const struct model *m)
{
	for (size_t i = 0; i < m->listeners.n; i++)
		if (!m->listeners.at[i]->is_left_out && m->listeners.at[i]->access_none)
			return true;
	for (size_t i = 0; i < m->hosts.n; i++) {
		const struct modules *modules = &m->hosts.at[i]->modules;

		for (size_t k = 0; k < modules->list.n; k++)
			if (names_none(modules->list.at[k]->options))
				return true;
	}
	return false;
}

void emit_rules(struct emitter *e)
{
	if (none_is_used(e->model)) {
		emit_comment(e, "The built-in rule none.");
		emit_line(e, "static enum rt_verdict");
		emit_line(e, "gen_access_none(const struct rt_access_ctx *who)");
		emit_open(e, "{");
		emit_line(e, "(void)who;");
		emit_line(e, "return RT_DENY;");
		emit_close(e, "}");
		emit_blank(e);
	}
	for (size_t i = 0; i < e->model->rules.n; i++)
		if (e->model->rules.at[i]->is_emitted)
			emit_rule(e, e->model->rules.at[i]);
}
