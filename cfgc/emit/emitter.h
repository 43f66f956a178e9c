/* emitter.h - the verbs in which C is written: they indent, align, quote and escape, so that
 * emit_*.c never does.
 *
 * Text is collected in e->out. Rows of tables hold their fields back until they close, because only
 * then the columns are known. Private to cfgc/emit.
 */
#ifndef CFGC_EMIT_EMITTER_H
#define CFGC_EMIT_EMITTER_H

#include "emit/emit.h"
#include "model/model.h"
#include "support/sha256.h"
#include "support/strbuf.h"

struct emit_field {
	struct str name, value, note; /* note n == 0: none */
};

struct options_name; /* emit_modules.c */

struct emit_pattern {
	struct str text;
	size_t index; /* in gen_patterns */
};

struct emitter {
	struct arena *arena;
	struct model *model;
	const struct emit_settings *settings;
	struct strbuf out;
	unsigned depth; /* of indentation */
	VEC(struct emit_field) fields;
	VEC(uint32_t) files; /* of sources: what rt_at.file is an index into */
	struct names_table c_names;
	VEC(struct emit_pattern *) patterns; /* regular expressions compiled at start */
	struct names_table pattern_index;
	VEC(struct options_name *)
	options; /* of modules, in the order of hosts and their modules */
	struct names_table options_names;
	struct str config_id, manifest;
};

/* ---- lines ---- */

/** One line of code at the present depth. */
void emit_line(struct emitter *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_blank(struct emitter *e);
/** A line that ends with an opening bracket, and one that begins with the closing one. */
void emit_open(struct emitter *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_close(struct emitter *e, const char *text);
/** A comment of one line: whatever is in it, it ends where it should. Longer ones are cut. */
void emit_comment(struct emitter *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** The comment above what a term has brought: its place and its text. */
void emit_comment_term(struct emitter *e, const struct term *t);
/** A statement with a note at a fixed column behind it. */
void emit_noted(struct emitter *e, struct str note, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- rows: initialisers of structs ---- */

/** `[designator] = {` or, with an empty one, `{`; place n == 0: no comment. */
void emit_row_open(struct emitter *e, struct str designator, struct str place);
void emit_row_close(struct emitter *e);
/** A nested struct or array. */
void emit_sub_open(struct emitter *e, const char *name);
void emit_sub_close(struct emitter *e);
/** `.name = value,` with the line that gave the value, or "default". */
void emit_field(struct emitter *e, const char *name, struct span at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/** Write the fields held back, without closing a row. */
void emit_fields(struct emitter *e);
/** Without a note. */
void emit_field_plain(struct emitter *e, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** .at = RT_AT(file, line, column) */
void emit_field_at(struct emitter *e, struct span at);

/* ---- places ---- */

/** "mongooseim.cfg:12". */
struct str place_full(struct emitter *e, struct span at);
/** "12" in the main file, else as above; "default" for NO_SPAN. */
struct str place_short(struct emitter *e, struct span at);
/** The name of a source as it is shown: relative to the folder of the main file. */
struct str source_name(const struct emitter *e, const struct source *s);

/* ---- names and texts (ident.c) ---- */

/** Letters, digits and underscores for any text; dots and hyphens become underscores, other bytes
 * _xHH. */
struct str ident_from(struct arena *a, struct str name);
/** The same in capitals. */
struct str ident_upper(struct arena *a, struct str name);
/** A name nobody has had in this emission: _2, _3 are appended as needed. */
struct str ident_unique(struct emitter *e, struct str wanted);
/** A C string literal, quotes included. */
struct str c_string(struct arena *a, struct str text);
/** A literal of several lines for long texts: one per line of the text, indented by a tab. */
struct str c_string_lines(struct arena *a, struct str text);
/** The initialiser of an address. */
struct str c_address(struct arena *a, const struct address *address);
/** Text that is safe inside a comment. */
struct str c_comment_text(struct arena *a, struct str text);

#define IDENT_MAX 60 /* bytes taken of a name */

/* ---- constructs, one function per hole of the templates ---- */

void emit_host_index(struct emitter *e);
void emit_host_find(struct emitter *e);
void emit_shaper_index(struct emitter *e);
void emit_shaper_table(struct emitter *e);
void emit_pattern_index(struct emitter *e);
void emit_pattern_init(struct emitter *e);
void emit_sets(struct emitter *e);
void emit_rules(struct emitter *e);
void emit_module_options(struct emitter *e);
void emit_module_tables(struct emitter *e);
void emit_host_table(struct emitter *e);
void emit_listener_index(struct emitter *e);
void emit_listener_feeds(struct emitter *e);
void emit_listener_parts(struct emitter *e);
void emit_listener_table(struct emitter *e);
void emit_domain_certs(struct emitter *e);
void emit_files(struct emitter *e);
void emit_left_out(struct emitter *e);
void emit_root(struct emitter *e);
/** manifest.json. */
struct str manifest_text(struct emitter *e);

/* ---- shared by constructs ---- */

/** "GEN_HOST_EXAMPLE_ORG" */
struct str host_enumerator(struct emitter *e, const struct host *h);
/** Number the regular expressions of all sets that are asked. */
void collect_patterns(struct emitter *e);
/** Name the option structs of all modules of all hosts. */
void name_modules(struct emitter *e);
/** Write the option struct of a module under its name; host matters only for modules whose options
 * depend on it. */
void emit_options_of(struct emitter *e, const struct module *mod, const struct host *h,
		     struct str name);
/** Whether a module's options differ from host to host because they name a domain of it. */
bool options_depend_on_host(const struct module *mod);
/** The domain that a module serves for a host, prepared; n == 0: none. */
struct str module_domain(struct emitter *e, const struct module *mod, const struct host *h);
/** The C function of the rule that an option names; NULL for everybody. */
struct str rule_of(struct emitter *e, const struct value *v);

/* One case of a switch over texts. */
struct text_case {
	struct str text;
	struct str result; /* C expression */
	struct str note;
};

/**
 * Return statements for a text in `name`/`len`: a switch on its length, then on its last byte, then
 * memcmp.
 *
 * @param otherwise  C expression when no text equals.
 */
void emit_text_switch(struct emitter *e, const char *name, const struct text_case *cases, size_t n,
		      const char *otherwise);

#endif
