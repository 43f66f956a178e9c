/* dump.c - the model and its defaults, back as terms. */
#include "tools/dump.h"

#include "model/prep.h"
#include "schema/bind.h"
#include "schema/trap.h"
#include "support/strbuf.h"
#include "syntax/term.h"
#include "tools/masked.h"

struct dump {
	struct strbuf *out;
	const struct model *m;
	struct masked secrets;
};

/* ---- pieces ---- */

static void print_masked(struct dump *d, const struct term *t)
{
	masked_print(d->out, &d->secrets, t);
}

/* A set, rule or shaper, where any name may stand. */
static void print_plain(struct dump *d, const struct term *t)
{
	masked_print(d->out, NULL, t);
}

static void end_with_place(struct dump *d, const char *end, struct span at)
{
	struct span real = source_resolve(d->m->sources, at, NULL);

	if (at.file == NO_FILE) {
		strbuf_printf(d->out, "%s  %% default\n", end);
		return;
	}
	strbuf_printf(d->out, "%s  %% %.*s:%u\n", end,
		      STR_ARG(d->m->sources->files.at[real.file]->path),
		      (unsigned)source_position(d->m->sources, at.file, at.off).line);
}

static void indent(struct dump *d, unsigned depth)
{
	strbuf_fill(d->out, ' ', 2 * (size_t)depth);
}

/* ---- options ---- */

/* The address stands beside the port, whichever way it was given. */
static bool is_address(const struct option *o)
{
	return name_in((const char *const[]){"ip", "inet", "inet6", NULL}, str_of(o->name));
}

static bool is_shown(const struct dump *d, const struct value *v)
{
	unsigned flags = v->option->flags;

	if (v->term == NULL || v->option->same_as != NULL || v->failed ||
	    (flags & (OPT_DEAD | OPT_REFUSED)) != 0)
		return false;
	if (v->given)
		return true;
	return v->option->form != FORM_FLAG &&
	       (flags & (OPT_NOOP | OPT_DEPRECATED | OPT_SECRET)) == 0 &&
	       !(d->m->target == TARGET_XMPPD && (flags & OPT_UNSUPPORTED) != 0);
}

static bool names_missing_rule(const struct dump *d, const struct value *v)
{
	return v->option->type->kind == TYPE_RULE && !term_is_atom(v->term, "all") &&
	       !term_is_atom(v->term, "none") &&
	       names_find(&d->m->rule_names, v->term->text) == NULL;
}

/* A default as it holds in this server: without what it leaves out, NULL if nothing is left. */
static const struct value *effective(const struct dump *d, const struct value *v)
{
	struct diags quiet = {.arena = d->m->arena, .sources = d->m->sources};
	struct bind bind = {.arena = d->m->arena,
			    .sources = d->m->sources,
			    .diags = &quiet,
			    .target = d->m->target,
			    .allow_unsupported = true};
	const struct term *term = v->term;
	struct bound *sub = NULL;
	struct value *copy;

	if (!is_shown(d, v))
		return NULL;
	if (v->given || v->sub != NULL)
		return v;
	if (names_missing_rule(d, v) ||
	    value_check(&bind, v->option->type, &term, &sub) != VALUE_FITS ||
	    (term == v->term && quiet.list.n != 0))
		return NULL;
	copy = arena_new_of(d->m->arena, struct value);
	*copy = *v;
	copy->term = term;
	return copy;
}

static void print_options(struct dump *d, const struct bound *b, unsigned depth);

static void print_value_term(struct dump *d, const struct value *v, unsigned depth)
{
	if (v->sub != NULL && v->sub->section->type == NULL && is_list(v->term))
		print_options(d, v->sub, depth);
	else
		masked_print_value(d->out, &d->secrets, v);
}

static void print_option(struct dump *d, const struct value *v, unsigned depth)
{
	if (v->option->form == FORM_FLAG || v->option->form == FORM_TUPLE) {
		print_masked(d, v->term);
		return;
	}
	if (v->option->form == FORM_KEYED) {
		strbuf_printf(d->out, "{{%s, ", v->option->name);
		term_print(d->out, v->key);
		strbuf_addz(d->out, "}, ");
	} else {
		strbuf_printf(d->out, "{%s, ", v->option->name);
	}
	print_value_term(d, v, depth);
	strbuf_addc(d->out, '}');
}

static void collect(struct dump *d, const struct bound *b, const struct value ***at, size_t *n)
{
	VEC(const struct value *) list = {0};
	bool is_listener = schema_listener(str_of(b->section->name)) == b->section;

	for (size_t i = 0; i < b->section->noptions; i++) {
		const struct value *v = effective(d, &b->values[i]);

		if (is_listener && is_address(&b->section->options[i]))
			continue;
		if (v != NULL)
			vec_push(d->m->arena, &list, v);
		for (size_t k = 0; v != NULL && k < v->more.n; k++)
			if (is_shown(d, v->more.at[k]))
				vec_push(d->m->arena, &list, v->more.at[k]);
	}
	*at = list.at;
	*n = list.n;
}

/* An option list over several lines, [ to ]. */
static void print_options(struct dump *d, const struct bound *b, unsigned depth)
{
	const struct value **list;
	size_t n;

	if (b->section->type != NULL) {
		if (b->term != NULL)
			print_masked(d, b->term);
		else
			strbuf_addz(d->out, "[]");
		return;
	}
	collect(d, b, &list, &n);
	if (n == 0) {
		strbuf_addz(d->out, "[]");
		return;
	}
	strbuf_addz(d->out, "[\n");
	for (size_t i = 0; i < n; i++) {
		indent(d, depth + 1);
		print_option(d, list[i], depth + 1);
		end_with_place(d, i + 1 < n ? "," : "", list[i]->given ? list[i]->at : NO_SPAN);
	}
	indent(d, depth);
	strbuf_addc(d->out, ']');
}

/* ---- the parts of a file ---- */

static void print_listeners(struct dump *d)
{
	size_t left = 0;

	for (size_t i = 0; i < d->m->listeners.n; i++)
		left += !d->m->listeners.at[i]->is_left_out;
	strbuf_addz(d->out, "{listen, [\n");
	for (size_t i = 0; i < d->m->listeners.n; i++) {
		const struct listener *l = d->m->listeners.at[i];
		struct str address;

		if (l->is_left_out)
			continue;
		address = address_text(d->m->arena, &l->address);
		if (address.n != 0 && address.p[0] == '[') /* in a file without its brackets */
			address = (struct str){address.p + 1, address.n - 2};
		strbuf_printf(d->out, "  {{%u, \"%.*s\"}, %s, ", (unsigned)l->port,
			      STR_ARG(address), l->options->section->name);
		print_options(d, l->options, 1);
		end_with_place(d, --left != 0 ? "}," : "}", l->at);
	}
	strbuf_addz(d->out, "]}.\n\n");
}

static void print_modules(struct dump *d, const struct modules *modules, unsigned depth)
{
	strbuf_addz(d->out, "{modules, [\n");
	for (size_t i = 0; i < modules->list.n; i++) {
		const struct module *mod = modules->list.at[i];

		indent(d, depth + 1);
		strbuf_addc(d->out, '{');
		add_atom(d->out, mod->name);
		strbuf_addz(d->out, ", ");
		print_options(d, mod->options, depth + 1);
		end_with_place(d, i + 1 < modules->list.n ? "}," : "}", mod->at);
	}
	indent(d, depth);
	strbuf_addz(d->out, "]}");
}

static bool same_modules(const struct modules *a, const struct modules *b)
{
	return a->list.n == b->list.n &&
	       (a->list.n == 0 ||
		memcmp(a->list.at, b->list.at, a->list.n * sizeof(*a->list.at)) == 0);
}

static bool all_have_same_modules(const struct model *m)
{
	for (size_t i = 1; i < m->hosts.n; i++)
		if (!same_modules(&m->hosts.at[0]->modules, &m->hosts.at[i]->modules))
			return false;
	return true;
}

/* Rows that are printed in a way of their own. */
static bool is_special(const struct option *o)
{
	return o->form != FORM_PAIR ||
	       name_in((const char *const[]){"hosts", "host", "listen", "modules", NULL},
		       str_of(o->name));
}

static void print_settings(struct dump *d)
{
	struct bind bind = {.arena = d->m->arena,
			    .sources = d->m->sources,
			    .diags =
				    &(struct diags){.arena = d->m->arena, .sources = d->m->sources},
			    .target = d->m->target};
	const struct bound *defaults = schema_defaults(&bind, &schema_top);

	for (size_t i = 0; i < schema_top.noptions; i++) {
		const struct value *v =
			d->m->settings[i] != NULL ? d->m->settings[i] : &defaults->values[i];

		v = is_special(&schema_top.options[i]) ? NULL : effective(d, v);
		if (v == NULL)
			continue;
		print_option(d, v, 0);
		end_with_place(d, ".", v->given ? v->at : NO_SPAN);
	}
	strbuf_addc(d->out, '\n');
}

static bool is_rule_form(const struct term *t)
{
	return term_is_tuple(t, 3, "acl") || term_is_tuple(t, 3, "access") ||
	       term_is_tuple(t, 3, "shaper");
}

/* Sets, rules and shapers as they stand, and rows with keys or of several elements. */
static void print_forms(struct dump *d, const struct forms *forms)
{
	for (size_t i = 0; i < forms->list.n; i++) {
		const struct term *t = forms->list.at[i].term;

		if (!is_rule_form(t) && !term_is_tuple(t, 3, "domain_certfile"))
			continue;
		print_plain(d, t);
		end_with_place(d, ".", t->at);
	}
	strbuf_addc(d->out, '\n');
}

static const struct host *host_of(const struct model *m, const struct term *name)
{
	struct str prepared;

	return prep(m->arena, PREP_NODE, name->text, &prepared) == NULL
		       ? names_find(&m->host_names, prepared)
		       : NULL;
}

/* Sets and rules that hold for one host. host_config may be written several times. */
static void collect_host_forms(struct dump *d, const struct forms *forms, const struct host *h,
			       const struct term ***at, size_t *n)
{
	VEC(const struct term *) list = {0};

	for (size_t i = 0; i < forms->list.n; i++) {
		const struct term *t = forms->list.at[i].term, *options;

		if (!term_is_tuple(t, 3, "host_config") || !is_text(t->seq.items[1]) ||
		    !is_list(t->seq.items[2]) || host_of(d->m, t->seq.items[1]) != h)
			continue;
		options = t->seq.items[2];
		for (uint32_t k = 0; k < list_len(options); k++)
			if (is_rule_form(options->seq.items[k]))
				vec_push(d->m->arena, &list, options->seq.items[k]);
	}
	*at = list.at;
	*n = list.n;
}

static bool is_set_for_host(const struct dump *d, const struct host *h, size_t row)
{
	return h->set_in_host_config[row] && !is_special(&schema_top.options[row]) &&
	       is_shown(d, h->settings[row]);
}

static void print_host(struct dump *d, const struct forms *forms, const struct host *h,
		       bool with_modules)
{
	const struct term **rules;
	size_t nrules, left = with_modules;

	collect_host_forms(d, forms, h, &rules, &nrules);
	left += nrules;
	for (size_t row = 0; row < schema_top.noptions; row++)
		left += is_set_for_host(d, h, row);
	if (left == 0)
		return;
	strbuf_addz(d->out, "{host_config, ");
	add_string(d->out, h->name);
	strbuf_addz(d->out, ", [\n");
	for (size_t row = 0; row < schema_top.noptions; row++) {
		if (!is_set_for_host(d, h, row))
			continue;
		indent(d, 1);
		print_option(d, h->settings[row], 1);
		end_with_place(d, --left != 0 ? "," : "", h->settings[row]->at);
	}
	for (size_t i = 0; i < nrules; i++) {
		indent(d, 1);
		print_plain(d, rules[i]);
		end_with_place(d, --left != 0 ? "," : "", rules[i]->at);
	}
	if (with_modules) {
		indent(d, 1);
		print_modules(d, &h->modules, 1);
		strbuf_addc(d->out, '\n');
	}
	strbuf_addz(d->out, "]}.\n\n");
}

static void print_hosts(struct dump *d, const struct forms *forms)
{
	bool with_modules = !all_have_same_modules(d->m);

	for (size_t i = 0; i < d->m->hosts.n; i++)
		print_host(d, forms, d->m->hosts.at[i], with_modules);
}

static void print_host_names(struct dump *d)
{
	strbuf_addz(d->out, "{hosts, [\n");
	for (size_t i = 0; i < d->m->hosts.n; i++) {
		strbuf_addz(d->out, "  ");
		add_string(d->out, d->m->hosts.at[i]->name);
		end_with_place(d, i + 1 < d->m->hosts.n ? "," : "", d->m->hosts.at[i]->at);
	}
	strbuf_addz(d->out, "]}.\n\n");
}

static void print_left_out(struct dump *d)
{
	for (size_t i = 0; i < d->m->left_out.n; i++) {
		strbuf_printf(d->out, "%%%% left out: %.*s", STR_ARG(d->m->left_out.at[i].what));
		end_with_place(d, "", d->m->left_out.at[i].at);
	}
}

void dump_print(struct strbuf *out, const struct model *m, const struct forms *forms)
{
	struct dump d = {.out = out, .m = m};

	masked_init(&d.secrets);
	strbuf_printf(out, "%%%% --compat=%s\n\n", compat_word(m->compat));
	print_host_names(&d);
	print_settings(&d);
	print_listeners(&d);
	print_forms(&d, forms);
	if (m->hosts.n != 0 && all_have_same_modules(m)) {
		print_modules(&d, &m->hosts.at[0]->modules, 0);
		strbuf_addz(out, ".\n\n");
	}
	print_hosts(&d, forms);
	print_left_out(&d);
}
