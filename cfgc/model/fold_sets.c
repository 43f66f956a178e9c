/* fold_sets.c - members of sets of users in their simplest form, without doubles, nobody left out.
 */
#include "model/lower.h"
#include "support/strbuf.h"

static struct part_test fold_part(struct arena *a, struct part_test t)
{
	return t.kind == PART_MATCHES ? pattern_fold(a, t.text) : t;
}

static bool tests_nothing(const struct set_member *m)
{
	return m->node.kind == PART_ANY && m->domain.kind == PART_ANY &&
	       m->resource.kind == PART_ANY && !m->server_is_host;
}

/* The member itself where there is nothing to simplify. */
static struct set_member *fold_member(struct arena *a, struct set_member *m)
{
	struct set_member *folded;

	if (m->kind != MEMBER_TEST ||
	    (m->node.kind != PART_MATCHES && m->domain.kind != PART_MATCHES &&
	     m->resource.kind != PART_MATCHES && !tests_nothing(m)))
		return m;
	folded = arena_new_of(a, struct set_member);
	*folded = *m;
	folded->node = fold_part(a, m->node);
	folded->domain = fold_part(a, m->domain);
	folded->resource = fold_part(a, m->resource);
	if (tests_nothing(folded))
		folded->kind = MEMBER_ALL;
	return folded;
}

static void add_number(struct strbuf *key, size_t n)
{
	strbuf_add(key, (struct str){(const char *)&n, sizeof(n)});
}

static void add_part(struct strbuf *key, const struct part_test *t)
{
	add_number(key, t->kind);
	add_number(key, t->text.n);
	strbuf_add(key, t->text);
}

/* The same bytes for members that let the same users pass. */
static struct str key_of(struct arena *a, const struct set_member *m)
{
	struct strbuf key = {.arena = a};

	add_number(&key, (size_t)m->host);
	add_number(&key, m->kind);
	add_number(&key, m->server_is_host);
	add_part(&key, &m->node);
	add_part(&key, &m->domain);
	add_part(&key, &m->resource);
	return strbuf_str(&key);
}

/* Sets of many names are asked about one: find it at once. */
static void index_member(struct arena *a, struct set *s, struct set_member *member)
{
	struct set_member *first;

	member->nth = (uint32_t)s->folded.n - 1;
	if (member->kind != MEMBER_TEST || member->node.kind != PART_IS) {
		vec_push(a, &s->unnamed, member);
		return;
	}
	first = names_find(&s->named, member->node.text);
	member->last_of_name = member;
	if (first == NULL) {
		names_put(a, &s->named, member->node.text, member);
	} else {
		first->last_of_name->next_of_name = member;
		first->last_of_name = member;
	}
}

static void fold_set(struct model *m, struct set *s)
{
	struct names_table seen = {0};

	for (size_t i = 0; i < s->members.n; i++) {
		struct set_member *folded = fold_member(m->arena, s->members.at[i]);
		struct str key;

		if (folded->kind == MEMBER_NONE)
			continue;
		if (folded->kind == MEMBER_ALL && folded->host == HOST_GLOBAL)
			s->is_everybody = true;
		key = key_of(m->arena, folded);
		if (names_find(&seen, key) != NULL)
			continue;
		names_put(m->arena, &seen, key, folded);
		vec_push(m->arena, &s->folded, folded);
		index_member(m->arena, s, folded);
	}
}

void fold_sets(struct model *m)
{
	for (size_t i = 0; i < m->sets.n; i++)
		fold_set(m, m->sets.at[i]);
}
