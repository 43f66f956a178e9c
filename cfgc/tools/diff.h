/* diff.h - what changes when one configuration takes the place of another: compared by what they
 * mean, not by how they are written.
 *
 *   struct model x 2 ──diff_models()──▶ struct diff (a list of changes) ──diff_print_*()──▶ text
 *
 * Defaults that are written out, other spellings, other names of rules, sets and shapers, another
 * order of terms and other files make no change.
 */
#ifndef CFGC_TOOLS_DIFF_H
#define CFGC_TOOLS_DIFF_H

#include "model/model.h"

struct strbuf;

/* The order of the parts in every output. */
enum diff_part {
	DIFF_HOSTS,
	DIFF_LISTENERS,
	DIFF_LOGIN,
	DIFF_MODULES,
	DIFF_ACCESS, /* who is let in, how fast, how much: by the clauses of rules */
	DIFF_SERVER, /* settings of the server or of hosts */
	DIFF_NPARTS
};

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };

/* Whether somebody may do more, or less, than before. */
enum diff_effect { DIFF_NEUTRAL, DIFF_OPENS, DIFF_CLOSES };

struct diff_side {
	struct str text; /* n == 0: there is none on this side */
	struct span at;  /* into the sources of this side's model */
};

struct host_group;

struct diff_change {
	enum diff_part part;
	enum diff_kind kind;
	enum diff_effect effect;
	struct str subject;             /* "ejabberd_c2s 0.0.0.0:5222" */
	struct str what;                /* "max_stanza_size"; n == 0: the subject as a whole */
	const struct host_group *group; /* the hosts that it is about; NULL: not about hosts */
	struct str hosts;               /* these in words: "example.org", "all hosts" */
	struct str who;                 /* DIFF_ACCESS: a user about whom the answer changes */
	struct diff_side before, after;
	struct str why; /* in words, where before and after do not say it */
};

struct diff {
	struct arena *arena;
	const struct model *old, *new;
	VEC(struct diff_change) list; /* by part and subject */
	size_t nopens, ncloses;
};

/* One configuration. */
struct diff_input {
	const struct model *model;
	const struct forms *forms; /* that it was built from */
};

/**
 * Compare two models that were built without errors.
 *
 * What the target of the models leaves out is not compared. Both were built for the same target.
 */
void diff_models(struct arena *a, const struct diff_input *old, const struct diff_input *new,
		 struct diff *out);

/** For people; colour: ANSI. */
void diff_print_text(struct strbuf *out, const struct diff *d, bool colour);
/** For comments on merge requests. */
void diff_print_markdown(struct strbuf *out, const struct diff *d);
/** {"changes": [...], "opens": N, ...}, one change per line. */
void diff_print_json(struct strbuf *out, const struct diff *d);

#endif
