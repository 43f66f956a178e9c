/* abi.c - the symbol that generated output of this major version refers to (rt/gen.h). */
#include "rt/gen.h"

const char rt_gen_abi_1 = RT_GEN_ABI_MAJOR;
