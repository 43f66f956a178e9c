/* fuzz_pem.c - PEM files of any bytes: blocks come in the order of the file, and each is what its
 * kind says. */
#include <stdint.h>

#include "support/assert.h"
#include "world/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_block(const struct pem_block *block)
{
	CFGC_ASSERT((block->certificate != NULL) == (block->kind == PEM_CERTIFICATE));
	CFGC_ASSERT(block->key == NULL || block->kind == PEM_KEY || block->kind == PEM_DH);
	CFGC_ASSERT(block->key != NULL || block->is_encrypted || block->kind != PEM_KEY);
	CFGC_ASSERT(block->key != NULL || block->kind != PEM_DH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = arena_str(a, (const char *)data, size);
	size_t line = 0;
	struct pem pem;

	pem_parse(a, text, size % 2 == 0 ? "password" : NULL, &pem);
	for (size_t i = 0; i < pem.blocks.n; i++) {
		check_block(&pem.blocks.at[i]);
		CFGC_ASSERT(pem.blocks.at[i].line > line);
		line = pem.blocks.at[i].line;
	}
	CFGC_ASSERT((pem.problem.n == 0) == (pem.wrong_block.n == 0));
	pem_free(&pem);
	arena_free(&a);
	return 0;
}
