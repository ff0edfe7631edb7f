/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of kodewar-inbox: one struct, no malloc, one file per concern. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/payload.h"
#include "sandbox/runner/container/inbox.h"

#define CONN_IN 0 /* the container's stdin and stdout: the conversation */
#define CONN_OUT 1

/* Files of the container's own cgroup, opened while nobody else is here; -1: there is none. */
struct inbox_cgroup {
	int version;
	int level_fd, peak_fd, oom_fd, pids_fd, cpu_fd;
};

struct inbox_level {
	uint64_t cpu_usec, memory_bytes, peak_bytes, oom_kills, pids_events;
};

struct inbox {
	struct inbox_cgroup cgroup;
	struct inbox_order order;
	struct payload_view payload;
	struct sock_filter filter[INBOX_FILTER_MAX];
	int landlock_abi;
	int box_dirfd;
	char artefact[256];
	char outputs[REQUEST_OUTPUTS_MAX][256];
	uint32_t noutputs;
	/* the program */
	pid_t pid;
	int in_fd, out_fd, err_fd; /* our ends of its pipes */
	int peer_fd;		   /* handshake with it before its exec */
	struct inbox_level base;   /* at its release */
	uint64_t started_nsec;
	struct inbox_end end;
};

/* inbox_cgroup.c */
void inbox_cgroup_open(struct inbox_cgroup *c);
uint32_t inbox_cgroup_sees(const struct inbox_cgroup *c);
void inbox_cgroup_read(const struct inbox_cgroup *c, struct inbox_level *ret);
uint64_t inbox_cgroup_cpu_usec(const struct inbox_cgroup *c);

/* inbox_program.c: body of the forked child; never returns. fds: stdin, stdout, stderr. */
void inbox_program_main(struct inbox *x, int fds[3], int peer_fd) __attribute__((noreturn));

/* What the child says of itself before its exec: a step that failed, or (step "") that it waits for the go. */
struct inbox_word {
	char step[32];
	int32_t error;
};

/* inbox_watch.c: from the release to the death of everything else in the container. */
void inbox_watch(struct inbox *x);

/* inbox.c */
void inbox_say(uint32_t kind, const void *data,
	       size_t len); /* blocks; exits where nobody listens */
void inbox_fail(const char *step, int error) __attribute__((noreturn));
