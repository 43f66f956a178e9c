/* lower_access.c - {access, Name, Clauses} and {shaper, Name, Rate}, and who consults a rule. */
#include "model/lower.h"

#include "support/assert.h"

struct rule *rule_named(struct model *m, struct str name)
{
	struct rule *r = names_find(&m->rule_names, name);

	if (r != NULL)
		return r;
	r = arena_new_of(m->arena, struct rule);
	r->name = name;
	names_put(m->arena, &m->rule_names, name, r);
	vec_push(m->arena, &m->rules, r);
	return r;
}

static struct clause *lower_clause(struct lower *l, const struct term *pair)
{
	struct clause *c = arena_new_of(l->a, struct clause);
	const struct term *name = pair->seq.items[1];

	c->value = pair->seq.items[0];
	c->at = pair->at;
	c->value_at = c->value->at;
	c->set_at = name->at;
	c->is_all = term_is_atom(name, "all");
	if (c->is_all || term_is_atom(name, "none"))
		return c;
	c->set = set_named(l->m, name->text);
	if (c->set->nuses++ == 0)
		c->set->first_used = name->at;
	return c;
}

static void warn_replaced(struct lower *l, struct span old, struct span new, const char *what,
			  struct str name)
{
	diag_add(l->dl, W0505, old, "this %s '%.*s' is replaced by a later one", what,
		 STR_ARG(name));
	diag_primary(l->dl, "discarded");
	diag_label(l->dl, new, "this one counts");
}

/* The place of a rule's definition for a host: the old one, or a new one. */
static struct rule_def **slot_of(struct lower *l, struct rule *r, int host)
{
	if (host == HOST_GLOBAL)
		return &r->global;
	for (size_t i = 0; i < r->per_host.n; i++)
		if (r->per_host.at[i]->host == host)
			return &r->per_host.at[i];
	vec_push(l->a, &r->per_host, NULL);
	return &r->per_host.at[r->per_host.n - 1];
}

void lower_access(struct lower *l, const struct term *t, int host)
{
	const struct term *name = t->seq.items[1], *list = t->seq.items[2];
	struct rule_def *def = arena_new_of(l->a, struct rule_def), **slot;

	if (term_is_atom(name, "all") || term_is_atom(name, "none")) {
		diag_add(l->dl, E0228, name->at, "'%.*s' cannot be defined", STR_ARG(name->text));
		diag_note(l->dl, "it is a built-in rule that %s everybody",
			  term_is_atom(name, "all") ? "allows" : "denies");
		return;
	}
	def->host = host;
	def->term = t;
	def->at = t->at;
	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++) {
		const struct term *pair = list->seq.items[i];

		if (term_is_tuple(pair, 2, NULL) && pair->seq.items[1]->kind == TERM_ATOM)
			vec_push(l->a, &def->clauses, lower_clause(l, pair));
	}
	slot = slot_of(l, rule_named(l->m, name->text), host);
	if (*slot != NULL)
		warn_replaced(l, (*slot)->at, def->at, "access rule", name->text);
	*slot = def;
}

void lower_shaper(struct lower *l, const struct term *t)
{
	const struct term *name = t->seq.items[1], *rate = t->seq.items[2];
	struct shaper *s = arena_new_of(l->a, struct shaper), *old;

	if (term_is_atom(name, "none") || term_is_atom(name, "allow") ||
	    term_is_atom(name, "deny")) {
		diag_add(l->dl, E0228, name->at, "'%.*s' cannot be the name of a shaper",
			 STR_ARG(name->text));
		diag_note(l->dl, "as the value of a rule it already has a meaning");
		return;
	}
	s->name = name->text;
	s->at = t->at;
	if (rate->kind == TERM_TUPLE)
		s->bytes_per_s = (uint32_t)rate->seq.items[1]->integer.value;
	old = names_find(&l->m->shaper_names, s->name);
	if (old != NULL) {
		warn_replaced(l, old->at, s->at, "shaper", s->name);
		*old = *s;
		return;
	}
	names_put(l->a, &l->m->shaper_names, s->name, s);
	vec_push(l->a, &l->m->shapers, s);
}

void define_broken(struct lower *l, const struct term *t)
{
	const struct term *name = t->kind == TERM_TUPLE && t->seq.n > 1 ? t->seq.items[1] : NULL;
	struct shaper *s;

	if (name == NULL || name->kind != TERM_ATOM)
		return;
	if (term_is_atom(t->seq.items[0], "access")) {
		rule_named(l->m, name->text)->is_broken = true;
	} else if (term_is_atom(t->seq.items[0], "shaper") &&
		   names_find(&l->m->shaper_names, name->text) == NULL) {
		s = arena_new_of(l->a, struct shaper);
		s->name = name->text;
		s->at = t->at;
		s->is_used = true;
		names_put(l->a, &l->m->shaper_names, s->name, s);
		vec_push(l->a, &l->m->shapers, s);
	}
}

struct rule *use_rule(struct lower *l, const struct value *v, enum rule_type type,
		      const char *option, const char *owner, bool emitted)
{
	struct rule_use use = {
		.type = type, .at = v->given ? v->term->at : NO_SPAN, .emitted = emitted};
	struct rule *r;

	CFGC_ASSERT(v->term != NULL && v->term->kind == TERM_ATOM);
	if (term_is_atom(v->term, "all") || term_is_atom(v->term, "none"))
		return NULL;
	if (!v->given && !rule_is_defined(names_find(&l->m->rule_names, v->term->text)))
		return NULL; /* a default that the file does without */
	use.what = arena_printf(l->a, "option '%s' of %s", option, owner);
	r = rule_named(l->m, v->term->text);
	vec_push(l->a, &r->uses, use);
	return r;
}

void rule_is_about(struct rule *r, unsigned about)
{
	if (r != NULL)
		r->uses.at[r->uses.n - 1].about = about;
}
