/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the release to the end: the program's pipes are pumped into messages, its limits are watched, and when it
 * ends everything else in the container is killed and reaped; only then are the counters read.
 *
 * Nothing here may block: what cannot be written yet waits in one buffer per direction, and nothing more is read for it
 * meanwhile.  The backend watches the wall clock as well, and ends the whole container where we are late.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/runner/container/inbox_parts.h"

#define CPU_SETTLE_USEC 200u /* a limit is not met by a reading of a moment before */
#define MEMORY_LOOK_NSEC (100 * NSEC_PER_MSEC)

/* One message on its way out, or one piece of stdin on its way in. */
struct buffer {
	size_t at, len;
	char data[sizeof(struct inbox_head) + INBOX_CHUNK_BYTES];
};

enum { WAIT_CHILD, WAIT_ROOM, WAIT_OUT, WAIT_ERR, WAIT_STDIN, WAIT_WORD, WAITS };

struct watch {
	struct inbox *inbox;
	struct buffer out, in;
	struct inbox_head head; /* of the current stdin message */
	size_t head_len;
	uint32_t in_left; /* bytes of it still to come */
	bool in_over, dead;
	int signal_fd;
	uint64_t next_cpu_nsec, next_memory_nsec;
};

static void kill_all(struct watch *w, enum inbox_kill why)
{
	if (w->inbox->end.kill == INBOX_KILL_NONE && !w->dead)
		w->inbox->end.kill = (uint8_t)why;
	kill(-1, SIGKILL);
}

/* ---- the program's output ---- */

static void flush(struct watch *w)
{
	struct buffer *b = &w->out;

	while (b->at < b->len) {
		ssize_t n = write(CONN_OUT, b->data + b->at, b->len - b->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			_exit(1); /* nobody listens any more: with us ends the container */
		b->at += (size_t)n;
	}
	b->at = b->len = 0;
}

static void pump_out(struct watch *w, int *fd, enum inbox_kind kind, uint64_t *total, uint64_t most)
{
	struct inbox_head head = { .kind = kind };
	struct buffer *b = &w->out;
	ssize_t n = read(*fd, b->data + sizeof(head), INBOX_CHUNK_BYTES);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fd_drop(fd);
		if (kind != INBOX_STDOUT)
			return;
		head.kind = INBOX_STDOUT_END;
		n = 0;
	}
	head.bytes = (uint32_t)n;
	memcpy(b->data, &head, sizeof(head));
	b->len = sizeof(head) + (size_t)n;
	*total += (uint64_t)n;
	if (*total > most)
		kill_all(w, INBOX_KILL_OUTPUT);
	flush(w);
}

/* ---- the program's input ---- */

static void end_input(struct watch *w)
{
	w->in_over = true;
	w->in.at = w->in.len = 0;
	fd_drop(&w->inbox->in_fd);
}

static void feed(struct watch *w)
{
	struct buffer *b = &w->in;

	while (b->at < b->len) {
		ssize_t n = write(w->inbox->in_fd, b->data + b->at, b->len - b->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) { /* it reads no more, and need not */
			end_input(w);
			return;
		}
		b->at += (size_t)n;
	}
	b->at = b->len = 0;
}

static ssize_t receive(void *into, size_t len)
{
	ssize_t n = read(CONN_IN, into, len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		_exit(1); /* the backend is gone */
	return n;
}

static void receive_head(struct watch *w)
{
	w->head_len +=
		(size_t)receive((char *)&w->head + w->head_len, sizeof(w->head) - w->head_len);
	if (w->head_len < sizeof(w->head))
		return;
	if (w->head.kind != INBOX_STDIN)
		_exit(1);
	w->head_len = 0;
	w->in_left = w->head.bytes;
	if (w->in_left == 0 && !w->in_over)
		end_input(w);
}

/* A message's head, then its bytes as they come. */
static void pump_in(struct watch *w)
{
	size_t n;

	if (w->in_left == 0) {
		receive_head(w);
		return;
	}
	n = (size_t)receive(w->in.data,
			    w->in_left < INBOX_CHUNK_BYTES ? w->in_left : INBOX_CHUNK_BYTES);
	w->in_left -= (uint32_t)n;
	if (w->in_over)
		return;
	w->in.len = n;
	feed(w);
}

/* ---- limits ---- */

/*
 * Nothing tells of a kill for want of memory in here, and an engine's cgroup ends its victim alone: those who are left
 * may burn the program's time in reclaiming.  All end with the first of them.
 */
static bool ran_out(struct watch *w)
{
	struct inbox_level level;

	inbox_cgroup_read(&w->inbox->cgroup, &level);
	if (level.oom_kills <= w->inbox->base.oom_kills)
		return false;
	kill_all(w, INBOX_KILL_NONE);
	return true;
}

/* What is over is not killed for its time any more: memory ran out first. */
static void kill_for_time(struct watch *w, enum inbox_kill why)
{
	if (!ran_out(w))
		kill_all(w, why);
}

/* When the clock, or the cpu time at full speed on all processors, could first be over, or memory is looked at next. */
static uint64_t check_limits(struct watch *w)
{
	struct inbox *x = w->inbox;
	uint64_t now = clock_now_nsec(), used, left;
	uint64_t wall_at = x->started_nsec + x->order.wall_usec * 1000;

	if (now >= w->next_memory_nsec) {
		ran_out(w);
		w->next_memory_nsec = now + MEMORY_LOOK_NSEC;
	}
	if (now >= wall_at)
		kill_for_time(w, INBOX_KILL_WALL);
	if (now >= w->next_cpu_nsec) {
		used = inbox_cgroup_cpu_usec(&x->cgroup);
		used = used > x->base.cpu_usec ? used - x->base.cpu_usec : 0;
		left = used < x->order.cpu_usec ? x->order.cpu_usec - used : 0;
		if (left == 0)
			kill_for_time(w, INBOX_KILL_CPU);
		w->next_cpu_nsec = now + (left / x->order.cpus + CPU_SETTLE_USEC) * 1000;
	}
	wall_at = wall_at < w->next_cpu_nsec ? wall_at : w->next_cpu_nsec;
	return wall_at < w->next_memory_nsec ? wall_at : w->next_memory_nsec;
}

/* Reaps whoever ended; the program's own end is the end of all. */
static void reap(struct watch *w)
{
	struct inbox *x = w->inbox;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG | __WALL, NULL)) > 0) {
		if (pid != x->pid || w->dead)
			continue;
		x->end.wall_usec = (clock_now_nsec() - x->started_nsec) / 1000;
		/* What we killed did not end. */
		x->end.ended = !(x->end.kill != INBOX_KILL_NONE && WIFSIGNALED(status) &&
				 WTERMSIG(status) == SIGKILL);
		x->end.wait_status = x->end.ended ? status : 0;
		kill_all(w, INBOX_KILL_NONE);
		w->dead = true;
	}
}

/*
 * SIGTERM is the backend's word by the engine; from inside of the container it would have a sender, or none and the
 * code of a descriptor's event, to which F_SETSIG gives any number.
 */
static void heed_signal(struct watch *w)
{
	struct signalfd_siginfo info;

	if (read(w->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGTERM && info.ssi_code == SI_USER && info.ssi_pid == 0)
		kill_all(w, INBOX_KILL_ASKED);
	reap(w);
}

/* ---- the loop ---- */

static bool over(const struct watch *w)
{
	return w->dead && w->inbox->out_fd < 0 && w->inbox->err_fd < 0 && w->out.len == 0;
}

static struct timespec time_left(const struct watch *w, uint64_t at)
{
	uint64_t now = clock_now_nsec(), left = at > now ? at - now : 0;

	if (w->dead)
		left = NSEC_PER_SEC;
	return (struct timespec){ (time_t)(left / NSEC_PER_SEC), (long)(left % NSEC_PER_SEC) };
}

/* What is waited for, in the order of struct pollfd below; -1: not now. */
static void choose(const struct watch *w, struct pollfd p[WAITS])
{
	const struct inbox *x = w->inbox;
	bool busy_out = w->out.len > 0, busy_in = w->in.at < w->in.len;

	p[WAIT_CHILD] = (struct pollfd){ .fd = w->signal_fd, .events = POLLIN };
	p[WAIT_ROOM] = (struct pollfd){ .fd = busy_out ? CONN_OUT : -1, .events = POLLOUT };
	p[WAIT_OUT] = (struct pollfd){ .fd = busy_out ? -1 : x->out_fd, .events = POLLIN };
	p[WAIT_ERR] = (struct pollfd){ .fd = busy_out ? -1 : x->err_fd, .events = POLLIN };
	p[WAIT_STDIN] = (struct pollfd){ .fd = busy_in ? x->in_fd : -1, .events = POLLOUT };
	/* Also when the program reads no more: its end is the death of whoever ordered this. */
	p[WAIT_WORD] = (struct pollfd){ .fd = busy_in ? -1 : CONN_IN, .events = POLLIN };
}

static void pump_outputs(struct watch *w, const struct pollfd p[WAITS])
{
	struct inbox *x = w->inbox;

	if (p[WAIT_OUT].revents && w->out.len == 0)
		pump_out(w, &x->out_fd, INBOX_STDOUT, &x->end.stdout_bytes, x->order.output_bytes);
	if (p[WAIT_ERR].revents && w->out.len == 0)
		pump_out(w, &x->err_fd, INBOX_STDERR, &x->end.stderr_bytes,
			 x->order.output_bytes * INBOX_STDERR_KILL_FACTOR);
}

static void turn(struct watch *w)
{
	struct timespec t = time_left(w, w->dead ? 0 : check_limits(w));
	struct pollfd p[WAITS];

	choose(w, p);
	if (ppoll(p, WAITS, &t, NULL) <= 0)
		return;
	if (p[WAIT_CHILD].revents)
		heed_signal(w);
	if (p[WAIT_ROOM].revents)
		flush(w);
	pump_outputs(w, p);
	if (p[WAIT_STDIN].revents)
		feed(w);
	if (p[WAIT_WORD].revents)
		pump_in(w);
}

/* After the program itself, nobody may be left, whatever he waits for: the counters are read when all are dead. */
static void clear(void)
{
	do
		kill(-1, SIGKILL);
	while (wait4(-1, NULL, __WALL, NULL) > 0 || errno == EINTR);
}

static bool full(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && fs.f_blocks > 0 && (fs.f_bfree == 0 || fs.f_ffree == 0);
}

/* A peak that did not rise is the runtime's own, from before: the program stayed below it, with its largest process. */
static uint64_t peak(const struct inbox *x, const struct inbox_level *now)
{
	uint64_t room = x->base.peak_bytes - x->base.memory_bytes, largest;
	struct rusage u;

	if (now->peak_bytes > x->base.peak_bytes)
		return now->peak_bytes - x->base.memory_bytes;
	if (getrusage(RUSAGE_CHILDREN, &u) < 0)
		return 0;
	largest = (uint64_t)u.ru_maxrss * 1024;
	return x->base.peak_bytes && largest > room ? room : largest;
}

static void read_facts(struct inbox *x)
{
	struct inbox_level now;

	inbox_cgroup_read(&x->cgroup, &now);
	x->end.cpu_usec = now.cpu_usec > x->base.cpu_usec ? now.cpu_usec - x->base.cpu_usec : 0;
	x->end.oom_kills = now.oom_kills - x->base.oom_kills;
	x->end.pids_events = now.pids_events - x->base.pids_events;
	x->end.memory_peak_bytes = peak(x, &now);
	x->end.disk_full = full("/box") || full("/tmp") || full("/dev/shm");
	x->end.sees = inbox_cgroup_sees(&x->cgroup);
}

void inbox_watch(struct inbox *x)
{
	static struct watch w;
	sigset_t set;

	w.inbox = x;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	w.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w.signal_fd < 0)
		inbox_fail("signalfd", -errno);
	fd_set_nonblock(CONN_IN, 1);
	fd_set_nonblock(CONN_OUT, 1);
	while (!over(&w))
		turn(&w);
	fd_set_nonblock(CONN_OUT, 0);
	clear();
	read_facts(x);
}
