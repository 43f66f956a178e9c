/* check_strength.c - keys that are short and signatures that can be forged. */
#include "world/tour.h"

static bool is_weak_key(EVP_PKEY *key, int *least)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
	case EVP_PKEY_DSA:
		*least = 2048;
		break;
	case EVP_PKEY_EC:
		*least = 224;
		break;
	default:
		return false;
	}
	return EVP_PKEY_get_bits(key) < *least;
}

static void check_one(const struct tour *t, const struct named_file *f, size_t n)
{
	X509 *x = certificate_of(f, n);
	EVP_PKEY *key = X509_get0_pubkey(x);
	int digest = NID_undef, least = 0;

	if (key != NULL && is_weak_key(key, &least)) {
		report_at(t, W0432, f->term, "the key of %.*s in '%.*s' has %d bits",
			  STR_ARG(whose_certificate(t->a, n)), STR_ARG(f->path),
			  EVP_PKEY_get_bits(key));
		diag_note(t->dl, "less than %d bits of %s count as breakable", least,
			  EVP_PKEY_get0_type_name(key));
		return; /* to be replaced in any case */
	}
	/* Nobody checks what a root says about itself. */
	if (is_issuer(x, x) || X509_get_signature_info(x, &digest, NULL, NULL, NULL) != 1)
		return;
	if (digest == NID_md5 || digest == NID_sha1 || digest == NID_md5_sha1) {
		report_at(t, W0433, f->term, "%.*s in '%.*s' is signed with %s",
			  STR_ARG(whose_certificate(t->a, n)), STR_ARG(f->path),
			  OBJ_nid2sn(digest));
		diag_note(t->dl, "such signatures have been forged; most clients refuse them");
	}
}

void check_strength(const struct tour *t, const struct named_file *f)
{
	for (size_t i = f->is_refused ? 1 : 0; i < f->nchain; i++)
		check_one(t, f, i);
}
