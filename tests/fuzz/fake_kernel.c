/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fake_kernel.h.  A process is a pipe: its read end is the pidfd, known by its inode wherever it was passed on
 * to, and hangs up when the process dies.  What the warden may not do aborts.
 */
#include "fake_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define PROCESSES_MAX 64
#define FIRST_PID 100000
#define ZYGOTE_PID 200000

struct process {
	ino_t ino;
	int alive; /* write end, -1: dead */
	enum process_kind kind;
	bool reaped;
	int status;
};

struct fake_kernel fake = {
	.launcher = -1, .zygotes = { -1, -1, -1, -1, -1, -1 }, .init_note = -1, .program_note = -1
};
static struct process processes[PROCESSES_MAX];
static size_t nprocesses;
static pid_t zygote_pid;

void fake_reset(void)
{
	while (nprocesses > 0)
		fd_drop(&processes[--nprocesses].alive);
	fd_drop(&fake.launcher);
	for (size_t i = 0; i < ARRAY_SIZE(fake.zygotes); i++)
		fd_drop(&fake.zygotes[i]);
	fd_drop(&fake.init_note);
	fd_drop(&fake.program_note);
	fake.now_nsec = NSEC_PER_SEC;
	fake.timer_nsec = fake.done = 0;
	fake.unclean = false;
	zygote_pid = ZYGOTE_PID;
}

/* ---- processes ---- */

int fake_process(enum process_kind kind, int *ret_pid)
{
	struct process *p = &processes[nprocesses];
	struct stat st;
	int fds[2];

	if (nprocesses == PROCESSES_MAX)
		return -1;
	if (pipe2(fds, O_CLOEXEC) < 0 || fstat(fds[0], &st) < 0)
		abort();
	*p = (struct process){ .ino = st.st_ino, .alive = fds[1], .kind = kind };
	*ret_pid = FIRST_PID + (int)nprocesses++;
	return fds[0];
}

static struct process *process_of(int pidfd)
{
	struct stat st;

	if (fstat(pidfd, &st) < 0)
		return NULL;
	for (size_t i = 0; i < nprocesses; i++)
		if (processes[i].ino == st.st_ino)
			return &processes[i];
	return NULL;
}

void fake_die(int pidfd, int status)
{
	struct process *p = process_of(pidfd);

	if (!p || p->alive < 0)
		return;
	fd_drop(&p->alive);
	p->status = status;
}

bool fake_is_dead(int pidfd)
{
	struct process *p = process_of(pidfd);

	return p && p->alive < 0;
}

long fake_syscall(long number, ...);
int fake_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
pid_t fake_waitpid(pid_t pid, int *status, int options);
int fake_kill(pid_t pid, int sig);
int fake_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *cpus);
int fake_clock_gettime(clockid_t clock, struct timespec *t);
int fake_timerfd_settime(int fd, int flags, const struct itimerspec *t, struct itimerspec *old);
int fake_epoll_ctl(int epoll, int op, int fd, struct epoll_event *e);

long fake_syscall(long number, ...)
{
	struct process *p;
	va_list ap;
	int fd;

	va_start(ap, number);
	fd = va_arg(ap, int);
	va_end(ap);
	if (number != SYS_pidfd_send_signal)
		abort();
	p = process_of(fd);
	if (!p || p->kind == PROCESS_STRANGER)
		abort();
	if (p->alive < 0) {
		errno = ESRCH;
		return -1;
	}
	fake_die(fd, SIGKILL);
	return 0;
}

int fake_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct process *p = type == P_PIDFD ? process_of((int)id) : NULL;

	if (!p)
		abort();
	memset(info, 0, sizeof(*info));
	if (p->kind == PROCESS_ZYGOTES || p->kind == PROCESS_STRANGER || p->reaped) {
		errno = ECHILD;
		return -1;
	}
	if (p->alive >= 0) {
		if (!(options & WNOHANG))
			abort(); /* it would wait for ever */
		return 0;
	}
	info->si_pid = FIRST_PID + (int)(p - processes);
	info->si_code = WIFSIGNALED(p->status) ? CLD_KILLED : CLD_EXITED;
	info->si_status = WIFSIGNALED(p->status) ? WTERMSIG(p->status) : WEXITSTATUS(p->status);
	p->reaped = !(options & WNOWAIT);
	return 0;
}

pid_t fake_waitpid(pid_t pid, int *status, int options)
{
	(void)status;
	(void)options;
	return pid;
}

int fake_kill(pid_t pid, int sig)
{
	(void)sig;
	if (pid < ZYGOTE_PID || pid > zygote_pid)
		abort();
	return 0;
}

/* Of a launcher or a zygote only. */
int fake_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *cpus)
{
	if (pid < ZYGOTE_PID || pid > zygote_pid || CPU_COUNT_S(size, cpus) < 1)
		abort();
	return 0;
}

/* ---- time ---- */

int fake_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	t->tv_sec = (time_t)(fake.now_nsec / NSEC_PER_SEC);
	t->tv_nsec = (long)(fake.now_nsec % NSEC_PER_SEC);
	return 0;
}

int fake_timer(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		abort();
	return fd;
}

int fake_timerfd_settime(int fd, int flags, const struct itimerspec *t, struct itimerspec *old)
{
	(void)fd;
	(void)flags;
	(void)old;
	fake.timer_nsec =
		(uint64_t)t->it_value.tv_sec * NSEC_PER_SEC + (uint64_t)t->it_value.tv_nsec;
	return 0;
}

bool fake_time_passes(int timer_fd)
{
	if (fake.timer_nsec == 0)
		return false;
	if (fake.timer_nsec > fake.now_nsec)
		fake.now_nsec = fake.timer_nsec;
	fake.timer_nsec = 0;
	return eventfd_write(timer_fd, 1) == 0;
}

int fake_epoll_ctl(int epoll, int op, int fd, struct epoll_event *e)
{
	(void)epoll;
	(void)op;
	(void)fd;
	(void)e;
	return 0;
}

/* ---- what the warden's own files ask of the others ---- */

int warden_watch(const struct warden_context *w, int fd, unsigned lane, unsigned source)
{
	(void)w;
	(void)lane;
	(void)source;
	return fd < 0 ? -EBADF : 0;
}

int warden_rewatch(const struct warden_context *w, int fd, unsigned lane, unsigned source)
{
	return warden_watch(w, fd, lane, source);
}

void warden_expect_strays(struct warden_context *w)
{
	(void)w;
}

void warden_report(struct warden_context *w, enum report_kind kind, const struct warden_lane *l)
{
	const struct process *p = process_of(l->program.pidfd);

	(void)w;
	if (kind != REPORT_DONE)
		return;
	fake.done++;
	if (l->facts.ended && p && p->alive >= 0)
		abort();
	/* Whom the program left: nobody, or else init is dead, and with it all of them. */
	p = process_of(l->init.pidfd);
	if (l->facts.ended && fake.unclean && p && p->alive >= 0)
		abort();
	if (l->facts.artefact > 4 || l->facts.kill > KILL_BROKEN)
		abort();
}

void warden_report_zygote(struct warden_context *w, const struct warden_lane *l,
			  enum runner_kind runner, int error, const char *text)
{
	(void)w;
	(void)l;
	(void)runner;
	(void)error;
	if (strlen(text) >= WIRE_TEXT_BYTES * 4)
		abort();
}

bool warden_knows(const struct warden_context *w, pid_t pid)
{
	return pid == w->lanes[0].init.pid || pid == w->lanes[0].program.pid;
}

void warden_posture_note(struct warden_zygote *z)
{
	z->threads = 1;
}

const char *warden_posture_fault(struct warden_zygote *z)
{
	return fake.unclean && z->threads == 1 ? "fault" : NULL;
}

bool warden_zygote_reaps(enum runner_kind runner)
{
	return runner == RUNNER_NODE;
}

bool warden_may_adopt(const struct warden_context *w, const struct warden_lane *l,
		      enum runner_kind from, pid_t pid, int pidfd)
{
	const struct process *p = process_of(pidfd);

	(void)l;
	if (!p || warden_knows(w, pid) || pid != FIRST_PID + (pid_t)(p - processes))
		return false;
	return warden_zygote_reaps(from) ? p->kind == PROCESS_ZYGOTES
					 : p->kind <= PROCESS_CHILD && !p->reaped;
}

bool warden_in_box(const struct warden_lane *l, pid_t pid, int pidfd)
{
	(void)l;
	(void)pid;
	return process_of(pidfd) != NULL;
}

int warden_find_program(const struct warden_lane *l, pid_t *ret_pid)
{
	(void)l;
	/* Now and then there is one. */
	return fake.now_nsec & 1 ? fake_process(PROCESS_CHILD, ret_pid) : -1;
}

/* ---- launchers and zygotes ---- */

static int make_pair(int *ret_theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		abort();
	fd_drop(ret_theirs);
	*ret_theirs = pair[1];
	return pair[0];
}

int lane_open(struct lane *l, unsigned index, const struct lane_config *c, struct err *err)
{
	(void)err;
	*l = (struct lane){ .index = index, .launcher = ZYGOTE_PID };
	l->sock = make_pair(&fake.launcher);
	return cgroup_leaf_open(c->cgroups, index, &l->leaf, NULL);
}

void lane_end_launcher(struct lane *l)
{
	fd_drop(&l->sock);
	l->launcher = -1;
}

void lane_close(struct lane *l)
{
	lane_end_launcher(l);
	cgroup_leaf_close(&l->leaf);
}

int lane_zygote(struct lane *l, const struct lane_config *c, enum runner_kind runner, int *ret_sock,
		pid_t *ret_pid, struct err *err)
{
	int i = fake.zygotes[runner] < 0 ? 0 : RUNNER_KINDS;

	(void)l;
	(void)c;
	(void)err;
	*ret_sock = make_pair(&fake.zygotes[i + (int)runner]);
	*ret_pid = ++zygote_pid;
	return 0;
}

/* ---- cgroups ---- */

int cgroup_leaf_open(struct cgroup_root *root, unsigned lane, struct cgroup_leaf *ret,
		     struct err *err)
{
	(void)lane;
	(void)err;
	memset(ret, 0, sizeof(*ret));
	ret->root = root;
	ret->usage_fd = ret->memory_fd = fd_sealed_memfd("level", "0\n", 2);
	return ret->memory_fd < 0 ? ret->memory_fd : 0;
}

void cgroup_leaf_close(struct cgroup_leaf *leaf)
{
	fd_drop(&leaf->memory_fd);
	leaf->usage_fd = -1;
}

int cgroup_leaf_prepare(struct cgroup_leaf *leaf, const struct cgroup_limits *limits,
			struct err *err)
{
	(void)err;
	leaf->limits = *limits;
	return 0;
}

int cgroup_leaf_begin(struct cgroup_leaf *leaf, const struct cgroup_limits *limits, struct err *err)
{
	return cgroup_leaf_prepare(leaf, limits, err);
}

int cgroup_leaf_level(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	(void)leaf;
	*ret = 0;
	return 0;
}

int cgroup_leaf_mark(struct cgroup_leaf *leaf, uint64_t waiting)
{
	(void)leaf;
	(void)waiting;
	return 0;
}

int cgroup_leaf_watch(struct cgroup_leaf *leaf)
{
	(void)leaf;
	return fake.unclean;
}

int cgroup_leaf_lift_cpu(struct cgroup_leaf *leaf)
{
	(void)leaf;
	return 0;
}

int cgroup_leaf_lift_io(struct cgroup_leaf *leaf)
{
	(void)leaf;
	return 0;
}

int cgroup_leaf_cpu_usec(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	(void)leaf;
	*ret = fake.now_nsec / 1000;
	return 0;
}

int cgroup_leaf_ran_out(const struct cgroup_leaf *leaf)
{
	(void)leaf;
	return fake.unclean;
}

int cgroup_leaf_read(struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err)
{
	(void)leaf;
	(void)err;
	memset(ret, 0, sizeof(*ret));
	return 0;
}

int cgroup_leaf_tasks(const struct cgroup_leaf *leaf, uint64_t *ret)
{
	(void)leaf;
	*ret = fake.unclean ? 3 : 2;
	return 0;
}

int cgroup_leaf_check_clean(struct cgroup_leaf *leaf, struct cgroup_reading *ret, struct err *err)
{
	(void)leaf;
	(void)ret;
	(void)err;
	return fake.unclean ? -EBUSY : 0;
}

int cgroup_leaf_kill(const struct cgroup_leaf *leaf)
{
	(void)leaf;
	return 0;
}
