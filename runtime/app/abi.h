/* abi.h - whether an image was compiled for this very runtime. */
#ifndef RT_APP_ABI_H
#define RT_APP_ABI_H

#include "core/base.h"
#include "rt/gen.h"

/**
 * The third gate: headers and archive agree by name (the linker saw to that), here by minor version
 * and by sizes, which differ when the image was compiled with other flags or another header.
 *
 * @return RT_OK, or RT_E_INVALID with a sentence in error.
 */
int rt_abi_check(const struct rt_gen *gen, char *error, size_t size) RT_MUST_USE;

#endif
