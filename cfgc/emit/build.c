/* build.c - folders and binaries from an emission. */
#include "emit/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/link.h"
#include "support/file.h"

static bool report(struct diags *dl, int error, const char *path)
{
	if (error != 0)
		diag_add(dl, E0007, NO_SPAN, "cannot write '%s': %s", path, strerror(error));
	return error == 0;
}

static bool write_files(struct arena *a, struct diags *dl, const struct emission *emission,
			const char *dir)
{
	const char *failed;
	int error = emission_write(a, emission, dir, &failed);

	return report(dl, error, failed);
}

bool build_folder(struct arena *a, struct diags *dl, const struct emission *emission,
		  const char *dir)
{
	const char *secrets = arena_printf(a, "%s/xmppd.secrets", dir).p;

	return write_files(a, dl, emission, dir) &&
	       report(dl, secrets_write(a, emission, secrets), secrets);
}

/* ---- a folder for the time of one build ---- */

static const char *make_scratch(struct arena *a, struct diags *dl)
{
	const char *root = getenv("TMPDIR");
	struct str pattern =
		arena_printf(a, "%s/cfgc-XXXXXX", root != NULL && root[0] != '\0' ? root : "/tmp");
	char *dir = arena_alloc(a, pattern.n + 1);

	memcpy(dir, pattern.p, pattern.n);
	if (mkdtemp(dir) != NULL)
		return dir;
	report(dl, errno, dir);
	return NULL;
}

static void remove_scratch(struct arena *a, const struct emission *emission, const char *dir)
{
	for (size_t i = 0; i < emission->files.n; i++)
		(void)unlink(arena_printf(a, "%s/%s", dir, emission->files.at[i].name).p);
	(void)rmdir(dir);
}

/* ---- the binary and what lies beside it ---- */

static struct str folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? STR(".")
			     : arena_str(a, path, (size_t)(slash - path) + (slash == path));
}

/* The mode a compiler gives a binary. */
static int make_executable(const char *path)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return chmod(path, 0777 & ~mask) == 0 ? 0 : errno;
}

static bool put_in_place(struct arena *a, struct diags *dl, const struct emission *emission,
			 const char *linked, const char *output)
{
	const char *secrets = arena_printf(a, "%s.secrets", output).p;
	const char *manifest =
		arena_printf(a, "%.*s/manifest.json", STR_ARG(folder_of(a, output))).p;
	int error = make_executable(linked);

	if (!report(dl, error, linked) ||
	    !report(dl, secrets_write(a, emission, secrets), secrets) ||
	    !report(dl, file_write_atomic(a, manifest, emission->manifest, false, NULL), manifest))
		return false;
	error = rename(linked, output) == 0 ? 0 : errno;
	return report(dl, error, output);
}

bool build_server(struct arena *a, struct diags *dl, const struct emission *emission,
		  const char *dir, const char *runtime, const char *output)
{
	const char *scratch = dir == NULL ? make_scratch(a, dl) : dir;
	struct link_job job = {.dir = scratch, .runtime = runtime, .output = output};
	const char *linked = NULL;
	bool good = scratch != NULL &&
		    report(dl, file_make_dirs(a, folder_of(a, output).p), output) &&
		    write_files(a, dl, emission, scratch) && link_server(a, dl, &job, &linked);

	if (good && !put_in_place(a, dl, emission, linked, output)) {
		(void)unlink(linked);
		good = false;
	}
	if (dir == NULL && scratch != NULL)
		remove_scratch(a, emission, scratch);
	return good;
}
