/* top.c - what may stand at top level, and of it (OPT_PER_HOST) in host_config. */
#include "schema/tables.h"

static const char no_s2s[] = "there are no connections to other servers";
static const char no_cluster[] = "a server is one node";
static const char metrics[] = "there are no metrics per host";
static const char storage[] = "SQLite is the only storage";
static const char pools[] = "write it as a pool in outgoing_pools";
static const char in_auth_opts[] = "write it in auth_opts, e.g. {auth_opts, "
				   "[{password_format, scram}]}";
static const char external[] = "auth_method external is not supported";
static const char ldap[] = "auth_method ldap is not supported";
static const char anonymous[] = "auth_method anonymous is not supported";

static const struct alias loglevel_aliases[] = {
	{"warn", "warning"},
	{"err", "error"},
	{"notice", "info"},
	{NULL, NULL},
};

static const struct type loglevel = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(INT(0, 5, NULL),
		      T(.kind = TYPE_CHOICE,
			.names = NAMES("none", "critical", "error", "warning", "info", "debug"),
			.aliases = loglevel_aliases)),
};

static const struct alias auth_method_aliases[] = {
	{"odbc", "rdbms"},     {"extauth", "external"}, {"mnesia", "internal"}, {"sql", "rdbms"},
	{"anon", "anonymous"}, {"scram", "internal"},   {"riakdb", "riak"},     {NULL, NULL},
};

static const struct type auth_method = {
	.kind = TYPE_CHOICE,
	.names = NAMES("internal", "rdbms", "external", "anonymous", "ldap", "jwt", "riak", "http",
		       "pki"),
	.unsupported =
		NAMES("rdbms", "external", "anonymous", "ldap", "jwt", "riak", "http", "pki"),
	.aliases = auth_method_aliases,
};

static const struct alias sasl_aliases[] = {
	{"plain", "cyrsasl_plain"},
	{"digest", "cyrsasl_digest"},
	{"scram", "cyrsasl_scram"},
	{"anonymous", "cyrsasl_anonymous"},
	{"oauth", "cyrsasl_oauth"},
	{"external", "cyrsasl_external"},
	{"cyrsasl_digest_md5", "cyrsasl_digest"},
	{"cyrsasl_scram_sha1", "cyrsasl_scram"},
	{NULL, NULL},
};

static const struct type sasl_mechanism = {
	.kind = TYPE_CHOICE,
	.names = NAMES("cyrsasl_plain", "cyrsasl_digest", "cyrsasl_scram", "cyrsasl_anonymous",
		       "cyrsasl_oauth", "cyrsasl_external"),
	.unsupported =
		NAMES("cyrsasl_digest", "cyrsasl_anonymous", "cyrsasl_oauth", "cyrsasl_external"),
	.aliases = sasl_aliases,
};

/* Where to connect instead of asking DNS: an address, with or without a port. */
static const struct type address = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(&type_ip, &type_ip_text, TUPLE(&type_ip, &type_port),
		      TUPLE(&type_ip_text, &type_port)),
};

static const struct option dns_rows[] = {
	PAIR("timeout", POSITIVE("s"), "10", "time in s a query may take"),
	PAIR("retries", POSITIVE("tries"), "2", "how often a query is sent"),
};

static const struct section dns = {
	.name = "s2s_dns_options",
	.title = "s2s_dns_options",
	.help = "how other servers are looked up",
	ROWS(dns_rows),
};

static const struct type include_options = {
	.kind = TYPE_LIST,
	.of = TUPLE(CHOICE("disallow", "allow_only"), LIST_OF(&type_term)),
};

#define PER_HOST_LATER (OPT_PER_HOST | OPT_UNSUPPORTED)

static const struct option top_rows[] = {
	/* Structure of the file. */
	FLAG("override_global", "forget stored global options first"),
	FLAG("override_local", "forget stored local options first"),
	FLAG("override_acls", "forget stored access control first"),
	FORM("include_config_file",
	     ONEOF(TUPLE(&type_path_elsewhere), TUPLE(&type_path_elsewhere, &include_options)),
	     "read another file here", .flags = OPT_MULTI),
	FORM("define_macro", TUPLE(&type_atom, &type_term), "a name, in capitals, for a term",
	     .flags = OPT_MULTI),
	FORM("host_config", TUPLE(&type_host, &type_terms), "options of one host",
	     .flags = OPT_MULTI),
	KEYED("add", &type_atom, &type_term,
	      "in host_config: put this before the list of an option",
	      .flags = OPT_MULTI | OPT_PER_HOST),

	/* General. */
	PAIR("hosts", SOME_OF(&type_host), NULL,
	     "domains that are served; the first is the main one"),
	PAIR("host", &type_host, NULL, "the one domain that is served", .flags = OPT_DEPRECATED,
	     .note = "write {hosts, [\"...\"]}"),
	PAIR("loglevel", &loglevel, "3", "how much is logged: 0 nothing to 5 everything"),
	PAIR("language", &type_text, "\"en\"", "language of texts for clients",
	     .flags = OPT_PER_HOST),
	PAIR("max_fsm_queue", POSITIVE("stanzas"), NULL,
	     "longest queue of a connection; absent: no limit"),
	PAIR("registration_timeout", OR_INFINITY(POSITIVE("s")), "600",
	     "least time in s between two registrations from one address"),
	PAIR("sm_backend",
	     TUPLE(T(.kind = TYPE_CHOICE, .names = NAMES("mnesia", "redis"),
		     .unsupported = NAMES("redis")),
		   &type_terms),
	     NULL, "where sessions are kept", .flags = OPT_REQUIRED),
	PAIR("all_metrics_are_global", T(.kind = TYPE_BOOL, .unsupported = NAMES("true")), "false",
	     "count for the whole server instead of per host", .note = metrics),
	PAIR("routing_modules", SOME_OF(&type_module),
	     "[mongoose_router_global,mongoose_router_localdomain,"
	     "mongoose_router_external_localnode,mongoose_router_external,ejabberd_s2s]",
	     "steps of routing, in order", .flags = OPT_UNSUPPORTED,
	     .note = "hosts, then components is the only order"),
	PAIR("mongooseimctl_access_commands",
	     LIST_OF(TUPLE(&type_rule, ONEOF(LITERAL("all"), LIST_OF(&type_atom)), &type_terms)),
	     "[]", "who may run which command", .flags = OPT_UNSUPPORTED,
	     .note = "whoever can open the control socket may run all commands"),
	PAIR("cluster_nodes", LIST_OF(&type_atom), NULL, "nodes to connect to",
	     .flags = OPT_UNSUPPORTED, .note = no_cluster),
	PAIR("node_specific_options", &type_terms, "[]", "what may differ between nodes",
	     .flags = OPT_NOOP, .note = "a compiled configuration is not compared with others"),

	/* Lists whose elements have sections of their own. */
	PAIR("listen", &type_terms, NULL, "sockets: {Port, Listener, Options}"),
	PAIR("modules", &type_terms, NULL, "extensions of a host: {Module, Options}",
	     .flags = OPT_PER_HOST),
	PAIR("services", &type_terms, "[]", "services of the server: {Service, Options}"),
	PAIR("outgoing_pools", &type_terms, "[]",
	     "connections: {Type, Host, Tag, PoolOptions, ConnectionOptions}"),

	/* Access control. */
	FORM("acl", TUPLE(&type_atom, &type_term), "a set of users, by a pattern",
	     .flags = OPT_MULTI | OPT_PER_HOST),
	FORM("access", TUPLE(&type_atom, LIST_OF(TUPLE(&type_term, &type_atom))),
	     "a rule: the value of the first set that holds the user",
	     .flags = OPT_MULTI | OPT_PER_HOST),
	FORM("shaper",
	     TUPLE(&type_atom,
		   ONEOF(LITERAL("none"), TUPLE(LITERAL("maxrate"), POSITIVE("bytes/s")))),
	     "a rate of traffic", .flags = OPT_MULTI),

	/* Authentication. */
	PAIR("auth_method", ONEOF(&auth_method, SOME_OF(&auth_method)), NULL,
	     "where accounts are: one method or a list, tried in order", .flags = OPT_PER_HOST),
	PAIR("auth_opts", OPTIONS(&schema_auth_opts), "[]", "options of the methods",
	     .flags = OPT_PER_HOST),
	PAIR("sasl_mechanisms", SOME_OF(&sasl_mechanism),
	     "[cyrsasl_plain,cyrsasl_digest,cyrsasl_scram,cyrsasl_anonymous,cyrsasl_oauth]",
	     "ways to log in that are offered, as far as auth_method allows them"),
	PAIR("allow_multiple_connections", &type_bool, "false",
	     "anonymous users may have several sessions", .flags = PER_HOST_LATER,
	     .note = anonymous),
	PAIR("anonymous_protocol", CHOICE("sasl_anon", "login_anon", "both"), "sasl_anon",
	     "how anonymous users log in", .flags = PER_HOST_LATER, .note = anonymous),
	PAIR("extauth_instances", POSITIVE("processes"), "1", "copies of extauth_program",
	     .flags = PER_HOST_LATER, .note = external),
	PAIR("extauth_cache", ONEOF(LITERAL("false"), NATURAL("s")), "false",
	     "how long its answers are remembered, in s", .flags = PER_HOST_LATER,
	     .note = external),
	LDAP_CONNECTION_ROWS(PER_HOST_LATER),
	PAIR("ldap_uids", &type_ldap_uids, "[{\"uid\",\"%u\"}]",
	     "attributes that hold a user's name, and how", .flags = PER_HOST_LATER, .note = ldap),
	LDAP_FILTER_ROWS(PER_HOST_LATER),
	LDAP_GROUP_ROWS(PER_HOST_LATER),
	PAIR("ldap_dn_filter", TUPLE(&type_text, ONEOF(LITERAL("undefined"), LIST_OF(&type_text))),
	     NULL, "filter on the user's own entry", .flags = PER_HOST_LATER, .note = ldap),
	PAIR("ldap_local_filter",
	     ONEOF(LITERAL("undefined"),
		   TUPLE(CHOICE("equal", "notequal"), TUPLE(&type_text, LIST_OF(&type_text)))),
	     "undefined", "filter applied here instead of by the server", .flags = PER_HOST_LATER,
	     .note = ldap),

	/* Certificates, and connections between servers. */
	FORM("domain_certfile", TUPLE(&type_host, &type_certfile),
	     "certificate chain and private key of one domain (PEM)", .flags = OPT_MULTI),
	PAIR("s2s_use_starttls",
	     CHOICE("false", "true", "optional", "required", "required_trusted"), "false",
	     "STARTTLS between servers", .flags = OPT_UNSUPPORTED, .note = no_s2s),
	PAIR("s2s_certfile", &type_certfile, NULL, "certificate chain and private key (PEM)",
	     .flags = OPT_UNSUPPORTED, .note = no_s2s),
	PAIR("s2s_ciphers", &type_text, NULL, "cipher suites, in OpenSSL's notation",
	     .flags = OPT_UNSUPPORTED, .note = no_s2s),
	PAIR("s2s_default_policy", CHOICE("allow", "deny"), "allow",
	     "whether servers are allowed that s2s_host does not name", .flags = PER_HOST_LATER,
	     .note = no_s2s),
	KEYED("s2s_host", &type_host, CHOICE("allow", "deny"), "whether one server is allowed",
	      .flags = OPT_MULTI | PER_HOST_LATER, .note = no_s2s),
	KEYED("s2s_addr", &type_host, &address, "address of one server, instead of asking DNS",
	      .flags = OPT_MULTI | OPT_UNSUPPORTED, .note = no_s2s),
	PAIR("outgoing_s2s_port", &type_port, "5269", "port of servers that DNS gives none for",
	     .flags = OPT_UNSUPPORTED, .note = no_s2s),
	FORM("outgoing_s2s_options",
	     TUPLE(SOME_OF(CHOICE("ipv4", "ipv6", "inet4", "inet6")), OR_INFINITY(POSITIVE("ms"))),
	     "order of address families, and time in ms to connect", .flags = OPT_UNSUPPORTED,
	     .note = no_s2s),
	PAIR("s2s_dns_options", OPTIONS(&dns), "[]", "how other servers are looked up",
	     .flags = OPT_UNSUPPORTED, .note = no_s2s),
	PAIR("s2s_shared", &type_secret, NULL, "secret of dialback (XEP-0220)",
	     .flags = OPT_DEAD | OPT_SECRET | OPT_UNSUPPORTED,
	     .note = "its secret is made anew at each start"),
	PAIR("s2s_max_retry_delay", POSITIVE("s"), "300",
	     "longest time in s between two tries to connect", .flags = OPT_DEAD | OPT_UNSUPPORTED,
	     .note = "it always waits up to 300 s"),
	PAIR("route_subdomains", LITERAL("s2s"), NULL,
	     "send stanzas for subdomains to other servers", .flags = PER_HOST_LATER,
	     .note = no_s2s),
	SAME_AS("route_subdomain", "route_subdomains", LITERAL("s2s")),
	KEYED("global_distrib_addr", &type_host, SOME_OF(TUPLE(&type_host, &type_port)),
	      "addresses of another data centre", .flags = OPT_MULTI | OPT_UNSUPPORTED,
	      .note = no_cluster),

	/* Databases. */
	PAIR("rdbms_server_type", CHOICE("mssql", "pgsql", "mysql"), NULL,
	     "SQL dialect of the rdbms pools", .flags = OPT_UNSUPPORTED, .note = storage),
	PAIR("pgsql_users_number_estimate", &type_bool, "false", "estimate the number of users",
	     .flags = PER_HOST_LATER, .note = storage),

	/* What old files contain. */
	DEAD("alarms", "alarms are no longer raised"),
	DEAD("node_type", "nothing reads the type of a node"),
	DEAD("watchdog_admins", "there is no watchdog"),
	DEAD("watchdog_large_heap", "there is no watchdog"),
	REFUSED("pool", pools),
	REFUSED("odbc_server", pools),
	REFUSED("odbc_pool_size", pools),
	REFUSED("odbc_server_type", "write rdbms_server_type"),
	REFUSED("odbc_keepalive_interval", pools),
	REFUSED("elasticsearch_server", pools),
	REFUSED("riak_server", pools),
	REFUSED("http_connections", pools),
	REFUSED("cassandra_servers", pools),
	REFUSED("redis_server", pools),
	REFUSED("auth_password_format", in_auth_opts),
	REFUSED("auth_scram_iterations", in_auth_opts),
	REFUSED("password_format", in_auth_opts),
	REFUSED("scram_iterations", in_auth_opts),
	REFUSED("extauth_program", in_auth_opts),
	REFUSED("ext_auth_script", "write {auth_opts, [{extauth_program, \"...\"}]}"),
	REFUSED("jwt_secret_source", in_auth_opts),
	REFUSED("jwt_secret", in_auth_opts),
	REFUSED("jwt_algorithm", in_auth_opts),
	REFUSED("jwt_username_key", in_auth_opts),
};

static const struct alias top_aliases[] = {
	{"include", "include_config_file"},
	{"listeners", "listen"},
	{"services_list", "services"},
	{"outgoing_connections", "outgoing_pools"},
	{"ougtoing_pools", "outgoing_pools"},
	{"macro", "define_macro"},
	{"access_rules", "access"},
	{"shapers", "shaper"},
	{"log_level", "loglevel"},
	{"auth_methods", "auth_method"},
	{"s2s_policy", "s2s_default_policy"},
	{"s2s_starttls", "s2s_use_starttls"},
	{"sasl_mechanism", "sasl_mechanisms"},
	{NULL, NULL},
};

const struct section schema_top = {
	.name = "top",
	.title = "the top level",
	.help = "what may stand at the top level of a file",
	ROWS(top_rows),
	.aliases = top_aliases,
	.flags = OPT_LAST_WINS,
};
