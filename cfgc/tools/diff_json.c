/* diff_json.c - the list of changes for programs; every field is always present. */
#include "support/strbuf.h"
#include "tools/diff.h"

static void add_field(struct strbuf *out, const char *name, struct str text)
{
	strbuf_printf(out, ",\"%s\":", name);
	if (text.n != 0)
		strbuf_add_json(out, text);
	else
		strbuf_addz(out, "null");
}

static void add_place(struct strbuf *out, const struct sources *ss, struct span at)
{
	struct span real;
	struct position p;

	if (at.file == NO_FILE) {
		strbuf_addz(out, ",\"file\":null,\"line\":null,\"column\":null");
		return;
	}
	real = source_resolve(ss, at, NULL);
	p = source_position(ss, at.file, at.off);
	add_field(out, "file", ss->files.at[real.file]->path);
	strbuf_printf(out, ",\"line\":%u,\"column\":%u", (unsigned)p.line, (unsigned)p.column);
}

static void add_side(struct strbuf *out, const char *name, const struct sources *ss,
		     const struct diff_side *side)
{
	strbuf_printf(out, ",\"%s\":", name);
	if (side->text.n == 0) {
		strbuf_addz(out, "null");
		return;
	}
	strbuf_addz(out, "{\"text\":");
	strbuf_add_json(out, side->text);
	add_place(out, ss, side->at);
	strbuf_addc(out, '}');
}

static void add_change(struct strbuf *out, const struct diff *d, const struct diff_change *c)
{
	static const char *const parts[DIFF_NPARTS] = {
		[DIFF_HOSTS] = "hosts",   [DIFF_LISTENERS] = "listeners",
		[DIFF_LOGIN] = "login",   [DIFF_MODULES] = "modules",
		[DIFF_ACCESS] = "access", [DIFF_SERVER] = "settings"};
	static const char *const kinds[] = {
		[DIFF_ADDED] = "added", [DIFF_REMOVED] = "removed", [DIFF_CHANGED] = "changed"};
	static const char *const effects[] = {
		[DIFF_NEUTRAL] = "none", [DIFF_OPENS] = "gains", [DIFF_CLOSES] = "loses"};

	strbuf_printf(out, "{\"part\":\"%s\",\"kind\":\"%s\",\"access\":\"%s\"", parts[c->part],
		      kinds[c->kind], effects[c->effect]);
	add_field(out, "subject", c->subject);
	add_field(out, "option", c->what);
	add_field(out, "hosts", c->hosts);
	add_field(out, "witness", c->who);
	add_side(out, "before", d->old->sources, &c->before);
	add_side(out, "after", d->new->sources, &c->after);
	add_field(out, "why", c->why);
	strbuf_addc(out, '}');
}

void diff_print_json(struct strbuf *out, const struct diff *d)
{
	strbuf_printf(out, "{\"version\":1,\"gains\":%zu,\"loses\":%zu,\"changes\":[", d->nopens,
		      d->ncloses);
	for (size_t i = 0; i < d->list.n; i++) {
		strbuf_addz(out, i != 0 ? ",\n" : "\n");
		add_change(out, d, &d->list.at[i]);
	}
	strbuf_addz(out, d->list.n != 0 ? "\n]}\n" : "]}\n");
}
