/* mod_register.c - XEP-0077, In-Band Registration: requests before and after
 * authentication. */
#include "modules/mod_register.h"

#include "core/log.h"
#include "policy/access.h"
#include "route/account.h"

#define INSTRUCTIONS "Choose a username and password to register with this server"

void rt_mod_register_feature(struct rt_buf *out, bool authenticated, const void *opts)
{
	(void)authenticated;
	(void)opts;
	rt_buf_addz(out, "<register xmlns='http://jabber.org/features/iq-register'/>");
}

/* ---- replies ---- */

void rt_register_refuse(struct rt_registration *r, enum rt_stanza_error error, const char *text)
{
	if (r->u != NULL)
		rt_unauth_error(r->u, error, text);
	else
		rt_iq_error_bare(r->iq, error, text);
}

/* The request becomes an empty result. */
static void turn_round(struct rt_stanza *st)
{
	rt_stanza_strip(st, RT_TYPE_RESULT);
	rt_elem_clear(st, st->root);
}

void rt_register_accept(struct rt_registration *r)
{
	if (r->u != NULL) {
		turn_round(r->st);
		rt_unauth_reply(r->u);
	} else {
		rt_iq_result(r->iq);
	}
}

/* own p NULL: nobody has an account yet. */
static void fill_form(struct rt_stanza *st, struct rt_elem *query, struct rt_str own)
{
	rt_mod_add_text(st, query, "instructions", RT_STR(INSTRUCTIONS));
	rt_mod_add_text(st, query, "username", own);
	rt_elem_add(st, query, "password", NULL);
	if (own.p != NULL)
		rt_elem_add(st, query, "registered", NULL);
}

/* ---- requests ---- */

enum request { BAD, REMOVE, CREDENTIALS };

static enum request parse_set(struct rt_stanza *st, const struct rt_elem *query,
			      struct rt_str *username, struct rt_str *password)
{
	const struct rt_elem *name = rt_elem_child(query, "username", RT_NS_REGISTER);
	const struct rt_elem *secret = rt_elem_child(query, "password", RT_NS_REGISTER);
	struct rt_elem *first = rt_elem_next(query, NULL);

	if (rt_elem_child(query, "remove", RT_NS_REGISTER) != NULL)
		return rt_elem_next(query, first) == NULL ? REMOVE : BAD;
	if (name == NULL || secret == NULL)
		return BAD;
	*username = rt_elem_get_text(st, name);
	*password = rt_elem_get_text(st, secret);
	return CREDENTIALS;
}

static struct rt_registration *new_registration(struct rt_stanza *st, struct rt_registration values)
{
	struct rt_registration *r = rt_arena_alloc(&st->arena, sizeof(*r));

	if (r != NULL)
		*r = values;
	return r;
}

/* A name that nodeprep refuses is none. */
static bool take_name(struct rt_registration *r, struct rt_str username)
{
	return rt_jid_prep_node(&r->st->arena, username, &r->node) == RT_OK;
}

/* ---- before authentication ---- */

static void set_unauth(struct rt_registration *r, const struct rt_elem *query)
{
	struct rt_str username;

	switch (parse_set(r->st, query, &username, &r->password)) {
	case REMOVE:
		rt_register_refuse(r, RT_SE_SERVICE_UNAVAILABLE, "");
		break;
	case CREDENTIALS:
		if (take_name(r, username)) {
			rt_register_create(r);
			break;
		}
		/* fall through */
	default:
		rt_register_refuse(r, RT_SE_BAD_REQUEST, "");
	}
}

bool rt_mod_register_unauth(struct rt_unauth_iq *u, const void *opts)
{
	struct rt_registration *r;
	struct rt_stanza *st = u->st;

	if (!rt_elem_is(u->child, "query", RT_NS_REGISTER))
		return false;
	if (!u->is_set) {
		turn_round(st);
		fill_form(st, rt_elem_add(st, st->root, "query", RT_NS_REGISTER),
			  (struct rt_str){NULL, 0});
		rt_unauth_reply(u);
		return true;
	}
	r = new_registration(st, (struct rt_registration){
					 .u = u,
					 .opts = opts,
					 .shard = u->shard,
					 .st = st,
					 .host = u->host,
					 .source = rt_register_source(&u->peer),
				 });
	if (r != NULL)
		set_unauth(r, u->child);
	else
		rt_unauth_error(u, RT_SE_RESOURCE_CONSTRAINT, "");
	return true;
}

/* ---- after authentication ---- */

/* What an existing user may do by option `access`; without the option nobody
 * cancels an account. */
static bool own_rule_allows(const struct rt_registration *r, struct rt_str own)
{
	struct rt_access_ctx who = rt_access_of_user(r->host, own, RT_STR(""));

	return r->opts->access == NULL || r->opts->access(&who) == RT_ALLOW;
}

/* On the user's home shard, before the sessions end: the result still reaches
 * the client. */
static void on_removed(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_registration *r = ctx;

	r->iq->shard = shard;
	if (err == RT_OK) {
		RT_LOG(INFO, NULL, "register", "cancelled", KV_STR("user", r->node),
		       KV_Z("host", rt_gen.hosts[r->host].name));
		rt_register_accept(r);
	} else {
		rt_register_refuse(r, rt_mod_error_of(err), "");
	}
}

static void cancel(struct rt_registration *r, struct rt_str own)
{
	r->node = own;
	if (!r->opts->access_given || !own_rule_allows(r, own))
		rt_register_refuse(r, RT_SE_NOT_ALLOWED, "");
	else if (rt_account_remove(r->host, own, on_removed, r) != RT_OK)
		rt_register_refuse(r, RT_SE_RESOURCE_CONSTRAINT, "");
}

static void set(struct rt_registration *r, struct rt_str own)
{
	struct rt_str username;
	enum request kind = parse_set(r->st, r->iq->child, &username, &r->password);

	if (kind == REMOVE)
		cancel(r, own);
	else if (kind == BAD || !take_name(r, username))
		rt_register_refuse(r, RT_SE_BAD_REQUEST, "");
	else if (!own_rule_allows(r, own))
		rt_register_refuse(r, RT_SE_FORBIDDEN, "");
	else if (rt_str_eq(r->node, own))
		rt_register_change(r);
	else
		rt_register_create(r);
}

static void get(struct rt_iq *iq, struct rt_str own)
{
	struct rt_elem *query = rt_iq_reply(iq, "query", RT_NS_REGISTER);

	fill_form(iq->st, query, own);
	rt_iq_send(iq);
}

static struct rt_source source_of(const struct rt_iq *iq)
{
	struct rt_session *s = rt_mod_asker_session(iq);
	char ip[INET6_ADDRSTRLEN];
	uint16_t port;

	if (s == NULL)
		return (struct rt_source){.family = 0};
	s->ops->peer(s, ip, &port);
	return rt_register_source_of(ip);
}

void rt_mod_register_iq(struct rt_iq *iq)
{
	struct rt_registration *r;
	struct rt_account who;

	/* Others than the host's own users register where they belong. */
	if (rt_mod_asker(iq, &who) != iq->host) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	if (iq->scope == RT_IQ_ACCOUNT && !iq->own_account) {
		rt_iq_error_bare(iq, RT_SE_FORBIDDEN, "");
		return;
	}
	if (!iq->is_set) {
		get(iq, who.node);
		return;
	}
	r = new_registration(iq->st, (struct rt_registration){
					     .iq = iq,
					     .opts = iq->opts,
					     .shard = iq->shard,
					     .st = iq->st,
					     .host = iq->host,
					     .source = source_of(iq),
				     });
	if (r != NULL)
		set(r, who.node);
	else
		rt_iq_error_bare(iq, RT_SE_RESOURCE_CONSTRAINT, "");
}
