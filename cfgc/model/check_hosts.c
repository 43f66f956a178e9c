/* check_hosts.c - hosts nobody can log in to, domains that are taken twice, and secrets in the
 * file. */
#include "model/check.h"

#include "model/prep.h"
#include "support/strbuf.h"

/* ---- logins ---- */

static struct span mechanisms_at(const struct model *m)
{
	const struct value *v = setting(m, "sasl_mechanisms");

	return v != NULL ? v->at : m->mechanisms_left_out;
}

void check_logins(const struct check *c)
{
	for (size_t i = 0; i < c->m->hosts.n; i++) {
		const struct host *h = c->m->hosts.at[i];

		if (c->m->is_partial || diag_unit_is_wrong(c->dl))
			return;
		if (setting_of(h, "auth_method") == NULL) {
			diag_add(c->dl, W0528, h->at, "nobody can log in to host '%.*s'",
				 STR_ARG(h->name));
			diag_primary(c->dl, "no auth_method for it");
			diag_help(c->dl, "add {auth_method, internal}.");
		} else if (h->auth.is_internal && h->auth.mechanisms == 0 &&
			   c->m->target == TARGET_XMPPD) {
			diag_add(c->dl, E0403, mechanisms_at(c->m),
				 "none of these mechanisms works with auth_method internal");
			diag_help(c->dl, "add cyrsasl_scram");
			return;
		}
	}
}

/* ---- domains ---- */

struct str subdomain_of(struct arena *a, struct str pattern, struct str host)
{
	static const char mark[] = "@HOST@";
	struct strbuf out = {.arena = a};

	for (size_t i = 0; i < pattern.n;) {
		if (pattern.n - i >= sizeof(mark) - 1 &&
		    memcmp(pattern.p + i, mark, sizeof(mark) - 1) == 0) {
			strbuf_add(&out, host);
			i += sizeof(mark) - 1;
		} else {
			strbuf_addc(&out, pattern.p[i++]);
		}
	}
	return strbuf_str(&out);
}

/* Who serves a domain below a host. */
struct owner {
	struct span at;
	struct str what;
};

static void check_subdomain(const struct check *c, struct names_table *taken, const struct host *h,
			    const struct module *mod, const struct value *v)
{
	struct owner *own = arena_new_of(c->a, struct owner), *other;
	struct str domain;
	const char *why =
		prep(c->a, PREP_DOMAIN, subdomain_of(c->a, v->term->text, h->name), &domain);

	own->at = v->given ? v->term->at : mod->name_at;
	own->what = mod->name;
	if (why != NULL) {
		diag_add(c->dl, E0225, own->at, "'%.*s' is not the name of a domain: %s",
			 STR_ARG(v->term->text), why);
		return;
	}
	if (names_find(&c->m->host_names, domain) != NULL) {
		diag_add(c->dl, E0306, own->at, "'%.*s' of module '%.*s' is one of the hosts",
			 STR_ARG(domain), STR_ARG(mod->name));
		return;
	}
	other = names_find(taken, domain);
	if (other == NULL) {
		names_put(c->a, taken, domain, own);
		return;
	}
	diag_add(c->dl, E0306, own->at, "domain '%.*s' is taken twice", STR_ARG(domain));
	if (other->at.off != own->at.off || other->at.file != own->at.file)
		diag_label(c->dl, other->at, "by module '%.*s', too", STR_ARG(other->what));
	else
		diag_note(c->dl, "every host with module '%.*s' gets the same domain",
			  STR_ARG(mod->name));
	diag_help(c->dl, "@HOST@ stands for the name of the host: \"sub.@HOST@\"");
}

void check_subdomains(const struct check *c)
{
	struct names_table taken = {0};

	for (size_t i = 0; i < c->m->hosts.n; i++) {
		const struct host *h = c->m->hosts.at[i];

		for (size_t k = 0; k < h->modules.list.n; k++) {
			const struct module *mod = h->modules.list.at[k];
			const struct section *s = mod->options->section;

			for (size_t o = 0; o < s->noptions; o++)
				if (s->options[o].type != NULL &&
				    s->options[o].type->kind == TYPE_SUBDOMAIN &&
				    mod->options->values[o].term != NULL)
					check_subdomain(c, &taken, h, mod,
							&mod->options->values[o]);
		}
	}
}

void check_domain_certs(const struct check *c)
{
	for (size_t i = 0; i < c->m->domain_certs.n; i++) {
		const struct domain_cert *cert = c->m->domain_certs.at[i];

		if (names_find(&c->m->host_names, cert->domain) != NULL || c->m->hosts.n == 0)
			continue;
		diag_add(c->dl, W0529, cert->at,
			 "'%.*s' is none of the hosts, so this certificate is "
			 "never shown",
			 STR_ARG(cert->domain));
	}
}

/* ---- addresses ---- */

/* Why a text is no address: "node@domain/resource", of which the domain must be there. */
static const char *why_no_jid(struct arena *a, struct str text)
{
	const char *slash = text.n != 0 ? memchr(text.p, '/', text.n) : NULL, *at, *why = NULL;
	struct str bare = {text.p, slash != NULL ? (size_t)(slash - text.p) : text.n}, part, out;

	at = bare.n != 0 ? memchr(bare.p, '@', bare.n) : NULL;
	if (slash != NULL) {
		part = (struct str){slash + 1, text.n - bare.n - 1};
		why = prep(a, PREP_RESOURCE, part, &out);
	}
	if (why == NULL && at != NULL) {
		part = (struct str){bare.p, (size_t)(at - bare.p)};
		why = prep(a, PREP_NODE, part, &out);
		bare = (struct str){at + 1, bare.n - part.n - 1};
	}
	if (why == NULL && bare.n != 0 && memchr(bare.p, '@', bare.n) != NULL)
		why = "it holds two '@'";
	return why != NULL ? why : prep(a, PREP_DOMAIN, bare, &out);
}

void check_watchers(const struct check *c)
{
	for (size_t i = 0; i < c->m->modules.n; i++) {
		const struct module *mod = c->m->modules.at[i];
		const struct term *list;

		if (!str_eqz(mod->name, "mod_register"))
			continue;
		list = bound_value(mod->options, "registration_watchers")->term;
		for (uint32_t k = 0; list->kind == TERM_LIST && k < list->seq.n; k++) {
			const struct term *t = list->seq.items[k];
			const char *why = why_no_jid(c->a, t->text);

			if (why != NULL)
				diag_add(c->dl, E0227, t->at, "'%.*s' is not an address: %s",
					 STR_ARG(t->text), why);
		}
	}
}

/* ---- secrets ---- */

void check_passwords(const struct check *c)
{
	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];

		if (l->is_left_out || l->password == NULL || l->password->kind != SECRET_STORED)
			continue;
		diag_add(c->dl, W0502, l->password->at, "a password stands in the file");
		diag_primary(c->dl, "%zu bytes", l->password->text.n);
		diag_note(c->dl,
			  "it is not put into the binary: it goes to a file beside it that only "
			  "its owner can read");
		diag_help(c->dl,
			  "write {password, {file, \"PATH\"}} or {password, {env, \"NAME\"}}");
	}
}
