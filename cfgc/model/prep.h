/* prep.h - parts of JIDs in the form in which the server compares them (RFC 3920, appendix A and
 * B). */
#ifndef CFGC_MODEL_PREP_H
#define CFGC_MODEL_PREP_H

#include "support/arena.h"

enum prep_profile { PREP_NODE, PREP_DOMAIN, PREP_RESOURCE };

/** A part of a JID that is longer than this cannot exist. Bytes, after preparation. */
#define PREP_MAX_BYTES 1023

/**
 * Prepare a part of a JID: nodeprep, nameprep or resourceprep.
 *
 * @param in   UTF-8; anything else is refused.
 * @param out  in the arena; may be the input itself when nothing changes. Only on success.
 * @return NULL, or why it cannot be such a part: "it holds a space", "it is empty".
 * Source: RFC 3920, 3.2 to 3.4; RFC 3491; MongooseIM 3.2 prepares hosts with nodeprep.
 */
const char *prep(struct arena *a, enum prep_profile profile, struct str in, struct str *out);

#endif
