/* options.h - the command line of a server image. */
#ifndef RT_APP_OPTIONS_H
#define RT_APP_OPTIONS_H

#include "core/log.h"
#include "rt/gen.h"

enum rt_app_mode {
	RT_APP_RUN,
	RT_APP_CHECK,    /* start-up checks only */
	RT_APP_MANIFEST, /* print what was compiled in */
	RT_APP_VERSION,
	RT_APP_HELP,
	RT_APP_CTL,   /* talk to a running server */
	RT_APP_USAGE, /* the command line is wrong: error says why */
};

struct rt_app_options {
	enum rt_app_mode mode;
	const char *data;        /* directory */
	const char *secrets;     /* file, or NULL: beside the binary */
	unsigned shards;         /* 0: as many as there are processors */
	enum rt_log_level level; /* of the image unless given */
	bool json;
	char **words; /* CTL: command and arguments, in argv */
	int nwords;
	char error[160];
};

/** Strings point into argv; argv is reordered. */
void rt_app_options_parse(struct rt_app_options *o, const struct rt_gen *gen, int argc,
			  char **argv);

/** What --help prints. */
extern const char rt_app_help[];

#endif
