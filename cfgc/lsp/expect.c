/* expect.c - one step inwards: from what was expected of a tuple or list to what is expected of an
 * element. */
#include "lsp/expect.h"
#include "support/array.h"

static const struct expect anything = {.kind = EXPECT_ANY};

struct expect expect_form(void)
{
	return (struct expect){.kind = EXPECT_ELEMENT, .section = &schema_top};
}

const struct section *section_named(enum schema_group group, struct str name)
{
	static const struct section *(*const find[SCHEMA_NGROUPS])(struct str name) = {
		[SCHEMA_LISTENERS] = schema_listener, [SCHEMA_MODULES] = schema_module,
		[SCHEMA_SERVICES] = schema_service,   [SCHEMA_HANDLERS] = schema_http_handler,
		[SCHEMA_POOLS] = schema_pool,
	};

	return find[group](name);
}

const char *section_written(const struct section *s)
{
	const char *dot = strrchr(s->name, '.');

	return dot != NULL ? dot + 1 : s->name;
}

struct shape shape_of(const struct term *t)
{
	struct shape shape = {.is_list = t->kind == TERM_LIST};
	const struct term *first = t->seq.n != 0 ? t->seq.items[0] : NULL;

	for (uint32_t i = 0; i < t->seq.n && i < SHAPE_ITEMS; i++)
		if (t->seq.items[i]->kind == TERM_ATOM)
			shape.atoms[i] = t->seq.items[i]->text;
	for (uint32_t i = 0;
	     first != NULL && first->kind == TERM_TUPLE && i < first->seq.n && i < 2; i++)
		if (first->seq.items[i]->kind == TERM_ATOM)
			shape.key_atoms[i] = first->seq.items[i]->text;
	return shape;
}

/* ---- values ---- */

static bool is_word_of(const struct type *type, struct str word)
{
	if (type->kind == TYPE_LITERAL)
		return str_eqz(word, type->text);
	if (type->kind != TYPE_CHOICE)
		return true;
	for (const char *const *name = type->names; *name != NULL; name++)
		if (str_eqz(word, *name))
			return true;
	return false;
}

/* The type of one element of a tuple; NULL when no tuple of the type has one there. */
static const struct type *element_type(const struct type *type, const struct shape *shape,
				       uint32_t index)
{
	uint32_t i = 0;

	if (type->kind == TYPE_TUPLE) {
		if (index > 0 && shape->atoms[0].n != 0 &&
		    !is_word_of(type->alts[0], shape->atoms[0]))
			return NULL;
		while (type->alts[i] != NULL && i < index)
			i++;
		return type->alts[i];
	}
	if (type->kind != TYPE_ONEOF)
		return NULL;
	for (; type->alts[i] != NULL; i++) {
		const struct type *found = element_type(type->alts[i], shape, index);

		if (found != NULL)
			return found;
	}
	return NULL;
}

/* The alternative that is a list. */
static const struct type *list_type(const struct type *type)
{
	if (type->kind == TYPE_LIST || type->kind == TYPE_OPTIONS)
		return type;
	for (size_t i = 0; type->kind == TYPE_ONEOF && type->alts[i] != NULL; i++) {
		const struct type *found = list_type(type->alts[i]);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static struct expect value_of(const struct expect *outer, const struct option *o,
			      const struct type *type)
{
	struct expect e = *outer;

	if (type == NULL)
		return anything;
	e.kind = EXPECT_VALUE;
	e.is_list = false;
	e.option = o;
	e.type = type;
	if (type->kind == TYPE_HOST)
		e.kind = EXPECT_HOST;
	return e;
}

static struct expect inside_value(const struct expect *outer, const struct shape *shape,
				  uint32_t index)
{
	const struct type *type = outer->type;

	if (!shape->is_list)
		return value_of(outer, outer->option, element_type(type, shape, index));
	type = list_type(type);
	if (type == NULL)
		return anything;
	if (type->kind == TYPE_OPTIONS)
		return (struct expect){.kind = EXPECT_ELEMENT,
				       .section = type->section,
				       .in_host_config = outer->in_host_config};
	return value_of(outer, outer->option, type->of);
}

/* ---- options with a structure that is no type ---- */

static struct expect of_kind(const struct expect *outer, enum expect_kind kind, bool is_list,
			     const struct option *o)
{
	return (struct expect){.kind = kind,
			       .is_list = is_list,
			       .in_host_config = outer->in_host_config,
			       .section = outer->section,
			       .option = o};
}

static const struct special {
	const char *option; /* of the top level */
	uint32_t index;     /* of the element behind the name: 1, 2 */
	enum expect_kind kind;
	bool is_list;
} specials[] = {
	{"listen", 1, EXPECT_LISTENER, true},     {"modules", 1, EXPECT_MODULE, true},
	{"services", 1, EXPECT_SERVICE, true},    {"outgoing_pools", 1, EXPECT_POOL, true},
	{"acl", 1, EXPECT_SET_NAME, false},       {"acl", 2, EXPECT_SPEC, false},
	{"access", 1, EXPECT_RULE_NAME, false},   {"access", 2, EXPECT_CLAUSE, true},
	{"shaper", 1, EXPECT_SHAPER_NAME, false}, {"define_macro", 1, EXPECT_MACRO_NAME, false},
	{"define_macro", 2, EXPECT_ANY, false},   {"hosts", 1, EXPECT_HOST_NAME, true},
	{"host", 1, EXPECT_HOST_NAME, false},     {"host_config", 1, EXPECT_HOST, false},
	{"host_config", 2, EXPECT_ELEMENT, true},
};

static const struct special *find_special(const struct option *o, uint32_t index)
{
	for (size_t i = 0; i < ARRAY_LEN(specials); i++)
		if (index == specials[i].index && strcmp(o->name, specials[i].option) == 0)
			return &specials[i];
	return NULL;
}

/* The value of an option, as element `index` of its tuple. */
static struct expect of_option(const struct expect *outer, const struct option *o,
			       const struct shape *shape, uint32_t index)
{
	const struct special *special =
		outer->section == &schema_top ? find_special(o, index) : NULL;
	struct expect e;
	struct shape behind = *shape;

	if (special != NULL) {
		e = of_kind(outer, special->kind, special->is_list, o);
		e.in_host_config = e.in_host_config || strcmp(o->name, "host_config") == 0;
		return e;
	}
	if (strcmp(outer->section->name, "ejabberd_cowboy") == 0 && strcmp(o->name, "modules") == 0)
		return of_kind(outer, EXPECT_ROUTE, true, o);
	if (o->form == FORM_TUPLE) {
		memmove(behind.atoms, behind.atoms + 1,
			sizeof(behind.atoms) - sizeof(behind.atoms[0]));
		behind.atoms[SHAPE_ITEMS - 1] = STR("");
		return value_of(outer, o, element_type(o->type, &behind, index - 1));
	}
	return index == 1 && o->type != NULL ? value_of(outer, o, o->type) : anything;
}

/* {Name, Value}, {{Name, Key}, Value}, {Name, A, B} */
static struct expect inside_element(const struct expect *outer, const struct shape *shape,
				    uint32_t index)
{
	bool is_keyed = shape->key_atoms[0].n != 0;
	struct str name = is_keyed ? shape->key_atoms[0] : shape->atoms[0];
	const struct option *o;

	if (shape->is_list)
		return anything;
	if (index == 0)
		return of_kind(outer, EXPECT_OPTION, false, NULL);
	if (is_keyed && str_eqz(name, "add"))
		name = shape->key_atoms[1];
	o = schema_option(outer->section, name);
	return o != NULL ? of_option(outer, o, shape, index) : anything;
}

/* {Name, Key} in front of a value */
static struct expect inside_key(const struct expect *outer, const struct shape *shape,
				uint32_t index)
{
	const struct option *o = schema_option(outer->section, shape->atoms[0]);

	if (shape->is_list)
		return anything;
	if (index == 0)
		return *outer;
	if (index != 1 || o == NULL)
		return anything;
	if (strcmp(o->name, "add") == 0)
		return of_kind(outer, EXPECT_ADDED, false, NULL);
	return o->key != NULL ? value_of(outer, o, o->key) : anything;
}

/* ---- tuples that name a section ---- */

static struct expect options_of(const struct expect *outer, const struct section *section)
{
	struct expect e = of_kind(outer, EXPECT_ELEMENT, true, NULL);

	if (section == NULL)
		return anything;
	e.section = section;
	e.in_host_config = false;
	return section->type != NULL ? value_of(outer, NULL, section->type) : e;
}

static const struct entry {
	enum expect_kind kind;
	enum schema_group group;
	uint32_t name, options; /* where in the tuple */
} entries[] = {
	{EXPECT_LISTENER, SCHEMA_LISTENERS, 1, 2}, {EXPECT_MODULE, SCHEMA_MODULES, 0, 1},
	{EXPECT_SERVICE, SCHEMA_SERVICES, 0, 1},   {EXPECT_ROUTE, SCHEMA_HANDLERS, 2, 3},
	{EXPECT_POOL, SCHEMA_POOLS, 0, 4},
};

static struct expect inside_entry(const struct expect *outer, const struct shape *shape,
				  uint32_t index)
{
	const struct entry *entry = entries;
	struct expect e;

	while (entry->kind != outer->kind)
		entry++;
	if (shape->is_list)
		return anything;
	if (index == entry->name) {
		e = of_kind(outer, EXPECT_NAME, false, NULL);
		e.group = entry->group;
		return e;
	}
	if (index == entry->options)
		return options_of(outer, section_named(entry->group, shape->atoms[entry->name]));
	if (entry->kind == EXPECT_POOL && index == 3)
		return options_of(outer, &schema_pool_opts);
	if ((entry->kind == EXPECT_POOL && index == 1) ||
	    (entry->kind == EXPECT_ROUTE && index == 0))
		return of_kind(outer, EXPECT_HOST, false, NULL);
	return anything;
}

/* {user, "Name", "host"}: the element that is a domain. */
static struct expect inside_spec(const struct expect *outer, const struct shape *shape,
				 uint32_t index)
{
	static const struct {
		const char *kind;
		uint32_t domain;
	} domains[] = {{"user", 2}, {"user_regexp", 2}, {"user_glob", 2}, {"server", 1}};

	if (shape->is_list)
		return anything;
	if (index == 0)
		return of_kind(outer, EXPECT_SPEC_KIND, false, outer->option);
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (index == domains[i].domain && str_eqz(shape->atoms[0], domains[i].kind))
			return of_kind(outer, EXPECT_HOST, false, outer->option);
	return anything;
}

/* ---- one step ---- */

struct expect expect_inside(const struct expect *outer, const struct shape *shape, uint32_t index)
{
	struct expect e = *outer;

	if (outer->is_list) {
		e.is_list = false;
		return shape->is_list ? e : anything;
	}
	switch (outer->kind) {
	case EXPECT_ELEMENT:
		return inside_element(outer, shape, index);
	case EXPECT_OPTION:
		return inside_key(outer, shape, index);
	case EXPECT_VALUE:
		return inside_value(outer, shape, index);
	case EXPECT_LISTENER:
	case EXPECT_MODULE:
	case EXPECT_SERVICE:
	case EXPECT_ROUTE:
	case EXPECT_POOL:
		return inside_entry(outer, shape, index);
	case EXPECT_SPEC:
		return inside_spec(outer, shape, index);
	case EXPECT_CLAUSE:
		if (!shape->is_list && index < 2)
			return of_kind(outer, index == 0 ? EXPECT_CLAUSE_VALUE : EXPECT_SET, false,
				       outer->option);
		return anything;
	default:
		return anything;
	}
}
