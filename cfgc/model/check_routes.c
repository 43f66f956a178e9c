/* check_routes.c - routes of HTTP listeners that are never reached.
 *
 * Routes of one host are tried in their order, those of "_" behind them; the first that matches
 * answers. Source: MongooseIM 3.2, ejabberd_cowboy:get_routes/1; Cowboy 2.4, cowboy_router.
 */
#include "model/check.h"

#include "schema/trap.h"
#include "support/array.h"
#include "support/strbuf.h"

/* A path with optional parts stands for several. */
#define MOST_PATHS 16
/* Patterns that each path is compared with; more are taken for distinct. */
#define MOST_PATTERNS 500

/* One way to read the path of a route: segments without empty ones. */
struct path {
	VEC(struct str) segments; /* "[...]": the rest */
	bool is_pattern;          /* has a binding or a rest */
	const struct route *route;
};

struct paths {
	VEC(struct path *) list;
	bool unknown; /* brackets that are no pairs, too many ways, or made by the handler */
};

static const struct str rest = {"[...]", 5};

/* ---- paths ---- */

static bool begins_with_rest(struct str s)
{
	return s.n >= rest.n && memcmp(s.p, rest.p, rest.n) == 0;
}

static void add_path(struct arena *a, const struct route *r, struct str text, struct paths *out)
{
	struct path *p = arena_new_of(a, struct path);

	p->route = r;
	for (size_t i = 0, end; i < text.n; i = end + 1) {
		struct str segment;

		for (end = i; end < text.n && text.p[end] != '/'; end++)
			continue;
		segment = (struct str){text.p + i, end - i};
		if (segment.n == 0)
			continue;
		p->is_pattern |= segment.p[0] == ':' || str_eq(segment, rest);
		vec_push(a, &p->segments, segment);
	}
	vec_push(a, &out->list, p);
}

/* The bracket that closes the one at i, or text.n. */
static size_t closing(struct str text, size_t i)
{
	int depth = 0;

	for (; i < text.n; i++) {
		depth += text.p[i] == '[';
		depth -= text.p[i] == ']';
		if (depth == 0)
			break;
	}
	return i;
}

static struct str join(struct arena *a, struct str x, struct str y, struct str z)
{
	struct strbuf out = {.arena = a};

	strbuf_add(&out, x);
	strbuf_add(&out, y);
	strbuf_add(&out, z);
	return strbuf_str(&out);
}

/* Without the first optional part, and with it. */
static void expand(struct arena *a, const struct route *r, struct str text, struct paths *out)
{
	size_t i = 0, end;
	struct str before, inner, after;

	while (i < text.n && text.p[i] != '[')
		i += 1;
	while (i < text.n && begins_with_rest((struct str){text.p + i, text.n - i})) {
		i += rest.n;
		while (i < text.n && text.p[i] != '[')
			i += 1;
	}
	if (i >= text.n) {
		add_path(a, r, text, out);
		return;
	}
	end = closing(text, i);
	out->unknown |= end == text.n || out->list.n >= MOST_PATHS;
	if (out->unknown)
		return;
	before = (struct str){text.p, i};
	inner = (struct str){text.p + i + 1, end - i - 1};
	after = (struct str){text.p + end + 1, text.n - end - 1};
	expand(a, r, join(a, before, STR(""), after), out);
	expand(a, r, join(a, before, inner, after), out);
}

/* Handlers that make paths of their own below the one that is written. */
static bool makes_paths(const struct section *handler)
{
	static const char *const names[] = {"mongoose_api", "mongoose_api_admin",
					    "mongoose_api_client"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(handler->name, names[i]) == 0)
			return true;
	return false;
}

/* ---- which covers which ---- */

static bool binds_twice(const struct path *p)
{
	for (size_t i = 0; i < p->segments.n; i++)
		for (size_t k = 0; k < i; k++)
			if (p->segments.at[i].p[0] == ':' && !str_eqz(p->segments.at[i], ":_") &&
			    str_eq(p->segments.at[i], p->segments.at[k]))
				return true;
	return false;
}

/* Whether every request for the second path matches the first. */
static bool covers(const struct path *first, const struct path *second)
{
	size_t n = first->segments.n;

	for (size_t i = 0; i < n; i++) {
		struct str a = first->segments.at[i], b;

		if (str_eq(a, rest))
			return true;
		if (i == second->segments.n)
			return false;
		b = second->segments.at[i];
		if (str_eq(b, rest) || (a.p[0] != ':' && !str_eq(a, b)))
			return false;
	}
	return n == second->segments.n;
}

/* The routes of one host that have been passed. */
struct passed {
	struct names_table literal; /* struct path by its segments */
	VEC(const struct path *) patterns;
};

static struct str key_of(struct arena *a, const struct path *p)
{
	struct strbuf key = {.arena = a};

	for (size_t i = 0; i < p->segments.n; i++) {
		strbuf_addc(&key, '/');
		strbuf_add(&key, p->segments.at[i]);
	}
	return strbuf_str(&key);
}

static const struct path *covering(struct arena *a, const struct passed *passed,
				   const struct path *p)
{
	const struct path *same = names_find(&passed->literal, key_of(a, p));

	for (size_t i = 0; i < passed->patterns.n && i < MOST_PATTERNS && same == NULL; i++)
		if (covers(passed->patterns.at[i], p))
			same = passed->patterns.at[i];
	return same;
}

static void pass(struct arena *a, struct passed *passed, const struct paths *paths)
{
	for (size_t i = 0; i < paths->list.n && !paths->unknown; i++) {
		struct path *p = paths->list.at[i];

		if (makes_paths(p->route->handler) || binds_twice(p))
			continue;
		if (p->is_pattern)
			vec_push(a, &passed->patterns, p);
		else
			names_put(a, &passed->literal, key_of(a, p), p);
	}
}

/* The route that answers for all paths of a later one, or NULL. */
static const struct path *hidden_by(struct arena *a, const struct passed *passed,
				    const struct paths *paths)
{
	const struct path *first = NULL;

	for (size_t i = 0; i < paths->list.n && !paths->unknown; i++) {
		const struct path *p = covering(a, passed, paths->list.at[i]);

		if (p == NULL)
			return NULL;
		if (first == NULL)
			first = p;
	}
	return first;
}

/* ---- hosts ---- */

static bool is_any(struct str host)
{
	return str_eqz(host, "_");
}

static void report(const struct check *c, const struct route *late, const struct path *early)
{
	trap_report(c->b, W0531, late->at, "this route is never reached");
	diag_primary(c->dl, "so '%s' never answers here", late->handler->name);
	diag_label(c->dl, early->route->at, "answers first");
	diag_note(c->dl, "routes of a host are tried in their order");
	if (early->is_pattern)
		diag_help(c->dl, "put the more particular path in front");
}

/* The routes of "_" come behind those of each other host. What a host overrides path by path is
 * meant; a pattern that swallows them is said. */
static void check_hidden(const struct check *c, const struct passed *own, struct str host,
			 const struct route *late, const struct paths *paths)
{
	const struct path *early = hidden_by(c->a, own, paths);

	if (early == NULL || !early->is_pattern || str_eq(early->route->path, late->path))
		return;
	diag_add(c->dl, W0532, late->at, "this route does not answer on host '%.*s'",
		 STR_ARG(host));
	diag_label(c->dl, early->route->at, "answers there first");
	diag_note(c->dl, "routes of \"_\" are tried behind those of every other host");
	diag_help(c->dl, "write it for \"%.*s\" as well, in front of that one", STR_ARG(host));
}

/* More named hosts than these are not compared with "_". */
#define MOST_NAMED 200

struct named {
	struct str host;
	struct passed own;
};

static void check_listener(const struct check *c, const struct listener *l)
{
	struct names_table hosts = {0};
	VEC(struct named *) list = {0};
	VEC(struct paths *) all = {0};

	for (size_t i = 0; i < l->routes.n; i++) {
		const struct route *r = l->routes.at[i];
		struct named *named = names_find(&hosts, r->host);
		struct paths *paths = arena_new_of(c->a, struct paths);
		const struct path *early;

		if (named == NULL) {
			named = arena_new_of(c->a, struct named);
			named->host = r->host;
			names_put(c->a, &hosts, r->host, named);
			vec_push(c->a, &list, named);
		}
		expand(c->a, r, r->path, paths);
		early = hidden_by(c->a, &named->own, paths);
		if (early != NULL)
			report(c, r, early);
		else
			pass(c->a, &named->own, paths);
		vec_push(c->a, &all, paths);
	}
	for (size_t h = 0; h < list.n && h < MOST_NAMED; h++)
		for (size_t i = 0; i < l->routes.n && !is_any(list.at[h]->host); i++)
			if (is_any(l->routes.at[i]->host))
				check_hidden(c, &list.at[h]->own, list.at[h]->host, l->routes.at[i],
					     all.at[i]);
}

void check_routes(const struct check *c)
{
	for (size_t i = 0; i < c->m->listeners.n; i++)
		if (c->m->listeners.at[i]->kind == LISTENER_HTTP)
			check_listener(c, c->m->listeners.at[i]);
}
