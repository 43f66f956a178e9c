/* diff_networks.h - ip_access of mod_register: which addresses get another answer. Private to
 * cfgc/tools/diff*.c. */
#ifndef CFGC_TOOLS_DIFF_NETWORKS_H
#define CFGC_TOOLS_DIFF_NETWORKS_H

#include "tools/diff_list.h"

/** Compare two lists of {allow | deny, Network}, of which the first match counts and none allows,
 * and report an address that gains and one that loses. */
void diff_networks(struct differ *d, const struct diff_about *about, const struct value *old,
		   const struct value *new);

#endif
