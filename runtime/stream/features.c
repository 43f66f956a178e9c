/* features.c - the children of <stream:features/>, in the order of MongooseIM 3.2: TLS, SASL or
 * bind, modules. */
#include "rt/hooks.h"
#include "stream/auth.h"
#include "stream/features.h"

bool rt_stream_offers_tls(const struct rt_stream *s)
{
	const struct rt_listener_spec *l = s->conn.listener;

	return s->conn.ssl == NULL && l->tls != NULL &&
	       (l->flags & (RT_L_STARTTLS | RT_L_STARTTLS_REQUIRED)) != 0;
}

bool rt_stream_needs_tls(const struct rt_stream *s)
{
	return s->conn.ssl == NULL && (s->conn.listener->flags & RT_L_STARTTLS_REQUIRED) != 0;
}

static void write_module_features(const struct rt_stream *s, struct rt_buf *out)
{
	RT_EACH_HOOK (row, s->host, STREAM_FEATURES)
		RT_CALL_HOOK(row, STREAM_FEATURES, out, rt_stream_is_authenticated(s));
}

void rt_features_write(const struct rt_stream *s, struct rt_buf *out)
{
	rt_buf_addz(out, "<stream:features>");
	if (rt_stream_is_authenticated(s)) {
		/* The session request of RFC 3921 is answered, and not needed any more. */
		rt_buf_addz(out, "<bind xmlns='" RT_NS_BIND "'/><session xmlns='" RT_NS_SESSION
				 "'><optional/></session>");
		write_module_features(s, out);
	} else if (rt_stream_needs_tls(s)) {
		rt_buf_addz(out, "<starttls xmlns='" RT_NS_TLS "'><required/></starttls>");
	} else {
		if (rt_stream_offers_tls(s))
			rt_buf_addz(out, "<starttls xmlns='" RT_NS_TLS "'/>");
		rt_auth_write_features(s, out);
		write_module_features(s, out);
	}
	rt_buf_addz(out, "</stream:features>");
}
