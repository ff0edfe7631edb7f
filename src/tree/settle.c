/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever filled the directory is dead: what we walk here holds still, and fts(3) follows no link in it.
 *
 * A tree has one owner, and modes that say two things only: may everybody read it, may everybody execute it.  What a
 * bootstrap leaves of the host it ran on (its resolver, its name, its package sources) goes, as does what a box cannot
 * use anyway: devices, logs, package lists.  Bytecode and the like are told by times: those stay as they are.
 */
#include "tree/settle.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Removed, with all below; the second: its content alone. */
static const char *const of_the_host[] = {
	"etc/resolv.conf", "etc/hostname", "etc/hosts",	 "etc/machine-id", "etc/fstab",
	"etc/mtab",	   "etc/apt",	   ".dockerenv", "var/lib/dbus",
};
static const char *const emptied[] = {
	"dev",	"proc",	   "sys",     "run",	   "tmp",
	"boot", "var/tmp", "var/log", "var/cache", "var/lib/apt",
};

static void close_fts(FTS **fts)
{
	if (*fts)
		fts_close(*fts);
}

static FTS *open_fts(const char *path)
{
	char *const roots[] = { (char *)path, NULL };

	return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
}

static int remove_below(const char *path, bool keep_itself, struct err *err)
{
	_cleanup_(close_fts) FTS *fts = open_fts(path);
	FTSENT *e;

	while (fts && (e = fts_read(fts))) {
		if (e->fts_info == FTS_D || (keep_itself && e->fts_level == 0) ||
		    (e->fts_info == FTS_NS && e->fts_errno == ENOENT))
			continue;
		if (e->fts_info == FTS_DP ? rmdir(e->fts_accpath) < 0 : unlink(e->fts_accpath) < 0)
			return err_set(err, errno, "remove %s", e->fts_path);
	}
	return fts ? 0 : err_set(err, errno, "remove %s", path);
}

int settle_remove(const char *path, struct err *err)
{
	return remove_below(path, false, err);
}

/* No link may stand on the way to what goes: an image chooses its own. */
static bool leads_astray(const char *root, const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%s/%.*s", root, (int)(slash - path), path);
		if (lstat(part, &st) < 0 || !S_ISDIR(st.st_mode))
			return true;
	}
	return false;
}

static int forget_host(const char *root, struct err *err)
{
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(of_the_host) + ARRAY_SIZE(emptied); i++) {
		bool keep = i >= ARRAY_SIZE(of_the_host);
		const char *name = keep ? emptied[i - ARRAY_SIZE(of_the_host)] : of_the_host[i];

		if (snprintf(path, sizeof(path), "%s/%s", root, name) >= PATH_MAX)
			return err_set(err, ENAMETOOLONG, "%s", root);
		if (!leads_astray(root, name))
			r = remove_below(path, keep, err);
	}
	return r;
}

static int drop_attributes(const char *path, struct err *err)
{
	static const char *const names[] = { "security.capability", "system.posix_acl_access",
					     "system.posix_acl_default" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (lremovexattr(path, names[i]) < 0 && errno != ENODATA && errno != ENOTSUP &&
		    errno != EPERM)
			return err_set(err, errno, "remove %s of %s", names[i], path);
	return 0;
}

static int settle_one(const FTSENT *e, uint64_t *bytes, struct err *err)
{
	const struct stat *st = e->fts_statp;
	bool dir = S_ISDIR(st->st_mode);

	if (!dir && !S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode))
		return unlink(e->fts_accpath) < 0 ? err_set(err, errno, "remove %s", e->fts_path)
						  : 0;
	if (lchown(e->fts_accpath, geteuid(), getegid()) < 0)
		return err_set(err, errno, "own %s", e->fts_path);
	if (S_ISLNK(st->st_mode))
		return 0;
	/* After the owner: that change takes set-user-id bits away, or leaves them. */
	if (chmod(e->fts_accpath, (st->st_mode & 0755) | (dir ? 0700 : 0600)) < 0)
		return err_set(err, errno, "set the mode of %s", e->fts_path);
	*bytes += dir ? 0 : (uint64_t)st->st_size;
	return drop_attributes(e->fts_accpath, err);
}

int settle_tree(const char *root, uint64_t *ret_bytes, struct err *err)
{
	_cleanup_(close_fts) FTS *fts = NULL;
	FTSENT *e;
	int r = forget_host(root, err);

	*ret_bytes = 0;
	if (r < 0)
		return r;
	fts = open_fts(root);
	while (r == 0 && fts && (errno = 0, e = fts_read(fts))) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			r = err_set(err, e->fts_errno, "read %s", e->fts_path);
		else if (e->fts_info != FTS_DP)
			r = settle_one(e, ret_bytes, err);
	}
	if (r == 0 && (!fts || errno))
		return err_set(err, errno, "walk %s", root);
	/* Its own mode: everybody must get in. */
	return r < 0 || chmod(root, 0755) == 0 ? r : err_set(err, errno, "open %s", root);
}
