/* modules_mam.c - the message archive (XEP-0313): mod_mam_meta, and the modules it starts, which
 * old files name. */
#include "schema/tables.h"

static const char not_forwarded[] = "mod_mam_meta does not hand it on to the writer";

/* Options of mod_mam_meta; its sub-lists pm and muc take the same and override them. */
#define ARCHIVE_ROWS                                                                               \
	PAIR("backend", CHOICE("rdbms", "riak", "cassandra", "elasticsearch"), "rdbms",            \
	     "where the archive is kept"),                                                         \
		UNFOLD("no_stanzaid_element", &type_bool, "false",                                 \
		       "leave <stanza-id/> out of one-to-one messages"),                           \
		PAIR("is_archivable_message", &type_module, "mod_mam_utils",                       \
		     "module that decides what is archived"),                                      \
		UNFOLD("archive_chat_markers", &type_bool, "false",                                \
		       "archive chat markers of one-to-one conversations"),                        \
		PAIR("extra_lookup_params", &type_module, "undefined",                             \
		     "module that adds parameters to queries; undefined: none"),                   \
		UNFOLD("full_text_search", &type_bool, "true", "let clients search for words"),    \
		UNFOLD("archive_groupchats", &type_bool, "true",                                   \
		       "keep group chat in the archives of users, too"),                           \
		PAIR("host", &type_subdomain, "\"conference.@HOST@\"",                             \
		     "domain whose rooms are archived"),                                           \
		PAIR("default_result_limit", POSITIVE("messages"), "50",                           \
		     "size of a page when the client names none"),                                 \
		PAIR("max_result_limit", POSITIVE("messages"), "50", "largest page"),              \
		PAIR("user_prefs_store", CHOICE("false", "mnesia", "rdbms", "cassandra"), "false", \
		     "where users' archiving preferences are kept"),                               \
		UNFOLD("cache_users", &type_bool, "true", "cache users' numbers (rdbms)"),         \
		PAIR("rdbms_message_format", CHOICE("internal", "simple"), "internal",             \
		     "how messages are stored (rdbms)"),                                           \
		UNFOLD("async_writer", &type_bool, "true", "write in batches (rdbms)"),            \
		PAIR("async_writer_rdbms_pool", &type_atom, NULL,                                  \
		     "tag of the rdbms pool that writes batches"),                                 \
		DEAD("flush_interval", not_forwarded), DEAD("max_batch_size", not_forwarded),      \
		DEAD("elasticsearch_index_name", "nothing reads the index name"),                  \
		DEAD("is_complete_message", "write is_archivable_message")

static const struct option part_rows[] = {
	ARCHIVE_ROWS,
};

static const struct section pm = {
	.name = "mod_mam_meta.pm",
	.title = "pm",
	.help = "the archive of one-to-one messages",
	ROWS(part_rows),
};

static const struct section muc = {
	.name = "mod_mam_meta.muc",
	.title = "muc",
	.help = "the archive of rooms",
	ROWS(part_rows),
};

static const struct option meta_rows[] = {
	PAIR("pm", ONEOF(LITERAL("false"), OPTIONS(&pm)), "[]",
	     "archive of one-to-one messages; false: none"),
	PAIR("muc", ONEOF(LITERAL("false"), OPTIONS(&muc)), "false",
	     "archive of rooms; false: none"),
	ARCHIVE_ROWS,
};

static const struct section meta = {
	.name = "mod_mam_meta",
	.title = "module mod_mam_meta",
	.help = "message archives (XEP-0313)",
	ROWS(meta_rows),
	.flags = OPT_UNSUPPORTED,
};

#define PARTS                                                                                      \
	UNFOLD("pm", &type_bool, "false", "for one-to-one messages"),                              \
		UNFOLD("muc", &type_bool, "false", "for rooms")

static const struct option core_rows[] = {
	IQDISC("parallel"),
	PAIR("host", &type_subdomain, "\"conference.@HOST@\"", "domain whose rooms are archived"),
	PAIR("is_archivable_message", &type_module, "mod_mam_utils",
	     "module that decides what is archived"),
	UNFOLD("no_stanzaid_element", &type_bool, "false", "leave <stanza-id/> out"),
	UNFOLD("archive_chat_markers", &type_bool, "false", "archive chat markers"),
	UNFOLD("archive_groupchats", &type_bool, "true",
	       "keep group chat in the archives of users, too"),
	PAIR("extra_lookup_params", &type_module, "undefined",
	     "module that adds parameters to queries; undefined: none"),
	UNFOLD("full_text_search", &type_bool, "true", "let clients search for words"),
	PAIR("default_result_limit", POSITIVE("messages"), "50",
	     "size of a page when the client names none"),
	PAIR("max_result_limit", POSITIVE("messages"), "50", "largest page"),
	PAIR("is_complete_message", &type_module, NULL, "module that decides what is archived",
	     .flags = OPT_DEPRECATED, .note = "write is_archivable_message"),
};

static const struct option rdbms_rows[] = {
	PARTS,
	UNFOLD("no_writer", &type_bool, "false", "another module does the writing"),
	PAIR("db_jid_format", &type_module, "mam_jid_mini", "how JIDs are stored"),
	PAIR("db_message_format", &type_module, "mam_message_compressed_eterm",
	     "how messages are stored"),
};

static const struct option writer_rows[] = {
	PARTS,
	PAIR("pool_size", POSITIVE("workers"), NULL, "workers that write"),
	PAIR("max_batch_size", POSITIVE("messages"), "30", "most messages written at once"),
	PAIR("flush_interval", POSITIVE("ms"), "2000", "longest time in ms a message waits"),
	PAIR("rdbms_pool", &type_atom, "default", "tag of the rdbms pool"),
};

static const struct option user_rows[] = {
	PARTS,
	UNFOLD("auto_remove", &type_bool, "false", "drop an archive with its account"),
};

static const struct option flag_rows[] = {
	PARTS,
};

static const struct option cassandra_rows[] = {
	PARTS,
	PAIR("pool_name", &type_atom, "default", "tag of the cassandra pool"),
	PAIR("db_message_format", &type_module, NULL, "how messages are stored"),
	UNFOLD("no_writer", &type_bool, "false", "another module does the writing"),
};

static const struct option riak_rows[] = {
	PARTS,
	PAIR("db_message_format", &type_module, "mam_message_xml", "how messages are stored"),
};

#define LEGACY(var_, name_, rows_, help_)                                                          \
	static const struct section var_ = {                                                       \
		.name = (name_),                                                                   \
		.title = "module " name_,                                                          \
		.help = (help_),                                                                   \
		ROWS(rows_),                                                                       \
		.flags = OPT_UNSUPPORTED | OPT_DEPRECATED,                                         \
		.note = "write mod_mam_meta, which starts it",                                     \
	}

LEGACY(mam, "mod_mam", core_rows, "core of the archive of one-to-one messages");
LEGACY(mam_muc, "mod_mam_muc", core_rows, "core of the archive of rooms");
LEGACY(rdbms_arch, "mod_mam_rdbms_arch", rdbms_rows, "archive of users in SQL");
LEGACY(muc_rdbms_arch, "mod_mam_muc_rdbms_arch", rdbms_rows, "archive of rooms in SQL");
LEGACY(writer, "mod_mam_rdbms_async_pool_writer", writer_rows, "batched writer for users");
LEGACY(muc_writer, "mod_mam_muc_rdbms_async_pool_writer", writer_rows, "batched writer for rooms");
LEGACY(rdbms_user, "mod_mam_rdbms_user", user_rows, "numbers of archives in SQL");
LEGACY(rdbms_prefs, "mod_mam_rdbms_prefs", flag_rows, "preferences in SQL");
LEGACY(mnesia_prefs, "mod_mam_mnesia_prefs", flag_rows, "preferences in Mnesia");
LEGACY(cassandra_prefs, "mod_mam_cassandra_prefs", cassandra_rows, "preferences in Cassandra");
LEGACY(cassandra_arch, "mod_mam_cassandra_arch", cassandra_rows, "archive of users in Cassandra");
LEGACY(muc_cassandra_arch, "mod_mam_muc_cassandra_arch", cassandra_rows,
       "archive of rooms in Cassandra");
LEGACY(riak_arch, "mod_mam_riak_timed_arch_yz", riak_rows, "archive in Riak");
LEGACY(elastic_arch, "mod_mam_elasticsearch_arch", flag_rows, "archive of users in Elasticsearch");
LEGACY(muc_elastic_arch, "mod_mam_muc_elasticsearch_arch", flag_rows,
       "archive of rooms in Elasticsearch");
LEGACY(cache_user, "mod_mam_cache_user", flag_rows, "cache of archive numbers");
LEGACY(muc_cache_user, "mod_mam_muc_cache_user", flag_rows, "cache of archive numbers of rooms");

const struct section *const module_sections_mam[] = {
	&meta,
	&mam,
	&mam_muc,
	&rdbms_arch,
	&muc_rdbms_arch,
	&writer,
	&muc_writer,
	&rdbms_user,
	&rdbms_prefs,
	&mnesia_prefs,
	&cassandra_prefs,
	&cassandra_arch,
	&muc_cassandra_arch,
	&riak_arch,
	&elastic_arch,
	&muc_elastic_arch,
	&cache_user,
	&muc_cache_user,
	NULL,
};
