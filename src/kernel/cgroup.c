/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cgroup.h.  Four files share it: this one owns the directories of an instance and how they come and
 * go, cgroup_leaf.c is what happens per box, cgroup_limits.c what bounds it, and what the kernel's files are called and mean is the drivers'
 * (cgroup_v1.c, cgroup_v2.c).
 *
 * Names are never trusted: whoever holds the lock on SLOT owns it, and what is found below it
 * without one is a dead owner's.  It is killed by listing, one by one, and not by cgroup.kill,
 * because we may have been started inside it ourselves.
 */
#include "kernel/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/cgroup_ops.h"

#define PARENT "kodewar"
#define CONTROL CGROUP_CONTROL_DIR
#define REMOVE_TRIES \
	500 /* of 2 ms: a second, for tasks that are dying and charges that are flushed */
#define SLOT_TRIES 16
#define TREE_DEPTH_MAX 8 /* ours are 2 deep */
#define NEEDED ((1u << CGROUP_MEMORY) | (1u << CGROUP_PIDS) | (1u << CGROUP_CPUACCT))

const char *const cgroup_controller_names[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = "memory",   [CGROUP_PIDS] = "pids", [CGROUP_CPU] = "cpu",
	[CGROUP_CPUACCT] = "cpuacct", [CGROUP_IO] = "io",
};

int cgroup_dir_make(int parent, const char *name, struct err *err)
{
	int fd;

	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return err_set(err, errno, "cgroup: making %s", name);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, errno, "cgroup: opening %s", name);
		fd = -errno;
		unlinkat(parent, name, AT_REMOVEDIR); /* one in use is not empty */
	}
	return fd;
}

static int try_slot(int top, const char *slot, bool lock, struct err *err)
{
	_cleanup_close_ int parent = cgroup_dir_make(top, PARENT, err);
	_cleanup_close_ int fd = -1;

	if (parent < 0)
		return parent;
	fd = cgroup_dir_make(parent, slot, err);
	if (fd < 0)
		return fd;
	/* A lock dies with its owner, whatever became of it: leftovers without one are nobody's. */
	if (lock && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = err_set(err, errno == EWOULDBLOCK ? EBUSY : errno,
				"cgroup: locking slot %s", slot);

		if (r !=
		    -EBUSY) /* nobody's, and perhaps just made by us: one in use is not empty */
			unlinkat(parent, slot, AT_REMOVEDIR);
		return r;
	}
	if (faccessat(fd, "cgroup.procs", F_OK, 0) < 0)
		return err_set(err, errno, "cgroup: slot %s went away", slot);
	return TAKE_FD(fd);
}

int cgroup_slot_make(int top, const char *slot, bool lock, struct err *err)
{
	int r = -ENOENT;

	/* Another instance that ends takes the empty parent away, at any moment between our steps. */
	for (int i = 0; i < SLOT_TRIES && (r == -ENOENT || r == -ENODEV); i++)
		r = try_slot(top, slot, lock, err);
	return r;
}

/* --- removing ----------------------------------------------------------------------------------- */

static void pause_shortly(void)
{
	/* v1 tells nobody that a group became empty, so removal is tried again; never on the hot path. */
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

int cgroup_dir_kill(int dirfd)
{
	int fd = openat(dirfd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	int count = 0;
	FILE *f;
	long pid;

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "re");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	/* A task of another pid namespace reads as 0, and kill(0) is everybody near us. */
	while (fscanf(f, "%ld", &pid) == 1)
		if (pid > 1 && pid != getpid() && kill((pid_t)pid, SIGKILL) == 0)
			count++;
	fclose(f);
	return count;
}

static int remove_dir(int parent, const char *name, bool kill_tasks, int *tries, unsigned depth);

/* Only directories count: in a real hierarchy files go with theirs. */
static void remove_children(int dirfd, bool kill_tasks, int *tries, unsigned depth)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		closep(&fd);
		return;
	}
	while ((e = readdir(d)))
		if (e->d_type == DT_DIR && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			remove_dir(dirfd, e->d_name, kill_tasks, tries, depth + 1);
	closedir(d);
}

static int remove_dir(int parent, const char *name, bool kill_tasks, int *tries, unsigned depth)
{
	_cleanup_close_ int fd =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (depth < TREE_DEPTH_MAX)
		remove_children(fd, kill_tasks, tries, depth);
	for (;;) {
		if (kill_tasks)
			cgroup_dir_kill(fd);
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY || --*tries <= 0)
			return -errno;
		pause_shortly();
	}
}

/*
 * What a dead owner left: lanes are killed and removed.  Its ctl is emptied only, because we may
 * have been started in it ourselves.
 */
static int clear_slot(int dirfd, struct err *err)
{
	_cleanup_close_ int control = openat(dirfd, CONTROL, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int tries = REMOVE_TRIES;
	struct dirent *e;

	if (!d) {
		closep(&fd);
		return err_set(err, errno, "cgroup: reading the slot");
	}
	while (control >= 0 && --tries > 0 && cgroup_dir_kill(control) > 0)
		pause_shortly();
	tries = REMOVE_TRIES;
	while (r == 0 && (e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.' || strcmp(e->d_name, CONTROL) == 0)
			continue;
		r = remove_dir(dirfd, e->d_name, true, &tries, 0);
		if (r < 0)
			err_set(err, r, "cgroup: removing leftover %s", e->d_name);
	}
	closedir(d);
	return r;
}

/* --- the root ----------------------------------------------------------------------------------- */

static bool has(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, 0) == 0;
}

static int choose_driver(struct cgroup_root *root, int *basefd, const char *base, struct err *err)
{
	int unified;

	if (has(*basefd, "cgroup.controllers")) {
		root->version = 2;
		root->ops = &cgroup_v2_ops;
	} else if (has(*basefd, "memory/cgroup.procs")) {
		root->version = 1;
		root->ops = &cgroup_v1_ops;
	} else if (has(*basefd, "unified/cgroup.controllers")) {
		root->version = 2;
		root->ops = &cgroup_v2_ops;
		unified = openat(*basefd, "unified", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (unified < 0)
			return err_set(err, errno, "cgroup: %s/unified", base);
		close(*basefd);
		*basefd = unified;
	} else {
		return err_set(err, ENOTSUP, "cgroup: no hierarchy with memory, pids at %s", base);
	}
	return 0;
}

static int check_needed(const struct cgroup_root *root, struct err *err)
{
	char missing[64] = "";

	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		size_t len = strlen(missing);

		if ((NEEDED & ~root->present) & (1u << c))
			snprintf(missing + len, sizeof(missing) - len, " %s",
				 cgroup_controller_names[c]);
	}
	return missing[0] ? err_set(err, ENOTSUP, "cgroup: missing controllers:%s", missing) : 0;
}

static int make_control(struct cgroup_root *root, struct err *err)
{
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int fd, r;

		if (root->dirfds[c] < 0)
			continue;
		r = clear_slot(root->dirfds[c], err);
		if (r < 0)
			return r;
		fd = cgroup_dir_make(root->dirfds[c], CONTROL, err);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

/* SLOT and its parent go when they are empty; other instances keep the parent. */
static void remove_slot(int dirfd, const char *slot)
{
	_cleanup_close_ int parent = openat(dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int top =
		parent < 0 ? -1 : openat(parent, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	unlinkat(dirfd, CONTROL, AT_REMOVEDIR);
	if (top < 0)
		return;
	unlinkat(parent, slot, AT_REMOVEDIR);
	unlinkat(top, PARENT, AT_REMOVEDIR);
}

static void root_done(struct cgroup_root *root)
{
	for (int c = CGROUP_CONTROLLERS - 1; c >= 0; c--) {
		if (root->dirfds[c] < 0)
			continue;
		if (!root->borrowed)
			remove_slot(root->dirfds[c], root->slot);
		close(root->dirfds[c]);
		root->dirfds[c] = -1;
	}
	root->ops = NULL;
}

int cgroup_root_open(struct cgroup_root *root, const char *base, const char *slot, struct err *err)
{
	_cleanup_close_ int basefd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	memset(root, 0, sizeof(*root));
	for (int c = 0; c < CGROUP_CONTROLLERS; c++)
		root->dirfds[c] = -1;
	if (slot[0] == '\0' || slot[0] == '.' || strchr(slot, '/') ||
	    strlen(slot) >= sizeof(root->slot))
		return err_set(err, EINVAL, "cgroup: slot name");
	strcpy(root->slot, slot);
	if (basefd < 0)
		return err_set(err, errno, "cgroup: %s", base);
	r = choose_driver(root, &basefd, base, err);
	if (r == 0)
		r = root->ops->root_open(root, basefd, err);
	if (r == 0)
		r = check_needed(root, err);
	if (r == 0)
		r = make_control(root, err);
	if (r < 0)
		root_done(root);
	return r;
}

static void leave_control(int control)
{
	_cleanup_close_ int top = openat(control, "../../..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[8192], self[24];
	const char *at;

	/* Refused on v2 below the kernel's root, where we stay; the next owner of the slot tidies up. */
	if (top < 0 || fd_read_text_at(control, "cgroup.procs", text, sizeof(text)) <= 0)
		return;
	snprintf(self, sizeof(self), "%d\n", (int)getpid());
	for (at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, self, strlen(self)) == 0) {
			fd_write_text_at(top, "cgroup.procs", "0");
			return;
		}
	}
}

void cgroup_root_close(struct cgroup_root *root)
{
	int tries = REMOVE_TRIES; /* for all of them together */

	if (!root->ops)
		return;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		_cleanup_close_ int control = -1;

		if (root->dirfds[c] < 0 || root->borrowed)
			continue;
		control = openat(root->dirfds[c], CONTROL, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (control >= 0)
			leave_control(control);
		remove_children(root->dirfds[c], false, &tries, 0);
	}
	root_done(root);
}

int cgroup_join_control(struct cgroup_root *root, pid_t pid, struct err *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", (int)pid);
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int r;

		if (root->dirfds[c] < 0 || root->borrowed)
			continue;
		r = fd_write_text_at(root->dirfds[c], CONTROL "/cgroup.procs", text);
		if (r < 0)
			return err_set(err, r, "cgroup: joining %s/" CONTROL,
				       cgroup_controller_names[c]);
	}
	return 0;
}

int cgroup_leaf_kill(const struct cgroup_leaf *leaf)
{
	int killed = 0;

	if (!leaf->root || leaf->root->borrowed)
		return 0;
	if (leaf->root->version == 2) {
		int r = fd_write_text_at(leaf->dirfds[0], "cgroup.kill", "1");

		if (r != -ENOENT) /* before 5.14 */
			return r;
		if (leaf->join_fds[0] >= 0)
			killed = cgroup_dir_kill(leaf->join_fds[0]);
		return killed < 0 ? killed : 0;
	}
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		killed = leaf->dirfds[c] < 0 ? 0 : cgroup_dir_kill(leaf->dirfds[c]);
		if (killed < 0)
			return killed;
	}
	return 0;
}
