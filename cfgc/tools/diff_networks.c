/* diff_networks.c - lists of networks compared exactly: between the places where a network of
 * either list begins or has ended, all addresses get the same answer, so one of each stretch tells
 * all.
 */
#include "tools/diff_networks.h"

#include "schema/address.h"
#include "schema/bind.h"
#include "support/strbuf.h"

struct network {
	struct address address;
	uint8_t bits;
	bool allows;
};

struct networks {
	VEC(struct network) list;
};

struct addresses {
	VEC(struct address) list;
};

static unsigned width(const struct address *a)
{
	return a->family == 4 ? 4 : 16;
}

static void read_networks(struct arena *a, const struct value *v, struct networks *out)
{
	*out = (struct networks){0};
	for (uint32_t i = 0; v->term != NULL && i < list_len(v->term); i++) {
		const struct term *t = v->term->seq.items[i];
		struct network n = {.allows = term_is_atom(t->seq.items[0], "allow")};

		if (address_parse_network(text_of(t->seq.items[1]), &n.address, &n.bits))
			vec_push(a, &out->list, n);
	}
}

static bool contains(const struct network *n, const struct address *a)
{
	if (n->address.family != a->family)
		return false;
	for (unsigned bit = 0; bit < n->bits; bit++)
		if (((n->address.bytes[bit / 8] ^ a->bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

static bool is_allowed(const struct networks *list, const struct address *a)
{
	for (size_t i = 0; i < list->list.n; i++)
		if (contains(&list->list.at[i], a))
			return list->list.at[i].allows;
	return true;
}

/* Where a network begins, and the first address behind it, if there is one. */
static void add_bounds(struct arena *a, const struct network *n, struct addresses *out)
{
	struct address at = n->address;
	unsigned bytes = width(&at);
	bool overflows = true;

	for (unsigned bit = n->bits; bit < 8 * bytes; bit++)
		at.bytes[bit / 8] &= (uint8_t) ~(1u << (7 - bit % 8));
	vec_push(a, &out->list, at);
	for (unsigned bit = n->bits; bit-- > 0 && overflows;) {
		uint8_t mask = (uint8_t)(1u << (7 - bit % 8));

		overflows = (at.bytes[bit / 8] & mask) != 0;
		at.bytes[bit / 8] ^= mask;
	}
	if (!overflows)
		vec_push(a, &out->list, at);
}

static void collect(struct arena *a, const struct networks *list, struct addresses *out)
{
	for (size_t i = 0; i < list->list.n; i++)
		add_bounds(a, &list->list.at[i], out);
}

static void report(struct differ *d, const struct diff_about *about, const struct value *old,
		   const struct value *new, const struct address *a, bool gains)
{
	struct str text = address_text(d->a, a);
	struct diff_change *c =
		diff_changed(d, DIFF_ACCESS, about->subject, "ip_access",
			     (struct diff_side){gains ? STR("denied") : STR("allowed"),
						old->given ? old->at : NO_SPAN},
			     (struct diff_side){gains ? STR("allowed") : STR("denied"),
						new->given ? new->at : NO_SPAN});

	c->group = about->group;
	c->who = arena_printf(d->a, "address %.*s", STR_ARG(text));
	c->effect = gains ? DIFF_OPENS : DIFF_CLOSES;
}

void diff_networks(struct differ *d, const struct diff_about *about, const struct value *old,
		   const struct value *new)
{
	struct addresses probes = {0};
	struct networks was, is;
	bool gained = false, lost = false;

	read_networks(d->a, old, &was);
	read_networks(d->a, new, &is);
	vec_push(d->a, &probes.list, ((struct address){.family = 4}));
	vec_push(d->a, &probes.list, ((struct address){.family = 6}));
	collect(d->a, &was, &probes);
	collect(d->a, &is, &probes);
	for (size_t i = 0; i < probes.list.n && !(gained && lost); i++) {
		bool before = is_allowed(&was, &probes.list.at[i]);
		bool after = is_allowed(&is, &probes.list.at[i]);

		if (after && !before && !gained)
			report(d, about, old, new, &probes.list.at[i], true);
		if (before && !after && !lost)
			report(d, about, old, new, &probes.list.at[i], false);
		gained |= after && !before;
		lost |= before && !after;
	}
}
