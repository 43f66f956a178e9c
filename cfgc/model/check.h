/* check.h - what may be wrong with a whole configuration although each part is well-formed. Private
 * to cfgc/model.
 *
 * Each check is one function in the list of check.c. It reports, and changes nothing.
 */
#ifndef CFGC_MODEL_CHECK_H
#define CFGC_MODEL_CHECK_H

#include "model/lower.h"

struct check {
	struct arena *a;
	struct diags *dl;
	const struct model *m;
	struct bind *b; /* for trap_report() */
};

/* check_access.c: names */
void check_undefined_sets(const struct check *c);
void check_undefined_rules(const struct check *c);
void check_unused(const struct check *c);
/* check_reach.c: clauses */
void check_unreachable_clauses(const struct check *c);
/* check_rules.c: rules as a whole */
/** The clause of a global rule that decides about everybody before MongooseIM 3.2.0 tries those of
 * a host, or NULL: a trailing {allow, all} moves behind them. */
const struct clause *rule_catch_all(const struct rule_def *def);
void check_unreachable_host_rules(const struct check *c);
void check_rules_for_no_host(const struct check *c);
void check_global_shapers(const struct check *c);
/* check_traps.c */
void check_traps(const struct check *c);
/* check_routes.c */
void check_routes(const struct check *c);
/* check_listen.c */
void check_same_ports(const struct check *c);
void check_listener_tls(const struct check *c);
void check_certificate_use(const struct check *c);
void check_any_listener(const struct check *c);
/* check_login.c */
void check_listener_logins(const struct check *c);
/* check_needs.c */
void check_needs(const struct check *c);
/* check_security.c */
void check_open_listeners(const struct check *c);
void check_registration(const struct check *c);
void check_clear_s2s(const struct check *c);
void check_proxy(const struct check *c);
/* check_secrets.c */
void check_secrets(const struct check *c);
/* check_hosts.c */
void check_logins(const struct check *c);
void check_subdomains(const struct check *c);
void check_domain_certs(const struct check *c);
void check_watchers(const struct check *c);
void check_passwords(const struct check *c);

#endif
