/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program, pid 2 of a box, from its birth to its exec.
 *
 * It is born in its own user namespace, as nobody, and waits for init to write the maps.  Then it sheds
 * everything in the order in which nothing later needs what was shed, installs the filter, and takes its
 * rlimits only after that: each step before may need a new descriptor, the filter's listener is one, and
 * a low limit would not leave it.  At last it hands the listener to the warden together with the moment
 * of release, and execs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "kernel/caps.h"
#include "kernel/cgroup.h"
#include "kernel/landlock.h"
#include "kernel/rlimit.h"
#include "sandbox/box.h"
#include "sandbox/layers.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* linux/seccomp.h, since 5.19 */
#endif

static int step_await(struct box *b)
{
	uint64_t v;
	ssize_t n;

	do
		n = read(b->go_fd, &v, sizeof(v));
	while (n < 0 && errno == EINTR);
	return n == sizeof(v) ? 0 : -EPIPE;
}

static int step_identity(struct box *b)
{
	uid_t id = layer_off(b->launch.layers_off, LAYER_USERNS) ? b->launch.uid : BOX_UID;

	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, id, id, id) < 0 ||
	    syscall(SYS_setresuid, id, id, id) < 0)
		return -errno;
	return 0;
}

static int step_caps(struct box *b)
{
	int r;

	/* without a namespace of its own, the change of uid has shed them, and the right to lock */
	if (layer_off(b->launch.layers_off, LAYER_CAPS) ||
	    layer_off(b->launch.layers_off, LAYER_USERNS))
		return 0;
	r = caps_lock_securebits();
	return r < 0 ? r : caps_drop_all();
}

static int step_session(struct box *b)
{
	(void)b;
	umask(022);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || setsid() < 0)
		return -errno;
	return 0;
}

/* The ends of the pipes may lie anywhere: lifted out of the way first, then put at 0, 1, 2. */
static int step_stdio(struct box *b)
{
	int fds[3];

	for (int i = 0; i < 3; i++) {
		fds[i] = fcntl(b->fds[LAUNCH_STDIN + i], F_DUPFD_CLOEXEC, 64);
		if (fds[i] < 0)
			return -errno;
	}
	b->fds[LAUNCH_NOTE] = fd_move_above(b->fds[LAUNCH_NOTE], 3);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			return -errno;
	return b->fds[LAUNCH_NOTE] < 0 ? b->fds[LAUNCH_NOTE] : 0;
}

static int step_cwd(struct box *b)
{
	return chdir(b->payload.cwd) < 0 ? -errno : 0;
}

/* After the filter: every step before may need a descriptor, which a limit of 1 would not leave. */
static int step_rlimits(struct box *b)
{
	struct rlimit_set s = { .open_files = b->launch.open_files,
				.file_bytes = b->launch.file_bytes,
				.cpu_sec = b->launch.cpu_sec,
				.stack_bytes = b->launch.stack_bytes };

	return layer_off(b->launch.layers_off, LAYER_RLIMITS) ? 0 : rlimit_apply(&s);
}

static int step_no_new_privs(struct box *b)
{
	if (layer_off(b->launch.layers_off, LAYER_NNP))
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int step_landlock(struct box *b)
{
	static const struct landlock_rule rules[] = {
		{ "/", LANDLOCK_READ_EXEC },	     { "/dev", LANDLOCK_DEVICES },
		{ "/tmp", LANDLOCK_READ_WRITE },     { "/box", LANDLOCK_READ_WRITE },
		{ "/dev/shm", LANDLOCK_READ_WRITE },
	};

	if (b->lane->landlock_abi == 0 || layer_off(b->launch.layers_off, LAYER_LANDLOCK))
		return 0;
	return landlock_restrict(b->lane->landlock_abi, rules, ARRAY_SIZE(rules));
}

static int step_close(struct box *b)
{
	(void)b;
	return syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) < 0 ? -errno : 0;
}

static uint64_t read_cpu_usec(const struct box *b)
{
	char text[256];

	if (fd_read_text(b->fds[LAUNCH_USAGE], text, sizeof(text)) <= 0)
		return 0;
	return cgroup_parse_cpu_usec((int)b->launch.cgroup_version, text);
}

/* From here on only what programs may call is left, which includes what the last steps need. */
static int step_filter(struct box *b)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;

	b->listener_fd = -1;
	b->cpu_base_usec = read_cpu_usec(b);
	if (layer_off(b->launch.layers_off, LAYER_SECCOMP))
		return 0;
	b->listener_fd =
		(int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &b->lane->filter);
	if (b->listener_fd < 0 && errno == EINVAL) /* before 5.19 */
		b->listener_fd =
			(int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &b->lane->filter);
	return b->listener_fd < 0 ? -errno : 0;
}

/* The note that starts the clocks, with the listener; this copy of it is close-on-exec. */
static int step_release(struct box *b)
{
	struct note n = { .kind = NOTE_STARTED,
			  .cpu_usec = b->cpu_base_usec,
			  .memory_bytes = b->memory_base_bytes,
			  .time_nsec = clock_now_nsec() };

	return fd_send_frame(b->fds[LAUNCH_NOTE], &n, sizeof(n), &b->listener_fd,
			     b->listener_fd >= 0);
}

static const struct box_step program_steps[] = {
	{ "await", step_await },
	{ "identity", step_identity },
	{ "caps", step_caps },
	{ "session", step_session },
	{ "stdio", step_stdio },
	{ "cwd", step_cwd },
	{ "no-new-privs", step_no_new_privs },
	{ "landlock", step_landlock },
	{ "close", step_close },
	{ "filter", step_filter },
	{ "rlimits", step_rlimits },
	{ "release", step_release },
};

static void say(const char *s)
{
	ssize_t n = write(2, s, strlen(s));

	(void)n;
}

void box_program_main(struct box *b)
{
	const char *path = b->payload.argv[0];

	box_run_steps(b, program_steps, ARRAY_SIZE(program_steps));
	execve(path, b->payload.argv, b->payload.envp);
	/* What stands in /box is theirs: a verdict.  What should stand in the tree is ours: a failure. */
	if (strncmp(path, "/box/", 5) != 0 && path[0] == '/') {
		box_note_failed(b, "exec", -errno);
		_exit(125);
	}
	say(errno == ENOENT ? "kodewar: program not found\n"
			    : "kodewar: program cannot be executed\n");
	_exit(errno == ENOENT ? 127 : 126);
}
