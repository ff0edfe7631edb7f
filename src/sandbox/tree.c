/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tree.h.  A small tmpfs becomes the root: it holds mount points, links, /etc and the five device
 * nodes, and is made read-only in the end.  Only the directories of host_dirs[] are bound into it,
 * without what is mounted below them, and what languages ask for beyond them (`tree:` in their files).
 *
 * A tree of one's own is the lower layer of an overlay, below the same synthetic files, and that overlay is the root.
 * It has no upper layer, so nothing is ever written through it; its inodes are its own, so a lock that a box takes is
 * seen in its lane alone; and its mount table names neither the directory nor the disk that it lies on.
 */
#include "sandbox/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/layers.h"

/* Bound where the host has them as directories; links are copied as links. */
static const char *const host_dirs[] = {
	"/usr/bin",
	"/usr/lib",
	"/usr/lib32",
	"/usr/lib64",
	"/usr/libx32",
	"/usr/libexec",
	"/usr/include",
	"/usr/share/nodejs",
	"/usr/share/node_modules",
	"/usr/share/zoneinfo",
	"/etc/alternatives",
	"/bin",
	"/sbin",
	"/lib",
	"/lib32",
	"/lib64",
	"/libx32",
};

static const struct {
	const char *path, *text;
} etc_files[] = {
	{ "etc/passwd", "root:x:0:0:root:/:/bin/false\n"
			"kodewar:x:1000:1000:kodewar:/box:/bin/sh\n"
			"nobody:x:65534:65534:nobody:/:/bin/false\n" },
	{ "etc/group", "root:x:0:\nkodewar:x:1000:\nnogroup:x:65534:\n" },
	{ "etc/hosts", "127.0.0.1 localhost\n::1 localhost\n" },
	{ "etc/hostname", "kodewar\n" },
	{ "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n" },
	/* Node's threads load what their process was started with; in a box it only forgets itself. */
	{ "etc/kodewar/preload.js", "delete require.cache[__filename];\n"
				    "process._preload_modules.length = 0;\n" },
};

static const struct {
	const char *path;
	unsigned major, minor;
} dev_nodes[] = {
	{ "dev/null", 1, 3 },	{ "dev/zero", 1, 5 },	 { "dev/full", 1, 7 },
	{ "dev/random", 1, 8 }, { "dev/urandom", 1, 9 },
};

static const struct {
	const char *path, *target;
} dev_links[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
};

static const struct {
	const char *path;
	mode_t mode;
} empty_dirs[] = {
	{ "etc", 0755 },      { "etc/kodewar", 0755 }, { "dev", 0755 },
	{ "dev/shm", 01777 }, { "proc", 0555 },	       { "tmp", 01777 },
	{ "box", 0755 },      { "usr", 0755 },	       { "usr/share", 0755 },
};

/* Of a tree of one's own: whiteouts in the layer above it. No program needs them, and an image may have secrets there. */
static const char *const hidden[] = {
	"boot",
	"home",
	"media",
	"mnt",
	"root",
	"run",
	"srv",
	"sys",
	"var/run",
	"var/spool",
	"etc/shadow",
	"etc/gshadow",
	"etc/ssl/private",
	"etc/resolv.conf",
	"etc/fstab",
	"etc/machine-id",
	"etc/apt",
	"etc/systemd",
	"etc/environment",
	"etc/subuid",
	"etc/subgid",
};

/* More flags to a bind mount. What an outer user namespace has locked must be said again. */
static int restrict_mount(const char *path, unsigned long flags)
{
	struct statvfs fs;

	if (statvfs(path, &fs) < 0)
		return -errno;
	if (fs.f_flag & ST_NOEXEC)
		flags |= MS_NOEXEC;
	if (fs.f_flag & ST_NODEV)
		flags |= MS_NODEV;
	flags |= MS_REMOUNT | MS_BIND | MS_NOSUID;
	return mount(NULL, path, NULL, flags, NULL) < 0 ? -errno : 0;
}

static int make_file(const char *path, const void *data, size_t len, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	int r;

	if (fd < 0)
		return err_set(err, errno, "make %s", path);
	r = fd_write_all(fd, data, len);
	return r < 0 ? err_set(err, r, "write %s", path) : 0;
}

/* Works in the stage: every path is relative, the current directory is the new root. */
static int bind_path(const char *path, const char *to, uint32_t layers_off, struct err *err)
{
	char link[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_set(err, errno, "stat %s", path);
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0)
			return err_set(err, errno, "readlink %s", path);
		link[n] = '\0';
		return symlink(link, to) < 0 ? err_set(err, errno, "link %s", path) : 0;
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	r = S_ISREG(st.st_mode) ? make_file(to, "", 0, err) : mkdir(to, 0755);
	/* Rootless, EINVAL: what is mounted below it cannot be left out, and may be anything. */
	if (r < 0 || mount(path, to, NULL, MS_BIND, NULL) < 0)
		return err_set(err, errno, "bind %s%s", path,
			       errno == EINVAL ? " (is something mounted below it?)" : "");
	if (layer_off(layers_off, LAYER_TREE))
		return 0;
	r = restrict_mount(to, MS_RDONLY | MS_NODEV);
	return r < 0 ? err_set(err, r, "make %s read-only", path) : 0;
}

static bool lies_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool tree_has(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(host_dirs); i++)
		if (lies_in(path, host_dirs[i]))
			return true;
	return false;
}

/* Directories of ours around a path; one that is a link, or was bound, is not built upon. */
static int make_parents(const char *path, struct err *err)
{
	char dir[PATH_MAX];
	struct stat st;

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path - 1), path + 1);
		if (mkdir(dir, 0755) == 0)
			continue;
		if (errno != EEXIST || lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(err, errno, "make /%s", dir);
	}
	return 0;
}

/* One of tree.h's: a path, or HOST:BOX. */
static int bind_entry(const char *const *more, size_t i, uint32_t layers_off, struct err *err)
{
	const char *colon = strchr(more[i], ':'), *box = colon ? colon + 1 : more[i];
	bool seen = tree_has(box);
	char host[PATH_MAX];
	int r;

	snprintf(host, sizeof(host), "%.*s", (int)strcspn(more[i], ":"), more[i]);
	for (size_t k = 0; k < i && !seen; k++) {
		const char *other = strchr(more[k], ':');

		seen = lies_in(box, other ? other + 1 : more[k]);
	}
	if (seen || access(host, F_OK) < 0)
		return 0;
	r = make_parents(box, err);
	return r < 0 ? r : bind_path(host, box + 1, layers_off, err);
}

static int bind_more(const char *const *more, uint32_t layers_off, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && more && more[i]; i++)
		r = bind_entry(more, i, layers_off, err);
	return r;
}

/* The loader's cache names only what lies in the bound library directories. */
static int copy_loader_cache(struct err *err)
{
	_cleanup_close_ int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_free_ char *data = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > 4 << 20)
		return 0; /* only a matter of speed */
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return err_set(err, ENOMEM, "copy the loader's cache");
	n = fd_read_full(fd, data, (size_t)st.st_size);
	return n < 0 ? 0 : make_file("etc/ld.so.cache", data, (size_t)n, err);
}

static int make_devices(struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(dev_nodes); i++)
		if (mknod(dev_nodes[i].path, S_IFCHR | 0666,
			  makedev(dev_nodes[i].major, dev_nodes[i].minor)) < 0 ||
		    chmod(dev_nodes[i].path, 0666) < 0)
			return err_set(err, errno, "make /%s", dev_nodes[i].path);
	return 0;
}

/* Whatever stands there under the name must be the device. */
static int bind_devices(struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(dev_nodes); i++) {
		const char *to = dev_nodes[i].path;
		char from[32];
		struct stat st;
		int r;

		snprintf(from, sizeof(from), "/%s", to);
		if ((r = make_file(to, "", 0, err)) < 0)
			return r;
		if (mount(from, to, NULL, MS_BIND, NULL) < 0 || stat(to, &st) < 0)
			return err_set(err, errno, "bind %s", from);
		if (!S_ISCHR(st.st_mode) ||
		    st.st_rdev != makedev(dev_nodes[i].major, dev_nodes[i].minor))
			return err_set(err, ENODEV, "bind %s: it is another thing", from);
		if ((r = restrict_mount(to, MS_RDONLY | MS_NOEXEC)) < 0)
			return err_set(err, r, "restrict %s", from);
	}
	return 0;
}

/* Devices, and the links to what a program has open; dev/ is there. */
static int make_dev(bool rootless, struct err *err)
{
	int r = rootless ? bind_devices(err) : make_devices(err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(dev_links); i++)
		if (symlink(dev_links[i].target, dev_links[i].path) < 0)
			return err_set(err, errno, "link /%s", dev_links[i].path);
	return 0;
}

/* Mount points and /etc. */
static int make_skeleton(struct err *err)
{
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(empty_dirs); i++)
		if (mkdir(empty_dirs[i].path, 0700) < 0 ||
		    chmod(empty_dirs[i].path, empty_dirs[i].mode) < 0)
			return err_set(err, errno, "make /%s", empty_dirs[i].path);
	for (size_t i = 0; i < ARRAY_SIZE(etc_files); i++)
		if ((r = make_file(etc_files[i].path, etc_files[i].text, strlen(etc_files[i].text),
				   err)) < 0)
			return r;
	return 0;
}

/* Any directory will do that holds nothing of the tree: what it has stays hidden for as long as it takes. */
static const char *choose_stage(bool rootless)
{
	static const char *const stages[] = { "/tmp", "/run", "/var", "/mnt", "/home" };

	for (size_t i = 0; rootless && i < ARRAY_SIZE(stages); i++) {
		struct stat st;

		if (lstat(stages[i], &st) == 0 && S_ISDIR(st.st_mode))
			return stages[i];
	}
	return TREE_STAGE;
}

/* Only what is there: a whiteout over nothing would be listed where the lower layer has no such directory. */
static int hide_one(const char *path, struct err *err)
{
	char lower[64], parent[64];
	const char *slash = strrchr(path, '/');
	struct stat st;

	snprintf(lower, sizeof(lower), "../lower/%s", path);
	if (lstat(lower, &st) < 0)
		return 0;
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (slash && mkdir(parent, 0755) < 0 && errno != EEXIST)
		return err_set(err, errno, "make /%s", parent);
	if (mknod(path, S_IFCHR, makedev(0, 0)) < 0)
		return err_set(err, errno, "hide /%s", path);
	return 0;
}

static int hide(struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(hidden); i++)
		r = hide_one(hidden[i], err);
	return r;
}

/* Works in the stage, which is the new root. */
static int build_host(const struct tree_source *source, uint32_t layers_off, bool rootless,
		      struct err *err)
{
	int r = make_skeleton(err);

	if (r == 0)
		r = make_dev(rootless, err);
	if (r == 0)
		r = copy_loader_cache(err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(host_dirs); i++)
		r = bind_path(host_dirs[i], host_dirs[i] + 1, layers_off, err);
	return r < 0 ? r : bind_more(source->more, layers_off, err);
}

int tree_open(struct tree_source *source, struct err *err)
{
	struct stat st;

	source->fd = -1;
	if (!source->path)
		return 0;
	source->fd = open(source->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (source->fd < 0 || fstat(source->fd, &st) < 0)
		return err_set(err, errno, "open %s", source->path);
	if (st.st_dev != source->dev || st.st_ino != source->ino)
		return err_set(err, ESTALE, "%s is another directory than at the start",
			       source->path);
	return 0;
}

int tree_stand(const struct tree_source *source, struct err *err)
{
	if (source->path && fchdir(source->fd) < 0)
		return err_set(err, errno, "enter %s", source->path);
	return 0;
}

/* The current directory is the tree, and the stage may hide it: it is bound from where we are. */
static int bind_source(const struct tree_source *source, const char *stage, struct err *err)
{
	char lower[64];
	struct stat st;

	snprintf(lower, sizeof(lower), "%s/lower", stage);
	if (mkdir(lower, 0700) < 0 || mount(".", lower, NULL, MS_BIND, NULL) < 0)
		return err_set(err, errno, "bind %s%s", source->path,
			       errno == EINVAL ? " (is something mounted below it?)" : "");
	if (stat(lower, &st) < 0)
		return err_set(err, errno, "stat %s", source->path);
	if (st.st_dev != source->dev || st.st_ino != source->ino)
		return err_set(err, ESTALE, "%s is another directory than at the start",
			       source->path);
	return 0;
}

/* In the stage: skel over lower is root, where we stand in the end. */
static int build_overlay(const struct tree_source *source, bool rootless, struct err *err)
{
	int r;

	if (mkdir("skel", 0755) < 0 || mkdir("root", 0755) < 0 || chdir("skel") < 0)
		return err_set(err, errno, "make the stage");
	if ((r = make_skeleton(err)) < 0 || (r = hide(err)) < 0)
		return r;
	if (chdir("..") < 0)
		return err_set(err, errno, "enter the stage");
	if (mount("kodewar", "root", "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV,
		  "lowerdir=skel:lower,redirect_dir=nofollow,metacopy=off") < 0)
		return err_set(err, errno, "mount an overlay over %s%s", source->path,
			       errno == EINVAL ? " (does it lie on an overlay itself?)" : "");
	if (chdir("root") < 0 || mount("kodewar", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC,
				       "mode=755,size=64k,nr_inodes=32") < 0)
		return err_set(err, errno, "mount /dev");
	if (mkdir("dev/shm", 0700) < 0 || chmod("dev/shm", 01777) < 0)
		return err_set(err, errno, "make /dev/shm");
	if ((r = make_dev(rootless, err)) < 0)
		return r;
	if (mount(NULL, "dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC,
		  NULL) < 0)
		return err_set(err, errno, "make /dev read-only");
	return 0;
}

/* Where a tree of one's own lies may be below the stage: we stand in it already. */
static int build(const struct tree_source *source, const char *stage, uint32_t layers_off,
		 bool rootless, struct err *err)
{
	bool own = source->path;
	int r;

	if (mount("kodewar", stage, "tmpfs", MS_NOSUID | MS_NOEXEC,
		  "mode=755,size=8m,nr_inodes=1024") < 0)
		return err_set(err, errno, "mount the root at %s", stage);
	if (own && (r = bind_source(source, stage, err)) < 0)
		return r;
	if (chdir(stage) < 0)
		return err_set(err, errno, "enter %s", stage);
	r = own ? build_overlay(source, rootless, err)
		: build_host(source, layers_off, rootless, err);
	if (r == 0 && rootless &&
	    mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return err_set(err, errno, "mount the lane's /proc");
	return r;
}

int tree_enter(const struct tree_source *source, uint32_t layers_off, bool rootless,
	       struct err *err)
{
	unsigned long ro = layer_off(layers_off, LAYER_TREE) ? 0 : MS_RDONLY;
	int r;

	umask(022);
	r = build(source, choose_stage(rootless), layers_off, rootless, err);
	if (r < 0)
		return r;
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_set(err, errno, "pivot into the tree");
	if (source->path)
		return 0; /* an overlay without an upper layer has nothing to write to */
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | ro | MS_NOSUID | MS_NOEXEC, NULL) < 0 ||
	    mount("kodewar", "/", "tmpfs", MS_REMOUNT | ro | MS_NOSUID | MS_NOEXEC, NULL) < 0)
		return err_set(err, errno, "make the root read-only");
	return 0;
}

/* A partition's limits are set on its disk: /sys/dev/block/M:N/.. has "dev" where ours is a partition. */
void tree_device(const struct tree_source *source, unsigned *ret_major, unsigned *ret_minor)
{
	char path[64], text[32];
	_cleanup_close_ int dirfd = -1;
	struct stat st;

	*ret_major = *ret_minor = 0;
	if (stat(source->path ? source->path : "/usr", &st) < 0)
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	dirfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return;
	*ret_major = major(st.st_dev);
	*ret_minor = minor(st.st_dev);
	if (faccessat(dirfd, "partition", F_OK, 0) == 0 &&
	    fd_read_text_at(dirfd, "../dev", text, sizeof(text)) > 0)
		sscanf(text, "%u:%u", ret_major, ret_minor);
}
