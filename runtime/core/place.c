/* place.c - configuration places as text. */
#include "core/place.h"

#include <stdio.h>

struct rt_str rt_place(const struct rt_gen *gen, struct rt_at at, char *out)
{
	const char *file;
	size_t len;

	if (at.line == 0 || at.file >= gen->nfiles)
		return RT_STR("default");
	file = gen->files[at.file];
	len = strlen(file);
	if (len > RT_PLACE_MAX - 16)
		file += len - (RT_PLACE_MAX - 16);
	return (struct rt_str){out, (uint32_t)snprintf(out, RT_PLACE_MAX, "%s:%u", file, at.line)};
}
