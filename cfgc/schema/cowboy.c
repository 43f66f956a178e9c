/* cowboy.c - the HTTP listener: its own options, and those of Ranch, of TLS and of Cowboy below it.
 */
#include "schema/tables.h"

static const char fixed[] = "Ranch sets it itself";

/* Options of an accepted socket: in transport_options and, for TLS, beside the options of ssl. */
#define SOCKET_ROWS                                                                                \
	PAIR("ack_timeout", OR_INFINITY(&type_ms), "5000",                                         \
	     "time in ms a connection may take to be taken over"),                                 \
		PAIR("connection_type", CHOICE("worker", "supervisor"), "supervisor",              \
		     "Erlang process type of a connection", .flags = OPT_NOOP,                     \
		     .note = "connections are no Erlang processes here"),                          \
		PAIR("shutdown", ONEOF(&type_ms, CHOICE("infinity", "brutal_kill")), "5000",       \
		     "time in ms a connection gets to end when the server stops"),                 \
		PAIR("backlog", POSITIVE("connections"), "1024",                                   \
		     "longest queue of connections not accepted yet"),                             \
		PAIR("nodelay", &type_bool, "true", "send small packets at once (TCP_NODELAY)"),   \
		PAIR("send_timeout", OR_INFINITY(&type_ms), "30000",                               \
		     "time in ms a write may block"),                                              \
		PAIR("send_timeout_close", &type_bool, "true",                                     \
		     "close the connection when send_timeout has passed"),                         \
		PAIR("buffer", POSITIVE("bytes"), NULL, "size of the driver's buffer"),            \
		PAIR("recbuf", POSITIVE("bytes"), NULL, "receive buffer of the socket"),           \
		PAIR("sndbuf", POSITIVE("bytes"), NULL, "send buffer of the socket"),              \
		PAIR("high_watermark", POSITIVE("bytes"), NULL,                                    \
		     "unsent bytes from which a connection is busy"),                              \
		PAIR("low_watermark", POSITIVE("bytes"), NULL,                                     \
		     "unsent bytes at which it is no longer busy"),                                \
		PAIR("high_msgq_watermark", POSITIVE("bytes"), NULL,                               \
		     "unsent bytes from which its message queue is busy"),                         \
		PAIR("low_msgq_watermark", POSITIVE("bytes"), NULL,                                \
		     "unsent bytes at which it is no longer busy"),                                \
		PAIR("delay_send", &type_bool, "false", "collect writes before they are sent"),    \
		PAIR("dontroute", &type_bool, "false", "send to directly attached networks only"), \
		PAIR("exit_on_close", &type_bool, "true",                                          \
		     "end the connection's process when the peer closes"),                         \
		PAIR("ipv6_v6only", &type_bool, NULL, "keep IPv4 off an IPv6 socket"),             \
		PAIR("keepalive", &type_bool, "false", "send TCP keep-alives"),                    \
		PAIR("linger", TUPLE(&type_bool, NATURAL("s")), NULL,                              \
		     "whether close waits for unsent bytes, and how long in s"),                   \
		PAIR("priority", NATURAL(NULL), NULL, "priority of outgoing packets"),             \
		PAIR("tos", INT(0, 255, NULL), NULL, "type of service of outgoing packets"),       \
		FORM("raw", TUPLE(NATURAL(NULL), NATURAL(NULL), &type_binary),                     \
		     "a socket option by its numbers"),                                            \
		FLAG("inet", "bind an IPv4 address"), FLAG("inet6", "bind an IPv6 address"),       \
		REFUSED("fd", "a file descriptor cannot be handed over in a file"),                \
		REFUSED("socket", "a socket cannot be handed over in a file"),                     \
		DEAD("active", fixed), DEAD("header", fixed), DEAD("mode", fixed),                 \
		DEAD("packet", fixed), DEAD("packet_size", fixed), DEAD("line_delimiter", fixed),  \
		DEAD("reuseaddr", fixed)

static const struct option transport_rows[] = {
	PAIR("max_connections", OR_INFINITY(NATURAL("connections")), "1024",
	     "above so many connections none is accepted until one ends"),
	SOCKET_ROWS,
	REFUSED("port", "the listener's own port counts: {Port, ejabberd_cowboy, [...]}"),
	REFUSED("ip", "the listener's own address counts: {{Port, IP}, ejabberd_cowboy, [...]}"),
	REFUSED("num_acceptors", "write it as an option of the listener"),
};

static const struct alias transport_aliases[] = {
	{"max_conns", "max_connections"},
	{NULL, NULL},
};

static const struct section transport = {
	.name = "ejabberd_cowboy.transport_options",
	.title = "transport_options",
	.help = "how Ranch listens and what it sets on each socket",
	ROWS(transport_rows),
	.aliases = transport_aliases,
};

static const char no_fun[] = "a function cannot be written in a file";
static const char dropped[] = "Ranch does not hand it on";
static const char from_listener[] = "the listener's own value counts";
static const char der[] = "name a PEM file instead, e.g. {certfile, \"cert.pem\"}";

static const struct section tls;

static const struct option tls_rows[] = {
	PAIR("certfile", &type_certfile, NULL, "certificate chain (PEM)"),
	PAIR("keyfile", &type_keyfile, NULL, "private key, when certfile does not hold it (PEM)"),
	PAIR("cacertfile", &type_cafile, NULL, "CA certificates (PEM)"),
	PAIR("dhfile", &type_dhfile, NULL, "Diffie-Hellman parameters (PEM)"),
	PAIR("password", &type_secret, "\"\"", "password of the key file", .flags = OPT_SECRET),
	PAIR("verify", CHOICE("verify_none", "verify_peer"), "verify_none",
	     "ask for a client certificate"),
	PAIR("verify_mode", CHOICE("peer", "selfsigned_peer", "none"), NULL,
	     "how a client certificate is verified"),
	PAIR("fail_if_no_peer_cert", &type_bool, "false", "refuse clients without a certificate"),
	PAIR("depth", INT(0, 255, "certificates"), "1", "longest certificate chain accepted"),
	PAIR("versions", SOME_OF(CHOICE("tlsv1.2", "tlsv1.1", "tlsv1", "sslv3")), NULL,
	     "TLS versions offered"),
	PAIR("ciphers", ONEOF(&type_text, SOME_OF(&type_text)), NULL, "cipher suites offered"),
	PAIR("honor_cipher_order", &type_bool, "false", "prefer the server's order of ciphers"),
	PAIR("client_renegotiation", &type_bool, "true", "let clients renegotiate"),
	PAIR("secure_renegotiate", &type_bool, "false", "refuse renegotiation without RFC 5746"),
	PAIR("reuse_sessions", &type_bool, "true", "let clients resume TLS sessions"),
	PAIR("log_alert", &type_bool, "true", "log TLS alerts"),
	PAIR("padding_check", &type_bool, "true", "check the padding of TLS 1.0 records"),
	PAIR("v2_hello_compatible", &type_bool, "false", "accept an SSL 2.0 hello"),
	PAIR("beast_mitigation", CHOICE("one_n_minus_one", "zero_n", "disabled"), "one_n_minus_one",
	     "how TLS 1.0 records are split against BEAST"),
	PAIR("crl_check", ONEOF(&type_bool, CHOICE("peer", "best_effort")), "false",
	     "check certificates against revocation lists"),
	PAIR("crl_cache", TUPLE(&type_module, TUPLE(LITERAL("internal"), &type_terms)),
	     "{ssl_crl_cache,{internal,[]}}", "where revocation lists are kept"),
	PAIR("hibernate_after", ONEOF(&type_ms, LITERAL("undefined")), "undefined",
	     "idle time in ms after which a connection gives its buffers back"),
	PAIR("signature_algs", SOME_OF(TUPLE(&type_atom, &type_atom)), NULL,
	     "pairs of hash and signature accepted"),
	PAIR("psk_identity", &type_string, NULL, "identity hint for pre-shared keys"),
	PAIR("alpn_preferred_protocols", SOME_OF(&type_binary), "[<<\"h2\">>,<<\"http/1.1\">>]",
	     "protocols offered with ALPN, best first"),
	PAIR("next_protocols_advertised", SOME_OF(&type_binary), "[<<\"h2\">>,<<\"http/1.1\">>]",
	     "protocols offered with NPN"),
	PAIR("sni_hosts", LIST_OF(TUPLE(&type_host, OPTIONS(&tls))), "[]",
	     "options by the server name a client asks for"),
	SOCKET_ROWS,
	DEAD("port", from_listener),
	DEAD("ip", from_listener),
	DEAD("max_connections", from_listener),
	DEAD("num_acceptors", from_listener),
	REFUSED("cert", der),
	REFUSED("key", der),
	REFUSED("cacerts", der),
	REFUSED("dh", der),
	REFUSED("partial_chain", no_fun),
	REFUSED("reuse_session", no_fun),
	REFUSED("sni_fun", no_fun),
	REFUSED("user_lookup_fun", no_fun),
	REFUSED("verify_fun", "write verify_mode: a function cannot be written in a file"),
	DEAD("alpn_advertised_protocols", dropped),
	DEAD("client_preferred_next_protocols", dropped),
	DEAD("fallback", dropped),
	DEAD("server_name_indication", dropped),
	DEAD("srp_identity", dropped),
};

static const struct alias tls_aliases[] = {
	{"cafile", "cacertfile"},
	{"key_pass", "password"},
	{"verify_peer", "verify"},
	{NULL, NULL},
};

static const struct section tls = {
	.name = "ejabberd_cowboy.ssl",
	.title = "ssl",
	.help = "TLS of an HTTPS listener",
	ROWS(tls_rows),
	.aliases = tls_aliases,
};

/* HTTP/1.1 and HTTP/2 in one list: Cowboy turns it into a map. */
static const struct option protocol_rows[] = {
	PAIR("request_timeout", OR_INFINITY(&type_ms), "5000",
	     "time in ms until a request must have begun"),
	PAIR("idle_timeout", OR_INFINITY(&type_ms), "60000",
	     "time in ms an active request may go without data from the client"),
	PAIR("inactivity_timeout", OR_INFINITY(&type_ms), "300000",
	     "time in ms a connection may go without any data"),
	PAIR("max_empty_lines", NATURAL("lines"), "5", "empty lines accepted before a request"),
	PAIR("max_header_name_length", POSITIVE("bytes"), "64", "longest name of a header"),
	PAIR("max_header_value_length", POSITIVE("bytes"), "4096", "longest value of a header"),
	PAIR("max_headers", POSITIVE("headers"), "100", "most headers of a request"),
	PAIR("max_keepalive", POSITIVE("requests"), "100", "most requests of a connection"),
	PAIR("max_method_length", POSITIVE("bytes"), "32", "longest method name"),
	PAIR("max_request_line_length", POSITIVE("bytes"), "8000", "longest request line"),
	PAIR("max_skip_body_length", NATURAL("bytes"), "1000000",
	     "most bytes of an unread body that are skipped to keep the connection"),
	PAIR("shutdown_timeout", OR_INFINITY(&type_ms), "5000",
	     "time in ms a handler gets to end with its connection"),
	PAIR("middlewares", SOME_OF(&type_module), "[cowboy_router,cowboy_handler]",
	     "steps of a request"),
	PAIR("stream_handlers", SOME_OF(CHOICE("cowboy_stream_h", "cowboy_compress_h")),
	     "[cowboy_stream_h]", "handlers of a stream; cowboy_compress_h compresses responses"),
	PAIR("initial_connection_window_size", INT(65535, INT32_MAX, "bytes"), "65535",
	     "HTTP/2 flow control window of a connection"),
	PAIR("initial_stream_window_size", INT(0, INT32_MAX, "bytes"), "65535",
	     "HTTP/2 flow control window of a stream"),
	PAIR("max_concurrent_streams", OR_INFINITY(NATURAL("streams")), "infinity",
	     "most HTTP/2 streams of a connection"),
	PAIR("max_decode_table_size", NATURAL("bytes"), "4096", "HPACK table for reading"),
	PAIR("max_encode_table_size", NATURAL("bytes"), "4096", "HPACK table for writing"),
	PAIR("max_frame_size_received", INT(16384, 16777215, "bytes"), "16384",
	     "largest HTTP/2 frame accepted"),
	PAIR("max_frame_size_sent", OR_INFINITY(INT(16384, 16777215, "bytes")), "infinity",
	     "largest HTTP/2 frame sent"),
	PAIR("enable_connect_protocol", &type_bool, "false", "WebSocket over HTTP/2 (RFC 8441)"),
	PAIR("preface_timeout", OR_INFINITY(&type_ms), "5000",
	     "time in ms until the HTTP/2 preface must have come"),
	PAIR("settings_timeout", OR_INFINITY(&type_ms), "5000",
	     "time in ms until HTTP/2 settings must be acknowledged"),
	DEAD("connection_type", "Cowboy sets it itself"),
	DEAD("compress", "Cowboy 2 compresses with "
			 "{stream_handlers, [cowboy_compress_h, cowboy_stream_h]}"),
	REFUSED("env", "it would replace the routes; they are the listener's modules"),
};

static const struct alias protocol_aliases[] = {
	{"timeout", "request_timeout"},
	{"max_request_line", "max_request_line_length"},
	{NULL, NULL},
};

static const struct section protocol = {
	.name = "ejabberd_cowboy.protocol_options",
	.title = "protocol_options",
	.help = "limits of HTTP connections",
	ROWS(protocol_rows),
	.aliases = protocol_aliases,
	.flags = OPT_LAST_WINS,
};

/* {Host, Path, Handler} or {Host, Path, Handler, Options}. */
static const struct type route = {
	.kind = TYPE_TERM,
	.text = "a route {Host, Path, Handler, Options}",
	.check = check_route,
};

static const char use_ssl[] = "TLS is set up with {ssl, [{certfile, \"...\"}, {keyfile, \"...\"}]}";

static const struct option cowboy_rows[] = {
	PAIR("ip", &type_ip, "{0,0,0,0}", "address to bind, as a tuple"),
	FLAG("inet6", "bind all IPv6 addresses when no address is given"),
	DEAD("inet", "IPv4 is what a listener binds without inet6 anyway"),
	PAIR("proto", CHOICE("tcp"), "tcp", "transport"),
	PAIR("num_acceptors", POSITIVE("acceptors"), "100",
	     "how many connections are accepted side by side"),
	PAIR("transport_options", OPTIONS(&transport), "[]", "options of the socket"),
	PAIR("protocol_options", OPTIONS(&protocol), "[]", "options of HTTP"),
	PAIR("ssl", OPTIONS(&tls), NULL, "TLS; when it is given the listener speaks HTTPS"),
	PAIR("modules", LIST_OF(&route), NULL, "routes: what answers which host and path",
	     .flags = OPT_REQUIRED),
	PAIR("max_connections", OR_INFINITY(NATURAL("connections")), NULL,
	     "most connections; before max_connections in transport_options",
	     .flags = OPT_DEPRECATED, .note = "write it in transport_options"),
	PAIR("retries", TUPLE(NATURAL("tries"), &type_ms), "{20,50}",
	     "how often, and how many ms apart, a port in use is tried again"),
	DEAD("compress", "write {protocol_options, [{stream_handlers, [cowboy_compress_h, "
			 "cowboy_stream_h]}]}"),
	IGNORED("cert", use_ssl),
	IGNORED("key", use_ssl),
	IGNORED("key_pass", use_ssl),
	DEAD("middlewares", "write it in protocol_options"),
};

static const struct alias cowboy_aliases[] = {
	{"acceptors_num", "num_acceptors"},
	{"request_handlers", "modules"},
	{"routes", "modules"},
	{"tls", "ssl"},
	{NULL, NULL},
};

const struct section section_cowboy = {
	.name = "ejabberd_cowboy",
	.title = "an ejabberd_cowboy listener",
	.help = "HTTP: BOSH, WebSocket and REST",
	ROWS(cowboy_rows),
	.aliases = cowboy_aliases,
	.flags = OPT_UNSUPPORTED,
};
