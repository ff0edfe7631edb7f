/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cgroup_place.h.  /proc/self/cgroup names our groups as the kernel sees them, and a container may have any part
 * of that mounted anywhere: a directory is taken for ours only if our own number stands in its cgroup.procs.
 *
 * A delegated group is looked for from our own upwards, and not beyond a unit of systemd's, since what is above
 * belongs to its manager.  In one with other processes nothing can be enabled; they may stand in a sibling.
 */
#include "kernel/cgroup_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/cgroup_ops.h"

#define GATE "kodewar/gate"
#define ANCESTORS_MAX 64
#define UNLIMITED_BYTES (1ull << 60) /* v1 says it by a number near 2^63 */
#define WHY_BYTES 160
#define CURES \
	"systemd-run --user --scope -p Delegate=yes kodewar …; or a container of its own with --memory " \
	"and --memory-swap equal to it; or run it as root"

/* Who is in a group. */
struct crowd {
	bool self, kin, others; /* kin: ancestors of ours, and pid 1 */
};

/* ---- processes ---- */

static long parent_of(long pid)
{
	_cleanup_close_ int fd = -1;
	char path[32], text[512];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_text(fd, text, sizeof(text)) <= 0 || !(at = strrchr(text, ')')) ||
	    strlen(at) < 4)
		return 0;
	return strtol(at + 4, NULL, 10);
}

static bool is_kin(long pid)
{
	long at = getpid();

	for (int i = 0; i < ANCESTORS_MAX && at > 1; i++) {
		at = parent_of(at);
		if (at == pid)
			return true;
	}
	return pid == 1;
}

static int look(int dirfd, struct crowd *ret)
{
	int fd = openat(dirfd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
	long pid;

	*ret = (struct crowd){ 0 };
	if (!f) {
		closep(&fd);
		return -errno;
	}
	/* One of another pid namespace reads as 0. */
	while (fscanf(f, "%ld", &pid) == 1) {
		if (pid == getpid())
			ret->self = true;
		else if (pid > 0 && is_kin(pid))
			ret->kin = true;
		else
			ret->others = true;
	}
	fclose(f);
	return 0;
}

/* The path of our group in a hierarchy, "" for the unified one; false where it cannot be told. */
static bool own_path(const char *controller, char path[static PATH_MAX])
{
	char text[8192], *save = NULL;

	if (fd_read_text_at(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) <= 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *names = strchr(line, ':'), *rest = names ? strchr(names + 1, ':') : NULL;
		bool found = false;

		if (!rest)
			continue;
		*rest++ = '\0';
		if (!*controller)
			found = names[1] == '\0';
		for (char *n = names + 1, *word; *controller && (word = strsep(&n, ","));)
			found |= strcmp(word, controller) == 0;
		if (found && !strstr(rest, "/../"))
			return snprintf(path, PATH_MAX, "%s", rest) < PATH_MAX;
	}
	return false;
}

/* `mount` joined with our path, or `mount` itself, whichever has us in it. */
static bool own_dir(const char *mount, const char *controller, char dir[static PATH_MAX])
{
	char path[PATH_MAX];
	struct crowd crowd;

	for (int whole = 0; whole < 2; whole++) {
		_cleanup_close_ int fd = -1;

		if (!whole && (!own_path(controller, path) || strcmp(path, "/") == 0))
			continue;
		if (snprintf(dir, PATH_MAX, "%s%s", mount, whole ? "" : path) >= PATH_MAX)
			continue;
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && look(fd, &crowd) == 0 && crowd.self)
			return true;
	}
	return false;
}

/* ---- delegated ---- */

static bool writable(int dirfd)
{
	return faccessat(dirfd, "cgroup.procs", W_OK, 0) == 0 &&
	       faccessat(dirfd, "cgroup.subtree_control", W_OK, 0) == 0 &&
	       faccessat(dirfd, ".", W_OK, 0) == 0;
}

static bool is_unit(const char *dir)
{
	const char *end = dir + strlen(dir);

	return (end - dir > 6 && strcmp(end - 6, ".scope") == 0) ||
	       (end - dir > 8 && strcmp(end - 8, ".service") == 0);
}

/* "" where all that boxes need can be had. */
static void lacks(int dirfd, char *why)
{
	static const char *const needed[] = { "memory", "pids" };
	char text[512] = " ", word[16];
	ssize_t n = fd_read_text_at(dirfd, "cgroup.controllers", text + 1, sizeof(text) - 2);

	*why = '\0';
	text[n > 0 ? strcspn(text, "\n") : 1] = '\0';
	strcat(text, " ");
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		snprintf(word, sizeof(word), " %s ", needed[i]);
		if (!strstr(text, word))
			snprintf(why, WHY_BYTES, "our cgroup has no %s controller", needed[i]);
	}
}

static bool find_delegated(const char *mount, struct cgroup_place *ret, char *why)
{
	bool own = true;

	if (!own_dir(mount, "", ret->base)) {
		snprintf(why, WHY_BYTES, "it is not to be seen where cgroups are mounted");
		return false;
	}
	snprintf(why, WHY_BYTES, "our cgroup cannot be written");
	for (;; own = false) {
		_cleanup_close_ int fd = open(ret->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct crowd crowd;

		if (fd < 0 || !writable(fd) || look(fd, &crowd) < 0)
			return false;
		if (!crowd.kin && !crowd.others) {
			ret->inside = own;
			lacks(fd, why);
			return !*why;
		}
		snprintf(why, WHY_BYTES, "other processes are in our cgroup");
		if (is_unit(ret->base) || strcmp(ret->base, mount) == 0)
			return false;
		*strrchr(ret->base, '/') = '\0';
	}
}

/* ---- borrowed ---- */

static bool is_divided(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	bool found = !d;

	if (!d)
		closep(&fd);
	while (!found && (e = readdir(d)))
		found = e->d_type == DT_DIR && e->d_name[0] != '.';
	if (d)
		closedir(d);
	return found;
}

static bool swap_forbidden(int dirfd, int version, uint64_t limit)
{
	uint64_t v;

	if (!cgroup_host_has_swap())
		return true;
	if (version == 2)
		return fd_read_u64_at(dirfd, "memory.swap.max", &v) == 0 && v == 0;
	return fd_read_u64_at(dirfd, "memory.memsw.limit_in_bytes", &v) == 0 && v <= limit;
}

/* Whether the counters of the memory group are those of ourselves alone, below a ceiling. */
static bool may_borrow(struct cgroup_place *p, char *why)
{
	const char *limit = p->version == 2 ? "memory.max" : "memory.limit_in_bytes";
	_cleanup_close_ int fd = open(p->dirs[CGROUP_MEMORY], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int pids = open(p->dirs[p->version == 2 ? CGROUP_MEMORY : CGROUP_PIDS],
					O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct crowd crowd;

	if (fd < 0 || pids < 0 || look(fd, &crowd) < 0)
		snprintf(why, WHY_BYTES, "our cgroup cannot be read");
	else if (crowd.others)
		snprintf(why, WHY_BYTES, "we share our cgroup with processes that are not ours");
	else if (is_divided(fd))
		snprintf(why, WHY_BYTES, "our cgroup has groups below it");
	else if (fd_read_u64_at(fd, limit, &p->memory_limit_bytes) < 0 ||
		 p->memory_limit_bytes >= UNLIMITED_BYTES)
		snprintf(why, WHY_BYTES, "our cgroup has no memory limit");
	else if (fd_read_u64_at(pids, "pids.max", &p->pids_limit) < 0)
		snprintf(why, WHY_BYTES, "our cgroup has no pids controller");
	else if (!swap_forbidden(fd, p->version, p->memory_limit_bytes))
		snprintf(why, WHY_BYTES, "our cgroup may swap");
	else
		return true;
	return false;
}

static bool find_borrowed(const char *base, const char *unified, struct cgroup_place *ret,
			  char *why)
{
	_cleanup_close_ int basefd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_MAX];

	ret->version = 2;
	if (own_dir(unified, "", ret->dirs[0])) {
		snprintf(path, sizeof(path), "%.*s/memory.max", PATH_MAX - 16, ret->dirs[0]);
		if (access(path, F_OK) == 0)
			return may_borrow(ret, why);
	}
	ret->version = 1;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		const char *name = basefd < 0 ? NULL : cgroup_v1_mount(basefd, c);

		ret->dirs[c][0] = '\0';
		if (!name || c == CGROUP_CPU || c == CGROUP_IO)
			continue;
		snprintf(path, sizeof(path), "%s/%s", base, name);
		if (!own_dir(path, cgroup_controller_names[c], ret->dirs[c]))
			ret->dirs[c][0] = '\0';
	}
	if (ret->dirs[CGROUP_MEMORY][0] && ret->dirs[CGROUP_PIDS][0] &&
	    ret->dirs[CGROUP_CPUACCT][0])
		return may_borrow(ret, why);
	snprintf(why, WHY_BYTES, "none with memory, pids and cpu time is to be seen");
	return false;
}

/* Whoever borrows it holds a lock on it (cgroup_borrowed.c). */
static bool is_lent(const struct cgroup_place *p)
{
	_cleanup_close_ int fd = open(p->dirs[CGROUP_MEMORY], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int cgroup_place_find(const char *base, struct cgroup_place *ret, struct err *err)
{
	char unified[PATH_MAX], of_own[WHY_BYTES] = "", lent[WHY_BYTES] = "";

	memset(ret, 0, sizeof(*ret));
	snprintf(unified, sizeof(unified), "%s/cgroup.controllers", base);
	snprintf(unified, sizeof(unified), "%s%s", base,
		 access(unified, F_OK) == 0 ? "" : "/unified");
	if (find_delegated(unified, ret, of_own)) {
		ret->kind = CGROUP_DELEGATED;
		return 0;
	}
	if (find_borrowed(base, unified, ret, lent)) {
		ret->kind = CGROUP_BORROWED;
		return 0;
	}
	if (is_lent(ret))
		return err_set(err, EBUSY, "another instance makes boxes in this container");
	err_set(err, 0,
		"no cgroup to limit boxes with: none of our own (%s), and none to borrow (%s); "
		"to get one: " CURES,
		of_own, lent);
	return -ENOTSUP;
}

/* ---- out of the way ---- */

int cgroup_place_leave(const struct cgroup_place *place, struct err *err)
{
	_cleanup_close_ int base = -1, ours = -1, gate = -1;
	int r;

	if (place->kind != CGROUP_DELEGATED || !place->inside)
		return 0;
	base = open(place->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return err_set(err, errno, "cgroup: %s", place->base);
	ours = cgroup_dir_make(base, "kodewar", err);
	gate = ours < 0 ? ours : cgroup_dir_make(ours, "gate", err);
	if (gate < 0)
		return err->code;
	r = fd_write_text_at(gate, "cgroup.procs", "0");
	return r < 0 ? err_set(err, r, "cgroup: joining %s/" GATE, place->base) : 0;
}

static void disable(int dirfd, const char *file)
{
	static const char *const names[] = { "-memory", "-pids", "-cpu", "-io" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fd_write_text_at(dirfd, file, names[i]);
}

/* We stood in base, so nobody had enabled anything there. */
void cgroup_place_return(const struct cgroup_place *place)
{
	_cleanup_close_ int base = -1;

	if (place->kind != CGROUP_DELEGATED || !place->inside)
		return;
	base = open(place->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return;
	disable(base, "kodewar/cgroup.subtree_control");
	disable(base, "cgroup.subtree_control");
	fd_write_text_at(base, "cgroup.procs", "0");
	unlinkat(base, GATE, AT_REMOVEDIR);
	unlinkat(base, "kodewar", AT_REMOVEDIR);
}
