/* fragment.c - the places of fragments, and the findings that need the whole file. */
#include "fragment.h"

#include "diag/suggest.h"
#include "schema/schema.h"
#include "support/array.h"

const char fragment_beside[] = "{hosts, [\"localhost\"]}.\n"
			       "{sm_backend, {mnesia, []}}.\n"
			       "{auth_method, internal}.\n";

static const struct {
	const char *name;
	struct fragment_frame frame;
} places[] = {
	{"listen", {STR("{listen, "), STR("}."), true}},
	{"modules", {STR("{modules, "), STR("}."), true}},
	{"services", {STR("{services, "), STR("}."), true}},
	{"outgoing_pools", {STR("{outgoing_pools, "), STR("}."), true}},
	{"access", {STR("{access, fragment, "), STR("}."), true}},
	{"acl", {STR("{acl, fragment, "), STR("}."), false}},
	{"shaper", {STR("{shaper, fragment, "), STR("}."), false}},
};

/* What the rest of the file may define, use or decide. */
static const enum diag_code needs_whole_file[] = {
	E0151, E0301, E0302, E0311, E0312, E0313, E0314, E0401, E0403, W0156, W0430, W0431,
	W0503, W0504, W0506, W0507, W0508, W0509, W0525, W0527, W0528, W0529, W0530, W0532,
};

static void add_place(void *ctx, const char *group, const struct section *s)
{
	struct names *names = ctx;

	if (strcmp(group, "listener") == 0 || strcmp(group, "module") == 0)
		vec_push(names->arena, &names->list, str_of(s->name));
}

static void refuse(struct arena *a, struct diags *dl, const char *place)
{
	struct names legal = {.arena = a};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		vec_push(a, &legal.list, str_of(places[i].name));
	schema_each(add_place, &legal);
	diag_add(dl, E0018, NO_SPAN, "a fragment cannot be checked as '%s'", place);
	suggest_into(dl, NO_SPAN, str_of(place), &legal);
	diag_note(dl, "places are listen, modules, services, outgoing_pools, access, acl, shaper, "
		      "and every listener and module");
}

bool fragment_frame_of(struct arena *a, struct diags *dl, const char *place,
		       struct fragment_frame *out)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (strcmp(places[i].name, place) == 0) {
			*out = places[i].frame;
			return true;
		}
	}
	if (schema_listener(str_of(place)) != NULL)
		*out = (struct fragment_frame){arena_printf(a, "{listen, [{5222, %s, ", place),
					       STR("}]}."), true};
	else if (schema_module(str_of(place)) != NULL)
		*out = (struct fragment_frame){arena_printf(a, "{modules, [{%s, ", place),
					       STR("}]}."), true};
	else
		refuse(a, dl, place);
	return out->before.n != 0;
}

static bool is_about_fragment(const struct diag *d, uint32_t file)
{
	if (d->labels.n == 0)
		return diag_info_of(d->code)->other_than_config != 0;
	for (size_t i = 0; i < ARRAY_LEN(needs_whole_file); i++)
		if (d->code == needs_whole_file[i])
			return false;
	return d->labels.at[0].at.file == file;
}

void fragment_filter(struct diags *dl, uint32_t file)
{
	size_t kept = 0;

	for (size_t i = 0; i < dl->list.n; i++) {
		struct diag *d = dl->list.at[i];

		if (d->unit + 1 < dl->units.n || is_about_fragment(d, file))
			dl->list.at[kept++] = d;
		else
			diag_uncount(dl, d);
	}
	dl->list.n = kept;
}
