/* emit_hosts.c - hosts.h: the index of the served domains, and how one is found by name. */
#include <stdlib.h>

#include "emit/emitter.h"

void emit_host_index(struct emitter *e)
{
	emit_open(e, "enum gen_host {");
	for (size_t i = 0; i < e->model->hosts.n; i++) {
		const struct host *h = e->model->hosts.at[i];

		struct str note = arena_printf(e->arena, "%.*s: %.*s",
					       STR_ARG(place_full(e, h->at)), STR_ARG(h->name));

		emit_noted(e, note, "%.*s,", STR_ARG(host_enumerator(e, h)));
	}
	emit_line(e, "GEN_NHOSTS");
	emit_close(e, "};");
}

/* ---- switches over texts ---- */

static unsigned char last_byte(struct str s)
{
	return s.n != 0 ? (unsigned char)s.p[s.n - 1] : 0;
}

static int by_length_and_end(const void *a, const void *b)
{
	struct str s = ((const struct text_case *)a)->text, t = ((const struct text_case *)b)->text;

	if (s.n != t.n)
		return s.n < t.n ? -1 : 1;
	if (last_byte(s) != last_byte(t))
		return last_byte(s) < last_byte(t) ? -1 : 1;
	return str_cmp(s, t);
}

static void emit_tests(struct emitter *e, const char *name, const struct text_case *cases, size_t n)
{
	/* The only text of its length, and there may be no bytes to look at. */
	if (cases[0].text.n == 0) {
		emit_noted(e, cases[0].note, "return %.*s;", STR_ARG(cases[0].result));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		emit_line(e, "if (memcmp(%s, %.*s, %zu) == 0)", name,
			  STR_ARG(c_string(e->arena, cases[i].text)), cases[i].text.n);
		e->depth++;
		if (cases[i].note.n != 0)
			emit_noted(e, cases[i].note, "return %.*s;", STR_ARG(cases[i].result));
		else
			emit_line(e, "return %.*s;", STR_ARG(cases[i].result));
		e->depth--;
	}
	emit_line(e, "break;");
}

static void emit_case_label(struct emitter *e, unsigned char c)
{
	if (c > 0x20 && c < 0x7f && c != '\'' && c != '\\')
		emit_line(e, "case '%c':", c);
	else
		emit_line(e, "case 0x%02x:", c);
}

/* Texts of one length. */
static void emit_length(struct emitter *e, const char *name, const struct text_case *cases,
			size_t n)
{
	size_t end;

	emit_line(e, "case %zu:", cases[0].text.n);
	e->depth++;
	if (n == 1) {
		emit_tests(e, name, cases, n);
		e->depth--;
		return;
	}
	emit_line(e, "switch ((unsigned char)%s[%zu]) {", name, cases[0].text.n - 1);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1;
		     end < n && last_byte(cases[end].text) == last_byte(cases[i].text);)
			end++;
		emit_case_label(e, last_byte(cases[i].text));
		e->depth++;
		emit_tests(e, name, cases + i, end - i);
		e->depth--;
	}
	emit_line(e, "}");
	emit_line(e, "break;");
	e->depth--;
}

void emit_text_switch(struct emitter *e, const char *name, const struct text_case *cases, size_t n,
		      const char *otherwise)
{
	struct text_case *sorted = arena_array_of(e->arena, struct text_case, n + 1);
	size_t end;

	if (n == 0) {
		emit_line(e, "(void)%s;", name);
		emit_line(e, "(void)len;");
		emit_line(e, "return %s;", otherwise);
		return;
	}
	memcpy(sorted, cases, n * sizeof(*cases));
	qsort(sorted, n, sizeof(*sorted), by_length_and_end);
	emit_line(e, "switch (len) {");
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && sorted[end].text.n == sorted[i].text.n;)
			end++;
		emit_length(e, name, sorted + i, end - i);
	}
	emit_line(e, "}");
	emit_line(e, "return %s;", otherwise);
}

void emit_host_find(struct emitter *e)
{
	size_t n = e->model->hosts.n;
	struct text_case *cases = arena_array_of(e->arena, struct text_case, n + 1);

	for (size_t i = 0; i < n; i++) {
		const struct host *h = e->model->hosts.at[i];

		cases[i] = (struct text_case){.text = h->name, .result = host_enumerator(e, h)};
	}
	emit_line(e, "static int");
	emit_line(e, "gen_host_find(const char *name, size_t len)");
	emit_open(e, "{");
	emit_text_switch(e, "name", cases, n, "RT_HOST_NONE");
	emit_close(e, "}");
}
