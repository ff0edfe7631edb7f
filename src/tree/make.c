/* SPDX-License-Identifier: Apache-2.0 */
/* See make.h.  Nothing under a tree's own name is ever half a tree, whenever the power fails. */
#include "tree/make.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "tree/settle.h"

#define AIM_BYTES 65536u
#define USED_PREFIX ".used-" /* NAME-INODE: another tree has its name, and somebody uses it */

static int print_path(char *to, struct err *err, const char *a, const char *b, const char *c)
{
	return snprintf(to, PATH_MAX, "%s/%s%s", a, b, c) < PATH_MAX
		       ? 0
		       : err_set(err, ENAMETOOLONG, "%s/%s", a, b);
}

/* -ESTALE where another aim was there. */
static int check_aim(struct tree_make *m, const char *aim, struct err *err)
{
	_cleanup_free_ char *was = calloc(1, AIM_BYTES);
	char path[PATH_MAX];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	if (!was || print_path(path, err, m->part, "aim", "") < 0)
		return err_set(err, ENOMEM, "make %s", m->name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	n = fd < 0 ? 0 : fd_read_full(fd, was, AIM_BYTES - 1);
	m->again = n > 0 && strcmp(was, aim) == 0;
	return m->again ? 0 : -ESTALE;
}

/* What had a tree's name lies aside until nobody uses it. */
static int put_aside(const struct tree_make *m, ino_t inode, struct err *err)
{
	char aside[PATH_MAX], mark[64];
	int r = print_path(aside, err, m->trees, USED_PREFIX, m->name);

	snprintf(mark, sizeof(mark), "-%llu", (unsigned long long)inode);
	if (r < 0 || strlen(aside) + strlen(mark) >= sizeof(aside))
		return r < 0 ? r : err_set(err, ENAMETOOLONG, "%s", aside);
	strcat(aside, mark);
	return rename(m->root, aside) < 0 ? err_set(err, errno, "put %s aside", m->root) : 0;
}

static bool is_used(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
}

/* A death between the two steps of put_instead() has left a tree here that boxes still see. */
static int save_used(const struct tree_make *m, struct err *err)
{
	struct stat st;

	return lstat(m->root, &st) == 0 && is_used(m->root) ? put_aside(m, st.st_ino, err) : 0;
}

static int begin_anew(const struct tree_make *m, const char *aim, struct err *err)
{
	_cleanup_close_ int dirfd = open(m->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;
	DIR *dir = dirfd < 0 ? NULL : fdopendir(dup(dirfd));
	struct dirent *e;
	char path[PATH_MAX];
	int r;

	if (!dir)
		return err_set(err, errno, "open %s", m->part);
	r = save_used(m, err);
	while (r == 0 && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    (r = print_path(path, err, m->part, e->d_name, "")) == 0)
			r = settle_remove(path, err);
	closedir(dir);
	if (r < 0)
		return r;
	fd = openat(dirfd, "aim", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || mkdirat(dirfd, "root", 0755) < 0)
		return err_set(err, errno, "make %s", m->part);
	r = fd_write_all(fd, aim, strlen(aim));
	return r < 0 ? err_set(err, r, "write %s", m->part) : 0;
}

static int lock_part(struct tree_make *m, struct err *err)
{
	if (mkdir(m->part, 0700) < 0 && errno != EEXIST)
		return err_set(err, errno, "make %s", m->part);
	m->lock_fd = place_check(m->part, err);
	if (m->lock_fd < 0)
		return m->lock_fd;
	close(m->lock_fd);
	m->lock_fd = open(m->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (m->lock_fd < 0 || flock(m->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, errno == EWOULDBLOCK ? EBUSY : errno,
			       "tree %s is being made by another process", m->name);
	return 0;
}

/* ---- trees that others have taken the names of ---- */

static int only_used(const struct dirent *e)
{
	return strncmp(e->d_name, USED_PREFIX, strlen(USED_PREFIX)) == 0;
}

/* Those that nobody uses any more. One that cannot be removed now may be the next time. */
static void sweep(const char *trees_dir)
{
	struct dirent **names = NULL;
	int n = scandir(trees_dir, &names, only_used, alphasort);
	char path[PATH_MAX];

	for (int i = 0; i < n; i++) {
		_cleanup_close_ int fd = -1;

		if (print_path(path, NULL, trees_dir, names[i]->d_name, "") == 0)
			fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			settle_remove(path, NULL);
		free(names[i]);
	}
	free(names);
}

/*
 * By one exchange, so that there is a tree of that name at all times.  From then on `root` is the old one: without its aim,
 * nobody goes on with it as if it were what he was making.
 */
static int put_instead(const struct tree_make *m, const char *to, struct err *err)
{
	struct stat st;
	int r;

	if (lstat(to, &st) < 0 && errno == ENOENT)
		return rename(m->root, to) < 0 ? err_set(err, errno, "put %s in its place", to) : 0;
	if (unlinkat(m->lock_fd, "aim", 0) < 0 || syncfs(m->lock_fd) < 0)
		return err_set(err, errno, "give up the aim of %s", m->part);
	if (renameat2(AT_FDCWD, m->root, AT_FDCWD, to, RENAME_EXCHANGE) < 0)
		return err_set(err, errno, "put %s in the place of the one before", to);
	r = put_aside(m, st.st_ino, err);
	if (r == 0)
		sweep(m->trees);
	return r;
}

int make_begin(struct tree_make *m, const char *trees_dir, const char *name, const char *aim,
	       bool replace, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;
	int r;

	*m = (struct tree_make){ .lock_fd = -1, .replace = replace };
	if (!place_name_ok(name))
		return err_set(err, 0,
			       "\"%.80s\": a tree's name has 1 to 63 of a-z 0-9 . _ -, the first a "
			       "letter or digit; not host, nor an ending of ours",
			       name),
		       -EINVAL;
	snprintf(m->name, sizeof(m->name), "%s", name);
	snprintf(m->trees, sizeof(m->trees), "%s", trees_dir);
	if ((r = place_make_dir(trees_dir, err)) < 0 ||
	    (r = print_path(path, err, trees_dir, name, "")) < 0 ||
	    (r = print_path(m->part, err, trees_dir, name, PLACE_PART)) < 0 ||
	    (r = print_path(m->root, err, m->part, "root", "")) < 0)
		return r;
	if (!replace && lstat(path, &st) == 0)
		return err_set(err, EEXIST,
			       "tree %s (remove it, --replace it, or take another name)", name);
	sweep(trees_dir);
	r = lock_part(m, err);
	if (r == 0 && (r = check_aim(m, aim, err)) == -ESTALE)
		r = begin_anew(m, aim, err);
	return r;
}

bool make_done(const struct tree_make *m, const char *stage)
{
	return faccessat(m->lock_fd, stage, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int make_mark(const struct tree_make *m, const char *stage, struct err *err)
{
	int fd = openat(m->lock_fd, stage, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || syncfs(fd) < 0)
		return err_set(err, errno, "mark %s as done", stage);
	close(fd);
	return 0;
}

int make_clear(const struct tree_make *m, struct err *err)
{
	int r = settle_remove(m->root, err);

	if (r < 0)
		return r;
	return mkdir(m->root, 0755) < 0 ? err_set(err, errno, "make %s", m->root) : 0;
}

static int check_programs(const struct tree_make *m, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (print_path(path, err, m->root, "usr", "") == 0 && lstat(path, &st) == 0)
		return 0;
	if (print_path(path, err, m->root, "bin", "") == 0 && lstat(path, &st) == 0)
		return 0;
	return err_set(err, 0, "what came out has neither usr nor bin: it is no tree"), -EINVAL;
}

/* The manifest first: a tree without one would be one that nobody knows. */
static int put_in_place(const struct tree_make *m, struct err *err)
{
	char from[PATH_MAX], to[PATH_MAX];
	int r;

	if ((r = print_path(from, err, m->part, "root", PLACE_MANIFEST)) < 0 ||
	    (r = print_path(to, err, m->trees, m->name, PLACE_MANIFEST)) < 0)
		return r;
	if (rename(from, to) < 0)
		return err_set(err, errno, "put %s in its place", to);
	to[strlen(to) - strlen(PLACE_MANIFEST)] = '\0';
	if (syncfs(m->lock_fd) < 0)
		return err_set(err, errno, "put %s in its place", to);
	if (m->replace)
		r = put_instead(m, to, err);
	else if (rename(m->root, to) < 0)
		r = err_set(err, errno, "put %s in its place", to);
	return r == 0 && syncfs(m->lock_fd) < 0 ? err_set(err, errno, "put %s in its place", to)
						: r;
}

int make_finish(struct tree_make *m, const char *made, const struct tree_progress *progress,
		struct manifest_head *ret, struct err *err)
{
	uint64_t bytes;
	int r = check_programs(m, err);

	if (r == 0)
		r = settle_tree(m->root, &bytes, err);
	if (r == 0 && progress)
		progress->step(progress->user, 0, bytes);
	if (r == 0)
		r = manifest_write(m->root, made, progress, ret, err);
	if (r == 0)
		r = put_in_place(m, err);
	return r < 0 ? r : settle_remove(m->part, err);
}

void make_end(struct tree_make *m)
{
	fd_drop(&m->lock_fd);
}

/* Out of the way by one rename, so that no half of it has its name. What is half made may hold a tree that is used. */
static int take_away(const char *path, const char *gone, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char root[PATH_MAX];
	int r;

	if (fd < 0)
		return err_set(err, errno, "remove %s", path);
	if ((r = print_path(root, err, path, "root", "")) < 0)
		return r;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || is_used(root))
		return err_set(err, errno == EWOULDBLOCK ? EBUSY : errno,
			       "remove %s: somebody uses it", path);
	if (rename(path, gone) < 0)
		return err_set(err, errno, "remove %s", path);
	return settle_remove(gone, err);
}

int make_remove(const char *trees_dir, const char *name, struct err *err)
{
	char path[PATH_MAX], gone[PATH_MAX], part[PATH_MAX], manifest[PATH_MAX];
	struct stat st;
	int r;

	if (!place_name_ok(name))
		return err_set(err, 0, "\"%.80s\" is no name of a tree", name), -EINVAL;
	if ((r = print_path(path, err, trees_dir, name, "")) < 0 ||
	    (r = print_path(gone, err, trees_dir, ".gone-", name)) < 0 ||
	    (r = print_path(part, err, trees_dir, name, PLACE_PART)) < 0 ||
	    (r = print_path(manifest, err, trees_dir, name, PLACE_MANIFEST)) < 0)
		return r;
	sweep(trees_dir);
	if ((r = settle_remove(gone, err)) < 0)
		return r;
	if (lstat(path, &st) < 0 && lstat(part, &st) < 0)
		return err_set(err, ENOENT, "tree %s", name);
	if (lstat(part, &st) == 0 && (r = take_away(part, gone, err)) < 0)
		return r;
	if (lstat(path, &st) == 0 && (r = take_away(path, gone, err)) < 0)
		return r;
	return unlink(manifest) < 0 && errno != ENOENT ? err_set(err, errno, "remove %s", manifest)
						       : 0;
}
