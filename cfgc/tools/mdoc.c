/* mdoc.c - text for manual pages, escaped. */
#include "tools/mdoc.h"

#include <string.h>

void mdoc_text(struct strbuf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\')
			strbuf_addz(out, "\\e");
		else if (c == '"')
			strbuf_addz(out, "\\(dq");
		else if (c == '-')
			strbuf_addz(out, "\\-");
		else
			strbuf_addc(out, c == '\n' ? ' ' : c);
	}
}

void mdoc_sentence(struct strbuf *out, const char *text)
{
	size_t n = strlen(text);

	/* A line that begins with a dot or an apostrophe would be a request. */
	strbuf_addz(out, "\\&");
	mdoc_text(out, str_of(text));
	if (n > 0 && text[n - 1] != '.')
		strbuf_addc(out, '.');
	strbuf_addc(out, '\n');
}

void mdoc_help(struct strbuf *out, const char *help)
{
	size_t word = strcspn(help, " ,:;"), i = 0;

	while (i < word && help[i] >= 'a' && help[i] <= 'z')
		i++;
	if (word == 0 || i < word) {
		mdoc_sentence(out, help);
		return;
	}
	mdoc_sentence(out, arena_printf(out->arena, "%c%s", help[0] - 'a' + 'A', help + 1).p);
}
