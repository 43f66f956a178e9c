/* mod_offline_deliver.c - XEP-0160, Offline Messages: handing them over when
 * somebody comes.
 *
 *   available ─▶ read a page ─▶ write a chunk ─▶ has it left? ─▶ delete it ─▶ next
 *                    ▲                                │ the session ends first
 *                    └──── another able session? ◀────┘ (what has not left stays)
 *
 * One delivery at a time per account, so that a second session gets nothing
 * twice. A message leaves the store only after its bytes have left the
 * connection's buffer: positions in the connection's output tell which have.
 */
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/loop.h"
#include "modules/mod_offline.h"
#include "net/conn.h"
#include "route/router.h"
#include "xml/xml_writer.h"

struct message {
	struct rt_offline_row row;
	uint64_t end; /* written: how much the connection has sent when this one has
			 left */
};

/*   gone <= sent <= n
 *   |-- deleted, or being so --|-- written --|-- to be written --|          of
 * the page */
struct rt_delivery {
	struct rt_timer timer;
	struct rt_msg msg;
	struct rt_shard *shard;
	struct rt_user *user; /* held */
	uint64_t seq;         /* of the session that gets them */
	int64_t last_id;      /* of what was deleted */
	struct rt_arena arena;
	struct message *page;
	size_t n, sent, gone;
	bool asked; /* somebody has come since the page was asked for: it may lack a message */
};

static void read_page(struct rt_delivery *d);

/* ---- who gets them ---- */

static struct rt_conn *conn_of(const struct rt_delivery *d, const struct rt_session *s)
{
	return s != NULL ? rt_conn_find(d->shard, s->conn) : NULL;
}

/* A connection that is being closed takes nothing any more; a session without a
 * connection here takes what it gets. */
static bool is_able(const struct rt_delivery *d, const struct rt_session *s)
{
	const struct rt_conn *c = conn_of(d, s);

	return s != NULL && s->available && s->priority >= 0 &&
	       (c == NULL || c->state == RT_CONN_OPEN);
}

static struct rt_session *session_of(const struct rt_delivery *d)
{
	struct rt_session *s = d->user->sessions;

	while (s != NULL && s->seq != d->seq)
		s = s->next;
	return s;
}

static void finish(struct rt_delivery *d)
{
	struct rt_user *u = d->user;

	u->delivery = NULL;
	rt_user_deliver_late(d->shard, u);
	rt_arena_fini(&d->arena);
	rt_user_release(d->shard, u);
	free(d);
}

/* They stay in the store until the next time somebody comes. */
static void give_up(struct rt_delivery *d, int err)
{
	RT_LOG(WARN, NULL, "offline", "not-delivered", KV_STR("user", d->user->node),
	       KV_Z("reason", rt_error_text(err)));
	finish(d);
}

/* The session is gone or does not want messages any more: go on with another.
 */
static void start_over(struct rt_delivery *d)
{
	struct rt_session *s = d->user->sessions;

	while (s != NULL && !is_able(d, s))
		s = s->next;
	if (s == NULL) {
		finish(d);
		return;
	}
	d->seq = s->seq;
	read_page(d);
}

/* ---- writing ---- */

static void add_delay(struct rt_stanza *st, int host, int64_t stamp_us)
{
	struct rt_elem *e = rt_elem_add(st, st->root, "delay", RT_NS_DELAY);
	char stamp[32];

	rt_clock_stamp(stamp, sizeof(stamp), stamp_us, 6);
	rt_elem_set(st, e, "stamp", rt_str_of(stamp));
	rt_elem_set(st, e, "from", rt_str_of(rt_gen.hosts[host].name));
	rt_elem_text(st, e, RT_STR("Offline Storage"));
}

/* Bytes that the connection has sent when all that is written now has left. */
static uint64_t position(const struct rt_conn *c)
{
	return c != NULL ? c->bytes_out + rt_buf_len(&c->out) : 0;
}

/* @return RT_OK; RT_E_NOMEM; RT_E_CLOSED: the connection takes nothing any more. */
static int write_one(struct rt_session *s, const struct rt_conn *c, struct message *m)
{
	struct rt_stanza *st;
	int err = rt_xml_read_stanza(m->row.stanza, &st);
	bool readable = err == RT_OK, ok = err != RT_E_NOMEM;
	uint64_t before = position(c);

	if (readable) {
		add_delay(st, s->user->host, m->row.stamp_us);
		ok = !st->failed;
	}
	if (ok && readable)
		s->ops->deliver(s, st, NULL);
	rt_stanza_free(&st);
	if (!ok)
		return RT_E_NOMEM;
	m->end = position(c);
	if (readable)
		return c == NULL || m->end > before ? RT_OK : RT_E_CLOSED;
	/* Nothing that was stored can be refused by the parser: but if so, it must not block what
	 * comes after it. */
	RT_LOG(ERROR, NULL, "offline", "unreadable", KV_STR("user", s->user->node),
	       KV_INT("id", m->row.id));
	return RT_OK;
}

/* Half of what the connection may hold (max_fsm_queue): other stanzas need room
 * too. */
static size_t chunk_of(const struct rt_conn *c)
{
	uint32_t most = c != NULL ? c->listener->max_queue : 0;

	if (most == 0 || most / 2 > RT_OFFLINE_CHUNK)
		return RT_OFFLINE_CHUNK;
	return most < 2 ? 1 : most / 2;
}

static void after_turn(struct rt_shard *shard, struct rt_msg *msg);

static void write_chunk(struct rt_delivery *d, struct rt_session *s)
{
	const struct rt_conn *c = conn_of(d, s);
	size_t left = chunk_of(c), bytes = 0, before = d->sent;
	int err = RT_OK;

	for (; left > 0 && d->sent < d->n && bytes < RT_OFFLINE_CHUNK_BYTES; left--) {
		err = write_one(s, c, &d->page[d->sent]);
		if (err != RT_OK)
			break;
		bytes += d->page[d->sent++].row.stanza.n;
	}
	if (d->sent > before) {
		/* Connections send at the end of the turn: look in the next one. */
		d->msg.fn = after_turn;
		rt_shard_post(d->shard, &d->msg);
	} else if (err == RT_E_CLOSED) {
		/* It will be gone in a moment. */
		rt_timer_start(d->shard->loop, &d->timer, RT_OFFLINE_POLL_MS);
	} else {
		give_up(d, err);
	}
}

/* ---- has it left? ---- */

static void on_deleted(struct rt_shard *shard, void *ctx, int err)
{
	(void)shard;
	(void)ctx;
	if (err != RT_OK)
		RT_LOG(WARN, NULL, "offline", "not-deleted", KV_Z("reason", rt_error_text(err)),
		       KV_Z("effect", "messages will be delivered again"));
}

/* Delete what has left the connection; c NULL: what was written. */
static void delete_gone(struct rt_delivery *d, const struct rt_conn *c)
{
	struct rt_account who = {d->user->node, rt_str_of(rt_gen.hosts[d->user->host].name)};
	size_t before = d->gone;

	while (d->gone < d->sent && (c == NULL || d->page[d->gone].end <= c->bytes_out))
		d->gone++;
	if (d->gone == before)
		return;
	d->last_id = d->page[d->gone - 1].row.id;
	rt_store_offline_delete(d->shard, who, d->last_id, on_deleted, NULL);
}

static void go_on(struct rt_delivery *d)
{
	struct rt_session *s = session_of(d);
	struct rt_conn *c = conn_of(d, s);

	if (s == NULL) {
		start_over(d);
		return;
	}
	delete_gone(d, c);
	if (d->gone < d->sent && c->state == RT_CONN_OPEN)
		rt_timer_start(d->shard->loop, &d->timer, RT_OFFLINE_POLL_MS);
	else if (!is_able(d, s))
		start_over(d);
	else if (d->sent < d->n)
		write_chunk(d, s);
	else
		read_page(d);
}

static void after_turn(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)shard;
	go_on(RT_CONTAINER_OF(msg, struct rt_delivery, msg));
}

static void on_poll(struct rt_timer *t)
{
	go_on(RT_CONTAINER_OF(t, struct rt_delivery, timer));
}

/* The last chance to see what has left. */
void rt_mod_offline_session_close(struct rt_shard *shard, struct rt_session *s, const void *opts)
{
	struct rt_delivery *d = s->user->delivery;
	const struct rt_conn *c = rt_conn_find(shard, s->conn);

	(void)opts;
	if (d == NULL || d->seq != s->seq)
		return;
	if (c != NULL)
		delete_gone(d, c);
	if (rt_timer_is_active(&d->timer)) { /* no need to wait, and soon perhaps no loop either */
		rt_timer_stop(shard->loop, &d->timer);
		d->msg.fn = after_turn;
		rt_shard_post(shard, &d->msg);
	}
}

/* ---- reading ---- */

/* The rows are the store's: keep them until they are written. */
static bool keep_page(struct rt_delivery *d, const struct rt_offline_row *rows, size_t n)
{
	size_t i;

	d->page = rt_arena_alloc(&d->arena, n * sizeof(struct message));
	if (d->page == NULL)
		return false;
	for (i = 0; i < n; i++) {
		struct rt_str text = rows[i].stanza;

		d->page[i] = (struct message){.row = rows[i]};
		d->page[i].row.stanza = rt_arena_str(&d->arena, text.p, text.n);
		if (d->page[i].row.stanza.p == NULL)
			return false;
	}
	d->n = n;
	return true;
}

static void on_page(struct rt_shard *shard, void *ctx, int err, const struct rt_offline_row *rows,
		    size_t n)
{
	struct rt_delivery *d = ctx;
	struct rt_session *s = session_of(d);

	(void)shard;
	if (err != RT_OK)
		give_up(d, err);
	else if (n == 0 && !d->asked)
		finish(d);
	else if (n == 0 || !is_able(d, s))
		start_over(d);
	else if (!keep_page(d, rows, n))
		give_up(d, RT_E_NOMEM);
	else
		write_chunk(d, s);
}

static void read_page(struct rt_delivery *d)
{
	struct rt_account who = {d->user->node, rt_str_of(rt_gen.hosts[d->user->host].name)};

	rt_arena_fini(&d->arena);
	d->n = d->sent = d->gone = 0;
	d->asked = false;
	rt_store_offline_get(d->shard, who, d->last_id, on_page, d);
}

void rt_mod_offline_available(struct rt_session *s, const void *opts)
{
	struct rt_shard *shard = rt_shard_self();
	struct rt_delivery *d;

	(void)opts;
	/* Whoever came first gets them all; should it go, this one is asked in its
	 * place. */
	if (s->user->delivery != NULL) {
		s->user->delivery->asked = true;
		return;
	}
	d = calloc(1, sizeof(*d));
	if (d != NULL)
		d->user = rt_user_hold(shard, s->user->node, s->user->host);
	if (d == NULL || d->user == NULL) {
		RT_LOG(WARN, NULL, "offline", "not-read", KV_STR("user", s->user->node),
		       KV_Z("reason", rt_error_text(RT_E_NOMEM)));
		free(d);
		return;
	}
	d->shard = shard;
	d->seq = s->seq;
	d->user->delivery = d;
	rt_timer_init(&d->timer, on_poll);
	read_page(d);
}
