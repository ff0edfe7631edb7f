/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves: see cgroup.h.  prepare, read and the cpu reading are the hot path: a handful of preads and
 * pwrites on descriptors that were opened once, and a limit that did not change is not written.
 * Nothing there makes, opens or lists anything (but for v2 before 6.12, see cgroup_v2.c).
 *
 * A leaf is made fresh and dies with its owner.  A directory that is already there at leaf_open is removed
 * first, and if it cannot be, the leaf is refused: it might hold somebody.
 *
 * Clean means: no task, and no anonymous, shared or swapped memory charged.  The kernel keeps memory
 * statistics per cpu and does not add up small changes when it is asked, only every 2 s; so after a
 * box ended a little of what it had may still be shown.  That much is taken for clean as long as a later
 * check within ten seconds shows zero; a real leak of any size never does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "kernel/cgroup_ops.h"

#define CLOSE_TRIES 50 /* of 2 ms */
/* Per cpu: 64 pages not yet added to the group's count of updates, and 64 that are not worth a flush. */
#define LAG_PAGES_PER_CPU 128u
#define DOUBT_MAX_NSEC (10 * NSEC_PER_SEC)

/* --- what both drivers use --------------------------------------------------------------------- */

bool cgroup_host_has_swap(void)
{
	char text[256];
	const char *line;

	/* One line of titles, then one per device. Unknown counts as having some. */
	if (fd_read_text_at(AT_FDCWD, "/proc/swaps", text, sizeof(text)) < 0)
		return true;
	line = strchr(text, '\n');
	return line && line[1] != '\0';
}

bool cgroup_key_u64(const char *text, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0 || line[len] != ' ')
			continue;
		if (line[len + 1] < '0' || line[len + 1] > '9')
			return false;
		*ret = cgroup_parse_number(line + len + 1);
		return true;
	}
	return false;
}

int cgroup_file_open(int dirfd, const struct cgroup_file_spec *spec, struct err *err)
{
	int fd = openat(dirfd, spec->name, spec->flags | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, errno, "cgroup: %s", spec->name);
}

static const char *file_name(const struct cgroup_leaf *leaf, enum cgroup_file f)
{
	return leaf->root->ops->specs[f].name;
}

int cgroup_file_write(const struct cgroup_leaf *leaf, enum cgroup_file f, const char *text,
		      struct err *err)
{
	size_t len = strlen(text);
	ssize_t n = pwrite(leaf->files[f], text, len, 0);

	if (n == (ssize_t)len)
		return 0;
	return err_set(err, n < 0 ? errno : EIO, "cgroup: %s <- %s", file_name(leaf, f), text);
}

int cgroup_file_write_u64(const struct cgroup_leaf *leaf, enum cgroup_file f, uint64_t v,
			  struct err *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	return cgroup_file_write(leaf, f, text, err);
}

int cgroup_file_read(const struct cgroup_leaf *leaf, enum cgroup_file f, char *text, size_t size,
		     struct err *err)
{
	ssize_t n = fd_read_text(leaf->files[f], text, size);

	return n < 0 ? err_set(err, (int)n, "cgroup: %s", file_name(leaf, f)) : 0;
}

int cgroup_file_read_u64(const struct cgroup_leaf *leaf, enum cgroup_file f, uint64_t *ret,
			 struct err *err)
{
	char text[64];
	int r = cgroup_file_read(leaf, f, text, sizeof(text), err);

	if (r < 0)
		return r;
	if (text[0] < '0' || text[0] > '9')
		return err_set(err, EBADMSG, "cgroup: %s holds no number", file_name(leaf, f));
	*ret = cgroup_parse_number(text);
	return 0;
}

int cgroup_file_read_key(const struct cgroup_leaf *leaf, enum cgroup_file f, const char *key,
			 uint64_t *ret, struct err *err)
{
	char text[512];
	int r = cgroup_file_read(leaf, f, text, sizeof(text), err);

	if (r < 0)
		return r;
	if (!cgroup_key_u64(text, key, ret))
		return err_set(err, EBADMSG, "cgroup: %s has no line %s", file_name(leaf, f), key);
	return 0;
}

void cgroup_dir_remove(int parent, const char *name)
{
	for (int tries = CLOSE_TRIES; tries > 0; tries--) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
}

int cgroup_dir_fresh(int parent, const char *name, struct err *err)
{
	int fd;

	if (mkdirat(parent, name, 0755) < 0) {
		if (errno != EEXIST)
			return err_set(err, errno, "cgroup: making %s", name);
		if (unlinkat(parent, name, AT_REMOVEDIR) < 0 || mkdirat(parent, name, 0755) < 0)
			return err_set(err, errno, "cgroup: %s is in use", name);
	}
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, errno, "cgroup: opening %s", name);
}

int cgroup_twin(const int *dirfds, int controller)
{
	struct stat a, b;

	if (fstat(dirfds[controller], &a) < 0)
		return -1;
	for (int c = 0; c < controller; c++)
		if (dirfds[c] >= 0 && fstat(dirfds[c], &b) == 0 && a.st_dev == b.st_dev &&
		    a.st_ino == b.st_ino)
			return c;
	return -1;
}

/* --- a life ------------------------------------------------------------------------------------- */

static void close_fds(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int open_dirs(struct cgroup_leaf *leaf, const char *name, struct err *err)
{
	const struct cgroup_root *root = leaf->root;

	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int twin, fd;

		if (root->dirfds[c] < 0)
			continue;
		twin = cgroup_twin(root->dirfds, c);
		if (root->borrowed)
			fd = fcntl(root->dirfds[c], F_DUPFD_CLOEXEC, 3);
		else if (twin >= 0)
			fd = cgroup_dir_make(root->dirfds[c], name, err);
		else
			fd = cgroup_dir_fresh(root->dirfds[c], name, err);
		if (fd < 0)
			return fd;
		leaf->dirfds[c] = fd;
	}
	return 0;
}

static int open_files(struct cgroup_leaf *leaf, struct err *err)
{
	const struct cgroup_root *root = leaf->root;

	for (int f = 0; f < FILE_COUNT; f++) {
		const struct cgroup_file_spec *spec = &root->ops->specs[f];
		int fd, dirfd;

		if (!spec->name || !(root->present & (1u << spec->controller)))
			continue;
		dirfd = leaf->dirfds[root->version == 2 ? 0 : spec->controller];
		fd = cgroup_file_open(dirfd, spec, spec->needed ? err : NULL);
		if (fd < 0 && (spec->needed || fd != -ENOENT))
			return spec->needed ? fd : err_set(err, fd, "cgroup: %s", spec->name);
		leaf->files[f] = fd < 0 ? -1 : fd;
	}
	return 0;
}

int cgroup_leaf_open(struct cgroup_root *root, unsigned lane, struct cgroup_leaf *ret,
		     struct err *err)
{
	struct cgroup_leaf *leaf = ret;
	char name[24];
	int r;

	memset(leaf, 0, sizeof(*leaf));
	memset(leaf->dirfds, 0xff, sizeof(leaf->dirfds));
	memset(leaf->join_fds, 0xff, sizeof(leaf->join_fds));
	memset(leaf->files, 0xff, sizeof(leaf->files));
	leaf->oom_fd = leaf->usage_fd = leaf->memory_fd = -1;
	leaf->root = root;
	leaf->lane = lane;
	snprintf(name, sizeof(name), "lane%u", lane);
	r = open_dirs(leaf, name, err);
	if (r == 0)
		r = open_files(leaf, err);
	if (r == 0)
		r = root->ops->leaf_open(leaf, err);
	if (r < 0) {
		cgroup_leaf_close(leaf);
		return r;
	}
	leaf->usage_fd = leaf->files[FILE_CPU_USAGE];
	leaf->memory_fd = leaf->files[FILE_MEMORY_NOW];
	return 0;
}

void cgroup_leaf_close(struct cgroup_leaf *leaf)
{
	char name[24];

	if (!leaf->root)
		return;
	snprintf(name, sizeof(name), "lane%u", leaf->lane);
	close_fds(leaf->join_fds, CGROUP_JOIN_MAX);
	close_fds(leaf->files, CGROUP_FILES);
	leaf->usage_fd = leaf->memory_fd = -1;
	leaf->root->ops->leaf_close(leaf);
	for (int c = 0; c < CGROUP_CONTROLLERS; c++)
		if (leaf->dirfds[c] >= 0 && !leaf->root->borrowed)
			cgroup_dir_remove(leaf->root->dirfds[c], name);
	close_fds(leaf->dirfds, CGROUP_CONTROLLERS);
	leaf->root = NULL;
}

/* --- a box -------------------------------------------------------------------------------------- */

#define USAGE_BYTES 512

/* `text`: what the file says, of v2 more than its usage. */
static int read_usage(const struct cgroup_leaf *leaf, char *text, uint64_t *ret)
{
	ssize_t n = fd_read_text(leaf->usage_fd, text, USAGE_BYTES);

	if (n < 0)
		return (int)n;
	/* A wrong zero would be a box without a cpu limit. */
	if (leaf->root->version == 2 ? !cgroup_key_u64(text, "usage_usec", ret)
				     : text[0] < '0' || text[0] > '9')
		return -EBADMSG;
	*ret = cgroup_parse_cpu_usec(leaf->root->version, text);
	return 0;
}

/*
 * v2 has it in the file that was read anyway, v1 in one of its own.  Only the kernel's word that it counts makes it known: a
 * kernel without bandwidth has neither line, and a leaf without that controller is never bounded.
 */
static void read_bandwidth(struct cgroup_leaf *leaf, const char *usage, struct cgroup_reading *now)
{
	bool v1 = leaf->root->version == 1;
	char text[USAGE_BYTES];
	uint64_t stood = 0, periods = 0;

	if (v1 && (leaf->files[FILE_CPU_STAT] < 0 ||
		   cgroup_file_read(leaf, FILE_CPU_STAT, text, sizeof(text), NULL) < 0))
		return;
	now->throttled_known = cgroup_key_u64(v1 ? text : usage,
					      v1 ? "throttled_time" : "throttled_usec", &stood) &&
			       cgroup_key_u64(v1 ? text : usage, "nr_periods", &periods);
	if (!now->throttled_known)
		return;
	if (v1)
		stood /= 1000;
	now->throttled_usec = stood > leaf->throttled_usec ? stood - leaf->throttled_usec : 0;
	now->cpu_periods = periods > leaf->cpu_periods ? periods - leaf->cpu_periods : 0;
	leaf->throttled_usec = stood;
	leaf->cpu_periods = periods;
}

/* What was until now, in the end of the last box perhaps, is nothing of the next one's. */
static int begin_bandwidth(struct cgroup_leaf *leaf)
{
	char usage[USAGE_BYTES] = "";
	struct cgroup_reading now = { 0 };
	uint64_t usec;
	int r = leaf->root->version == 2 ? read_usage(leaf, usage, &usec) : 0;

	if (r == 0)
		read_bandwidth(leaf, usage, &now);
	return r;
}

static int begin(struct cgroup_leaf *leaf, const struct cgroup_limits *l, bool empty,
		 struct err *err)
{
	struct cgroup_counters now;
	int r;

	if (l->memory_bytes == 0 || l->pids == 0)
		return err_set(err, EINVAL, "cgroup: a limit of 0");
	if (leaf->root->borrowed)
		return cgroup_borrowed_begin(leaf, l, empty, err);
	r = cgroup_leaf_set_limits(leaf, l, err);
	if (r == 0 && (empty || leaf->root->version == 1 || leaf->peak_resettable))
		r = leaf->root->ops->reset_peak(leaf, err);
	if (r == 0)
		r = leaf->root->ops->counters(leaf, &now, err);
	if (r == 0 && empty)
		r = begin_bandwidth(leaf);
	if (r < 0)
		return r;
	leaf->oom_base = now.oom_kills;
	leaf->pids_base = now.pids_events;
	leaf->used = true;
	return 0;
}

int cgroup_leaf_prepare(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err)
{
	return begin(leaf, l, true, err);
}

int cgroup_leaf_begin(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err)
{
	return begin(leaf, l, false, err);
}

int cgroup_leaf_level(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	if (leaf->root->borrowed)
		return cgroup_borrowed_level(leaf, ret);
	return cgroup_file_read_u64(leaf, FILE_MEMORY_NOW, ret, NULL);
}

int cgroup_leaf_cpu_usec(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	char text[USAGE_BYTES];

	return read_usage(leaf, text, ret);
}

int cgroup_leaf_read(struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err)
{
	char usage[USAGE_BYTES];
	struct cgroup_reading now = { 0 };
	struct cgroup_counters c;
	int r;

	if (leaf->root->borrowed)
		return cgroup_borrowed_read(leaf, ret, err);
	r = read_usage(leaf, usage, &now.cpu_usec);
	if (r < 0)
		return err_set(err, r, "cgroup: %s", file_name(leaf, FILE_CPU_USAGE));
	read_bandwidth(leaf, usage, &now);
	r = cgroup_file_read_u64(leaf, FILE_MEMORY_NOW, &now.memory_bytes, err);
	if (r == 0 && leaf->files[FILE_MEMORY_PEAK] >= 0)
		r = cgroup_file_read_u64(leaf, FILE_MEMORY_PEAK, &now.memory_peak_bytes, err);
	if (r == 0)
		r = leaf->root->ops->counters(leaf, &c, err);
	if (r < 0)
		return r;
	if (c.oom_kills < leaf->oom_base || c.pids_events < leaf->pids_base)
		return err_set(err, EBADMSG, "cgroup: a counter of events fell");
	now.oom_kills = c.oom_kills - leaf->oom_base;
	now.pids_events = c.pids_events - leaf->pids_base;
	*ret = now;
	return 0;
}

static uint64_t lag_bytes(void)
{
	static long cpus;
	long page = sysconf(_SC_PAGESIZE);

	if (cpus == 0) /* asked of a file */
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
	return (uint64_t)LAG_PAGES_PER_CPU * (uint64_t)(cpus > 0 ? cpus : 1) * (uint64_t)page;
}

static bool charge_is_lag(struct cgroup_leaf *leaf, uint64_t charged_bytes)
{
	uint64_t now = clock_now_nsec();

	if (charged_bytes == 0) {
		leaf->doubt_nsec = 0;
		return true;
	}
	if (leaf->doubt_nsec == 0)
		leaf->doubt_nsec = now;
	return charged_bytes <= lag_bytes() && now - leaf->doubt_nsec < DOUBT_MAX_NSEC;
}

int cgroup_leaf_tasks(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	return cgroup_file_read_u64(leaf, FILE_PIDS_NOW, ret, NULL);
}

int cgroup_leaf_check_clean(struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	if (leaf->root->borrowed)
		return 0; /* its tasks died with its init, and nothing tells its memory from ours */
	r = cgroup_file_read_u64(leaf, FILE_PIDS_NOW, &ret->pids, err);
	if (r == 0)
		r = leaf->root->ops->charged(leaf, &ret->charged_bytes, err);
	if (r < 0)
		return r;
	if (ret->pids > 0 || !charge_is_lag(leaf, ret->charged_bytes))
		return 1;
	r = leaf->root->ops->settle(leaf, err);
	return r == -EBUSY ? 1 : r;
}
