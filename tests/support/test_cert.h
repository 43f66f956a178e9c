/* test_cert.h - certificates made on the spot for tests: self-signed, P-256, chain and key in one
 * PEM file. */
#ifndef TESTS_TEST_CERT_H
#define TESTS_TEST_CERT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { TEST_CERT = 1, TEST_KEY = 2 };

static inline X509 *test_cert_make(EVP_PKEY *key, const char *domain)
{
	X509 *x = X509_new();
	X509_NAME *name;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)domain, -1, -1,
				   0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	ck_assert(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* Writes what `parts` asks for to a new file; the path is the caller's to free. other_key: the key
 * is not the certificate's. */
static inline char *test_cert_file(const char *domain, int parts, int other_key)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *written = other_key ? EVP_EC_gen("P-256") : key;
	X509 *x = test_cert_make(key, domain);
	char *path = strdup("/tmp/test_cert_XXXXXX");
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	/* The key first: a server must not depend on the order. */
	if ((parts & TEST_KEY) != 0)
		ck_assert_int_eq(PEM_write_PrivateKey(f, written, NULL, NULL, 0, NULL, NULL), 1);
	if ((parts & TEST_CERT) != 0)
		ck_assert_int_eq(PEM_write_X509(f, x), 1);
	fclose(f);
	X509_free(x);
	if (other_key)
		EVP_PKEY_free(written);
	EVP_PKEY_free(key);
	return path;
}

static inline void test_cert_remove(char *path)
{
	unlink(path);
	free(path);
}

#endif
