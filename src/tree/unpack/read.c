/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libarchive with what a tree is made of and nothing more: tar, and the decompressors that are part of the library; its
 * filters that run programs are not asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tree/unpack/unpack.h"

#define BLOCK_BYTES (256u << 10)

static struct archive *new_reader(struct err *err)
{
	struct archive *a = archive_read_new();

	if (a && archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	    archive_read_support_filter_bzip2(a) == ARCHIVE_OK &&
	    archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	    archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
	    archive_read_support_format_tar(a) == ARCHIVE_OK &&
	    archive_read_support_format_empty(a) == ARCHIVE_OK)
		return a;
	unpack_close(&a);
	err_set(err, ENOMEM, "read an archive");
	return NULL;
}

void unpack_close(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
	*a = NULL;
}

struct archive *unpack_open(struct unpack *u, struct err *err)
{
	struct archive *a;

	if (lseek(u->fd, 0, SEEK_SET) < 0) {
		err_set(err, errno, "read the archive");
		return NULL;
	}
	a = new_reader(err);
	if (a && archive_read_open_fd(a, u->fd, BLOCK_BYTES) != ARCHIVE_OK) {
		err_set(err, 0, "the archive: %s", archive_error_string(a));
		unpack_close(&a);
	}
	return a;
}

struct within {
	struct archive *outer;
	unsigned char buf[BLOCK_BYTES];
};

static la_ssize_t read_within(struct archive *a, void *user, const void **ret)
{
	struct within *w = user;
	la_ssize_t n = archive_read_data(w->outer, w->buf, sizeof(w->buf));

	*ret = w->buf;
	if (n < 0)
		archive_set_error(a, EIO, "%s", archive_error_string(w->outer));
	return n;
}

static int close_within(struct archive *a, void *user)
{
	free(user);
	return ARCHIVE_OK;
}

struct archive *unpack_open_within(struct archive *outer, struct err *err)
{
	struct archive *a = new_reader(err);
	struct within *w = a ? calloc(1, sizeof(*w)) : NULL;

	if (!w) {
		unpack_close(&a);
		return NULL;
	}
	w->outer = outer;
	if (archive_read_open(a, w, NULL, read_within, close_within) != ARCHIVE_OK) {
		err_set(err, 0, "a layer: %s", archive_error_string(a));
		unpack_close(&a);
	}
	return a;
}

int unpack_next(struct unpack *u, struct archive *a, struct archive_entry **ret, struct err *err)
{
	int r = archive_read_next_header(a, ret);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return err_set(err, 0, "the archive: %s", archive_error_string(a)), -EBADMSG;
	if (!archive_entry_pathname(*ret))
		return err_set(err, 0, "the archive has an entry without a name"), -EBADMSG;
	return 1;
}

const char *unpack_clean(const char *path, struct err *err)
{
	const char *at;

	while (*path == '/' || (path[0] == '.' && (path[1] == '/' || !path[1])))
		path++;
	for (at = path; *at; at += strspn(at, "/")) {
		size_t len = strcspn(at, "/");

		if (len == 2 && at[0] == '.' && at[1] == '.') {
			err_set(err, 0, "%.200s: a part of a path must not be \"..\"", path);
			return NULL;
		}
		at += len;
	}
	return path;
}

char *unpack_small(struct archive *a, const struct archive_entry *e, size_t max, size_t *ret_len)
{
	int64_t size = archive_entry_size((struct archive_entry *)e);
	char *text = size >= 0 && (uint64_t)size <= max ? malloc((size_t)size + 1) : NULL;
	size_t n = 0;
	la_ssize_t got = 1;

	while (text && got > 0 && n < (size_t)size) {
		got = archive_read_data(a, text + n, (size_t)size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (!text || n != (size_t)size) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*ret_len = n;
	return text;
}
