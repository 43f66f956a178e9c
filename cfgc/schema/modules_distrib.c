/* modules_distrib.c - global distribution: several data centres behind one domain. */
#include "schema/tables.h"

static const struct type endpoint = {
	.kind = TYPE_TUPLE,
	.alts = TYPES(ONEOF(&type_host, &type_ip), &type_port),
};

static const struct option tls_rows[] = {
	PAIR("certfile", &type_certfile, NULL, "certificate chain and private key (PEM)"),
	PAIR("cafile", &type_cafile, NULL, "CA certificates that verify the other side (PEM)"),
	PAIR("ciphers", &type_text, NULL, "cipher suites, in OpenSSL's notation"),
	PAIR("dhfile", &type_dhfile, NULL, "Diffie-Hellman parameters (PEM)"),
	PAIR("protocol_options", LIST_OF(&type_text), "[]",
	     "what is switched off or preferred in TLS"),
	FLAG("verify_none", "accept any certificate"),
	FLAG("connect", "this side opens the connection"),
};

static const struct alias tls_aliases[] = {
	{"cacertfile", "cafile"},
	{NULL, NULL},
};

static const struct section tls = {
	.name = "mod_global_distrib.tls_opts",
	.title = "tls_opts",
	.help = "TLS between data centres",
	ROWS(tls_rows),
	.aliases = tls_aliases,
};

static const struct option connection_rows[] = {
	PAIR("endpoints", SOME_OF(&endpoint), NULL,
	     "where this side listens; absent: local_host, port 5555"),
	PAIR("advertised_endpoints",
	     ONEOF(LITERAL("false"), SOME_OF(TUPLE(&type_host, &type_port))), "false",
	     "where others are told to connect; false: the endpoints"),
	PAIR("connections_per_endpoint", POSITIVE("connections"), "1",
	     "connections to each endpoint"),
	PAIR("endpoint_refresh_interval", POSITIVE("s"), "60",
	     "time in s between two looks for changed endpoints"),
	PAIR("disabled_gc_interval", POSITIVE("s"), "60",
	     "time in s between two searches for unused connections"),
	PAIR("tls_opts", ONEOF(LITERAL("false"), OPTIONS(&tls)), NULL,
	     "TLS between data centres; false: none", .flags = OPT_REQUIRED),
	DEAD("num_of_connections", "write connections_per_endpoint"),
};

static const struct section connections = {
	.name = "mod_global_distrib.connections",
	.title = "connections",
	.help = "connections between data centres",
	ROWS(connection_rows),
};

static const struct option cache_rows[] = {
	UNFOLD("cache_missed", &type_bool, "true", "remember that a user was not found"),
	PAIR("domain_lifetime_seconds", NATURAL("s"), "600", "life of a cached domain, in s"),
	PAIR("jid_lifetime_seconds", NATURAL("s"), "5", "life of a cached user, in s"),
	PAIR("max_jids", POSITIVE("entries"), "10000", "most users cached"),
};

static const struct section cache = {
	.name = "mod_global_distrib.cache",
	.title = "cache",
	.help = "cache of where users are",
	ROWS(cache_rows),
};

static const struct option bounce_rows[] = {
	PAIR("resend_after_ms", NATURAL("ms"), "200", "time in ms before a message is tried again"),
	PAIR("max_retries", NATURAL("tries"), "4", "tries before it comes back as an error"),
};

static const struct section bounce = {
	.name = "mod_global_distrib.bounce",
	.title = "bounce",
	.help = "messages that missed a moving user",
	ROWS(bounce_rows),
};

static const struct option redis_rows[] = {
	PAIR("pool", &type_atom, "global_distrib", "tag of the redis pool"),
	PAIR("expire_after", POSITIVE("s"), "120", "life of an entry, in s"),
	PAIR("refresh_after", NATURAL("s"), "60", "age at which it is renewed, in s"),
	DEAD("no_opts", "it stands for an empty list"),
};

static const struct section redis = {
	.name = "mod_global_distrib.redis",
	.title = "redis",
	.help = "the directory of users in Redis",
	ROWS(redis_rows),
};

static const struct option distrib_rows[] = {
	PAIR("global_host", &type_host, NULL, "domain common to all data centres",
	     .flags = OPT_REQUIRED),
	PAIR("local_host", &type_host, NULL, "domain of this data centre", .flags = OPT_REQUIRED),
	PAIR("message_ttl", NATURAL("hops"), "4", "how often a message may be sent on"),
	PAIR("hosts_refresh_interval", POSITIVE("ms"), "3000",
	     "time in ms between two looks for data centres"),
	PAIR("connections", OPTIONS(&connections), NULL, "connections between data centres",
	     .flags = OPT_REQUIRED),
	PAIR("cache", OPTIONS(&cache), "[]", "cache of where users are"),
	PAIR("bounce", ONEOF(LITERAL("false"), OPTIONS(&bounce)), "[]",
	     "messages that missed a moving user; false: they come back at once"),
	PAIR("redis", OPTIONS(&redis), "[]", "the directory of users in Redis"),
	PAIR("backend", CHOICE("redis"), "redis", "where the directory of users is kept"),
};

static const struct section distrib = {
	.name = "mod_global_distrib",
	.title = "module mod_global_distrib",
	.help = "one domain in several data centres",
	ROWS(distrib_rows),
	.flags = OPT_UNSUPPORTED,
};

/* Parts that mod_global_distrib starts with options of its own making. */
#define PART(var_, name_)                                                                          \
	static const struct section var_ = {                                                       \
		.name = (name_),                                                                   \
		.title = "module " name_,                                                          \
		.help = "a part of mod_global_distrib",                                            \
		.flags = OPT_UNSUPPORTED | OPT_DEPRECATED,                                         \
		.note = "mod_global_distrib starts it",                                            \
		.type = &type_terms,                                                               \
	}

PART(part_bounce, "mod_global_distrib_bounce");
PART(part_disco, "mod_global_distrib_disco");
PART(part_hosts, "mod_global_distrib_hosts_refresher");
PART(part_mapping, "mod_global_distrib_mapping");
PART(part_receiver, "mod_global_distrib_receiver");
PART(part_sender, "mod_global_distrib_sender");

const struct section *const module_sections_distrib[] = {
	&distrib,      &part_bounce,   &part_disco,  &part_hosts,
	&part_mapping, &part_receiver, &part_sender, NULL,
};
