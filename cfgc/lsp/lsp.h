/* lsp.h - cfgc lsp: the language server, which an editor talks to over standard input and output.
 */
#ifndef CFGC_LSP_LSP_H
#define CFGC_LSP_LSP_H

struct options;

/**
 * Serve one client until it says `exit` or closes the stream.
 *
 * @param o  what a check would be given: target, compat, vars files, levels, limits.
 * @return CFGC_OK after an orderly shutdown, otherwise CFGC_ERRORS.
 * Source: Language Server Protocol 3.17.
 */
int lsp_run(const struct options *o);

#endif
