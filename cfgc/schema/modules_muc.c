/* modules_muc.c - group chat: rooms, light rooms, their logs, their commands, and the inbox. */
#include "schema/tables.h"

static const struct section muc_commands = {
	.name = "mod_muc_commands",
	.title = "module mod_muc_commands",
	.help = "commands about rooms for the REST interfaces",
	.flags = OPT_UNSUPPORTED,
};

static const struct section muc_light_commands = {
	.name = "mod_muc_light_commands",
	.title = "module mod_muc_light_commands",
	.help = "commands about light rooms for the REST interfaces",
	.flags = OPT_UNSUPPORTED,
};

static const struct option room_rows[] = {
	UNFOLD("allow_change_subj", &type_bool, "true", "all occupants may change the subject"),
	UNFOLD("allow_query_users", &type_bool, "true", "occupants may send iq to each other"),
	UNFOLD("allow_private_messages", &type_bool, "true",
	       "occupants may send messages to each other"),
	UNFOLD("allow_visitor_status", &type_bool, "true", "visitors may set a status text"),
	UNFOLD("allow_visitor_nickchange", &type_bool, "true", "visitors may change their nick"),
	UNFOLD("public", &type_bool, "true", "the room is listed"),
	UNFOLD("public_list", &type_bool, "true", "its occupants are listed to outsiders"),
	UNFOLD("persistent", &type_bool, "false", "the room stays when the last occupant leaves"),
	UNFOLD("moderated", &type_bool, "true", "visitors may not speak"),
	UNFOLD("members_by_default", &type_bool, "true", "newcomers may speak"),
	UNFOLD("members_only", &type_bool, "false", "only members may enter"),
	UNFOLD("allow_user_invites", &type_bool, "false", "all occupants may invite"),
	UNFOLD("allow_multiple_sessions", &type_bool, "false",
	       "one user may enter several times under one nick"),
	UNFOLD("password_protected", &type_bool, "false", "a password is needed to enter"),
	UNFOLD("anonymous", &type_bool, "true", "only moderators see the JIDs of occupants"),
	UNFOLD("logging", &type_bool, "false", "the conversation is logged"),
	UNFOLD("instant", &type_bool, "false", "a new room is open before it is configured"),
	PAIR("title", &type_binary, "<<>>", "title of the room"),
	PAIR("description", &type_binary, "<<>>", "description of the room"),
	PAIR("password", T(.kind = TYPE_BINARY), "<<>>", "password to enter", .flags = OPT_SECRET),
	PAIR("subject", &type_binary, "<<>>", "subject of the room"),
	PAIR("subject_author", &type_binary, "<<>>", "nick of who set the subject"),
	PAIR("max_users", ONEOF(POSITIVE("occupants"), LITERAL("none")), "200",
	     "most occupants of a room"),
	PAIR("maygetmemberlist", LIST_OF(CHOICE("moderator", "participant", "visitor")), "[]",
	     "roles that may read the list of members"),
	PAIR("affiliations",
	     LIST_OF(TUPLE(TUPLE(&type_binary, &type_binary, &type_binary),
			   CHOICE("owner", "admin", "member", "outcast", "none"))),
	     "[]", "affiliations by JID, as {{User, Host, Resource}, Affiliation}"),
};

static const struct section room = {
	.name = "mod_muc.default_room_options",
	.title = "default_room_options",
	.help = "what a new room is like",
	ROWS(room_rows),
};

static const struct option muc_rows[] = {
	PAIR("host", &type_subdomain, "\"conference.@HOST@\"", "domain of the service"),
	PAIR("backend", CHOICE("mnesia"), "mnesia", "where rooms are kept"),
	PAIR("access", &type_rule, "all", "access rule that says who may use the service"),
	PAIR("access_create", &type_rule, "all", "access rule that says who may make rooms"),
	PAIR("access_admin", &type_rule, "none",
	     "access rule that says who may administer all rooms"),
	PAIR("access_persistent", &type_rule, "all",
	     "access rule that says who may make rooms persistent"),
	PAIR("history_size", NATURAL("messages"), "20", "messages shown to a newcomer"),
	PAIR("room_shaper", &type_shaper, "none", "shaper of all traffic of a room"),
	PAIR("max_room_id", ONEOF(POSITIVE("bytes"), LITERAL("infinite")), "infinite",
	     "longest name of a room, in bytes"),
	PAIR("max_room_name", ONEOF(POSITIVE("bytes"), LITERAL("infinite")), "infinite",
	     "longest title of a room, in bytes"),
	PAIR("max_room_desc", ONEOF(POSITIVE("bytes"), LITERAL("infinite")), "infinite",
	     "longest description of a room, in bytes"),
	PAIR("min_message_interval", NUMBER(0, INT_LIMIT, "s"), "0",
	     "least time between two messages of an occupant, in s"),
	PAIR("min_presence_interval", NUMBER(0, INT_LIMIT, "s"), "0",
	     "least time between two presences of an occupant, in s"),
	PAIR("max_users", POSITIVE("occupants"), "200", "most occupants of a room"),
	PAIR("max_users_admin_threshold", NATURAL("occupants"), "5",
	     "places kept for owners and administrators"),
	PAIR("user_message_shaper", &type_shaper, "none", "shaper of an occupant's messages"),
	PAIR("user_presence_shaper", &type_shaper, "none", "shaper of an occupant's presences"),
	PAIR("max_user_conferences", NATURAL("rooms"), "10", "most rooms one user may be in"),
	PAIR("http_auth_pool", &type_atom, "none",
	     "tag of the http pool that is asked for room passwords; none: rooms know them"),
	UNFOLD("load_permanent_rooms_at_startup", &type_bool, "false",
	       "start all persistent rooms with the server"),
	PAIR("hibernate_timeout", OR_INFINITY(&type_ms), "90000",
	     "idle time in ms after which a room hibernates"),
	PAIR("hibernated_room_check_interval", OR_INFINITY(&type_ms), "infinity",
	     "time in ms between two looks for hibernated rooms"),
	PAIR("hibernated_room_timeout", OR_INFINITY(&type_ms), "infinity",
	     "time in ms after which a hibernated room is stopped"),
	PAIR("default_room_options", OPTIONS(&room), "[]", "what a new room is like"),
};

static const struct section muc = {
	.name = "mod_muc",
	.title = "module mod_muc",
	.help = "group chat rooms (XEP-0045)",
	ROWS(muc_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct type schema_field_type = {
	.kind = TYPE_CHOICE,
	.names = NAMES("binary", "integer", "float"),
};

static const struct type schema_field = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(&type_text, TUPLE(&type_text, &schema_field_type),
		      TUPLE(&type_binary, &type_atom, &schema_field_type)),
};

static const struct option muc_light_rows[] = {
	PAIR("host", &type_subdomain, "\"muclight.@HOST@\"", "domain of the service"),
	PAIR("backend",
	     T(.kind = TYPE_CHOICE, .names = NAMES("mnesia", "rdbms"), .aliases = backend_aliases),
	     "mnesia", "where rooms are kept"),
	UNFOLD("equal_occupants", &type_bool, "false", "rooms have no owners"),
	UNFOLD("legacy_mode", &type_bool, "false", "speak XEP-0045 to clients"),
	PAIR("rooms_per_user", OR_INFINITY(POSITIVE("rooms")), "infinity",
	     "most rooms one user may be in"),
	UNFOLD("blocking", &type_bool, "true", "users may block rooms and users"),
	UNFOLD("all_can_configure", &type_bool, "false", "all occupants may configure the room"),
	UNFOLD("all_can_invite", &type_bool, "false", "all occupants may add others"),
	PAIR("max_occupants", OR_INFINITY(POSITIVE("occupants")), "infinity",
	     "most occupants of a room"),
	PAIR("rooms_per_page", OR_INFINITY(POSITIVE("rooms")), "10",
	     "rooms on one page of service discovery"),
	UNFOLD("rooms_in_rosters", &type_bool, "false", "list a user's rooms in the roster"),
	PAIR("config_schema", LIST_OF(&schema_field), "[\"roomname\",\"subject\"]",
	     "configuration fields of a room"),
	PAIR("default_config",
	     LIST_OF(TUPLE(&type_text, ONEOF(&type_string, NUMBER(INT64_MIN, INT64_MAX, NULL)))),
	     "[{\"roomname\",\"Untitled\"},{\"subject\",\"\"}]",
	     "what the fields of a new room hold"),
};

static const struct section muc_light = {
	.name = "mod_muc_light",
	.title = "module mod_muc_light",
	.help = "rooms without presence",
	ROWS(muc_light_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option muc_log_rows[] = {
	PAIR("outdir", &type_path_elsewhere, "\"www/muc\"", "directory of the logs"),
	PAIR("access_log", &type_rule, "muc_admin",
	     "access rule that says who may switch logging on"),
	PAIR("dirtype", CHOICE("subdirs", "plain"), "subdirs", "one directory per month, or one"),
	PAIR("dirname", CHOICE("room_jid", "room_name"), "room_jid", "name of a room's directory"),
	PAIR("file_format", CHOICE("html", "plaintext"), "html", "form of the logs"),
	PAIR("cssfile", ONEOF(LITERAL("false"), &type_binary), "false",
	     "style sheet named in the logs"),
	SAME_AS("css_file", "cssfile", ONEOF(LITERAL("false"), &type_binary)),
	PAIR("timezone", CHOICE("local", "universal"), "local", "time zone of the logs"),
	PAIR("top_link", TUPLE(&type_string, &type_string), "{\"/\",\"Home\"}",
	     "target and text of a link at the top of each page"),
	UNFOLD("spam_prevention", &type_bool, "true", "mark links with rel=nofollow"),
};

static const struct section muc_log = {
	.name = "mod_muc_log",
	.title = "module mod_muc_log",
	.help = "logs of rooms",
	ROWS(muc_log_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option inbox_rows[] = {
	PAIR("backend", CHOICE("rdbms"), "rdbms", "where the inbox is kept"),
	PAIR("reset_markers", LIST_OF(CHOICE("displayed", "received", "acknowledged")),
	     "[displayed]", "chat markers that set the count of unread messages to 0"),
	PAIR("groupchat", LIST_OF(CHOICE("muclight", "muc")), "[muclight]",
	     "kinds of rooms that appear in the inbox"),
	UNFOLD("aff_changes", &type_bool, "true", "keep notices of changed affiliations"),
	UNFOLD("remove_on_kicked", &type_bool, "true", "drop a room the user was removed from"),
	IQDISC("no_queue"),
};

static const struct section inbox = {
	.name = "mod_inbox",
	.title = "module mod_inbox",
	.help = "conversations with their last message and unread count",
	ROWS(inbox_rows),
	.flags = OPT_UNSUPPORTED,
};

const struct section *const module_sections_muc[] = {
	&inbox, &muc, &muc_commands, &muc_light, &muc_light_commands, &muc_log, NULL,
};
