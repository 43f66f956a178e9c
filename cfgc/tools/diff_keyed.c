/* diff_keyed.c - options with a key, such as {{s2s_host, "other.example"}, allow}, which the model
 * does not keep.
 */
#include "tools/diff_list.h"

#include "schema/bind.h"
#include "support/strbuf.h"

/* Those of one side: struct value by name, host and key. */
struct keyed {
	VEC(struct str) names; /* in the order of the file */
	struct names_table values;
};

static void collect_one(struct differ *d, struct keyed *out, const struct term *t, struct str host)
{
	const struct term *key = term_is_tuple(t, 2, NULL) ? t->seq.items[0] : NULL;
	const struct option *o;
	struct value *v;
	struct str name;

	if (key == NULL || !term_is_tuple(key, 2, NULL) || key->seq.items[0]->kind != TERM_ATOM ||
	    !is_text(key->seq.items[1]))
		return;
	o = schema_option(&schema_top, key->seq.items[0]->text);
	if (o == NULL || o->form != FORM_KEYED)
		return;
	name = arena_printf(d->a, "%s %.*s%s%.*s", o->name, STR_ARG(text_of(key->seq.items[1])),
			    host.n != 0 ? " on " : "", STR_ARG(host));
	v = arena_new_of(d->a, struct value);
	v->option = o;
	v->term = t->seq.items[1];
	v->given = true;
	v->at = t->at;
	if (names_find(&out->values, name) == NULL)
		vec_push(d->a, &out->names, name);
	names_put(d->a, &out->values, name, v); /* the last one counts */
}

static void collect(struct differ *d, const struct forms *forms, struct keyed *out)
{
	*out = (struct keyed){0};
	for (size_t i = 0; i < forms->list.n; i++) {
		const struct term *t = forms->list.at[i].term;

		collect_one(d, out, t, STR(""));
		if (!term_is_tuple(t, 3, "host_config"))
			continue;
		for (uint32_t k = 0; k < list_len(t->seq.items[2]); k++)
			collect_one(d, out, t->seq.items[2]->seq.items[k],
				    text_of(t->seq.items[1]));
	}
}

/* For a server that is not named, the policy holds. */
static const struct value *policy_of(struct differ *d, const struct model *m)
{
	const struct value *given = setting(m, "s2s_default_policy");

	return given != NULL
		       ? given
		       : bound_value(diff_bind(d, m, &schema_top, NULL), "s2s_default_policy");
}

static const struct value *value_of(struct differ *d, const struct model *m,
				    const struct keyed *side, struct str name,
				    const struct option *o)
{
	const struct value *v = names_find(&side->values, name);
	struct value *instead;

	if (v != NULL || strcmp(o->name, "s2s_host") != 0)
		return v;
	instead = arena_new_of(d->a, struct value);
	*instead = *policy_of(d, m);
	instead->option = o;
	return instead;
}

static void compare(struct differ *d, const struct keyed *old, const struct keyed *new,
		    struct str name, const struct option *o)
{
	struct diff_about about = {.part = DIFF_SERVER, .subject = name, .prefix = ""};

	diff_value(d, &about, value_of(d, d->old, old, name, o), value_of(d, d->new, new, name, o));
}

void diff_keyed(struct differ *d, const struct forms *old, const struct forms *new)
{
	struct keyed was, is;

	collect(d, old, &was);
	collect(d, new, &is);
	for (size_t i = 0; i < was.names.n; i++) {
		const struct value *v = names_find(&was.values, was.names.at[i]);

		compare(d, &was, &is, was.names.at[i], v->option);
	}
	for (size_t i = 0; i < is.names.n; i++) {
		const struct value *v = names_find(&is.values, is.names.at[i]);

		if (names_find(&was.values, is.names.at[i]) == NULL)
			compare(d, &was, &is, is.names.at[i], v->option);
	}
}
