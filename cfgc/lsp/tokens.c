/* tokens.c - semantic tokens: what each word is in a configuration, for colours. */
#include "lsp/context.h"
#include "lsp/occur.h"
#include "lsp/server.h"
#include "support/array.h"

static const char *const legend[] = {
	"comment",  "string", "number", "property",   "namespace",
	"function", "type",   "macro",  "enumMember",
};

enum {
	LEGEND_COMMENT,
	LEGEND_STRING,
	LEGEND_NUMBER,
	LEGEND_PROPERTY,
	LEGEND_NAMESPACE,
	LEGEND_FUNCTION,
	LEGEND_TYPE,
	LEGEND_MACRO,
	LEGEND_ENUM_MEMBER
};

void write_token_legend(struct strbuf *out)
{
	strbuf_addz(out, "{\"tokenTypes\":[");
	for (size_t i = 0; i < ARRAY_LEN(legend); i++)
		strbuf_printf(out, "%s\"%s\"", i != 0 ? "," : "", legend[i]);
	strbuf_addz(out, "],\"tokenModifiers\":[]}");
}

struct painting {
	struct request *r;
	struct text_position last; /* where the last token began */
	const struct occurrences *names;
	size_t next_name;
	bool any;
};

/* One token; one that runs over a line end is left out, which clients may not understand. */
static void paint(struct painting *p, uint32_t off, uint32_t len, int type)
{
	struct text_lines *lines = &p->r->doc->lines;
	enum encoding e = p->r->server->encoding;
	struct text_position from = text_position(lines, e, off),
			     to = text_position(lines, e, off + len);
	bool same_line = from.line == p->last.line;

	if (to.line != from.line)
		return;
	strbuf_printf(&p->r->out, "%s%u,%u,%u,%d,0", p->any ? "," : "", from.line - p->last.line,
		      same_line ? from.character - p->last.character : from.character,
		      to.character - from.character, type);
	p->any = true;
	p->last = from;
}

static void paint_comments(struct painting *p, uint32_t from, uint32_t to)
{
	struct str text = p->r->doc->text;

	while (from < to) {
		uint32_t end;

		while (from < to && text.p[from] != '%')
			from++;
		for (end = from; end < to && text.p[end] != '\n' && text.p[end] != '\r';)
			end++;
		if (end > from)
			paint(p, from, end - from, LEGEND_COMMENT);
		from = end + 1;
	}
}

static int type_of_name(const struct occurrence *o)
{
	static const int types[] = {
		[NAME_RULE] = LEGEND_FUNCTION, [NAME_SET] = LEGEND_TYPE,
		[NAME_SHAPER] = LEGEND_TYPE,   [NAME_MACRO] = LEGEND_MACRO,
		[NAME_HOST] = LEGEND_STRING,
	};

	return types[o->kind];
}

/* Occurrences come in the order of the file: go on from the last one. */
static const struct occurrence *name_at(struct painting *p, uint32_t off)
{
	const struct occurrences *all = p->names;

	while (p->next_name < all->list.n && (all->list.at[p->next_name].at.file < p->r->file ||
					      (all->list.at[p->next_name].at.file == p->r->file &&
					       all->list.at[p->next_name].at.off < off)))
		p->next_name++;
	if (p->next_name == all->list.n || all->list.at[p->next_name].at.file != p->r->file ||
	    all->list.at[p->next_name].at.off != off)
		return NULL;
	return &all->list.at[p->next_name];
}

static int type_of_atom(struct painting *p, struct token t, bool begins_tuple)
{
	struct str text = source_text(&p->r->analysis->run.sources, t.at);
	const struct occurrence *name = name_at(p, t.at.off);

	if (name != NULL)
		return type_of_name(name);
	for (int group = 0; group < SCHEMA_NGROUPS; group++)
		if (section_named((enum schema_group)group, text) != NULL)
			return LEGEND_NAMESPACE;
	return begins_tuple ? LEGEND_PROPERTY : LEGEND_ENUM_MEMBER;
}

void handle_tokens(struct request *r)
{
	struct painting p = {.r = r, .names = occurrences_of(r->analysis)};
	uint8_t previous = TOK_EOF;
	uint32_t end = 0;
	struct lexer lexer;
	struct token t;

	strbuf_addz(&r->out, "{\"data\":[");
	lexer_init(&lexer, &r->analysis->run.sources, r->file);
	do {
		t = lexer_next(&lexer);
		paint_comments(&p, end, t.at.off);
		end = t.at.off + t.at.len;
		if (t.kind == TOK_ATOM)
			paint(&p, t.at.off, t.at.len, type_of_atom(&p, t, previous == TOK_LBRACE));
		else if (t.kind == TOK_STRING)
			paint(&p, t.at.off, t.at.len, LEGEND_STRING);
		else if (t.kind == TOK_INT || t.kind == TOK_FLOAT || t.kind == TOK_CHAR)
			paint(&p, t.at.off, t.at.len, LEGEND_NUMBER);
		previous = t.kind;
	} while (t.kind != TOK_EOF);
	strbuf_addz(&r->out, "]}");
}
