/* modules_web.c - modules that reach beyond XMPP: BOSH, reverse proxy, uploads, SIP. */
#include "schema/tables.h"

static const struct option bosh_rows[] = {
	PAIR("inactivity", OR_INFINITY(POSITIVE("s")), "30",
	     "idle time in s after which a session ends"),
	PAIR("max_wait", OR_INFINITY(POSITIVE("s")), "infinity",
	     "longest time in s a client may let a request wait"),
	UNFOLD("server_acks", &type_bool, "false", "acknowledge requests"),
	PAIR("backend", CHOICE("mnesia"), "mnesia", "where sessions are kept"),
	PAIR("maxpause", POSITIVE("s"), "120", "longest pause a client may ask for, in s"),
};

static const struct section bosh = {
	.name = "mod_bosh",
	.title = "module mod_bosh",
	.help = "XMPP over HTTP (XEP-0124)",
	ROWS(bosh_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct type wildcard = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(&type_text, LITERAL("_")),
};

static const struct type method = {
	.kind = TYPE_ONEOF,
	.alts = TYPES(&type_text, &type_atom),
};

static const struct option revproxy_rows[] = {
	PAIR("routes",
	     LIST_OF(ONEOF(TUPLE(&wildcard, &wildcard, &method, &type_text),
			   TUPLE(&wildcard, &method, &type_text))),
	     "[]", "{Host, Path, Method, Upstream}: where requests are passed on to"),
};

static const struct section revproxy = {
	.name = "mod_revproxy",
	.title = "module mod_revproxy",
	.help = "routes of the reverse proxy",
	ROWS(revproxy_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option s3_rows[] = {
	PAIR("bucket_url", &type_text, NULL, "URL of the bucket", .flags = OPT_REQUIRED),
	PAIR("region", &type_text, NULL, "region of the bucket", .flags = OPT_REQUIRED),
	PAIR("access_key_id", &type_text, NULL, "key of the bucket", .flags = OPT_REQUIRED),
	PAIR("secret_access_key", &type_secret, NULL, "secret of that key",
	     .flags = OPT_REQUIRED | OPT_SECRET),
	UNFOLD("add_acl", &type_bool, "true", "let everybody read what was uploaded"),
};

static const struct section s3 = {
	.name = "mod_http_upload.s3",
	.title = "s3",
	.help = "the bucket uploads go to",
	ROWS(s3_rows),
};

static const struct option upload_rows[] = {
	IQDISC("one_queue"),
	PAIR("host", &type_subdomain, "\"upload.@HOST@\"", "domain of the service"),
	PAIR("backend", CHOICE("s3"), "s3", "where uploads go"),
	PAIR("expiration_time", POSITIVE("s"), "60", "how long an upload URL is valid, in s"),
	PAIR("token_bytes", POSITIVE("bytes"), "32", "random bytes in a URL"),
	PAIR("max_file_size", ONEOF(POSITIVE("bytes"), LITERAL("undefined")), "10485760",
	     "largest upload, in bytes; undefined: no limit"),
	PAIR("s3", OPTIONS(&s3), NULL, "the bucket uploads go to", .flags = OPT_REQUIRED),
};

static const struct section upload = {
	.name = "mod_http_upload",
	.title = "module mod_http_upload",
	.help = "file uploads (XEP-0363)",
	ROWS(upload_rows),
	.flags = OPT_UNSUPPORTED,
};

static const struct option jingle_sip_rows[] = {
	PAIR("proxy_host", &type_text, "\"localhost\"", "host of the SIP proxy"),
	PAIR("proxy_port", &type_port, "5060", "port of the SIP proxy"),
	PAIR("listen_port", &type_port, "5600", "port on which SIP is taken"),
	PAIR("local_host", &type_text, "\"localhost\"", "host in this server's SIP addresses"),
	PAIR("sdp_origin", &type_text, "\"127.0.0.1\"", "address in the origin line of SDP"),
	PAIR("transport", WORD("udp", "tcp"), "\"udp\"", "how the proxy is reached"),
	PAIR("username_to_phone", LIST_OF(TUPLE(&type_binary, &type_binary)), "[]",
	     "telephone number by user name"),
	PAIR("udp_max_size", POSITIVE("bytes"), NULL, "largest packet sent with UDP"),
};

static const struct section jingle_sip = {
	.name = "mod_jingle_sip",
	.title = "module mod_jingle_sip",
	.help = "calls between Jingle and SIP",
	ROWS(jingle_sip_rows),
	.flags = OPT_UNSUPPORTED,
};

const struct section *const module_sections_web[] = {
	&bosh, &revproxy, &upload, &jingle_sip, NULL,
};
