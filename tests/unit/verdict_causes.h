/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of verdicts share: facts of a good end, and every cause that spoils one.  CAUSES
 * stands in the contract's order of precedence.  For one .c file each; everything is static.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/verdict.h"

#define EXITED(code) ((code) << 8)
#define COMPILE_ONLY 1
#define RUN_ONLY 2

static const struct limits limits = {
	.cpu_ms = 2000,
	.wall_ms = 5000,
	.memory_kb = 131072,
	.processes = 7,
	.open_files = 64,
	.output_bytes = 1000,
	.disk_kb = 2048,
	.inodes = 99,
	.file_kb = 512,
	.total_wall_ms = 9000,
};

/* A program that ended well and touched nothing. */
static struct facts good(void)
{
	return (struct facts){
		.started = 1,
		.ended = 1,
		.denied_known = 1,
		.cpu_usec = 2000000,
		.wall_usec = 5000000,
		.memory_peak_bytes = 131072 * 1024,
		.stdout_bytes = 1000,
		.stderr_bytes = 1000,
	};
}

static void set_setup(struct facts *f)
{
	f->setup_errno = -ENOSPC;
	strcpy(f->setup_step, "copy-files");
	f->started = f->ended = 0;
}

static void set_broken(struct facts *f)
{
	f->kill = KILL_BROKEN;
}

static void set_cancel(struct facts *f)
{
	f->kill = KILL_CANCEL;
}

static void set_unheard_of(struct facts *f)
{
	f->kill = KILL_BROKEN + 1;
}

static void set_kill_output(struct facts *f)
{
	f->kill = KILL_OUTPUT;
}

static void set_kill_cpu(struct facts *f)
{
	f->kill = KILL_CPU;
}

static void set_kill_wall(struct facts *f)
{
	f->kill = KILL_WALL;
}

static void set_kill_total(struct facts *f)
{
	f->kill = KILL_TOTAL_WALL;
}

static void set_kill_security(struct facts *f)
{
	f->kill = KILL_SECURITY;
	f->denied_total = 101;
}

static void set_foreign_abi(struct facts *f)
{
	f->foreign_abi = 1;
	f->wait_status = SIGSYS;
}

static void set_stdout_over(struct facts *f)
{
	f->stdout_bytes = 1001;
}

static void set_stderr_over(struct facts *f)
{
	f->stderr_bytes = 16001;
}

static void set_oom(struct facts *f)
{
	f->oom_kills = 1;
}

static void set_cpu_over(struct facts *f)
{
	f->cpu_usec = 2000001;
}

static void set_wall_over(struct facts *f)
{
	f->wall_usec = 5000001;
}

static void set_file_size(struct facts *f)
{
	f->wait_status = SIGXFSZ;
}

static void set_disk_full(struct facts *f)
{
	f->disk_full = 1;
	f->wait_status = EXITED(1);
}

static void set_disk_full_no_artefact(struct facts *f)
{
	f->disk_full = 1;
	f->artefact = 2;
}

static void set_pids(struct facts *f)
{
	f->pids_events = 3;
	f->wait_status = EXITED(1);
}

static void set_exit(struct facts *f)
{
	f->wait_status = EXITED(42);
}

static void set_exit_137(struct facts *f)
{
	f->wait_status = EXITED(137);
}

static void set_sigkill(struct facts *f)
{
	f->wait_status = SIGKILL;
}

static void set_sigxcpu(struct facts *f)
{
	f->wait_status = SIGXCPU;
}

static void set_core_dumped(struct facts *f)
{
	f->wait_status = SIGSEGV | 0x80;
}

static void set_no_artefact(struct facts *f)
{
	f->artefact = 2;
}

static void set_odd_artefact(struct facts *f)
{
	f->artefact = 3;
}

static void set_big_artefact(struct facts *f)
{
	f->artefact = 4;
}

static void set_locked_artefact(struct facts *f)
{
	f->artefact = TAKEN_UNREADABLE;
}

/* What a compile step's failure is called differently. */
#define FAILED VERDICT_COUNT

static const struct cause {
	const char *name;
	void (*set)(struct facts *f);
	enum verdict verdict;
	int rank; /* those of one rank exclude each other, or mean the same */
	int only;
	const char *evidence; /* in the sentence */
} causes[] = {
	{ "setup", set_setup, VERDICT_INTERNAL_ERROR, 0, 0,
	  "step copy-files: No space left on device." },
	{ "broken", set_broken, VERDICT_INTERNAL_ERROR, 1, 0, "not seen" },
	{ "cancel", set_cancel, VERDICT_INTERNAL_ERROR, 1, 0, "cancelled" },
	{ "unheard of", set_unheard_of, VERDICT_INTERNAL_ERROR, 1, 0, "not seen" },
	{ "kill output", set_kill_output, VERDICT_OUTPUT_LIMIT, 1, 0, "1000 of each allowed" },
	{ "kill cpu", set_kill_cpu, VERDICT_TIME_LIMIT, 1, 0, "s of cpu time, 2.000 s allowed" },
	{ "kill wall", set_kill_wall, VERDICT_TIME_LIMIT, 1, 0, "s of wall time, 5.000 s allowed" },
	{ "kill total", set_kill_total, VERDICT_TIME_LIMIT, 1, 0, "total wall time of 9.000 s" },
	{ "kill security", set_kill_security, VERDICT_SECURITY_VIOLATION, 1, 0, "101 denied" },
	{ "foreign abi", set_foreign_abi, VERDICT_SECURITY_VIOLATION, 2, 0, "foreign ABI" },
	{ "stdout over", set_stdout_over, VERDICT_OUTPUT_LIMIT, 3, 0, "1001 bytes of stdout" },
	{ "stderr over", set_stderr_over, VERDICT_OUTPUT_LIMIT, 3, 0, "16001 of stderr" },
	{ "oom", set_oom, VERDICT_MEMORY_LIMIT, 4, 0, "131072 KiB allowed" },
	{ "cpu over", set_cpu_over, VERDICT_TIME_LIMIT, 5, 0,
	  "2.001 s of cpu time, 2.000 s allowed" },
	{ "wall over", set_wall_over, VERDICT_TIME_LIMIT, 6, 0,
	  "5.001 s of wall time, 5.000 s allowed" },
	{ "file size", set_file_size, VERDICT_DISK_LIMIT, 7, 0, "larger than 512 KiB" },
	{ "disk full", set_disk_full, VERDICT_DISK_LIMIT, 8, 0, "2048 KiB and 99 inodes" },
	{ "full, no artefact", set_disk_full_no_artefact, VERDICT_DISK_LIMIT, 8, COMPILE_ONLY,
	  "2048 KiB" },
	{ "pids", set_pids, VERDICT_PROCESS_LIMIT, 9, 0,
	  "7 processes and threads allowed, 3 more" },
	{ "exit", set_exit, FAILED, 10, 0, "exit code 42" },
	{ "exit 137", set_exit_137, FAILED, 10, 0, "exit code 137" },
	{ "SIGKILL", set_sigkill, FAILED, 10, 0, "signal SIGKILL" },
	{ "SIGXCPU", set_sigxcpu, FAILED, 10, 0, "signal SIGXCPU" },
	{ "core dumped", set_core_dumped, FAILED, 10, 0, "signal SIGSEGV" },
	{ "no artefact", set_no_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY,
	  "made no program" },
	{ "odd artefact", set_odd_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY,
	  "not a plain file" },
	{ "big artefact", set_big_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY, "too large" },
	{ "locked artefact", set_locked_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY,
	  "cannot be read" },
};

static enum verdict expected_of(const struct cause *c, enum step_kind kind)
{
	if (c->verdict != FAILED)
		return c->verdict;
	return kind == STEP_COMPILE ? VERDICT_COMPILE_ERROR : VERDICT_RUNTIME_ERROR;
}
