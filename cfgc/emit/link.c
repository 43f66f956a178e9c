/* link.c - runs the C compiler over server.c and the runtime's archive. */
#include "emit/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/array.h"
#include "support/file.h"
#include "support/strbuf.h"

extern char **environ;

#define MOST_LOG_LINES 20

/* Options of every image. Sections that nothing refers to go, constant tables with pointers become
 * read-only after relocation, and no path of this machine gets in. */
static const char *const fixed_flags[] = {
	"-std=c17",
	"-O2",
	"-g",
	"-fPIE",
	"-pie",
	"-ffunction-sections",
	"-fdata-sections",
	"-fstack-protector-strong",
	"-Wl,--gc-sections",
	"-Wl,-z,relro,-z,now",
	"-Wl,--build-id=sha1",
};

struct command {
	struct arena *arena;
	VEC(char *) argv;
};

static void add(struct command *c, struct str word)
{
	char *p = arena_alloc(c->arena, word.n + 1);

	memcpy(p, word.p, word.n);
	vec_push(c->arena, &c->argv, p);
}

/* Words between blanks: there is no quoting. */
static void add_words(struct command *c, struct str words)
{
	for (size_t i = 0; i < words.n;) {
		size_t from = i;

		while (i < words.n && strchr(" \t\n", words.p[i]) == NULL)
			i++;
		if (i > from)
			add(c, (struct str){words.p + from, i - from});
		i++;
	}
}

/* ---- finding things ---- */

static const char *absolute(struct arena *a, const char *path)
{
	char buffer[PATH_MAX];

	if (realpath(path, buffer) == NULL)
		return NULL;
	return arena_str(a, buffer, strlen(buffer)).p;
}

/* <bindir>/../lib/cfgc, in the build tree and where it is installed. */
static const char *runtime_beside_cfgc(struct arena *a)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return NULL;
	while (n > 0 && self[n - 1] != '/')
		n--;
	return arena_printf(a, "%.*s../lib/cfgc", (int)n, self).p;
}

static const char *find_runtime(struct arena *a, struct diags *dl, const struct link_job *job)
{
	const char *dir = job->runtime != NULL ? job->runtime : runtime_beside_cfgc(a);
	const char *found = dir != NULL ? absolute(a, dir) : NULL;

	if (found != NULL && access(arena_printf(a, "%s/libcfgc_rt.a", found).p, R_OK) == 0)
		return found;
	diag_add(dl, E0011, NO_SPAN, "there is no runtime in '%s'",
		 dir != NULL ? dir : "/proc/self/exe");
	diag_help(dl, "name the folder of libcfgc_rt.a with --runtime=DIR");
	return NULL;
}

/* ---- the command line ---- */

static bool build_command(struct command *c, struct diags *dl, const char *runtime, const char *dir,
			  const char *output)
{
	const char *cc = getenv("CC"), *flags = arena_printf(c->arena, "%s/link.flags", runtime).p;
	struct str words;
	int error = file_read(c->arena, flags, 1 << 16, &words);

	if (error != 0) {
		diag_add(dl, E0011, NO_SPAN, "cannot read '%s': %s", flags, strerror(error));
		return false;
	}
	add_words(c, str_of(cc != NULL && cc[0] != '\0' ? cc : "cc"));
	if (c->argv.n == 0)
		add(c, STR("cc"));
	for (size_t i = 0; i < ARRAY_LEN(fixed_flags); i++)
		add(c, str_of(fixed_flags[i]));
	add(c, arena_printf(c->arena, "-ffile-prefix-map=%s=.", dir));
	add(c, arena_printf(c->arena, "-ffile-prefix-map=%s=runtime", runtime));
	add(c, arena_printf(c->arena, "-I%s/include", runtime));
	add(c, STR("-o"));
	add(c, str_of(output));
	add(c, STR("server.c"));
	add(c, arena_printf(c->arena, "%s/libcfgc_rt.a", runtime));
	add_words(c, words);
	vec_push(c->arena, &c->argv, NULL);
	return true;
}

/* ---- running it ---- */

static void report_log(struct arena *a, struct diags *dl, const char *log)
{
	struct str text;
	unsigned n = 0;

	if (file_read(a, log, 1 << 20, &text) != 0)
		return;
	for (size_t i = 0; i < text.n && n < MOST_LOG_LINES; n++) {
		const char *end = memchr(text.p + i, '\n', text.n - i);
		size_t len = end != NULL ? (size_t)(end - (text.p + i)) : text.n - i;

		diag_note(dl, "%.*s", (int)len, text.p + i);
		i += len + 1;
	}
}

/* @return 0 or a positive errno; the wait status in *status. */
static int run(char **argv, const char *dir, const char *log, int *status)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return error;
	error = posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC,
						 0600);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, 1, 2);
	if (error == 0)
		error = posix_spawn_file_actions_addchdir_np(&actions, dir);
	if (error == 0)
		error = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	while (error == 0 && waitpid(child, status, 0) < 0)
		if (errno != EINTR)
			error = errno;
	return error;
}

static bool compile(struct arena *a, struct diags *dl, struct command *c, const char *dir,
		    const char *output)
{
	const char *log = arena_printf(a, "%s.log", output).p;
	int status = 0, error = run(c->argv.at, dir, log, &status);

	if (error != 0) {
		diag_add(dl, E0012, NO_SPAN, "cannot run the C compiler '%s': %s", c->argv.at[0],
			 strerror(error));
		diag_help(dl, "install one (on Debian: apt install gcc), or name it in CC");
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		diag_add(dl, E0013, NO_SPAN, "the C compiler '%s' failed", c->argv.at[0]);
		report_log(a, dl, log);
		diag_help(dl, "'cfgc emit' writes the C that it was given");
		error = EINVAL;
	}
	(void)unlink(log);
	return error == 0;
}

bool link_server(struct arena *a, struct diags *dl, const struct link_job *job, const char **linked)
{
	struct command c = {.arena = a};
	const char *runtime = find_runtime(a, dl, job), *dir = absolute(a, job->dir), *beside;
	struct str name = arena_printf(a, "%s.XXXXXX", job->output);
	char *temporary = arena_alloc(a, name.n + 1);
	int fd;

	if (runtime == NULL)
		return false;
	memcpy(temporary, name.p, name.n);
	fd = mkstemp(temporary);
	if (fd < 0 || dir == NULL) {
		diag_add(dl, E0007, NO_SPAN, "cannot write '%s': %s", job->output, strerror(errno));
		return false;
	}
	(void)close(fd);
	beside = absolute(a, temporary);
	if (beside != NULL && build_command(&c, dl, runtime, dir, beside) &&
	    compile(a, dl, &c, dir, beside)) {
		*linked = beside;
		return true;
	}
	(void)unlink(temporary);
	return false;
}
