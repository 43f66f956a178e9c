/* mod_vcard.h - vCards in two parts: the cards (mod_vcard.c), the search
 * service (vcard_search.c). */
#ifndef RT_MODULES_MOD_VCARD_H
#define RT_MODULES_MOD_VCARD_H

#include "modules/module.h"

/** The server's own card, or that of its directory. Consumes iq. */
void rt_vcard_of_server(struct rt_iq *iq, const char *name, const char *description);

/** The fields of the directory from a vCard element; texts borrowed from the
 * stanza. */
void rt_vcard_fields(struct rt_stanza *st, const struct rt_elem *vcard, struct rt_str node,
		     struct rt_str fields[RT_NVCARD_FIELDS]);

#endif
