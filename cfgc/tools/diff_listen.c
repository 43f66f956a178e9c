/* diff_listen.c - sockets that open and close, and what is different behind those that stay: their
 * TLS, whom they let in, their limits.
 */
#include "tools/diff_list.h"

#include <inttypes.h>
#include <stdlib.h>

#include "schema/bind.h"
#include "support/array.h"
#include "support/strbuf.h"
#include "tools/diff_tls.h"
#include "tools/words.h"

/* ---- one listener ---- */

struct pair {
	struct differ *d;
	const struct listener *old, *new;
	struct str subject;
};

static struct span given_at(const struct bound *b, const char *name)
{
	const struct value *v = bound_value(b, name);

	return v->given ? v->at : NO_SPAN;
}

static bool is_wildcard(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, a->family == 4 ? 4 : 16) == 0;
}

static bool is_loopback(const struct address *a)
{
	return strcmp(words_reach(a), "this machine only") == 0;
}

static bool same_address(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

/* 0: this machine, 1: one address, 2: all. */
static int reach_rank(const struct address *a)
{
	return is_wildcard(a) ? 2 : !is_loopback(a);
}

static void compare_address(const struct pair *p)
{
	struct differ *d = p->d;
	const struct address *old = &p->old->address, *new = &p->new->address;
	struct diff_change *c;

	if (same_address(old, new))
		return;
	c = diff_changed(
		d, DIFF_LISTENERS, p->subject, "address",
		(struct diff_side){arena_printf(d->a, "%.*s (%s)", STR_ARG(address_text(d->a, old)),
						words_reach(old)),
				   p->old->port_at},
		(struct diff_side){arena_printf(d->a, "%.*s (%s)", STR_ARG(address_text(d->a, new)),
						words_reach(new)),
				   p->new->port_at});
	if (is_loopback(new)) {
		c->effect = is_loopback(old) ? DIFF_NEUTRAL : DIFF_CLOSES;
	} else if (reach_rank(new) < reach_rank(old) && old->family == new->family) {
		c->effect = DIFF_CLOSES;
	} else {
		c->effect = DIFF_OPENS;
		c->why = STR("it is reached at an address where it was not");
	}
}

static void compare_tls(const struct pair *p)
{
	struct differ *d = p->d;
	enum words_tls old = words_tls_of(d->old, p->old), new = words_tls_of(d->new, p->new);
	struct diff_change *c;
	bool weaker;

	if (old == new)
		return;
	c = diff_changed(d, DIFF_LISTENERS, p->subject, "TLS",
			 (struct diff_side){str_of(words_tls(old)), p->old->at},
			 (struct diff_side){str_of(words_tls(new)), p->new->at});
	if (old >= WORDS_TLS_REQUIRED && new >= WORDS_TLS_REQUIRED)
		return; /* nobody gets in without it, either way */
	weaker = new < old;
	c->effect = weaker ? DIFF_OPENS : DIFF_CLOSES;
	if (new == WORDS_NO_TLS)
		c->why = STR("connections are no longer encrypted");
	else if (weaker)
		c->why = STR("clients may stay without TLS");
	else
		c->why = new >= WORDS_TLS_REQUIRED ? STR("nobody stays without TLS")
						   : STR("clients may use TLS");
}

static void compare_versions(const struct pair *p)
{
	static const char *const off[] = {"no_tlsv1", "no_tlsv1_1", "no_tlsv1_2", "no_tlsv1_3"};
	struct differ *d = p->d;
	struct str old = words_tls_versions(d->a, d->old, p->old);
	struct str new = words_tls_versions(d->a, d->new, p->new);
	struct diff_change *c;
	bool more = false;

	if (old.n == 0 || new.n == 0 || str_eq(old, new))
		return;
	for (size_t i = 0; i < 4; i++)
		more |= words_has_protocol_option(p->old, off[i]) &&
			!words_has_protocol_option(p->new, off[i]);
	c = diff_changed(d, DIFF_LISTENERS, p->subject, "TLS versions",
			 (struct diff_side){old, given_at(p->old->options, "protocol_options")},
			 (struct diff_side){new, given_at(p->new->options, "protocol_options")});
	c->effect = more ? DIFF_OPENS : DIFF_CLOSES;
	c->why = more ? STR("a version is accepted that was refused") : STR("");
}

/* Other options of OpenSSL, as a set. */
static void compare_protocol_options(const struct pair *p)
{
	static const char *const compared[] = {"cipher_server_preference", "no_ticket"};
	struct differ *d = p->d;

	if (words_tls_of(d->old, p->old) == WORDS_NO_TLS ||
	    words_tls_of(d->new, p->new) == WORDS_NO_TLS)
		return;
	for (size_t i = 0; i < ARRAY_LEN(compared); i++) {
		bool old = words_has_protocol_option(p->old, compared[i]);
		bool new = words_has_protocol_option(p->new, compared[i]);

		if (old != new)
			diff_changed(
				d, DIFF_LISTENERS, p->subject, compared[i],
				(struct diff_side){old ? STR("set") : STR("not set"),
						   given_at(p->old->options, "protocol_options")},
				(struct diff_side){new ? STR("set") : STR("not set"),
						   given_at(p->new->options, "protocol_options")});
	}
}

static void compare_ciphers(const struct pair *p)
{
	struct differ *d = p->d;
	struct str old = bound_text(p->old->options, "ciphers");
	struct str new = bound_text(p->new->options, "ciphers");
	struct diff_suites suites;
	struct diff_change *c;

	if (str_eq(old, new) || words_tls_of(d->old, p->old) == WORDS_NO_TLS ||
	    words_tls_of(d->new, p->new) == WORDS_NO_TLS)
		return;
	diff_cipher_suites(d->a, old, new, &suites);
	if (suites.more.n == 0 && suites.less.n == 0 && !suites.is_reordered)
		return;
	c = diff_changed(d, DIFF_LISTENERS, p->subject, "ciphers",
			 (struct diff_side){old.n != 0 ? old : STR("OpenSSL's own"),
					    given_at(p->old->options, "ciphers")},
			 (struct diff_side){new.n != 0 ? new : STR("OpenSSL's own"),
					    given_at(p->new->options, "ciphers")});
	if (suites.more.n != 0) {
		c->effect = DIFF_OPENS;
		c->why = arena_printf(d->a, "accepts also %.*s", STR_ARG(suites.more));
	} else if (suites.less.n != 0) {
		c->effect = DIFF_CLOSES;
		c->why = arena_printf(d->a, "no longer accepts %.*s", STR_ARG(suites.less));
	} else {
		c->why = STR("the same suites in another order");
	}
}

static int64_t queue_of(const struct model *m, const struct listener *l)
{
	return bound_int(l->options, "max_fsm_queue", m->max_fsm_queue);
}

static void compare_queue(const struct pair *p)
{
	struct differ *d = p->d;
	int64_t old = queue_of(d->old, p->old), new = queue_of(d->new, p->new);
	struct diff_change *c;
	struct str texts[2];

	if (old == new)
		return;
	texts[0] = old != 0 ? arena_printf(d->a, "%" PRId64, old) : STR("no limit");
	texts[1] = new != 0 ? arena_printf(d->a, "%" PRId64, new) : STR("no limit");
	c = diff_changed(d, DIFF_LISTENERS, p->subject, "max_fsm_queue",
			 (struct diff_side){texts[0], given_at(p->old->options, "max_fsm_queue")},
			 (struct diff_side){texts[1], given_at(p->new->options, "max_fsm_queue")});
	c->effect = new == 0 || (old != 0 && new > old) ? DIFF_OPENS : DIFF_CLOSES;
	c->why = c->effect == DIFF_OPENS ? STR("longer queues are let grow")
					 : STR("shorter queues only");
}

static struct diff_asked access_of(const struct listener *l)
{
	return (struct diff_asked){
		.rule = l->access,
		.everybody = {.kind = l->access_none ? VALUE_DENY : VALUE_ALLOW},
		.at = l->access_at,
	};
}

static void compare_rules(const struct pair *p)
{
	struct differ *d = p->d;
	struct ask ask = {
		.subject = p->subject,
		.what = "access",
		.type = RULE_VERDICT,
		.local = p->new->kind == LISTENER_C2S,
		.hosts = p->new->kind == LISTENER_C2S ? &d->hosts : NULL,
		.old = access_of(p->old),
		.new = access_of(p->new),
	};

	diff_ask(d, &ask);
	if (p->new->kind != LISTENER_C2S)
		return;
	ask.what = "shaper";
	ask.type = RULE_SHAPER;
	ask.old = diff_asked_by(d->old, bound_value(p->old->options, "shaper"), RULE_SHAPER);
	ask.new = diff_asked_by(d->new, bound_value(p->new->options, "shaper"), RULE_SHAPER);
	diff_ask(d, &ask);
}

/* ---- routes of HTTP ---- */

static struct str route_key(struct differ *d, const struct term *route)
{
	struct strbuf out = {.arena = d->a};

	strbuf_add(&out, text_of(route->seq.items[0]));
	strbuf_addc(&out, ' ');
	strbuf_add(&out, text_of(route->seq.items[1]));
	strbuf_addc(&out, ' ');
	term_print(&out, route->seq.items[2]);
	return strbuf_str(&out);
}

static const struct term *options_of_route(const struct term *route)
{
	return route->seq.n == 4 ? route->seq.items[3] : NULL;
}

static void compare_route(const struct pair *p, struct str key, const struct term *old,
			  const struct term *new)
{
	const struct section *s = schema_http_handler(new->seq.items[2]->text);
	const struct bound *was, *is;
	struct diff_about about = {
		.part = DIFF_LISTENERS,
		.subject = p->subject,
		.prefix = arena_printf(p->d->a, "route %.*s: ", STR_ARG(key)).p,
		.asked_for = &p->d->hosts,
	};
	const struct value *auth;

	if (s == NULL || (options_of_route(old) == NULL && options_of_route(new) == NULL))
		return;
	was = diff_bind(p->d, p->d->old, s, options_of_route(old));
	is = diff_bind(p->d, p->d->new, s, options_of_route(new));
	diff_options(p->d, &about, was, is);
	auth = schema_option(s, STR("auth")) != NULL ? bound_value(was, "auth") : NULL;
	if (auth != NULL && auth->given != bound_value(is, "auth")->given) {
		struct diff_change *c = &p->d->diff->list.at[p->d->diff->list.n - 1];

		c->effect = auth->given ? DIFF_OPENS : DIFF_CLOSES;
		c->why = auth->given ? STR("callers need no password any more")
				     : STR("callers need a password");
	}
}

static void report_route(const struct pair *p, enum diff_kind kind, struct str key,
			 const struct term *route)
{
	struct diff_change *c = diff_add(p->d, DIFF_LISTENERS, kind, p->subject,
					 arena_printf(p->d->a, "route %.*s", STR_ARG(key)).p);
	struct diff_side *side = kind == DIFF_ADDED ? &c->after : &c->before;

	*side = (struct diff_side){STR("served"), route->at};
	c->effect = kind == DIFF_ADDED ? DIFF_OPENS : DIFF_CLOSES;
}

static void compare_routes(const struct pair *p)
{
	const struct term *old = bound_value(p->old->options, "modules")->term;
	const struct term *new = bound_value(p->new->options, "modules")->term;
	struct names_table was = {0}, is = {0};

	for (uint32_t i = 0; old != NULL && i < list_len(old); i++)
		names_put(p->d->a, &was, route_key(p->d, old->seq.items[i]),
			  (void *)(uintptr_t)old->seq.items[i]);
	for (uint32_t i = 0; new != NULL &&i < list_len(new); i++) {
		struct str key = route_key(p->d, new->seq.items[i]);
		const struct term *before = names_find(&was, key);

		names_put(p->d->a, &is, key, (void *)(uintptr_t) new->seq.items[i]);
		if (before == NULL)
			report_route(p, DIFF_ADDED, key, new->seq.items[i]);
		else
			compare_route(p, key, before, new->seq.items[i]);
	}
	for (uint32_t i = 0; old != NULL && i < list_len(old); i++) {
		struct str key = route_key(p->d, old->seq.items[i]);

		if (names_find(&is, key) == NULL)
			report_route(p, DIFF_REMOVED, key, old->seq.items[i]);
	}
}

/* ---- which is which ---- */

static void compare_pair(struct differ *d, const struct listener *old, const struct listener *new)
{
	struct pair p = {d, old, new, new->name};
	struct diff_about about = {.part = DIFF_LISTENERS, .subject = new->name, .prefix = ""};

	compare_address(&p);
	compare_tls(&p);
	if (new->kind == LISTENER_C2S || new->kind == LISTENER_S2S) {
		compare_versions(&p);
		compare_ciphers(&p);
		compare_protocol_options(&p);
	}
	if (new->kind == LISTENER_C2S || new->kind == LISTENER_SERVICE) {
		compare_queue(&p);
		compare_rules(&p);
	}
	if (new->kind == LISTENER_HTTP)
		compare_routes(&p);
	about.asked_for = &d->hosts;
	diff_options(d, &about, old->options, new->options);
}

static struct str summary(struct differ *d, const struct model *m, const struct listener *l)
{
	return arena_printf(d->a, "%s, %s, %s", words_purpose(l), words_reach(&l->address),
			    words_tls(words_tls_of(m, l)));
}

static void report_listener(struct differ *d, enum diff_kind kind, const struct listener *l)
{
	struct diff_change *c = diff_add(d, DIFF_LISTENERS, kind, l->name, "");
	struct diff_side *side = kind == DIFF_ADDED ? &c->after : &c->before;

	*side = (struct diff_side){summary(d, kind == DIFF_ADDED ? d->new : d->old, l), l->at};
	c->effect = kind == DIFF_ADDED ? DIFF_OPENS : DIFF_CLOSES;
	c->why = kind == DIFF_ADDED ? STR("a new way in") : STR("one way in less");
}

/* The key under which a listener looks for its like: of equal ones the first that is free. */
static struct str key_of(struct differ *d, const struct listener *l, bool with_address)
{
	return with_address ? l->name
			    : arena_printf(d->a, "%s :%u", l->options->section->name, l->port);
}

struct matching {
	bool *old_taken;
	const struct listener **of_new;
};

/* Chains of old listeners with one key, first to last. */
struct chain {
	size_t i;
	struct chain *next;
};

static void match(struct differ *d, struct matching *mt, bool with_address)
{
	struct names_table table = {0};

	for (size_t i = d->old->listeners.n; i-- > 0;) {
		const struct listener *l = d->old->listeners.at[i];
		struct chain *c = arena_new_of(d->a, struct chain);
		struct str key = key_of(d, l, with_address);

		if (l->is_left_out || mt->old_taken[i])
			continue;
		*c = (struct chain){i, names_find(&table, key)};
		names_put(d->a, &table, key, c);
	}
	for (size_t i = 0; i < d->new->listeners.n; i++) {
		const struct listener *l = d->new->listeners.at[i];
		struct chain *c;

		if (l->is_left_out || mt->of_new[i] != NULL)
			continue;
		c = names_find(&table, key_of(d, l, with_address));
		while (c != NULL && mt->old_taken[c->i])
			c = c->next;
		if (c == NULL)
			continue;
		mt->old_taken[c->i] = true;
		mt->of_new[i] = d->old->listeners.at[c->i];
	}
}

void diff_listeners(struct differ *d)
{
	struct matching mt = {
		.old_taken = arena_array_of(d->a, bool, d->old->listeners.n + 1),
		.of_new = arena_array_of(d->a, const struct listener *, d->new->listeners.n + 1),
	};

	match(d, &mt, true);
	match(d, &mt, false);
	for (size_t i = 0; i < d->old->listeners.n; i++)
		if (!mt.old_taken[i] && !d->old->listeners.at[i]->is_left_out)
			report_listener(d, DIFF_REMOVED, d->old->listeners.at[i]);
	for (size_t i = 0; i < d->new->listeners.n; i++) {
		const struct listener *l = d->new->listeners.at[i];

		if (l->is_left_out)
			continue;
		if (mt.of_new[i] != NULL)
			compare_pair(d, mt.of_new[i], l);
		else
			report_listener(d, DIFF_ADDED, l);
	}
}
