/* diff_witness.c - every two decisions that somebody gets from one to the other of.
 *
 * Two versions of one rule mostly differ in a few members of its sets. Somebody for whom the answer
 * changes is then among what one side has and the other has not, so only these are asked about; a
 * set of a hundred thousand members costs no more than what was changed in it. Where clauses were
 * added, moved or taken out, everybody is asked about.
 */
#include "tools/diff_witness.h"

#include "model/witness.h"

/* One direction: the decisions of `own` that `asked` stands for, against all of the other side. */
struct search {
	struct differ *d;
	const struct diff_checks *checks;
	struct diff_pairs *out;
	const struct decisions *asked, *own; /* asked is as long as own, or ends before it */
	bool is_new;                         /* own is the new side */
	struct diff_pairs wrong; /* what asked finds and own does not say: not looked for again */
};

static bool same_values(const struct rule_value *a, const struct rule_value *b)
{
	if (a->kind != b->kind || a->number != b->number)
		return false;
	return a->shaper == b->shaper || (a->shaper != NULL && b->shaper != NULL &&
					  a->shaper->bytes_per_s == b->shaper->bytes_per_s);
}

static bool has_pair(const struct diff_pairs *pairs, const struct decision *old,
		     const struct decision *new)
{
	for (size_t i = 0; i < pairs->list.n; i++)
		if (pairs->list.at[i].old == old && pairs->list.at[i].new == new)
			return true;
	return false;
}

/* The decision that one of `asked` stands for. */
static const struct decision *real(const struct search *s, const struct decision *asked)
{
	return &s->own->list.at[asked - s->asked->list.at];
}

static bool is_wanted(const struct decision *one, const struct decision *other, void *ctx)
{
	const struct search *s = ctx;
	const struct decision *old, *new;

	if (one == NULL || other == NULL || same_values(&one->value, &other->value))
		return false;
	if (s->checks->same_sets && one - s->asked->list.at != other - s->checks->new->list.at)
		return false;
	old = s->is_new ? other : real(s, one);
	new = s->is_new ? real(s, one) : other;
	return !has_pair(s->out, old, new) && !has_pair(&s->wrong, old, new);
}

/* In which check a side decides about a user. */
static int host_for(const struct model *m, const struct diff_checks *checks, int host,
		    const struct jid *who)
{
	const struct host *own;

	if (!checks->local || host != HOST_GLOBAL)
		return host;
	own = names_find(&m->host_names, who->domain);
	return own != NULL ? own->index : HOST_GLOBAL;
}

/* Note what both sides really decide. @return whether it is something new. */
static bool note(struct search *s, const struct jid *who)
{
	const struct diff_checks *k = s->checks;
	struct differ *d = s->d;
	struct diff_pair pair = {.who = *who};

	pair.old = decision_for(d->old, k->old, who, host_for(d->old, k, k->old_host, who));
	pair.new = decision_for(d->new, k->new, who, host_for(d->new, k, k->new_host, who));
	if (pair.old == NULL || pair.new == NULL ||
	    same_values(&pair.old->value, &pair.new->value) || has_pair(s->out, pair.old, pair.new))
		return false;
	vec_push(d->a, &s->out->list, pair);
	return true;
}

static enum witness search(struct search *s)
{
	const struct diff_checks *k = s->checks;
	unsigned about = k->local ? ABOUT_USERS | ABOUT_NAMED : 0;
	struct witness_side one = {.about = about}, other = {.about = about};
	struct witnesses *w = witnesses_new(s->d->a);
	struct jid who;
	enum witness answer;

	one.m = s->is_new ? s->d->new : s->d->old;
	one.decisions = s->asked;
	one.only_decided = true; /* own decides about everybody */
	one.host = s->is_new ? k->new_host : k->old_host;
	other.m = s->is_new ? s->d->old : s->d->new;
	other.decisions = s->is_new ? k->old : k->new;
	other.host = s->is_new ? k->old_host : k->new_host;
	while ((answer = witness_pair(w, &one, &other, is_wanted, s, &who)) == WITNESS_FOUND)
		if (!note(s, &who))
			return WITNESS_UNKNOWN;
	return answer;
}

/* ---- what only one side has ---- */

static bool are_alike(const struct decisions *a, const struct decisions *b)
{
	bool alike = a->list.n == b->list.n;

	for (size_t i = 0; i < a->list.n && alike; i++)
		alike = (a->list.at[i].set == NULL) == (b->list.at[i].set == NULL) &&
			same_values(&a->list.at[i].value, &b->list.at[i].value);
	return alike;
}

static bool counts(const struct set_member *m, int host)
{
	return m->host == HOST_GLOBAL || m->host == host;
}

static struct str key_of(struct arena *a, const struct set_member *m)
{
	return arena_printf(a, "%d %d %d:%zu:%.*s %d:%zu:%.*s %d:%.*s", (int)m->kind,
			    (int)m->server_is_host, (int)m->node.kind, m->node.text.n,
			    STR_ARG(m->node.text), (int)m->domain.kind, m->domain.text.n,
			    STR_ARG(m->domain.text), (int)m->resource.kind,
			    STR_ARG(m->resource.text));
}

/* The members of a set that another one does not have. */
static const struct set *without(struct arena *a, const struct set *s, int host,
				 const struct set *other, int other_host)
{
	struct names_table has = {0};
	struct set *rest = arena_new_of(a, struct set);

	rest->name = s->name;
	for (size_t i = 0; i < other->folded.n; i++)
		if (counts(other->folded.at[i], other_host))
			names_put(a, &has, key_of(a, other->folded.at[i]), other->folded.at[i]);
	for (size_t i = 0; i < s->folded.n; i++) {
		struct set_member *copy;

		if (!counts(s->folded.at[i], host) ||
		    names_find(&has, key_of(a, s->folded.at[i])) != NULL)
			continue;
		copy = arena_new_of(a, struct set_member);
		*copy = *s->folded.at[i];
		copy->nth = (uint32_t)rest->folded.n;
		copy->next_of_name = NULL;
		copy->last_of_name = NULL;
		vec_push(a, &rest->folded, copy);
		vec_push(a, &rest->unnamed, copy);
	}
	return rest;
}

static const struct decisions *reduced(struct arena *a, const struct decisions *own, int host,
				       const struct decisions *other, int other_host)
{
	struct decisions *out = arena_new_of(a, struct decisions);

	for (size_t i = 0; i < own->list.n; i++) {
		struct decision decision = own->list.at[i];

		/* Who gets past all sets here and not on the other side is among what that has. */
		if (decision.set == NULL)
			break;
		decision.set = without(a, decision.set, host, other->list.at[i].set, other_host);
		vec_push(a, &out->list, decision);
	}
	return out;
}

/* Everybody is decided about by the same clause as before: only its value may be another. */
static void find_new_values(struct search *s)
{
	const struct decisions *old = s->checks->old, *new = s->checks->new;

	if (search(s) == WITNESS_NOBODY)
		return;
	for (size_t i = 0; i < old->list.n; i++) {
		struct diff_pair pair = {.old = &old->list.at[i], .new = &new->list.at[i]};

		if (!same_values(&pair.old->value, &pair.new->value) &&
		    !has_pair(s->out, pair.old, pair.new))
			vec_push(s->d->a, &s->out->list, pair);
	}
}

void diff_find_pairs(struct differ *d, struct diff_checks *checks, struct diff_pairs *out)
{
	struct search old = {.d = d, .checks = checks, .out = out};
	struct search new = {.d = d, .checks = checks, .out = out, .is_new = true};
	enum witness answers[2];

	*out = (struct diff_pairs){0};
	old.own = old.asked = checks->old;
	new.own = new.asked = checks->new;
	if (checks->same_sets) {
		find_new_values(&old);
		return;
	}
	if (checks->old_rest == NULL && are_alike(checks->old, checks->new)) {
		checks->old_rest =
			reduced(d->a, checks->old, checks->old_host, checks->new, checks->new_host);
		checks->new_rest =
			reduced(d->a, checks->new, checks->new_host, checks->old, checks->old_host);
	}
	if (checks->old_rest != NULL) {
		old.asked = checks->old_rest;
		new.asked = checks->new_rest;
		answers[0] = search(&old);
		answers[1] = search(&new);
		out->is_unsure = answers[0] == WITNESS_UNKNOWN || answers[1] == WITNESS_UNKNOWN;
		return;
	}
	answers[0] = search(&old);
	answers[1] = answers[0] == WITNESS_UNKNOWN ? search(&new) : WITNESS_NOBODY;
	out->is_unsure = answers[0] == WITNESS_UNKNOWN && answers[1] == WITNESS_UNKNOWN;
}
