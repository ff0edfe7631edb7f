/* SPDX-License-Identifier: Apache-2.0 */
/* See verdict.h. The order of the tests in verdict_of() is the contract. */
#include "model/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"

#define NAME(id, name, doc) [VERDICT_##id] = #name,
#define DOC(id, name, doc) [VERDICT_##id] = doc,
const char *const verdict_names[VERDICT_COUNT] = { VERDICTS(NAME) };
const char *const verdict_docs[VERDICT_COUNT] = { VERDICTS(DOC) };

static bool over_cpu(const struct facts *f, const struct limits *l)
{
	return f->cpu_usec > l->cpu_ms * 1000;
}

static bool over_wall(const struct facts *f, const struct limits *l)
{
	return f->wall_usec > l->wall_ms * 1000;
}

/* stderr is only drained beyond its limit, and tolerated up to 16 times of it. */
static bool over_output(const struct facts *f, const struct limits *l)
{
	return f->stdout_bytes > l->output_bytes || f->stderr_bytes > 16 * l->output_bytes;
}

static bool died_by(const struct facts *f, int sig)
{
	return f->ended && WIFSIGNALED(f->wait_status) && WTERMSIG(f->wait_status) == sig;
}

static bool ended_well(const struct facts *f)
{
	return f->ended && WIFEXITED(f->wait_status) && WEXITSTATUS(f->wait_status) == 0;
}

/*
 * The supervisor's own kill, as a verdict; VERDICT_COUNT when there was none.  A program that wrote too
 * much and ended before the kill reached it is judged as if it had been reached: its output is cut.
 */
static enum verdict verdict_of_kill(const struct facts *f, const struct limits *l)
{
	switch ((enum box_kill)f->kill) {
	case KILL_OUTPUT: return VERDICT_OUTPUT_LIMIT;
	case KILL_CPU:
	case KILL_WALL:
	case KILL_TOTAL_WALL: return VERDICT_TIME_LIMIT;
	case KILL_SECURITY: return VERDICT_SECURITY_VIOLATION;
	case KILL_MEMORY: return VERDICT_MEMORY_LIMIT;
	case KILL_CANCEL:
	case KILL_BROKEN: return VERDICT_INTERNAL_ERROR;
	case KILL_DECIDED:
	case KILL_NONE: break;
	}
	if (f->foreign_abi)
		return VERDICT_SECURITY_VIOLATION;
	return over_output(f, l) ? VERDICT_OUTPUT_LIMIT : VERDICT_COUNT;
}

static bool host_failed(const struct facts *f)
{
	if (f->setup_errno || f->kill >= KILL_CANCEL)
		return true;
	/* Nobody killed it, memory did not run out, and yet its end was not seen. */
	return !f->ended && f->kill == KILL_NONE && f->oom_kills == 0;
}

/* The compiler ended with exit code 0, but there is nothing to run. */
static bool made_nothing(const struct facts *f, enum step_kind kind)
{
	return kind == STEP_COMPILE && f->artefact > TAKEN_WHOLE;
}

static enum verdict verdict_of_failure(const struct facts *f, enum step_kind kind)
{
	if (died_by(f, SIGXFSZ) || f->disk_full)
		return VERDICT_DISK_LIMIT;
	if (f->pids_events > 0)
		return VERDICT_PROCESS_LIMIT;
	return kind == STEP_COMPILE ? VERDICT_COMPILE_ERROR : VERDICT_RUNTIME_ERROR;
}

enum verdict verdict_of(const struct facts *f, const struct limits *l, enum step_kind kind,
			enum comparison comparison)
{
	enum verdict v;

	if (host_failed(f))
		return VERDICT_INTERNAL_ERROR;
	v = verdict_of_kill(f, l);
	if (v != VERDICT_COUNT)
		return v;
	if (f->oom_kills > 0)
		return VERDICT_MEMORY_LIMIT;
	if (over_cpu(f, l) || over_wall(f, l))
		return VERDICT_TIME_LIMIT;
	if (!ended_well(f) || made_nothing(f, kind))
		return verdict_of_failure(f, kind);
	return comparison == COMPARISON_DIFFERENT ? VERDICT_WRONG_ANSWER : VERDICT_ACCEPTED;
}

const char *const runner_start_names[STARTS] = {
	[START_COLD] = "cold",
	[START_WARM] = "warm",
	[START_POOLED] = "pooled",
};

bool facts_exit_code(const struct facts *f, int *ret)
{
	if (!f->ended || !WIFEXITED(f->wait_status))
		return false;
	*ret = WEXITSTATUS(f->wait_status);
	return true;
}

/* clang-format off */
#define S(name) [SIG##name] = "SIG" #name
static const char *const signal_names[] = {
	S(HUP), S(INT), S(QUIT), S(ILL), S(TRAP), S(ABRT), S(BUS), S(FPE), S(KILL), S(USR1),
	S(SEGV), S(USR2), S(PIPE), S(ALRM), S(TERM), S(STKFLT), S(CHLD), S(CONT), S(STOP),
	S(TSTP), S(TTIN), S(TTOU), S(URG), S(XCPU), S(XFSZ), S(VTALRM), S(PROF), S(WINCH), S(IO),
	S(PWR), S(SYS),
	[32] = "SIG32", "SIG33", "SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+2", "SIGRTMIN+3",
	"SIGRTMIN+4", "SIGRTMIN+5", "SIGRTMIN+6", "SIGRTMIN+7", "SIGRTMIN+8", "SIGRTMIN+9",
	"SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12", "SIGRTMIN+13", "SIGRTMIN+14", "SIGRTMIN+15",
	"SIGRTMIN+16", "SIGRTMIN+17", "SIGRTMIN+18", "SIGRTMIN+19", "SIGRTMIN+20", "SIGRTMIN+21",
	"SIGRTMIN+22", "SIGRTMIN+23", "SIGRTMIN+24", "SIGRTMIN+25", "SIGRTMIN+26", "SIGRTMIN+27",
	"SIGRTMIN+28", "SIGRTMIN+29", "SIGRTMAX",
};
/* clang-format on */

const char *facts_signal_name(const struct facts *f)
{
	int sig;

	if (!f->ended || !WIFSIGNALED(f->wait_status))
		return NULL;
	sig = WTERMSIG(f->wait_status);
	/* That one is the supervisor's own doing, not the program's. */
	if (f->kill != KILL_NONE && sig == SIGKILL)
		return NULL;
	return sig < (int)ARRAY_SIZE(signal_names) && signal_names[sig] ? signal_names[sig]
									: "SIGUNKNOWN";
}

/* Rounded up, as usage is: what went over a limit of 1 s must not be shown as 1.000 s. */
static double seconds(uint64_t usec)
{
	uint64_t msec = (usec + 999) / 1000;

	return (double)msec / 1e3;
}

static int sentence_time(const struct facts *f, const struct limits *l, char *text, size_t size)
{
	if (f->kill == KILL_TOTAL_WALL)
		return snprintf(
			text, size,
			"Time limit exceeded: the submission's total wall time of %.3f s was spent "
			"after %.3f s of this run.",
			(double)l->total_wall_ms / 1e3, seconds(f->wall_usec));
	if (f->kill == KILL_CPU || (f->kill == KILL_NONE && over_cpu(f, l)))
		return snprintf(text, size,
				"Time limit exceeded: %.3f s of cpu time, %.3f s allowed.",
				seconds(f->cpu_usec), (double)l->cpu_ms / 1e3);
	return snprintf(text, size, "Time limit exceeded: %.3f s of wall time, %.3f s allowed.",
			seconds(f->wall_usec), (double)l->wall_ms / 1e3);
}

/* The kernel refuses what would be one piece too many: the peak is then a little below the limit, and no evidence. */
static int sentence_memory(const struct facts *f, const struct limits *l, char *text, size_t size)
{
	uint64_t peak_kb = f->memory_peak_bytes / 1024;

	if (!f->started)
		return snprintf(
			text, size,
			"Memory limit exceeded: %llu KiB allowed, which were full before the "
			"program ran.",
			(unsigned long long)l->memory_kb);
	if (peak_kb < l->memory_kb)
		return snprintf(
			text, size,
			"Memory limit exceeded: %llu KiB allowed, and more than that asked for.",
			(unsigned long long)l->memory_kb);
	return snprintf(text, size, "Memory limit exceeded: %llu KiB allowed, peak %llu KiB.",
			(unsigned long long)l->memory_kb, (unsigned long long)peak_kb);
}

static int sentence_disk(const struct facts *f, const struct limits *l, char *text, size_t size)
{
	if (died_by(f, SIGXFSZ))
		return snprintf(
			text, size,
			"Disk limit exceeded: ended by SIGXFSZ, as for a file larger than %llu KiB.",
			(unsigned long long)l->file_kb);
	return snprintf(
		text, size,
		"Disk limit exceeded: no space or inode was left of %llu KiB and %llu inodes.",
		(unsigned long long)l->disk_kb, (unsigned long long)l->inodes);
}

static int sentence_processes(const struct facts *f, const struct limits *l, char *text,
			      size_t size)
{
	if (f->watched)
		return snprintf(
			text, size,
			"Process limit exceeded: %llu processes and threads allowed, all of "
			"them were in use.",
			(unsigned long long)l->processes);
	return snprintf(
		text, size,
		"Process limit exceeded: %llu processes and threads allowed, %llu more refused.",
		(unsigned long long)l->processes, (unsigned long long)f->pids_events);
}

static int sentence_end(const char *what, const struct facts *f, char *text, size_t size)
{
	int code;

	if (facts_exit_code(f, &code))
		return snprintf(text, size, "%s: exit code %d.", what, code);
	return snprintf(text, size, "%s: ended by signal %s.", what,
			facts_signal_name(f) ? facts_signal_name(f) : "(unknown)");
}

static int sentence_security(const struct facts *f, char *text, size_t size)
{
	if (f->kill == KILL_SECURITY && !f->foreign_abi)
		return snprintf(
			text, size,
			"Security violation: %u denied system calls, more than the 100 allowed.",
			f->denied_total);
	return snprintf(text, size, "Security violation: a system call of a foreign ABI.");
}

static int sentence_internal(const struct facts *f, char *text, size_t size)
{
	if (f->kill == KILL_CANCEL)
		return snprintf(text, size, "Internal error: the run was cancelled.");
	if (f->setup_errno)
		return snprintf(text, size, "Internal error: the box failed at step %.31s: %s.",
				f->setup_step,
				strerror(f->setup_errno < 0 ? -f->setup_errno : f->setup_errno));
	return snprintf(text, size, "Internal error: the end of the program was not seen.");
}

static int sentence_compile(const struct facts *f, char *text, size_t size)
{
	static const char *const artefact[] = {
		[TAKEN_MISSING] = "it made no program",
		[TAKEN_NOT_PLAIN] = "what it made is not a plain file",
		[TAKEN_TOO_LARGE] = "the program it made is too large",
		[TAKEN_UNREADABLE] = "what it made cannot be read by its owner",
	};

	if (ended_well(f) && f->artefact < ARRAY_SIZE(artefact) && artefact[f->artefact])
		return snprintf(text, size, "Compile error: the compiler ended well, but %s.",
				artefact[f->artefact]);
	return sentence_end("Compile error", f, text, size);
}

size_t verdict_sentence(enum verdict v, const struct facts *f, const struct limits *l, char *text,
			size_t size)
{
	int n = 0;

	*text = '\0';
	switch (v) {
	case VERDICT_ACCEPTED:
	case VERDICT_WRONG_ANSWER:
	case VERDICT_PRESENTATION_ERROR:
	case VERDICT_PARTIAL:
	case VERDICT_COUNT: break;
	case VERDICT_TIME_LIMIT: n = sentence_time(f, l, text, size); break;
	case VERDICT_MEMORY_LIMIT: n = sentence_memory(f, l, text, size); break;
	case VERDICT_OUTPUT_LIMIT:
		n = snprintf(
			text, size,
			"Output limit exceeded: %llu bytes of stdout and %llu of stderr written, %llu of "
			"each allowed.",
			(unsigned long long)f->stdout_bytes, (unsigned long long)f->stderr_bytes,
			(unsigned long long)l->output_bytes);
		break;
	case VERDICT_DISK_LIMIT: n = sentence_disk(f, l, text, size); break;
	case VERDICT_PROCESS_LIMIT: n = sentence_processes(f, l, text, size); break;
	case VERDICT_SECURITY_VIOLATION: n = sentence_security(f, text, size); break;
	case VERDICT_COMPILE_ERROR: n = sentence_compile(f, text, size); break;
	case VERDICT_RUNTIME_ERROR: n = sentence_end("Runtime error", f, text, size); break;
	case VERDICT_SKIPPED: n = snprintf(text, size, "Skipped: not run."); break;
	case VERDICT_INTERNAL_ERROR: n = sentence_internal(f, text, size); break;
	}
	if (n < 0)
		return 0;
	return (size_t)n < size ? (size_t)n : size - 1;
}

size_t facts_limits_hit(const struct facts *f, const struct limits *l, const char **names,
			size_t room)
{
	const struct {
		bool hit;
		const char *name;
	} rows[] = {
		{ f->kill == KILL_CPU || over_cpu(f, l), "cpu_ms" },
		{ f->kill == KILL_WALL || over_wall(f, l), "wall_ms" },
		{ f->kill == KILL_TOTAL_WALL, "total_wall_ms" },
		{ f->oom_kills > 0 || f->kill == KILL_MEMORY, "memory_kb" },
		{ f->pids_events > 0, "processes" },
		{ f->kill == KILL_OUTPUT || f->stdout_bytes > l->output_bytes ||
			  f->stderr_bytes > l->output_bytes,
		  "output_bytes" },
		{ f->disk_full != 0, "disk_kb" },
		{ died_by(f, SIGXFSZ), "file_kb" },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && n < room; i++)
		if (rows[i].hit)
			names[n++] = rows[i].name;
	return n;
}
