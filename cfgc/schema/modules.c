/* modules.c - names that stand in the list of modules of old or foreign files. */
#include "schema/tables.h"

static const char route[] = "it is a route: put it into the modules of an ejabberd_cowboy listener";
static const char gone[] = "MongooseIM 3.2 does not have it: take it out";
static const char part[] = "it is a part of mod_muc: name that";

const struct hint module_hints[] = {
	{"mod_websockets", route},
	{"mod_cowboy", route},
	{"mod_http_bind", "BOSH is mod_bosh, with a route in an ejabberd_cowboy listener"},
	{"mod_bosh_socket", "it is a part of mod_bosh: name that"},
	{"mod_muc_room", part},
	{"mod_muc_iq", part},
	{"mod_admin_extra", "it is a service now: {services, [{service_admin_extra, []}]}"},
	{"mod_metrics", "metrics are served by the route mongoose_api with mongoose_api_metrics"},
	{"mod_mam_odbc_arch", "it is called mod_mam_rdbms_arch; better write mod_mam_meta"},
	{"mod_mam_muc_odbc_arch", "it is called mod_mam_muc_rdbms_arch; better write mod_mam_meta"},
	{"mod_mam_odbc_prefs", "it is called mod_mam_rdbms_prefs; better write mod_mam_meta"},
	{"mod_mam_odbc_user", "it is called mod_mam_rdbms_user; better write mod_mam_meta"},
	{"mod_mam_odbc_async_pool_writer",
	 "it is called mod_mam_rdbms_async_pool_writer; better write mod_mam_meta"},
	{"mod_mam_muc_odbc_async_pool_writer",
	 "it is called mod_mam_muc_rdbms_async_pool_writer; better write mod_mam_meta"},
	{"mod_last_odbc", "write {mod_last, [{backend, rdbms}]}"},
	{"mod_offline_odbc", "write {mod_offline, [{backend, rdbms}]}"},
	{"mod_privacy_odbc", "write {mod_privacy, [{backend, rdbms}]}"},
	{"mod_private_odbc", "write {mod_private, [{backend, rdbms}]}"},
	{"mod_roster_odbc", "write {mod_roster, [{backend, rdbms}]}"},
	{"mod_vcard_odbc", "write {mod_vcard, [{backend, rdbms}]}"},
	{"mod_vcard_ldap", "write {mod_vcard, [{backend, ldap}]}"},
	{"mod_pubsub_odbc", "write {mod_pubsub, [{backend, rdbms}]}"},
	{"mod_announce", gone},
	{"mod_configure", gone},
	{"mod_configure2", gone},
	{"mod_echo", gone},
	{"mod_http_fileserver", "files are served by the route cowboy_static"},
	{"mod_irc", gone},
	{"mod_proxy65", gone},
	{"mod_service_log", gone},
	{"mod_shared_roster", "only mod_shared_roster_ldap exists"},
	{"mod_snmp", gone},
	{"mod_stats", gone},
	{"mod_vcard_xupdate", gone},
	{"mod_caps_odbc", gone},
	{NULL, NULL},
};
