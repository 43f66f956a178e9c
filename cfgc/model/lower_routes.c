/* lower_routes.c - {modules, [{Host, Path, Handler, Options}, ...]} of HTTP listeners. */
#include "model/lower.h"

static struct str text_of(const struct term *t)
{
	return term_is_nil(t) ? STR("") : t->text;
}

static bool is_text(const struct term *t)
{
	return t->kind == TERM_STRING || t->kind == TERM_BINARY || t->kind == TERM_ATOM;
}

/* Binding the listener has reported what is wrong with the options. */
static const struct bound *bind_in_silence(struct lower *l, const struct section *handler,
					   const struct term *list)
{
	struct diags silent = {.arena = l->a, .sources = l->m->sources};
	struct diags *loud = l->b->diags;
	const struct bound *bound;

	l->b->diags = &silent;
	bound = schema_bind(l->b, handler, list, NO_SPAN);
	l->b->diags = loud;
	return bound;
}

static void use_rules_of_websockets(struct lower *l, const struct bound *options)
{
	const char *owner = options->section->title;
	const struct bound *service = bound_sub(options, "ejabberd_service");

	rule_is_about(
		use_rule(l, bound_value(options, "access"), RULE_VERDICT, "access", owner, false),
		ABOUT_USERS | ABOUT_NAMED);
	rule_is_about(
		use_rule(l, bound_value(options, "shaper"), RULE_SHAPER, "shaper", owner, false),
		ABOUT_USERS);
	if (service == NULL)
		return;
	(void)use_rule(l, bound_value(service, "access"), RULE_VERDICT, "access",
		       service->section->title, false);
	(void)use_shaper(l, bound_value(service, "shaper_rule"), false);
}

static void lower_route(struct lower *l, struct listener *http, const struct term *t)
{
	const struct section *handler;
	struct route *r;

	if (t->kind != TERM_TUPLE || (t->seq.n != 3 && t->seq.n != 4) ||
	    !is_text(t->seq.items[0]) || !is_text(t->seq.items[1]) ||
	    t->seq.items[2]->kind != TERM_ATOM)
		return;
	handler = schema_http_handler(t->seq.items[2]->text);
	if (handler == NULL)
		return;
	r = arena_new_of(l->a, struct route);
	r->host = text_of(t->seq.items[0]);
	r->path = text_of(t->seq.items[1]);
	r->handler = handler;
	r->term = t;
	r->at = t->at;
	r->host_at = t->seq.items[0]->at;
	r->path_at = t->seq.items[1]->at;
	r->options = bind_in_silence(l, handler, t->seq.n == 4 ? t->seq.items[3] : NULL);
	if (strcmp(handler->name, "mod_websockets") == 0)
		use_rules_of_websockets(l, r->options);
	vec_push(l->a, &http->routes, r);
}

void lower_routes(struct lower *l, struct listener *http)
{
	const struct term *list = bound_value(http->options, "modules")->term;

	for (uint32_t i = 0; list != NULL && list->kind == TERM_LIST && i < list->seq.n; i++)
		lower_route(l, http, list->seq.items[i]);
}
