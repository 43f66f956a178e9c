/* modules.h - option structs of the modules, as cfgc fills them, and the handlers that generated
 * tables name.
 *
 * The handlers are listed once, in modules.def; this header only declares them.
 */
#ifndef RT_MODULES_H
#define RT_MODULES_H

#include "rt/gen.h"
#include "rt/hooks.h"

struct rt_mod_adhoc_opts {
	bool report_commands_node;
};

struct rt_serverinfo_field {
	const char *name;
	const char *const *values;
	size_t nvalues;
	const char *const *modules; /* modules whose disco answer shows it; n == 0: all */
	size_t nmodules;
};

struct rt_mod_disco_opts {
	bool users_can_see_hidden_services;
	const char *const *extra_domains;
	size_t nextra_domains;
	const struct rt_serverinfo_field *server_info;
	size_t nserver_info;
};

struct rt_mod_last_opts {
	char unused;
};

struct rt_mod_offline_opts {
	rt_limit_fn
		*max_user_messages; /* access_max_user_messages; NULL: rule not defined, no limit */
};

struct rt_mod_ping_opts {
	bool send_pings;
	bool kill;                 /* timeout_action */
	uint32_t ping_interval;    /* s */
	uint32_t ping_req_timeout; /* s */
};

struct rt_mod_private_opts {
	char unused;
};

/* One `ip_access` entry: first match decides, no match allows. */
struct rt_ip_rule {
	enum rt_verdict verdict;
	uint8_t family; /* 4 or 6 */
	uint8_t addr[16];
	uint8_t prefix; /* bits */
	struct rt_at at;
};

struct rt_mod_register_opts {
	rt_access_fn *access; /* who may register; NULL: everybody */
	bool access_given; /* the option is in the file: existing users may change and cancel by it,
			      else never cancel */
	const char *welcome_subject, *welcome_body; /* "" both: off */
	const char *const *registration_watchers;   /* JIDs */
	size_t nregistration_watchers;
	double password_strength; /* bits; 0: no check */
	const struct rt_ip_rule *ip_access;
	size_t nip_access;
};

struct rt_mod_roster_opts {
	bool versioning;
	bool store_current_id;
};

struct rt_mod_sic_opts {
	char unused;
};

struct rt_mod_time_opts {
	char unused;
};

struct rt_mod_vcard_opts {
	bool search;
	const char *host; /* prepared domain of the search service of this host */
	int64_t matches;  /* at most so many results; RT_LIMIT_INFINITY */
};

struct rt_mod_version_opts {
	bool os_info;
};

/* Handlers named by generated tables. */
#define RT_MODULE(module)
#define RT_IQ(module, scope, ns, fn) rt_iq_fn fn;
#define RT_HOOK(module, hook, fn)    rt_hook_##hook fn;
#define RT_FEATURE(module, ns)
#define RT_SUBDOMAIN_IQ(module, fn) rt_iq_fn fn;
#include "rt/modules.def"
#undef RT_MODULE
#undef RT_IQ
#undef RT_HOOK
#undef RT_FEATURE
#undef RT_SUBDOMAIN_IQ

#endif
