/* listen.c - the three listeners that speak XMPP over TCP: clients, servers, components. */
#include "schema/tables.h"

/* Options that every TCP listener reads. */
#define TCP_ROWS                                                                                   \
	PAIR("ip", &type_ip, "{0,0,0,0}", "address to bind, as a tuple"),                          \
		FLAG("inet6", "bind all IPv6 addresses when no address is given"),                 \
		DEAD("inet", "IPv4 is what a listener binds without inet6 anyway"),                \
		PAIR("proto", CHOICE("tcp", "ws", "wss"), "tcp",                                   \
		     "transport; every value means TCP on this listener"),                         \
		PAIR("backlog", POSITIVE("connections"), "100",                                    \
		     "longest queue of connections not accepted yet"),                             \
		PAIR("acceptors_num", POSITIVE("acceptors"), "100",                                \
		     "how many connections are accepted side by side"),                            \
		PAIR("max_stanza_size", OR_INFINITY(POSITIVE("bytes")), "infinity",                \
		     "largest stanza accepted from a peer, in bytes; never over 16 MiB in xmppd"), \
		PAIR("hibernate_after", &type_ms, "0",                                             \
		     "idle time in ms after which a connection gives its buffers back"),           \
		REFUSED("ssl", "write tls, the flag for TLS from the first byte")

#define QUEUE_ROW                                                                                  \
	PAIR("max_fsm_queue", POSITIVE("stanzas"), NULL,                                           \
	     "longest queue of one connection; without it the top-level max_fsm_queue")

/* What OpenSSL's options are called in a file. Protocols before TLS 1.0 and compression are off in
 * any case, and most of the workarounds do nothing since OpenSSL 1.1. */
static const struct type tls_option = {
	.kind = TYPE_STRING,
	.names = NAMES("no_sslv2", "no_sslv3", "no_tlsv1", "no_tlsv1_1", "no_tlsv1_2", "no_tlsv1_3",
		       "cipher_server_preference", "no_compression", "no_ticket",
		       "allow_unsafe_legacy_renegotiation", "cisco_anyconnect", "cookie_exchange",
		       "cryptopro_tlsext_bug", "ephemeral_rsa", "legacy_server_connect",
		       "microsoft_big_sslv3_buffer", "microsoft_sess_id_bug",
		       "msie_sslv2_rsa_padding", "netscape_ca_dn_bug", "netscape_challenge_bug",
		       "netscape_demo_cipher_change_bug", "netscape_reuse_cipher_change_bug",
		       "no_query_mtu", "no_session_resumption_on_renegotiation", "pkcs1_check_1",
		       "pkcs1_check_2", "safari_ecdhe_ecdsa_bug", "single_dh_use",
		       "single_ecdh_use", "ssleay_080_client_dh_bug", "sslref2_reuse_cert_type_bug",
		       "tls_block_padding_bug", "tls_d5_bug", "tls_rollback_bug"),
	.unsupported = NAMES("allow_unsafe_legacy_renegotiation", "cryptopro_tlsext_bug",
			     "safari_ecdhe_ecdsa_bug", "tls_rollback_bug"),
	.text = "an OpenSSL option such as \"no_tlsv1\"",
};

/* Options for just_tls, as OTP's ssl takes them; the listener page does not mention them. */
static const struct option otp_tls_rows[] = {
	PAIR("verify_fun", TUPLE(CHOICE("peer", "selfsigned_peer", "none"), &type_bool), NULL,
	     "how a client certificate is verified, and whether failure disconnects"),
	PAIR("verify", CHOICE("verify_none", "verify_peer"), NULL, "ask for a client certificate"),
	PAIR("fail_if_no_peer_cert", &type_bool, "false", "refuse clients without a certificate"),
	PAIR("depth", INT(0, 255, "certificates"), "1", "longest certificate chain accepted"),
	PAIR("crl_check", ONEOF(&type_bool, CHOICE("peer", "best_effort")), "false",
	     "check certificates against revocation lists"),
	PAIR("crl_cache", TUPLE(&type_module, TUPLE(LITERAL("internal"), &type_terms)),
	     "{ssl_crl_cache,{internal,[]}}", "where revocation lists are kept"),
	PAIR("versions", SOME_OF(CHOICE("tlsv1.2", "tlsv1.1", "tlsv1", "sslv3")), NULL,
	     "TLS versions offered"),
	PAIR("ciphers", ONEOF(&type_text, SOME_OF(&type_text)), NULL, "cipher suites offered"),
	PAIR("honor_cipher_order", &type_bool, "false", "prefer the server's order of ciphers"),
	PAIR("secure_renegotiate", &type_bool, "false", "refuse renegotiation without RFC 5746"),
	PAIR("reuse_sessions", &type_bool, "true", "let clients resume TLS sessions"),
	PAIR("keyfile", &type_keyfile, NULL, "private key, when certfile does not hold it (PEM)"),
	PAIR("password", &type_secret, "\"\"", "password of the key file", .flags = OPT_SECRET),
	PAIR("cacertfile", &type_cafile, NULL, "CA certificates (PEM)"),
};

static const struct section otp_tls = {
	.name = "ejabberd_c2s.ssl_options",
	.title = "ssl_options",
	.help = "options for the Erlang implementation of TLS",
	ROWS(otp_tls_rows),
};

static const char client_cert[] = "client certificates are not verified";

static const struct option c2s_rows[] = {
	PAIR("access", &type_rule, "c2s", "access rule that says who may open a session"),
	PAIR("shaper", &type_rule, "none", "access rule that names the shaper of a connection"),
	SAME_AS("c2s_shaper", "shaper", &type_rule),
	PAIR("certfile", &type_certfile, NULL, "certificate chain and private key (PEM)"),
	PAIR("cafile", &type_cafile, NULL, "CA certificates that verify clients (PEM)",
	     .flags = OPT_UNSUPPORTED, .note = client_cert),
	PAIR("crlfiles", LIST_OF(&type_crlfile), "[]", "certificate revocation lists",
	     .flags = OPT_UNSUPPORTED, .note = client_cert),
	FLAG("verify_peer", "ask clients for a certificate and verify it; switches starttls on",
	     .flags = OPT_UNSUPPORTED, .note = client_cert),
	FLAG("starttls", "offer STARTTLS"),
	FLAG("starttls_required", "offer STARTTLS and accept nothing else before it"),
	FLAG("tls", "TLS from the first byte, as on port 5223"),
	PAIR("tls_module", CHOICE("fast_tls", "just_tls"), "fast_tls", "TLS implementation",
	     .flags = OPT_NOOP, .note = "OpenSSL does the work of both"),
	PAIR("ciphers", &type_text, NULL, "cipher suites, in OpenSSL's notation"),
	PAIR("protocol_options", LIST_OF(&tls_option), "[]",
	     "what is switched off or preferred in TLS"),
	PAIR("dhfile", &type_dhfile, NULL, "Diffie-Hellman parameters (PEM)"),
	PAIR("ssl_options", OPTIONS(&otp_tls), "[]", "more options for just_tls",
	     .flags = OPT_UNSUPPORTED, .note = client_cert),
	UNFOLD("zlib", ONEOF(NATURAL("bytes"), LITERAL("unlimited"), LITERAL("true")), NULL,
	       "stream compression; the number is the most one read may inflate to, in bytes",
	       .flags = OPT_UNSUPPORTED, .note = "streams are not compressed"),
	QUEUE_ROW,
	TCP_ROWS,
	REFUSED("xml_socket", "only the server itself sets it, for BOSH and WebSocket"),
};

static const struct alias c2s_aliases[] = {
	{"cert", "certfile"},
	{"ssl_certificate", "certfile"},
	{"cacertfile", "cafile"},
	{"crlfile", "crlfiles"},
	{"shaper_rule", "shaper"},
	{"num_acceptors", "acceptors_num"},
	{"starttls_require", "starttls_required"},
	{"require_starttls", "starttls_required"},
	{"tls_required", "starttls_required"},
	{"tlsopts", "protocol_options"},
	{"zlib_limit", "zlib"},
	{"max_size", "max_stanza_size"},
	{NULL, NULL},
};

const struct section section_c2s = {
	.name = "ejabberd_c2s",
	.title = "an ejabberd_c2s listener",
	.help = "XMPP clients over TCP (RFC 6120)",
	ROWS(c2s_rows),
	.aliases = c2s_aliases,
};

static const char s2s_tls[] = "TLS between servers is set with the top-level s2s_* options";

static const struct option s2s_rows[] = {
	PAIR("shaper", &type_rule, "none", "access rule that names the shaper of a connection"),
	PAIR("protocol_options", LIST_OF(&tls_option), "[]",
	     "what is switched off or preferred in TLS"),
	PAIR("dhfile", &type_dhfile, NULL, "Diffie-Hellman parameters (PEM)"),
	PAIR("ciphers", &type_text, NULL, "cipher suites, in OpenSSL's notation"),
	TCP_ROWS,
	DEAD("access", "s2s_default_policy and s2s_host say which servers may connect"),
	DEAD("max_fsm_queue", "incoming connections of servers have no queue limit"),
	DEAD("certfile", "the certificate is the one of s2s_certfile or domain_certfile"),
	DEAD("cafile", s2s_tls),
	DEAD("tls", s2s_tls),
	DEAD("starttls", s2s_tls),
	DEAD("starttls_required", s2s_tls),
	DEAD("verify_peer", s2s_tls),
	DEAD("tls_module", "connections between servers always use fast_tls"),
	DEAD("zlib", "connections between servers are not compressed"),
};

static const struct alias s2s_aliases[] = {
	{"s2s_shaper", "shaper"},
	{"shaper_rule", "shaper"},
	{"num_acceptors", "acceptors_num"},
	{NULL, NULL},
};

static const struct section s2s_in = {
	.name = "ejabberd_s2s_in",
	.title = "an ejabberd_s2s_in listener",
	.help = "other XMPP servers over TCP (RFC 6120, XEP-0220)",
	ROWS(s2s_rows),
	.aliases = s2s_aliases,
	.flags = OPT_UNSUPPORTED,
};

static const char no_tls[] = "components connect without TLS";

static const struct option service_rows[] = {
	PAIR("password", &type_secret, NULL, "secret that components prove they know",
	     .flags = OPT_REQUIRED | OPT_SECRET),
	PAIR("access", &type_rule, "all", "access rule that says who may send to the component"),
	PAIR("shaper_rule", &type_shaper, "none", "shaper of a component's traffic"),
	PAIR("service_check_from", &type_bool, "true",
	     "refuse stanzas whose from is not in the component's domain"),
	PAIR("hidden_components", &type_bool, "false",
	     "keep components of this listener out of service discovery"),
	QUEUE_ROW,
	TCP_ROWS,
	DEAD("certfile", no_tls),
	DEAD("starttls", no_tls),
	DEAD("tls", no_tls),
	DEAD("hosts", "a component names its own domain when it connects"),
	DEAD("host", "a component names its own domain when it connects"),
};

static const struct alias service_aliases[] = {
	{"shaper", "shaper_rule"},          {"secret", "password"},
	{"num_acceptors", "acceptors_num"}, {"check_from", "service_check_from"},
	{"hidden", "hidden_components"},    {NULL, NULL},
};

const struct section section_service = {
	.name = "ejabberd_service",
	.title = "an ejabberd_service listener",
	.help = "external components (XEP-0114)",
	ROWS(service_rows),
	.aliases = service_aliases,
};

const struct section *const listener_sections[] = {
	&section_c2s, &s2s_in, &section_service, &section_cowboy, NULL,
};

const struct hint listener_hints[] = {
	{"ejabberd_http", "HTTP is served by an ejabberd_cowboy listener"},
	{"ejabberd_s2s", "incoming connections of servers are taken by ejabberd_s2s_in"},
	{"ejabberd_s2s_out", "outgoing connections need no listener"},
	{"ejabberd_stun", "MongooseIM 3.2 has no STUN server"},
	{"mod_bosh", "it is a route: put it into the modules of an ejabberd_cowboy listener"},
	{"mod_websockets", "it is a route: put it into the modules of an ejabberd_cowboy listener"},
	{"mod_cowboy", "it is a route: put it into the modules of an ejabberd_cowboy listener"},
	{"mod_revproxy", "it is a route: put it into the modules of an ejabberd_cowboy listener"},
	{NULL, NULL},
};
