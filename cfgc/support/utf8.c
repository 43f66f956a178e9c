/* utf8.c - decode, encode and measure code points. */
#include "support/utf8.h"

#include "support/array.h"
#include "support/assert.h"

bool utf8_is_scalar(uint32_t cp)
{
	return cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

size_t utf8_decode(const char *p, size_t n, uint32_t *code_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *)p;
	uint32_t cp;
	size_t len;

	if (n == 0)
		return 0;
	if (u[0] < 0x80) {
		*code_point = u[0];
		return 1;
	}
	len = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
	if (u[0] < 0xC2 || u[0] > 0xF4 || n < len)
		return 0;
	cp = u[0] & (0x7Fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 0;
		cp = cp << 6 | (u[i] & 0x3Fu);
	}
	if (cp < least[len] || !utf8_is_scalar(cp))
		return 0;
	*code_point = cp;
	return len;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	CFGC_ASSERT(utf8_is_scalar(cp));
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

size_t utf8_check(struct str s)
{
	size_t at = 0;

	while (at < s.n) {
		uint32_t cp;
		size_t len = utf8_decode(s.p + at, s.n - at, &cp);

		if (len == 0)
			break;
		at += len;
	}
	return at;
}

size_t utf8_count(struct str s)
{
	size_t at = 0, count = 0;

	while (at < s.n) {
		uint32_t cp;
		size_t len = utf8_decode(s.p + at, s.n - at, &cp);

		at += len == 0 ? 1 : len;
		count++;
	}
	return count;
}

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

int utf8_width(uint32_t cp)
{
	/* The blocks that occur in practice; a terminal that differs only shifts a marker. */
	static const struct range none[] = {
		{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
		{0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
		{0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
	};
	static const struct range wide[] = {
		{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
		{0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
		{0xF900, 0xFAFF},   {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
		{0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
	};

	if (cp < 0x300)
		return 1;
	if (is_in(none, ARRAY_LEN(none), cp))
		return 0;
	return is_in(wide, ARRAY_LEN(wide), cp) ? 2 : 1;
}
