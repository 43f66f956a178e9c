/* test_scram.c - the server's side of SCRAM: vectors of the RFCs, channel binding, everything a
 * client can get wrong. */
#include <check.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "stream/base64.h"
#include "stream/scram.h"

static struct rt_scram x;
static struct rt_buf out;

static void set_up(void)
{
	memset(&x, 0, sizeof(x));
	memset(&out, 0, sizeof(out));
}

static void tear_down(void)
{
	rt_scram_fini(&x);
	rt_buf_fini(&out);
}

/* What registration stores, made here a second time, from the definitions of RFC 5802, 3. */
static struct rt_scram_keys keys_with_salt(const char *password, const unsigned char *salt,
					   int nsalt, unsigned iterations, bool sha256)
{
	const EVP_MD *md = sha256 ? EVP_sha256() : EVP_sha1();
	int len = sha256 ? 32 : 20;
	unsigned char salted[32], client[32];
	struct rt_scram_keys k = {.iterations = iterations};

	PKCS5_PBKDF2_HMAC(password, -1, salt, nsalt, (int)iterations, md, len, salted);
	HMAC(md, salted, len, (const unsigned char *)"Client Key", 10, client, NULL);
	EVP_Digest(client, (size_t)len, k.stored_key, NULL, md, NULL);
	HMAC(md, salted, len, (const unsigned char *)"Server Key", 10, k.server_key, NULL);
	return k;
}

static struct rt_scram_keys keys_of(const char *password, const char *salt64, unsigned iterations,
				    bool sha256)
{
	unsigned char salt[18];
	struct rt_scram_keys k;

	ck_assert_int_eq(rt_base64_decode(salt, rt_str_of(salt64)), RT_SCRAM_SALT);
	k = keys_with_salt(password, salt, RT_SCRAM_SALT, iterations, sha256);
	memcpy(k.salt, salt, RT_SCRAM_SALT);
	return k;
}

static void expect_out(const char *text)
{
	ck_assert_msg(rt_buf_len(&out) == strlen(text) &&
			      memcmp(out.data + out.start, text, strlen(text)) == 0,
		      "got '%.*s'", (int)rt_buf_len(&out), out.data + out.start);
	rt_buf_consume(&out, rt_buf_len(&out), false);
}

/* The client's side of the proof. */
static void prove(char *final, const char *without, const char *password, bool sha256)
{
	const EVP_MD *md = sha256 ? EVP_sha256() : EVP_sha1();
	int len = sha256 ? 32 : 20;
	unsigned char salted[32], client[32], stored[32], signature[32];
	char message[4096], proof[64];
	int n = snprintf(message, sizeof(message), "%.*s,%s", (int)(x.said.end - x.bare),
			 x.said.data + x.bare, without);

	PKCS5_PBKDF2_HMAC(password, -1, x.keys.salt, RT_SCRAM_SALT, (int)x.keys.iterations, md, len,
			  salted);
	HMAC(md, salted, len, (const unsigned char *)"Client Key", 10, client, NULL);
	EVP_Digest(client, (size_t)len, stored, NULL, md, NULL);
	HMAC(md, stored, len, (const unsigned char *)message, (size_t)n, signature, NULL);
	for (int i = 0; i < len; i++)
		client[i] ^= signature[i];
	rt_base64_encode(proof, client, (size_t)len);
	sprintf(final, "%s,p=%.*s", without, (int)RT_BASE64_LEN(len), proof);
}

START_TEST(test_scram_sha256_matches_rfc7677)
{
	struct rt_scram_keys k = keys_of("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096, true);

	x.sha256 = true;
	ck_assert_int_eq(rt_scram_client_first(&x, RT_STR("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")),
			 RT_OK);
	ck_assert(rt_str_is(x.authcid, "user"));
	ck_assert_int_eq(
		rt_scram_server_first(&x, &k, RT_STR("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"), &out),
		RT_OK);
	expect_out("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		   "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
	ck_assert_int_eq(
		rt_scram_client_final(
			&x,
			RT_STR("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
			       "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
			&out),
		RT_OK);
	expect_out("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}
END_TEST

/* The salt of this one has 12 bytes, ours have 16: the server's message is put in by hand. */
START_TEST(test_scram_sha1_matches_rfc5802)
{
	static const char server_first[] =
		",r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
	unsigned char salt[12];

	ck_assert_int_eq(rt_scram_client_first(&x, RT_STR("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")),
			 RT_OK);
	x.nonce = x.said.end + 3;
	x.nonce_len = 24 + 18;
	rt_buf_adds(&x.said, RT_STR(server_first));
	ck_assert_int_eq(rt_base64_decode(salt, RT_STR("QSXCR+Q6sek8bf92")), 12);
	x.keys = keys_with_salt("pencil", salt, sizeof(salt), 4096, false);
	ck_assert_int_eq(
		rt_scram_client_final(&x,
				      RT_STR("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
					     "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="),
				      &out),
		RT_OK);
	expect_out("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}
END_TEST

static const struct {
	const char *message;
	bool plus, plus_offered;
	int err;
	const char *authcid, *authzid;
} firsts[] = {
	{"n,,n=alice,r=abc", false, false, RT_OK, "alice", ""},
	{"n,,n=alice,r=abc,x=more", false, false, RT_OK, "alice", ""},
	{"n,,n=a=2Cb=3Dc,r=abc", false, false, RT_OK, "a,b=c", ""},
	{"n,a=al=2Cice@x,n=alice,r=abc", false, false, RT_OK, "alice", "al,ice@x"},
	{"n,,n=\xc5\xbc\xc3\xb3\xc5\x82w,r=abc", false, false, RT_OK, "\xc5\xbc\xc3\xb3\xc5\x82w",
	 ""},
	{"y,,n=alice,r=abc", false, false, RT_OK, "alice", ""},
	{"y,,n=alice,r=abc", false, true, RT_E_DENIED, NULL, NULL}, /* RFC 5802, 6: a downgrade */
	{"p=tls-unique,,n=alice,r=abc", true, true, RT_OK, "alice", ""},
	{"p=tls-unique,,n=alice,r=abc", false, true, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice,r=abc", true, true, RT_E_PROTO, NULL, NULL},
	{"y,,n=alice,r=abc", true, true, RT_E_PROTO, NULL, NULL},
	{"p=,,n=alice,r=abc", true, true, RT_E_PROTO, NULL, NULL},
	{"", false, false, RT_E_PROTO, NULL, NULL},
	{"n", false, false, RT_E_PROTO, NULL, NULL},
	{"n,", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,", false, false, RT_E_PROTO, NULL, NULL},
	{"x,,n=alice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,b=alice,n=alice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,a=,n=alice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"garbage", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice,r=", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice,r=a b", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice,r=a\xc3\xa4", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,r=abc,n=alice", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,m=ext,n=alice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice,r=abc,m=ext", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=alice,r=abc,", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=al=ice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=al=2,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=al=,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=al=4Dice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
	{"n,,n=al=3Cice,r=abc", false, false, RT_E_PROTO, NULL, NULL},
};

START_TEST(test_scram_first_message)
{
	x.plus = firsts[_i].plus;
	x.plus_offered = firsts[_i].plus_offered;
	ck_assert_msg(rt_scram_client_first(&x, rt_str_of(firsts[_i].message)) == firsts[_i].err,
		      "'%s'", firsts[_i].message);
	if (firsts[_i].err != RT_OK)
		return;
	ck_assert(rt_str_eq(x.authcid, rt_str_of(firsts[_i].authcid)));
	ck_assert(rt_str_eq(x.authzid, rt_str_of(firsts[_i].authzid)));
}
END_TEST

START_TEST(test_scram_first_message_is_bounded_and_has_no_nul)
{
	static const char nul[] = "n,,n=al\0ice,r=abc";
	char message[RT_SCRAM_NONCE_MAX + 64];
	int n = sprintf(message, "n,,n=alice,r=%0*d", (int)RT_SCRAM_NONCE_MAX, 7);

	ck_assert_int_eq(rt_scram_client_first(&x, (struct rt_str){message, (uint32_t)n}), RT_OK);
	tear_down();
	set_up();
	n = sprintf(message, "n,,n=alice,r=%0*d", (int)RT_SCRAM_NONCE_MAX + 1, 7);
	ck_assert_int_eq(rt_scram_client_first(&x, (struct rt_str){message, (uint32_t)n}),
			 RT_E_PROTO);
	tear_down();
	set_up();
	ck_assert_int_eq(rt_scram_client_first(&x, (struct rt_str){nul, sizeof(nul) - 1}),
			 RT_E_PROTO);
}
END_TEST

/* Extensions are ignored, but kept: the proof covers them. */
START_TEST(test_scram_first_message_of_any_length_is_little_memory)
{
	static char message[RT_SCRAM_FIRST_MAX + 2];
	int n = sprintf(message, "n,,n=alice,r=abc,x=%0*d", (int)RT_SCRAM_FIRST_MAX - 19, 7);

	ck_assert_int_eq(n, RT_SCRAM_FIRST_MAX);
	ck_assert_int_eq(rt_scram_client_first(&x, (struct rt_str){message, (uint32_t)n}), RT_OK);
	tear_down();
	set_up();
	message[n++] = 'x';
	ck_assert_int_eq(rt_scram_client_first(&x, (struct rt_str){message, (uint32_t)n}),
			 RT_E_PROTO);
}
END_TEST

static const char some_salt[] = "W22ZaJ0SNY7soEsUEjb6gQ==";

static void begin(const char *first, bool sha256)
{
	struct rt_scram_keys k = keys_of("secret", some_salt, 10, sha256);

	x.sha256 = sha256;
	ck_assert_int_eq(rt_scram_client_first(&x, rt_str_of(first)), RT_OK);
	ck_assert_int_eq(rt_scram_server_first(&x, &k, RT_STR("SERVER"), &out), RT_OK);
	rt_buf_consume(&out, rt_buf_len(&out), false);
}

/* The proof is right for every message here; what is refused is refused for its content. */
static const struct {
	const char *without, *password;
	int err;
} finals[] = {
	{"c=biws,r=abcSERVER", "secret", RT_OK},
	{"c=biws,r=abcSERVER,x=ext", "secret", RT_OK},
	{"c=biws,r=abcSERVER", "wrong", RT_E_DENIED},
	{"c=biws,r=abcSERVERx", "secret", RT_E_DENIED},
	{"c=biws,r=SERVER", "secret", RT_E_DENIED},
	{"c=biws,r=", "secret", RT_E_DENIED},
	{"c=eSws,r=abcSERVER", "secret", RT_E_DENIED}, /* y,, although it began with n,, */
	{"c=,r=abcSERVER", "secret", RT_E_DENIED},
	{"c=biws=,r=abcSERVER", "secret", RT_E_DENIED},
	{"c=biws,r=abcSERVER,m=ext", "secret", RT_E_PROTO},
	{"c=biws", "secret", RT_E_PROTO},
	{"r=abcSERVER,c=biws", "secret", RT_E_PROTO},
	{"r=abcSERVER", "secret", RT_E_PROTO},
};

START_TEST(test_scram_final_message)
{
	char final[512];

	begin("n,,n=alice,r=abc", true);
	prove(final, finals[_i].without, finals[_i].password, true);
	ck_assert_msg(rt_scram_client_final(&x, rt_str_of(final), &out) == finals[_i].err, "'%s'",
		      final);
	ck_assert_int_eq(rt_buf_len(&out) != 0, finals[_i].err == RT_OK);
}
END_TEST

static const char *const broken_finals[] = {
	"",
	"garbage",
	"c=biws,r=abcSERVER",
	"c=biws,r=abcSERVER,p=",
	"c=biws,r=abcSERVER,p=AAAA",
	"c=biws,r=abcSERVER,p=****************************************AAA=",
	"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	"c=biws,r=abcSERVER,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,x=after",
	"c=biws,r=abcSERVER,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", /* a proof of the other hash */
};

START_TEST(test_scram_broken_final_message)
{
	begin("n,,n=alice,r=abc", true);
	ck_assert_msg(rt_scram_client_final(&x, rt_str_of(broken_finals[_i]), &out) == RT_E_PROTO,
		      "'%s'", broken_finals[_i]);
}
END_TEST

static void final_with_binding(char *final, const char *header, const char *data)
{
	char plain[256], without[512];
	int n = sprintf(plain, "%s%s", header, data);

	strcpy(without, "c=");
	without[2 + rt_base64_encode(without + 2, plain, (size_t)n)] = '\0';
	strcat(without, ",r=abcSERVER");
	prove(final, without, "secret", x.sha256);
}

START_TEST(test_scram_binding_data_must_be_the_same)
{
	static const struct {
		const char *header, *data;
		int err;
	} cases[] = {
		{"p=tls-exporter,,", "0123456789", RT_OK},
		{"p=tls-exporter,,", "012345678X", RT_E_DENIED},
		{"p=tls-exporter,,", "", RT_E_DENIED},
		{"p=tls-exporter,,", "01234567890", RT_E_DENIED},
		{"p=tls-unique,,", "0123456789", RT_E_DENIED},
		{"n,,", "", RT_E_DENIED},
	};
	char final[1024];

	x.plus = x.plus_offered = true;
	memcpy(x.binding, "0123456789", 10);
	x.binding_len = 10;
	begin("p=tls-exporter,,n=alice,r=abc", _i % 2 == 0);
	final_with_binding(final, cases[_i].header, cases[_i].data);
	ck_assert_int_eq(rt_scram_client_final(&x, rt_str_of(final), &out), cases[_i].err);
}
END_TEST

START_TEST(test_scram_authzid_is_part_of_the_binding)
{
	char final[1024];

	begin("n,a=alice@x,n=alice,r=abc", false);
	final_with_binding(final, "n,a=alice@x,", "");
	ck_assert_int_eq(rt_scram_client_final(&x, rt_str_of(final), &out), RT_OK);
	tear_down();
	set_up();
	begin("n,a=alice@x,n=alice,r=abc", false);
	final_with_binding(final, "n,,", "");
	ck_assert_int_eq(rt_scram_client_final(&x, rt_str_of(final), &out), RT_E_DENIED);
}
END_TEST

START_TEST(test_scram_wipes_its_keys)
{
	static const struct rt_scram zero;

	begin("n,,n=alice,r=abc", true);
	rt_scram_fini(&x);
	ck_assert_int_eq(memcmp(&x, &zero, sizeof(x)), 0);
}
END_TEST

#define N(a) (sizeof(a) / sizeof((a)[0]))

int main(void)
{
	Suite *s = suite_create("scram");
	TCase *tc = tcase_create("scram");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_scram_sha1_matches_rfc5802);
	tcase_add_test(tc, test_scram_sha256_matches_rfc7677);
	tcase_add_loop_test(tc, test_scram_first_message, 0, N(firsts));
	tcase_add_test(tc, test_scram_first_message_is_bounded_and_has_no_nul);
	tcase_add_test(tc, test_scram_first_message_of_any_length_is_little_memory);
	tcase_add_loop_test(tc, test_scram_final_message, 0, N(finals));
	tcase_add_loop_test(tc, test_scram_broken_final_message, 0, N(broken_finals));
	tcase_add_loop_test(tc, test_scram_binding_data_must_be_the_same, 0, 6);
	tcase_add_test(tc, test_scram_authzid_is_part_of_the_binding);
	tcase_add_test(tc, test_scram_wipes_its_keys);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
