/* abi.c - the symbol that generated output of this major version refers to (rt/gen.h), and the
 * check at start. */
#include "app/abi.h"

#include <stdio.h>

const char rt_gen_abi_1 = RT_GEN_ABI_MAJOR;

int rt_abi_check(const struct rt_gen *gen, char *error, size_t size)
{
	const struct {
		const char *name;
		size_t image, runtime;
	} sizes[] = {
		{"rt_gen", gen->gen_size, sizeof(struct rt_gen)},
		{"rt_listener_spec", gen->listener_size, sizeof(struct rt_listener_spec)},
		{"rt_host_spec", gen->host_size, sizeof(struct rt_host_spec)},
	};
	size_t i;

	if (gen->abi_major != RT_GEN_ABI_MAJOR || gen->abi_minor > RT_GEN_ABI_MINOR) {
		snprintf(error, size,
			 "image is for runtime ABI %u.%u, this runtime has %d.%d; run cfgc again",
			 gen->abi_major, gen->abi_minor, RT_GEN_ABI_MAJOR, RT_GEN_ABI_MINOR);
		return RT_E_INVALID;
	}
	for (i = 0; i < RT_ARRAY_LEN(sizes); i++) {
		if (sizes[i].image == sizes[i].runtime)
			continue;
		snprintf(error, size,
			 "struct %s has %zu bytes in the image and %zu in the runtime: compiled "
			 "with other flags or "
			 "headers; run cfgc again",
			 sizes[i].name, sizes[i].image, sizes[i].runtime);
		return RT_E_INVALID;
	}
	return RT_OK;
}
