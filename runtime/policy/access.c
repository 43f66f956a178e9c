/* access.c - the slow halves of generated access rules: long user lists and regular expressions
 * (rt/vpi.h). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/base.h"
#include "core/log.h"
#include "rt/vpi.h"

/* How much work one match may be: no sane pattern comes near it over the 1023 bytes of a JID part,
 * and the worst one is over within milliseconds. */
#define MATCH_LIMIT 100000u
#define DEPTH_LIMIT 1000u
#define HEAP_KIB    512u

/* Order of the table: node, then domain with "any domain" (NULL) first. */
static int compare_part(const char *a, size_t len, const char *b)
{
	size_t blen = strlen(b);
	int order = memcmp(a, b, len < blen ? len : blen);

	if (order != 0)
		return order;
	return len < blen ? -1 : len > blen;
}

bool rt_acl_has_user(const struct rt_access_ctx *who, const struct rt_acl_user *sorted, size_t n)
{
	size_t low = 0, high = n, middle;

	/* The first entry of this node. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_part(who->node, who->node_len, sorted[middle].node) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n && compare_part(who->node, who->node_len, sorted[low].node) == 0; low++) {
		if (sorted[low].domain == NULL) {
			if (rt_server_is_valid(who))
				return true;
		} else if (compare_part(who->domain, who->domain_len, sorted[low].domain) == 0) {
			return true;
		}
	}
	return false;
}

struct rt_regexp {
	pcre2_code *code;
	pcre2_match_context *limits;
	char pattern[]; /* NUL-terminated, for the log */
};

struct rt_regexp *rt_regexp_new(const char *pattern, char *error, size_t size)
{
	size_t len = strlen(pattern), at = 0;
	struct rt_regexp *r = calloc(1, sizeof(*r) + len + 1);
	PCRE2_UCHAR text[128];
	int code = 0;

	if (r != NULL) {
		memcpy(r->pattern, pattern, len + 1);
		r->code = pcre2_compile((PCRE2_SPTR)pattern, len, 0, &code, &at, NULL);
		r->limits = pcre2_match_context_create(NULL);
	}
	if (r == NULL || r->limits == NULL) {
		snprintf(error, size, "out of memory");
		rt_regexp_free(r);
		return NULL;
	}
	if (r->code == NULL) {
		pcre2_get_error_message(code, text, sizeof(text));
		snprintf(error, size, "regular expression \"%s\": %s at byte %zu", pattern,
			 (const char *)text, at);
		rt_regexp_free(r);
		return NULL;
	}
	pcre2_set_match_limit(r->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(r->limits, HEAP_KIB);
	return r;
}

void rt_regexp_free(struct rt_regexp *r)
{
	if (r == NULL)
		return;
	pcre2_code_free(r->code);
	pcre2_match_context_free(r->limits);
	free(r);
}

bool rt_regexp_matches(const struct rt_regexp *r, const char *subject, size_t len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int n;

	if (data == NULL)
		return false;
	n = pcre2_match(r->code, (PCRE2_SPTR)(subject != NULL ? subject : ""), len, 0, 0, data,
			r->limits);
	pcre2_match_data_free(data);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH)
		RT_LOG(WARN, NULL, "access", "regexp-limit", KV_Z("pattern", r->pattern),
		       KV_INT("code", n));
	return n >= 0;
}
