/* emit_modules.c - modules.h: what the modules of each host answer, in tables the runtime walks or
 * switches on.
 *
 * Which module brings what is in rt/modules.def, the one list that this file and the runtime share.
 * Hosts with the same list of modules share their tables, unless a module's options depend on the
 * host.
 */
#include "emit/emitter.h"

#include <stdlib.h>

#include "rt/gen.h"
#include "support/assert.h"

/* ---- rt/modules.def ---- */

enum iq_scope { SCOPE_HOST, SCOPE_ACCOUNT };

static const struct iq_def {
	const char *module;
	enum iq_scope scope;
	const char *ns, *fn;
} iq_defs[] = {
#define RT_MODULE(module)
#define RT_IQ(module, scope, ns, fn) {#module, SCOPE_##scope, ns, #fn},
#define RT_HOOK(module, hook, fn)
#define RT_FEATURE(module, ns)
#define RT_SUBDOMAIN_IQ(module, fn)
#include "rt/modules.def"
#undef RT_IQ
};

static const struct hook_def {
	const char *module;
	enum rt_hook hook;
	const char *fn;
} hook_defs[] = {
#define RT_IQ(module, scope, ns, fn)
#undef RT_HOOK
#define RT_HOOK(module, hook, fn) {#module, RT_HOOK_##hook, #fn},
#include "rt/modules.def"
#undef RT_HOOK
};

static const struct feature_def {
	const char *module, *ns;
} feature_defs[] = {
#define RT_HOOK(module, hook, fn)
#undef RT_FEATURE
#define RT_FEATURE(module, ns) {#module, ns},
#include "rt/modules.def"
#undef RT_FEATURE
};

static const struct subdomain_def {
	const char *module, *fn;
} subdomain_defs[] = {
#define RT_FEATURE(module, ns)
#undef RT_SUBDOMAIN_IQ
#define RT_SUBDOMAIN_IQ(module, fn) {#module, #fn},
#include "rt/modules.def"
#undef RT_SUBDOMAIN_IQ
#undef RT_FEATURE
#undef RT_HOOK
#undef RT_IQ
#undef RT_MODULE
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const hook_names[] = {
	[RT_HOOK_STREAM_FEATURES] = "STREAM_FEATURES",
	[RT_HOOK_UNAUTH_IQ] = "UNAUTH_IQ",
	[RT_HOOK_USER_AVAILABLE] = "USER_AVAILABLE",
	[RT_HOOK_USER_UNAVAILABLE] = "USER_UNAVAILABLE",
	[RT_HOOK_OFFLINE_MESSAGE] = "OFFLINE_MESSAGE",
	[RT_HOOK_SUBSCRIPTION_IN] = "SUBSCRIPTION_IN",
	[RT_HOOK_SUBSCRIPTION_OUT] = "SUBSCRIPTION_OUT",
	[RT_HOOK_REGISTER_USER] = "REGISTER_USER",
	[RT_HOOK_REMOVE_USER] = "REMOVE_USER",
	[RT_HOOK_DISCO_INFO] = "DISCO_INFO",
	[RT_HOOK_DISCO_ITEMS] = "DISCO_ITEMS",
	[RT_HOOK_SESSION_OPEN] = "SESSION_OPEN",
	[RT_HOOK_SESSION_CLOSE] = "SESSION_CLOSE",
};

_Static_assert(COUNT(hook_names) == RT_NHOOKS, "every hook has a name here");

/* ---- option structs ---- */

/* The option struct of a module, for one host or (NULL) for all that have the module. */
struct options_name {
	const struct module *mod;
	const struct host *host;
	struct str name;
};

static struct str options_key(const struct module *const *mod, int host, struct arena *a)
{
	return arena_printf(a, "%p %d", (const void *)*mod, host);
}

static int host_part(const struct module *mod, const struct host *h)
{
	return options_depend_on_host(mod) ? h->index : HOST_GLOBAL;
}

static void name_one(struct emitter *e, const struct module *mod, const struct host *h)
{
	struct str key = options_key(&mod, host_part(mod, h), e->arena);
	struct options_name *o;
	struct str wanted;

	if (names_find(&e->options_names, key) != NULL)
		return;
	wanted = host_part(mod, h) == HOST_GLOBAL
			 ? arena_printf(e->arena, "gen_%.*s", STR_ARG(mod->name))
			 : arena_printf(e->arena, "gen_%.*s_%.*s", STR_ARG(mod->name),
					STR_ARG(h->ident));
	o = arena_new_of(e->arena, struct options_name);
	*o = (struct options_name){.mod = mod, .host = h, .name = ident_unique(e, wanted)};
	names_put(e->arena, &e->options_names, key, o);
	vec_push(e->arena, &e->options, o);
}

void name_modules(struct emitter *e)
{
	for (size_t i = 0; i < e->model->hosts.n; i++) {
		const struct host *h = e->model->hosts.at[i];

		for (size_t k = 0; k < h->modules.list.n; k++)
			name_one(e, h->modules.list.at[k], h);
	}
}

static struct str options_of(struct emitter *e, const struct module *mod, const struct host *h)
{
	const struct options_name *o =
		names_find(&e->options_names, options_key(&mod, host_part(mod, h), e->arena));

	CFGC_ASSERT(o != NULL);
	return o->name;
}

void emit_module_options(struct emitter *e)
{
	for (size_t i = 0; i < e->options.n; i++) {
		const struct options_name *o = e->options.at[i];

		emit_options_of(e, o->mod, o->host, o->name);
	}
}

/* ---- hosts that share tables ---- */

static bool depends_on_host(const struct host *h)
{
	for (size_t k = 0; k < h->modules.list.n; k++)
		if (options_depend_on_host(h->modules.list.at[k]))
			return true;
	return false;
}

/* The host whose tables a host uses: itself, or the first with the same modules. */
static const struct host *tables_of(const struct emitter *e, const struct host *h)
{
	if (depends_on_host(h))
		return h;
	for (int i = 0; i < h->index; i++) {
		const struct host *other = e->model->hosts.at[i];

		if (other->modules.list.at == h->modules.list.at)
			return other;
	}
	return h;
}

/* ---- iq ---- */

static void emit_iq(struct emitter *e, const struct host *h, enum iq_scope scope, const char *word)
{
	struct text_case *cases = arena_array_of(e->arena, struct text_case, COUNT(iq_defs));
	size_t n = 0;

	emit_line(e, "static const struct rt_iq_row *");
	emit_line(e, "gen_iq_%s_%.*s(const char *ns, size_t len)", word, STR_ARG(h->ident));
	emit_open(e, "{");
	for (size_t k = 0; k < h->modules.list.n; k++) {
		const struct module *mod = h->modules.list.at[k];

		for (size_t i = 0; i < COUNT(iq_defs); i++) {
			if (iq_defs[i].scope != scope || !str_eqz(mod->name, iq_defs[i].module))
				continue;
			if (n == 0)
				emit_open(e, "static const struct rt_iq_row rows[] = {");
			emit_line(e, "{\"%s\", %s, &%.*s},", iq_defs[i].ns, iq_defs[i].fn,
				  STR_ARG(options_of(e, mod, h)));
			cases[n] = (struct text_case){
				.text = str_of(iq_defs[i].ns),
				.result = arena_printf(e->arena, "&rows[%zu]", n)};
			n++;
		}
	}
	if (n != 0) {
		emit_close(e, "};");
		emit_blank(e);
	}
	emit_text_switch(e, "ns", cases, n, "NULL");
	emit_close(e, "}");
	emit_blank(e);
}

/* ---- hooks ---- */

static struct str hook_array(struct emitter *e, const struct host *h, size_t hook)
{
	struct str name =
		arena_printf(e->arena, "gen_hooks_%.*s_%s", STR_ARG(h->ident), hook_names[hook]);
	char *p = arena_alloc(e->arena, name.n + 1);

	for (size_t i = 0; i < name.n; i++)
		p[i] = (char)(i >= name.n - strlen(hook_names[hook]) && name.p[i] >= 'A' &&
					      name.p[i] <= 'Z'
				      ? name.p[i] | 0x20
				      : name.p[i]);
	return (struct str){p, name.n};
}

/* Handlers of one hook in the order of modules.def. @return how many. */
static size_t emit_hook(struct emitter *e, const struct host *h, size_t hook, bool only_count)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(hook_defs); i++) {
		for (size_t k = 0; k < h->modules.list.n; k++) {
			const struct module *mod = h->modules.list.at[k];

			if ((size_t)hook_defs[i].hook != hook ||
			    !str_eqz(mod->name, hook_defs[i].module))
				continue;
			if (n++ == 0 && !only_count)
				emit_open(e, "static const struct rt_hook_row %.*s[] = {",
					  STR_ARG(hook_array(e, h, hook)));
			if (!only_count)
				emit_line(e, "{(void (*)(void))%s, &%.*s},", hook_defs[i].fn,
					  STR_ARG(options_of(e, mod, h)));
		}
	}
	if (n != 0 && !only_count) {
		emit_close(e, "};");
		emit_blank(e);
	}
	return n;
}

/* ---- lists of a host ---- */

static void emit_module_rows(struct emitter *e, const struct host *h)
{
	if (h->modules.list.n == 0)
		return;
	emit_open(e, "static const struct rt_module_row gen_modules_%.*s[] = {", STR_ARG(h->ident));
	for (size_t k = 0; k < h->modules.list.n; k++) {
		const struct module *mod = h->modules.list.at[k];

		emit_row_open(e, STR(""), place_full(e, mod->at));
		emit_field_plain(e, "name", "%.*s", STR_ARG(c_string(e->arena, mod->name)));
		emit_field_plain(e, "opts", "&%.*s", STR_ARG(options_of(e, mod, h)));
		emit_field_at(e, mod->at);
		emit_row_close(e);
	}
	emit_close(e, "};");
	emit_blank(e);
}

static size_t emit_subdomains(struct emitter *e, const struct host *h, bool only_count)
{
	size_t n = 0;

	for (size_t k = 0; k < h->modules.list.n; k++) {
		const struct module *mod = h->modules.list.at[k];
		struct str domain = module_domain(e, mod, h);

		for (size_t i = 0; domain.n != 0 && i < COUNT(subdomain_defs); i++) {
			if (!str_eqz(mod->name, subdomain_defs[i].module))
				continue;
			if (n++ == 0 && !only_count)
				emit_open(e,
					  "static const struct rt_subdomain gen_subdomains_%.*s[] "
					  "= {",
					  STR_ARG(h->ident));
			if (!only_count)
				emit_line(e, "{%.*s, %s, &%.*s},",
					  STR_ARG(c_string(e->arena, domain)), subdomain_defs[i].fn,
					  STR_ARG(options_of(e, mod, h)));
		}
	}
	if (n != 0 && !only_count) {
		emit_close(e, "};");
		emit_blank(e);
	}
	return n;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Namespaces of the host's own services, sorted, each once. */
static size_t features_of(const struct host *h, const char **out)
{
	size_t n = 0, unique = 0;

	for (size_t k = 0; k < h->modules.list.n; k++) {
		struct str name = h->modules.list.at[k]->name;

		for (size_t i = 0; i < COUNT(iq_defs); i++)
			if (iq_defs[i].scope == SCOPE_HOST && str_eqz(name, iq_defs[i].module))
				out[n++] = iq_defs[i].ns;
		for (size_t i = 0; i < COUNT(feature_defs); i++)
			if (str_eqz(name, feature_defs[i].module))
				out[n++] = feature_defs[i].ns;
	}
	qsort(out, n, sizeof(*out), by_text);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || strcmp(out[i], out[unique - 1]) != 0)
			out[unique++] = out[i];
	return unique;
}

static size_t count_features(const struct host *h)
{
	const char *names[COUNT(iq_defs) + COUNT(feature_defs)];

	return features_of(h, names);
}

static void emit_features(struct emitter *e, const struct host *h)
{
	const char *names[COUNT(iq_defs) + COUNT(feature_defs)];
	size_t n = features_of(h, names);

	if (n == 0)
		return;
	emit_open(e, "static const char *const gen_features_%.*s[] = {", STR_ARG(h->ident));
	for (size_t i = 0; i < n; i++)
		emit_line(e, "\"%s\",", names[i]);
	emit_close(e, "};");
	emit_blank(e);
}

void emit_module_tables(struct emitter *e)
{
	for (size_t i = 0; i < e->model->hosts.n; i++) {
		const struct host *h = e->model->hosts.at[i];

		if (tables_of(e, h) != h)
			continue;
		emit_comment(
			e,
			"Host %.*s: iq to the server, iq to an account, handlers in the order of "
			"the modules.",
			STR_ARG(h->name));
		emit_blank(e);
		emit_iq(e, h, SCOPE_HOST, "host");
		emit_iq(e, h, SCOPE_ACCOUNT, "account");
		for (size_t hook = 0; hook < RT_NHOOKS; hook++)
			(void)emit_hook(e, h, hook, false);
		emit_module_rows(e, h);
		(void)emit_subdomains(e, h, false);
		emit_features(e, h);
	}
}

/* ---- the table of hosts ---- */

static struct str mechanisms_text(const struct auth *a)
{
	if (a->mechanisms == (SASL_PLAIN | SASL_SCRAM))
		return STR("RT_SASL_PLAIN | RT_SASL_SCRAM");
	if (a->mechanisms == SASL_PLAIN)
		return STR("RT_SASL_PLAIN");
	return a->mechanisms == SASL_SCRAM ? STR("RT_SASL_SCRAM") : STR("0");
}

static void emit_auth(struct emitter *e, const struct host *h)
{
	const struct value *opts = setting_of(h, "auth_opts");
	const struct value *sasl = setting(e->model, "sasl_mechanisms");
	const struct value *iterations = opts != NULL && opts->sub != NULL
						 ? bound_value(opts->sub, "scram_iterations")
						 : NULL;

	emit_sub_open(e, "auth");
	emit_field(e, "internal", h->auth.at, "%s", h->auth.is_internal ? "true" : "false");
	emit_field(e, "scram_iterations",
		   iterations != NULL && iterations->given ? iterations->at : NO_SPAN, "%u",
		   h->auth.scram_iterations);
	emit_field(e, "mechanisms", sasl != NULL ? sasl->at : NO_SPAN, "%.*s",
		   STR_ARG(mechanisms_text(&h->auth)));
	emit_field_at(e, h->auth.at);
	emit_sub_close(e);
}

static void emit_hook_lists(struct emitter *e, const struct host *h)
{
	size_t n = 0;

	for (size_t hook = 0; hook < RT_NHOOKS; hook++)
		n += emit_hook(e, h, hook, true);
	if (n == 0) /* C17 has no empty initialisers */
		return;
	emit_sub_open(e, "hooks");
	for (size_t hook = 0; hook < RT_NHOOKS; hook++) {
		struct str array = hook_array(e, h, hook);

		if (emit_hook(e, h, hook, true) != 0)
			emit_line(e, "[RT_HOOK_%s] = GEN_LIST(%.*s),", hook_names[hook],
				  STR_ARG(array));
	}
	emit_sub_close(e);
}

static void emit_list(struct emitter *e, const char *field, const char *array, const struct host *h,
		      size_t n)
{
	if (n == 0)
		return;
	emit_field_plain(e, field, "%s_%.*s", array, STR_ARG(h->ident));
	emit_field_plain(e, arena_printf(e->arena, "n%s", field).p, "%zu", n);
}

static void emit_host(struct emitter *e, const struct host *h)
{
	const struct host *tables = tables_of(e, h);
	const struct rule *sessions = e->model->max_user_sessions;

	emit_row_open(e, host_enumerator(e, h), place_full(e, h->at));
	emit_field_plain(e, "name", "%.*s", STR_ARG(c_string(e->arena, h->name)));
	emit_auth(e, h);
	emit_field_plain(e, "max_user_sessions", "%.*s",
			 STR_ARG(sessions != NULL ? sessions->ident : STR("NULL")));
	emit_field_plain(e, "iq_host", "gen_iq_host_%.*s", STR_ARG(tables->ident));
	emit_field_plain(e, "iq_account", "gen_iq_account_%.*s", STR_ARG(tables->ident));
	emit_hook_lists(e, tables);
	emit_list(e, "modules", "gen_modules", tables, tables->modules.list.n);
	emit_list(e, "subdomains", "gen_subdomains", tables, emit_subdomains(e, tables, true));
	emit_list(e, "features", "gen_features", tables, count_features(tables));
	emit_field_at(e, h->at);
	emit_row_close(e);
}

void emit_host_table(struct emitter *e)
{
	emit_open(e, "static const struct rt_host_spec gen_hosts[GEN_NHOSTS] = {");
	for (size_t i = 0; i < e->model->hosts.n; i++)
		emit_host(e, e->model->hosts.at[i]);
	emit_close(e, "};");
}
