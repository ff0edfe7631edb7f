/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said between the Docker backend and kodewar-inbox, pid 1 of each of its containers, over the container's
 * stdin and stdout.  All numbers are the host's: hello tells whether both ends are of one kind and one build.
 *
 *   runner:  hello                                     … started  stdout, stderr …  [artefact … | files …]  end | failed
 *   backend:       order filter payload [artefact]        stdin …
 *
 * Every message of the runner, and of stdin, is a struct inbox_head and `bytes` behind it.  What follows the order is not
 * cut into messages: its sizes are in the order.  A program has no descriptor of this conversation.
 */
#pragma once

#include <stdint.h>

#define INBOX_MAGIC 0x6b776935u /* changes with the format; also tells a foreign byte order */
#define INBOX_PATH "/usr/libexec/kodewar/kodewar-inbox"
#define INBOX_UID_BASE 0x71000000u
#define INBOX_CHUNK_BYTES 65536u
#define INBOX_FILTER_MAX 4096u /* BPF_MAXINSNS */
#define INBOX_PROGRAMS_MAX 64u
#define INBOX_STDERR_KILL_FACTOR 16u /* stderr ends a box only at this many times its limit */

enum inbox_kind {
	INBOX_HELLO = 1, /* struct inbox_hello */
	INBOX_STARTED,	 /* nothing: the program was released */
	INBOX_STDOUT,
	INBOX_STDERR,
	INBOX_ARTEFACT,
	INBOX_END,	  /* struct inbox_end; the last */
	INBOX_FAILED,	  /* struct inbox_failed; the last */
	INBOX_STDIN,	  /* to the runner; 0 bytes: its end */
	INBOX_FILES,	  /* as sandbox/harvest.h has them */
	INBOX_STDOUT_END, /* nothing: nobody can write to stdout any more */
};

struct inbox_head {
	uint32_t kind, bytes;
};

enum inbox_sees {
	INBOX_SEES_CPU = 1, /* its cgroup's files: where not, rusage has to do */
	INBOX_SEES_MEMORY = 2,
	INBOX_SEES_OOM = 4,
	INBOX_SEES_PIDS = 8,
};

struct inbox_hello {
	uint32_t magic, arch; /* AUDIT_ARCH_… */
	uint32_t landlock_abi;
	uint32_t sees;	     /* enum inbox_sees */
	uint64_t programs;   /* bit n: argument n+1 is an executable file here */
	uint64_t mono_nsec;  /* its clock */
	uint32_t uid, flags; /* 0 */
};

/* Why the runner killed the program: numbers of this conversation, whatever enum box_kill comes to be. */
enum inbox_kill {
	INBOX_KILL_NONE,
	INBOX_KILL_OUTPUT,
	INBOX_KILL_CPU,
	INBOX_KILL_WALL,
	INBOX_KILL_ASKED
};

enum inbox_order_flags {
	INBOX_ARTEFACT_OUT = 1,
	INBOX_ARTEFACT_IN = 2,
	INBOX_FILES_OUT = 4, /* all together of output_bytes at most */
};

struct inbox_order {
	uint32_t magic, flags;
	uint32_t filter_len, open_files;
	uint64_t payload_bytes, artefact_bytes;
	uint64_t cpu_usec, wall_usec; /* limits */
	uint64_t output_bytes, file_bytes, stack_bytes;
	uint32_t cpus, reserved;
};

struct inbox_end {
	int32_t wait_status;
	uint8_t ended, kill /* enum inbox_kill */, disk_full, artefact /* as in facts.h */;
	uint32_t sees, reserved;
	uint64_t cpu_usec, wall_usec;
	uint64_t memory_peak_bytes, oom_kills, pids_events;
	uint64_t stdout_bytes, stderr_bytes;
};

struct inbox_failed {
	char step[32];
	int32_t error; /* negative errno */
	uint32_t reserved;
};
