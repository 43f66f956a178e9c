/* server.h - the state of one session: what the client can do, which documents it has open, and
 * what was last said about them.
 *
 *   bytes ─ transport ─► message ─ server.c ─► handler ─► reply
 *                                     │
 *                              text changed ─► no more input waiting ─► publish.c
 *
 * Private to cfgc/lsp.
 */
#ifndef CFGC_LSP_SERVER_H
#define CFGC_LSP_SERVER_H

#include "lsp/analysis.h"
#include "lsp/json.h"
#include "lsp/transport.h"

enum lsp_error {
	LSP_PARSE_ERROR = -32700,
	LSP_INVALID_REQUEST = -32600,
	LSP_METHOD_NOT_FOUND = -32601,
	LSP_INVALID_PARAMS = -32602,
	LSP_SERVER_NOT_INITIALIZED = -32002,
	LSP_REQUEST_FAILED = -32803,
};

/* A file that the client has open, or one that is only here because it may include those. */
struct document {
	struct arena *arena; /* this, uri, path */
	struct str uri;
	const char *path; /* canonical; of what is no file its URI, as a name in the working
			     directory */
	bool is_open;     /* false: its text is the one on disk */

	struct arena *text_arena;
	struct str text;
	struct text_lines lines;
	int64_t version;

	struct analysis
		*analysis; /* with this as the main file; NULL: the last one is out of date */
};

/* What the client was last told about a file. */
struct published {
	struct str uri;
	uint64_t digest;
	bool is_empty;
	bool seen; /* in this round */
};

enum session_phase { SESSION_NEW, SESSION_RUNNING, SESSION_SHUT_DOWN, SESSION_OVER };

struct server {
	const struct options *options;
	struct arena *arena; /* for the whole session */
	struct transport transport;
	enum session_phase phase;
	bool diagnostics_are_old; /* a text changed since they were published */

	/* from initialize */
	enum encoding encoding;
	const char *main_file; /* initializationOptions.main: what other files are included by;
				  NULL: not given */
	bool knows_snippets;   /* completion items may have holes */
	bool knows_related;    /* diagnostics may have related information */
	bool knows_tree;       /* document symbols may be nested */
	bool knows_literals;   /* code actions may be literals */

	VEC(struct document *) documents; /* in the order of opening */
	VEC(struct published *) published;
};

/* One request or notification while it is handled. */
struct request {
	struct server *server;
	struct arena *arena; /* goes with the answer */
	const json_t *params;
	struct strbuf out;  /* the result as JSON; empty: null */
	int error;          /* enum lsp_error, or 0 */
	struct str message; /* of the error */

	struct document *doc; /* params.textDocument, for handlers that ask for one */
	struct analysis *analysis;
	uint32_t file;   /* the document in the analysis */
	uint32_t offset; /* params.position, for handlers that ask for one */
};

/** Answer with an error instead of a result. */
void request_fail(struct request *r, enum lsp_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- documents (documents.c) ---- */

struct document *document_find(const struct server *s, struct str uri);
struct document *document_open(struct server *s, struct str uri, struct str text, int64_t version);
/** Give it a new text, copied. */
void document_set_text(struct server *s, struct document *d, struct str text, int64_t version);
void document_close(struct server *s, struct document *d);
/** Watch a file that is not open: it may include some that are. */
void document_watch(struct server *s, const char *path);
/** Files on disk have changed: no analysis is good any more. */
void documents_forget(struct server *s);
void documents_free(struct server *s);
/** What a check of the document as a main file finds. */
struct analysis *document_check(struct server *s, struct document *d);
/** The open or watched document that includes this one, or the document itself. */
struct document *document_owner(struct server *s, struct document *d);
const char *document_uri_of(const struct server *s, struct arena *a, const char *path);

/* ---- writing (write.c) ---- */

/** {"start": ..., "end": ...} of a place in a file as it was read. */
void write_range(struct strbuf *out, const struct server *s, struct analysis *an, struct span at);
/** {"uri": ..., "range": ...} */
void write_location(struct strbuf *out, const struct server *s, struct analysis *an,
		    struct span at);
/** "name": with the comma in front that a second member needs. */
void write_name(struct strbuf *out, const char *name);
/** The URI of a source, in quotes. */
void write_uri(struct strbuf *out, const struct server *s, struct analysis *an, uint32_t file);

struct text_edit {
	struct span at; /* in a file as it was read */
	struct str with;
};

struct text_edits {
	VEC(struct text_edit) list;
};

/** {"changes": {uri: [...], ...}}; the edits become sorted by file. */
void write_workspace_edit(struct strbuf *out, const struct server *s, struct analysis *an,
			  struct text_edits *edits);
/** {"range": ..., "newText": ...} */
void write_text_edit(struct strbuf *out, const struct server *s, struct analysis *an,
		     const struct text_edit *edit);

/* ---- diagnostics (publish.c) ---- */

/** Tell the client what changed about any file. */
void publish(struct server *s);
/** One diagnostic as the protocol has it. */
void write_diagnostic(struct strbuf *out, const struct server *s, struct analysis *an,
		      const struct diag *d, uint32_t main_file);

/* ---- requests ---- */

void handle_hover(struct request *r);
void handle_completion(struct request *r);
void handle_definition(struct request *r);
void handle_references(struct request *r);
void handle_highlight(struct request *r);
void handle_prepare_rename(struct request *r);
void handle_rename(struct request *r);
void handle_code_action(struct request *r);
void handle_formatting(struct request *r);
void handle_symbols(struct request *r);
void handle_folding(struct request *r);
void handle_tokens(struct request *r);

/** The legend of handle_tokens: {"tokenTypes": [...], "tokenModifiers": []}. */
void write_token_legend(struct strbuf *out);

#endif
