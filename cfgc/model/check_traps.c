/* check_traps.c - options that do not do what their names suggest, and whose whole is needed to see
 * it.
 *
 * Which of them the two servers treat alike, and what --compat makes of each, is in schema/trap.c.
 */
#include "model/check.h"

#include "model/jid_check.h"
#include "schema/trap.h"
#include "support/array.h"

/* What is not supported is reported as a whole, unless it may be left out. */
static bool looks_into(const struct check *c, const struct listener *l)
{
	return !l->is_left_out || c->b->allow_unsupported;
}

/* ---- components ---- */

static void check_component_access(const struct check *c, const struct listener *l)
{
	const struct value *v = bound_value(l->options, "access");

	if (!v->given || term_is_atom(v->term, "all"))
		return;
	trap_report(c->b, W0542, v->at,
		    "'access' says who may send to a component, not which components may connect");
	diag_note(c->dl,
		  "the manual speaks of connections; xmppd and MongooseIM 3.2.0 ask the rule for "
		  "each stanza's sender");
	diag_help(c->dl, "components are kept out by their password and the listener's address");
}

/* Of all listeners for components the first that checks senders. */
static const struct listener *sender_checker(const struct model *m)
{
	for (size_t i = 0; i < m->listeners.n; i++) {
		const struct listener *l = m->listeners.at[i];

		if (l->kind == LISTENER_SERVICE && bound_flag(l->options, "service_check_from"))
			return l;
	}
	return NULL;
}

/* What is not imitated. */
static void check_component_names(const struct check *c)
{
	const struct listener *l = does_as_mongooseim(c->b) ? sender_checker(c->m) : NULL;

	if (l == NULL)
		return;
	diag_add(c->dl, W0553, l->module_at,
		 "a component whose name has capitals works here, and not in MongooseIM 3.2.0");
	diag_note(c->dl, "that compares the sender of its stanzas with the name as it was written");
	diag_add(c->dl, W0554, l->module_at,
		 "a component with is_subdomain sends from its domains here, and from a bare label "
		 "in "
		 "MongooseIM 3.2.0");
	diag_note(c->dl, "nobody can answer a bare label, so that is not imitated");
}

/* A rule asked for no host in particular: a user's name is good on every host. */
static void check_names_on_all_hosts(const struct check *c, const struct listener *l)
{
	const struct rule *r = l->access;

	for (size_t i = 0; r != NULL && i < r->base.list.n && c->m->hosts.n > 1; i++) {
		const struct set *s = r->base.list.at[i].set;

		for (size_t k = 0; s != NULL && k < s->folded.n; k++) {
			const struct set_member *m = s->folded.at[k];

			if (m->kind != MEMBER_TEST || !m->server_is_host ||
			    m->node.kind != PART_IS || m->host != HOST_GLOBAL)
				continue;
			trap_report(c->b, W0558, m->at,
				    "'%.*s' is meant on every host when a component's 'access' is "
				    "asked",
				    STR_ARG(m->node.text));
			diag_label(c->dl, l->access_at, "asked here, for no particular host");
			diag_help(c->dl, "name the host as well: {user, \"%.*s\", \"%.*s\"}",
				  STR_ARG(m->node.text), STR_ARG(c->m->hosts.at[0]->name));
			return;
		}
	}
}

/* ---- clients ---- */

/* The shaper that a client has before it has a name. */
static bool limits_the_nameless(const struct model *m, const struct rule *r, const struct host *h)
{
	struct jid who = {.node = STR(""), .domain = h->name, .resource = STR("")};
	const struct decision *d = decision_for(m, decisions_of(r, h->index), &who, h->index);

	return d != NULL && d->value.kind == VALUE_SHAPER;
}

static bool limits_anybody(const struct decisions *d)
{
	for (size_t i = 0; i < d->list.n; i++)
		if (d->list.at[i].value.kind == VALUE_SHAPER)
			return true;
	return false;
}

/* A rule is asked twice: with the stream header, for the host alone, and when the session opens.
 * Said of the first host where it makes a difference. */
static void check_shaper_before_session(const struct check *c, const struct listener *l)
{
	const struct rule *r = l->shaper_rule;

	for (size_t i = 0; r != NULL && !r->is_broken && !r->is_assumed && i < c->m->hosts.n; i++) {
		const struct host *h = c->m->hosts.at[i];

		/* Hosts without clauses of their own are alike. */
		if (i > 0 && r->others.n == 0)
			return;
		if (!limits_anybody(decisions_of(r, h->index)) || limits_the_nameless(c->m, r, h))
			continue;
		trap_report(c->b, W0543, l->shaper_at,
			    "nothing limits a client before its session is open");
		if (r->global != NULL)
			diag_label(c->dl, r->global->at,
				   "asked for '@%.*s' until then, and yields no "
				   "shaper",
				   STR_ARG(h->name));
		diag_note(c->dl,
			  "a user's name is known when the session opens: names and patterns "
			  "match nobody before");
		diag_help(c->dl, "let the clause about all yield a shaper");
		return;
	}
}

/* ---- HTTP ---- */

/* A listener for clients that limits or refuses some. */
static const struct listener *guarded_listener(const struct model *m)
{
	for (size_t i = 0; i < m->listeners.n; i++) {
		const struct listener *l = m->listeners.at[i];

		if (l->kind == LISTENER_C2S &&
		    (l->access != NULL || l->access_none || l->shaper_rule != NULL))
			return l;
	}
	return NULL;
}

static bool passes_by(const struct route *r, const struct listener *guarded)
{
	if (strcmp(r->handler->name, "mod_bosh") == 0)
		return true;
	return strcmp(r->handler->name, "mod_websockets") == 0 &&
	       (guarded->shaper_rule != NULL || !bound_value(r->options, "access")->given);
}

static void check_http_clients(const struct check *c)
{
	const struct listener *guarded = guarded_listener(c->m);
	const struct route *first = NULL;
	size_t n = 0;

	for (size_t i = 0; guarded != NULL && i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		for (size_t k = 0; looks_into(c, l) && k < l->routes.n; k++) {
			if (!passes_by(l->routes.at[k], guarded))
				continue;
			if (n++ == 0)
				first = l->routes.at[k];
		}
	}
	if (n == 0)
		return;
	trap_report(c->b, W0545, first->at,
		    "clients of this route are not held to 'access' and 'shaper' of ejabberd_c2s");
	diag_label(c->dl, guarded->at, "which are set here");
	if (n > 1)
		diag_note(c->dl, "and %zu more route%s", n - 1, n > 2 ? "s" : "");
	diag_note(c->dl,
		  "only a mod_websockets route has an 'access' of its own; neither is shaped");
}

static void check_certificate_of_http(const struct check *c, const struct listener *l)
{
	static const char *const names[] = {"cert", "key", "key_pass"};
	bool has_tls =
		bound_value(l->options, "ssl")->given || bound_value(l->options, "ssl")->failed;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct value *v = bound_value(l->options, names[i]);

		if (v->at.file == NO_FILE)
			continue;
		if (has_tls) {
			diag_add(c->dl, W0602, v->key_at, "'%s' has no effect in %s", names[i],
				 l->options->section->title);
			diag_note(c->dl, "%s", v->option->note);
			continue;
		}
		trap_report(c->b, W0548, v->key_at,
			    "MongooseIM 3.2.0 ignores '%s': this port speaks HTTP without TLS",
			    names[i]);
		diag_help(c->dl, "%s", v->option->note);
		return;
	}
}

/* ---- servers ---- */

static void check_s2s_certificate(const struct check *c)
{
	const struct value *use = setting(c->m, "s2s_use_starttls");

	if (use == NULL || term_is_atom(use->term, "false") ||
	    setting(c->m, "s2s_certfile") != NULL)
		return;
	trap_report(c->b, W0550, use->at,
		    "MongooseIM 3.2.0 offers STARTTLS to servers and drops them in the handshake");
	diag_primary(c->dl, "no s2s_certfile for it");
	diag_help(c->dl, "add {s2s_certfile, \"PATH\"}.");
}

/* ---- modules ---- */

static const struct module *module_of(const struct host *h, const char *name)
{
	for (size_t i = 0; i < h->modules.list.n; i++)
		if (str_eqz(h->modules.list.at[i]->name, name))
			return h->modules.list.at[i];
	return NULL;
}

static bool welcomes(const struct value *v)
{
	for (uint32_t i = 0; v->term != NULL && v->term->kind == TERM_TUPLE && i < v->term->seq.n;
	     i++)
		if (v->term->seq.items[i]->kind != TERM_LIST && v->term->seq.items[i]->text.n != 0)
			return true;
	return false;
}

/* Up to so many stored messages one more or less matters. */
#define FEW_MESSAGES 10

static bool keeps_few(const struct model *m, const struct module *offline, int host)
{
	const struct term *name = bound_value(offline->options, "access_max_user_messages")->term;
	const struct rule *r = names_find(&m->rule_names, name->text);
	const struct decisions *d = r != NULL ? decisions_of(r, host) : NULL;

	for (size_t i = 0; d != NULL && i < d->list.n; i++)
		if (d->list.at[i].value.kind == VALUE_NUMBER &&
		    d->list.at[i].value.number <= FEW_MESSAGES)
			return true;
	return false;
}

static void check_welcome(const struct check *c)
{
	for (size_t i = 0; i < c->m->hosts.n; i++) {
		const struct host *h = c->m->hosts.at[i];
		const struct module *registers = module_of(h, "mod_register");
		const struct module *offline = module_of(h, "mod_offline");
		const struct value *v;

		if (registers == NULL || offline == NULL || !keeps_few(c->m, offline, h->index))
			continue;
		v = bound_value(registers->options, "welcome_message");
		if (!v->given || !welcomes(v))
			continue;
		trap_report(c->b, W0555, v->at,
			    "the welcome message takes one of the few places for stored messages");
		diag_label(c->dl, offline->at, "a user who never came has it here");
		return;
	}
}

/* ---- all ---- */

void check_traps(const struct check *c)
{
	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		if (l->kind == LISTENER_C2S) {
			check_shaper_before_session(c, l);
		} else if (l->kind == LISTENER_SERVICE) {
			check_component_access(c, l);
			check_names_on_all_hosts(c, l);
		} else if (l->kind == LISTENER_HTTP && looks_into(c, l)) {
			check_certificate_of_http(c, l);
		}
	}
	check_component_names(c);
	check_s2s_certificate(c);
	check_http_clients(c);
	check_welcome(c);
}
