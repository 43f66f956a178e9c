/* model_fixture.h - a model from the text of a configuration, for the tests of model and emit. */
#ifndef TESTS_MODEL_FIXTURE_H
#define TESTS_MODEL_FIXTURE_H

#include <check.h>
#include <stdio.h>

#include "model/model.h"
#include "support/strbuf.h"
#include "syntax/parser.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What most cases begin with. */
#define HOSTS_A_B "{hosts, [\"a\", \"b\"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. "

static struct arena *arena;
static struct sources sources;
static struct diags diags;
static struct bind binding;
static enum diag_setting levels[DIAG_NCODES];

/* Most cases have listeners without TLS, and are not about that. */
static void setup(void)
{
	(void)diag_set(levels, STR("W08"), DIAG_OFF);
	arena = arena_new();
	sources = (struct sources){.arena = arena};
	diags = (struct diags){.arena = arena, .sources = &sources, .settings = levels};
	binding = (struct bind){.arena = arena, .sources = &sources, .diags = &diags};
}

static void teardown(void)
{
	arena_free(&arena);
}

/* Start anew inside one test. */
static void restart(void)
{
	teardown();
	setup();
}

static struct model *model_of(const char *text)
{
	struct forms forms = {0};
	uint32_t file = source_add(&sources, &diags, "test.cfg", str_of(text), NO_SPAN);

	parse_source(&sources, &diags, file, &forms);
	return model_build(&binding, &forms);
}

/* The codes reported, sorted, as "E0203 W0501". */
static const char *codes(void)
{
	struct strbuf out = {.arena = arena};

	diag_sort(&diags);
	for (size_t i = 0; i < diags.list.n; i++)
		strbuf_printf(&out, "%s%s", i != 0 ? " " : "",
			      diag_info_of(diags.list.at[i]->code)->id);
	strbuf_addc(&out, '\0');
	return out.p;
}

static bool reports(enum diag_code code)
{
	for (size_t i = 0; i < diags.list.n; i++)
		if (diags.list.at[i]->code == code)
			return true;
	return false;
}

static inline void must_be_clean(const char *text)
{
	ck_assert_msg(!diag_has_errors(&diags), "%s in: %s", codes(), text);
	(void)reports;
	(void)restart;
	(void)model_of;
}

#endif
