/* test_sasl.c - SASL exchanges from the first message to the verdict, against GNU SASL's client and
 * against nonsense. */
#include <check.h>
#include <gsasl.h>
#include <stdlib.h>

#include "rt/gen.h"
#include "stream/base64.h"
#include "stream/password.h"
#include "stream/sasl.h"

#define ITERATIONS 5u
#define BINDING    "bytes of the TLS exporter"
#define ALL        ((1u << RT_NMECHS) - 1u)
#define NO_PLUS                                                                                    \
	((1u << RT_MECH_SCRAM_SHA_256) | (1u << RT_MECH_SCRAM_SHA_1) | (1u << RT_MECH_PLAIN))
#define DATA(literal) ((struct rt_str){(literal), sizeof(literal) - 1})

static struct rt_sasl x;
static struct rt_buf out;
static struct rt_credentials alice;
static const char *binding; /* what this connection has as tls-exporter */

static void set_up(void)
{
	memset(&x, 0, sizeof(x));
	memset(&out, 0, sizeof(out));
	x.host = RT_STR("localhost");
	x.iterations = ITERATIONS;
	binding = BINDING;
	ck_assert_int_eq(rt_password_derive(RT_STR("secret"), ITERATIONS, &alice), RT_OK);
}

static void tear_down(void)
{
	rt_sasl_fini(&x);
	rt_buf_fini(&out);
}

/* Plays store, worker and connection until the peer or the verdict is due. There are two accounts,
 * with one password. */
static enum rt_sasl_step settle(enum rt_sasl_step step)
{
	for (;;) {
		if (step == RT_SASL_LOOKUP) {
			bool exists = rt_str_is(x.node, "alice") ||
				      rt_str_is(x.node, "\xc5\xbc\xc3\xb3\xc5\x82w");

			if (rt_str_is(x.scram.binding_name, "tls-exporter") && binding != NULL) {
				x.scram.binding_len = (uint8_t)strlen(binding);
				memcpy(x.scram.binding, binding, x.scram.binding_len);
			}
			step = rt_sasl_found(&x, exists ? RT_OK : RT_E_NOTFOUND,
					     exists ? &alice : NULL, &out);
		} else if (step == RT_SASL_CHECK) {
			step = rt_sasl_checked(&x, RT_OK,
					       rt_password_matches(x.password, &x.credentials));
		} else {
			return step;
		}
	}
}

static enum rt_sasl_step start(enum rt_sasl_mechanism m, uint32_t offer, struct rt_str data)
{
	return settle(rt_sasl_start(&x, m, offer, data, &out));
}

static void expect_failure(enum rt_sasl_step step, enum rt_sasl_failure why)
{
	ck_assert_int_eq(step, RT_SASL_FAILED);
	ck_assert_str_eq(rt_sasl_failure_name((enum rt_sasl_failure)x.failure),
			 rt_sasl_failure_name(why));
}

/* ---- the offer ---- */

START_TEST(test_sasl_offers_what_is_configured_strongest_first)
{
	ck_assert_uint_eq(rt_sasl_offer(RT_SASL_PLAIN | RT_SASL_SCRAM, true), ALL);
	ck_assert_uint_eq(rt_sasl_offer(RT_SASL_PLAIN | RT_SASL_SCRAM, false), NO_PLUS);
	ck_assert_uint_eq(rt_sasl_offer(RT_SASL_PLAIN, true), 1u << RT_MECH_PLAIN);
	ck_assert_uint_eq(rt_sasl_offer(0, true), 0);
	ck_assert_str_eq(rt_sasl_mechanism_name((enum rt_sasl_mechanism)0), "SCRAM-SHA-256-PLUS");
	ck_assert_str_eq(rt_sasl_mechanism_name(RT_NMECHS - 1), "PLAIN");
}
END_TEST

START_TEST(test_sasl_finds_offered_mechanisms_only)
{
	ck_assert_int_eq(rt_sasl_mechanism_find(ALL, RT_STR("SCRAM-SHA-1")), RT_MECH_SCRAM_SHA_1);
	ck_assert_int_eq(rt_sasl_mechanism_find(NO_PLUS, RT_STR("SCRAM-SHA-1-PLUS")), -1);
	ck_assert_int_eq(rt_sasl_mechanism_find(ALL, RT_STR("plain")), -1);
	ck_assert_int_eq(rt_sasl_mechanism_find(ALL, RT_STR("PLAINX")), -1);
	ck_assert_int_eq(rt_sasl_mechanism_find(ALL, RT_STR("")), -1);
	ck_assert_int_eq(rt_sasl_mechanism_find(ALL, (struct rt_str){NULL, 0}), -1);
}
END_TEST

/* ---- PLAIN ---- */

#define OK (-1)
static const struct {
	struct rt_str data;
	int failure; /* enum rt_sasl_failure, or OK */
} plains[] = {
	{DATA("\0alice\0secret"), OK},
	{DATA("\0ALICE\0secret"), OK},
	{DATA("\0alice@localhost\0secret"), OK},
	{DATA("\0alice@LOCALHOST\0secret"), OK},
	{DATA("alice@localhost\0alice\0secret"), OK},
	{DATA("Alice@LocalHost\0alice\0secret"), OK},
	{DATA("\0\xc5\xbb\xc3\xb3\xc5\x82w\0secret"), OK},
	{DATA("\0alice\0wrong"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0alice\0secret "), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0nobody\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0alice@other.example\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0alice@\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0@localhost\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0a@b@c\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0alice@localhost@localhost\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0al ice\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0\xff\xfe\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0\0secret"), RT_SASL_NOT_AUTHORIZED},
	{DATA("\0alice\0"), RT_SASL_NOT_AUTHORIZED},
	{DATA("bob@localhost\0alice\0secret"), RT_SASL_INVALID_AUTHZID},
	{DATA("alice\0alice\0secret"), RT_SASL_INVALID_AUTHZID},
	{DATA("localhost\0alice\0secret"), RT_SASL_INVALID_AUTHZID},
	{DATA("alice@localhost/r\0alice\0secret"), RT_SASL_INVALID_AUTHZID},
	{DATA("@@\0alice\0secret"), RT_SASL_INVALID_AUTHZID},
	{DATA(""), RT_SASL_MALFORMED_REQUEST},
	{DATA("alice secret"), RT_SASL_MALFORMED_REQUEST},
	{DATA("alice\0secret"), RT_SASL_MALFORMED_REQUEST},
	{DATA("\0alice\0secret\0more"), RT_SASL_MALFORMED_REQUEST},
	{DATA("\0"), RT_SASL_MALFORMED_REQUEST},
	{DATA("\0\0\0"), RT_SASL_MALFORMED_REQUEST},
};

START_TEST(test_sasl_plain)
{
	enum rt_sasl_step step = start(RT_MECH_PLAIN, ALL, plains[_i].data);

	if (plains[_i].failure == OK)
		ck_assert_int_eq(step, RT_SASL_SUCCESS);
	else
		expect_failure(step, (enum rt_sasl_failure)plains[_i].failure);
	ck_assert_ptr_null(x.password.p);
	ck_assert_uint_eq(rt_buf_len(&out), 0);
}
END_TEST

START_TEST(test_sasl_asks_for_an_initial_response_that_was_not_sent)
{
	ck_assert_int_eq(start(RT_MECH_PLAIN, ALL, (struct rt_str){NULL, 0}), RT_SASL_CHALLENGE);
	ck_assert_uint_eq(rt_buf_len(&out), 0);
	ck_assert_int_eq(settle(rt_sasl_respond(&x, DATA("\0alice\0secret"), &out)),
			 RT_SASL_SUCCESS);
	ck_assert(rt_str_is(x.node, "alice"));
}
END_TEST

START_TEST(test_sasl_tells_when_it_cannot_know)
{
	ck_assert_int_eq(rt_sasl_start(&x, RT_MECH_PLAIN, ALL, DATA("\0alice\0secret"), &out),
			 RT_SASL_LOOKUP);
	expect_failure(rt_sasl_found(&x, RT_E_FULL, NULL, &out), RT_SASL_TEMPORARY_AUTH_FAILURE);
	rt_sasl_fini(&x);
	set_up();
	ck_assert_int_eq(rt_sasl_start(&x, RT_MECH_PLAIN, ALL, DATA("\0alice\0secret"), &out),
			 RT_SASL_LOOKUP);
	ck_assert_int_eq(rt_sasl_found(&x, RT_OK, &alice, &out), RT_SASL_CHECK);
	expect_failure(rt_sasl_checked(&x, RT_E_LIMIT, false), RT_SASL_TEMPORARY_AUTH_FAILURE);
}
END_TEST

START_TEST(test_sasl_work_is_the_same_for_accounts_that_do_not_exist)
{
	ck_assert_int_eq(rt_sasl_start(&x, RT_MECH_PLAIN, ALL, DATA("\0nobody\0secret"), &out),
			 RT_SASL_LOOKUP);
	ck_assert_int_eq(rt_sasl_found(&x, RT_E_NOTFOUND, NULL, &out), RT_SASL_CHECK);
	ck_assert_uint_eq(x.credentials.sha256.iterations, ITERATIONS);
	/* Whatever the worker finds. */
	expect_failure(rt_sasl_checked(&x, RT_OK, true), RT_SASL_NOT_AUTHORIZED);
}
END_TEST

/* ---- SCRAM with GNU SASL as the client ---- */

static struct {
	const char *user, *authzid, *password, *exporter;
} client;

static int answer(Gsasl *ctx, Gsasl_session *session, Gsasl_property p)
{
	const char *text = NULL;

	(void)ctx;
	switch (p) {
	case GSASL_AUTHID:
		text = client.user;
		break;
	case GSASL_AUTHZID:
		text = client.authzid;
		break;
	case GSASL_PASSWORD:
		text = client.password;
		break;
	case GSASL_CB_TLS_EXPORTER:
		text = client.exporter;
		break;
	default:
		break;
	}
	if (text == NULL)
		return GSASL_NO_CALLBACK;
	return gsasl_property_set(session, p, text);
}

/* @return the server's last step; *client_ok whether the client was content with it */
static enum rt_sasl_step converse(const char *mechanism, uint32_t offer, bool *client_ok)
{
	Gsasl *ctx;
	Gsasl_session *session;
	char *text = NULL;
	size_t n;
	int rc;
	enum rt_sasl_step step;
	int m = rt_sasl_mechanism_find(offer, rt_str_of(mechanism));

	ck_assert_int_ge(m, 0);
	ck_assert_int_eq(gsasl_init(&ctx), GSASL_OK);
	gsasl_callback_set(ctx, answer);
	ck_assert_int_eq(gsasl_client_start(ctx, mechanism, &session), GSASL_OK);
	rc = gsasl_step(session, "", 0, &text, &n);
	ck_assert_msg(rc == GSASL_OK || rc == GSASL_NEEDS_MORE, "%s", gsasl_strerror(rc));
	step = start((enum rt_sasl_mechanism)m, offer, (struct rt_str){text, (uint32_t)n});
	while (step == RT_SASL_CHALLENGE) {
		gsasl_free(text);
		text = NULL;
		rc = gsasl_step(session, out.data + out.start, rt_buf_len(&out), &text, &n);
		if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
			break;
		rt_buf_consume(&out, rt_buf_len(&out), true);
		step = settle(rt_sasl_respond(&x, (struct rt_str){text, (uint32_t)n}, &out));
	}
	gsasl_free(text);
	if (step == RT_SASL_SUCCESS && rt_buf_len(&out) != 0) {
		rc = gsasl_step(session, out.data + out.start, rt_buf_len(&out), &text, &n);
		gsasl_free(text);
	}
	*client_ok = rc == GSASL_OK;
	gsasl_finish(session);
	gsasl_done(ctx);
	return step;
}

static const char *const mechanisms[] = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256",
					 "SCRAM-SHA-1", "PLAIN"};

static char *binding64(const char *data)
{
	static char text[256];

	text[rt_base64_encode(text, data, strlen(data))] = '\0';
	return text;
}

static bool is_plus(const char *mechanism)
{
	return strstr(mechanism, "-PLUS") != NULL;
}

static void be_client(const char *mechanism, const char *user, const char *password)
{
	client.user = user;
	client.password = password;
	client.authzid = NULL;
	client.exporter = is_plus(mechanism) ? binding64(BINDING) : NULL;
}

START_TEST(test_sasl_agrees_with_another_implementation)
{
	bool content;

	be_client(mechanisms[_i], "alice", "secret");
	ck_assert_int_eq(converse(mechanisms[_i], ALL, &content), RT_SASL_SUCCESS);
	ck_assert(content);
	ck_assert(rt_str_is(x.node, "alice"));
}
END_TEST

START_TEST(test_sasl_agrees_about_non_ascii)
{
	bool content;

	ck_assert_int_eq(
		rt_password_derive(RT_STR("za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 \xe2\x85\xa8"),
				   ITERATIONS, &alice),
		RT_OK);
	be_client(mechanisms[_i], "\xc5\xbc\xc3\xb3\xc5\x82w",
		  "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 \xe2\x85\xa8");
	ck_assert_int_eq(converse(mechanisms[_i], ALL, &content), RT_SASL_SUCCESS);
	ck_assert(content);
	ck_assert(rt_str_is(x.node, "\xc5\xbc\xc3\xb3\xc5\x82w"));
}
END_TEST

START_TEST(test_sasl_refuses_wrong_passwords_and_unknown_users)
{
	static const char *const users[] = {"alice", "nobody"};
	bool content;

	for (size_t i = 0; i < 2; i++) {
		be_client(mechanisms[_i], users[i], i == 0 ? "wrong" : "secret");
		expect_failure(converse(mechanisms[_i], ALL, &content), RT_SASL_NOT_AUTHORIZED);
		tear_down();
		set_up();
	}
}
END_TEST

START_TEST(test_sasl_authzid_is_the_own_account_or_nothing)
{
	bool content;

	be_client(mechanisms[_i], "alice", "secret");
	client.authzid = "alice@localhost";
	ck_assert_int_eq(converse(mechanisms[_i], ALL, &content), RT_SASL_SUCCESS);
	tear_down();
	set_up();
	client.authzid = "bob@localhost";
	expect_failure(converse(mechanisms[_i], ALL, &content), RT_SASL_INVALID_AUTHZID);
}
END_TEST

START_TEST(test_sasl_plus_needs_the_same_connection)
{
	bool content;

	be_client("SCRAM-SHA-256-PLUS", "alice", "secret");
	binding = "bytes of another connection";
	expect_failure(converse("SCRAM-SHA-256-PLUS", ALL, &content), RT_SASL_NOT_AUTHORIZED);
	tear_down();
	set_up();
	binding = NULL; /* a type of binding that this connection does not have */
	expect_failure(converse("SCRAM-SHA-256-PLUS", ALL, &content), RT_SASL_NOT_AUTHORIZED);
}
END_TEST

START_TEST(test_sasl_y_flag_is_a_downgrade_only_when_plus_was_offered)
{
	expect_failure(start(RT_MECH_SCRAM_SHA_256, ALL, DATA("y,,n=alice,r=abc")),
		       RT_SASL_NOT_AUTHORIZED);
	tear_down();
	set_up();
	ck_assert_int_eq(start(RT_MECH_SCRAM_SHA_256, NO_PLUS, DATA("y,,n=alice,r=abc")),
			 RT_SASL_CHALLENGE);
}
END_TEST

START_TEST(test_sasl_challenge_of_an_unknown_user_looks_real_and_stays)
{
	char first[256];
	size_t n;

	ck_assert_int_eq(start(RT_MECH_SCRAM_SHA_1, ALL, DATA("n,,n=nobody,r=abc")),
			 RT_SASL_CHALLENGE);
	n = rt_buf_len(&out);
	memcpy(first, out.data + out.start, n);
	tear_down();
	set_up();
	ck_assert_int_eq(start(RT_MECH_SCRAM_SHA_1, ALL, DATA("n,,n=nobody,r=abc")),
			 RT_SASL_CHALLENGE);
	ck_assert_uint_eq(rt_buf_len(&out), n);
	/* r=abc and 24 characters that are new each time, then the salt that is not. */
	ck_assert_int_eq(memcmp(first, out.data + out.start, 5), 0);
	ck_assert_int_ne(memcmp(first + 5, out.data + out.start + 5, 24), 0);
	ck_assert_int_eq(memcmp(first + 29, out.data + out.start + 29, n - 29), 0);
}
END_TEST

START_TEST(test_sasl_second_exchange_starts_afresh)
{
	bool content;

	ck_assert_int_eq(start(RT_MECH_SCRAM_SHA_1, ALL, DATA("n,,n=nobody,r=abc")),
			 RT_SASL_CHALLENGE);
	tear_down();
	set_up();
	be_client("PLAIN", "alice", "secret");
	ck_assert_int_eq(converse("PLAIN", ALL, &content), RT_SASL_SUCCESS);
	ck_assert(rt_str_is(x.node, "alice"));
}
END_TEST

START_TEST(test_sasl_leaves_nothing_behind)
{
	static const struct rt_sasl zero;

	start(RT_MECH_SCRAM_SHA_1, ALL, DATA("n,,n=alice,r=abc"));
	rt_sasl_fini(&x);
	ck_assert_int_eq(memcmp(&x, &zero, sizeof(x)), 0);
}
END_TEST

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))

int main(void)
{
	Suite *s = suite_create("sasl");
	TCase *tc = tcase_create("sasl");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_sasl_offers_what_is_configured_strongest_first);
	tcase_add_test(tc, test_sasl_finds_offered_mechanisms_only);
	tcase_add_loop_test(tc, test_sasl_plain, 0, N(plains));
	tcase_add_test(tc, test_sasl_asks_for_an_initial_response_that_was_not_sent);
	tcase_add_test(tc, test_sasl_tells_when_it_cannot_know);
	tcase_add_test(tc, test_sasl_work_is_the_same_for_accounts_that_do_not_exist);
	tcase_add_loop_test(tc, test_sasl_agrees_with_another_implementation, 0, N(mechanisms));
	tcase_add_loop_test(tc, test_sasl_agrees_about_non_ascii, 0, N(mechanisms));
	tcase_add_loop_test(tc, test_sasl_refuses_wrong_passwords_and_unknown_users, 0,
			    N(mechanisms));
	tcase_add_loop_test(tc, test_sasl_authzid_is_the_own_account_or_nothing, 0, N(mechanisms));
	tcase_add_test(tc, test_sasl_plus_needs_the_same_connection);
	tcase_add_test(tc, test_sasl_y_flag_is_a_downgrade_only_when_plus_was_offered);
	tcase_add_test(tc, test_sasl_challenge_of_an_unknown_user_looks_real_and_stays);
	tcase_add_test(tc, test_sasl_second_exchange_starts_afresh);
	tcase_add_test(tc, test_sasl_leaves_nothing_behind);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
