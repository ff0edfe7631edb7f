/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See folder.h.  Every step goes through openat2() from the directory above, beneath it and without links, so that no name
 * and no race leads elsewhere.  What stands at a name is looked at before it is opened, since opening a device may do things,
 * and again after, since it may have been exchanged.
 */
#include "gate/judge/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/utf8.h"
#include "kernel/open_files.h"

#define FOLDER_ARENA_BYTES (64u << 20)
#define SPARE_BYTES 1 /* one more than expected tells that a file grew */

struct walk {
	struct folder *folder;
	folder_wants wants;
	void *user;
	struct refusal *refusal;
	size_t entries;
};

int folder_refuse(const struct folder *f, const char *path, struct refusal *refusal,
		  const char *fmt, ...)
{
	char rule[sizeof(refusal->rule)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rule, sizeof(rule), fmt, ap);
	va_end(ap);
	/* The end of a long path is what tells files apart. */
	if (strlen(f->shown) + strlen(path) + 2 > sizeof(refusal->field))
		return refusal_set(refusal, path, "%s", rule);
	refusal_set(refusal, f->shown, "%s", rule);
	if (*path) {
		strcat(refusal->field, "/");
		strcat(refusal->field, path);
	}
	return 1;
}

static int open_beneath(int dirfd, const char *name, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS };
	long fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static bool printable(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return utf8_valid(name, strlen(name));
}

/* Takes *fd over where it returns 0. */
static int keep(struct folder *f, const char *path, int *fd, uint64_t bytes,
		struct refusal *refusal)
{
	char *kept;

	if (bytes > f->max_file_bytes)
		return folder_refuse(f, path, refusal, "is larger than %llu bytes",
				     (unsigned long long)f->max_file_bytes);
	if (bytes > FOLDER_BYTES_MAX - f->bytes)
		return folder_refuse(f, "", refusal, "holds more than %llu bytes",
				     (unsigned long long)FOLDER_BYTES_MAX);
	if (f->len == FOLDER_FILES_MAX)
		return folder_refuse(f, "", refusal, "holds more than %d files", FOLDER_FILES_MAX);
	if (f->len == f->room) {
		size_t room = f->room ? 2 * f->room : 64;
		struct folder_file *more = realloc(f->files, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		f->files = more;
		f->room = room;
	}
	kept = arena_strndup(&f->arena, path, strlen(path));
	if (!kept)
		return -ENOMEM;
	f->bytes += bytes;
	f->files[f->len++] =
		(struct folder_file){ .path = kept, .fd = TAKE_FD(*fd), .bytes = bytes };
	return 0;
}

static int take_file(struct walk *w, int dirfd, const char *name, const char *path)
{
	_cleanup_close_ int fd = open_beneath(dirfd, name, O_RDONLY | O_NONBLOCK);
	struct stat st;

	if (fd == -EMFILE)
		return folder_refuse(
			w->folder, path, w->refusal,
			"cannot be opened beside %zu others: raise the limit of open files",
			w->folder->len);
	if (fd < 0)
		return folder_refuse(w->folder, path, w->refusal, "cannot be opened: %s",
				     strerror(-fd));
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return folder_refuse(w->folder, path, w->refusal, "must be a plain file");
	return keep(w->folder, path, &fd, (uint64_t)st.st_size, w->refusal);
}

static int walk_dir(struct walk *w, int fd, const char *path, unsigned depth);

static int walk_into(struct walk *w, int dirfd, const char *name, const char *path, unsigned depth)
{
	int fd;

	if (depth == FOLDER_DEPTH_MAX)
		return folder_refuse(w->folder, path, w->refusal,
				     "is nested deeper than %d folders", FOLDER_DEPTH_MAX);
	fd = open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return folder_refuse(w->folder, path, w->refusal, "cannot be opened: %s",
				     strerror(-fd));
	return walk_dir(w, fd, path, depth + 1);
}

static int take_entry(struct walk *w, int dirfd, const char *name, const char *path, unsigned depth)
{
	struct stat st;
	bool dir;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return folder_refuse(w->folder, path, w->refusal, "cannot be looked at: %s",
				     strerror(errno));
	dir = S_ISDIR(st.st_mode);
	/* Of a link nobody can say what it stands for: it is wanted where either would be. */
	if (S_ISLNK(st.st_mode) ? !w->wants(w->user, path, true) && !w->wants(w->user, path, false)
				: !w->wants(w->user, path, dir))
		return 0;
	if (!printable(name))
		return folder_refuse(w->folder, "", w->refusal,
				     "holds a name that is not printable UTF-8");
	if (S_ISLNK(st.st_mode))
		return folder_refuse(
			w->folder, path, w->refusal,
			"must not be a symbolic link; links in packages are not followed");
	if (dir)
		return walk_into(w, dirfd, name, path, depth);
	if (!S_ISREG(st.st_mode))
		return folder_refuse(w->folder, path, w->refusal, "must be a plain file");
	return take_file(w, dirfd, name, path);
}

/* Takes fd over. */
static int walk_dir(struct walk *w, int fd, const char *path, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (r == 0 && (errno = 0, e = readdir(dir))) {
		char below[FOLDER_PATH_MAX];

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (w->entries++ == FOLDER_ENTRIES_MAX)
			r = folder_refuse(w->folder, path, w->refusal,
					  "the package holds more than %d names",
					  FOLDER_ENTRIES_MAX);
		else if ((size_t)snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "",
					  e->d_name) >= sizeof(below))
			r = folder_refuse(w->folder, path, w->refusal,
					  "holds a path of more than %d bytes", FOLDER_PATH_MAX);
		else
			r = take_entry(w, dirfd(dir), e->d_name, below, depth);
	}
	if (r == 0 && errno)
		r = folder_refuse(w->folder, path, w->refusal, "cannot be read: %s",
				  strerror(errno));
	closedir(dir);
	return r;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct folder_file *)a)->path, ((const struct folder_file *)b)->path);
}

static void begin(struct folder *f, const char *path, uint64_t max_file_bytes)
{
	size_t len = strlen(path);

	arena_init(&f->arena, FOLDER_ARENA_BYTES);
	while (len > 1 && path[len - 1] == '/')
		len--;
	f->shown = arena_strndup(&f->arena, path, len);
	f->max_file_bytes = max_file_bytes;
	open_files_raise(); /* two for each test are more than a shell's usual limit */
}

int folder_open(struct folder *f, const char *path, uint64_t max_file_bytes, folder_wants wants,
		void *user, struct refusal *refusal)
{
	struct walk w = { .folder = f, .wants = wants, .user = user, .refusal = refusal };
	int fd, r;

	begin(f, path, max_file_bytes);
	if (!f->shown)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return folder_refuse(f, "", refusal, "cannot be opened: %s", strerror(errno));
	r = walk_dir(&w, fd, "", 0);
	if (f->len)
		qsort(f->files, f->len, sizeof(*f->files), by_path);
	return r;
}

int folder_open_file(struct folder *f, const char *path, uint64_t max_file_bytes,
		     struct refusal *refusal)
{
	_cleanup_close_ int fd = -1;
	const char *slash = strrchr(path, '/');
	struct stat st;

	begin(f, path, max_file_bytes);
	if (!f->shown)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return folder_refuse(f, "", refusal, "cannot be opened: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return folder_refuse(f, "", refusal, "must be a plain file or a folder");
	return keep(f, slash ? slash + 1 : path, &fd, (uint64_t)st.st_size, refusal);
}

void folder_done(struct folder *f)
{
	for (size_t i = 0; i < f->len; i++) {
		closep(&f->files[i].fd);
		free(f->files[i].data);
	}
	free(f->files);
	arena_done(&f->arena);
	*f = (struct folder){ 0 };
}

struct folder_file *folder_find(const struct folder *f, const char *path)
{
	struct folder_file key = { .path = path };

	return f->len ? bsearch(&key, f->files, f->len, sizeof(*f->files), by_path) : NULL;
}

int folder_read(const struct folder *f, struct folder_file *file, struct text *ret,
		struct refusal *refusal)
{
	ssize_t n;

	if (!file->data) {
		file->data = malloc(file->bytes + SPARE_BYTES);
		if (!file->data)
			return -ENOMEM;
		n = fd_read_full(file->fd, file->data, file->bytes + SPARE_BYTES);
		if (n < 0)
			return folder_refuse(f, file->path, refusal, "cannot be read: %s",
					     strerror((int)-n));
		if ((uint64_t)n > file->bytes)
			return folder_refuse(f, file->path, refusal, "grew while it was read");
		file->len = (size_t)n;
		fd_drop(&file->fd);
	}
	*ret = (struct text){ file->data, file->len };
	return 0;
}
