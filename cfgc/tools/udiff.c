/* udiff.c - a unified diff of two texts that are mostly the same. */
#include "tools/udiff.h"

#define CONTEXT 3
/* How far the next common line is looked for, in lines of either text. */
#define REACH 200

struct lines {
	VEC(struct str) list; /* each with its line end */
};

/* Lines [a, a + na) of the old text became [b, b + nb) of the new one. */
struct change {
	size_t a, na, b, nb;
};

struct changes {
	VEC(struct change) list;
};

static void split(struct arena *arena, struct str text, struct lines *out)
{
	for (size_t at = 0; at < text.n;) {
		const char *end = memchr(text.p + at, '\n', text.n - at);
		size_t n = end != NULL ? (size_t)(end - (text.p + at)) + 1 : text.n - at;

		vec_push(arena, &out->list, ((struct str){text.p + at, n}));
		at += n;
	}
}

/* The nearest place behind (a, b) where both texts have the same line. */
static void resync(const struct lines *x, const struct lines *y, size_t *a, size_t *b)
{
	size_t left = x->list.n - *a, right = y->list.n - *b;

	for (size_t sum = 1; sum <= REACH && sum <= left + right; sum++) {
		for (size_t i = 0; i <= sum; i++) {
			size_t j = sum - i;

			if (i >= left || j >= right ||
			    !str_eq(x->list.at[*a + i], y->list.at[*b + j]))
				continue;
			*a += i;
			*b += j;
			return;
		}
	}
	*a = x->list.n;
	*b = y->list.n;
}

/* The common end is found first: a change too long to be looked through ends there. */
static size_t common_end(const struct lines *x, const struct lines *y)
{
	size_t n = 0;

	while (n < x->list.n && n < y->list.n &&
	       str_eq(x->list.at[x->list.n - 1 - n], y->list.at[y->list.n - 1 - n]))
		n++;
	return n;
}

static void compare(struct arena *arena, struct lines x, struct lines y, struct changes *out)
{
	size_t a = 0, b = 0, end = common_end(&x, &y);

	x.list.n -= end;
	y.list.n -= end;
	while (a < x.list.n || b < y.list.n) {
		size_t a0 = a, b0 = b;

		if (a < x.list.n && b < y.list.n && str_eq(x.list.at[a], y.list.at[b])) {
			a++;
			b++;
			continue;
		}
		resync(&x, &y, &a, &b);
		vec_push(arena, &out->list, ((struct change){a0, a - a0, b0, b - b0}));
	}
}

static void add_line(struct strbuf *out, char mark, struct str line)
{
	strbuf_addc(out, mark);
	strbuf_add(out, line);
	if (line.n == 0 || line.p[line.n - 1] != '\n')
		strbuf_addz(out, "\n\\ No newline at end of file\n");
}

static void add_range(struct strbuf *out, char mark, size_t from, size_t n)
{
	strbuf_printf(out, "%c%zu", mark, n != 0 ? from + 1 : from);
	if (n != 1)
		strbuf_printf(out, ",%zu", n);
}

/* Changes [first, last] in one hunk. */
static void add_hunk(struct strbuf *out, const struct lines *x, const struct lines *y,
		     const struct change *first, const struct change *last)
{
	size_t before = first->a < CONTEXT ? first->a : CONTEXT;
	size_t left = x->list.n - (last->a + last->na);
	size_t after = left < CONTEXT ? left : CONTEXT, a = first->a - before;

	strbuf_addz(out, "@@ ");
	add_range(out, '-', a, last->a + last->na + after - a);
	strbuf_addc(out, ' ');
	add_range(out, '+', first->b - before, last->b + last->nb + after - (first->b - before));
	strbuf_addz(out, " @@\n");
	for (const struct change *c = first; c <= last; c++) {
		for (; a < c->a; a++)
			add_line(out, ' ', x->list.at[a]);
		for (; a < c->a + c->na; a++)
			add_line(out, '-', x->list.at[a]);
		for (size_t b = c->b; b < c->b + c->nb; b++)
			add_line(out, '+', y->list.at[b]);
	}
	for (size_t end = a + after; a < end; a++)
		add_line(out, ' ', x->list.at[a]);
}

void udiff(struct strbuf *out, struct str path, struct str before, struct str after)
{
	struct lines x = {0}, y = {0};
	struct changes changes = {0};
	bool absolute = path.n != 0 && path.p[0] == '/';

	split(out->arena, before, &x);
	split(out->arena, after, &y);
	compare(out->arena, x, y, &changes);
	if (changes.list.n == 0)
		return;
	strbuf_printf(out, "--- %s%.*s\n+++ %s%.*s\n", absolute ? "" : "a/", STR_ARG(path),
		      absolute ? "" : "b/", STR_ARG(path));
	for (size_t i = 0, k; i < changes.list.n; i = k + 1) {
		const struct change *c = changes.list.at;

		for (k = i; k + 1 < changes.list.n &&
			    c[k + 1].a - (c[k].a + c[k].na) <= 2 * (size_t)CONTEXT;)
			k++;
		add_hunk(out, &x, &y, &c[i], &c[k]);
	}
}
