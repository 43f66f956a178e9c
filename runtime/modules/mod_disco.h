/* mod_disco.h - pieces of disco answers for modules that serve a domain of
 * their own. */
#ifndef RT_MODULES_MOD_DISCO_H
#define RT_MODULES_MOD_DISCO_H

#include "modules/module.h"

void rt_mod_disco_identity(struct rt_stanza *st, struct rt_elem *query, const char *category,
			   const char *type, const char *name);
void rt_mod_disco_feature(struct rt_stanza *st, struct rt_elem *query, struct rt_str var);
/** The form of XEP-0157 with the fields of option server_info of the host's
 * mod_disco that are meant for this module. */
void rt_mod_disco_serverinfo(struct rt_stanza *st, struct rt_elem *query, int host,
			     const char *module);

#endif
