/* suggest.c - the nearest legal name, by optimal string alignment over case-folded text. */
#include "diag/suggest.h"

#include "support/strbuf.h"

#define LONGEST_NAME 64 /* bytes; longer words have no near name */
#define MOST_TIED    3
#define MOST_LISTED  8

static unsigned char folded(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, substitutions and swaps of neighbours; each pair of letters is edited
 * once. */
static unsigned distance(struct str a, struct str b)
{
	unsigned rows[3][LONGEST_NAME + 1];

	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3],
			 *two_up = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned differ = folded(a.p[i - 1]) != folded(b.p[j - 1]);

			row[j] = least(above[j - 1] + differ, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && folded(a.p[i - 1]) == folded(b.p[j - 2]) &&
			    folded(a.p[i - 2]) == folded(b.p[j - 1]))
				row[j] = least(row[j], two_up[j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

struct nearest {
	struct str names[MOST_TIED]; /* alphabetically */
	size_t n;                    /* names at that distance, of which MOST_TIED are kept */
	unsigned distance;
};

static void keep_sorted(struct nearest *best, struct str name)
{
	size_t at = best->n < MOST_TIED ? best->n : MOST_TIED;

	while (at > 0 && str_cmp(name, best->names[at - 1]) < 0)
		at--;
	for (size_t i = MOST_TIED - 1; i > at; i--)
		best->names[i] = best->names[i - 1];
	if (at < MOST_TIED)
		best->names[at] = name;
	best->n++;
}

static bool is_kept(const struct nearest *best, struct str name)
{
	for (size_t i = 0; i < best->n && i < MOST_TIED; i++)
		if (str_eq(best->names[i], name))
			return true;
	return false;
}

static struct nearest find_nearest(struct str wrong, const struct names *legal)
{
	struct nearest best = {.distance = wrong.n < 3 ? 1 : (unsigned)(wrong.n / 3)};

	if (wrong.n == 0 || wrong.n > LONGEST_NAME)
		return best;
	for (size_t i = 0; i < legal->list.n; i++) {
		struct str name = legal->list.at[i];
		size_t gap = name.n > wrong.n ? name.n - wrong.n : wrong.n - name.n;
		unsigned d;

		if (name.n > LONGEST_NAME || gap > best.distance)
			continue;
		d = distance(wrong, name);
		/* A word of one or two letters is not "near" one that shares no letter with it. */
		if (d > best.distance || d >= (wrong.n > name.n ? wrong.n : name.n) ||
		    (d == best.distance && is_kept(&best, name)))
			continue;
		if (d < best.distance)
			best.n = 0;
		best.distance = d;
		keep_sorted(&best, name);
	}
	return best;
}

struct str suggest_one(struct str wrong, const struct names *legal)
{
	struct nearest best = find_nearest(wrong, legal);

	return best.n == 1 ? best.names[0] : (struct str){NULL, 0};
}

static void help_with_list(struct diags *dl, const char *opening, const struct str *names, size_t n,
			   const char *last_word)
{
	struct strbuf text = {.arena = dl->arena};

	strbuf_addz(&text, opening);
	for (size_t i = 0; i < n; i++)
		strbuf_printf(&text, "%s'%.*s'",
			      i == 0       ? ""
			      : i + 1 == n ? last_word
					   : ", ",
			      STR_ARG(names[i]));
	diag_help(dl, "%.*s", STR_ARG(strbuf_str(&text)));
}

void suggest_into(struct diags *dl, struct span at, struct str wrong, const struct names *legal)
{
	struct nearest best = find_nearest(wrong, legal);

	if (best.n == 1) {
		diag_help(dl, "did you mean '%.*s'?", STR_ARG(best.names[0]));
		diag_fix(dl, at, best.names[0]);
	} else if (best.n > 1) {
		help_with_list(dl, "near names: ", best.names,
			       best.n < MOST_TIED ? best.n : MOST_TIED, ", ");
	} else if (legal->list.n != 0 && legal->list.n <= MOST_LISTED) {
		help_with_list(dl, "expected ", legal->list.at, legal->list.n, " or ");
	}
}
