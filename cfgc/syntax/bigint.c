/* bigint.c - schoolbook arithmetic on numbers of base 10^9, least significant limb first. */
#include "syntax/bigint.h"

#include <stdio.h>

#include "support/assert.h"

#define LIMB        1000000000u
#define LIMB_DIGITS 9

struct bigint {
	uint32_t *limbs;
	size_t n; /* the highest limb is not zero; zero has none */
};

static unsigned value_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (unsigned)((c | 0x20) - 'a') + 10u;
}

/* b = b * factor + plus; the caller has room for one limb more. */
static void multiply_add(struct bigint *b, uint32_t factor, uint32_t plus)
{
	uint64_t carry = plus;

	for (size_t i = 0; i < b->n; i++) {
		carry += (uint64_t)b->limbs[i] * factor;
		b->limbs[i] = (uint32_t)(carry % LIMB);
		carry /= LIMB;
	}
	if (carry != 0)
		b->limbs[b->n++] = (uint32_t)carry;
}

/* b = b / divisor; returns the rest. */
static uint32_t divide(struct bigint *b, uint32_t divisor)
{
	uint64_t rest = 0;

	for (size_t i = b->n; i-- > 0;) {
		rest = rest * LIMB + b->limbs[i];
		b->limbs[i] = (uint32_t)(rest / divisor);
		rest %= divisor;
	}
	while (b->n > 0 && b->limbs[b->n - 1] == 0)
		b->n--;
	return (uint32_t)rest;
}

static struct bigint read_number(struct arena *a, struct str digits, unsigned base)
{
	struct bigint b = {.limbs = arena_array_of(a, uint32_t, digits.n / 5 + 2)};
	uint32_t factor = 1, chunk = 0;

	/* A limb has room for 5 digits of base 36, the worst case; digits are taken in chunks that
	 * fit. */
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] == '_')
			continue;
		factor *= base;
		chunk = chunk * base + value_of(digits.p[i]);
		if (factor > LIMB / 36) {
			multiply_add(&b, factor, chunk);
			factor = 1;
			chunk = 0;
		}
	}
	if (factor != 1)
		multiply_add(&b, factor, chunk);
	return b;
}

static struct str print_number(struct arena *a, const struct bigint *b)
{
	char *text = arena_alloc(a, b->n * LIMB_DIGITS + 2);
	size_t n;

	if (b->n == 0)
		return STR("0");
	n = (size_t)sprintf(text, "%u", b->limbs[b->n - 1]);
	for (size_t i = b->n - 1; i-- > 0;)
		n += (size_t)sprintf(text + n, "%09u", b->limbs[i]);
	return (struct str){text, n};
}

static struct str without_separators(struct arena *a, struct str digits)
{
	char *copy;
	size_t n = 0;

	while (digits.n > 1 && (digits.p[0] == '0' || digits.p[0] == '_')) {
		digits.p++;
		digits.n--;
	}
	if (memchr(digits.p, '_', digits.n) == NULL)
		return digits;
	copy = arena_alloc(a, digits.n);
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] != '_')
			copy[n++] = digits.p[i];
	return (struct str){copy, n};
}

struct str bigint_to_decimal(struct arena *a, struct str digits, unsigned base)
{
	struct bigint b;

	CFGC_ASSERT(base >= 2 && base <= 36 && digits.n <= BIGINT_MAX_DIGITS);
	if (base == 10)
		return without_separators(a, digits);
	b = read_number(a, digits, base);
	return print_number(a, &b);
}

void bigint_low_bytes(struct arena *a, struct str decimal, unsigned char *out, size_t n)
{
	bool negative = decimal.n > 0 && decimal.p[0] == '-';
	unsigned carry = 1;
	struct bigint b;

	if (negative)
		decimal = (struct str){decimal.p + 1, decimal.n - 1};
	b = read_number(a, decimal, 10);
	for (size_t i = 0; i < n; i++)
		out[i] = b.n != 0 ? (unsigned char)divide(&b, 256) : 0;
	if (!negative)
		return;
	for (size_t i = 0; i < n; i++) { /* two's complement: invert and add one */
		carry += (unsigned char)~out[i];
		out[i] = (unsigned char)carry;
		carry >>= 8;
	}
}
