/* auth.c - auth_opts: options of all authentication backends in one list. */
#include "schema/tables.h"

static const char in_pool[] = "it belongs to the pool {http, global, auth, PoolOpts, ConnOpts} "
			      "in outgoing_pools";

static const struct type password_format = {
	.kind = TYPE_CHOICE,
	.names = NAMES("plain", "scram"),
	.check = check_password_format,
};

static const struct option auth_rows[] = {
	PAIR("password_format", &password_format, "plain",
	     "how passwords are kept: plain, or as keys of SCRAM (RFC 5802)",
	     .flags = OPT_PER_HOST),
	PAIR("scram_iterations", POSITIVE("iterations"), "4096",
	     "how often a password is hashed for SCRAM", .flags = OPT_PER_HOST),
	SAME_AS("auth_password_format", "password_format", &password_format),
	SAME_AS("auth_scram_iterations", "scram_iterations", POSITIVE("iterations")),
	PAIR("extauth_program", &type_text, NULL,
	     "command line of the program asked by auth_method external",
	     .flags = OPT_PER_HOST | OPT_UNSUPPORTED),
	PAIR("basic_auth", &type_secret, NULL,
	     "\"user:password\" for the server asked by auth_method http",
	     .flags = OPT_PER_HOST | OPT_SECRET | OPT_UNSUPPORTED),
	PAIR("is_external", &type_bool, "false",
	     "auth_method http checks passwords itself, so SCRAM is not offered",
	     .flags = OPT_PER_HOST | OPT_UNSUPPORTED),
	PAIR("jwt_secret_source", ONEOF(&type_path, TUPLE(LITERAL("env"), &type_text)), NULL,
	     "file or environment variable with the key of auth_method jwt",
	     .flags = OPT_PER_HOST | OPT_UNSUPPORTED),
	PAIR("jwt_secret", &type_secret, NULL, "key of auth_method jwt, without a source",
	     .flags = OPT_PER_HOST | OPT_SECRET | OPT_UNSUPPORTED),
	PAIR("jwt_algorithm",
	     WORD("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"),
	     NULL, "signature of tokens accepted by auth_method jwt",
	     .flags = OPT_PER_HOST | OPT_UNSUPPORTED),
	PAIR("jwt_username_key", &type_atom, NULL, "field of a token that names the user",
	     .flags = OPT_PER_HOST | OPT_UNSUPPORTED),
	DEAD("host", in_pool),
	DEAD("connection_pool_size", in_pool),
	DEAD("connection_opts", in_pool),
	DEAD("path_prefix", in_pool),
	REFUSED("ldap_servers", "the ldap_* options stand at top level or in host_config"),
};

static const struct alias auth_aliases[] = {
	{"ext_auth_script", "extauth_program"},
	{"scram_iteration_count", "scram_iterations"},
	{NULL, NULL},
};

const struct section schema_auth_opts = {
	.name = "auth_opts",
	.title = "auth_opts",
	.help = "options of the authentication methods",
	ROWS(auth_rows),
	.aliases = auth_aliases,
};
