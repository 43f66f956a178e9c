/* publish.c - diagnostics for the client: one list for each file that a check has read. */
#include "lsp/server.h"
#include "support/array.h"

/* Tags of the protocol: shown faded, shown struck out. */
enum { TAG_UNNECESSARY = 1, TAG_DEPRECATED = 2 };

static const struct {
	enum diag_code code;
	int tag;
} tags[] = {
	{W0015, TAG_UNNECESSARY}, {W0156, TAG_UNNECESSARY}, {W0501, TAG_UNNECESSARY},
	{W0504, TAG_UNNECESSARY}, {W0505, TAG_UNNECESSARY}, {W0506, TAG_UNNECESSARY},
	{W0509, TAG_UNNECESSARY}, {W0526, TAG_UNNECESSARY}, {W0529, TAG_UNNECESSARY},
	{W0530, TAG_UNNECESSARY}, {W0531, TAG_UNNECESSARY}, {W0602, TAG_UNNECESSARY},
	{W0603, TAG_UNNECESSARY}, {W0606, TAG_UNNECESSARY}, {W0601, TAG_DEPRECATED},
};

static int tag_of(enum diag_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (tags[i].code == code)
			return tags[i].tag;
	return 0;
}

static int severity_of(enum diag_level level)
{
	switch (level) {
	case DIAG_ERROR:
		return 1;
	case DIAG_WARNING:
		return 2;
	case DIAG_NOTE:
		break;
	}
	return 3; /* information */
}

/* ---- one diagnostic ---- */

static void write_message(struct strbuf *out, const struct diag *d, bool with_labels)
{
	struct strbuf text = {.arena = out->arena};

	strbuf_add(&text, d->message);
	if (d->labels.n != 0 && d->labels.at[0].text.n != 0)
		strbuf_printf(&text, "\n%.*s", STR_ARG(d->labels.at[0].text));
	for (size_t i = 1; with_labels && i < d->labels.n; i++)
		if (d->labels.at[i].text.n != 0)
			strbuf_printf(&text, "\n%.*s", STR_ARG(d->labels.at[i].text));
	for (size_t i = 0; i < d->notes.n; i++)
		strbuf_printf(&text, "\nnote: %.*s", STR_ARG(d->notes.at[i]));
	if (d->help.n != 0)
		strbuf_printf(&text, "\nhelp: %.*s", STR_ARG(d->help));
	strbuf_add_json(out, strbuf_str(&text));
}

static void write_related(struct strbuf *out, const struct server *s, struct analysis *an,
			  const struct diag *d)
{
	bool any = false;

	for (size_t i = 1; i < d->labels.n; i++) {
		struct span at = analysis_place(an, d->labels.at[i].at);

		if (at.file == NO_FILE)
			continue;
		strbuf_addz(out, any ? "," : ",\"relatedInformation\":[");
		any = true;
		strbuf_addz(out, "{\"location\":");
		write_location(out, s, an, at);
		strbuf_addz(out, ",\"message\":");
		strbuf_add_json(out, d->labels.at[i].text.n != 0 ? d->labels.at[i].text
								 : STR("related"));
		strbuf_addc(out, '}');
	}
	if (any)
		strbuf_addc(out, ']');
}

/* Where it is shown: findings about the run as a whole at the start of the main file. */
static struct span place_of(const struct analysis *an, const struct diag *d, uint32_t main_file)
{
	struct span at = d->labels.n != 0 ? analysis_place(an, d->labels.at[0].at) : NO_SPAN;

	return at.file != NO_FILE ? at : (struct span){main_file, 0, 0};
}

void write_diagnostic(struct strbuf *out, const struct server *s, struct analysis *an,
		      const struct diag *d, uint32_t main_file)
{
	int tag = tag_of(d->code);

	strbuf_addz(out, "{\"range\":");
	write_range(out, s, an, place_of(an, d, main_file));
	strbuf_printf(out, ",\"severity\":%d,\"code\":\"%s\",\"source\":\"cfgc\",\"message\":",
		      severity_of(d->level), diag_info_of(d->code)->id);
	write_message(out, d, !s->knows_related);
	if (s->knows_related)
		write_related(out, s, an, d);
	if (tag != 0)
		strbuf_printf(out, ",\"tags\":[%d]", tag);
	strbuf_addc(out, '}');
}

/* ---- all of a file ---- */

static struct published *published_of(struct server *s, struct str uri)
{
	struct published *p;

	for (size_t i = 0; i < s->published.n; i++)
		if (str_eq(s->published.at[i]->uri, uri))
			return s->published.at[i];
	p = arena_new_of(s->arena, struct published);
	p->uri = arena_str(s->arena, uri.p, uri.n);
	p->is_empty = true;
	vec_push(s->arena, &s->published, p);
	return p;
}

static uint64_t digest_of(struct str s)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h;
}

static void send(struct server *s, struct arena *a, struct published *p, struct str list,
		 const struct document *d)
{
	struct strbuf out = {.arena = a};
	uint64_t digest;

	strbuf_addz(&out, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/publishDiagnostics\","
			  "\"params\":{\"uri\":");
	strbuf_add_json(&out, p->uri);
	if (d != NULL)
		strbuf_printf(&out, ",\"version\":%lld", (long long)d->version);
	strbuf_addz(&out, ",\"diagnostics\":[");
	strbuf_add(&out, list);
	strbuf_addz(&out, "]}}");
	digest = digest_of(strbuf_str(&out));
	p->is_empty = list.n == 0;
	if (p->digest == digest)
		return;
	p->digest = digest;
	transport_write(&s->transport, strbuf_str(&out));
}

static void publish_file(struct server *s, struct arena *a, struct analysis *an, uint32_t main_file,
			 uint32_t file)
{
	struct str uri = str_of(document_uri_of(s, a, an->paths[file]));
	struct published *p = published_of(s, uri);
	struct strbuf list = {.arena = a};

	if (p->seen)
		return; /* a part of two configurations: the first one counts */
	p->seen = true;
	for (size_t i = 0; i < an->run.diags.list.n; i++) {
		const struct diag *d = an->run.diags.list.at[i];

		if (place_of(an, d, main_file).file != file)
			continue;
		if (list.n != 0)
			strbuf_addc(&list, ',');
		write_diagnostic(&list, s, an, d, main_file);
	}
	send(s, a, p, strbuf_str(&list), document_find(s, uri));
}

/* All files that a main file leads to; those that are not open only when they have findings. */
static void publish_from(struct server *s, struct arena *a, struct document *main_document)
{
	struct analysis *an = document_check(s, main_document);
	uint32_t main_file = analysis_file(an, main_document->path);

	if (main_file == NO_FILE)
		return;
	for (uint32_t i = 0; i < an->ninputs; i++)
		if (an->paths[i] != NULL && an->same[i] == i)
			publish_file(s, a, an, main_file, i);
}

/* What is no longer found anywhere is taken back. */
static void take_back(struct server *s, struct arena *a)
{
	for (size_t i = 0; i < s->published.n; i++) {
		struct published *p = s->published.at[i];

		if (!p->seen && !p->is_empty)
			send(s, a, p, STR(""), NULL);
	}
}

void publish(struct server *s)
{
	struct arena *a = arena_new();

	s->diagnostics_are_old = false;
	for (size_t i = 0; i < s->published.n; i++)
		s->published.at[i]->seen = false;
	for (size_t i = 0; i < s->documents.n; i++)
		if (s->documents.at[i]->is_open)
			publish_from(s, a, document_owner(s, s->documents.at[i]));
	take_back(s, a);
	arena_free(&a);
}
