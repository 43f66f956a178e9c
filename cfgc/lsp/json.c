/* json.c - Jansson over arenas, and the few ways in which the server looks at a value. */
#include "lsp/json.h"

#include "support/assert.h"

/* ---- memory ---- */

/* Jansson's allocator knows no context. The server has one thread and handles one message at a
 * time. */
static struct arena *memory;

static void *allocate(size_t size)
{
	CFGC_ASSERT(memory != NULL);
	return arena_alloc(memory, size);
}

static void release(void *p)
{
	(void)p; /* goes with its arena */
}

const json_t *json_parse(struct arena *a, struct str text)
{
	json_error_t error;

	memory = a;
	json_set_alloc_funcs(allocate, release);
	return json_loadb(text.p, text.n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
}

/* ---- values ---- */

const json_t *json_member(const json_t *object, const char *name)
{
	return object != NULL ? json_object_get(object, name) : NULL;
}

const json_t *json_path(const json_t *object, const char *path)
{
	char name[64];

	while (object != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		CFGC_ASSERT(n < sizeof(name));
		memcpy(name, path, n);
		name[n] = '\0';
		object = json_member(object, name);
		path += n + (path[n] == '.');
	}
	return object;
}

size_t json_count(const json_t *array)
{
	return array != NULL ? json_array_size(array) : 0;
}

const json_t *json_at(const json_t *array, size_t i)
{
	return array != NULL ? json_array_get(array, i) : NULL;
}

struct str json_text(const json_t *value)
{
	if (value == NULL || !json_is_string(value))
		return (struct str){NULL, 0};
	return (struct str){json_string_value(value), json_string_length(value)};
}

bool json_u32(const json_t *value, uint32_t *out)
{
	json_int_t n;

	if (value == NULL || !json_is_integer(value))
		return false;
	n = json_integer_value(value);
	if (n < 0 || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

bool json_flag(const json_t *value)
{
	return value != NULL && json_is_true(value);
}

void json_add(struct strbuf *out, const json_t *value)
{
	if (value != NULL && json_is_integer(value))
		strbuf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (value != NULL && json_is_string(value))
		strbuf_add_json(out, json_text(value));
	else
		strbuf_addz(out, "null");
}
