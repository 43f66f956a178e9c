/* lower_auth.c - how the accounts of a host log in: auth_method, auth_opts, sasl_mechanisms. */
#include "model/lower.h"

/* RFC 5802 asks for 4096 at least. */
#define DEFAULT_SCRAM_ITERATIONS 4096

static bool has_method(const struct term *t, const char *name)
{
	for (uint32_t i = 0; t->kind == TERM_LIST && i < t->seq.n; i++)
		if (term_is_atom(t->seq.items[i], name))
			return true;
	return term_is_atom(t, name);
}

static uint32_t mechanisms_of(const struct value *v)
{
	uint32_t bits = 0;

	if (v == NULL)
		return SASL_PLAIN | SASL_SCRAM;
	if (has_method(v->term, "cyrsasl_plain"))
		bits |= SASL_PLAIN;
	if (has_method(v->term, "cyrsasl_scram"))
		bits |= SASL_SCRAM;
	return bits;
}

void lower_auth(struct lower *l, struct host *h)
{
	const struct value *method = setting_of(h, "auth_method");
	const struct value *opts = setting_of(h, "auth_opts");

	h->auth = (struct auth){.at = NO_SPAN, .scram_iterations = DEFAULT_SCRAM_ITERATIONS};
	h->auth.mechanisms = mechanisms_of(setting(l->m, "sasl_mechanisms"));
	if (setting(l->m, "sasl_mechanisms") == NULL && l->m->mechanisms_left_out.file != NO_FILE)
		h->auth.mechanisms = 0; /* none of those asked for, rather than others */
	if (method != NULL) {
		h->auth.at = method->at;
		h->auth.is_internal = has_method(method->term, "internal");
	}
	if (opts != NULL && opts->sub != NULL)
		h->auth.scram_iterations = (uint32_t)bound_int(opts->sub, "scram_iterations",
							       DEFAULT_SCRAM_ITERATIONS);
}
