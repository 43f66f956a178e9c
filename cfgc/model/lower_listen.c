/* lower_listen.c - {listen, [{Port, Module, Options}, ...]}: sockets, and what the listeners on
 * them need. */
#include "model/lower.h"

#include "diag/suggest.h"
#include "schema/trap.h"
#include "support/strbuf.h"

/* ---- addresses ---- */

struct str address_text(struct arena *a, const struct address *address)
{
	struct strbuf out = {.arena = a};
	const uint8_t *b = address->bytes;
	int best = -1, best_len = 1;

	if (address->family == 4)
		return arena_printf(a, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	/* RFC 5952: the longest run of two or more zero groups becomes "::". */
	for (int i = 0; i < 8; i++) {
		int len = 0;

		while (i + len < 8 && b[2 * (i + len)] == 0 && b[2 * (i + len) + 1] == 0)
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
	}
	strbuf_addc(&out, '[');
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			strbuf_addz(&out, "::");
			i += best_len - 1;
			continue;
		}
		if (i != 0 && i != best + best_len)
			strbuf_addc(&out, ':');
		strbuf_printf(&out, "%x", (unsigned)(b[2 * i] << 8 | b[2 * i + 1]));
	}
	strbuf_addc(&out, ']');
	return strbuf_str(&out);
}

/* {A,B,C,D} or an 8-tuple. Reports elements that are out of range. */
static bool address_of_tuple(struct lower *l, const struct term *t, struct address *out)
{
	int64_t most = t->seq.n == 4 ? 255 : 65535;
	bool good = true;

	*out = (struct address){.family = t->seq.n == 4 ? 4 : 6};
	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *e = t->seq.items[i];

		if (e->kind == TERM_BAD) {
			good = false;
		} else if (e->kind != TERM_INT || e->is_big || e->integer.value < 0 ||
			   e->integer.value > most) {
			diag_add(l->dl, E0231, e->at,
				 "each part of this address is a number from 0 to %d", (int)most);
			good = false;
		} else if (out->family == 4) {
			out->bytes[i] = (uint8_t)e->integer.value;
		} else {
			out->bytes[2 * i] = (uint8_t)(e->integer.value >> 8);
			out->bytes[2 * i + 1] = (uint8_t)e->integer.value;
		}
	}
	return good;
}

static bool is_address(const struct term *t)
{
	return (t->kind == TERM_TUPLE && (t->seq.n == 4 || t->seq.n == 8)) ||
	       t->kind == TERM_STRING || t->kind == TERM_BINARY;
}

static bool lower_address(struct lower *l, const struct term *t, struct address *out)
{
	if (t->kind == TERM_TUPLE)
		return address_of_tuple(l, t, out);
	if (t->kind == TERM_STRING && address_parse(t->text, out))
		return true;
	diag_add(l->dl, E0231, t->at, "'%.*s' is not an address of this host in full",
		 STR_ARG(t->text));
	diag_help(l->dl, "write one such as \"192.0.2.1\" or \"2001:db8::1\"");
	return false;
}

/* ---- where a listener listens ---- */

struct place {
	const struct term *port, *address, *proto; /* the last two NULL where not given */
};

static bool report_port_shape(struct lower *l, const struct term *t)
{
	if (t->kind == TERM_BAD)
		return false;
	diag_add(l->dl, E0230, t->at, "expected a port, found %s", term_kind_name(t->kind));
	diag_note(l->dl, "it is written Port, {Port, Address}, {Port, Protocol} or {Port, Address, "
			 "Protocol}");
	return false;
}

/* Port | {Port, Protocol} | {Port, Address} | {Port, Address, Protocol} */
static bool open_place(struct lower *l, const struct term *t, struct place *out)
{
	*out = (struct place){.port = t};
	if (t->kind == TERM_INT)
		return true;
	if (t->kind != TERM_TUPLE || t->seq.n < 2 || t->seq.n > 3)
		return report_port_shape(l, t);
	out->port = t->seq.items[0];
	if (t->seq.n == 2 && t->seq.items[1]->kind == TERM_ATOM)
		out->proto = t->seq.items[1];
	else
		out->address = t->seq.items[1];
	if (t->seq.n == 3)
		out->proto = t->seq.items[2];
	if (out->port->kind != TERM_INT || (out->address != NULL && !is_address(out->address)) ||
	    (out->proto != NULL && out->proto->kind != TERM_ATOM))
		return report_port_shape(l, t);
	return true;
}

static bool lower_port(struct lower *l, const struct term *t, uint16_t *out)
{
	if (t->is_big || t->integer.value < 0 || t->integer.value > 65535) {
		diag_add(l->dl, E0230, t->at, "a port is a number from 1 to 65535");
		return false;
	}
	*out = (uint16_t)t->integer.value;
	if (*out == 0) {
		diag_add(l->dl, W0522, t->at,
			 "with port 0 the system chooses a port at each start");
		diag_note(l->dl, "the log tells which");
	}
	return true;
}

static bool check_proto(struct lower *l, const struct term *t)
{
	if (term_is_atom(t, "tcp") || term_is_atom(t, "ws") || term_is_atom(t, "wss"))
		return true;
	if (term_is_atom(t, "udp")) {
		diag_add(l->dl, E0232, t->at, "no listener of MongooseIM 3.2 works over udp");
		return false;
	}
	trap_report(l->b, E0232, t->at, "'%.*s' is no protocol of a listener", STR_ARG(t->text));
	diag_help(l->dl, "write tcp, or leave it out");
	return does_as_mongooseim(l->b);
}

/* The address: beside the port, else the option ip, else all addresses, of IPv6 with the flag
 * inet6. */
static bool lower_place(struct lower *l, const struct term *t, struct listener *out)
{
	const struct value *ip = bound_value(out->options, "ip");
	struct place place;

	if (!open_place(l, t, &place) || !lower_port(l, place.port, &out->port))
		return false;
	out->port_at = t->at;
	if (place.proto != NULL && !check_proto(l, place.proto))
		return false;
	if (place.address != NULL && ip->given) {
		diag_add(l->dl, W0505, ip->at,
			 "this address is replaced by the one beside the port");
		diag_label(l->dl, place.address->at, "this one counts");
	}
	if (place.address != NULL)
		return lower_address(l, place.address, &out->address);
	if (ip->given)
		return lower_address(l, ip->term, &out->address);
	out->address.family = bound_flag(out->options, "inet6") ? 6 : 4;
	return true;
}

/* ---- listeners ---- */

static const struct term *new_int(struct lower *l, int64_t value, struct span at)
{
	struct term *t = arena_new_of(l->a, struct term);

	t->kind = TERM_INT;
	t->integer.value = value;
	t->integer.digits = arena_printf(l->a, "%lld", (long long)value);
	t->at = at;
	t->used_at = NO_SPAN;
	return t;
}

static const struct term *new_atom(struct lower *l, const char *name)
{
	struct term *t = arena_new_of(l->a, struct term);

	t->kind = TERM_ATOM;
	t->text = str_of(name);
	t->at = NO_SPAN;
	t->used_at = NO_SPAN;
	return t;
}

static const struct secret *lower_secret(struct lower *l, const struct value *v, struct str name)
{
	struct secret *s = arena_new_of(l->a, struct secret);
	const struct term *t = v->term;

	s->at = v->at;
	if (t->kind == TERM_TUPLE) {
		s->kind = term_is_atom(t->seq.items[0], "env") ? SECRET_ENV : SECRET_FILE;
		s->ref = t->seq.items[1]->text;
		return s;
	}
	s->kind = SECRET_STORED;
	s->ref = name;
	s->text = term_is_nil(t) ? STR("") : t->text;
	for (size_t i = 0; i < s->text.n; i++) {
		unsigned char c = (unsigned char)s->text.p[i];

		if (c >= 0x20 && c != 0x7f)
			continue;
		diag_add(l->dl, E0233, t->at, "a password cannot hold control characters");
		return NULL;
	}
	vec_push(l->a, &l->m->secrets, s);
	return s;
}

/* Matters where the rule is defined. */
static void warn_default_access(struct lower *l, const struct listener *out, const struct value *v)
{
	if (out->kind != LISTENER_C2S || v->given || v->failed ||
	    !rule_is_defined(names_find(&l->m->rule_names, STR("c2s"))))
		return;
	trap_report(l->b, W0523, out->module_at,
		    "MongooseIM 3.2.0 lets everybody in here; the manual has rule 'c2s' as the "
		    "default");
	diag_primary(l->dl, "no 'access' here");
	diag_help(l->dl, "write {access, c2s} to make both do the same");
}

static void lower_rule_access(struct lower *l, struct listener *out)
{
	const struct value *v = bound_value(out->options, "access");

	if (v->term == NULL)
		return;
	warn_default_access(l, out, v);
	out->access_at = v->given ? v->at : NO_SPAN;
	out->access_none = term_is_atom(v->term, "none");
	out->access = use_rule(l, v, RULE_VERDICT, "access", out->options->section->title,
			       !out->is_left_out);
}

static void lower_c2s(struct lower *l, struct listener *out)
{
	const struct value *shaper = bound_value(out->options, "shaper");

	lower_rule_access(l, out);
	rule_is_about(out->access, ABOUT_USERS | ABOUT_NAMED);
	out->shaper_rule = use_rule(l, shaper, RULE_SHAPER, "shaper", out->options->section->title,
				    !out->is_left_out);
	rule_is_about(out->shaper_rule, ABOUT_USERS);
	out->shaper_at = shaper->given ? shaper->at : NO_SPAN;
	if (shaper->given && term_is_atom(shaper->term, "all")) {
		diag_add(l->dl, E0302, shaper->term->at, "the built-in rule 'all' names no shaper");
		diag_help(l->dl,
			  "write {shaper, none}, or the name of a rule that yields a shaper");
	}
}

static const struct shaper *take_shaper(struct shaper *s, bool emitted)
{
	s->is_used = true;
	s->is_emitted |= emitted && s->bytes_per_s != 0;
	return s->bytes_per_s != 0 ? s : NULL;
}

/* The shaper that a rule yields for everybody everywhere, or NULL. */
static struct shaper *shaper_for_all(struct lower *l, const struct rule *r)
{
	const struct clause *c;

	if (r->global == NULL || r->per_host.n != 0 || r->global->clauses.n == 0)
		return NULL;
	c = r->global->clauses.at[0];
	return c->is_all && c->value->kind == TERM_ATOM
		       ? names_find(&l->m->shaper_names, c->value->text)
		       : NULL;
}

/* A rule where MongooseIM 3.2.0 takes a shaper, which the name shaper_rule does not tell. */
static const struct shaper *use_rule_as_shaper(struct lower *l, const struct value *v,
					       const struct rule *r, bool emitted)
{
	struct shaper *s = shaper_for_all(l, r);

	(void)use_rule(l, v, RULE_SHAPER, v->option->name, "a listener", false);
	if (s == NULL && !does_as_mongooseim(l->b)) {
		diag_add(l->dl, E0311, v->term->at, "shaper '%.*s' is not defined",
			 STR_ARG(r->name));
		diag_note(l->dl,
			  "there is an access rule of this name, but '%s' takes the shaper itself",
			  v->option->name);
		return NULL;
	}
	trap_report(l->b, W0541, v->term->at,
		    "MongooseIM 3.2.0 sets no limit here: '%.*s' is an access rule, and it takes a "
		    "shaper",
		    STR_ARG(r->name));
	if (s == NULL)
		return NULL;
	diag_label(l->dl, s->at, "the shaper that the rule yields");
	diag_help(l->dl, "write {%s, %.*s}", v->option->name, STR_ARG(s->name));
	if (does_as_mongooseim(l->b))
		return NULL;
	diag_fix_unsafe(l->dl, v->term->at, s->name);
	return take_shaper(s, emitted);
}

const struct shaper *use_shaper(struct lower *l, const struct value *v, bool emitted)
{
	struct names legal = {.arena = l->a};
	const struct rule *r;
	struct shaper *s;

	if (v->term == NULL || term_is_atom(v->term, "none"))
		return NULL;
	s = names_find(&l->m->shaper_names, v->term->text);
	if (s != NULL)
		return take_shaper(s, emitted);
	r = names_find(&l->m->rule_names, v->term->text);
	if (rule_is_defined(r))
		return use_rule_as_shaper(l, v, r, emitted);
	trap_report(l->b, E0311, v->term->at, "shaper '%.*s' is not defined",
		    STR_ARG(v->term->text));
	for (size_t i = 0; i < l->m->shapers.n; i++)
		vec_push(l->a, &legal.list, l->m->shapers.at[i]->name);
	suggest_into(l->dl, v->term->at, v->term->text, &legal);
	return NULL;
}

static void lower_service(struct lower *l, struct listener *out)
{
	const struct value *shaper = bound_value(out->options, "shaper_rule");
	const struct value *password = bound_value(out->options, "password");

	lower_rule_access(l, out);
	if (out->access != NULL)
		out->access->uses.at[out->access->uses.n - 1].is_global = true;
	out->shaper = use_shaper(l, shaper, !out->is_left_out);
	out->shaper_at = shaper->given ? shaper->at : NO_SPAN;
	if (password->given)
		out->password = lower_secret(
			l, password, arena_printf(l->a, "listener_%u_password", l->nlisten));
}

static enum listener_kind kind_of(struct str module)
{
	if (str_eqz(module, "ejabberd_c2s"))
		return LISTENER_C2S;
	if (str_eqz(module, "ejabberd_service"))
		return LISTENER_SERVICE;
	return str_eqz(module, "ejabberd_s2s_in") ? LISTENER_S2S : LISTENER_HTTP;
}

/* Options that the binder left out as unsupported: their listener is there without them. */
static void note_left_out_options(struct lower *l, const struct listener *out)
{
	for (size_t i = 0; i < out->options->section->noptions; i++) {
		const struct value *v = &out->options->values[i];

		if (v->failed)
			leave_out(l->m, v->at, "option '%s' of listener %.*s", v->option->name,
				  STR_ARG(out->name));
	}
}

/* What one read of a socket yields in Erlang, in bytes. A stanza that comes in one read is not
 * measured by MongooseIM 3.2.0. */
#define ONE_READ 1460

static bool is_small_limit(const struct value *v)
{
	return v->given && v->term->kind == TERM_INT && v->term->integer.value < ONE_READ;
}

static void warn_small_limit(struct lower *l, const struct bound *bound)
{
	const struct value *v = bound_value(bound, "max_stanza_size");

	if (!is_small_limit(v))
		return;
	trap_report(l->b, W0552, v->at,
		    "MongooseIM 3.2.0 lets stanzas of up to %d bytes through here", ONE_READ);
	diag_note(l->dl, "it does not measure what comes in one read");
	diag_help(l->dl, "clients may rely on 10000 bytes (RFC 6120, 13.12)");
}

/* What MongooseIM 3.2.0 has in the place of a default or a value. */
static void bind_as_mongooseim(struct lower *l, struct bound *bound)
{
	for (size_t i = 0; i < bound->section->noptions; i++) {
		struct value *v = &bound->values[i];

		if (strcmp(v->option->name, "max_stanza_size") == 0 && is_small_limit(v))
			v->term = new_int(l, ONE_READ, v->term->at);
		if (strcmp(bound->section->name, "ejabberd_c2s") == 0 &&
		    strcmp(v->option->name, "access") == 0 && !v->given && !v->failed)
			v->term = new_atom(l, "all");
	}
}

/* Of two listeners with the same address and port MongooseIM 3.2.0 starts the first. */
static bool is_second(struct lower *l, struct listener *out)
{
	struct str key = arena_printf(l->a, "%.*s:%u", STR_ARG(address_text(l->a, &out->address)),
				      out->port);

	if (out->port == 0)
		return false;
	if (names_find(&l->places, key) != NULL)
		return true;
	names_put(l->a, &l->places, key, out);
	return false;
}

static void lower_listener(struct lower *l, const struct term *t)
{
	const struct term *module = t->seq.items[1];
	struct bound *bound;
	const struct section *section =
		module->kind == TERM_ATOM ? schema_listener(module->text) : NULL;
	struct listener *out = arena_new_of(l->a, struct listener);

	if (module->kind == TERM_BAD)
		return;
	if (section == NULL) {
		schema_unknown_name(l->b, SCHEMA_LISTENERS, module);
		return;
	}
	out->kind = kind_of(module->text);
	out->at = t->at;
	out->module_at = module->at;
	bound = schema_bind(l->b, section, t->seq.items[2], module->at);
	if (!bound->unsupported && out->kind != LISTENER_HTTP)
		warn_small_limit(l, bound);
	if (does_as_mongooseim(l->b))
		bind_as_mongooseim(l, bound);
	out->options = bound;
	out->is_left_out = bound->unsupported;
	if (!lower_place(l, t->seq.items[0], out))
		return;
	out->is_left_out |= is_second(l, out) && does_as_mongooseim(l->b);
	out->name = arena_printf(l->a, "%s %.*s:%u", section->name,
				 STR_ARG(address_text(l->a, &out->address)), out->port);
	if (out->is_left_out)
		leave_out(l->m, out->at, "listener %.*s", STR_ARG(out->name));
	else
		note_left_out_options(l, out);
	if (out->kind == LISTENER_C2S)
		lower_c2s(l, out);
	else if (out->kind == LISTENER_SERVICE)
		lower_service(l, out);
	else if (out->kind == LISTENER_S2S)
		(void)use_rule(l, bound_value(out->options, "shaper"), RULE_SHAPER, "shaper",
			       section->title, false);
	else
		lower_routes(l, out);
	vec_push(l->a, &l->m->listeners, out);
}

void lower_listen(struct lower *l, const struct value *listen)
{
	const struct term *list = listen->term;

	for (uint32_t i = 0; list->kind == TERM_LIST && i < list->seq.n; i++) {
		const struct term *t = list->seq.items[i];

		l->nlisten = i;
		if (t->kind == TERM_BAD)
			continue;
		if (term_is_tuple(t, 3, NULL)) {
			lower_listener(l, t);
			continue;
		}
		diag_add(l->dl, E0230, t->at,
			 "expected a listener {Port, Module, Options}, found %s",
			 term_kind_name(t->kind));
	}
}
