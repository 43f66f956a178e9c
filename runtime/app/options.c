/* options.c - argv to struct rt_app_options. */
#include "app/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SHARDS_MAX 256

const char rt_app_help[] =
	"usage: xmppd [OPTIONS]\n"
	"       xmppd ctl [--data DIR] COMMAND [ARGUMENT...]      (xmppd ctl help lists the "
	"commands)\n"
	"\n"
	"  --data DIR         where accounts and messages are kept; created when missing (./data)\n"
	"  --shards N         threads that serve connections (one per processor)\n"
	"  --log logfmt|json  form of the log on standard error (logfmt)\n"
	"  --log-level L      none, critical, error, warning, info, debug, or 0 to 5 (as "
	"configured)\n"
	"  --secrets FILE     passwords of the configuration, mode 0600 (<this binary>.secrets)\n"
	"  --check            check secrets and certificates, do not start\n"
	"  --manifest         print what was compiled in, as JSON\n"
	"  --version          print versions\n"
	"  --help             print this\n"
	"\n"
	"SIGTERM stops the server after telling everybody, SIGHUP reloads certificates.\n"
	"Exit status: 0 stopped or done, 1 the start failed, 2 wrong usage, 3 no server to talk "
	"to.\n";

enum {
	OPT_DATA = 256,
	OPT_SHARDS,
	OPT_LOG,
	OPT_LEVEL,
	OPT_SECRETS,
	OPT_CHECK,
	OPT_MANIFEST,
	OPT_VERSION,
	OPT_HELP
};

static const struct option options[] = {
	{"data", required_argument, NULL, OPT_DATA},
	{"shards", required_argument, NULL, OPT_SHARDS},
	{"log", required_argument, NULL, OPT_LOG},
	{"log-level", required_argument, NULL, OPT_LEVEL},
	{"secrets", required_argument, NULL, OPT_SECRETS},
	{"check", no_argument, NULL, OPT_CHECK},
	{"manifest", no_argument, NULL, OPT_MANIFEST},
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static bool parse_number(const char *text, long min, long max, long *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && *out >= min && *out <= max;
}

static bool parse_level(const char *text, enum rt_log_level *out)
{
	static const char *const names[] = {"none",    "critical", "error",
					    "warning", "info",     "debug"};
	long n;
	size_t i;

	for (i = 0; i < RT_ARRAY_LEN(names); i++)
		if (strcmp(text, names[i]) == 0)
			break;
	n = (long)i;
	if (i == RT_ARRAY_LEN(names) && !parse_number(text, 0, 5, &n))
		return false;
	*out = (enum rt_log_level)n;
	return true;
}

__attribute__((format(printf, 2, 3))) static void refuse(struct rt_app_options *o,
							 const char *format, ...)
{
	va_list args;

	o->mode = RT_APP_USAGE;
	va_start(args, format);
	vsnprintf(o->error, sizeof(o->error), format, args);
	va_end(args);
}

/* One option that takes a value. */
static void take_value(struct rt_app_options *o, int opt, const char *value)
{
	long n;

	switch (opt) {
	case OPT_DATA:
		o->data = value;
		if (*value == '\0')
			refuse(o, "--data needs a directory");
		break;
	case OPT_SECRETS:
		o->secrets = value;
		break;
	case OPT_SHARDS:
		if (parse_number(value, 1, SHARDS_MAX, &n))
			o->shards = (unsigned)n;
		else
			refuse(o, "--shards takes a number from 1 to %d, not \"%.40s\"", SHARDS_MAX,
			       value);
		break;
	case OPT_LOG:
		o->json = strcmp(value, "json") == 0;
		if (!o->json && strcmp(value, "logfmt") != 0)
			refuse(o, "--log takes logfmt or json, not \"%.40s\"", value);
		break;
	default:
		if (!parse_level(value, &o->level))
			refuse(o, "--log-level does not know \"%.40s\"", value);
		break;
	}
}

static void take_option(struct rt_app_options *o, int opt, char **argv)
{
	switch (opt) {
	case OPT_CHECK:
		o->mode = RT_APP_CHECK;
		break;
	case OPT_MANIFEST:
		o->mode = RT_APP_MANIFEST;
		break;
	case OPT_VERSION:
		o->mode = RT_APP_VERSION;
		break;
	case OPT_HELP:
		o->mode = RT_APP_HELP;
		break;
	case ':':
		refuse(o, "%.60s needs a value", argv[optind - 1]);
		break;
	case '?':
		refuse(o, "unknown option %.60s", argv[optind - 1]);
		break;
	default:
		take_value(o, opt, optarg);
		break;
	}
}

void rt_app_options_parse(struct rt_app_options *o, const struct rt_gen *gen, int argc, char **argv)
{
	bool is_ctl = argc > 1 && strcmp(argv[1], "ctl") == 0;
	int opt;

	*o = (struct rt_app_options){
		.mode = RT_APP_RUN, .data = "./data", .level = (enum rt_log_level)gen->loglevel};
	if (is_ctl) {
		o->mode = RT_APP_CTL;
		argc--;
		argv++;
	}
	optind = 0; /* glibc: start over, also in tests that parse more than once */
	opterr = 0;
	/* '+': what follows a ctl command is its own, also when it looks like an option. */
	while (o->mode != RT_APP_USAGE &&
	       (opt = getopt_long(argc, argv, "+:", options, NULL)) != -1)
		take_option(o, opt, argv);
	if (o->mode == RT_APP_USAGE)
		return;
	if (is_ctl && o->mode == RT_APP_CTL) {
		o->words = argv + optind;
		o->nwords = argc - optind;
		if (o->nwords == 0)
			refuse(o, "ctl needs a command; xmppd ctl help lists them");
	} else if (optind < argc) {
		refuse(o, "unexpected argument \"%.60s\"", argv[optind]);
	}
}
