/* secret.c - reading secrets from file, environment and the image's secrets file. */
#include "policy/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/place.h"

/* A file of secrets is small; more is a wrong path. Bytes */
#define FILE_MAX_BYTES (1u << 20)

struct value {
	const struct rt_secret *secret;
	struct rt_str text; /* owned */
};

static struct {
	struct value *values;
	size_t n;
	char *stored; /* the whole secrets file, NUL-terminated; NULL: not read */
	size_t stored_len;
} table;

static void wipe(char *p, size_t n)
{
	if (p != NULL)
		explicit_bzero(p, n);
	free(p);
}

static void complain(const struct rt_gen *gen, struct rt_at at, const char *what, const char *name,
		     const char *problem)
{
	char place[RT_PLACE_MAX];

	RT_LOG(ERROR, NULL, "secret", "unavailable", KV_Z(what, name), KV_Z("problem", problem),
	       KV_STR("cfg", rt_place(gen, at, place)));
}

/* The whole file, NUL-terminated; NULL with errno. */
static char *read_fd(int fd, size_t *len)
{
	char *text = malloc(FILE_MAX_BYTES + 1);
	ssize_t n = 1;

	*len = 0;
	if (text == NULL)
		return NULL;
	while (*len < FILE_MAX_BYTES && (n = read(fd, text + *len, FILE_MAX_BYTES - *len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		*len += (size_t)n;
	}
	if (n != 0) {
		if (n > 0)
			errno = EFBIG;
		wipe(text, *len);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

static const char *problem_of_stored(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return strerrordesc_np(errno);
	if (!S_ISREG(st.st_mode))
		return "is not a regular file";
	if ((st.st_mode & 077) != 0)
		return "may be read by others: chmod 600";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "belongs to another user";
	return NULL;
}

static int read_stored(const struct rt_gen *gen, struct rt_at at, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *problem = problem_of_stored(fd);

	if (problem == NULL) {
		table.stored = read_fd(fd, &table.stored_len);
		if (table.stored == NULL)
			problem = strerrordesc_np(errno);
	}
	if (fd >= 0)
		close(fd);
	if (problem == NULL)
		return RT_OK;
	complain(gen, at, "file", path, problem);
	return RT_E_INVALID;
}

/* "ref<TAB>value" lines. */
static bool find_stored(const char *ref, struct rt_str *out)
{
	size_t len = strlen(ref);
	const char *line, *end;

	for (line = table.stored; *line != '\0'; line = *end == '\n' ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if ((size_t)(end - line) > len && memcmp(line, ref, len) == 0 &&
		    line[len] == '\t') {
			*out = (struct rt_str){line + len + 1,
					       (uint32_t)(end - line - (ptrdiff_t)len - 1)};
			return true;
		}
	}
	return false;
}

static const char *load_stored(const struct rt_secret *s, struct rt_str *out)
{
	return find_stored(s->ref, out) ? NULL : "has no entry in the secrets file";
}

static const char *load_env(const struct rt_secret *s, struct rt_str *out)
{
	const char *value = getenv(s->ref);

	if (value == NULL)
		return "is not set";
	*out = rt_str_of(value);
	return NULL;
}

/* *file: the bytes that out borrows from; wiped by the caller. */
static const char *load_file(const struct rt_secret *s, struct rt_str *out, char **file,
			     size_t *len)
{
	int fd = open(s->ref, O_RDONLY | O_CLOEXEC);
	size_t n;

	if (fd < 0)
		return strerrordesc_np(errno);
	*file = read_fd(fd, len);
	close(fd);
	if (*file == NULL)
		return strerrordesc_np(errno);
	n = (size_t)(strchrnul(*file, '\n') - *file);
	if (n > 0 && (*file)[n - 1] == '\r')
		n--;
	*out = (struct rt_str){*file, (uint32_t)n};
	return NULL;
}

static const char *keep(const struct rt_secret *s, struct rt_str text)
{
	char *copy;

	if (text.n == 0)
		return "is empty";
	copy = malloc(text.n + 1);
	if (copy == NULL)
		return "out of memory";
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	table.values[table.n++] = (struct value){s, {copy, text.n}};
	return NULL;
}

static int load(const struct rt_gen *gen, const struct rt_secret *s)
{
	static const char *const what[] = {[RT_SECRET_STORED] = "entry",
					   [RT_SECRET_ENV] = "variable",
					   [RT_SECRET_FILE] = "file"};
	struct rt_str text = {NULL, 0};
	const char *problem;
	char *file = NULL;
	size_t len = 0;

	if (s->kind == RT_SECRET_STORED)
		problem = load_stored(s, &text);
	else if (s->kind == RT_SECRET_ENV)
		problem = load_env(s, &text);
	else
		problem = load_file(s, &text, &file, &len);
	if (problem == NULL)
		problem = keep(s, text);
	wipe(file, len);
	if (problem == NULL)
		return RT_OK;
	complain(gen, s->at, what[s->kind], s->ref, problem);
	return RT_E_INVALID;
}

static const struct value *find(const struct rt_secret *secret)
{
	size_t i;

	for (i = 0; i < table.n; i++)
		if (table.values[i].secret == secret)
			return &table.values[i];
	return NULL;
}

static int load_all(const struct rt_gen *gen, const char *stored_path)
{
	int err = RT_OK;
	size_t i;

	for (i = 0; i < gen->nlisteners; i++) {
		const struct rt_secret *s = gen->listeners[i].password;

		if (s == NULL || find(s) != NULL)
			continue;
		if (s->kind == RT_SECRET_STORED && table.stored == NULL &&
		    read_stored(gen, s->at, stored_path) != RT_OK)
			return RT_E_INVALID; /* one complaint about the file is enough */
		if (load(gen, s) != RT_OK)
			err = RT_E_INVALID;
	}
	return err;
}

int rt_secrets_load(const struct rt_gen *gen, const char *stored_path)
{
	int err;

	RT_ASSERT(table.values == NULL);
	if (gen->nlisteners == 0)
		return RT_OK;
	table.values = calloc(gen->nlisteners, sizeof(table.values[0]));
	if (table.values == NULL)
		return RT_E_NOMEM;
	err = load_all(gen, stored_path);
	wipe(table.stored, table.stored_len);
	table.stored = NULL;
	if (err != RT_OK)
		rt_secrets_unload();
	return err;
}

void rt_secrets_unload(void)
{
	size_t i;

	for (i = 0; i < table.n; i++)
		wipe((char *)(uintptr_t)table.values[i].text.p, table.values[i].text.n);
	free(table.values);
	table.values = NULL;
	table.n = 0;
}

struct rt_str rt_secret_value(const struct rt_secret *secret)
{
	const struct value *v = find(secret);

	RT_ASSERT(v != NULL);
	return v->text;
}
