/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between cgroup.c, cgroup_leaf.c and cgroup_limits.c, which own directories, descriptors and lives, and the two drivers,
 * which know what the files are called and mean.  Nobody else includes this.
 */
#pragma once

#include <stddef.h>

#include "kernel/cgroup.h"

#define CGROUP_CONTROL_DIR "ctl"

/* One index for both versions; where a version has no such file the descriptor is -1. */
enum cgroup_file {
	FILE_CPU_USAGE,
	FILE_CPU_PERIOD,
	FILE_CPU_QUOTA,
	FILE_CPU_STAT,
	FILE_MEMORY_NOW,
	FILE_MEMORY_LIMIT,
	FILE_MEMORY_SWAP,
	FILE_MEMORY_PEAK,
	FILE_MEMORY_EVENTS,
	FILE_MEMORY_STAT,
	FILE_PIDS_NOW,
	FILE_PIDS_MAX,
	FILE_PIDS_EVENTS,
	FILE_IO_READ,
	FILE_IO_WRITE,
	FILE_COUNT,
};
_Static_assert(FILE_COUNT <= CGROUP_FILES, "room for every control file of a leaf");

struct cgroup_file_spec {
	const char *name; /* NULL: this version has none */
	enum cgroup_controller controller;
	int flags;
	bool needed; /* where its controller is present */
};

struct cgroup_counters {
	uint64_t oom_kills, pids_events;
};

struct cgroup_ops {
	const struct cgroup_file_spec *specs; /* FILE_COUNT of them */
	/* Opens or makes SLOT in every hierarchy, enables controllers: fills dirfds and present. */
	int (*root_open)(struct cgroup_root *root, int basefd, struct err *err);
	/* After directories and files are open: what is set once, and how to join. */
	int (*leaf_open)(struct cgroup_leaf *leaf, struct err *err);
	void (*leaf_close)(struct cgroup_leaf *leaf);
	int (*set_memory)(struct cgroup_leaf *leaf, uint64_t bytes, struct err *err);
	int (*set_cpu)(struct cgroup_leaf *leaf, unsigned cpus_milli, struct err *err);
	int (*set_io)(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err);
	/* Makes the peak start anew; nothing runs in the leaf. */
	int (*reset_peak)(struct cgroup_leaf *leaf, struct err *err);
	int (*counters)(const struct cgroup_leaf *leaf, struct cgroup_counters *ret,
			struct err *err);
	int (*charged)(const struct cgroup_leaf *leaf, uint64_t *ret, struct err *err);
	/* After the leaf was found clean. */
	int (*settle)(struct cgroup_leaf *leaf, struct err *err);
};

extern const struct cgroup_ops cgroup_v1_ops, cgroup_v2_ops;

/* Below which name a controller's own hierarchy is mounted, or NULL. */
const char *cgroup_v1_mount(int basefd, int controller);

/* ---- cgroup_borrowed.c: what cgroup.h says of a leaf, where it is a container's own group ---- */

int cgroup_borrowed_begin(struct cgroup_leaf *leaf, const struct cgroup_limits *l, bool empty,
			  struct err *err);
int cgroup_borrowed_read(const struct cgroup_leaf *leaf, struct cgroup_reading *ret,
			 struct err *err);
/* Memory that nothing but its owner can give back, swap included. */
int cgroup_borrowed_level(const struct cgroup_leaf *leaf, uint64_t *ret);

/* Shorter periods than the kernel's 100 ms; why is told in cgroup_limits.c. */
struct cgroup_bandwidth {
	unsigned period_usec, quota_usec;
};
struct cgroup_bandwidth cgroup_bandwidth(unsigned cpus_milli);
/* Those that changed. After a failure none is taken for known. */
int cgroup_leaf_set_limits(struct cgroup_leaf *leaf, const struct cgroup_limits *l,
			   struct err *err);

/* Opens parent/name, making it where it is missing. Returns the descriptor or a negative errno. */
int cgroup_dir_make(int parent, const char *name, struct err *err);
/* As above, but it must be empty and ours: an old one is removed first, or -EBUSY. */
int cgroup_dir_fresh(int parent, const char *name, struct err *err);
/* Waits a tenth of a second for it to be empty; what stays is left to cgroup_root_close(). */
void cgroup_dir_remove(int parent, const char *name);
/* Co-mounted controllers (cpu,cpuacct) have one directory under two names: the earlier one, or -1. */
int cgroup_twin(const int *dirfds, int controller);
/* PARENT/kodewar/SLOT below a top; `lock`: holds it against a second owner. Descriptor or negative errno. */
int cgroup_slot_make(int top, const char *slot, bool lock, struct err *err);
/* Kills every task of one directory, but not the caller; -ENOENT when there is none to read. */
int cgroup_dir_kill(int dirfd);

int cgroup_file_open(int dirfd, const struct cgroup_file_spec *spec, struct err *err);
int cgroup_file_write(const struct cgroup_leaf *leaf, enum cgroup_file f, const char *text,
		      struct err *err);
int cgroup_file_write_u64(const struct cgroup_leaf *leaf, enum cgroup_file f, uint64_t v,
			  struct err *err);
int cgroup_file_read(const struct cgroup_leaf *leaf, enum cgroup_file f, char *text, size_t size,
		     struct err *err);
int cgroup_file_read_u64(const struct cgroup_leaf *leaf, enum cgroup_file f, uint64_t *ret,
			 struct err *err);
/* The number on the line that starts with "key "; false when there is no such line. */
bool cgroup_key_u64(const char *text, const char *key, uint64_t *ret);
/* As above from a file; -EBADMSG when the line is missing. */
int cgroup_file_read_key(const struct cgroup_leaf *leaf, enum cgroup_file f, const char *key,
			 uint64_t *ret, struct err *err);
bool cgroup_host_has_swap(void);
