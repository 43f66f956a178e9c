/* uri.c - percent-encoding, and one name per file. */
#include "lsp/uri.h"
#include "support/array.h"

#include <stdlib.h>
#include <unistd.h>

/* file:///path, file://localhost/path, file:/path */
static bool strip_scheme(struct str *uri)
{
	static const char *const starts[] = {"file:///", "file://localhost/", "file:/"};

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t n = strlen(starts[i]);

		if (uri->n < n || memcmp(uri->p, starts[i], n) != 0)
			continue;
		if (i == 2 && uri->n > n && uri->p[n] == '/')
			return false; /* another host's */
		uri->p += n - 1;
		uri->n -= n - 1;
		return true;
	}
	return false;
}

const char *uri_path(struct arena *a, struct str uri)
{
	struct strbuf out = {.arena = a};

	if (uri.p == NULL || !strip_scheme(&uri))
		return NULL;
	for (size_t i = 0; i < uri.n; i++) {
		char c = uri.p[i];

		if (c == '?' || c == '#')
			break;
		if (c == '%' && i + 2 < uri.n && hex_value(uri.p[i + 1]) >= 0 &&
		    hex_value(uri.p[i + 2]) >= 0) {
			c = (char)(hex_value(uri.p[i + 1]) * 16 + hex_value(uri.p[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return NULL;
		strbuf_addc(&out, c);
	}
	strbuf_addc(&out, '\0');
	return out.p;
}

struct str uri_of_path(struct arena *a, const char *path)
{
	struct strbuf out = {.arena = a};

	strbuf_addz(&out, "file://");
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr("/-._~!$&'()*+,;=:@", c) != NULL;

		if (plain)
			strbuf_addc(&out, (char)c);
		else
			strbuf_printf(&out, "%%%02X", c);
	}
	return strbuf_str(&out);
}

const char *path_canonical(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL), *cwd;
	const char *copy;

	if (real != NULL) {
		copy = arena_str(a, real, strlen(real)).p;
		free(real);
		return copy;
	}
	if (path[0] == '/' || (cwd = getcwd(NULL, 0)) == NULL)
		return arena_str(a, path, strlen(path)).p;
	copy = arena_printf(a, "%s/%s", cwd, path).p;
	free(cwd);
	return copy;
}
