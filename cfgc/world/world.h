/* world.h - what a configuration says about the machine it is for: files, certificates, and what
 * the TLS library makes of cipher strings.
 *
 *   struct bind (paths) + struct model  --world_check()-->  diagnostics
 *
 * Everything is judged as of bind->now. The TLS library is the one that cfgc is linked with, as it
 * is without a file of settings: the same input gives the same answers on every machine.
 */
#ifndef CFGC_WORLD_WORLD_H
#define CFGC_WORLD_WORLD_H

#include <stdbool.h>

struct bind;
struct diags;
struct model;
struct strbuf;

struct world_settings {
	const char *root; /* --root: the folder that paths are looked up below; NULL: none */
	bool skip_files;  /* --no-files: cipher strings only */
};

/** Report what is wrong with files that options name, and with the TLS of each listener. */
void world_check(struct bind *b, const struct model *m, const struct world_settings *settings);

/** Note in dl->skipped which findings world_check() cannot have with these settings; NULL: it is
 * not called at all. */
void world_skip(struct diags *dl, const struct world_settings *settings);

/** Append the protocol versions and the cipher suites that are left to each listener that has TLS.
 * Reports nothing. */
void world_print_suites(struct strbuf *out, struct bind *b, const struct model *m,
			const struct world_settings *settings);

#endif
