/* xml_heading.c - the start of a stream: XML declaration and root tag, and whether its namespaces
 * are the usual ones. */
#include <strings.h>

#include "xml/xml_ns.h"
#include "xml/xml_parser_impl.h"

struct heading {
	XML_Parser expat;
	struct rt_arena *arena;
	struct rt_xml_heading *out;
	struct rt_str root;   /* name as written */
	bool has_root;        /* its start tag has been accepted */
	bool has_streams;     /* xmlns:stream is what it should be */
	bool has_other;       /* any other prefix */
	bool has_root_prefix; /* the root's prefix is declared */
	bool failed;
	enum rt_xml_error error;
};

static void fail(struct heading *h, enum rt_xml_error error)
{
	if (!h->failed) {
		h->failed = true;
		h->error = error;
		XML_StopParser(h->expat, XML_FALSE);
	}
}

static struct rt_str copy(struct heading *h, struct rt_str s)
{
	struct rt_str text = rt_arena_str(h->arena, s.p, s.n);

	if (text.p == NULL)
		fail(h, RT_XML_NOMEM);
	return text;
}

static void on_declaration(void *user, const XML_Char *version, const XML_Char *encoding,
			   int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0)
		fail(user, RT_XML_BAD_ENCODING);
}

static bool is_root_prefix(const struct heading *h, const char *prefix)
{
	size_t n = strlen(prefix);

	return n < h->root.n && h->root.p[n] == ':' && memcmp(h->root.p, prefix, n) == 0;
}

static void on_namespace(void *user, const XML_Char *prefix, const XML_Char *uri)
{
	struct heading *h = user;

	if (prefix == NULL) {
		if (uri != NULL)
			h->out->header.content_ns = copy(h, rt_str_of(uri));
		return;
	}
	if (is_root_prefix(h, prefix))
		h->has_root_prefix = true;
	if (strcmp(prefix, "stream") == 0 && uri != NULL && strcmp(uri, RT_NS_STREAMS) == 0)
		h->has_streams = true;
	else
		h->has_other = true;
}

static void on_attr(struct heading *h, const char *name_text, const char *value)
{
	struct rt_xml_header *header = &h->out->header;
	struct rt_xml_name name = rt_xml_name_split(name_text);
	struct {
		const char *name, *ns;
		struct rt_str *value;
	} const wanted[] = {
		{"to", "", &header->to},
		{"from", "", &header->from},
		{"version", "", &header->version},
		{"id", "", &header->id},
		{"is_subdomain", "", &header->is_subdomain},
		{"lang", RT_NS_XML, &header->lang},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (rt_str_eq(name.local, rt_str_of(wanted[i].name)) &&
		    rt_str_eq(name.ns, rt_str_of(wanted[i].ns)))
			*wanted[i].value = copy(h, rt_str_of(value));
	}
}

static void on_start(void *user, const XML_Char *name_text, const XML_Char **atts)
{
	struct heading *h = user;
	struct rt_xml_name name = rt_xml_name_split(name_text);

	if (h->failed)
		return;
	h->has_root = true;
	h->out->header.name = copy(h, name.local);
	h->out->header.ns = copy(h, name.ns);
	for (; *atts != NULL && !h->failed; atts += 2)
		on_attr(h, atts[0], atts[1]);
}

static bool find_context(struct rt_str ns, enum rt_xml_context *out)
{
	if (rt_str_is(ns, RT_NS_CLIENT))
		*out = RT_XML_CONTEXT_CLIENT;
	else if (rt_str_is(ns, RT_NS_COMPONENT))
		*out = RT_XML_CONTEXT_COMPONENT;
	else
		return false;
	return true;
}

/* The parser stops at an undeclared prefix before it hands out the root. What the peer meant is
 * still a header, in no namespace that we know. */
static bool is_dead_header(const struct heading *h)
{
	return XML_GetErrorCode(h->expat) == XML_ERROR_UNBOUND_PREFIX && !h->has_root &&
	       !h->has_root_prefix && memchr(h->root.p, ':', h->root.n) != NULL;
}

static bool finish(struct heading *h, enum XML_Status status)
{
	struct rt_xml_heading *out = h->out;

	if (h->failed)
		return false;
	if (status == XML_STATUS_OK && h->has_root) {
		out->is_usual = find_context(out->header.content_ns, &out->context) &&
				h->has_streams && !h->has_other &&
				rt_str_is(h->root, "stream:stream");
		return true;
	}
	if (status != XML_STATUS_OK && is_dead_header(h)) {
		const char *colon = memchr(h->root.p, ':', h->root.n);

		out->header.name =
			copy(h, (struct rt_str){colon + 1,
						h->root.n - (uint32_t)(colon + 1 - h->root.p)});
		out->is_dead = true;
		return !h->failed;
	}
	h->error = status != XML_STATUS_OK ? rt_xml_expat_error(h->expat) : RT_XML_NOT_WELL_FORMED;
	return false;
}

bool rt_xml_parser_heading(struct rt_xml_pool *pool, const char *data, size_t n, struct rt_str root,
			   struct rt_arena *a, struct rt_xml_heading *out, enum rt_xml_error *error)
{
	struct heading h = {.arena = a, .out = out, .root = root};
	size_t memory = 0;
	bool ok;

	*out = (struct rt_xml_heading){0};
	h.expat = rt_xml_expat_new(rt_xml_pool_salt(pool), &memory);
	if (h.expat == NULL) {
		*error = RT_XML_NOMEM;
		return false;
	}
	XML_SetUserData(h.expat, &h);
	XML_SetXmlDeclHandler(h.expat, on_declaration);
	XML_SetStartNamespaceDeclHandler(h.expat, on_namespace);
	XML_SetStartElementHandler(h.expat, on_start);
	ok = finish(&h, rt_xml_expat_parse(h.expat, &memory, data, n));
	if (!ok)
		*error = h.error;
	rt_xml_expat_free(h.expat, &memory);
	return ok;
}
