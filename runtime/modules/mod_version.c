/* mod_version.c - XEP-0092, Software Version; with option os_info also the
 * operating system. */
#include <stdio.h>
#include <sys/utsname.h>

#include "modules/module.h"

void rt_mod_version_iq(struct rt_iq *iq)
{
	const struct rt_mod_version_opts *opts = iq->opts;
	char os[sizeof(((struct utsname *)0)->sysname) + sizeof(((struct utsname *)0)->release)];
	struct utsname name;
	struct rt_elem *e;

	if (iq->is_set || !rt_elem_is(iq->child, "query", NULL)) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	e = rt_iq_reply(iq, "query", "jabber:iq:version");
	rt_mod_add_text(iq->st, e, "name", RT_STR(RT_PRODUCT));
	rt_mod_add_text(iq->st, e, "version", rt_str_of(rt_gen.cfgc_version));
	if (opts->os_info && uname(&name) == 0) {
		snprintf(os, sizeof(os), "%s %s", name.sysname, name.release);
		rt_mod_add_text(iq->st, e, "os", rt_str_of(os));
	}
	rt_iq_send(iq);
}
