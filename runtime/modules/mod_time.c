/* mod_time.c - XEP-0202, Entity Time: what time it is where the server runs. */
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "modules/module.h"

void rt_mod_time_iq(struct rt_iq *iq)
{
	int64_t now_us = rt_clock_wall_us();
	time_t now = (time_t)(now_us / 1000000);
	char offset[16], utc[32];
	struct rt_elem *e;
	struct tm local;
	long minutes;

	if (iq->is_set || !rt_elem_is(iq->child, "time", NULL)) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	localtime_r(&now, &local);
	minutes = local.tm_gmtoff / 60;
	snprintf(offset, sizeof(offset), "%c%02d:%02d", minutes < 0 ? '-' : '+',
		 (int)(labs(minutes) / 60 % 100), (int)(labs(minutes) % 60));
	rt_clock_stamp(utc, sizeof(utc), now_us, 0);
	e = rt_iq_reply(iq, "time", "urn:xmpp:time");
	rt_mod_add_text(iq->st, e, "tzo", rt_str_of(offset));
	rt_mod_add_text(iq->st, e, "utc", rt_str_of(utc));
	rt_iq_send(iq);
}
