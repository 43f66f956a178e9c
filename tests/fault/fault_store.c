/* fault_store.c - the store while memory runs out, in itself or in SQLite: each allocation of a
 * good run fails once. Every request is answered, once; what was acknowledged is there, and what
 * was refused has changed nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/log.h"
#include "core/loop.h"
#include "failing.h"
#include "store/store.h"

static bool counting;

static bool failing_is_outside(void)
{
	return !counting;
}

static struct rt_shard *shard;
static char dir[64];

/* ---- answers ---- */

static struct answer {
	int err;
	unsigned calls;
	size_t n;       /* rows */
	char text[256]; /* the first of them */
} answer;

static bool is_answered(void *ctx)
{
	(void)ctx;
	return answer.calls != 0;
}

static void take(int err, struct rt_str text, size_t n)
{
	answer.err = err;
	answer.n = n;
	snprintf(answer.text, sizeof(answer.text), "%.*s", RT_STR_ARG(text));
	answer.calls++;
}

#define NOTHING ((struct rt_str){"", 0})

static void on_done(struct rt_shard *s, void *ctx, int err)
{
	(void)s;
	(void)ctx;
	take(err, NOTHING, 0);
}

static void on_credentials(struct rt_shard *s, void *ctx, int err, const struct rt_credentials *c)
{
	(void)s;
	(void)ctx;
	take(err, NOTHING, c != NULL ? c->sha1.iterations : 0);
}

static void on_names(struct rt_shard *s, void *ctx, int err, const struct rt_str *names, size_t n)
{
	(void)s;
	(void)ctx;
	take(err, n != 0 ? names[0] : NOTHING, n);
}

static void on_roster(struct rt_shard *s, void *ctx, int err, struct rt_str version,
		      const struct rt_roster_row *rows, size_t n)
{
	(void)s;
	(void)ctx;
	(void)version;
	take(err, n != 0 ? rows[0].jid : NOTHING, n);
}

static void on_offline(struct rt_shard *s, void *ctx, int err, const struct rt_offline_row *rows,
		       size_t n)
{
	(void)s;
	(void)ctx;
	take(err, n != 0 ? rows[0].stanza : NOTHING, n);
}

static void on_text(struct rt_shard *s, void *ctx, int err, struct rt_str text)
{
	(void)s;
	(void)ctx;
	take(err, text, 0);
}

static void on_search(struct rt_shard *s, void *ctx, int err, const struct rt_vcard_row *rows,
		      size_t n)
{
	(void)s;
	(void)ctx;
	take(err, n != 0 ? rows[0].fields[RT_VCARD_NICK] : NOTHING, n);
}

static void on_last(struct rt_shard *s, void *ctx, int err, int64_t wall_s, struct rt_str status)
{
	(void)s;
	(void)ctx;
	take(err, status, (size_t)wall_s);
}

/* The one answer to a call. */
#define ASK(call)                                                                                  \
	({                                                                                         \
		answer = (struct answer){0};                                                       \
		call;                                                                              \
		rt_shard_run_until(shard, is_answered, NULL);                                      \
		RT_ASSERT(answer.calls == 1 && is_documented(answer.err));                         \
		answer.err;                                                                        \
	})

static bool is_documented(int err)
{
	return err == RT_OK || err == RT_E_NOTFOUND || err == RT_E_NOMEM || err == RT_E_FULL;
}

/* ---- a run ---- */

static struct rt_account alice = {RT_STR("alice"), RT_STR("a.example")};
static struct rt_credentials keys = {.sha1.iterations = 7, .sha256.iterations = 7};

/* What each call said, for the check afterwards. */
static int created, put, removed, stored[2], kept, carded, updated;

static const struct rt_roster_row row = {
	.jid = RT_STR("c@b.example"), .name = RT_STR("C"), .groups = RT_STR("<group>g</group>")};
static const struct rt_roster_row other = {.jid = RT_STR("d@b.example")};
static const struct rt_private_row privates[] = {{RT_STR("urn:a"), RT_STR("<a xmlns='urn:a'/>")},
						 {RT_STR("urn:b"), RT_STR("<b xmlns='urn:b'/>")}};
static const struct rt_str fields[RT_NVCARD_FIELDS] = {[RT_VCARD_NICK] = RT_STR("Al")};
static const struct rt_str pattern[RT_NVCARD_FIELDS] = {[RT_VCARD_NICK] = RT_STR("a*")};

static void use(void)
{
	created = ASK(rt_store_account_create(shard, alice, &keys, on_done, NULL));
	ASK(rt_store_account_get(shard, alice, on_credentials, NULL));
	put = ASK(rt_store_roster_put(shard, alice, &row, RT_STR("1"), on_done, NULL));
	ASK(rt_store_roster_put(shard, alice, &other, RT_STR("2"), on_done, NULL));
	removed = ASK(rt_store_roster_delete(shard, alice, other.jid, RT_STR("3"), on_done, NULL));
	ASK(rt_store_roster_get(shard, alice, on_roster, NULL));
	for (int i = 0; i < 2; i++)
		stored[i] = ASK(rt_store_offline_put(shard, alice, RT_STR("<message/>"), i, 0, -1,
						     on_done, NULL));
	ASK(rt_store_offline_get(shard, alice, 0, on_offline, NULL));
	kept = ASK(rt_store_private_put(shard, alice, privates, 2, on_done, NULL));
	ASK(rt_store_private_get(shard, alice, privates[0].ns, on_text, NULL));
	carded = ASK(rt_store_vcard_put(shard, alice, RT_STR("<vCard/>"), fields, on_done, NULL));
	ASK(rt_store_vcard_get(shard, alice, on_text, NULL));
	ASK(rt_store_vcard_search(shard, alice.host, pattern, -1, on_search, NULL));
	rt_store_last_put(shard, alice, 5, RT_STR("gone"));
	ASK(rt_store_last_get(shard, alice, on_last, NULL));
	keys.sha1.iterations = 8;
	updated = ASK(rt_store_account_update(shard, alice, &keys, on_done, NULL));
	keys.sha1.iterations = 7;
	ASK(rt_store_account_list(shard, alice.host, on_names, NULL));
}

/* With memory again: exactly what was acknowledged. */
static void check(void)
{
	int err = ASK(rt_store_account_get(shard, alice, on_credentials, NULL));

	RT_ASSERT(err == (created == RT_OK ? RT_OK : RT_E_NOTFOUND));
	if (created != RT_OK)
		return;
	RT_ASSERT(answer.n == (updated == RT_OK ? 8 : 7));
	ASK(rt_store_roster_get(shard, alice, on_roster, NULL));
	RT_ASSERT(answer.err == RT_OK && answer.n >= (put == RT_OK) && answer.n <= 2);
	RT_ASSERT(put != RT_OK || strcmp(answer.text, "c@b.example") == 0);
	RT_ASSERT(put != RT_OK || removed != RT_OK || answer.n == 1);
	ASK(rt_store_offline_get(shard, alice, 0, on_offline, NULL));
	RT_ASSERT(answer.n == (stored[0] == RT_OK) + (stored[1] == RT_OK));
	for (int i = 0; i < 2; i++) {
		err = ASK(rt_store_private_get(shard, alice, privates[i].ns, on_text, NULL));
		RT_ASSERT(err == (kept == RT_OK ? RT_OK : RT_E_NOTFOUND));
	}
	err = ASK(rt_store_vcard_get(shard, alice, on_text, NULL));
	RT_ASSERT(err == (carded == RT_OK ? RT_OK : RT_E_NOTFOUND));
	ASK(rt_store_vcard_search(shard, alice.host, pattern, -1, on_search, NULL));
	RT_ASSERT(answer.n == (carded == RT_OK));
}

static void remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	RT_ASSERT(system(command) == 0);
}

/* @return allocations. `opens`: they fail while the database is opened, else while it is used. */
static unsigned long run(unsigned long first, bool opens)
{
	unsigned long count;
	int err;

	RT_ASSERT(rt_shards_init(1) == RT_OK);
	shard = rt_shards[0];
	strcpy(dir, "/dev/shm/fault-store-XXXXXX");
	if (mkdtemp(dir) == NULL) {
		strcpy(dir, "/tmp/fault-store-XXXXXX");
		RT_ASSERT(mkdtemp(dir) != NULL);
	}
	failing_at(first, 1);
	counting = opens;
	err = rt_store_open(&shard->store, dir);
	RT_ASSERT(err == RT_OK || first != 0);
	if (err != RT_OK) {
		counting = false;
		err = rt_store_open(&shard->store, dir);
		RT_ASSERT(err == RT_OK); /* half a database is none in the way */
	}
	counting = !opens;
	use();
	counting = false;
	count = failing_count;
	rt_arena_pool_trim(0);
	check();
	rt_store_close(&shard->store);
	rt_shards_drain();
	rt_shards_fini();
	rt_arena_pool_trim(0);
	remove_dir();
	return count;
}

int main(void)
{
	unsigned long survived = 0;

	RT_ASSERT(freopen("/dev/null", "w", stderr) != NULL);
	rt_log_setup(RT_LOG_ERROR, false, STDERR_FILENO);
	RT_ASSERT(failing_setup_sqlite());
	run(0, true); /* SQLite has made itself comfortable */
	for (int opens = 0; opens < 2; opens++) {
		unsigned long total = run(0, opens), first;

		/* Making a database takes thousands, most of them alike: some will do. */
		for (first = 1; first <= total; first += opens ? 13 : 1, survived++)
			run(first, opens);
	}
	printf("%lu failures survived\n", survived);
	return 0;
}
