/* check.c - the list of checks. */
#include "model/check.h"
#include "support/array.h"

typedef void check_fn(const struct check *c);

static check_fn *const checks[] = {
	check_undefined_sets,
	check_undefined_rules,
	check_unused,
	check_unreachable_clauses,
	check_unreachable_host_rules,
	check_rules_for_no_host,
	check_global_shapers,
	check_routes,
	check_traps,
	check_same_ports,
	check_listener_tls,
	check_certificate_use,
	check_any_listener,
	check_logins,
	check_listener_logins,
	check_subdomains,
	check_domain_certs,
	check_watchers,
	check_passwords,
	check_needs,
	check_open_listeners,
	check_registration,
	check_clear_s2s,
	check_proxy,
	check_secrets,
};

void check_model(struct bind *b, const struct model *m)
{
	struct check c = {.a = b->arena, .dl = b->diags, .m = m, .b = b};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		checks[i](&c);
}
