/* server.c - the session: which messages may come when, who handles them, and the answers. */
#include "lsp/server.h"

#include <signal.h>
#include <unistd.h>

#include "compile.h"
#include "lsp/lsp.h"
#include "lsp/uri.h"
#include "options.h"
#include "support/array.h"
#include "support/assert.h"

void request_fail(struct request *r, enum lsp_error error, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	r->error = error;
	r->message = arena_vprintf(r->arena, format, ap);
	va_end(ap);
}

/* ---- initialize ---- */

static bool has_text(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_count(array); i++)
		if (str_eqz(json_text(json_at(array, i)), text))
			return true;
	return false;
}

/* Paths in a configuration are relative to the working directory: here the folder that the client
 * has opened. */
static void enter_root(struct request *r)
{
	struct str uri = json_text(
		json_member(json_at(json_member(r->params, "workspaceFolders"), 0), "uri"));
	const char *path;

	if (uri.p == NULL)
		uri = json_text(json_member(r->params, "rootUri"));
	path = uri_path(r->arena, uri);
	if (path != NULL && chdir(path) != 0)
		return; /* then paths are relative to where the client started us */
}

static void read_capabilities(struct request *r)
{
	struct server *s = r->server;
	const json_t *client = json_member(r->params, "capabilities");

	s->encoding = has_text(json_path(client, "general.positionEncodings"), "utf-8")
			      ? ENCODING_UTF8
			      : ENCODING_UTF16;
	s->knows_snippets = json_flag(
		json_path(client, "textDocument.completion.completionItem.snippetSupport"));
	s->knows_related =
		json_flag(json_path(client, "textDocument.publishDiagnostics.relatedInformation"));
	s->knows_tree = json_flag(
		json_path(client, "textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"));
	s->knows_literals =
		json_path(client, "textDocument.codeAction.codeActionLiteralSupport") != NULL;
}

static void handle_initialize(struct request *r)
{
	struct server *s = r->server;
	struct str main_file = json_text(json_path(r->params, "initializationOptions.main"));

	if (s->phase != SESSION_NEW) {
		request_fail(r, LSP_INVALID_REQUEST, "the session is initialized already");
		return;
	}
	s->phase = SESSION_RUNNING;
	enter_root(r);
	read_capabilities(r);
	if (main_file.n != 0 && memchr(main_file.p, '\0', main_file.n) == NULL) {
		s->main_file = arena_str(s->arena, main_file.p, main_file.n).p;
		document_watch(s, s->main_file);
	}
	strbuf_printf(&r->out,
		      "{\"capabilities\":{\"positionEncoding\":\"%s\","
		      "\"textDocumentSync\":{\"openClose\":true,\"change\":2,\"save\":true},"
		      "\"hoverProvider\":true,"
		      "\"completionProvider\":{\"triggerCharacters\":[\"{\",\"[\",\"\\\"\"]},"
		      "\"definitionProvider\":true,\"referencesProvider\":true,"
		      "\"documentHighlightProvider\":true,"
		      "\"renameProvider\":{\"prepareProvider\":true},"
		      "\"codeActionProvider\":{\"codeActionKinds\":"
		      "[\"quickfix\",\"source.fixAll\"]},"
		      "\"documentFormattingProvider\":true,\"documentSymbolProvider\":true,"
		      "\"foldingRangeProvider\":true,"
		      "\"semanticTokensProvider\":{\"full\":true,\"legend\":",
		      s->encoding == ENCODING_UTF8 ? "utf-8" : "utf-16");
	write_token_legend(&r->out);
	strbuf_printf(&r->out, "}},\"serverInfo\":{\"name\":\"cfgc\",\"version\":\"%s\"}}",
		      CFGC_VERSION);
}

static void handle_shutdown(struct request *r)
{
	r->server->phase = SESSION_SHUT_DOWN;
}

static void handle_exit(struct request *r)
{
	r->server->phase = SESSION_OVER;
}

static void handle_nothing(struct request *r)
{
	(void)r;
}

/* ---- text synchronisation ---- */

static int64_t version_of(const json_t *document)
{
	const json_t *version = json_member(document, "version");

	return version != NULL && json_is_integer(version) ? json_integer_value(version) : 0;
}

static void handle_open(struct request *r)
{
	const json_t *document = json_member(r->params, "textDocument");
	struct str uri = json_text(json_member(document, "uri"));
	struct str text = json_text(json_member(document, "text"));
	struct document *d;

	if (uri.p == NULL || text.p == NULL || text.n > SOURCE_MAX_BYTES ||
	    memchr(uri.p, '\0', uri.n) != NULL)
		return;
	d = document_find(r->server, uri);
	if (d != NULL)
		document_set_text(r->server, d, text, version_of(document));
	else
		document_open(r->server, uri, text, version_of(document));
}

static bool read_position(const json_t *value, struct text_position *out)
{
	return json_u32(json_member(value, "line"), &out->line) &&
	       json_u32(json_member(value, "character"), &out->character);
}

/* One change: of a range, or of the whole text. @return false when it makes no sense. */
static bool change_text(struct request *r, const json_t *change, int64_t version)
{
	struct str with = json_text(json_member(change, "text")), old = r->doc->text;
	const json_t *range = json_member(change, "range");
	struct text_position start, end;
	struct strbuf text = {.arena = r->arena};
	uint32_t from, to;

	if (with.p == NULL || with.n > SOURCE_MAX_BYTES)
		return false;
	if (range == NULL) {
		document_set_text(r->server, r->doc, with, version);
		return true;
	}
	if (!read_position(json_member(range, "start"), &start) ||
	    !read_position(json_member(range, "end"), &end))
		return false;
	from = text_offset(&r->doc->lines, r->server->encoding, start);
	to = text_offset(&r->doc->lines, r->server->encoding, end);
	if (to < from || old.n - (to - from) + with.n > SOURCE_MAX_BYTES)
		return false;
	strbuf_add(&text, (struct str){old.p, from});
	strbuf_add(&text, with);
	strbuf_add(&text, (struct str){old.p + to, old.n - to});
	document_set_text(r->server, r->doc, strbuf_str(&text), version);
	return true;
}

static void handle_change(struct request *r)
{
	const json_t *changes = json_member(r->params, "contentChanges");
	int64_t version = version_of(json_member(r->params, "textDocument"));

	for (size_t i = 0; i < json_count(changes); i++)
		if (!change_text(r, json_at(changes, i), version))
			return;
}

static void handle_close(struct request *r)
{
	document_close(r->server, r->doc);
}

static void handle_files_changed(struct request *r)
{
	documents_forget(r->server);
}

/* ---- dispatch ---- */

enum needs {
	NEEDS_NOTHING,
	NEEDS_DOCUMENT, /* params.textDocument names an open one */
	NEEDS_ANALYSIS, /* and it is checked */
	NEEDS_POSITION, /* and params.position is a place in it */
};

static const struct method {
	const char *name;
	bool is_request; /* must be answered */
	enum needs needs;
	void (*handle)(struct request *r);
} methods[] = {
	{"initialize", true, NEEDS_NOTHING, handle_initialize},
	{"initialized", false, NEEDS_NOTHING, handle_nothing},
	{"shutdown", true, NEEDS_NOTHING, handle_shutdown},
	{"exit", false, NEEDS_NOTHING, handle_exit},
	{"textDocument/didOpen", false, NEEDS_NOTHING, handle_open},
	{"textDocument/didChange", false, NEEDS_DOCUMENT, handle_change},
	{"textDocument/didClose", false, NEEDS_DOCUMENT, handle_close},
	{"textDocument/didSave", false, NEEDS_NOTHING, handle_files_changed},
	{"workspace/didChangeWatchedFiles", false, NEEDS_NOTHING, handle_files_changed},
	{"textDocument/hover", true, NEEDS_POSITION, handle_hover},
	{"textDocument/completion", true, NEEDS_POSITION, handle_completion},
	{"textDocument/definition", true, NEEDS_POSITION, handle_definition},
	{"textDocument/references", true, NEEDS_POSITION, handle_references},
	{"textDocument/documentHighlight", true, NEEDS_POSITION, handle_highlight},
	{"textDocument/prepareRename", true, NEEDS_POSITION, handle_prepare_rename},
	{"textDocument/rename", true, NEEDS_POSITION, handle_rename},
	{"textDocument/codeAction", true, NEEDS_ANALYSIS, handle_code_action},
	{"textDocument/formatting", true, NEEDS_ANALYSIS, handle_formatting},
	{"textDocument/documentSymbol", true, NEEDS_ANALYSIS, handle_symbols},
	{"textDocument/foldingRange", true, NEEDS_ANALYSIS, handle_folding},
	{"textDocument/semanticTokens/full", true, NEEDS_ANALYSIS, handle_tokens},
};

static const struct method *find_method(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_eqz(name, methods[i].name))
			return &methods[i];
	return NULL;
}

/* @return false after an error. */
static bool find_what_it_needs(struct request *r, enum needs needs)
{
	struct str uri = json_text(json_path(r->params, "textDocument.uri"));
	struct text_position at;

	if (needs == NEEDS_NOTHING)
		return true;
	r->doc = uri.p != NULL ? document_find(r->server, uri) : NULL;
	if (r->doc == NULL) {
		request_fail(r, LSP_INVALID_PARAMS, "no such document is open");
		return false;
	}
	if (needs == NEEDS_DOCUMENT)
		return true;
	r->analysis = document_check(r->server, document_owner(r->server, r->doc));
	r->file = analysis_file(r->analysis, r->doc->path);
	if (r->file == NO_FILE) {
		request_fail(r, LSP_REQUEST_FAILED, "the document cannot be read");
		return false;
	}
	if (needs == NEEDS_ANALYSIS)
		return true;
	if (!read_position(json_member(r->params, "position"), &at)) {
		request_fail(r, LSP_INVALID_PARAMS, "no position");
		return false;
	}
	r->offset = text_offset(&r->doc->lines, r->server->encoding, at);
	return true;
}

static bool may_come_now(struct request *r, const struct method *m)
{
	enum session_phase phase = r->server->phase;

	if (m != NULL && m->handle == handle_exit)
		return true;
	if (phase == SESSION_NEW && (m == NULL || m->handle != handle_initialize)) {
		request_fail(r, LSP_SERVER_NOT_INITIALIZED, "the session is not initialized");
		return false;
	}
	if (phase == SESSION_SHUT_DOWN) {
		request_fail(r, LSP_INVALID_REQUEST, "the session is shut down");
		return false;
	}
	return true;
}

static void answer(struct request *r, const json_t *id)
{
	struct strbuf out = {.arena = r->arena};

	strbuf_addz(&out, "{\"jsonrpc\":\"2.0\",\"id\":");
	json_add(&out, id);
	if (r->error != 0) {
		strbuf_printf(&out, ",\"error\":{\"code\":%d,\"message\":", r->error);
		strbuf_add_json(&out, r->message);
		strbuf_addz(&out, "}}");
	} else {
		strbuf_addz(&out, ",\"result\":");
		strbuf_add(&out, r->out.n != 0 ? strbuf_str(&r->out) : STR("null"));
		strbuf_addc(&out, '}');
	}
	transport_write(&r->server->transport, strbuf_str(&out));
}

static void dispatch(struct request *r, struct str name, bool is_request)
{
	const struct method *m = find_method(name);

	if (!may_come_now(r, m))
		return;
	if (m == NULL || m->is_request != is_request) {
		request_fail(r, LSP_METHOD_NOT_FOUND, "'%.*s' is not known", STR_ARG(name));
		return;
	}
	if (find_what_it_needs(r, m->needs))
		m->handle(r);
}

/* ---- messages ---- */

static void handle_message(struct request *r, struct str body)
{
	const json_t *message = json_parse(r->arena, body), *id;
	struct str name;

	if (message == NULL) {
		request_fail(r, LSP_PARSE_ERROR, "this is no JSON");
		answer(r, NULL);
		return;
	}
	name = json_text(json_member(message, "method"));
	id = json_member(message, "id");
	r->params = json_member(message, "params");
	if (name.p == NULL) {
		if (json_member(message, "result") != NULL || json_member(message, "error") != NULL)
			return; /* an answer, although nothing was asked */
		request_fail(r, LSP_INVALID_REQUEST, "the message has no method");
		answer(r, id);
		return;
	}
	dispatch(r, name, id != NULL);
	if (id != NULL) /* notifications are never answered, whatever is wrong with them */
		answer(r, id);
}

/* @return false when the session is over. */
static bool serve_one(struct server *s)
{
	struct request r = {.server = s, .arena = arena_new()};
	struct str body;

	r.out.arena = r.arena;
	switch (transport_read(&s->transport, r.arena, &body)) {
	case TRANSPORT_MESSAGE:
		handle_message(&r, body);
		break;
	case TRANSPORT_TOO_LONG:
		request_fail(&r, LSP_INVALID_REQUEST, "the message is longer than %zu bytes",
			     TRANSPORT_MAX_MESSAGE);
		answer(&r, NULL);
		break;
	case TRANSPORT_BROKEN:
		request_fail(&r, LSP_PARSE_ERROR, "expected a header with Content-Length");
		answer(&r, NULL);
		arena_free(&r.arena);
		return false;
	case TRANSPORT_END:
		arena_free(&r.arena);
		return false;
	}
	arena_free(&r.arena);
	return s->phase != SESSION_OVER && !s->transport.cannot_write;
}

int lsp_run(const struct options *o)
{
	struct server s = {.options = o, .arena = arena_new()};
	bool was_shut_down = false;

	signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error of write() */
	transport_init(&s.transport, STDIN_FILENO, STDOUT_FILENO);
	cfgc_phase_enter("serve");
	while (serve_one(&s)) {
		was_shut_down = s.phase == SESSION_SHUT_DOWN;
		/* Keys come faster than checks: the last text is the one to check. */
		if (s.diagnostics_are_old && s.phase == SESSION_RUNNING &&
		    !transport_has_input(&s.transport))
			publish(&s);
	}
	documents_free(&s);
	arena_free(&s.arena);
	return was_shut_down ? CFGC_OK : CFGC_ERRORS;
}
