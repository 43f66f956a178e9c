/* words.h - parts of a configuration in words, as the comparison and the report show them. */
#ifndef CFGC_TOOLS_WORDS_H
#define CFGC_TOOLS_WORDS_H

#include "model/model.h"

struct strbuf;

/* How a listener uses TLS, the weakest first. */
enum words_tls { WORDS_NO_TLS, WORDS_TLS_OFFERED, WORDS_TLS_REQUIRED, WORDS_TLS_DIRECT };

enum words_tls words_tls_of(const struct model *m, const struct listener *l);
/** "no TLS", "STARTTLS offered", ... */
const char *words_tls(enum words_tls tls);
/** Whether a protocol_options list names an option ("no_tlsv1"); false for a listener without. */
bool words_has_protocol_option(const struct listener *l, const char *name);
/** The versions of TLS that a listener accepts ("TLS 1.2, TLS 1.3"); n == 0 without TLS, and where
 * protocol_options do not say. */
struct str words_tls_versions(struct arena *a, const struct model *m, const struct listener *l);

/** From where an address can be reached: "this machine only", "every IPv4 address". */
const char *words_reach(const struct address *address);

/** "ejabberd_c2s": what a listener is for. */
const char *words_purpose(const struct listener *l);

/** The value of a clause as those who consult the rule see it: "allowed", "1000 bytes/s". term is
 * what is written, for values that have no type. */
struct str words_value(struct arena *a, const struct rule_value *v, const struct term *term);
/** What holds for a user about whom no clause is. */
struct rule_value words_nothing(enum rule_type type);

/** "everybody whose name is 'x' and whose domain is served here". for_host: in a check for one host
 * rather than for none. */
void words_add_member(struct strbuf *out, const struct set_member *m, bool for_host);

/** "file.cfg:12:5"; n == 0 for NO_SPAN. */
struct str words_place(struct arena *a, const struct sources *ss, struct span at);

/** 65536 -> "64 KiB", 1000 -> "1000 bytes". */
struct str words_bytes(struct arena *a, int64_t n);

#endif
