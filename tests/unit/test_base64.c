/* test_base64.c - base64 is canonical or refused. */
#include <check.h>
#include <stdlib.h>

#include "stream/base64.h"

/* RFC 4648, 10, and data that needs every part of the alphabet. */
static const struct {
	const char *data, *text;
} pairs[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
	{"\xfb\xff\xbf", "+/+/"},
};

START_TEST(test_base64_goes_both_ways)
{
	char text[32];
	unsigned char data[32];
	size_t n = strlen(pairs[_i].data);

	ck_assert_uint_eq(rt_base64_encode(text, pairs[_i].data, n), RT_BASE64_LEN(n));
	ck_assert_int_eq(memcmp(text, pairs[_i].text, RT_BASE64_LEN(n)), 0);
	ck_assert_int_eq(rt_base64_decode(data, rt_str_of(pairs[_i].text)), (ptrdiff_t)n);
	ck_assert_int_eq(memcmp(data, pairs[_i].data, n), 0);
}
END_TEST

static const char *const refused[] = {
	"Z",     "Zg",      "Zg=",      "Z===",         "====", "=",    "Zm9v=", "Zm9v\n",
	" Zm9v", "Zm 9v",   "Zm9vYg",   "Zm9vYg==Zm9v", "Zm=v", "Zh==", "Zm9=",  "Zm9vYh==",
	"-_-_",  "Zm9\x80", "Zm9vY===", "Zg==\n\n\n\n",
};

START_TEST(test_base64_refuses_what_is_not_canonical)
{
	unsigned char data[64];

	ck_assert_msg(rt_base64_decode(data, rt_str_of(refused[_i])) == RT_E_INVALID, "'%s'",
		      refused[_i]);
}
END_TEST

START_TEST(test_base64_decodes_in_place)
{
	char text[] = "Zm9vYmFy";

	ck_assert_int_eq(rt_base64_decode((unsigned char *)text, rt_str_of("Zm9vYmFy")), 6);
	ck_assert_int_eq(rt_base64_decode((unsigned char *)text, (struct rt_str){"Zm9v", 4}), 3);
	strcpy(text, "Zm9vYmE=");
	ck_assert_int_eq(rt_base64_decode((unsigned char *)text, (struct rt_str){text, 8}), 5);
	ck_assert_int_eq(memcmp(text, "fooba", 5), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base64");
	TCase *tc = tcase_create("base64");
	SRunner *r;
	int failed;

	tcase_add_loop_test(tc, test_base64_goes_both_ways, 0, sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(tc, test_base64_refuses_what_is_not_canonical, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tc, test_base64_decodes_in_place);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
