/* outline.c - the shape of a file: symbols for a tree of contents, ranges that fold. */
#include "lsp/context.h"
#include "lsp/server.h"
#include "support/array.h"
#include "syntax/parser.h"

/* A file with more errors has no shape. */
#define MOST_ERRORS 50

/* ---- symbols ---- */

/* Kinds of the protocol. */
enum symbol_kind {
	SYMBOL_MODULE = 2,
	SYMBOL_PROPERTY = 7,
	SYMBOL_INTERFACE = 11,
	SYMBOL_FUNCTION = 12,
	SYMBOL_CONSTANT = 14,
	SYMBOL_ARRAY = 18,
	SYMBOL_OBJECT = 19,
};

static const struct {
	const char *form;
	enum symbol_kind kind;
} form_kinds[] = {
	{"access", SYMBOL_FUNCTION},       {"acl", SYMBOL_OBJECT},
	{"shaper", SYMBOL_OBJECT},         {"define_macro", SYMBOL_CONSTANT},
	{"listen", SYMBOL_ARRAY},          {"modules", SYMBOL_ARRAY},
	{"services", SYMBOL_ARRAY},        {"outgoing_pools", SYMBOL_ARRAY},
	{"host_config", SYMBOL_INTERFACE}, {"hosts", SYMBOL_ARRAY},
};

struct outline {
	struct request *r;
	struct forms forms; /* of the document alone, as they are written */
	struct sources sources;
	struct diags diags;
	uint32_t n; /* symbols written on this level */
};

/* The document by itself: an outline must not change with what it includes. */
static void read_document(struct outline *o)
{
	struct arena *a = o->r->arena;
	uint32_t file;

	o->sources = (struct sources){.arena = a};
	o->diags = (struct diags){.arena = a, .sources = &o->sources, .max_errors = MOST_ERRORS};
	file = source_add(&o->sources, &o->diags, "document", o->r->doc->text, NO_SPAN);
	if (file != NO_FILE)
		parse_source(&o->sources, &o->diags, file, &o->forms);
}

/* Places in the copy that was parsed are those in the document. */
static struct span in_document(const struct outline *o, struct span at)
{
	at = source_resolve(&o->sources, at, NULL);
	return (struct span){o->r->file, at.off, at.len};
}

static const struct term *first_of(const struct term *t)
{
	return t->kind == TERM_TUPLE && t->seq.n != 0 ? t->seq.items[0] : t;
}

/* {access, c2s, ..}: "access c2s"; {5222, ejabberd_c2s, ..}: "5222 ejabberd_c2s". */
static struct str name_of(struct outline *o, const struct term *t, uint32_t nwords)
{
	struct strbuf name = {.arena = o->r->arena};

	if (t->kind != TERM_TUPLE)
		nwords = 1;
	for (uint32_t i = 0; i < nwords && (t->kind != TERM_TUPLE || i < t->seq.n); i++) {
		if (i != 0)
			strbuf_addc(&name, ' ');
		term_print(&name, t->kind == TERM_TUPLE ? t->seq.items[i] : t);
	}
	if (name.n == 0)
		strbuf_addz(&name, "{}"); /* a symbol has a name */
	return strbuf_str(&name);
}

static void begin_symbol(struct outline *o, struct str name, enum symbol_kind kind,
			 const struct term *t)
{
	struct strbuf *out = &o->r->out;
	const struct term *selected = first_of(t);

	strbuf_addz(out, o->n++ != 0 ? ",{\"name\":" : "{\"name\":");
	strbuf_add_json(out, name);
	strbuf_printf(out, ",\"kind\":%d,", kind);
	if (!o->r->server->knows_tree) {
		strbuf_addz(out, "\"location\":");
		write_location(out, o->r->server, o->r->analysis, in_document(o, t->at));
		strbuf_addc(out, '}');
		return;
	}
	strbuf_addz(out, "\"range\":");
	write_range(out, o->r->server, o->r->analysis, in_document(o, t->at));
	strbuf_addz(out, ",\"selectionRange\":");
	write_range(out, o->r->server, o->r->analysis, in_document(o, selected->at));
}

/* Symbols inside another one; clients that know no tree get them all in one list. */
static uint32_t begin_children(struct outline *o)
{
	uint32_t n = o->n;

	if (o->r->server->knows_tree) {
		strbuf_addz(&o->r->out, ",\"children\":[");
		o->n = 0;
	}
	return n;
}

static void end_children(struct outline *o, uint32_t n)
{
	if (!o->r->server->knows_tree)
		return;
	strbuf_addz(&o->r->out, "]}");
	o->n = n;
}

static void add_form(struct outline *o, const struct term *t);

/* An entry of a list of modules, listeners and the like. */
static void add_entry(struct outline *o, const struct expect *e, const struct term *t)
{
	uint32_t nwords = e->kind == EXPECT_LISTENER ? 2 : e->kind == EXPECT_ROUTE ? 3 : 1, n;
	struct shape shape;

	if (t->kind != TERM_TUPLE)
		return;
	shape = shape_of(t);
	begin_symbol(o, name_of(o, t, nwords),
		     e->kind == EXPECT_LISTENER ? SYMBOL_INTERFACE : SYMBOL_MODULE, t);
	n = begin_children(o);
	for (uint32_t i = nwords; i < t->seq.n; i++) {
		struct expect options = expect_inside(e, &shape, i);
		const struct term *list = t->seq.items[i];

		if (options.kind != EXPECT_ELEMENT || list->kind != TERM_LIST)
			continue;
		for (uint32_t k = 0; k < list->seq.n; k++) {
			uint32_t outer;

			begin_symbol(o, name_of(o, list->seq.items[k], 1), SYMBOL_PROPERTY,
				     list->seq.items[k]);
			outer = begin_children(o);
			end_children(o, outer);
		}
	}
	end_children(o, n);
}

static void add_children(struct outline *o, const struct term *form)
{
	struct expect e = expect_form();
	struct shape shape;

	if (form->kind != TERM_TUPLE)
		return;
	shape = shape_of(form);
	for (uint32_t i = 1; i < form->seq.n; i++) {
		struct expect inner = expect_inside(&e, &shape, i);
		const struct term *list = form->seq.items[i];

		if (!inner.is_list || list->kind != TERM_LIST)
			continue;
		inner.is_list = false;
		for (uint32_t k = 0; k < list->seq.n; k++) {
			if (inner.kind == EXPECT_ELEMENT)
				add_form(o, list->seq.items[k]);
			else if (inner.kind == EXPECT_LISTENER || inner.kind == EXPECT_MODULE ||
				 inner.kind == EXPECT_SERVICE || inner.kind == EXPECT_POOL)
				add_entry(o, &inner, list->seq.items[k]);
		}
	}
}

static void add_form(struct outline *o, const struct term *t)
{
	enum symbol_kind kind = SYMBOL_PROPERTY;
	uint32_t nwords = 1, n;

	for (size_t i = 0; i < ARRAY_LEN(form_kinds); i++)
		if (term_is_atom(first_of(t), form_kinds[i].form))
			kind = form_kinds[i].kind;
	if (kind != SYMBOL_PROPERTY && kind != SYMBOL_ARRAY)
		nwords = 2;
	begin_symbol(o, name_of(o, t, nwords), kind, t);
	n = begin_children(o);
	add_children(o, t);
	end_children(o, n);
}

void handle_symbols(struct request *r)
{
	struct outline o = {.r = r};

	read_document(&o);
	strbuf_addc(&r->out, '[');
	for (size_t i = 0; i < o.forms.list.n; i++)
		add_form(&o, o.forms.list.at[i].term);
	strbuf_addc(&r->out, ']');
}

/* ---- folding ---- */

struct folding {
	struct request *r;
	uint32_t n;
};

static uint32_t line_of(const struct folding *f, uint32_t off)
{
	return text_line(&f->r->doc->lines, off);
}

static void add_fold(struct folding *f, uint32_t from, uint32_t to, const char *kind)
{
	if (to <= from)
		return;
	strbuf_printf(&f->r->out, "%s{\"startLine\":%u,\"endLine\":%u", f->n++ != 0 ? "," : "",
		      from, to);
	if (kind != NULL)
		strbuf_printf(&f->r->out, ",\"kind\":\"%s\"", kind);
	strbuf_addc(&f->r->out, '}');
}

/* Brackets over several lines, by tokens: text that does not parse folds as well. */
static void fold_brackets(struct folding *f)
{
	const struct sources *ss = &f->r->analysis->run.sources;
	VEC(uint32_t) open = {0};
	struct lexer lexer;
	struct token t;

	lexer_init(&lexer, ss, f->r->file);
	while ((t = lexer_next(&lexer)).kind != TOK_EOF) {
		if (t.kind == TOK_LBRACE || t.kind == TOK_LBRACK) {
			vec_push(f->r->arena, &open, line_of(f, t.at.off));
		} else if ((t.kind == TOK_RBRACE || t.kind == TOK_RBRACK) && open.n != 0) {
			uint32_t from = open.at[--open.n], line = line_of(f, t.at.off);

			/* Of brackets that open on one line the outermost folds. */
			if (open.n == 0 || open.at[open.n - 1] != from)
				add_fold(f, from, line > from ? line - 1 : from, NULL);
		} else if (t.kind == TOK_DOT) {
			open.n = 0;
		}
	}
}

static void fold_comments(struct folding *f)
{
	const struct text_lines *lines = &f->r->doc->lines;
	size_t first = 0;
	bool inside = false;

	for (size_t i = 0; i <= lines->n; i++) {
		size_t at = i < lines->n ? lines->starts[i] : lines->text.n;

		while (at < lines->text.n &&
		       (lines->text.p[at] == ' ' || lines->text.p[at] == '\t'))
			at++;
		if (i < lines->n && at < lines->text.n && lines->text.p[at] == '%') {
			first = inside ? first : i;
			inside = true;
		} else if (inside) {
			add_fold(f, (uint32_t)first, (uint32_t)i - 1, "comment");
			inside = false;
		}
	}
}

void handle_folding(struct request *r)
{
	struct folding f = {.r = r};

	strbuf_addc(&r->out, '[');
	fold_brackets(&f);
	fold_comments(&f);
	strbuf_addc(&r->out, ']');
}
