/* embed.c - build tool: the pages of `cfgc explain` to C (cfgc/pages/pages.h).
 *
 *   embed_pages OUT.c PAGE.md...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what, const char *name)
{
	fprintf(stderr, "embed_pages: %s: %s\n", what, name);
	exit(1);
}

/* One literal per line of the page. */
static void put_text(FILE *out, FILE *in)
{
	bool at_start = true;
	int c;

	while ((c = getc(in)) != EOF) {
		if (at_start)
			fputs("\n\t\"", out);
		at_start = c == '\n';
		if (c == '\n')
			fputs("\\n\"", out);
		else if (c == '"' || c == '\\' || c == '?')
			fprintf(out, "\\%c", c);
		else if (c >= ' ' && c < 0x7f)
			putc(c, out);
		else
			fprintf(out, "\\%03o", (unsigned)c);
	}
	if (!at_start)
		putc('"', out);
}

static void embed(FILE *out, const char *path)
{
	FILE *in = fopen(path, "rb");
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	if (in == NULL)
		die("cannot read", path);
	if (dot == NULL || getc(in) != '#' || fseek(in, 0, SEEK_SET) != 0)
		die("not a page", path);
	fprintf(out, "[%.*s] =", (int)(dot - name), name);
	put_text(out, in);
	fputs(",\n", out);
	if (ferror(in))
		die("cannot read", path);
	fclose(in);
}

int main(int argc, char **argv)
{
	FILE *out;

	if (argc < 3)
		die("usage", "embed_pages OUT.c PAGE.md...");
	out = fopen(argv[1], "wb");
	if (out == NULL)
		die("cannot write", argv[1]);
	fputs("#include \"pages/pages.h\"\n\nconst char *const page_texts[DIAG_NCODES] = {\n", out);
	for (int i = 2; i < argc; i++)
		embed(out, argv[i]);
	fputs("};\n", out);
	if (ferror(out) || fclose(out) != 0)
		die("cannot write", argv[1]);
	return 0;
}
