/* pools.c - outgoing_pools: options of any pool, and of the connections of each type. */
#include "schema/tables.h"

static const struct option pool_rows[] = {
	PAIR("workers", POSITIVE("workers"), "100", "connections of the pool"),
	PAIR("strategy", &type_wpool_strategy, "best_worker", "how a connection is chosen"),
	PAIR("call_timeout", POSITIVE("ms"), "5000",
	     "time in ms a request may take; for rdbms 60000 when absent"),
	PAIR("overrun_warning", OR_INFINITY(POSITIVE("ms")), "infinity",
	     "time in ms after which a slow request is reported"),
	PAIR("max_overrun_warnings", OR_INFINITY(POSITIVE("warnings")), "infinity",
	     "reports after which a connection is dropped"),
	PAIR("overrun_handler", TUPLE(&type_module, &type_atom), NULL,
	     "what reports slow requests"),
	PAIR("worker_opt", &type_terms, "[]", "options of the Erlang processes"),
	PAIR("pool_sup_intensity", NATURAL("restarts"), "5", "restarts before the pool gives up"),
	PAIR("pool_sup_period", POSITIVE("s"), "60", "in this time"),
	PAIR("queue_type", CHOICE("fifo", "lifo"), "fifo", "order of waiting requests"),
	PAIR("worker_type", CHOICE("gen_server"), "gen_server", "Erlang behaviour of a worker"),
	REFUSED("worker", "the type of the pool decides it"),
};

const struct section schema_pool_opts = {
	.name = "outgoing_pools.options",
	.title = "the options of a pool",
	.help = "how a pool uses its connections",
	ROWS(pool_rows),
};

static const struct option http_rows[] = {
	PAIR("server", &type_text, NULL, "URL of the server", .flags = OPT_REQUIRED),
	PAIR("path_prefix", &type_string, "\"/\"", "path in front of every request's"),
	PAIR("request_timeout", POSITIVE("ms"), "2000", "time in ms a request may take"),
	PAIR("http_opts", &type_terms, "[]", "options of the HTTP client"),
};

static const struct section http = {
	.name = "outgoing_pools.http",
	.title = "an http pool",
	.help = "connections to an HTTP server",
	ROWS(http_rows),
	.flags = OPT_UNSUPPORTED,
};

/* {Driver, Host, [Port,] Database, User, Password [, TLS options]}. */
static const struct type driver = {.kind = TYPE_CHOICE, .names = NAMES("pgsql", "mysql")};

static const struct type rdbms_server = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(&type_text, TUPLE(&driver, &type_text, &type_text, &type_text, &type_secret),
		      TUPLE(&driver, &type_text, &type_port, &type_text, &type_text, &type_secret),
		      TUPLE(&driver, &type_text, &type_text, &type_text, &type_secret, &type_terms),
		      TUPLE(&driver, &type_text, &type_port, &type_text, &type_text, &type_secret,
			    &type_terms)),
	.text = "an ODBC string or {pgsql | mysql, Host, [Port,] Database, User, Password "
		"[, TLS options]}",
};

static const struct option rdbms_rows[] = {
	PAIR("server", &rdbms_server, NULL, "the database and how to log in",
	     .flags = OPT_REQUIRED | OPT_SECRET),
	PAIR("keepalive_interval", POSITIVE("s"), NULL,
	     "time in s between two queries that keep a connection open; absent: none"),
	PAIR("start_interval", POSITIVE("s"), "30",
	     "longest time in s between two tries to connect"),
};

static const struct section rdbms = {
	.name = "outgoing_pools.rdbms",
	.title = "an rdbms pool",
	.help = "connections to an SQL database",
	ROWS(rdbms_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option redis_rows[] = {
	PAIR("host", &type_text, "\"localhost\"", "host of the server"),
	PAIR("port", &type_port, "6379", "port of the server"),
	PAIR("database", NATURAL(NULL), "0", "number of the database"),
	PAIR("password", &type_secret, "\"\"", "password of the server; empty: none",
	     .flags = OPT_SECRET),
};

static const struct section redis = {
	.name = "outgoing_pools.redis",
	.title = "a redis pool",
	.help = "connections to Redis",
	ROWS(redis_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option riak_rows[] = {
	PAIR("address", &type_text, NULL, "host of the server", .flags = OPT_REQUIRED),
	PAIR("port", &type_port, NULL, "port of the server", .flags = OPT_REQUIRED),
	FORM("credentials", TUPLE(&type_text, &type_secret),
	     "user and password, as {credentials, User, Password}", .flags = OPT_SECRET),
	PAIR("cacertfile", &type_cafile, NULL, "CA certificates that verify the server (PEM)"),
	PAIR("ssl_opts", &type_terms, "[]", "options of TLS"),
};

static const struct section riak = {
	.name = "outgoing_pools.riak",
	.title = "a riak pool",
	.help = "connections to Riak",
	ROWS(riak_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option cassandra_rows[] = {
	PAIR("servers", SOME_OF(TUPLE(&type_text, &type_port)), "[{\"localhost\",9042}]",
	     "hosts and ports of the servers"),
	PAIR("keyspace", ONEOF(&type_atom, &type_text), "mongooseim", "keyspace of the tables"),
	PAIR("ssl", &type_terms, NULL, "options of TLS; absent: none"),
	PAIR("tcp_opts", &type_terms, "[{keepalive,true}]", "options of the sockets"),
	PAIR("auth", &type_term, NULL, "how to log in, e.g. {cqerl_auth_plain_handler, [...]}",
	     .flags = OPT_SECRET),
};

static const struct section cassandra = {
	.name = "outgoing_pools.cassandra",
	.title = "a cassandra pool",
	.help = "connections to Cassandra",
	ROWS(cassandra_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option elastic_rows[] = {
	PAIR("host", &type_text, "\"localhost\"", "host of the server"),
	PAIR("port", &type_port, "9200", "port of the server"),
};

static const struct section elastic = {
	.name = "outgoing_pools.elastic",
	.title = "an elastic pool",
	.help = "connections to Elasticsearch",
	ROWS(elastic_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct section generic = {
	.name = "outgoing_pools.generic",
	.title = "a generic pool",
	.help = "workers without a connection",
	.flags = OPT_UNSUPPORTED,
	.type = &type_terms,
};

const struct section *const pool_sections[] = {
	&redis, &riak, &http, &rdbms, &cassandra, &elastic, &generic, NULL,
};

const struct hint pool_hints[] = {
	{"odbc", "SQL databases are pools of type rdbms"},
	{"pgsql", "write {rdbms, Host, Tag, PoolOpts, [{server, {pgsql, ...}}]}"},
	{"mysql", "write {rdbms, Host, Tag, PoolOpts, [{server, {mysql, ...}}]}"},
	{"elasticsearch", "the type is called elastic"},
	{"ldap", "LDAP servers are named by the top-level ldap_* options"},
	{NULL, NULL},
};
