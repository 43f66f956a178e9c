/* fuzz_sasl.c - whatever a client says in a SASL exchange, it gets in only with the password.
 *
 * The first byte chooses the mechanism, the second what else there is; the rest are messages,
 * separated by 0xff.
 */
#include <stdint.h>
#include <stdlib.h>

#include "rt/gen.h"
#include "stream/base64.h"
#include "stream/password.h"
#include "stream/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KNOWN = 1, CAN_BIND = 2, NO_INITIAL = 4, ITERATIONS = 2 };

static struct rt_credentials alice;

static void settle(struct rt_sasl *x, enum rt_sasl_step *step, uint8_t how, struct rt_buf *out)
{
	for (;;) {
		if (*step == RT_SASL_LOOKUP) {
			bool found = (how & KNOWN) != 0 && rt_str_is(x->node, "alice");

			RT_ASSERT(x->node.n != 0 && x->node.n < 1024);
			if (x->scram.flag == RT_SCRAM_BINDING && (how & CAN_BIND) != 0) {
				memset(x->scram.binding, 'b', 32);
				x->scram.binding_len = 32;
			}
			*step = rt_sasl_found(x, found ? RT_OK : RT_E_NOTFOUND,
					      found ? &alice : NULL, out);
		} else if (*step == RT_SASL_CHECK) {
			*step = rt_sasl_checked(x, RT_OK,
						rt_password_matches(x->password, &x->credentials));
		} else {
			return;
		}
	}
}

static struct rt_str next_message(const uint8_t **data, size_t *size)
{
	const uint8_t *end = memchr(*data, 0xff, *size);
	struct rt_str message = {(const char *)*data,
				 (uint32_t)(end == NULL ? *size : (size_t)(end - *data))};

	*data += message.n + (end != NULL);
	*size -= message.n + (end != NULL);
	return message;
}

/* Decoding and encoding again gives the same text, or the text is refused. */
static void check_base64(struct rt_str text)
{
	unsigned char *bytes = malloc((size_t)text.n + 1);
	char *again = malloc(RT_BASE64_LEN((size_t)text.n) + 1);
	ptrdiff_t n = rt_base64_decode(bytes, text);

	if (n >= 0)
		RT_ASSERT(rt_base64_encode(again, bytes, (size_t)n) == text.n &&
			  (text.n == 0 || memcmp(again, text.p, text.n) == 0));
	free(bytes);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_sasl x = {.host = RT_STR("localhost"), .iterations = ITERATIONS};
	const struct rt_str nothing = {NULL, 0};
	struct rt_buf out = {0};
	enum rt_sasl_step step;
	uint8_t mechanism, how;

	if (alice.sha1.iterations == 0)
		RT_ASSERT(rt_password_derive(RT_STR("s"), ITERATIONS, &alice) == RT_OK);
	if (size < 2)
		return 0;
	mechanism = data[0] % RT_NMECHS;
	how = data[1];
	data += 2;
	size -= 2;
	check_base64((struct rt_str){(const char *)data, (uint32_t)size});

	step = rt_sasl_start(&x, (enum rt_sasl_mechanism)mechanism,
			     rt_sasl_offer(RT_SASL_PLAIN | RT_SASL_SCRAM, (how & CAN_BIND) != 0),
			     (how & NO_INITIAL) != 0 ? nothing : next_message(&data, &size), &out);
	settle(&x, &step, how, &out);
	while (step == RT_SASL_CHALLENGE && size != 0) {
		rt_buf_consume(&out, rt_buf_len(&out), true);
		step = rt_sasl_respond(&x, next_message(&data, &size), &out);
		settle(&x, &step, how, &out);
	}
	/* The nonce cannot be guessed, so SCRAM never ends well here; PLAIN only for the one
	 * account. */
	if (step == RT_SASL_SUCCESS)
		RT_ASSERT(mechanism == RT_MECH_PLAIN && (how & KNOWN) != 0 &&
			  rt_str_is(x.node, "alice"));
	rt_sasl_fini(&x);
	rt_buf_fini(&out);
	return 0;
}
