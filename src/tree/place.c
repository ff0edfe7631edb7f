/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See place.h.  The path is walked from the root, one component after the other, each opened without following a link
 * and looked at by its descriptor.  A directory that everybody can write is good enough on the way where it is sticky,
 * as /tmp is, since what root owns in it only root can move; it is never good enough for the tree itself.
 */
#include "tree/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tree/manifest.h"

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

bool place_name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && len < PLACE_NAME_BYTES && !name[len] && !strchr("._-", name[0]) &&
	       strcmp(name, "host") != 0 && !ends_with(name, len, PLACE_MANIFEST) &&
	       !ends_with(name, len, PLACE_PART);
}

int place_path(const char *trees_dir, const char *word, char ret[static PATH_MAX], struct err *err)
{
	int n;

	if (word[0] == '/') {
		n = snprintf(ret, PATH_MAX, "%s", word);
		while (n > 1 && n < PATH_MAX && ret[n - 1] == '/')
			ret[--n] = '\0';
	} else if (place_name_ok(word)) {
		n = snprintf(ret, PATH_MAX, "%s/%s", trees_dir, word);
	} else {
		return err_set(err, EINVAL,
			       "tree: \"%.80s\" is neither an absolute path nor a name (1 to 63 of "
			       "a-z 0-9 . _ -, the first a letter or digit, no ending of ours)",
			       word);
	}
	return n < PATH_MAX - 64 ? 0 : err_set(err, ENAMETOOLONG, "tree");
}

/* A component on the way, or the end of it. */
static int check_one(const struct stat *st, const char *path, int len, bool last, struct err *err)
{
	if (S_ISLNK(st->st_mode))
		return err_set(err, 0, "tree: %.*s is a symbolic link: name the directory itself",
			       len, path),
		       -ELOOP;
	if (!S_ISDIR(st->st_mode))
		return err_set(err, 0, "tree: %.*s is no directory", len, path), -ENOTDIR;
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(err, 0, "tree: %.*s belongs to user %u: it must be root's", len,
			       path, st->st_uid),
		       -EPERM;
	if ((st->st_mode & 022) && (last || !(st->st_mode & S_ISVTX)))
		return err_set(err, 0, "tree: %.*s can be written by others than its owner", len,
			       path),
		       -EPERM;
	return 0;
}

static int walk(const char *path, struct err *err)
{
	_cleanup_close_ int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *from = path, *to = path;
	char name[NAME_MAX + 1];
	struct stat st;
	int r = 0;

	if (at < 0)
		return err_set(err, errno, "open /");
	while (r == 0 && *(from = to + strspn(to, "/"))) {
		int next;

		to = from + strcspn(from, "/");
		if (to - from > NAME_MAX)
			return err_set(err, ENAMETOOLONG, "tree: %s", path);
		memcpy(name, from, (size_t)(to - from));
		name[to - from] = '\0';
		if (!strcmp(name, "..") || !strcmp(name, "."))
			return err_set(err, EINVAL, "tree: %s: no part may be \"%s\"", path, name);
		next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 || fstat(next, &st) < 0)
			r = err_set(err, errno, "tree: %.*s", (int)(to - path), path);
		else
			r = check_one(&st, path, (int)(to - path), !to[strspn(to, "/")], err);
		close(at);
		at = next;
	}
	return r < 0 ? r : TAKE_FD(at);
}

int place_check(const char *path, struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct stat st, root;

	if (stat("/", &root) < 0 || check_one(&root, "/", 1, false, err) < 0)
		return err_wrap(err, "check %s", path);
	fd = walk(path, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "tree: %s", path);
	if (st.st_dev == root.st_dev && st.st_ino == root.st_ino)
		return err_set(err, 0, "tree: %s is the host's own root; its tree is \"host\"",
			       path),
		       -EINVAL;
	return TAKE_FD(fd);
}

int place_make_dir(const char *trees_dir, struct err *err)
{
	_cleanup_free_ char *parent = strdup(trees_dir);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	int fd;

	if (!slash)
		return err_set(err, parent ? EINVAL : ENOMEM, "make %s", trees_dir);
	*slash = '\0';
	if ((*parent && mkdir(parent, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(trees_dir, 0755) < 0 && errno != EEXIST))
		return err_set(err, errno, "make %s", trees_dir);
	fd = place_check(trees_dir, err);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Something that could hold programs. */
static int looks_like_a_tree(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstatat(fd, "usr", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (fstatat(fd, "bin", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_set(err, 0, "tree: %s has neither a directory usr nor bin: it is no tree", path),
	       -EINVAL;
}

static int open_locked(const char *path, struct tree_place *p, struct err *err)
{
	_cleanup_close_ int checked = place_check(path, err);
	struct stat st, now;

	if (checked < 0)
		return checked;
	p->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->fd < 0 || fstat(p->fd, &st) < 0 || fstat(checked, &now) < 0)
		return err_set(err, errno, "tree: %s", path);
	if (st.st_ino != now.st_ino || st.st_dev != now.st_dev)
		return err_set(err, ESTALE, "tree: %s", path);
	if (flock(p->fd, LOCK_SH | LOCK_NB) < 0)
		return err_set(err, errno == EWOULDBLOCK ? EBUSY : errno,
			       "tree: %s is being made or removed", path);
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	return looks_like_a_tree(p->fd, path, err);
}

int place_open(const char *trees_dir, const char *word, struct tree_place *ret, struct err *err)
{
	struct tree_place p = TREE_PLACE_INIT;
	struct manifest_head head;
	int r = place_path(trees_dir, word, p.path, err);

	if (r == 0)
		r = open_locked(p.path, &p, err);
	if (r == 0)
		r = manifest_read_head(p.path, &head, err);
	if (r < 0) {
		place_done(&p);
		return r;
	}
	memcpy(p.digest, head.digest, sizeof(p.digest));
	*ret = p;
	return 0;
}

void place_done(struct tree_place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct tree_place)TREE_PLACE_INIT;
}

bool place_has(const struct tree_place *p, const char *program)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_cleanup_close_ int fd =
		(int)syscall(SYS_openat2, p->fd, program + strspn(program, "/"), &how, sizeof(how));
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}
