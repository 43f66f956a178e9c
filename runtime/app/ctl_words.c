/* ctl_words.c - words of a ctl request: quoting and splitting. */
#include "app/ctl.h"

void rt_ctl_quote(struct rt_buf *out, struct rt_str word)
{
	static const char plain[] = "\"\\\n\r\t", escaped[] = "\"\\nrt";
	const char *found;
	size_t i;

	rt_buf_addz(out, "\"");
	for (i = 0; i < word.n; i++) {
		if (word.p[i] == '\0') {
			rt_buf_addz(out, "\\0");
			continue;
		}
		found = strchr(plain, word.p[i]);
		if (found != NULL) {
			rt_buf_addz(out, "\\");
			rt_buf_add(out, &escaped[found - plain], 1);
		} else {
			rt_buf_add(out, &word.p[i], 1);
		}
	}
	rt_buf_addz(out, "\"");
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The character behind a backslash; false: none that we know. */
static bool unescape(char c, char *out)
{
	switch (c) {
	case 'n':
		*out = '\n';
		return true;
	case 'r':
		*out = '\r';
		return true;
	case 't':
		*out = '\t';
		return true;
	case '0':
		*out = '\0';
		return true;
	default:
		*out = c;
		return c == '"' || c == '\\';
	}
}

/* From behind the opening quote at *at to behind the closing one; the word shrinks in place. */
static int take_quoted(char *line, size_t len, size_t *at, struct rt_str *word)
{
	size_t in = *at, out = *at;

	for (; in < len && line[in] != '"'; in++, out++) {
		if (line[in] != '\\') {
			line[out] = line[in];
			continue;
		}
		if (++in == len || !unescape(line[in], &line[out]))
			return RT_E_INVALID;
	}
	if (in == len)
		return RT_E_INVALID;
	*word = (struct rt_str){line + *at, (uint32_t)(out - *at)};
	*at = in + 1;
	return RT_OK;
}

int rt_ctl_split(char *line, size_t len, struct rt_str *words, int max)
{
	size_t at = 0, start;
	int n = 0;

	for (;;) {
		while (at < len && is_space(line[at]))
			at++;
		if (at == len)
			return n;
		if (n == max)
			return RT_E_INVALID;
		if (line[at] == '"') {
			at++;
			if (take_quoted(line, len, &at, &words[n]) != RT_OK ||
			    (at < len && !is_space(line[at])))
				return RT_E_INVALID;
		} else {
			for (start = at; at < len && !is_space(line[at]); at++)
				;
			words[n] = (struct rt_str){line + start, (uint32_t)(at - start)};
		}
		n++;
	}
}
