/* embed.c - build tool: templates to C.
 *
 *   embed OUT.c OUT.h FILE.tmpl...
 *
 * OUT.h enumerates holes and templates; OUT.c holds the pieces (cfgc/emit/tmpl.h).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_HOLES   100
#define LONGEST_HOLE 40

static char holes[MOST_HOLES][LONGEST_HOLE];
static int nholes;

static void die(const char *what, const char *name)
{
	fprintf(stderr, "embed: %s: %s\n", what, name);
	exit(1);
}

static int hole_number(const char *name, size_t n)
{
	int i = 0;

	while (i < nholes && (strlen(holes[i]) != n || memcmp(holes[i], name, n) != 0))
		i++;
	if (i < nholes)
		return i;
	if (nholes == MOST_HOLES || n >= LONGEST_HOLE)
		die("too many or too long holes", name);
	memcpy(holes[nholes], name, n);
	return nholes++;
}

/* The length of the hole that begins at p, at signs included, or 0. */
static size_t hole_at(const char *p)
{
	size_t n = 1;

	if (*p != '@')
		return 0;
	while (islower((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n > 1 && p[n] == '@' ? n + 1 : 0;
}

static void put_name(FILE *out, const char *name, const char *prefix)
{
	fputs(prefix, out);
	for (; *name != '\0' && strcmp(name, ".tmpl") != 0; name++)
		fputc(isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_', out);
}

static void put_piece(FILE *out, const char *p, size_t n)
{
	fprintf(out, "\t{%zu, -1, \"", n);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "\\%03o", (unsigned char)p[i]);
	fputs("\"},\n", out);
}

static void embed(FILE *out, const char *text, int number)
{
	const char *from = text, *p = text;

	fprintf(out, "static const struct tmpl_piece pieces_%d[] = {\n", number);
	while (*p != '\0') {
		size_t n = hole_at(p);

		if (n == 0) {
			p++;
			continue;
		}
		if (p > from)
			put_piece(out, from, (size_t)(p - from));
		fprintf(out, "\t{0, %d, 0},\n", hole_number(p + 1, n - 2));
		p += n;
		from = p;
	}
	if (p > from)
		put_piece(out, from, (size_t)(p - from));
	fputs("};\n\n", out);
}

static char *read_whole(const char *path)
{
	FILE *in = fopen(path, "rb");
	char *text = calloc(1, 1 << 16);

	if (in == NULL || text == NULL)
		die("cannot read", path);
	if (fread(text, 1, (1 << 16) - 1, in) == (1 << 16) - 1)
		die("too long", path);
	fclose(in);
	return text;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	FILE *c, *h;

	if (argc < 4)
		die("usage", "embed OUT.c OUT.h FILE.tmpl...");
	c = fopen(argv[1], "wb");
	h = fopen(argv[2], "wb");
	if (c == NULL || h == NULL)
		die("cannot write", argv[1]);
	fputs("#include \"emit/tmpl.h\"\n\n", c);
	for (int i = 3; i < argc; i++) {
		char *text = read_whole(argv[i]);

		embed(c, text, i);
		free(text);
	}
	fputs("const struct tmpl templates[NTEMPLATES] = {\n", c);
	for (int i = 3; i < argc; i++) {
		const char *name = base_name(argv[i]);

		put_name(c, name, "\t[TMPL_");
		fprintf(c, "] = {\"%.*s\", pieces_%d, sizeof(pieces_%d) / sizeof(pieces_%d[0])},\n",
			(int)(strlen(name) - strlen(".tmpl")), name, i, i, i);
	}
	fputs("};\n", c);
	fputs("enum hole {\n", h);
	for (int i = 0; i < nholes; i++) {
		put_name(h, holes[i], "\tHOLE_");
		fputs(",\n", h);
	}
	fputs("};\n\nenum template_id {\n", h);
	for (int i = 3; i < argc; i++) {
		put_name(h, base_name(argv[i]), "\tTMPL_");
		fputs(",\n", h);
	}
	fputs("\tNTEMPLATES\n};\n", h);
	return fclose(c) != 0 || fclose(h) != 0;
}
