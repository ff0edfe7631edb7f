/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries become files.  Only directories, files and links do: set-user-id bits, devices, owners, extended attributes and
 * access lists have no meaning in a tree.  A directory that is a link in a lower layer is followed, as image builders mean
 * it (/lib to /usr/lib): by us, to its real place, where libarchive's SECURE flags then let nothing be made through a link.
 * All of it happens below a root that has nothing but the tree.  Each entry counts against the bounds before anything is
 * written.
 *
 * Directories stay ours to write while layers come one above the other; modes are put right when all is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tree/unpack/unpack.h"

#define ENTRY_BYTES 512u /* that an entry costs, however small it is */
#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

static int remove_all(const char *path, bool keep_itself, struct err *err)
{
	char *const roots[] = { (char *)path, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int r = 0;

	while (r == 0 && fts && (e = fts_read(fts))) {
		if (e->fts_info == FTS_D || (keep_itself && e->fts_level == 0))
			continue;
		if (e->fts_info == FTS_DP ? rmdir(e->fts_accpath) < 0 : unlink(e->fts_accpath) < 0)
			r = errno == ENOENT ? 0 : -errno;
	}
	if (fts)
		fts_close(fts);
	return r < 0 ? err_set(err, r, "remove %s", path) : 0;
}

/* What stood there in a lower layer makes room for another kind of thing. */
static int make_room(const char *path, bool is_dir, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || is_dir)
		return 0;
	return remove_all(path, false, err);
}

static int count(struct unpack *u, const struct archive_entry *e, const char *path, struct err *err)
{
	int64_t size = archive_entry_size((struct archive_entry *)e);

	if (size < 0 || (uint64_t)size > u->max_bytes - u->bytes ||
	    u->max_bytes - u->bytes - (uint64_t)size < ENTRY_BYTES)
		return err_set(err, 0,
			       "%.200s: with it there are more than %llu bytes (--max-bytes)", path,
			       (unsigned long long)u->max_bytes),
		       -EFBIG;
	if (u->files >= u->max_files)
		return err_set(err, 0,
			       "%.200s: with it there are more than %llu files (--max-files)", path,
			       (unsigned long long)u->max_files),
		       -EFBIG;
	u->bytes += (uint64_t)size + ENTRY_BYTES;
	u->files++;
	return 0;
}

/* Holes are skipped, so that what is written is never more than what was counted. */
static int copy_data(struct archive *from, struct archive *to, int64_t size, const char *path,
		     struct err *err)
{
	const void *data;
	size_t len;
	la_int64_t at;
	int r;

	while ((r = archive_read_data_block(from, &data, &len, &at)) == ARCHIVE_OK) {
		if (at < 0 || at > size || (int64_t)len > size - at)
			return err_set(err, 0, "%.200s: longer than it says", path), -EBADMSG;
		if (archive_write_data_block(to, data, len, at) < ARCHIVE_OK)
			return err_set(err, 0, "%.200s: %s", path, archive_error_string(to)), -EIO;
	}
	if (r != ARCHIVE_EOF)
		return err_set(err, 0, "%.200s: %s", path, archive_error_string(from)), -EBADMSG;
	return 0;
}

/* Where a path really lies: links among its directories are followed, as far as they are there. */
static int resolve(const char *path, char real[static PATH_MAX], struct err *err)
{
	char dir[PATH_MAX];
	size_t cut = strlen(path);
	struct stat st;

	if (cut >= PATH_MAX - 1)
		return err_set(err, ENAMETOOLONG, "%.200s", path);
	do {
		while (cut > 0 && path[--cut] != '/')
			;
		snprintf(dir, sizeof(dir), "/%.*s", (int)cut, path);
		if (realpath(dir, real))
			break;
		if (lstat(dir, &st) == 0 && S_ISLNK(st.st_mode))
			return err_set(err, 0, "%.200s: it leads through a link to nowhere", path),
			       -EPERM;
	} while (cut > 0);
	memmove(real, real + 1, strlen(real)); /* without its slash */
	if (strlen(real) + strlen(path) - cut >= PATH_MAX - 1)
		return err_set(err, ENAMETOOLONG, "%.200s", path);
	if (*real && path[cut] != '/')
		strcat(real, "/");
	strcat(real, path + cut + (!*real && path[cut] == '/'));
	return 0;
}

/* Its name, and what it links to, as they are taken. 0: nothing to make. */
static int prepare(struct unpack *u, struct archive_entry *e, struct err *err)
{
	const char *path = unpack_clean(archive_entry_pathname(e), err);
	const char *hard = archive_entry_hardlink(e);
	char real[PATH_MAX];
	mode_t type = archive_entry_filetype(e);
	bool is_dir = type == AE_IFDIR;

	if (!path || (hard && !(hard = unpack_clean(hard, err))))
		return -EPERM;
	if (!*path)
		return 0;
	if (!hard && type != AE_IFREG && type != AE_IFLNK && !is_dir) {
		u->skipped++;
		return 0;
	}
	if (resolve(path, real, err) < 0)
		return -EPERM;
	archive_entry_copy_pathname(e, real);
	if (hard && resolve(hard, real, err) < 0)
		return -EPERM;
	if (hard)
		archive_entry_copy_hardlink(e, real);
	archive_entry_set_perm(e, (archive_entry_perm(e) & 0755) | (is_dir ? 0700 : 0600));
	return 1;
}

static int make_one(struct unpack *u, struct archive *a, struct archive *disk,
		    struct archive_entry *e, struct err *err)
{
	const char *path;
	int r = prepare(u, e, err);

	if (r <= 0)
		return r;
	path = archive_entry_pathname(e);
	r = count(u, e, path, err);
	if (r == 0)
		r = make_room(path, archive_entry_filetype(e) == AE_IFDIR, err);
	if (r < 0)
		return r;
	if (archive_write_header(disk, e) < ARCHIVE_OK)
		return err_set(err, 0, "%.200s: %s", path, archive_error_string(disk)), -EPERM;
	if (archive_entry_filetype(e) == AE_IFREG && archive_entry_size(e) > 0)
		r = copy_data(a, disk, archive_entry_size(e), path, err);
	if (r == 0 && archive_write_finish_entry(disk) < ARCHIVE_OK)
		return err_set(err, 0, "%.200s: %s", path, archive_error_string(disk)), -EIO;
	return r;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int unpack_files(struct unpack *u, struct archive *a, bool of_layer, struct err *err)
{
	struct archive *disk = archive_write_disk_new();
	struct archive_entry *e;
	int r = disk ? 0 : err_set(err, ENOMEM, "write the tree");

	if (disk)
		archive_write_disk_set_options(
			disk, ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
				      ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS |
				      ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
				      ARCHIVE_EXTRACT_UNLINK);
	while (r == 0 && (r = unpack_next(u, a, &e, err)) > 0) {
		const char *name = base_name(archive_entry_pathname(e));

		unpack_tell(u, NULL);
		r = 0;
		if (!of_layer || strncmp(name, WHITEOUT, strlen(WHITEOUT)) != 0)
			r = make_one(u, a, disk, e, err);
	}
	if (disk && r == 0 && archive_write_close(disk) < ARCHIVE_OK)
		r = (err_set(err, 0, "%s", archive_error_string(disk)), -EIO);
	if (disk)
		archive_write_free(disk);
	return r;
}

/* The mark's own name says what is gone.  Where a link leads it astray, it is still something of this image that goes. */
static int white_out(const char *path, const char *name, struct err *err)
{
	_cleanup_free_ char *parent = strndup(path, (size_t)(name - path));
	_cleanup_free_ char *gone = NULL;
	bool opaque = strcmp(name, OPAQUE) == 0;

	if (!parent)
		return err_set(err, ENOMEM, "%.200s", path);
	if (opaque)
		return remove_all(*parent ? parent : ".", true, err);
	name += strlen(WHITEOUT);
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return err_set(err, 0, "%.200s: it takes away nothing that has a name", path),
		       -EPERM;
	if (asprintf(&gone, "%s%s", parent, name) < 0)
		return err_set(err, ENOMEM, "%.200s", path);
	return remove_all(gone, false, err);
}

int unpack_whiteouts(struct unpack *u, struct archive *a, struct err *err)
{
	struct archive_entry *e;
	int r;

	while ((r = unpack_next(u, a, &e, err)) > 0) {
		const char *path = unpack_clean(archive_entry_pathname(e), err);
		const char *name = path ? base_name(path) : NULL;

		if (!path)
			return -EPERM;
		if (strncmp(name, WHITEOUT, strlen(WHITEOUT)) != 0)
			continue;
		if (strncmp(name, WHITEOUT WHITEOUT, 2 * strlen(WHITEOUT)) == 0 &&
		    strcmp(name, OPAQUE) != 0)
			continue; /* a file system's own bookkeeping */
		r = white_out(path, name, err);
		if (r < 0)
			return r;
	}
	return r;
}
