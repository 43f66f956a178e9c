/* base64.c - strict base64: what two implementations could read differently is refused. */
#include "stream/base64.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

size_t rt_base64_encode(char *out, const void *data, size_t n)
{
	const unsigned char *in = data;
	char *o = out;

	for (; n >= 3; n -= 3, in += 3) {
		*o++ = alphabet[in[0] >> 2];
		*o++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		*o++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
		*o++ = alphabet[in[2] & 63];
	}
	if (n != 0) {
		*o++ = alphabet[in[0] >> 2];
		*o++ = alphabet[(in[0] & 3) << 4 | (n == 2 ? in[1] >> 4 : 0)];
		*o++ = n == 2 ? alphabet[(in[1] & 15) << 2] : '=';
		*o++ = '=';
	}
	return (size_t)(o - out);
}

ptrdiff_t rt_base64_decode(unsigned char *out, struct rt_str text)
{
	unsigned char *o = out;

	if (text.n % 4 != 0)
		return RT_E_INVALID;
	for (uint32_t i = 0; i < text.n; i += 4) {
		const char *p = text.p + i;
		bool last = i + 4 == text.n;
		int pad = last && p[3] == '=' ? (p[2] == '=' ? 2 : 1) : 0;
		int a = value_of(p[0]), b = value_of(p[1]);
		int c = pad == 2 ? 0 : value_of(p[2]), d = pad != 0 ? 0 : value_of(p[3]);

		if (a < 0 || b < 0 || c < 0 || d < 0)
			return RT_E_INVALID;
		if ((pad == 2 && (b & 15) != 0) || (pad == 1 && (c & 3) != 0))
			return RT_E_INVALID;
		*o++ = (unsigned char)(a << 2 | b >> 4);
		if (pad < 2)
			*o++ = (unsigned char)((b & 15) << 4 | c >> 2);
		if (pad < 1)
			*o++ = (unsigned char)((c & 3) << 6 | d);
	}
	return o - out;
}
