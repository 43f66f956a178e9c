/* lower_hosts.c - the served domains, which everything per host depends on; found before all else.
 */
#include "diag/suggest.h"
#include "model/lower.h"
#include "model/prep.h"
#include "schema/trap.h"

static struct host *new_host(struct lower *l, struct str name, struct span at)
{
	struct host *h = arena_new_of(l->a, struct host);

	h->name = name;
	h->index = (int)l->m->hosts.n;
	h->at = at;
	h->settings = arena_array_of(l->a, const struct value *, schema_top.noptions);
	h->set_in_host_config = arena_array_of(l->a, bool, schema_top.noptions);
	return h;
}

static void add_host(struct lower *l, const struct term *t)
{
	struct str name;
	const char *why = prep(l->a, PREP_NODE, t->text, &name);
	struct host *first, *h;

	if (why != NULL) {
		diag_add(l->dl, E0225, t->at, "'%.*s' is not the name of a domain: %s",
			 STR_ARG(t->text), why);
		return;
	}
	first = names_find(&l->m->host_names, name);
	if (first != NULL) {
		trap_report(l->b, E0224, t->at, "host '%.*s' is listed twice", STR_ARG(name));
		diag_label(l->dl, first->at, "first here");
		return;
	}
	h = new_host(l, name, t->at);
	names_put(l->a, &l->m->host_names, name, h);
	vec_push(l->a, &l->m->hosts, h);
}

/* @return whether the form could be read as one that lists hosts. */
static bool lower_hosts_form(struct lower *l, const struct term *t)
{
	const struct value *v = schema_bind_one(l->b, &schema_top, t);

	if (v == NULL)
		return false;
	if (v->term->kind != TERM_LIST) {
		add_host(l, v->term);
		return true;
	}
	for (uint32_t i = 0; i < v->term->seq.n; i++)
		add_host(l, v->term->seq.items[i]);
	return true;
}

void lower_hosts(struct lower *l, const struct forms *forms)
{
	const struct term *first = NULL;

	for (size_t i = 0; i < forms->list.n; i++) {
		const struct term *t = forms->list.at[i].term;
		bool is_hosts = t->kind == TERM_TUPLE && t->seq.n != 0 &&
				(term_is_atom(t->seq.items[0], "hosts") ||
				 term_is_atom(t->seq.items[0], "host"));

		if (!is_hosts)
			continue;
		if (first != NULL) {
			diag_add(l->dl, E0224, t->at, "the hosts are listed a second time");
			diag_label(l->dl, first->at, "first here");
			diag_help(l->dl, "put all hosts into one {hosts, [...]}");
			continue;
		}
		first = t;
		lower_hosts_form(l, t);
	}
	if (first == NULL && !l->m->is_partial) {
		diag_add(l->dl, E0221, NO_SPAN, "the file names no hosts");
		diag_help(l->dl,
			  "add {hosts, [\"example.org\"]}. with the domains that are served");
	}
}

struct host *lower_host_named(struct lower *l, const struct term *name)
{
	struct names legal = {.arena = l->a};
	struct str prepared;
	struct host *h = NULL;

	if (l->m->hosts.n == 0) /* reported */
		return NULL;
	if (prep(l->a, PREP_NODE, name->text, &prepared) == NULL)
		h = names_find(&l->m->host_names, prepared);
	if (h == NULL) {
		diag_add(l->dl, E0301, name->at, "'%.*s' is none of the hosts",
			 STR_ARG(name->text));
		for (size_t i = 0; i < l->m->hosts.n && i < 100; i++)
			vec_push(l->a, &legal.list, l->m->hosts.at[i]->name);
		diag_primary(l->dl, "no such host");
		if (suggest_one(name->text, &legal).n != 0)
			diag_help(l->dl, "did you mean \"%.*s\"?",
				  STR_ARG(suggest_one(name->text, &legal)));
		return NULL;
	}
	if (!str_eq(prepared, name->text)) {
		trap_report(l->b, W0521, name->at,
			    "MongooseIM 3.2.0 finds no host of this spelling");
		diag_note(l->dl, "it compares with '%.*s', byte by byte", STR_ARG(prepared));
		if (does_as_mongooseim(l->b))
			return NULL;
	}
	return h;
}
