/* types.c - types that many options share. */
#include "schema/tables.h"

const struct type type_bool = {.kind = TYPE_BOOL};
const struct type type_atom = {.kind = TYPE_ATOM};
const struct type type_string = {.kind = TYPE_STRING};
const struct type type_text = {.kind = TYPE_STRING, .min = 1};
const struct type type_binary = {.kind = TYPE_BINARY};
const struct type type_path = {.kind = TYPE_PATH, .min = 1};
const struct type type_any_path = {.kind = TYPE_PATH, .min = 1, .role = PATH_EITHER};
const struct type type_path_elsewhere = {.kind = TYPE_PATH, .min = 1, .role = PATH_ELSEWHERE};
const struct type type_secret_path = {.kind = TYPE_PATH, .min = 1, .role = PATH_SECRET};
const struct type type_certfile = {.kind = TYPE_PATH, .min = 1, .role = PATH_CERTIFICATE};
const struct type type_keyfile = {.kind = TYPE_PATH, .min = 1, .role = PATH_KEY};
const struct type type_cafile = {.kind = TYPE_PATH, .min = 1, .role = PATH_CA};
const struct type type_crlfile = {.kind = TYPE_PATH, .min = 1, .role = PATH_CRL};
const struct type type_dhfile = {.kind = TYPE_PATH, .min = 1, .role = PATH_DH};
const struct type type_secret = {.kind = TYPE_SECRET};
const struct type type_host = {.kind = TYPE_HOST, .min = 1};
const struct type type_subdomain = {.kind = TYPE_SUBDOMAIN, .min = 1};
const struct type type_ip = {.kind = TYPE_IP};
const struct type type_rule = {.kind = TYPE_RULE};
const struct type type_shaper = {.kind = TYPE_SHAPER};
const struct type type_module = {.kind = TYPE_MODULE};
const struct type type_regexp = {.kind = TYPE_REGEXP, .check = check_regexp};
const struct type type_term = {.kind = TYPE_TERM};
const struct type type_terms = {.kind = TYPE_LIST, .of = &type_term};
const struct type type_infinity = {.kind = TYPE_LITERAL, .text = "infinity"};
const struct type type_port = {.kind = TYPE_INT, .min = 1, .max = 65535};
const struct type type_ms = {.kind = TYPE_INT, .min = 0, .max = INT_LIMIT, .unit = "ms"};

const struct type type_iqdisc = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(CHOICE("no_queue", "one_queue", "parallel"),
		      TUPLE(LITERAL("queues"), POSITIVE("queues"))),
};

const struct type type_cidr = {
	.kind = TYPE_STRING,
	.min = 1,
	.check = check_cidr,
};

const struct type type_ip_text = {
	.kind = TYPE_STRING,
	.min = 1,
	.check = check_ip_text,
};

const struct type type_wpool_strategy = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(CHOICE("best_worker", "random_worker", "next_worker", "available_worker",
			     "next_available_worker"),
		      TUPLE(LITERAL("hash_worker"), &type_term)),
};

/* {Attribute, Format}: "%u" in Format stands for the user's name. */
const struct type type_ldap_uid_tuples = {
	.kind = TYPE_LIST,
	.of = ONEOF(TUPLE(&type_string), TUPLE(&type_string, &type_string)),
};

const struct type type_ldap_uids = {
	.kind = TYPE_LIST,
	.of = ONEOF(&type_string, TUPLE(&type_string), TUPLE(&type_string, &type_string)),
};

const struct alias backend_aliases[] = {
	{"odbc", "rdbms"},
	{"sql", "rdbms"},
	{"internal", "mnesia"},
	{NULL, NULL},
};
