/* modules_basic.c - modules about the session and the server itself: discovery, ping, time,
 * versions, tokens. */
#include "schema/tables.h"

#define NO_OPTIONS(var_, name_, help_)                                                             \
	static const struct section var_ = {                                                       \
		.name = (name_),                                                                   \
		.title = "module " name_,                                                          \
		.help = (help_),                                                                   \
		.flags = OPT_UNSUPPORTED,                                                          \
	}

static const struct option adhoc_rows[] = {
	IQDISC("one_queue"),
	UNFOLD("report_commands_node", &type_bool, "false",
	       "list the commands node in service discovery"),
};

static const struct section adhoc = {
	.name = "mod_adhoc",
	.title = "module mod_adhoc",
	.help = "ad-hoc commands (XEP-0050)",
	ROWS(adhoc_rows),
};

NO_OPTIONS(amp, "mod_amp", "advanced message processing (XEP-0079)");
NO_OPTIONS(commands, "mod_commands", "commands of the REST interfaces");

static const struct type token_life = {
	.kind = TYPE_TUPLE,
	.alts = TYPES(POSITIVE(NULL), CHOICE("days", "hours", "minutes", "seconds")),
};

static const struct option auth_token_rows[] = {
	PAIR("{validity_period, access}", &token_life, "{1,hours}", "life of an access token"),
	PAIR("{validity_period, refresh}", &token_life, "{25,days}", "life of a refresh token"),
	PAIR("backend", CHOICE("rdbms"), "rdbms", "where tokens are kept"),
	IQDISC("no_queue"),
};

static const struct section auth_token = {
	.name = "mod_auth_token",
	.title = "module mod_auth_token",
	.help = "login tokens for X-OAUTH",
	ROWS(auth_token_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option caps_rows[] = {
	PAIR("cache_size", POSITIVE("entries"), "1000", "most sets of capabilities remembered"),
	PAIR("cache_life_time", POSITIVE("s"), "86400", "how long one is remembered, in s"),
};

static const struct section caps = {
	.name = "mod_caps",
	.title = "module mod_caps",
	.help = "entity capabilities (XEP-0115)",
	ROWS(caps_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option carboncopy_rows[] = {
	IQDISC("no_queue"),
};

static const struct section carboncopy = {
	.name = "mod_carboncopy",
	.title = "module mod_carboncopy",
	.help = "message carbons (XEP-0280)",
	ROWS(carboncopy_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option csi_rows[] = {
	PAIR("buffer_max", OR_INFINITY(NATURAL("stanzas")), "20",
	     "most stanzas held back while the client is inactive"),
};

static const struct section csi = {
	.name = "mod_csi",
	.title = "module mod_csi",
	.help = "client state indication (XEP-0352)",
	ROWS(csi_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct type server_info_field = {
	.kind = TYPE_TUPLE,
	.alts = TYPES(ONEOF(LITERAL("all"), LIST_OF(&type_module)), &type_text,
		      LIST_OF(&type_string)),
};

static const struct option disco_rows[] = {
	IQDISC("one_queue"),
	PAIR("extra_domains", LIST_OF(T(.kind = TYPE_BINARY, .min = 1)), "[]",
	     "domains listed among the server's items besides those it knows"),
	PAIR("server_info", LIST_OF(&server_info_field), "[]",
	     "contact addresses in the server's information (XEP-0157)"),
	UNFOLD("users_can_see_hidden_services", &type_bool, "true",
	       "list components of listeners with hidden_components to users"),
};

static const struct section disco = {
	.name = "mod_disco",
	.title = "module mod_disco",
	.help = "service discovery (XEP-0030)",
	ROWS(disco_rows),
};

static const struct option keystore_rows[] = {
	PAIR("ram_key_size", POSITIVE("bytes"), "2048", "size of generated keys"),
	PAIR("keys",
	     LIST_OF(TUPLE(&type_term,
			   ONEOF(LITERAL("ram"), TUPLE(LITERAL("file"), &type_secret_path)))),
	     "[]", "keys by name: generated, or read from a file"),
	PAIR("backend", CHOICE("mnesia"), "mnesia", "where keys are kept"),
};

static const struct section keystore = {
	.name = "mod_keystore",
	.title = "module mod_keystore",
	.help = "keys for other modules",
	ROWS(keystore_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option last_rows[] = {
	IQDISC("one_queue"),
	PAIR("backend", MNESIA_OR_LATER("riak"), "mnesia", "where the times are kept"),
};

static const struct section last = {
	.name = "mod_last",
	.title = "module mod_last",
	.help = "last activity (XEP-0012)",
	ROWS(last_rows),
};

static const struct option ping_rows[] = {
	UNFOLD("send_pings", &type_bool, "false", "ping clients that have been idle"),
	PAIR("ping_interval", POSITIVE("s"), "60", "idle time in s before a client is pinged"),
	PAIR("timeout_action", CHOICE("none", "kill"), "none",
	     "what happens to a client that does not answer"),
	PAIR("ping_req_timeout", POSITIVE("s"), "32", "time in s a client gets to answer"),
	IQDISC("no_queue"),
};

static const struct section ping = {
	.name = "mod_ping",
	.title = "module mod_ping",
	.help = "pings in both directions (XEP-0199)",
	ROWS(ping_rows),
};

static const struct option sic_rows[] = {
	IQDISC("one_queue"),
};

static const struct section sic = {
	.name = "mod_sic",
	.title = "module mod_sic",
	.help = "tells clients their IP address (XEP-0279)",
	ROWS(sic_rows),
};

static const struct option stream_management_rows[] = {
	PAIR("buffer_max", ONEOF(POSITIVE("stanzas"), CHOICE("infinity", "no_buffer")), "100",
	     "most stanzas kept until the client acknowledges them"),
	PAIR("ack_freq", ONEOF(POSITIVE("stanzas"), LITERAL("never")), "1",
	     "after how many stanzas the client is asked for an acknowledgement"),
	PAIR("resume_timeout", POSITIVE("s"), "600",
	     "how long a lost session can be resumed, in s"),
};

static const struct section stream_management = {
	.name = "mod_stream_management",
	.title = "module mod_stream_management",
	.help = "acknowledgement and resumption (XEP-0198)",
	ROWS(stream_management_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option time_rows[] = {
	IQDISC("one_queue"),
};

static const struct section entity_time = {
	.name = "mod_time",
	.title = "module mod_time",
	.help = "the server's time (XEP-0202)",
	ROWS(time_rows),
};

static const struct option version_rows[] = {
	IQDISC("one_queue"),
	UNFOLD("os_info", &type_bool, "false", "tell the operating system, too"),
};

static const struct section version = {
	.name = "mod_version",
	.title = "module mod_version",
	.help = "name and version of the server (XEP-0092)",
	ROWS(version_rows),
};

const struct section *const module_sections_basic[] = {
	&adhoc,    &amp,  &auth_token, &caps, &carboncopy,        &commands,    &csi,     &disco,
	&keystore, &last, &ping,       &sic,  &stream_management, &entity_time, &version, NULL,
};
