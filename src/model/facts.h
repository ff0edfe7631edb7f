/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor itself saw of one box.  Plain data of fixed size, so that it crosses from the
 * warden as it is.  Nothing in here was ever said by the program.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/taken.h"

#define FACTS_DENIED_MAX \
	32 /* distinct system calls counted; more are counted together in `denied_other` */

/* Why the supervisor killed the box, if it did. */
enum box_kill {
	KILL_NONE,
	KILL_OUTPUT, /* stdout beyond the limit, or stderr beyond 16 times the limit */
	KILL_CPU,
	KILL_WALL,
	KILL_TOTAL_WALL, /* the submission's budget ended while this box ran */
	KILL_SECURITY,	 /* flood of denied calls, or a foreign ABI */
	KILL_MEMORY,	 /* more than its limit was seen, where the kernel enforces none */
	KILL_DECIDED, /* its case was decided by the box that it talked with: nothing of it counts any more */
	KILL_CANCEL, /* asked by the client, or at shutdown: an internal_error when judged */
	KILL_BROKEN, /* a listener could not be served, a launcher died, …: internal_error */
};

/* How the program came to be; which runner it was is the plan's to know. */
enum runner_start {
	START_COLD,   /* execve of the runtime */
	START_WARM,   /* forked by a running one at the order */
	START_POOLED, /* forked before its order came */
	STARTS,
};

struct denied_call {
	uint32_t arch; /* AUDIT_ARCH_… */
	int32_t nr;
	uint32_t count;
	uint32_t reserved;
	uint64_t args[6]; /* of the first such call */
};

struct facts {
	uint8_t started;   /* the program was released (its exec may still have failed) */
	uint8_t ended;	   /* init saw the program's wait status */
	uint8_t kill;	   /* enum box_kill */
	uint8_t disk_full; /* no free block or no free inode at the end */
	uint8_t artefact; /* enum taken, of what a compile step made; of a run whose files are taken: WHOLE, they were looked for */
	uint8_t foreign_abi;  /* killed by SIGSYS from the filter */
	uint8_t denied_known; /* false where no listener could watch (Docker) */
	uint8_t runner;	      /* enum runner_start */
	int32_t wait_status;  /* as waitpid(2), valid when `ended` */
	int32_t setup_errno;  /* not 0: a step before release failed: the host's failure */
	char setup_step[32];  /* its name, terminated */
	uint64_t cpu_usec, wall_usec;
	uint64_t memory_peak_bytes;	     /* peak above the level at release */
	uint64_t oom_kills, pids_events;     /* rises of the cgroup's counters */
	uint64_t stdout_bytes, stderr_bytes; /* all that was written, also what was not kept */
	uint32_t denied_total, denied_other;
	uint32_t ndenied;
	uint32_t watched; /* memory and processes were looked at from time to time, not counted */
	uint64_t throttled_usec; /* in which the box stood still for its own bound on cpu */
	uint64_t
		cpu_periods; /* that the kernel counted for that bound; throttled_known: whether it counts */
	uint64_t
		waited_usec; /* in which the program's first thread could have run and had no cpu */
	uint8_t throttled_known, waited_known;
	uint8_t reserved[6];
	struct denied_call denied[FACTS_DENIED_MAX];
};
