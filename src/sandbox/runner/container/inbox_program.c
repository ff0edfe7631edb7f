/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program until its exec.  The container is what contains it: the engine made its namespaces, mounts, cgroup
 * and uid, took every capability and put on the profile.  What the engine cannot do is done here, in a child
 * that runs our code only: Landlock, its own rlimits, the profile once more from our own compiler, and a guard around
 * pid 1.
 * (a container without capabilities has one uid for us and for the program: guard.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/landlock.h"
#include "kernel/rlimit.h"
#include "sandbox/guard.h"
#include "sandbox/runner/container/inbox_parts.h"

struct child {
	struct inbox *inbox;
	int *fds, peer_fd;
};

static int step_session(struct child *c)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL); /* ours alone is ignored */
	umask(022);
	return setsid() < 0 ? -errno : 0;
}

/* Out of memory, it goes before us. Its own /proc is its own only once it is dumpable. */
static int step_oom(struct child *c)
{
	_cleanup_close_ int fd = -1;

	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return -errno;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd_write_all(fd, "1000", 4);
}

static int step_stdio(struct child *c)
{
	for (int i = 0; i < 3; i++)
		if ((c->fds[i] = fd_move_above(c->fds[i], 3)) < 0)
			return c->fds[i];
	for (int i = 0; i < 3; i++)
		if (dup2(c->fds[i], i) < 0)
			return -errno;
	return 0;
}

static int step_cwd(struct child *c)
{
	return chdir(c->inbox->payload.cwd) < 0 ? -errno : 0;
}

static int step_no_new_privs(struct child *c)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/*
 * The image's programs and libraries, and what runtimes look for in /etc; not /sys with its cgroups, nor whatever else an
 * image has.  What is not there needs no rule.
 */
static int step_landlock(struct child *c)
{
	static const char *const readable[] = { "/usr",	  "/bin",    "/sbin", "/lib", "/lib32",
						"/lib64", "/libx32", "/etc",  "/opt", "/proc" };
	struct landlock_rule rules[ARRAY_SIZE(readable) + 4] = {
		{ "/dev", LANDLOCK_DEVICES },
		{ "/tmp", LANDLOCK_READ_WRITE },
		{ "/box", LANDLOCK_READ_WRITE },
		{ "/dev/shm", LANDLOCK_READ_WRITE },
	};
	size_t n = 4;

	for (size_t i = 0; i < ARRAY_SIZE(readable); i++)
		if (access(readable[i], F_OK) == 0)
			rules[n++] = (struct landlock_rule){ readable[i], LANDLOCK_READ_EXEC };
	return c->inbox->landlock_abi == 0 ? 0
					   : landlock_restrict(c->inbox->landlock_abi, rules, n);
}

static int step_rlimits(struct child *c)
{
	const struct inbox_order *o = &c->inbox->order;
	struct rlimit_set s = { .open_files = o->open_files,
				.file_bytes = o->file_bytes,
				.cpu_sec = (o->cpu_usec + 999999u) / 1000000u + 2,
				.stack_bytes = o->stack_bytes };

	return rlimit_apply(&s);
}

static int step_close(struct child *c)
{
	return syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) < 0 ? -errno : 0;
}

static int install(const struct sock_filter *insns, size_t len)
{
	struct sock_fprog p = { .len = (unsigned short)len,
				.filter = (struct sock_filter *)(uintptr_t)insns };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p) < 0 ? -errno : 0;
}

static int step_guard(struct child *c)
{
	(void)c;
	return guard_pid1();
}

/* From here on only what programs may call is left. The engine's own filter is below it, and as strict. */
static int step_filter(struct child *c)
{
	return install(c->inbox->filter, c->inbox->order.filter_len);
}

/* Contained; the clocks are read by our parent before it lets us go. */
static int step_ready(struct child *c)
{
	struct inbox_word w = { .step = "" };
	char go;
	int r = fd_send_frame(c->peer_fd, &w, sizeof(w), NULL, 0);

	if (r < 0)
		return r;
	return read(c->peer_fd, &go, 1) == 1 ? 0 : -EPIPE;
}

static const struct {
	const char *name;
	int (*run)(struct child *c);
} steps[] = {
	{ "session", step_session },
	{ "oom-score", step_oom },
	{ "stdio", step_stdio },
	{ "cwd", step_cwd },
	{ "no-new-privs", step_no_new_privs },
	{ "landlock", step_landlock },
	{ "rlimits", step_rlimits },
	{ "close", step_close },
	{ "guard", step_guard },
	{ "filter", step_filter },
	{ "ready", step_ready },
};

static void tell(const struct child *c, const char *step, int error)
{
	struct inbox_word w = { .error = error };

	strncpy(w.step, step, sizeof(w.step) - 1);
	fd_send_frame(c->peer_fd, &w, sizeof(w), NULL, 0);
}

static void say(const char *s)
{
	ssize_t n = write(2, s, strlen(s));

	(void)n;
}

void inbox_program_main(struct inbox *x, int fds[3], int peer_fd)
{
	struct child c = { .inbox = x, .fds = fds, .peer_fd = peer_fd };
	const char *path = x->payload.argv[0];

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r = steps[i].run(&c);

		if (r < 0) {
			tell(&c, steps[i].name, r);
			_exit(125);
		}
	}
	execve(path, x->payload.argv, x->payload.envp);
	/* What stands in /box is theirs: a verdict.  What should stand in the image is not: a failure. */
	if (strncmp(path, "/box/", 5) != 0 && path[0] == '/') {
		tell(&c, "exec", -errno);
		_exit(125);
	}
	say(errno == ENOENT ? "kodewar: program not found\n"
			    : "kodewar: program cannot be executed\n");
	_exit(errno == ENOENT ? 127 : 126);
}
