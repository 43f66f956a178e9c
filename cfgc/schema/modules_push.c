/* modules_push.c - events for the outside world: HTTP, push services, Amazon SNS. */
#include "schema/tables.h"

static const struct option http_rows[] = {
	PAIR("pool_name", &type_atom, "http_pool", "tag of the http pool that is called"),
	PAIR("path", &type_string, "\"\"", "path behind the pool's prefix"),
	PAIR("callback_module", &type_module, "mod_event_pusher_http_defaults",
	     "module that decides what is sent"),
};

static const struct section http = {
	.name = "mod_event_pusher.http",
	.title = "backend http",
	.help = "events as HTTP requests",
	ROWS(http_rows),
};

/* Options of a pool of workers: worker_pool's own. */
static const struct option wpool_rows[] = {
	PAIR("workers", POSITIVE("workers"), "100", "workers of the pool"),
	PAIR("strategy", &type_wpool_strategy, "available_worker", "how a worker is chosen"),
	PAIR("call_timeout", POSITIVE("ms"), "5000", "time in ms a call may take"),
	PAIR("overrun_warning", OR_INFINITY(POSITIVE("ms")), "infinity",
	     "time in ms after which a slow call is reported"),
	PAIR("max_overrun_warnings", OR_INFINITY(POSITIVE("warnings")), "infinity",
	     "reports after which a worker is killed"),
	PAIR("overrun_handler", TUPLE(&type_module, &type_atom), NULL, "what reports slow calls"),
	PAIR("worker_opt", &type_terms, "[]", "options of the worker processes"),
	PAIR("pool_sup_intensity", NATURAL("restarts"), "5", "restarts before the pool gives up"),
	PAIR("pool_sup_period", POSITIVE("s"), "60", "in this time"),
	PAIR("queue_type", CHOICE("fifo", "lifo"), "fifo", "order of waiting calls"),
};

static const struct section wpool = {
	.name = "mod_event_pusher.push.wpool",
	.title = "wpool",
	.help = "workers that send notifications",
	ROWS(wpool_rows),
};

static const struct option push_rows[] = {
	PAIR("backend", CHOICE("mnesia"), "mnesia", "where subscriptions are kept"),
	PAIR("wpool", OPTIONS(&wpool), "[]", "workers that send notifications"),
	PAIR("plugin_module", &type_module, "mod_event_pusher_push_plugin_defaults",
	     "module that decides what is sent"),
	IQDISC("one_queue"),
};

static const struct section push = {
	.name = "mod_event_pusher.push",
	.title = "backend push",
	.help = "push notifications (XEP-0357)",
	ROWS(push_rows),
};

static const struct option sns_rows[] = {
	PAIR("access_key_id", &type_text, NULL, "key at Amazon", .flags = OPT_REQUIRED),
	PAIR("secret_access_key", &type_secret, NULL, "secret of that key",
	     .flags = OPT_REQUIRED | OPT_SECRET),
	PAIR("region", &type_text, NULL, "region at Amazon", .flags = OPT_REQUIRED),
	PAIR("account_id", &type_text, NULL, "account at Amazon", .flags = OPT_REQUIRED),
	PAIR("sns_host", &type_text, NULL, "host of the service", .flags = OPT_REQUIRED),
	PAIR("presence_updates_topic", &type_text, NULL, "topic for presence; absent: none"),
	PAIR("pm_messages_topic", &type_text, NULL, "topic for one-to-one messages; absent: none"),
	PAIR("muc_messages_topic", &type_text, NULL, "topic for messages of rooms; absent: none"),
	PAIR("plugin_module", &type_module, "mod_event_pusher_sns_defaults",
	     "module that decides what is sent"),
	PAIR("pool_size", POSITIVE("workers"), "100", "workers that publish"),
	PAIR("publish_retry_count", NATURAL("tries"), "2", "tries after the first failed"),
	PAIR("publish_retry_time_ms", POSITIVE("ms"), "50", "time in ms before the next try"),
	DEAD("muc_host", "rooms are found by themselves"),
};

static const struct section sns = {
	.name = "mod_event_pusher.sns",
	.title = "backend sns",
	.help = "events to the Amazon Simple Notification Service",
	ROWS(sns_rows),
};

static const struct option backend_rows[] = {
	PAIR("http", OPTIONS(&http), NULL, "events as HTTP requests", .flags = OPT_MULTI),
	PAIR("push", OPTIONS(&push), NULL, "push notifications (XEP-0357)"),
	PAIR("sns", OPTIONS(&sns), NULL, "events to the Amazon Simple Notification Service"),
};

static const struct alias pusher_aliases[] = {
	{"http_notification", "http"},
	{"aws_sns", "sns"},
	{NULL, NULL},
};

static const struct section backends = {
	.name = "mod_event_pusher.backends",
	.title = "backends",
	.help = "where events go",
	ROWS(backend_rows),
	.aliases = pusher_aliases,
};

static const struct option pusher_rows[] = {
	PAIR("backends", OPTIONS(&backends), NULL, "where events go", .flags = OPT_REQUIRED),
};

static const struct section pusher = {
	.name = "mod_event_pusher",
	.title = "module mod_event_pusher",
	.help = "events for the outside world",
	ROWS(pusher_rows),
	.flags = OPT_UNSUPPORTED,
};

#define OLD(var_, name_, rows_, help_, note_)                                                      \
	static const struct section var_ = {                                                       \
		.name = (name_),                                                                   \
		.title = "module " name_,                                                          \
		.help = (help_),                                                                   \
		ROWS(rows_),                                                                       \
		.flags = OPT_UNSUPPORTED | OPT_DEPRECATED,                                         \
		.note = (note_),                                                                   \
	}

OLD(old_push, "mod_push", push_rows, "push notifications (XEP-0357)",
    "write {mod_event_pusher, [{backends, [{push, [...]}]}]}");
OLD(old_http, "mod_http_notification", http_rows, "events as HTTP requests",
    "write {mod_event_pusher, [{backends, [{http, [...]}]}]}");
OLD(old_sns, "mod_aws_sns", sns_rows, "events to the Amazon Simple Notification Service",
    "write {mod_event_pusher, [{backends, [{sns, [...]}]}]}");

static const char by_pusher[] = "mod_event_pusher starts it, with its backends";

OLD(inner_http, "mod_event_pusher_http", http_rows, "events as HTTP requests", by_pusher);
OLD(inner_push, "mod_event_pusher_push", push_rows, "push notifications (XEP-0357)", by_pusher);
OLD(inner_sns, "mod_event_pusher_sns", sns_rows, "events to Amazon", by_pusher);

static const struct section translator = {
	.name = "mod_event_pusher_hook_translator",
	.title = "module mod_event_pusher_hook_translator",
	.help = "finds the events that are sent",
	.flags = OPT_UNSUPPORTED | OPT_DEPRECATED,
	.note = by_pusher,
};

static const struct option mongoosepush_rows[] = {
	PAIR("pool_name", &type_atom, NULL, "tag of the http pool of MongoosePush",
	     .flags = OPT_REQUIRED),
	PAIR("api_version", WORD("v1", "v2"), "\"v2\"", "version of its interface"),
	PAIR("max_http_connections", POSITIVE("connections"), "100", "most requests at a time"),
};

static const struct section mongoosepush = {
	.name = "mod_push_service_mongoosepush",
	.title = "module mod_push_service_mongoosepush",
	.help = "hands notifications to MongoosePush",
	ROWS(mongoosepush_rows),
	.flags = OPT_UNSUPPORTED,
};

const struct section *const module_sections_push[] = {
	&pusher,     &old_push,  &old_http,   &old_sns,      &inner_http,
	&inner_push, &inner_sns, &translator, &mongoosepush, NULL,
};
