/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See walk.h.  fts(3) goes through the tree without following a link and without leaving its file system.  Files are
 * opened without following links either: the tree is root's, but what was said about it is checked all the same.
 */
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_BYTES (256u << 10)
#define LINE_BYTES (8 * PATH_MAX + 256) /* two paths, every byte of them spelled with four */
#define DIGEST_BYTES 32u

struct walk {
	size_t root_len;
	walk_line *line;
	void *user;
	struct walk_count count;
	unsigned char buf[READ_BYTES];
	char text[LINE_BYTES];
};

/* Appends a name as manifests spell it. */
static size_t spell(char *to, size_t room, const char *name)
{
	size_t n = 0;

	for (; *name && n + 5 < room; name++) {
		unsigned char c = (unsigned char)*name;

		if (c <= ' ' || c >= 0x7f || c == '\\')
			n += (size_t)snprintf(to + n, room - n, "\\%03o", c);
		else
			to[n++] = (char)c;
	}
	to[n] = '\0';
	return n;
}

static int digest_file(struct walk *w, const char *path, char hex[static 2 * DIGEST_BYTES + 1],
		       struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	unsigned char sum[DIGEST_BYTES];
	crypto_generichash_state h;
	ssize_t n;

	if (fd < 0)
		return err_set(err, errno, "open %s", path);
	crypto_generichash_init(&h, NULL, 0, sizeof(sum));
	while ((n = read(fd, w->buf, sizeof(w->buf))) > 0) {
		crypto_generichash_update(&h, w->buf, (unsigned long long)n);
		w->count.bytes += (uint64_t)n;
	}
	if (n < 0)
		return err_set(err, errno, "read %s", path);
	crypto_generichash_final(&h, sum, sizeof(sum));
	sodium_bin2hex(hex, 2 * DIGEST_BYTES + 1, sum, sizeof(sum));
	return 0;
}

/* All of the line but its path; 0, or a negative errno. */
static int begin_line(struct walk *w, const FTSENT *e, size_t *ret, struct err *err)
{
	const struct stat *st = e->fts_statp;
	char hex[2 * DIGEST_BYTES + 1], link[PATH_MAX];
	unsigned mode = st->st_mode & 07777;
	ssize_t n;
	int r;

	*ret = 0;
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		*ret = (size_t)sprintf(w->text, "o %u ", st->st_uid);
	} else if (S_ISLNK(st->st_mode)) {
		n = readlink(e->fts_accpath, link, sizeof(link) - 1);
		if (n < 0)
			return err_set(err, errno, "readlink %s", e->fts_path);
		link[n] = '\0';
		*ret = (size_t)sprintf(w->text, "l ");
		*ret += spell(w->text + *ret, sizeof(w->text) / 2, link);
		w->text[(*ret)++] = ' ';
	} else if (!S_ISDIR(st->st_mode) && !S_ISREG(st->st_mode)) {
		*ret = (size_t)sprintf(w->text, "x ");
	} else if (mode & 07022) {
		*ret = (size_t)sprintf(w->text, "w %o ", mode);
	} else if (S_ISDIR(st->st_mode)) {
		*ret = (size_t)sprintf(w->text, "d %o ", mode);
	} else {
		r = digest_file(w, e->fts_accpath, hex, err);
		if (r < 0)
			return r;
		*ret = (size_t)sprintf(w->text, "f %o %llu %s ", mode,
				       (unsigned long long)st->st_size, hex);
	}
	return 0;
}

static int one(struct walk *w, const FTSENT *e, struct err *err)
{
	size_t n;
	int r;

	switch (e->fts_info) {
	case FTS_DP: return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS: return err_set(err, e->fts_errno, "read %s", e->fts_path);
	default: break;
	}
	if (e->fts_level == 0)
		return 0;
	r = begin_line(w, e, &n, err);
	if (r < 0)
		return r;
	spell(w->text + n, sizeof(w->text) - n, e->fts_path + w->root_len + 1);
	w->count.files++;
	return w->line(w->user, w->text, &w->count, err);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void close_fts(FTS **fts)
{
	if (*fts)
		fts_close(*fts);
}

int walk_tree(const char *path, walk_line *line, void *user, struct err *err)
{
	char *const roots[] = { (char *)path, NULL };
	_cleanup_(close_fts) FTS *fts = NULL;
	_cleanup_free_ struct walk *w = calloc(1, sizeof(*w));
	FTSENT *e;
	int r = 0;

	if (!w || sodium_init() < 0)
		return err_set(err, ENOMEM, "walk %s", path);
	*w = (struct walk){ .root_len = strlen(path), .line = line, .user = user };
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!fts)
		return err_set(err, errno, "walk %s", path);
	while (r == 0 && (errno = 0, e = fts_read(fts)))
		r = one(w, e, err);
	return r == 0 && errno ? err_set(err, errno, "walk %s", path) : r;
}

const char *walk_path(const char *line)
{
	const char *blank = strrchr(line, ' ');

	return blank ? blank + 1 : line;
}

/* The next byte of a spelled path; the end of a component comes before anything else. */
static int next_byte(const char **at)
{
	const char *s = *at;

	if (!*s)
		return -1;
	if (s[0] == '\\' && s[1] && s[2] && s[3]) {
		*at += 4;
		return (s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0';
	}
	(*at)++;
	return *s == '/' ? 0 : (unsigned char)*s;
}

int walk_compare(const char *a, const char *b)
{
	int x, y;

	do {
		x = next_byte(&a);
		y = next_byte(&b);
	} while (x == y && x >= 0);
	return x - y;
}
