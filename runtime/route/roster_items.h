/* roster_items.h - the items of one roster, for roster.c: the table in memory, without turns and
 * store. */
#ifndef RT_ROUTE_ROSTER_ITEMS_H
#define RT_ROUTE_ROSTER_ITEMS_H

#include "route/roster.h"

/** NULL: out of memory. Everything is copied. */
struct rt_roster *rt_roster_new(struct rt_str version, const struct rt_roster_row *rows, size_t n);

/** Before an item is added. False: out of memory, and there is not a single bucket. */
bool rt_roster_make_room(struct rt_roster *r);
/** A copy in one allocation, to be given to rt_roster_set_item or free(). NULL: out of memory. */
struct rt_roster_item *rt_roster_new_item(const struct rt_roster_row *row);
/** Add, or replace the one with the same jid. Takes it; room has been made. Never fails. */
void rt_roster_set_item(struct rt_roster *r, struct rt_roster_item *it);
/** Absent ones are fine. */
void rt_roster_drop_item(struct rt_roster *r, struct rt_str jid);
/** Takes the text, which comes from malloc; NULL: none. */
void rt_roster_set_version(struct rt_roster *r, char *text, uint32_t n);

#endif
