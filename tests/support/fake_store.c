/* fake_store.c - see fake_store.h: rows in one list, operations as a queue of closures. */
#include "fake_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "core/clock.h"

enum subject { ACCOUNT, ROSTER, VERSION, OFFLINE, PRIVATE, VCARD, LAST };

#define ROW_TEXTS (1 + RT_NVCARD_FIELDS)
#define OP_TEXTS  64

struct row {
	struct row *next;
	enum subject subject;
	char *node, *host, *key; /* key: jid, namespace; "" where there is only one */
	char *texts[ROW_TEXTS];  /* NULL: none */
	int64_t a, b;
	uint8_t subscription, ask;
	struct rt_credentials credentials;
};

/* What a call asks for, with copies of all it was given. */
struct op {
	struct op *next;
	int (*run)(struct op *op); /* @return the error for the callback */
	void (*answer)(struct op *op, int err);
	struct rt_shard *shard;
	char *node, *host, *key;
	char *texts[OP_TEXTS];
	char *version;
	int64_t a, b, c;
	int err; /* it is to fail */
	uint8_t subscription, ask;
	struct rt_credentials credentials;
	void (*done)(void); /* cast back by answer */
	void *ctx;
};

static struct row *rows;
static struct op *queue, **queue_end = &queue;
static enum fake_store_mode mode;
static unsigned calls, fail_in;
static int fail_with;
static int64_t next_id;

/* ---- text ---- */

static char *dup_str(struct rt_str s)
{
	char *copy = malloc(s.n + 1u);

	RT_ASSERT(copy != NULL);
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

static char *dup_opt(struct rt_str s)
{
	return s.p == NULL ? NULL : dup_str(s);
}

static struct rt_str str_of(const char *z)
{
	return z == NULL ? (struct rt_str){NULL, 0} : rt_str_of(z);
}

/* ---- rows ---- */

static bool is_of(const struct row *r, enum subject subject, const char *node, const char *host)
{
	return r->subject == subject && strcmp(r->node, node) == 0 && strcmp(r->host, host) == 0;
}

static struct row *find(enum subject subject, const char *node, const char *host, const char *key)
{
	struct row *r = rows;

	while (r != NULL && !(is_of(r, subject, node, host) && strcmp(r->key, key) == 0))
		r = r->next;
	return r;
}

static void free_row(struct row *r)
{
	free(r->node);
	free(r->host);
	free(r->key);
	for (size_t i = 0; i < ROW_TEXTS; i++)
		free(r->texts[i]);
	free(r);
}

/* Appended: lists come out in the order of arrival. */
static struct row *add(enum subject subject, const char *node, const char *host, const char *key)
{
	struct row *r = calloc(1, sizeof(*r)), **at = &rows;

	RT_ASSERT(r != NULL);
	r->subject = subject;
	r->node = strdup(node);
	r->host = strdup(host);
	r->key = strdup(key);
	while (*at != NULL)
		at = &(*at)->next;
	*at = r;
	return r;
}

static struct row *find_or_add(enum subject subject, const char *node, const char *host,
			       const char *key)
{
	struct row *r = find(subject, node, host, key);

	return r != NULL ? r : add(subject, node, host, key);
}

static void remove_rows(bool (*wanted)(const struct row *r, const struct op *op),
			const struct op *op)
{
	struct row **at = &rows;

	while (*at != NULL) {
		struct row *r = *at;

		if (wanted(r, op)) {
			*at = r->next;
			free_row(r);
		} else {
			at = &r->next;
		}
	}
}

static void set_text(struct row *r, size_t i, const char *text)
{
	free(r->texts[i]);
	r->texts[i] = text == NULL ? NULL : strdup(text);
}

/* ---- operations ---- */

static void free_op(struct op *op)
{
	free(op->node);
	free(op->host);
	free(op->key);
	free(op->version);
	for (size_t i = 0; i < OP_TEXTS; i++)
		free(op->texts[i]);
	free(op);
}

static struct op *new_op(struct rt_shard *shard, struct rt_account who, struct rt_str key)
{
	struct op *op = calloc(1, sizeof(*op));

	RT_ASSERT(op != NULL);
	op->shard = shard;
	op->node = dup_str(who.node);
	op->host = dup_str(who.host);
	op->key = dup_str(key);
	return op;
}

static void perform(struct op *op)
{
	struct rt_shard *was = rt_shard_self();
	int err = op->err != RT_OK ? op->err : op->run(op);

	rt_shard_enter(op->shard);
	if (op->done != NULL)
		op->answer(op, err);
	rt_shard_enter(was);
	free_op(op);
}

static void submit(struct op *op)
{
	calls++;
	if (fail_with != RT_OK && fail_in-- == 0) {
		op->err = fail_with;
		fail_with = RT_OK;
	}
	if (mode == FAKE_STORE_AT_ONCE) {
		perform(op);
		return;
	}
	*queue_end = op;
	queue_end = &op->next;
}

bool fake_store_run(void)
{
	bool any = false;

	while (queue != NULL) {
		struct op *op = queue;

		queue = op->next;
		if (queue == NULL)
			queue_end = &queue;
		perform(op);
		any = true;
	}
	return any;
}

void fake_store_reset(enum fake_store_mode new_mode)
{
	while (queue != NULL) {
		struct op *op = queue;

		queue = op->next;
		free_op(op);
	}
	queue_end = &queue;
	while (rows != NULL) {
		struct row *r = rows;

		rows = r->next;
		free_row(r);
	}
	mode = new_mode;
	calls = 0;
	fail_with = RT_OK;
	next_id = 1;
}

void fake_store_set_mode(enum fake_store_mode new_mode)
{
	mode = new_mode;
}

void fake_store_fail(unsigned n, int err)
{
	fail_in = n;
	fail_with = err;
}

unsigned fake_store_calls(void)
{
	return calls;
}

static void answer_done(struct op *op, int err)
{
	((rt_store_done_fn *)op->done)(op->shard, op->ctx, err);
}

static void start(struct op *op, int (*run)(struct op *), void (*done)(void), void *ctx)
{
	op->run = run;
	op->answer = op->answer != NULL ? op->answer : answer_done;
	op->done = done;
	op->ctx = ctx;
	submit(op);
}

#define NO_KEY   ((struct rt_str){"", 0})
#define DONE(fn) ((void (*)(void))(fn))

/* ---- accounts ---- */

static bool has_account(const struct op *op)
{
	return find(ACCOUNT, op->node, op->host, "") != NULL;
}

static int run_exists(struct op *op)
{
	return has_account(op) ? RT_OK : RT_E_NOTFOUND;
}

static void answer_credentials(struct op *op, int err)
{
	struct row *r = find(ACCOUNT, op->node, op->host, "");

	((rt_store_credentials_fn *)op->done)(op->shard, op->ctx, err,
					      err == RT_OK ? &r->credentials : NULL);
}

void rt_store_account_get(struct rt_shard *shard, struct rt_account who,
			  rt_store_credentials_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->answer = answer_credentials;
	start(op, run_exists, DONE(done), ctx);
}

static int run_create(struct op *op)
{
	if (has_account(op))
		return RT_E_EXISTS;
	add(ACCOUNT, op->node, op->host, "")->credentials = op->credentials;
	return RT_OK;
}

void rt_store_account_create(struct rt_shard *shard, struct rt_account who,
			     const struct rt_credentials *c, rt_store_done_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->credentials = *c;
	start(op, run_create, DONE(done), ctx);
}

static int run_update(struct op *op)
{
	struct row *r = find(ACCOUNT, op->node, op->host, "");

	if (r == NULL)
		return RT_E_NOTFOUND;
	r->credentials = op->credentials;
	return RT_OK;
}

void rt_store_account_update(struct rt_shard *shard, struct rt_account who,
			     const struct rt_credentials *c, rt_store_done_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->credentials = *c;
	start(op, run_update, DONE(done), ctx);
}

static bool is_of_account(const struct row *r, const struct op *op)
{
	return strcmp(r->node, op->node) == 0 && strcmp(r->host, op->host) == 0;
}

static int run_remove(struct op *op)
{
	if (!has_account(op))
		return RT_E_NOTFOUND;
	remove_rows(is_of_account, op);
	return RT_OK;
}

void rt_store_account_remove(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done,
			     void *ctx)
{
	start(new_op(shard, who, NO_KEY), run_remove, DONE(done), ctx);
}

void rt_store_account_exists(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done,
			     void *ctx)
{
	start(new_op(shard, who, NO_KEY), run_exists, DONE(done), ctx);
}

static int run_nothing(struct op *op)
{
	(void)op;
	return RT_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct rt_str *)a)->p, ((const struct rt_str *)b)->p);
}

static size_t count_rows(void)
{
	size_t n = 0;

	for (const struct row *r = rows; r != NULL; r = r->next)
		n++;
	return n;
}

static void answer_names(struct op *op, int err)
{
	struct rt_str *names = calloc(count_rows() + 1, sizeof(*names));
	size_t n = 0;

	RT_ASSERT(names != NULL);
	for (const struct row *r = rows; err == RT_OK && r != NULL; r = r->next)
		if (r->subject == ACCOUNT && strcmp(r->host, op->host) == 0)
			names[n++] = str_of(r->node);
	qsort(names, n, sizeof(*names), by_text);
	((rt_store_names_fn *)op->done)(op->shard, op->ctx, err, names, n);
	free(names);
}

void rt_store_account_list(struct rt_shard *shard, struct rt_str host, rt_store_names_fn *done,
			   void *ctx)
{
	struct op *op = new_op(shard, (struct rt_account){NO_KEY, host}, NO_KEY);

	op->answer = answer_names;
	start(op, run_nothing, DONE(done), ctx);
}

void fake_store_add_account(const char *node, const char *host)
{
	find_or_add(ACCOUNT, node, host, "");
}

bool fake_store_has_account(const char *node, const char *host)
{
	return find(ACCOUNT, node, host, "") != NULL;
}

/* ---- roster ---- */

enum { NAME, GROUPS, REQUEST };

static void answer_roster(struct op *op, int err)
{
	struct rt_roster_row *list = calloc(count_rows() + 1, sizeof(*list));
	const struct row *version = find(VERSION, op->node, op->host, "");
	size_t n = 0;

	RT_ASSERT(list != NULL);
	for (const struct row *r = rows; err == RT_OK && r != NULL; r = r->next)
		if (is_of(r, ROSTER, op->node, op->host))
			list[n++] = (struct rt_roster_row){
				.jid = str_of(r->key),
				.name = str_of(r->texts[NAME]),
				.groups = str_of(r->texts[GROUPS]),
				.request = str_of(r->texts[REQUEST]),
				.subscription = r->subscription,
				.ask = r->ask,
			};
	((rt_store_roster_fn *)op->done)(op->shard, op->ctx, err,
					 str_of(version == NULL ? NULL : version->texts[0]), list,
					 n);
	free(list);
}

void rt_store_roster_get(struct rt_shard *shard, struct rt_account who, rt_store_roster_fn *done,
			 void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->answer = answer_roster;
	start(op, run_nothing, DONE(done), ctx);
}

static void put_version(const struct op *op)
{
	if (op->version != NULL)
		set_text(find_or_add(VERSION, op->node, op->host, ""), 0, op->version);
}

static int run_roster_put(struct op *op)
{
	struct row *r;

	if (!has_account(op))
		return RT_E_NOTFOUND;
	r = find_or_add(ROSTER, op->node, op->host, op->key);
	for (size_t i = NAME; i <= REQUEST; i++)
		set_text(r, i, op->texts[i]);
	r->subscription = op->subscription;
	r->ask = op->ask;
	put_version(op);
	return RT_OK;
}

void rt_store_roster_put(struct rt_shard *shard, struct rt_account who,
			 const struct rt_roster_row *row, struct rt_str version,
			 rt_store_done_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, row->jid);

	op->texts[NAME] = dup_opt(row->name);
	op->texts[GROUPS] = dup_opt(row->groups);
	op->texts[REQUEST] = dup_opt(row->request);
	op->subscription = row->subscription;
	op->ask = row->ask;
	op->version = dup_opt(version);
	start(op, run_roster_put, DONE(done), ctx);
}

static bool is_item(const struct row *r, const struct op *op)
{
	return is_of(r, ROSTER, op->node, op->host) && strcmp(r->key, op->key) == 0;
}

static int run_roster_delete(struct op *op)
{
	if (!has_account(op))
		return RT_E_NOTFOUND;
	remove_rows(is_item, op);
	put_version(op);
	return RT_OK;
}

void rt_store_roster_delete(struct rt_shard *shard, struct rt_account who, struct rt_str jid,
			    struct rt_str version, rt_store_done_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, jid);

	op->version = dup_opt(version);
	start(op, run_roster_delete, DONE(done), ctx);
}

void fake_store_add_item(const char *node, const char *host, const char *jid, const char *name,
			 const char *groups, uint8_t subscription, uint8_t ask)
{
	struct row *r = find_or_add(ROSTER, node, host, jid);

	set_text(r, NAME, name);
	set_text(r, GROUPS, groups);
	r->subscription = subscription;
	r->ask = ask;
}

const char *fake_store_item(const char *node, const char *host, const char *jid)
{
	static const char *const subscriptions[] = {"none", "to", "from", "both"};
	static const char *const asks[] = {"none", "out", "in", "both"};
	static char text[1024];
	const struct row *r = find(ROSTER, node, host, jid);
	const char *t[3];

	text[0] = '\0';
	if (r == NULL)
		return text;
	for (size_t i = NAME; i <= REQUEST; i++)
		t[i] = r->texts[i] == NULL ? "-" : r->texts[i];
	snprintf(text, sizeof(text), "%s %s %s %s %s %s", jid, t[NAME], t[GROUPS], t[REQUEST],
		 subscriptions[r->subscription], asks[r->ask]);
	return text;
}

/* ---- offline messages ---- */

static int64_t count_offline(const struct op *op)
{
	int64_t n = 0;

	for (const struct row *r = rows; r != NULL; r = r->next)
		n += is_of(r, OFFLINE, op->node, op->host);
	return n;
}

/* a: stamp, b: expiry, c: limit; of rows a: stamp, b: expiry, key: id. */
static int run_offline_put(struct op *op)
{
	char id[24];
	struct row *r;

	if (!has_account(op))
		return RT_E_NOTFOUND;
	if (op->c >= 0 && count_offline(op) >= op->c)
		return RT_E_LIMIT;
	snprintf(id, sizeof(id), "%lld", (long long)next_id++);
	r = add(OFFLINE, op->node, op->host, id);
	r->a = op->a;
	r->b = op->b;
	set_text(r, 0, op->texts[0]);
	return RT_OK;
}

void rt_store_offline_put(struct rt_shard *shard, struct rt_account who, struct rt_str stanza,
			  int64_t stamp_us, int64_t expire_us, int64_t limit,
			  rt_store_done_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->texts[0] = dup_str(stanza);
	op->a = stamp_us;
	op->b = expire_us;
	op->c = limit;
	start(op, run_offline_put, DONE(done), ctx);
}

static bool is_expired(const struct row *r)
{
	return r->b != 0 && r->b <= rt_clock_wall_us();
}

static void answer_offline(struct op *op, int err)
{
	struct rt_offline_row *list = calloc(count_rows() + 1, sizeof(*list));
	size_t n = 0;

	RT_ASSERT(list != NULL);
	for (const struct row *r = rows; err == RT_OK && r != NULL; r = r->next)
		if (is_of(r, OFFLINE, op->node, op->host) && !is_expired(r) &&
		    atoll(r->key) > op->a && n < RT_OFFLINE_PAGE_ROWS)
			list[n++] =
				(struct rt_offline_row){atoll(r->key), r->a, str_of(r->texts[0])};
	((rt_store_offline_fn *)op->done)(op->shard, op->ctx, err, list, n);
	free(list);
}

void rt_store_offline_get(struct rt_shard *shard, struct rt_account who, int64_t after,
			  rt_store_offline_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->a = after;
	op->answer = answer_offline;
	start(op, run_nothing, DONE(done), ctx);
}

static bool is_delivered(const struct row *r, const struct op *op)
{
	return r->subject == OFFLINE &&
	       (is_expired(r) || (is_of(r, OFFLINE, op->node, op->host) && atoll(r->key) <= op->a));
}

static int run_offline_delete(struct op *op)
{
	remove_rows(is_delivered, op);
	return RT_OK;
}

void rt_store_offline_delete(struct rt_shard *shard, struct rt_account who, int64_t last_id,
			     rt_store_done_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->a = last_id;
	start(op, run_offline_delete, DONE(done), ctx);
}

/* ---- private XML, vCards, last activity ---- */

/* Pairs of namespace and element. */
static int run_put_private(struct op *op)
{
	if (!has_account(op))
		return RT_E_NOTFOUND;
	for (size_t i = 0; op->texts[i] != NULL; i += 2)
		set_text(find_or_add(PRIVATE, op->node, op->host, op->texts[i]), 0,
			 op->texts[i + 1]);
	return RT_OK;
}

static int run_find_private(struct op *op)
{
	return find(PRIVATE, op->node, op->host, op->key) != NULL ? RT_OK : RT_E_NOTFOUND;
}

static int run_find_vcard(struct op *op)
{
	return find(VCARD, op->node, op->host, "") != NULL ? RT_OK : RT_E_NOTFOUND;
}

static int run_find_last(struct op *op)
{
	return find(LAST, op->node, op->host, "") != NULL ? RT_OK : RT_E_NOTFOUND;
}

static void answer_private(struct op *op, int err)
{
	const struct row *r = find(PRIVATE, op->node, op->host, op->key);

	((rt_store_text_fn *)op->done)(op->shard, op->ctx, err,
				       str_of(err == RT_OK ? r->texts[0] : NULL));
}

static void answer_vcard(struct op *op, int err)
{
	const struct row *r = find(VCARD, op->node, op->host, "");

	((rt_store_text_fn *)op->done)(op->shard, op->ctx, err,
				       str_of(err == RT_OK ? r->texts[RT_NVCARD_FIELDS] : NULL));
}

static void answer_last(struct op *op, int err)
{
	const struct row *r = find(LAST, op->node, op->host, "");

	((rt_store_last_fn *)op->done)(op->shard, op->ctx, err, err == RT_OK ? r->a : 0,
				       str_of(err == RT_OK ? r->texts[0] : NULL));
}

void rt_store_private_get(struct rt_shard *shard, struct rt_account who, struct rt_str ns,
			  rt_store_text_fn *done, void *ctx)
{
	struct op *op = new_op(shard, who, ns);

	op->answer = answer_private;
	start(op, run_find_private, DONE(done), ctx);
}

void rt_store_private_put(struct rt_shard *shard, struct rt_account who,
			  const struct rt_private_row *list, size_t n, rt_store_done_fn *done,
			  void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	RT_ASSERT(2 * n < OP_TEXTS);
	for (size_t i = 0; i < n; i++) {
		op->texts[2 * i] = dup_str(list[i].ns);
		op->texts[2 * i + 1] = dup_str(list[i].xml);
	}
	start(op, run_put_private, DONE(done), ctx);
}

void rt_store_vcard_get(struct rt_shard *shard, struct rt_account who, rt_store_text_fn *done,
			void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->answer = answer_vcard;
	start(op, run_find_vcard, DONE(done), ctx);
}

static int run_put_vcard(struct op *op)
{
	struct row *r;

	if (!has_account(op))
		return RT_E_NOTFOUND;
	r = find_or_add(VCARD, op->node, op->host, "");
	for (size_t i = 0; i <= RT_NVCARD_FIELDS; i++)
		set_text(r, i, op->texts[i]);
	return RT_OK;
}

void rt_store_vcard_put(struct rt_shard *shard, struct rt_account who, struct rt_str xml,
			const struct rt_str fields[RT_NVCARD_FIELDS], rt_store_done_fn *done,
			void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	for (size_t i = 0; i < RT_NVCARD_FIELDS; i++)
		op->texts[i] = dup_str(fields[i]);
	op->texts[RT_NVCARD_FIELDS] = dup_str(xml);
	start(op, run_put_vcard, DONE(done), ctx);
}

static bool matches(const char *value, const char *pattern)
{
	size_t n = strlen(pattern);

	if (n == 0)
		return true;
	if (value == NULL)
		return false;
	if (pattern[n - 1] == '*')
		return strncasecmp(value, pattern, n - 1) == 0;
	return strcasecmp(value, pattern) == 0;
}

static bool matches_all(const struct row *r, const struct op *op)
{
	for (size_t i = 0; i < RT_NVCARD_FIELDS; i++)
		if (!matches(r->texts[i], op->texts[i]))
			return false;
	return true;
}

static int by_node(const void *a, const void *b)
{
	return strcmp(((const struct rt_vcard_row *)a)->node.p,
		      ((const struct rt_vcard_row *)b)->node.p);
}

static void answer_search(struct op *op, int err)
{
	struct rt_vcard_row *list = calloc(count_rows() + 1, sizeof(*list));
	size_t n = 0;

	RT_ASSERT(list != NULL);
	for (const struct row *r = rows; err == RT_OK && r != NULL; r = r->next) {
		if (r->subject != VCARD || strcmp(r->host, op->host) != 0 || !matches_all(r, op))
			continue;
		list[n].node = str_of(r->node);
		for (size_t i = 0; i < RT_NVCARD_FIELDS; i++)
			list[n].fields[i] = str_of(r->texts[i]);
		n++;
	}
	qsort(list, n, sizeof(*list), by_node);
	if (op->a >= 0 && n > (size_t)op->a)
		n = (size_t)op->a;
	((rt_store_search_fn *)op->done)(op->shard, op->ctx, err, list, n);
	free(list);
}

void rt_store_vcard_search(struct rt_shard *shard, struct rt_str host,
			   const struct rt_str patterns[RT_NVCARD_FIELDS], int64_t limit,
			   rt_store_search_fn *done, void *ctx)
{
	struct op *op = new_op(shard, (struct rt_account){NO_KEY, host}, NO_KEY);

	for (size_t i = 0; i < RT_NVCARD_FIELDS; i++)
		op->texts[i] = dup_str(patterns[i]);
	op->a = limit;
	op->answer = answer_search;
	start(op, run_nothing, DONE(done), ctx);
}

void rt_store_last_get(struct rt_shard *shard, struct rt_account who, rt_store_last_fn *done,
		       void *ctx)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->answer = answer_last;
	start(op, run_find_last, DONE(done), ctx);
}

static int run_put_last(struct op *op)
{
	struct row *r = find_or_add(LAST, op->node, op->host, "");

	r->a = op->a;
	set_text(r, 0, op->texts[0]);
	return RT_OK;
}

void rt_store_last_put(struct rt_shard *shard, struct rt_account who, int64_t wall_s,
		       struct rt_str status)
{
	struct op *op = new_op(shard, who, NO_KEY);

	op->a = wall_s;
	op->texts[0] = dup_str(status);
	start(op, run_put_last, NULL, NULL);
}
