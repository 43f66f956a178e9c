/* diff_options.c - two option lists of one section, value by value: what is given counts as much as
 * what holds by default.
 */
#include "tools/diff_list.h"

#include <inttypes.h>

#include "schema/bind.h"
#include "support/array.h"
#include "support/strbuf.h"

/* ---- equality ---- */

static bool is_number(const struct term *t)
{
	return (t->kind == TERM_INT && !t->is_big) || t->kind == TERM_FLOAT;
}

static double number_of(const struct term *t)
{
	return t->kind == TERM_INT ? (double)t->integer.value : t->real;
}

static bool same_items(const struct type *type, const struct term *old, const struct term *new);

/* A text may be a string or a binary, and 32 is 32.0. */
static bool same_term(const struct type *type, const struct term *old, const struct term *new)
{
	switch (type->kind) {
	case TYPE_STRING:
	case TYPE_BINARY:
	case TYPE_PATH:
	case TYPE_SECRET:
	case TYPE_HOST:
	case TYPE_SUBDOMAIN:
	case TYPE_REGEXP:
		if (is_text(old) && is_text(new))
			return str_eq(text_of(old), text_of(new));
		break;
	case TYPE_NUMBER:
		if (is_number(old) && is_number(new))
			return number_of(old) == number_of(new);
		break;
	case TYPE_LIST:
		if (is_list(old) && is_list(new))
			return same_items(type, old, new);
		break;
	case TYPE_TUPLE:
		if (old->kind == TERM_TUPLE && new->kind == TERM_TUPLE)
			return same_items(type, old, new);
		break;
	case TYPE_ONEOF:
		for (size_t i = 0; type->alts[i] != NULL; i++)
			if (type->alts[i]->kind != TYPE_OPTIONS &&
			    same_term(type->alts[i], old, new))
				return true;
		return false;
	default:
		break;
	}
	return term_equal(old, new);
}

static uint32_t length(const struct term *t)
{
	return t->kind == TERM_TUPLE ? t->seq.n : list_len(t);
}

static bool same_items(const struct type *type, const struct term *old, const struct term *new)
{
	uint32_t n = length(old);

	if (n != length(new))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct type *of = type->of;

		if (type->kind == TYPE_TUPLE) {
			of = type->alts[0];
			for (uint32_t k = 0; k < i && of != NULL; k++)
				of = type->alts[k + 1];
		}
		if (of == NULL ? !term_equal(old->seq.items[i], new->seq.items[i])
			       : !same_term(of, old->seq.items[i], new->seq.items[i]))
			return false;
	}
	return true;
}

/* The term is what holds, unless it is a flag that is not there. */
static const struct term *term_of(const struct value *v)
{
	return v == NULL || (v->option->form == FORM_FLAG && !v->given) ? NULL : v->term;
}

static bool same_value(const struct value *old, const struct value *new)
{
	const struct term *a = term_of(old), *b = term_of(new);

	if (a == NULL || b == NULL)
		return a == b;
	if (old->key != NULL && new->key != NULL && !term_equal(old->key, new->key))
		return false;
	return same_term(old->option->type, a, b);
}

static bool same_more(const struct value *old, const struct value *new)
{
	if (old == NULL || new == NULL)
		return true;
	if (old->more.n != new->more.n)
		return false;
	for (size_t i = 0; i < old->more.n; i++)
		if (!same_value(old->more.at[i], new->more.at[i]))
			return false;
	return true;
}

/* ---- what a change lets happen ---- */

enum direction { MORE_OPENS, LESS_OPENS, TRUE_OPENS, FALSE_OPENS, WORDS_OPEN };

/* Options with which more or less is let in. An absent number is no limit. */
static const struct {
	const char *name;
	enum direction direction;
	const char *const *words; /* from closed to open */
	const char *opens, *closes;
} directions[] = {
	{"max_stanza_size", MORE_OPENS, NULL, "larger stanzas are let in", "smaller stanzas only"},
	{"max_fsm_queue", MORE_OPENS, NULL, "longer queues are let grow", "shorter queues only"},
	{"max_connections", MORE_OPENS, NULL, "more connections are let in",
	 "fewer connections only"},
	{"service_check_from", FALSE_OPENS, NULL, "a component may send in any domain's name",
	 "a component sends in its own name only"},
	{"verify_peer", FALSE_OPENS, NULL, "clients need no certificate any more",
	 "clients need a certificate"},
	{"password_strength", LESS_OPENS, NULL, "weaker passwords are let in",
	 "stronger passwords only"},
	{"registration_timeout", LESS_OPENS, NULL, "accounts can be made more often",
	 "accounts can be made less often"},
	{"s2s_default_policy", WORDS_OPEN, (const char *const[]){"deny", "allow", NULL},
	 "every other server is let in", "only named servers are let in"},
	{"s2s_use_starttls", WORDS_OPEN,
	 (const char *const[]){"required_trusted", "required", "true", "optional", "false", NULL},
	 "less TLS between servers", "more TLS between servers"},
	{"s2s_host", WORDS_OPEN, (const char *const[]){"deny", "allow", NULL},
	 "this server is let in", "this server is not let in"},
};

static int word_rank(const char *const *words, const struct term *t)
{
	for (int i = 0; words[i] != NULL; i++)
		if (term_is_atom(t, words[i]))
			/* true is another word for optional. */
			return strcmp(words[i], "true") == 0 ? i + 1 : i;
	return -1;
}

/* How much a value lets in. @return false when it cannot be said. */
static bool rank(enum direction direction, const char *const *words, const struct term *t,
		 double *out)
{
	switch (direction) {
	case MORE_OPENS:
	case LESS_OPENS:
		if (t == NULL || term_is_atom(t, "infinity"))
			*out = direction == MORE_OPENS ? 1e300 : 0;
		else if (is_number(t))
			*out = number_of(t);
		else
			return false;
		if (direction == LESS_OPENS)
			*out = -*out;
		return true;
	case TRUE_OPENS:
	case FALSE_OPENS:
		*out = (t != NULL && !term_is_atom(t, "false")) == (direction == TRUE_OPENS);
		return true;
	case WORDS_OPEN:
		*out = t != NULL ? word_rank(words, t) : -1;
		return *out >= 0;
	}
	return false;
}

static void judge(struct diff_change *c, const char *name, const struct term *old,
		  const struct term *new)
{
	for (size_t i = 0; i < ARRAY_LEN(directions); i++) {
		double before, after;

		if (strcmp(directions[i].name, name) != 0 ||
		    !rank(directions[i].direction, directions[i].words, old, &before) ||
		    !rank(directions[i].direction, directions[i].words, new, &after) ||
		    before == after)
			continue;
		c->effect = after > before ? DIFF_OPENS : DIFF_CLOSES;
		c->why = str_of(after > before ? directions[i].opens : directions[i].closes);
	}
}

/* ---- values ---- */

static struct str text_of_value(struct differ *d, const struct value *v)
{
	struct strbuf out = {.arena = d->a};

	if (term_of(v) == NULL)
		return v != NULL && v->option->form == FORM_FLAG ? STR("not set") : STR("none");
	if (v->option->form == FORM_FLAG)
		return STR("set");
	masked_print_value(&out, &d->secrets, v);
	for (size_t i = 0; i < v->more.n; i++) {
		strbuf_addz(&out, ", ");
		masked_print_value(&out, &d->secrets, v->more.at[i]);
	}
	return strbuf_str(&out);
}

static const char *name_of(struct differ *d, const struct diff_about *about, const struct option *o)
{
	return arena_printf(d->a, "%s%s", about->prefix, o->name).p;
}

static void report_value(struct differ *d, const struct diff_about *about, const struct value *old,
			 const struct value *new)
{
	const struct option *o = old != NULL ? old->option : new->option;
	struct diff_side before = {text_of_value(d, old),
				   old != NULL && old->given ? old->at : NO_SPAN};
	struct diff_side after = {text_of_value(d, new),
				  new != NULL &&new->given ? new->at : NO_SPAN};
	struct diff_change *c;

	if (str_eq(before.text, after.text)) { /* what is different is masked */
		before.text = STR("a secret");
		after.text = STR("another secret");
	}
	c = diff_changed(d, about->part, about->subject, name_of(d, about, o), before, after);
	c->group = about->group;
	judge(c, o->name, term_of(old), term_of(new));
}

/* Shapers by their rates: the name does not matter. */
static struct str shaper_text(struct differ *d, const struct model *m, const struct value *v,
			      double *rate)
{
	const struct shaper *s = v != NULL && v->term != NULL && v->term->kind == TERM_ATOM
					 ? names_find(&m->shaper_names, v->term->text)
					 : NULL;

	*rate = s != NULL && s->bytes_per_s != 0 ? s->bytes_per_s : 1e300;
	if (s == NULL || s->bytes_per_s == 0)
		return STR("no shaper");
	return arena_printf(d->a, "%" PRIu32 " bytes/s", s->bytes_per_s);
}

static void compare_shapers(struct differ *d, const struct diff_about *about,
			    const struct value *old, const struct value *new)
{
	const struct option *o = old != NULL ? old->option : new->option;
	double before, after;
	struct str was = shaper_text(d, d->old, old, &before);
	struct str is = shaper_text(d, d->new, new, &after);
	struct diff_change *c;

	if (before == after)
		return;
	c = diff_changed(d, about->part, about->subject, name_of(d, about, o),
			 (struct diff_side){was, old != NULL && old->given ? old->at : NO_SPAN},
			 (struct diff_side){is, new != NULL &&new->given ? new->at : NO_SPAN});
	c->group = about->group;
	c->effect = after > before ? DIFF_OPENS : DIFF_CLOSES;
	c->why = after > before ? STR("faster") : STR("slower");
}

static void compare_rules(struct differ *d, const struct diff_about *about, const struct value *old,
			  const struct value *new)
{
	const struct option *o = old != NULL ? old->option : new->option;
	enum rule_type type =
		strcmp(o->name, "shaper") == 0 ? RULE_SHAPER : module_rule_type(o->name);
	struct ask ask = {
		.subject = about->subject,
		.what = name_of(d, about, o),
		.type = type,
		.local = (module_rule_about(about->subject, o->name) & ABOUT_USERS) != 0,
		.hosts = about->asked_for,
		.old = diff_asked_by(d->old, old, type),
		.new = diff_asked_by(d->new, new, type),
	};

	diff_ask(d, &ask);
}

void diff_value(struct differ *d, const struct diff_about *about, const struct value *old,
		const struct value *new)
{
	const struct option *o = old != NULL ? old->option : new->option;

	if (o->type->kind == TYPE_RULE) {
		compare_rules(d, about, old, new);
	} else if (o->type->kind == TYPE_SHAPER) {
		compare_shapers(d, about, old, new);
	} else if (old != NULL && new != NULL && old->sub != NULL &&new->sub != NULL) {
		struct diff_about inner = *about;

		inner.prefix = arena_printf(d->a, "%s%s.", about->prefix, o->name).p;
		diff_options(d, &inner, old->sub, new->sub);
	} else if (!same_value(old, new) || !same_more(old, new)) {
		report_value(d, about, old, new);
	}
}

/* Compared elsewhere, by what they mean together. */
static bool is_elsewhere(const struct bound *b, const struct option *o)
{
	static const char *const names[] = {"ip",
					    "inet6",
					    "inet",
					    "tls",
					    "starttls",
					    "starttls_required",
					    "max_fsm_queue",
					    "protocol_options",
					    "ciphers",
					    NULL};
	const struct section *s = schema_listener(str_of(b->section->name));

	if (s != b->section)
		return strcmp(b->section->name, "mod_register") == 0 &&
		       strcmp(o->name, "ip_access") == 0;
	if (name_in((const char *const[]){"access", "shaper", NULL}, str_of(o->name)))
		return true;
	if (strcmp(s->name, "ejabberd_cowboy") == 0)
		return name_in((const char *const[]){"ip", "inet6", "inet", "modules", NULL},
			       str_of(o->name));
	return name_in(names, str_of(o->name));
}

void diff_options(struct differ *d, const struct diff_about *about, const struct bound *old,
		  const struct bound *new)
{
	if (old->section->type != NULL) {
		const struct term *a = old->term, *b = new->term;
		struct strbuf was = {.arena = d->a}, is = {.arena = d->a};

		if (a == NULL || b == NULL || same_term(old->section->type, a, b))
			return;
		masked_print(&was, &d->secrets, a);
		masked_print(&is, &d->secrets, b);
		diff_changed(d, about->part, about->subject,
			     about->prefix[0] != '\0' ? about->prefix : "options",
			     (struct diff_side){strbuf_str(&was), old->at},
			     (struct diff_side){strbuf_str(&is), new->at})
			->group = about->group;
		return;
	}
	for (size_t i = 0; i < old->section->noptions; i++) {
		const struct option *o = &old->section->options[i];

		if (o->same_as != NULL || (o->flags & (OPT_DEAD | OPT_REFUSED | OPT_NOOP)) != 0 ||
		    is_elsewhere(old, o))
			continue;
		diff_value(d, about, &old->values[i], &new->values[i]);
	}
}

/* ---- options that the model does not keep ---- */

const struct bound *diff_bind(struct differ *d, const struct model *m, const struct section *s,
			      const struct term *list)
{
	struct diags quiet = {.arena = d->a, .sources = m->sources};
	struct bind bind = {
		.arena = d->a,
		.sources = m->sources,
		.diags = &quiet,
		.target = m->target,
		.compat = m->compat,
		.now = m->now,
		.allow_unsupported = true,
	};

	return schema_bind(&bind, s, list, list != NULL ? list->at : NO_SPAN);
}

void diff_add_key(struct strbuf *out, const struct bound *b)
{
	if (b->section->type != NULL && b->term != NULL)
		term_print(out, b->term);
	for (size_t i = 0; b->section->type == NULL && i < b->section->noptions; i++) {
		const struct value *v = &b->values[i];

		if (!v->given)
			continue;
		strbuf_printf(out, "%zu=", i);
		term_print(out, v->term);
		for (size_t k = 0; k < v->more.n; k++) {
			strbuf_addc(out, '+');
			term_print(out, v->more.at[k]->term);
		}
		strbuf_addc(out, ';');
	}
}
