/* fuzz_stream.c - whatever clients and components send, in whatever pieces, while the store fails
 * and connections end: the server stays up, says nothing but well-formed XML, keeps a stranger
 * small, and has forgotten everybody once all have gone. peers.h says what the bytes mean.
 */
#include "peers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play(data, size);
	return 0;
}
