/* services.c - node-wide services. */
#include "schema/tables.h"

static const struct option admin_extra_rows[] = {
	PAIR("submods",
	     LIST_OF(CHOICE("node", "accounts", "sessions", "vcard", "roster", "last", "private",
			    "stanza", "stats")),
	     "[node,accounts,sessions,vcard,roster,last,private,stanza,stats]",
	     "groups of commands that are offered"),
};

static const struct section admin_extra = {
	.name = "service_admin_extra",
	.title = "the service service_admin_extra",
	.help = "more commands for mongooseimctl",
	ROWS(admin_extra_rows),
	.flags = OPT_UNSUPPORTED,
};

const struct section *const service_sections[] = {&admin_extra, NULL};

const struct hint service_hints[] = {
	{"mod_admin_extra", "the service is called service_admin_extra"},
	{NULL, NULL},
};
