/* emit_sets.c - access.h, first half: every set of users that a rule asks for as one function over
 * literals.
 *
 * Few members become a chain of comparisons, many exact users or servers a switch, very many a
 * sorted table. What chooses is in thresholds.h.
 */
#include <stdlib.h>

#include "emit/emitter.h"
#include "emit/thresholds.h"
#include "support/assert.h"

/* ---- regular expressions ---- */

static void collect_pattern(struct emitter *e, const struct part_test *t)
{
	struct emit_pattern *p;

	if (t->kind != PART_MATCHES || names_find(&e->pattern_index, t->text) != NULL)
		return;
	p = arena_new_of(e->arena, struct emit_pattern);
	p->text = t->text;
	p->index = e->patterns.n;
	vec_push(e->arena, &e->patterns, p);
	names_put(e->arena, &e->pattern_index, p->text, p);
}

static size_t pattern_index(const struct emitter *e, struct str pattern)
{
	const struct emit_pattern *p = names_find(&e->pattern_index, pattern);

	CFGC_ASSERT(p != NULL);
	return p->index;
}

void collect_patterns(struct emitter *e)
{
	for (size_t i = 0; i < e->model->sets.n; i++) {
		const struct set *s = e->model->sets.at[i];

		for (size_t k = 0; s->is_asked && k < s->folded.n; k++) {
			collect_pattern(e, &s->folded.at[k]->node);
			collect_pattern(e, &s->folded.at[k]->domain);
			collect_pattern(e, &s->folded.at[k]->resource);
		}
	}
}

void emit_pattern_index(struct emitter *e)
{
	if (e->patterns.n == 0)
		return;
	emit_comment(e, "Regular expressions, compiled by gen_init() in server.c.");
	emit_line(e, "enum { GEN_NPATTERNS = %zu };", e->patterns.n);
	emit_blank(e);
	emit_open(e, "static const char *const gen_pattern_texts[GEN_NPATTERNS] = {");
	for (size_t i = 0; i < e->patterns.n; i++)
		emit_line(e, "%.*s,", STR_ARG(c_string(e->arena, e->patterns.at[i]->text)));
	emit_close(e, "};");
	emit_blank(e);
	emit_line(e, "static struct rt_regexp *gen_patterns[GEN_NPATTERNS];");
}

void emit_pattern_init(struct emitter *e)
{
	if (e->patterns.n == 0)
		return;
	emit_line(e, "static bool");
	emit_line(e, "gen_init(char *error, size_t size)");
	emit_open(e, "{");
	emit_open(e, "for (size_t i = 0; i < GEN_NPATTERNS; i++) {");
	emit_line(e, "gen_patterns[i] = rt_regexp_new(gen_pattern_texts[i], error, size);");
	emit_open(e, "if (gen_patterns[i] == NULL)");
	emit_line(e, "return false;");
	e->depth--;
	emit_close(e, "}");
	emit_line(e, "return true;");
	emit_close(e, "}");
	emit_blank(e);
	emit_line(e, "static void");
	emit_line(e, "gen_fini(void)");
	emit_open(e, "{");
	emit_open(e, "for (size_t i = 0; i < GEN_NPATTERNS; i++)");
	emit_line(e, "rt_regexp_free(gen_patterns[i]);");
	e->depth--;
	emit_close(e, "}");
}

/* ---- members in classes ---- */

enum member_class {
	CLASS_USERS,   /* exact user, on an exact server or on that of the check */
	CLASS_SERVERS, /* exact server */
	CLASS_OTHER,
};

static enum member_class class_of(const struct set_member *m)
{
	if (m->kind != MEMBER_TEST || m->resource.kind != PART_ANY)
		return CLASS_OTHER;
	if (m->node.kind == PART_IS &&
	    (m->domain.kind == PART_IS || (m->domain.kind == PART_ANY && m->server_is_host)))
		return CLASS_USERS;
	if (m->node.kind == PART_ANY && m->domain.kind == PART_IS)
		return CLASS_SERVERS;
	return CLASS_OTHER;
}

struct members {
	VEC(const struct set_member *) list;
};

/* Members that count in checks for one host, or (HOST_GLOBAL) in all. */
static struct members members_of(struct emitter *e, const struct set *s, int host,
				 enum member_class class)
{
	struct members out = {0};

	for (size_t i = 0; i < s->folded.n; i++)
		if (s->folded.at[i]->host == host && class_of(s->folded.at[i]) == class)
			vec_push(e->arena, &out.list, s->folded.at[i]);
	return out;
}

static int by_node_and_domain(const void *a, const void *b)
{
	const struct set_member *m = *(const struct set_member *const *)a;
	const struct set_member *n = *(const struct set_member *const *)b;
	int order = str_cmp(m->node.text, n->node.text);

	/* A member without a domain has an empty text and comes first. */
	return order != 0 ? order : str_cmp(m->domain.text, n->domain.text);
}

static void sort_members(struct members *m)
{
	CFGC_ASSERT(m->list.n != 0);
	qsort(m->list.at, m->list.n, sizeof(*m->list.at), by_node_and_domain);
}

/* ---- one member as an expression ---- */

struct product {
	struct strbuf text;
	unsigned nfactors;
};

static void add_factor(struct product *out, struct str factor)
{
	if (out->nfactors++ != 0)
		strbuf_addz(&out->text, " && ");
	strbuf_add(&out->text, factor);
}

static struct str host_test(struct emitter *e, int host)
{
	return arena_printf(e->arena, "who->host == %.*s",
			    STR_ARG(host_enumerator(e, e->model->hosts.at[host])));
}

static void add_part(struct emitter *e, struct product *out, const char *part, const char *upper,
		     const struct part_test *t)
{
	struct str text = c_string(e->arena, t->text);

	switch (t->kind) {
	case PART_ANY:
		return;
	case PART_IS:
		add_factor(out,
			   arena_printf(e->arena, "RT_%s_IS(who, %.*s)", upper, STR_ARG(text)));
		return;
	case PART_STARTS:
		add_factor(out, arena_printf(e->arena, "RT_PART_STARTS(who, %s, %.*s)", part,
					     STR_ARG(text)));
		return;
	case PART_ENDS:
		add_factor(out, arena_printf(e->arena, "RT_PART_ENDS(who, %s, %.*s)", part,
					     STR_ARG(text)));
		return;
	case PART_MATCHES:
		add_factor(out,
			   arena_printf(e->arena, "RT_PART_MATCHES(who, %s, gen_patterns[%zu])",
					part, pattern_index(e, t->text)));
		return;
	}
}

static struct product member_product(struct emitter *e, const struct set_member *m)
{
	struct product out = {.text = {.arena = e->arena}};

	if (m->host != HOST_GLOBAL)
		add_factor(&out, host_test(e, m->host));
	if (m->kind == MEMBER_ALL)
		return out;
	if (m->server_is_host)
		add_factor(&out, STR("rt_server_is_valid(who)"));
	if (m->node.kind == PART_IS && m->domain.kind == PART_IS) {
		add_factor(&out, arena_printf(e->arena, "RT_JID_IS(who, %.*s, %.*s)",
					      STR_ARG(c_string(e->arena, m->node.text)),
					      STR_ARG(c_string(e->arena, m->domain.text))));
	} else {
		add_part(e, &out, "node", "NODE", &m->node);
		add_part(e, &out, "domain", "DOMAIN", &m->domain);
	}
	add_part(e, &out, "resource", "RESOURCE", &m->resource);
	return out;
}

/* ---- tables ---- */

static struct str emit_user_table(struct emitter *e, const struct set *s, struct members *users)
{
	struct str name = ident_unique(e, arena_printf(e->arena, "%.*s_users", STR_ARG(s->ident)));

	sort_members(users);
	emit_comment(e, "By user, then domain; NULL: the host that the check is made for.");
	emit_open(e, "static const struct rt_acl_user %.*s[] = {", STR_ARG(name));
	for (size_t i = 0; i < users->list.n; i++) {
		const struct set_member *m = users->list.at[i];
		struct str domain = m->domain.kind == PART_IS ? c_string(e->arena, m->domain.text)
							      : STR("NULL");

		emit_noted(e, place_short(e, m->at), "{%.*s, %.*s},",
			   STR_ARG(c_string(e->arena, m->node.text)), STR_ARG(domain));
	}
	emit_close(e, "};");
	emit_blank(e);
	return arena_printf(e->arena, "rt_acl_has_user(who, %.*s, RT_ARRAY_LEN(%.*s))",
			    STR_ARG(name), STR_ARG(name));
}

static struct str emit_server_table(struct emitter *e, const struct set *s, struct members *servers)
{
	struct str name =
		ident_unique(e, arena_printf(e->arena, "%.*s_servers", STR_ARG(s->ident)));

	sort_members(servers);
	emit_comment(e, "By name.");
	emit_open(e, "static const char *const %.*s[] = {", STR_ARG(name));
	for (size_t i = 0; i < servers->list.n; i++) {
		const struct set_member *m = servers->list.at[i];

		emit_noted(e, place_short(e, m->at), "%.*s,",
			   STR_ARG(c_string(e->arena, m->domain.text)));
	}
	emit_close(e, "};");
	emit_blank(e);
	return arena_printf(e->arena,
			    "rt_text_in(who->domain, who->domain_len, %.*s, RT_ARRAY_LEN(%.*s))",
			    STR_ARG(name), STR_ARG(name));
}

/* The domains that a user is meant on: the members from..end have the same node. */
static struct text_case user_case(struct emitter *e, const struct members *users, size_t from,
				  size_t end)
{
	struct text_case c = {.text = users->list.at[from]->node.text,
			      .note = place_short(e, users->list.at[from]->at)};
	struct strbuf out = {.arena = e->arena};

	for (size_t i = from; i < end; i++) {
		const struct set_member *m = users->list.at[i];

		strbuf_addz(&out, i != from ? " || " : "");
		if (m->domain.kind == PART_IS)
			strbuf_printf(&out, "RT_DOMAIN_IS(who, %.*s)",
				      STR_ARG(c_string(e->arena, m->domain.text)));
		else
			strbuf_addz(&out, "rt_server_is_valid(who)");
	}
	c.result = strbuf_str(&out);
	return c;
}

static struct str emit_user_switch(struct emitter *e, const struct set *s, struct members *users)
{
	struct str name =
		ident_unique(e, arena_printf(e->arena, "%.*s_has_user", STR_ARG(s->ident)));
	struct text_case *cases = arena_array_of(e->arena, struct text_case, users->list.n);
	size_t n = 0, end;

	sort_members(users);
	for (size_t i = 0; i < users->list.n; i = end) {
		for (end = i + 1; end < users->list.n && str_eq(users->list.at[end]->node.text,
								users->list.at[i]->node.text);)
			end++;
		cases[n++] = user_case(e, users, i, end);
	}
	emit_line(e, "static bool");
	emit_line(e, "%.*s(const struct rt_access_ctx *who)", STR_ARG(name));
	emit_open(e, "{");
	emit_line(e, "const char *name = who->node;");
	emit_line(e, "size_t len = who->node_len;");
	emit_blank(e);
	emit_text_switch(e, "name", cases, n, "false");
	emit_close(e, "}");
	emit_blank(e);
	return arena_printf(e->arena, "%.*s(who)", STR_ARG(name));
}

static struct str emit_server_switch(struct emitter *e, const struct set *s,
				     const struct members *servers)
{
	struct str name =
		ident_unique(e, arena_printf(e->arena, "%.*s_has_server", STR_ARG(s->ident)));
	struct text_case *cases = arena_array_of(e->arena, struct text_case, servers->list.n);

	for (size_t i = 0; i < servers->list.n; i++) {
		const struct set_member *m = servers->list.at[i];

		cases[i] = (struct text_case){.text = m->domain.text,
					      .result = STR("true"),
					      .note = place_short(e, m->at)};
	}
	emit_line(e, "static bool");
	emit_line(e, "%.*s(const char *name, size_t len)", STR_ARG(name));
	emit_open(e, "{");
	emit_text_switch(e, "name", cases, servers->list.n, "false");
	emit_close(e, "}");
	emit_blank(e);
	return arena_printf(e->arena, "%.*s(who->domain, who->domain_len)", STR_ARG(name));
}

/* ---- functions ---- */

/* One operand of the `||` that a set is. */
struct operand {
	struct str expression, note;
	bool is_product;
};

struct operands {
	VEC(struct operand) list;
};

static void add_chain(struct emitter *e, struct operands *out, const struct members *members)
{
	for (size_t i = 0; i < members->list.n; i++) {
		const struct set_member *m = members->list.at[i];
		struct product p = member_product(e, m);
		struct operand o = {strbuf_str(&p.text), place_short(e, m->at), p.nfactors > 1};

		vec_push(e->arena, &out->list, o);
	}
}

static void add_many(struct emitter *e, struct operands *out, int host, struct str expression,
		     size_t n, const char *what)
{
	struct product p = {.text = {.arena = e->arena}};
	struct operand o = {.note = arena_printf(e->arena, "%zu %s", n, what)};

	if (host != HOST_GLOBAL)
		add_factor(&p, host_test(e, host));
	add_factor(&p, expression);
	o.expression = strbuf_str(&p.text);
	o.is_product = p.nfactors > 1;
	vec_push(e->arena, &out->list, o);
}

/* The line that ends an operand: its note, at a fixed column, is the last thing on it. */
static void emit_operand(struct emitter *e, const struct operand *o, bool first, bool last,
			 bool in_brackets)
{
	emit_noted(e, o->note, "%s%s%.*s%s%s", first ? "return " : "    || ",
		   in_brackets ? "(" : "", STR_ARG(o->expression), in_brackets ? ")" : "",
		   last ? ";" : "");
}

static void emit_function(struct emitter *e, const struct set *s, const struct operands *operands)
{
	size_t n = operands->list.n;

	emit_line(e, "static inline bool");
	emit_line(e, "%.*s(const struct rt_access_ctx *who)", STR_ARG(s->ident));
	emit_open(e, "{");
	for (size_t i = 0; i < n; i++) {
		const struct operand *o = &operands->list.at[i];

		emit_operand(e, o, i == 0, i + 1 == n, n > 1 && o->is_product);
	}
	emit_close(e, "}");
	emit_blank(e);
}

static void emit_heading(struct emitter *e, const struct set *s)
{
	if (s->members.n <= MOST_IN_CHAIN) {
		for (size_t i = 0; i < s->members.n; i++)
			emit_comment_term(e, s->members.at[i]->term);
		return;
	}
	emit_comment_term(e, s->members.at[0]->term);
	emit_comment(e, "and %zu more of this name", s->members.n - 1);
}

static void emit_members(struct emitter *e, const struct set *s, int host, struct operands *out)
{
	struct members users = members_of(e, s, host, CLASS_USERS);
	struct members servers = members_of(e, s, host, CLASS_SERVERS);
	struct members others = members_of(e, s, host, CLASS_OTHER);

	if (users.list.n > MOST_IN_SWITCH)
		add_many(e, out, host, emit_user_table(e, s, &users), users.list.n, "users");
	else if (users.list.n > MOST_IN_CHAIN)
		add_many(e, out, host, emit_user_switch(e, s, &users), users.list.n, "users");
	else
		add_chain(e, out, &users);
	if (servers.list.n > MOST_IN_SWITCH)
		add_many(e, out, host, emit_server_table(e, s, &servers), servers.list.n,
			 "servers");
	else if (servers.list.n > MOST_IN_CHAIN)
		add_many(e, out, host, emit_server_switch(e, s, &servers), servers.list.n,
			 "servers");
	else
		add_chain(e, out, &servers);
	add_chain(e, out, &others);
}

static void emit_set(struct emitter *e, const struct set *s)
{
	size_t nhosts = e->model->hosts.n;
	bool *has_own = arena_array_of(e->arena, bool, nhosts + 1);
	struct operands operands = {0};

	for (size_t i = 0; i < s->folded.n; i++)
		if (s->folded.at[i]->host != HOST_GLOBAL)
			has_own[s->folded.at[i]->host] = true;
	emit_members(e, s, HOST_GLOBAL, &operands);
	for (size_t h = 0; h < nhosts; h++)
		if (has_own[h])
			emit_members(e, s, (int)h, &operands);
	emit_heading(e, s);
	emit_function(e, s, &operands);
}

void emit_sets(struct emitter *e)
{
	for (size_t i = 0; i < e->model->sets.n; i++)
		if (e->model->sets.at[i]->is_asked)
			emit_set(e, e->model->sets.at[i]);
}
