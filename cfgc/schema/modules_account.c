/* modules_account.c - modules about what a user's account holds: roster, vcard, private data,
 * offline messages. */
#include "schema/tables.h"

static const struct section blocking = {
	.name = "mod_blocking",
	.title = "module mod_blocking",
	.help = "blocking command (XEP-0191)",
	.flags = OPT_UNSUPPORTED,
};

static const struct option offline_rows[] = {
	PAIR("access_max_user_messages", &type_rule, "max_user_offline_messages",
	     "access rule that says how many messages are kept for a user"),
	PAIR("backend", MNESIA_OR_LATER("riak"), "mnesia", "where the messages are kept"),
};

static const struct alias offline_aliases[] = {
	{"access_max_offline_messages", "access_max_user_messages"},
	{"user_max_messages", "access_max_user_messages"},
	{NULL, NULL},
};

static const struct section offline = {
	.name = "mod_offline",
	.title = "module mod_offline",
	.help = "messages for users who are not there (XEP-0160)",
	ROWS(offline_rows),
	.aliases = offline_aliases,
};

static const struct section offline_stub = {
	.name = "mod_offline_stub",
	.title = "module mod_offline_stub",
	.help = "drops messages for users who are not there without an error",
	.flags = OPT_UNSUPPORTED,
};

static const struct option privacy_rows[] = {
	PAIR("backend", BACKEND("riak"), "mnesia", "where the lists are kept"),
};

static const struct section privacy = {
	.name = "mod_privacy",
	.title = "module mod_privacy",
	.help = "privacy lists (XEP-0016)",
	ROWS(privacy_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option private_rows[] = {
	IQDISC("one_queue"),
	PAIR("backend", MNESIA_OR_LATER("mysql", "riak"), "mnesia", "where the data is kept"),
};

static const struct section private_storage = {
	.name = "mod_private",
	.title = "module mod_private",
	.help = "private XML storage (XEP-0049)",
	ROWS(private_rows),
};

static const struct option register_rows[] = {
	IQDISC("one_queue"),
	PAIR("access", &type_rule, "all",
	     "access rule that says who may register; absent: nobody may change or cancel"),
	PAIR("welcome_message", ONEOF(TUPLE(&type_string, &type_string), TUPLE(&type_string)),
	     "{\"\",\"\"}", "subject and body of a message to each new user; {\"\"}: none"),
	PAIR("registration_watchers", LIST_OF(T(.kind = TYPE_BINARY, .min = 1)), "[]",
	     "JIDs that are told of each new account"),
	PAIR("password_strength", NUMBER(0, INT_LIMIT, "bits"), "0",
	     "least entropy of a password, in bits"),
	PAIR("ip_access", LIST_OF(TUPLE(CHOICE("allow", "deny"), &type_cidr)), "[]",
	     "which addresses may register: the first match counts, no match allows"),
	DEAD("access_from", "access is asked instead"),
	DEAD("allow", "write {ip_access, [{allow, \"IP/bits\"}]}"),
	DEAD("deny", "write {ip_access, [{deny, \"IP/bits\"}]}"),
};

static const struct alias register_aliases[] = {
	{"watchers", "registration_watchers"},
	{"ip", "ip_access"},
	{NULL, NULL},
};

static const struct section registration = {
	.name = "mod_register",
	.title = "module mod_register",
	.help = "accounts made and changed by clients (XEP-0077)",
	ROWS(register_rows),
	.aliases = register_aliases,
};

static const struct option roster_rows[] = {
	IQDISC("one_queue"),
	UNFOLD("versioning", &type_bool, "false", "send only what changed (RFC 6121, 2.6)"),
	UNFOLD("store_current_id", &type_bool, "false",
	       "keep the roster's version instead of computing it at each login"),
	PAIR("backend", MNESIA_OR_LATER("riak"), "mnesia", "where rosters are kept"),
};

static const struct section roster = {
	.name = "mod_roster",
	.title = "module mod_roster",
	.help = "contact lists and subscriptions (RFC 6121)",
	ROWS(roster_rows),
};

static const struct option shared_roster_rows[] = {
	PAIR("ldap_groupattr", &type_string, "\"cn\"", "attribute with a group's name"),
	PAIR("ldap_groupdesc", &type_string, NULL,
	     "attribute with a group's shown name; absent: ldap_groupattr"),
	PAIR("ldap_userdesc", &type_string, "\"cn\"", "attribute with a user's shown name"),
	PAIR("ldap_useruid", &type_string, "\"cn\"", "attribute with a user's name"),
	PAIR("ldap_memberattr", &type_string, "\"memberUid\"", "attribute that names members"),
	PAIR("ldap_memberattr_format", &type_string, "\"%u\"", "how a member is written"),
	PAIR("ldap_memberattr_format_re", &type_regexp, "\"\"",
	     "the same as a regular expression whose first group is the user"),
	PAIR("ldap_auth_check", ONEOF(&type_bool, CHOICE("on", "off")), "true",
	     "leave out members who have no account"),
	LDAP_CONNECTION_ROWS(0),
	LDAP_FILTER_ROWS(0),
	LDAP_GROUP_ROWS(0),
};

static const struct section shared_roster = {
	.name = "mod_shared_roster_ldap",
	.title = "module mod_shared_roster_ldap",
	.help = "roster groups from LDAP",
	ROWS(shared_roster_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct type text_pairs = {
	.kind = TYPE_LIST,
	.of = TUPLE(&type_string, &type_string),
};

static const struct option vcard_rows[] = {
	IQDISC("one_queue"),
	PAIR("host", &type_subdomain, "\"vjud.@HOST@\"", "domain of the search service"),
	UNFOLD("search", &type_bool, "true", "offer search in the users' vcards (XEP-0055)"),
	PAIR("backend", MNESIA_OR_LATER("riak", "ldap"), "mnesia", "where vcards are kept"),
	PAIR("matches", OR_INFINITY(POSITIVE("results")), "30", "most results of a search"),
	PAIR("ldap_vcard_map", LIST_OF(TUPLE(&type_string, &type_string, LIST_OF(&type_string))),
	     NULL, "vcard fields and the attributes they are made of", .flags = OPT_UNSUPPORTED),
	PAIR("ldap_search_fields", &text_pairs, NULL, "fields of the search form",
	     .flags = OPT_UNSUPPORTED),
	PAIR("ldap_search_reported", &text_pairs, NULL, "fields of a search result",
	     .flags = OPT_UNSUPPORTED),
	PAIR("ldap_search_operator", CHOICE("or", "and"), "'and'",
	     "whether one field of the form must match, or all", .flags = OPT_UNSUPPORTED),
	PAIR("ldap_binary_search_fields", LIST_OF(&type_binary), "[]",
	     "fields that hold binary data", .flags = OPT_UNSUPPORTED),
	PAIR("ldap_uids", &type_ldap_uid_tuples, "[{\"uid\",\"%u\"}]",
	     "attributes that hold a user's name, and how", .flags = OPT_UNSUPPORTED),
	LDAP_CONNECTION_ROWS(OPT_UNSUPPORTED),
	LDAP_FILTER_ROWS(OPT_UNSUPPORTED),
	DEAD("allow_return_all", "an empty search finds nothing"),
	DEAD("search_all_hosts", "a search covers the service's own host"),
};

static const struct section vcard = {
	.name = "mod_vcard",
	.title = "module mod_vcard",
	.help = "vcards (XEP-0054) and their search (XEP-0055)",
	ROWS(vcard_rows),
};

const struct section *const module_sections_account[] = {
	&blocking,     &offline, &offline_stub,  &privacy, &private_storage,
	&registration, &roster,  &shared_roster, &vcard,   NULL,
};
