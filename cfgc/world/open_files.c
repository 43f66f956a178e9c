/* open_files.c - look at every named file once, and read what the TLS library will read. */
#include "world/tour.h"
#include "support/array.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#define ROLE(role) (1u << (role))

void report_at(const struct tour *t, enum diag_code code, const struct term *term,
	       const char *format, ...)
{
	va_list ap;
	struct str text;

	va_start(ap, format);
	text = arena_vprintf(t->a, format, ap);
	va_end(ap);
	diag_add(t->dl, code, term->at, "%.*s", STR_ARG(text));
	if (term->used_at.file != NO_FILE)
		diag_label(t->dl, term->used_at, "through this macro");
}

/* ---- what is not there ---- */

static void report_missing(const struct tour *t, const struct named_file *f)
{
	report_at(t, W0411, f->term,
		  f->roles == ROLE(PATH_EITHER) ? "'%.*s' does not exist"
						: "file '%.*s' does not exist",
		  STR_ARG(f->path));
	if (f->nuses > 1)
		diag_note(t->dl, "it is named %zu times", f->nuses);
	if (t->settings->root != NULL)
		diag_note(t->dl, "it was looked up below '%s'", t->settings->root);
	else if (f->path.n != 0 && f->path.p[0] != '/')
		diag_note(t->dl, "it was looked up in the folder that cfgc runs in");
	diag_help(t->dl, "--root=DIR looks files up in an image, --no-files leaves them alone");
}

static void report_refused(const struct tour *t, const struct named_file *f, int error)
{
	report_at(t, W0412, f->term, "file '%.*s' cannot be read: %s", STR_ARG(f->path),
		  strerror(error));
	diag_note(t->dl, "so nothing is known about what is in it; the server may be allowed to "
			 "read it");
}

static const char *special_name(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "a named pipe";
	if (S_ISSOCK(mode))
		return "a socket";
	return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "no regular file";
}

/* @return whether the file can be read. */
static bool report_state(const struct tour *t, const struct named_file *f)
{
	switch (f->answer.state) {
	case FILE_THERE:
		return true;
	case FILE_MISSING:
		report_missing(t, f);
		return false;
	case FILE_REFUSED:
		report_refused(t, f, f->answer.error);
		return false;
	case FILE_IS_FOLDER:
		if (f->roles != ROLE(PATH_EITHER))
			report_at(t, E0413, f->term, "'%.*s' is a folder, not a file",
				  STR_ARG(f->path));
		return false;
	case FILE_IS_SPECIAL:
		report_at(t, W0412, f->term, "'%.*s' is %s and was not read", STR_ARG(f->path),
			  special_name(f->answer.mode));
		return false;
	}
	return false;
}

/* ---- what is in it ---- */

static const struct {
	enum path_role role;
	enum pem_kind kind;
	enum diag_code code;
	const char *what;
} needs[] = {
	{PATH_CERTIFICATE, PEM_CERTIFICATE, E0415, "certificate"},
	{PATH_CA, PEM_CERTIFICATE, E0415, "certificate"},
	{PATH_KEY, PEM_KEY, E0416, "private key"},
	{PATH_CRL, PEM_CRL, E0415, "revocation list"},
	{PATH_DH, PEM_DH, E0420, "Diffie-Hellman parameters"},
};

static void help_with_form(const struct tour *t, const struct named_file *f)
{
	switch (f->pem.form) {
	case PEM_IS_DER:
		diag_note(t->dl, "it holds a certificate in binary form (DER)");
		diag_help(t->dl, "convert it: openssl x509 -inform DER -in %.*s -out FILE.pem",
			  STR_ARG(f->path));
		break;
	case PEM_IS_PKCS12:
		diag_note(t->dl, "it is a PKCS#12 file");
		diag_help(t->dl, "convert it: openssl pkcs12 -in %.*s -nodes -out FILE.pem",
			  STR_ARG(f->path));
		break;
	case PEM_IS_INDENTED:
		diag_note(t->dl, "'-----BEGIN' counts only at the very start of a line");
		break;
	case PEM_NO_IDEA:
		if (f->answer.size == 0)
			diag_note(t->dl, "it is empty");
		break;
	}
}

/* The kinds of blocks that are there instead. */
static void note_contents(const struct tour *t, const struct named_file *f)
{
	const struct pem_block *first = f->pem.blocks.n != 0 ? &f->pem.blocks.at[0] : NULL;

	if (first == NULL)
		help_with_form(t, f);
	else if (first->kind != PEM_OTHER || str_eqz(first->label, "CERTIFICATE REQUEST"))
		diag_note(t->dl, "its first block is %.*s", STR_ARG(first->label));
}

/* @return whether the file has a block for each of its roles. */
static bool has_what_it_needs(const struct tour *t, const struct named_file *f)
{
	unsigned missing = 0;

	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if ((f->roles & ROLE(needs[i].role)) == 0 ||
		    pem_block(&f->pem, needs[i].kind, 0) != NULL ||
		    (missing & 1u << needs[i].kind) != 0)
			continue;
		missing |= 1u << needs[i].kind;
		report_at(t, needs[i].code, f->term, "'%.*s' holds no %s in PEM form",
			  STR_ARG(f->path), needs[i].what);
		note_contents(t, f);
	}
	return missing == 0;
}

static bool report_broken(const struct tour *t, const struct named_file *f)
{
	if (f->pem.problem.n == 0)
		return false;
	report_at(t, E0414, f->term, "%.*s of '%.*s' cannot be decoded",
		  STR_ARG(f->pem.wrong_block), STR_ARG(f->path));
	diag_primary(t->dl, "%.*s", STR_ARG(f->pem.problem));
	return true;
}

static bool read_pem(const struct tour *t, struct named_file *f)
{
	struct str text;
	int error = file_contents(&t->root, t->a, f->path, &text);

	if (error == EFBIG) {
		report_at(t, E0413, f->term, "'%.*s' is too large for a PEM file",
			  STR_ARG(f->path));
		diag_note(t->dl, "the server takes %u bytes at most", WORLD_FILE_MAX_BYTES);
		return false;
	}
	if (error != 0) {
		report_refused(t, f, error);
		return false;
	}
	pem_parse(t->a, text, f->password, &f->pem);
	/* There may have been a key in it. */
	OPENSSL_cleanse((char *)(uintptr_t)text.p, text.n);
	return !report_broken(t, f) && has_what_it_needs(t, f);
}

static void check_mode(const struct tour *t, const struct named_file *f)
{
	bool has_key = pem_block(&f->pem, PEM_KEY, 0) != NULL;

	if ((!has_key && (f->roles & ROLE(PATH_SECRET)) == 0) || (f->answer.mode & S_IROTH) == 0)
		return;
	report_at(t, W0435, f->term, "everybody on the machine can read the %s in '%.*s'",
		  has_key ? "private key" : "secret", STR_ARG(f->path));
	diag_note(t->dl, "its mode is %04o", (unsigned)f->answer.mode & 07777u);
	diag_help(t->dl, "chmod o-rwx %.*s", STR_ARG(f->path));
}

/* What nobody is shown may be as old as it likes. */
static bool wants_contents(const struct named_file *f)
{
	return f->is_shown || (f->roles & (ROLE(PATH_CA) | ROLE(PATH_CRL) | ROLE(PATH_DH))) != 0;
}

void open_files(struct tour *t)
{
	for (size_t i = 0; i < t->files.n; i++) {
		struct named_file *f = t->files.at[i];

		f->answer = file_look(&t->root, t->a, f->path);
		if (!report_state(t, f))
			continue;
		f->is_open = wants_contents(f) && read_pem(t, f);
		check_mode(t, f);
		if (f->is_open && (f->roles & ROLE(PATH_CERTIFICATE)) != 0)
			check_chain(t, f);
		if (f->is_open)
			check_contents(t, f);
	}
}

void close_files(struct tour *t)
{
	for (size_t i = 0; i < t->files.n; i++)
		pem_free(&t->files.at[i]->pem);
}
