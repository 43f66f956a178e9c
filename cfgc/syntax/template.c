/* template.c - fill in a release template: {{{name}}} becomes the text of a variable.
 *
 *   template:  ...{hosts, {{{hosts}}} }...        vars: {hosts, "[\"a\"]"}.
 *                         |-------| from                       |-------| value_at
 *   rendered:  ...{hosts, ["a"] }...
 *                         |---| piece
 */
#include "syntax/template.h"

#include "diag/suggest.h"
#include "support/strbuf.h"
#include "syntax/parser.h"

/* ---- vars files ---- */

static bool value_text(struct arena *a, const struct term *value, struct str *out)
{
	struct strbuf text = {.arena = a};

	switch (value->kind) {
	case TERM_STRING:
	case TERM_BINARY:
		*out = value->text;
		return true;
	case TERM_ATOM:
		*out = value->text;
		return true;
	case TERM_INT:
	case TERM_FLOAT:
		term_print(&text, value);
		*out = strbuf_str(&text);
		return true;
	default:
		*out = (struct str){NULL, 0};
		return term_is_nil(value);
	}
}

static struct variable *find_variable(const struct vars *vars, struct str name)
{
	for (size_t i = 0; i < vars->list.n; i++)
		if (str_eq(vars->list.at[i].name, name))
			return &vars->list.at[i];
	return NULL;
}

static void add_variable(struct vars *vars, struct sources *ss, struct diags *dl,
			 const struct term *t)
{
	struct variable v, *known;

	if (!term_is_tuple(t, 2, NULL) || t->seq.items[0]->kind != TERM_ATOM) {
		diag_add(dl, E0143, t->at, "expected {name, Value}, found %s",
			 term_kind_name(t->kind));
		return;
	}
	v = (struct variable){.name = t->seq.items[0]->text, .at = t->seq.items[1]->at};
	if (!value_text(ss->arena, t->seq.items[1], &v.text)) {
		diag_add(dl, E0143, v.at,
			 "the value of '%.*s' must be a string, an atom or a number, not %s",
			 STR_ARG(v.name), term_kind_name(t->seq.items[1]->kind));
		diag_help(dl, "write the text that is to replace the placeholder as a string");
		return;
	}
	known = find_variable(vars, v.name);
	if (known != NULL)
		*known = v;
	else
		vec_push(ss->arena, &vars->list, v);
}

bool vars_read(struct vars *vars, struct sources *ss, struct diags *dl, const char *path)
{
	uint32_t file = source_open(ss, dl, path, NO_SPAN);
	struct forms forms = {0};

	if (file == NO_FILE)
		return false;
	parse_source(ss, dl, file, &forms);
	for (size_t i = 0; i < forms.list.n; i++)
		if (forms.list.at[i].term->kind != TERM_BAD)
			add_variable(vars, ss, dl, forms.list.at[i].term);
	return true;
}

/* ---- tags ---- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

static size_t skip_blanks(struct str text, size_t at)
{
	while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
		at++;
	return at;
}

/* `braces` opening ones, a sigil if `sigils` has any, a name, as many closing ones. @return the
 * length or 0. */
static size_t match_tag(struct str text, size_t braces, const char *sigils, char *sigil,
			struct str *name)
{
	size_t at, start;

	if (text.n < braces || memcmp(text.p, "{{{", braces) != 0)
		return 0;
	at = skip_blanks(text, braces);
	*sigil = '\0';
	if (at < text.n && sigils[0] != '\0') {
		if (strchr(sigils, text.p[at]) == NULL || text.p[at] == '\0')
			return 0;
		*sigil = text.p[at];
		at = skip_blanks(text, at + 1);
	}
	for (start = at; at < text.n && is_name_char(text.p[at]); at++)
		;
	*name = (struct str){text.p + start, at - start};
	at = skip_blanks(text, at);
	if (name->n == 0 || text.n - at < braces || memcmp(text.p + at, "}}}", braces) != 0)
		return 0;
	return at + braces;
}

uint32_t placeholder_length(struct str text, struct str *name)
{
	size_t n;
	char sigil;

	n = match_tag(text, 3, "", &sigil, name);
	if (n == 0)
		n = match_tag(text, 2, "", &sigil, name);
	return (uint32_t)n;
}

struct tag {
	size_t len;
	struct str name;
	bool escaped; /* {{name}} */
	bool unknown; /* a section, a partial, ... */
};

static bool find_tag(struct str text, struct tag *tag)
{
	char sigil = '\0';

	*tag = (struct tag){0};
	tag->len = match_tag(text, 3, "", &sigil, &tag->name);
	if (tag->len == 0) {
		tag->len = match_tag(text, 2, "", &sigil, &tag->name);
		tag->escaped = tag->len != 0;
	}
	if (tag->len == 0) {
		tag->len = match_tag(text, 2, "&#^/>!", &sigil, &tag->name);
		tag->unknown = sigil != '&';
	}
	return tag->len != 0;
}

/* ---- rendering ---- */

struct rendering {
	struct sources *ss;
	struct diags *dl;
	uint32_t file;
	struct str text;
	const struct vars *vars;
	struct strbuf out;
	VEC(struct source_piece) pieces;
	size_t copied; /* of text */
};

static void add_piece(struct rendering *r, size_t from, size_t to, const struct variable *value)
{
	struct source_piece piece = {
		.off = (uint32_t)r->out.n,
		.from = {r->file, (uint32_t)from, (uint32_t)(to - from)},
		.replaced = value != NULL,
		.value_at = value != NULL ? value->at : NO_SPAN,
	};

	if (from != to)
		vec_push(r->ss->arena, &r->pieces, piece);
}

static void copy_up_to(struct rendering *r, size_t to)
{
	add_piece(r, r->copied, to, NULL);
	strbuf_add(&r->out, (struct str){r->text.p + r->copied, to - r->copied});
	r->copied = to;
}

static void add_escaped(struct strbuf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char *entity = html_entity((unsigned char)text.p[i]);

		if (entity != NULL)
			strbuf_addz(out, entity);
		else
			strbuf_addc(out, text.p[i]);
	}
}

static bool is_comment_line(struct str text, size_t at)
{
	size_t start = at;

	while (start > 0 && text.p[start - 1] != '\n')
		start--;
	start = skip_blanks(text, start);
	return text.p[start] == '%';
}

static void report_undefined(struct rendering *r, struct span at, struct str name)
{
	struct names legal = {.arena = r->ss->arena};

	diag_add(r->dl, E0141, at, "placeholder '%.*s' has no value in the vars files",
		 STR_ARG(name));
	for (size_t i = 0; i < r->vars->list.n; i++)
		vec_push(r->ss->arena, &legal.list, r->vars->list.at[i].name);
	if (suggest_one(name, &legal).n != 0)
		suggest_into(r->dl, NO_SPAN, name, &legal);
	else
		diag_help(r->dl,
			  "add {%.*s, \"...\"}. to a vars file; an empty string removes the "
			  "placeholder",
			  STR_ARG(name));
}

/* A placeholder that stays in the text is skipped by the parser without another word. */
static void render_tag(struct rendering *r, size_t at, const struct tag *tag)
{
	struct span place = {r->file, (uint32_t)at, (uint32_t)tag->len};
	const struct variable *v;

	if (tag->unknown) {
		diag_add(r->dl, E0142, place, "only {{{name}}} and {{name}} are filled in");
		copy_up_to(r, at);
		r->copied = at + tag->len;
		return;
	}
	v = find_variable(r->vars, tag->name);
	if (v == NULL) {
		if (!is_comment_line(r->text, at))
			report_undefined(r, place, tag->name);
		return;
	}
	copy_up_to(r, at);
	if (v->text.n != 0)
		add_piece(r, at, at + tag->len, v);
	if (tag->escaped)
		add_escaped(&r->out, v->text);
	else
		strbuf_add(&r->out, v->text);
	r->copied = at + tag->len;
}

uint32_t template_render(struct sources *ss, struct diags *dl, uint32_t file,
			 const struct vars *vars)
{
	struct rendering r = {
		.ss = ss,
		.dl = dl,
		.file = file,
		.text = ss->files.at[file]->text,
		.vars = vars,
		.out = {.arena = ss->arena},
	};
	struct str text;

	for (size_t at = 0; at + 1 < r.text.n;) {
		const char *brace = memchr(r.text.p + at, '{', r.text.n - at);
		struct tag tag;

		if (brace == NULL)
			break;
		at = (size_t)(brace - r.text.p);
		if (!find_tag((struct str){brace, r.text.n - at}, &tag)) {
			at++;
			continue;
		}
		render_tag(&r, at, &tag);
		at += tag.len;
		if (r.out.n > SOURCE_MAX_BYTES) {
			diag_add(dl, E0003, (struct span){file, (uint32_t)at, 0},
				 "the filled-in template is larger than %u bytes",
				 SOURCE_MAX_BYTES);
			return NO_FILE;
		}
	}
	ss->files.at[file]->rendered = true;
	if (r.copied == 0)
		return file;
	copy_up_to(&r, r.text.n);
	strbuf_addc(&r.out, '\0');
	text = strbuf_str(&r.out);
	text.n--;
	file = source_add_derived(ss, file, text, r.pieces.at, r.pieces.n);
	ss->files.at[file]->rendered = true;
	return file;
}
