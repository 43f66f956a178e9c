/* mod_vcard.c - XEP-0054, vcard-temp: the cards of accounts and of the server.
 */
#include "modules/mod_vcard.h"

#include "xml/xml_writer.h"

/* ---- the server ---- */

void rt_vcard_of_server(struct rt_iq *iq, const char *name, const char *description)
{
	struct rt_elem *card;

	if (iq->is_set) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	card = rt_iq_reply(iq, "vCard", RT_NS_VCARD);
	rt_mod_add_text(iq->st, card, "FN", rt_str_of(name));
	rt_mod_add_text(iq->st, card, "DESC", rt_str_of(description));
	rt_iq_send(iq);
}

void rt_mod_vcard_iq_host(struct rt_iq *iq)
{
	rt_vcard_of_server(iq, RT_PRODUCT, "XMPP server, compiled from its configuration");
}

bool rt_mod_vcard_items(struct rt_iq *iq, struct rt_elem *query, const struct rt_str *node,
			const void *opts)
{
	const struct rt_mod_vcard_opts *o = opts;

	if (node->n == 0 && o->search)
		rt_elem_set(iq->st, rt_elem_add(iq->st, query, "item", NULL), "jid",
			    rt_str_of(o->host));
	return false;
}

/* ---- fields ---- */

/* Where in the card a field stands; USER is the account's name. */
static const struct {
	const char *outer, *inner; /* inner NULL: the text of outer */
} places[RT_NVCARD_FIELDS] = {
	[RT_VCARD_FN] = {"FN", NULL},
	[RT_VCARD_LAST] = {"N", "FAMILY"},
	[RT_VCARD_FIRST] = {"N", "GIVEN"},
	[RT_VCARD_MIDDLE] = {"N", "MIDDLE"},
	[RT_VCARD_NICK] = {"NICKNAME", NULL},
	[RT_VCARD_BDAY] = {"BDAY", NULL},
	[RT_VCARD_CTRY] = {"ADR", "CTRY"},
	[RT_VCARD_LOCALITY] = {"ADR", "LOCALITY"},
	[RT_VCARD_EMAIL] = {"EMAIL", "USERID"},
	[RT_VCARD_ORGNAME] = {"ORG", "ORGNAME"},
	[RT_VCARD_ORGUNIT] = {"ORG", "ORGUNIT"},
};

void rt_vcard_fields(struct rt_stanza *st, const struct rt_elem *vcard, struct rt_str node,
		     struct rt_str fields[RT_NVCARD_FIELDS])
{
	const struct rt_elem *e;
	int i;

	for (i = 0; i < RT_NVCARD_FIELDS; i++) {
		e = places[i].outer != NULL ? rt_elem_child(vcard, places[i].outer, RT_NS_VCARD)
					    : NULL;
		if (places[i].inner != NULL)
			e = rt_elem_child(e, places[i].inner, RT_NS_VCARD);
		fields[i] = rt_elem_get_text(st, e);
	}
	fields[RT_VCARD_USER] = node;
	/* Some clients write the address without USERID. */
	if (fields[RT_VCARD_EMAIL].n == 0)
		fields[RT_VCARD_EMAIL] =
			rt_elem_get_text(st, rt_elem_child(vcard, "EMAIL", RT_NS_VCARD));
}

/* ---- accounts ---- */

static void on_card(struct rt_shard *shard, void *ctx, int err, struct rt_str text)
{
	struct rt_iq *iq = ctx;

	(void)shard;
	if (err == RT_OK)
		rt_iq_result_xml(iq, text);
	else
		rt_iq_error(iq, rt_mod_error_of(err), "");
}

static void on_put(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_iq *iq = ctx;

	(void)shard;
	if (err == RT_OK)
		rt_iq_result(iq);
	else
		rt_iq_error(iq, rt_mod_error_of(err), "");
}

static void set(struct rt_iq *iq)
{
	struct rt_str fields[RT_NVCARD_FIELDS];
	struct rt_account who = rt_mod_account(iq);
	struct rt_buf text = {0};

	rt_xml_write_elem(&text, iq->child, rt_ns_content);
	rt_vcard_fields(iq->st, iq->child, who.node, fields);
	if (text.failed || iq->st->failed)
		rt_iq_error(iq, RT_SE_RESOURCE_CONSTRAINT, "");
	else
		rt_store_vcard_put(iq->shard, who,
				   (struct rt_str){text.data, (uint32_t)rt_buf_len(&text)}, fields,
				   on_put, iq);
	rt_buf_fini(&text);
}

void rt_mod_vcard_iq_account(struct rt_iq *iq)
{
	if (iq->is_set && !iq->own_account)
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
	else if (!rt_elem_is(iq->child, "vCard", NULL))
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
	else if (iq->is_set)
		set(iq);
	else
		rt_store_vcard_get(iq->shard, rt_mod_account(iq), on_card, iq);
}
