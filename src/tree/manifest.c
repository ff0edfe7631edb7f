/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See manifest.h.  The digest stands above the lines that it is of, so they are written to an unnamed file first; the
 * manifest then comes about under another name and is renamed, so that there is never half of one.
 */
#include "tree/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tree/walk.h"

#define DIGEST_BYTES 32u
#define MAGIC "kodewar-tree 1\n"

static void close_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_file_ _cleanup_(close_file)

static void hash_line(crypto_generichash_state *h, const char *line, size_t len)
{
	crypto_generichash_update(h, (const unsigned char *)line, len);
	crypto_generichash_update(h, (const unsigned char *)"\n", 1);
}

static void hash_end(crypto_generichash_state *h, char hex[static PLACE_DIGEST_HEX])
{
	unsigned char sum[DIGEST_BYTES];

	crypto_generichash_final(h, sum, sizeof(sum));
	sodium_bin2hex(hex, PLACE_DIGEST_HEX, sum, sizeof(sum));
}

/* ---- reading ---- */

struct reader {
	FILE *file; /* owned */
	char *line; /* owned, by getline */
	size_t room;
};

static void reader_done(struct reader *r)
{
	if (r->file)
		fclose(r->file);
	free(r->line);
}

/* The next line without its newline, or NULL at the end. */
static const char *next_line(struct reader *r, size_t *ret_len)
{
	ssize_t n = getline(&r->line, &r->room, r->file);

	if (n <= 0 || r->line[n - 1] != '\n')
		return NULL;
	r->line[n - 1] = '\0';
	*ret_len = (size_t)n - 1;
	return r->line;
}

static void take_field(struct manifest_head *head, const char *line)
{
	if (!strncmp(line, "made: ", 6))
		snprintf(head->made, sizeof(head->made), "%s", line + 6);
	else if (!strncmp(line, "digest: ", 8))
		snprintf(head->digest, sizeof(head->digest), "%s", line + 8);
	else if (!strncmp(line, "files: ", 7))
		head->files = strtoull(line + 7, NULL, 10);
	else if (!strncmp(line, "bytes: ", 7))
		head->bytes = strtoull(line + 7, NULL, 10);
}

/* Up to the empty line: what follows are the lines of the tree. */
static int read_head(struct reader *r, const char *path, struct manifest_head *ret, struct err *err)
{
	const char *line;
	size_t len;

	line = next_line(r, &len);
	if (!line || strcmp(line, "kodewar-tree 1") != 0)
		return err_set(err, 0, "%s: it is no manifest of a tree", path), -EBADMSG;
	while ((line = next_line(r, &len)) && *line)
		take_field(ret, line);
	if (!line || strlen(ret->digest) != PLACE_DIGEST_HEX - 1)
		return err_set(err, 0, "%s: it is cut off", path), -EBADMSG;
	return 0;
}

/* -ENOENT without a story: there is none. */
static int open_manifest(const char *tree, char path[static PATH_MAX], struct reader *r,
			 struct err *err)
{
	int fd;

	if (snprintf(path, PATH_MAX, "%s" PLACE_MANIFEST, tree) >= PATH_MAX)
		return err_set(err, ENAMETOOLONG, "%s", tree);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	r->file = fd < 0 ? NULL : fdopen(fd, "r");
	return r->file ? 0 : err_set(err, errno, "open %s", path);
}

int manifest_read_head(const char *tree, struct manifest_head *ret, struct err *err)
{
	_cleanup_(reader_done) struct reader reader = { 0 };
	char path[PATH_MAX], digest[PLACE_DIGEST_HEX];
	crypto_generichash_state h;
	const char *line;
	size_t len;
	int r;

	*ret = (struct manifest_head){ 0 };
	r = open_manifest(tree, path, &reader, err);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (sodium_init() < 0)
		return err_set(err, ENOMEM, "read %s", path);
	r = read_head(&reader, path, ret, err);
	if (r < 0)
		return r;
	crypto_generichash_init(&h, NULL, 0, DIGEST_BYTES);
	while ((line = next_line(&reader, &len)))
		hash_line(&h, line, len);
	hash_end(&h, digest);
	if (strcmp(digest, ret->digest) != 0)
		return err_set(err, 0, "%s: its lines do not have the digest that it says", path),
		       -EBADMSG;
	return 0;
}

/* ---- writing ---- */

struct writer {
	crypto_generichash_state hash; /* first: its alignment is 64 */
	FILE *lines;		       /* owned, unnamed */
	const struct tree_progress *progress;
	struct walk_count count;
	uint64_t all;
};

static void tell(const struct tree_progress *p, uint64_t done, uint64_t all)
{
	if (p)
		p->step(p->user, done, all);
}

static int write_line(void *user, const char *line, const struct walk_count *so_far,
		      struct err *err)
{
	struct writer *w = user;

	if (strchr("xow", line[0]))
		return err_set(err, 0, "a tree cannot have this (%s): %s",
			       line[0] == 'x'	? "no file, directory or link"
			       : line[0] == 'o' ? "another owner"
						: "others can write it, or it is set-user-id",
			       walk_path(line)),
		       -EPERM;
	hash_line(&w->hash, line, strlen(line));
	w->count = *so_far;
	tell(w->progress, so_far->bytes, w->all);
	return fprintf(w->lines, "%s\n", line) < 0 ? err_set(err, EIO, "write the manifest") : 0;
}

static int copy_lines(FILE *from, FILE *to)
{
	char buf[65536];
	size_t n;

	rewind(from);
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		if (fwrite(buf, 1, n, to) != n)
			return -EIO;
	return ferror(from) ? -EIO : 0;
}

static int write_whole(const char *tree, const struct manifest_head *head, FILE *lines,
		       struct err *err)
{
	char path[PATH_MAX], part[PATH_MAX];
	_cleanup_file_ FILE *f = NULL;

	if (snprintf(path, sizeof(path), "%s" PLACE_MANIFEST, tree) >= PATH_MAX ||
	    snprintf(part, sizeof(part), "%s" PLACE_MANIFEST ".new", tree) >= PATH_MAX)
		return err_set(err, ENAMETOOLONG, "%s", tree);
	f = fopen(part, "we");
	if (!f)
		return err_set(err, errno, "make %s", part);
	fprintf(f, MAGIC "made: %s\nfiles: %" PRIu64 "\nbytes: %" PRIu64 "\ndigest: %s\n\n",
		head->made, head->files, head->bytes, head->digest);
	if (copy_lines(lines, f) < 0 || fflush(f) != 0 || fsync(fileno(f)) < 0 ||
	    fchmod(fileno(f), 0644) < 0)
		return err_set(err, errno ? errno : EIO, "write %s", part);
	return rename(part, path) < 0 ? err_set(err, errno, "write %s", path) : 0;
}

int manifest_write(const char *tree, const char *made, const struct tree_progress *progress,
		   struct manifest_head *ret, struct err *err)
{
	_cleanup_file_ FILE *lines = tmpfile();
	struct writer w = { .lines = lines, .progress = progress };
	int r;

	*ret = (struct manifest_head){ 0 };
	if (!lines || sodium_init() < 0)
		return err_set(err, lines ? ENOMEM : errno, "make a manifest");
	snprintf(ret->made, sizeof(ret->made), "%s", made);
	crypto_generichash_init(&w.hash, NULL, 0, DIGEST_BYTES);
	r = walk_tree(tree, write_line, &w, err);
	if (r < 0)
		return r;
	hash_end(&w.hash, ret->digest);
	ret->files = w.count.files;
	ret->bytes = w.count.bytes;
	return write_whole(tree, ret, lines, err);
}

/* ---- verifying ---- */

struct verifier {
	struct reader reader;
	const char *due; /* the manifest's line that comes next, or NULL */
	const struct tree_progress *progress;
	uint64_t all, different;
	FILE *to;
};

static void differs(struct verifier *v, const char *how, const char *path)
{
	if (v->different++ < MANIFEST_TOLD)
		fprintf(v->to, "%s: %s\n", how, path);
}

static void advance(struct verifier *v)
{
	size_t len;

	v->due = next_line(&v->reader, &len);
}

static int verify_line(void *user, const char *line, const struct walk_count *so_far,
		       struct err *err)
{
	struct verifier *v = user;

	while (v->due && walk_compare(walk_path(v->due), walk_path(line)) < 0) {
		differs(v, "missing", walk_path(v->due));
		advance(v);
	}
	if (!v->due || walk_compare(walk_path(v->due), walk_path(line)) != 0) {
		differs(v, "added", walk_path(line));
	} else {
		if (strcmp(v->due, line) != 0)
			differs(v, "changed", walk_path(line));
		advance(v);
	}
	tell(v->progress, so_far->bytes, v->all);
	return 0;
}

int manifest_verify(const char *tree, const struct tree_progress *progress, FILE *to,
		    struct err *err)
{
	struct verifier v = { .progress = progress, .to = to };
	struct manifest_head head;
	char path[PATH_MAX];
	int r = manifest_read_head(tree, &head, err);

	if (r < 0)
		return r;
	r = open_manifest(tree, path, &v.reader, err);
	if (r == -ENOENT)
		return err_set(err, 0, "%s has no manifest, so nothing is known of what it was",
			       tree),
		       -ENOENT;
	if (r == 0)
		r = read_head(&v.reader, path, &head, err);
	v.all = head.bytes;
	if (r == 0) {
		advance(&v);
		r = walk_tree(tree, verify_line, &v, err);
	}
	for (; r == 0 && v.due; advance(&v))
		differs(&v, "missing", walk_path(v.due));
	if (v.different > MANIFEST_TOLD)
		fprintf(to, "and %" PRIu64 " more\n", v.different - MANIFEST_TOLD);
	reader_done(&v.reader);
	return r < 0 ? r : v.different > 0;
}
