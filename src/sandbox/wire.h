/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every frame that crosses a process border: fixed size, SOCK_SEQPACKET, descriptors beside it.
 *
 *   engine --order-->  warden  --launch-->  launcher --clone--> init
 *   engine <--report-- warden  <--launched- launcher
 *                      warden  <--note-- init, program before exec
 *
 * Numbers are the host's; all frames are made and read by programs of one build.  The order is the one
 * border where privilege changes: the warden checks every field of it (wire_check_order).  Text a user
 * chose travels only in the payload file (payload.h), which the warden passes on without reading.
 */
#pragma once

#include <stdint.h>

#include "model/facts.h"
#include "model/limits.h"

#define WIRE_LANES_MAX 64

enum order_kind { ORDER_RUN = 1, ORDER_KILL };

enum order_flags {
	ORDER_ARTEFACT_OUT = 1, /* harvest the artefact into the 5th descriptor, a pipe */
	ORDER_ARTEFACT_IN = 2,	/* the 5th descriptor is the sealed artefact */
};

/* ORDER_RUN carries descriptors: payload, stdin, stdout, stderr[, artefact]. */
struct order {
	uint32_t kind;
	uint32_t lane;
	uint64_t box; /* chosen by the engine, never used twice */
	uint32_t flags;
	uint32_t kill;	      /* ORDER_KILL: enum box_kill */
	uint64_t wall_cap_ms; /* what the submission has left; 0 = no cap */
	struct limits limits; /* complete */
};

enum report_kind { REPORT_DONE = 1, REPORT_IDLE, REPORT_LOST };

/* DONE: facts of a box.  IDLE: the lane may be used again.  LOST: it never may. */
struct report {
	uint32_t kind;
	uint32_t lane;
	uint64_t box;
	struct facts facts;
};

enum launch_fd {
	LAUNCH_PAYLOAD,
	LAUNCH_STDIN,
	LAUNCH_STDOUT,
	LAUNCH_STDERR,
	LAUNCH_NOTE,
	LAUNCH_USAGE,
	LAUNCH_MEMORY,
	LAUNCH_FIXED_FDS
};

/*
 * Descriptors: the fixed ones, then the artefact if flagged, then `njoin` that join the cgroup: on v1
 * files to write "0" to, on v2 one directory for CLONE_INTO_CGROUP.
 */
struct launch {
	uint64_t box;
	uint32_t flags; /* enum order_flags */
	uint32_t
		uid; /* host uid and gid of the program, never used by another box at the same time */
	uint32_t init_uid;
	uint32_t njoin;
	uint32_t cgroup_version;
	uint32_t layers_off;
	uint64_t disk_bytes, inodes;
	uint64_t open_files, file_bytes, cpu_sec, stack_bytes;
};

/* Descriptor: the pidfd of init, when error is 0. */
struct launched {
	uint64_t box;
	int32_t error; /* negative errno */
	int32_t pid;
};

enum note_kind { NOTE_STARTED = 1, NOTE_FAILED, NOTE_ENDED };

struct note {
	uint32_t kind;
	int32_t error;	     /* FAILED: negative errno */
	int32_t wait_status; /* ENDED */
	uint8_t disk_full;
	uint8_t artefact; /* see struct facts */
	uint8_t reserved[2];
	char step[32]; /* FAILED: name of the step */
	uint64_t
		time_nsec; /* monotonic. STARTED: just before exec; ENDED: when the status was read */
	uint64_t cpu_usec;     /* STARTED: the leaf's usage at release */
	uint64_t memory_bytes; /* STARTED: the leaf's level before the program was born */
};
