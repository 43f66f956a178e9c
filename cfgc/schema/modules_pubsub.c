/* modules_pubsub.c - publish-subscribe (XEP-0060, XEP-0163). */
#include "schema/tables.h"

/* The documentation writes {queues, N} as everywhere; the module itself checks for a bare number.
 */
static const struct type pubsub_iqdisc = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(CHOICE("no_queue", "one_queue", "parallel"), POSITIVE("queues"),
		      TUPLE(LITERAL("queues"), POSITIVE("queues"))),
};

static const struct option pubsub_rows[] = {
	PAIR("iqdisc", &pubsub_iqdisc, "one_queue",
	     "how Erlang processes share the module's requests", .flags = OPT_NOOP,
	     .note = "requests are handled on the shard of the node or user"),
	PAIR("host", &type_subdomain, "\"pubsub.@HOST@\"", "domain of the service"),
	PAIR("backend",
	     T(.kind = TYPE_CHOICE, .names = NAMES("mnesia", "rdbms"), .aliases = backend_aliases),
	     "mnesia", "where nodes and items are kept"),
	PAIR("access_createnode", &type_rule, "all", "access rule that says who may make nodes"),
	SAME_AS("access_create", "access_createnode", &type_rule),
	PAIR("max_items_node", NATURAL("items"), "10", "most items kept in a node"),
	PAIR("max_subscriptions_node", NATURAL("subscriptions"), NULL,
	     "most subscriptions of a node; absent: no limit"),
	PAIR("nodetree", BINARY_WORD("tree", "dag"), "<<\"tree\">>", "how nodes are arranged"),
	UNFOLD("ignore_pep_from_offline", &type_bool, "true",
	       "send last items of personal nodes only for users who are online"),
	UNFOLD("last_item_cache", &type_bool, "false", "keep each node's last item in memory"),
	PAIR("plugins", SOME_OF(BINARY_WORD("flat", "hometree", "pep", "dag", "push")),
	     "[<<\"flat\">>]", "kinds of nodes; the first is the default"),
	PAIR("pep_mapping", LIST_OF(TUPLE(&type_binary, &type_binary)), "[]",
	     "node plugin by the name of a personal node"),
	PAIR("default_node_config", LIST_OF(TUPLE(&type_atom, &type_term)), "[]",
	     "configuration of new nodes"),
	UNFOLD("item_publisher", &type_bool, "false", "store who published an item"),
};

static const struct section pubsub = {
	.name = "mod_pubsub",
	.title = "module mod_pubsub",
	.help = "publish-subscribe (XEP-0060) and personal eventing (XEP-0163)",
	ROWS(pubsub_rows),
	.flags = OPT_UNSUPPORTED,
};

const struct section *const module_sections_pubsub[] = {&pubsub, NULL};
