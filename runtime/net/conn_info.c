/* conn_info.c - what can be asked about a connection: names, addresses, channel bindings. */
#include "net/conn.h"

#include <arpa/inet.h>
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

const char *rt_close_reason_name(enum rt_close_reason reason)
{
	static const char *const names[] = {
		[RT_CLOSE_NONE] = "none",         [RT_CLOSE_LOCAL] = "local",
		[RT_CLOSE_PEER] = "peer",         [RT_CLOSE_ERROR] = "error",
		[RT_CLOSE_TLS] = "tls",           [RT_CLOSE_TIMEOUT] = "timeout",
		[RT_CLOSE_OVERLOAD] = "overload",
	};

	return names[reason];
}

const char *rt_conn_name(const struct rt_conn *c, char *out)
{
	snprintf(out, RT_CONN_NAME_MAX, "%.16s-%u", c->kind->name, c->number);
	return out;
}

int rt_conn_peer(const struct rt_conn *c, struct sockaddr_storage *out)
{
	socklen_t len = sizeof(*out);

	memset(out, 0, sizeof(*out));
	return c->fd >= 0 && getpeername(c->fd, (struct sockaddr *)out, &len) == 0 ? RT_OK
										   : RT_E_CLOSED;
}

void rt_conn_peer_text(const struct rt_conn *c, char *out, uint16_t *port)
{
	struct sockaddr_storage peer;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&peer;
	const char *text = NULL;
	in_port_t network_port = 0;

	if (rt_conn_peer(c, &peer) == RT_OK && peer.ss_family == AF_INET) {
		text = inet_ntop(AF_INET, &v4->sin_addr, out, INET6_ADDRSTRLEN);
		network_port = v4->sin_port;
	} else if (peer.ss_family == AF_INET6) {
		text = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)
			       ? inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out,
					   INET6_ADDRSTRLEN)
			       : inet_ntop(AF_INET6, &v6->sin6_addr, out, INET6_ADDRSTRLEN);
		network_port = v6->sin6_port;
	}
	if (text == NULL)
		out[0] = '\0';
	if (port != NULL)
		*port = ntohs(network_port);
}

/* RFC 5929, 3: the first Finished message, the client's: sessions are never resumed here. Gone with
 * TLS 1.3. */
static size_t bind_unique(SSL *ssl, unsigned char *out, size_t size)
{
	size_t n;

	if (SSL_version(ssl) >= TLS1_3_VERSION)
		return 0;
	n = SSL_get_peer_finished(ssl, out, size);
	return n <= size ? n : 0;
}

/* RFC 9266, 4: below TLS 1.3 only with the extended master secret. */
static size_t bind_exporter(SSL *ssl, unsigned char *out, size_t size)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	const size_t n = 32;

	if (size < n || (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1))
		return 0;
	return SSL_export_keying_material(ssl, out, n, label, sizeof(label) - 1, NULL, 0, 1) == 1
		       ? n
		       : 0;
}

/* RFC 5929, 4.1: the certificate under the hash of its own signature, SHA-256 where that is MD5 or
 * SHA-1; not defined where the signature has no hash of its own (Ed25519). */
static size_t bind_end_point(SSL *ssl, unsigned char *out, size_t size)
{
	X509 *certificate = SSL_get_certificate(ssl);
	const EVP_MD *md;
	unsigned n = 0;
	int digest;

	if (certificate == NULL ||
	    X509_get_signature_info(certificate, &digest, NULL, NULL, NULL) != 1 ||
	    digest == NID_undef)
		return 0;
	md = digest == NID_md5 || digest == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(digest);
	if (md == NULL || (size_t)EVP_MD_get_size(md) > size ||
	    X509_digest(certificate, md, out, &n) != 1)
		return 0;
	return n;
}

size_t rt_conn_tls_binding(const struct rt_conn *c, enum rt_tls_binding which, unsigned char *out,
			   size_t size)
{
	if (!c->secure)
		return 0;
	switch (which) {
	case RT_TLS_UNIQUE:
		return bind_unique(c->ssl, out, size);
	case RT_TLS_EXPORTER:
		return bind_exporter(c->ssl, out, size);
	default:
		return bind_end_point(c->ssl, out, size);
	}
}
