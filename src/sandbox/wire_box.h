/* SPDX-License-Identifier: Apache-2.0 */
/* Frames below the warden: see wire.h for who speaks to whom. All of them are between processes of ours. */
#pragma once

#include "sandbox/wire.h"

/* ---- warden and launchers ---- */

enum launch_kind { LAUNCH_INIT = 1, LAUNCH_PROGRAM };

/*
 * INIT (the lane's launcher only): note socket, then, where `bury` says so, the last box's mount namespace, then what
 * joins the cgroup.
 * PROGRAM: note socket, peer socket, init's pidfd, cpu usage, memory level, then what joins the cgroup.
 * `njoin` descriptors join: on v1 files to write "0" to, on v2 one directory for CLONE_INTO_CGROUP.
 */
enum launch_fd {
	LAUNCH_NOTE,
	LAUNCH_PEER,
	LAUNCH_INIT_PIDFD,
	LAUNCH_USAGE,
	LAUNCH_MEMORY,
	LAUNCH_FDS
};

struct launch {
	uint32_t kind;
	uint32_t
		uid; /* host uid and gid of the program, never used by another box at the same time */
	uint32_t init_uid;
	uint32_t njoin;
	uint32_t cgroup_version;
	uint32_t layers_off;
	uint32_t ahead;	   /* PROGRAM: its order has not come yet */
	uint32_t bury;	   /* INIT */
	uint32_t rootless; /* uid 0 of a user namespace that maps one id: nobody else to become */
	uint32_t kept;	   /* PROGRAM: its launcher keeps to one processor */
	uint64_t serial;   /* of this launch, for the answer */
};

enum launched_kind {
	LAUNCHED = 1,	 /* descriptor: the new process's pidfd, when error is 0 */
	LAUNCHED_READY,	 /* a zygote serves (error 0, text: version), or cannot (text: why) */
	LAUNCHED_STATUS, /* wait status of a program whose parent the zygote is */
};

struct launched {
	uint32_t kind;
	int32_t error; /* negative errno */
	uint64_t serial;
	int32_t wait_status;
	int32_t pid; /* LAUNCHED */
	char text[WIRE_TEXT_BYTES];
};

/* ---- warden and init ---- */

enum release_kind { RELEASE_RUN = 1, RELEASE_HARVEST };

/* RUN carries payload, stdin, stdout, stderr[, artefact][, files]; HARVEST: the program is dead, copy the artefact or the files. */
struct release {
	uint32_t kind;
	uint32_t flags;	   /* enum order_flags */
	uint32_t programs; /* forked into this box so far: the last one is to go */
	uint32_t reserved;
	uint64_t disk_bytes, inodes;
	uint64_t open_files, file_bytes, cpu_sec, stack_bytes;
	uint64_t processes;   /* 0: the cgroup bounds them */
	uint64_t files_bytes; /* of all files that are taken out */
};

enum release_fd { RELEASE_PAYLOAD, RELEASE_STDIN, RELEASE_STDOUT, RELEASE_STDERR, RELEASE_FDS };
#define RELEASE_FDS_MAX (RELEASE_FDS + 2)

enum note_kind {
	NOTE_READY =
		1, /* init waits. Descriptors: the box's disk, the program's peer socket, its mount namespace */
	NOTE_WAITING, /* the program waits, contained, for an order that has not come */
	NOTE_STARTED, /* the program is released. The first note of a program: the filter's listener */
	NOTE_HARVESTED, /* by init, for an artefact or files */
	NOTE_FAILED,
};

struct note {
	uint32_t kind;
	int32_t error;	  /* FAILED: negative errno */
	uint8_t artefact; /* HARVESTED: see struct facts */
	uint8_t reserved[7];
	char step[32];	       /* FAILED: name of the step */
	uint64_t time_nsec;    /* STARTED: monotonic, just before the program's own code */
	uint64_t cpu_usec;     /* STARTED: the leaf's usage then */
	uint64_t memory_bytes; /* STARTED: the leaf's level then */
};

/* ---- init and program ---- */

enum peer_kind {
	PEER_BORN = 1, /* program: map my user namespace */
	PEER_MAPPED,   /* init: done. Descriptor, where Landlock is on: the rules */
	PEER_GO,       /* init: run. Descriptors: payload, stdin, stdout, stderr */
};

struct peer {
	uint32_t kind;
	int32_t pid; /* BORN: as seen in the box */
	uint64_t open_files, file_bytes, cpu_sec, stack_bytes, processes; /* GO */
};
