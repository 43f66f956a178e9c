/* json.h - JSON that came in, read with Jansson into the arena of its message.
 *
 * Outgoing JSON is written directly into a strbuf. Private to cfgc/lsp, which is the only part of
 * cfgc that reads JSON of others.
 */
#ifndef CFGC_LSP_JSON_H
#define CFGC_LSP_JSON_H

#include <jansson.h>

#include "support/strbuf.h"

/**
 * Parse one document. All of its memory, also that of values made from it later, lies in the arena:
 * nothing of it is ever released one by one.
 *
 * @return NULL when it is no JSON.
 */
const json_t *json_parse(struct arena *a, struct str text);

/** A member of an object; NULL when there is none, or `object` is none. */
const json_t *json_member(const json_t *object, const char *name);
/** The same through several objects: "capabilities.general.positionEncodings". */
const json_t *json_path(const json_t *object, const char *path);
/** Number of elements; 0 for what is no array. */
size_t json_count(const json_t *array);
const json_t *json_at(const json_t *array, size_t i);
/** A string; p is NULL for what is none. Borrowed from the arena of the message. */
struct str json_text(const json_t *value);
/** @return false for what is no integer of that range. */
bool json_u32(const json_t *value, uint32_t *out);
/** Whether it is `true`. */
bool json_flag(const json_t *value);

/** Append a value as it came: the id of a request. */
void json_add(struct strbuf *out, const json_t *value);

#endif
