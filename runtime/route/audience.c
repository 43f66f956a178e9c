/* audience.c - who hears of a session's presence: contacts, own resources, and a bounded list
 * beside the roster. */
#include "route/audience.h"

#include <stdlib.h>

#include "route/fanout.h"
#include "route/presence.h"
#include "route/roster.h"

/* ---- the list: most sessions have none ---- */

static struct rt_directed **link_of(struct rt_session *s, struct rt_str text)
{
	struct rt_directed **at = &s->directed;

	while (*at != NULL && ((*at)->n != text.n || memcmp((*at)->jid, text.p, text.n) != 0))
		at = &(*at)->next;
	return at;
}

int rt_directed_set(struct rt_session *s, const struct rt_jid *jid, bool muted)
{
	char text[RT_JID_MAX + 1];
	size_t n = rt_jid_format(jid, text);
	struct rt_directed **at = link_of(s, (struct rt_str){text, (uint32_t)n});

	if (*at == NULL) {
		if (s->ndirected >= RT_DIRECTED_MAX)
			return RT_E_LIMIT;
		*at = calloc(1, sizeof(**at) + n + 1);
		if (*at == NULL)
			return RT_E_NOMEM;
		(*at)->n = (uint32_t)n;
		memcpy((*at)->jid, text, n);
		s->ndirected++;
	}
	(*at)->muted = muted;
	return RT_OK;
}

void rt_directed_remove(struct rt_session *s, const struct rt_jid *jid)
{
	char text[RT_JID_MAX + 1];
	struct rt_directed **at, *gone;

	if (s->directed == NULL)
		return;
	at = link_of(s, (struct rt_str){text, (uint32_t)rt_jid_format(jid, text)});
	gone = *at;
	if (gone == NULL)
		return;
	*at = gone->next;
	s->ndirected--;
	free(gone);
}

static bool is_muted(const struct rt_session *s, struct rt_str bare)
{
	const struct rt_directed *d = s->directed;

	while (d != NULL && (d->n != bare.n || memcmp(d->jid, bare.p, bare.n) != 0))
		d = d->next;
	return d != NULL && d->muted;
}

static struct rt_directed *take_list(struct rt_session *s)
{
	struct rt_directed *list = s->directed;

	s->directed = NULL;
	s->ndirected = 0;
	return list;
}

void rt_directed_free(struct rt_session *s)
{
	for (struct rt_directed *d = take_list(s), *next; d != NULL; d = next) {
		next = d->next;
		free(d);
	}
}

/* ---- telling ---- */

static bool is_told(const struct rt_session *s, const struct rt_roster_item *it)
{
	return it != NULL && rt_roster_sees_us(it) && !is_muted(s, it->jid);
}

static void add_contacts(struct rt_fanout *f, const struct rt_session *s)
{
	const struct rt_roster *r = s->user->roster;

	for (const struct rt_roster_item *it = NULL; (it = rt_roster_next(r, it)) != NULL;) {
		struct rt_jid jid = rt_roster_jid(it->jid);

		if (is_told(s, it))
			rt_fanout_add(f, &jid);
	}
}

/* Everybody with directed presence who is not among the contacts that are told anyway. The list is
 * empty afterwards. */
static void add_directed(struct rt_fanout *f, struct rt_session *s, bool contacts_told)
{
	struct rt_directed *list;

	/* First say who is left out: that needs the mutes of the whole list. */
	for (struct rt_directed *d = s->directed; contacts_told && d != NULL; d = d->next) {
		struct rt_jid jid = rt_roster_jid((struct rt_str){d->jid, d->n});

		if (!d->muted && is_told(s, rt_roster_find_bare(s->user->roster, &jid)))
			d->n = 0;
	}
	list = take_list(s);
	for (struct rt_directed *next; list != NULL; list = next) {
		struct rt_jid jid = rt_roster_jid((struct rt_str){list->jid, list->n});

		if (!list->muted && list->n > 0)
			rt_fanout_add(f, &jid);
		next = list->next;
		free(list);
	}
}

void rt_audience_tell(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	struct rt_fanout f;

	rt_fanout_begin(&f, shard, st);
	rt_presence_deliver(s->user, st);
	add_contacts(&f, s);
	rt_fanout_end(&f);
}

void rt_audience_tell_end(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st,
			  bool to_contacts)
{
	struct rt_fanout f;

	rt_fanout_begin(&f, shard, st);
	if (to_contacts) {
		rt_presence_deliver(s->user, st);
		add_contacts(&f, s);
	}
	add_directed(&f, s, to_contacts);
	rt_fanout_end(&f);
}
