/* http.c - what answers HTTP requests: the handlers named in the routes of an ejabberd_cowboy
 * listener. */
#include "schema/tables.h"

#define HANDLER(var_, name_, help_)                                                                \
	static const struct section var_ = {                                                       \
		.name = (name_),                                                                   \
		.title = "a " name_ " route",                                                      \
		.help = (help_),                                                                   \
		.flags = OPT_UNSUPPORTED,                                                          \
	}

HANDLER(bosh, "mod_bosh", "XMPP clients over HTTP (XEP-0124)");
HANDLER(api_client, "mongoose_api_client", "REST commands for users");
HANDLER(messages, "mongoose_client_api_messages", "REST access to a user's messages");
HANDLER(contacts, "mongoose_client_api_contacts", "REST access to a user's roster");
HANDLER(rooms, "mongoose_client_api_rooms", "REST access to a user's rooms");
HANDLER(rooms_config, "mongoose_client_api_rooms_config", "REST access to a room's configuration");
HANDLER(rooms_users, "mongoose_client_api_rooms_users", "REST access to a room's members");
HANDLER(rooms_messages, "mongoose_client_api_rooms_messages", "REST access to a room's messages");

static const char no_websocket[] = "a WebSocket has neither STARTTLS nor stream compression";

static const struct option websockets_rows[] = {
	PAIR("timeout", OR_INFINITY(POSITIVE("ms")), "infinity",
	     "idle time in ms after which a client is disconnected"),
	PAIR("ping_rate", ONEOF(POSITIVE("ms"), LITERAL("none")), "none",
	     "time in ms between two pings of the server"),
	PAIR("max_stanza_size", OR_INFINITY(POSITIVE("bytes")), "infinity",
	     "largest stanza accepted from a client, in bytes"),
	PAIR("ejabberd_service", OPTIONS(&section_service), NULL,
	     "let components connect over WebSocket, with these options"),
	PAIR("access", &type_rule, "c2s", "access rule that says who may open a session"),
	PAIR("shaper", &type_rule, "none", "access rule that names the shaper of a connection"),
	PAIR("max_fsm_queue", POSITIVE("stanzas"), NULL,
	     "longest queue of one connection; without it the top-level max_fsm_queue"),
	PAIR("hibernate_after", &type_ms, "0",
	     "idle time in ms after which a connection gives its buffers back"),
	DEAD("starttls", no_websocket),
	DEAD("starttls_required", no_websocket),
	DEAD("tls", no_websocket),
	DEAD("zlib", no_websocket),
	DEAD("certfile", "the certificate belongs into the listener's ssl"),
};

static const struct section websockets = {
	.name = "mod_websockets",
	.title = "a mod_websockets route",
	.help = "XMPP clients over WebSocket (RFC 7395)",
	ROWS(websockets_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option api_rows[] = {
	PAIR("handlers", LIST_OF(CHOICE("mongoose_api_metrics", "mongoose_api_users")), "[]",
	     "what is served below the route's path"),
};

static const struct section api = {
	.name = "mongoose_api",
	.title = "a mongoose_api route",
	.help = "REST access to metrics and users",
	ROWS(api_rows),
	.flags = OPT_UNSUPPORTED | OPT_DEPRECATED,
	.note = "mongoose_api_admin has commands for the same",
};

static const struct option api_admin_rows[] = {
	PAIR("auth", TUPLE(&type_binary, &type_secret), NULL,
	     "name and password that callers need; without it everybody may call",
	     .flags = OPT_SECRET),
};

static const struct section api_admin = {
	.name = "mongoose_api_admin",
	.title = "a mongoose_api_admin route",
	.help = "REST commands for the administrator",
	ROWS(api_admin_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct section sse = {
	.name = "lasse_handler",
	.title = "a lasse_handler route",
	.help = "server-sent events",
	.flags = OPT_UNSUPPORTED,
	.type = SOME_OF(CHOICE("mongoose_client_api_sse")),
};

static const struct option static_extra_rows[] = {
	{
		.name = "mimetypes",
		.form = FORM_TUPLE,
		.type = ONEOF(TUPLE(&type_module, &type_atom), TUPLE(&type_term)),
		.help = "how the type of a file is found",
	},
	{
		.name = "etag",
		.form = FORM_TUPLE,
		.type = ONEOF(TUPLE(LITERAL("false")), TUPLE(&type_module, &type_atom)),
		.help = "how the ETag of a file is made, or that there is none",
	},
	{
		.name = "charset",
		.form = FORM_TUPLE,
		.type = ONEOF(TUPLE(&type_module, &type_atom), TUPLE(&type_binary)),
		.help = "how the character set of a file is found",
	},
};

static const struct section static_extra = {
	.name = "cowboy_static.extra",
	.title = "cowboy_static",
	.help = "how files are described to the client",
	ROWS(static_extra_rows),
};

static const struct section static_files = {
	.name = "cowboy_static",
	.title = "a cowboy_static route",
	.help = "files",
	.flags = OPT_UNSUPPORTED,
	.type = ONEOF(TUPLE(CHOICE("dir", "file"), &type_any_path),
		      TUPLE(CHOICE("dir", "file"), &type_any_path, OPTIONS(&static_extra)),
		      TUPLE(CHOICE("priv_dir", "priv_file"), &type_atom, &type_path_elsewhere),
		      TUPLE(CHOICE("priv_dir", "priv_file"), &type_atom, &type_path_elsewhere,
			    OPTIONS(&static_extra))),
};

static const struct option revproxy_rows[] = {
	PAIR("timeout", OR_INFINITY(POSITIVE("ms")), "5000",
	     "time in ms an upstream gets to answer"),
	PAIR("body_length", OR_INFINITY(POSITIVE("bytes")), "8000000",
	     "largest request body passed on"),
	PAIR("custom_headers", LIST_OF(TUPLE(&type_binary, &type_binary)), "[]",
	     "headers added to each request"),
};

static const struct section revproxy = {
	.name = "mod_revproxy",
	.title = "a mod_revproxy route",
	.help = "passes requests on to other servers, by the routes of the module mod_revproxy",
	ROWS(revproxy_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option switch_rows[] = {
	FORM("http", ONEOF(TUPLE(&type_module), TUPLE(&type_module, &type_term)),
	     "handler of plain requests, with its options"),
	FORM("ws",
	     ONEOF(TUPLE(&type_atom, &type_module), TUPLE(&type_atom, &type_module, &type_term)),
	     "handler of one WebSocket subprotocol, with its options", .flags = OPT_MULTI),
};

static const struct section protocol_switch = {
	.name = "mod_cowboy",
	.title = "a mod_cowboy route",
	.help = "HTTP and WebSocket handlers on one path",
	ROWS(switch_rows),
	.flags = OPT_UNSUPPORTED,
};

const struct section *const handler_sections[] = {
	&bosh,         &websockets,  &api_admin,       &api_client,
	&api,          &messages,    &contacts,        &rooms,
	&rooms_config, &rooms_users, &rooms_messages,  &sse,
	&static_files, &revproxy,    &protocol_switch, NULL,
};

const struct hint handler_hints[] = {
	{"mongoose_api_client_contacts", "write mongoose_client_api_contacts"},
	{"mod_http_bind", "BOSH is mod_bosh"},
	{"ejabberd_http_bind", "BOSH is mod_bosh"},
	{"mod_http_fileserver", "files are served by cowboy_static"},
	{"mod_metrics", "metrics are served by mongoose_api with mongoose_api_metrics"},
	{NULL, NULL},
};
