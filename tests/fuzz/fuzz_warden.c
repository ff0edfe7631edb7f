/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the warden receives from launchers, zygotes, inits and programs, in any order and shape, as one lane lives through it.
 * The kernel is fake_kernel.c's: processes are pipes, and time stands still until a timer is waited for.
 *
 * Whatever comes: nobody is signalled or reaped but the lane's own init and program, an order is answered once, a status
 * is told only of the dead, no descriptor is kept, and when everybody falls silent the order is answered and its box over all the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "fake_kernel.h"

#define MOVES_MAX 200
#define SILENCE_MAX 400
#define FDS_LOOKED_AT 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct warden_context w;
static struct warden_lane *const l = &w.lanes[0];
static const uint8_t *input;
static size_t left;
static uint64_t orders;

static uint8_t next_byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *input++;
}

static void fill(void *to, size_t len)
{
	for (uint8_t *p = to; len > 0; len--)
		*p++ = next_byte();
}

/* ---- the other ends ---- */

/* Takes what the warden has sent; of a launch the note socket is kept. */
static void drain(int fd, int *init_note, int *program_note)
{
	struct launch launch;
	int fds[FD_PASS_MAX];
	size_t n = FD_PASS_MAX;

	while (fd >= 0 && fd_recv_frame(fd, &launch, sizeof(launch), fds, &n) > 0) {
		int *note = launch.kind == LAUNCH_INIT ? init_note : program_note;

		if (n == 0)
			abort();
		fd_drop(note);
		*note = fds[0];
		fd_set_nonblock(*note, 1);
		for (size_t i = 1; i < n; i++)
			close(fds[i]);
		n = FD_PASS_MAX;
	}
}

static void drain_all(void)
{
	drain(fake.launcher, &fake.init_note, &fake.program_note);
	for (int i = 0; i < 2 * RUNNER_KINDS; i++)
		drain(fake.zygotes[i], &fake.init_note, &fake.program_note);
}

/* A descriptor to send along: none, a process of some kind, or something else. */
static int some_fd(uint8_t choice, int *ret_pid)
{
	switch (choice % 6) {
	case 0: return -1;
	case 1: return fake_process(PROCESS_INIT, ret_pid);
	case 2: return fake_process(PROCESS_CHILD, ret_pid);
	case 3: return fake_process(PROCESS_ZYGOTES, ret_pid);
	case 4: return fake_process(PROCESS_STRANGER, ret_pid);
	default: return open("/dev/null", O_RDWR | O_CLOEXEC);
	}
}

static uint64_t some_serial(uint8_t choice)
{
	switch (choice % 4) {
	case 0: return l->program.serial;
	case 1: return l->init.serial;
	case 2: return w.serial + 1;
	default: return choice;
	}
}

static int launchers_end(uint8_t which, unsigned *ret_source)
{
	unsigned i = which % (1 + 2 * RUNNER_KINDS);

	*ret_source = i == 0 ? SOURCE_LAUNCHER : SOURCE_ZYGOTE + i - 1;
	return i == 0 ? fake.launcher : fake.zygotes[i - 1];
}

static void say_launched(void)
{
	struct launched told = { .kind = next_byte() % 5 };
	unsigned source;
	int end = launchers_end(next_byte(), &source), fd;
	uint8_t error = next_byte();

	told.serial = some_serial(next_byte());
	told.error = error < 200 ? 0 : -(int)error;
	told.wait_status = next_byte();
	told.pid = next_byte();
	fd = some_fd(next_byte(), &told.pid);
	if (end >= 0)
		fd_send_frame(end, &told, sizeof(told), &fd, fd >= 0);
	fd_drop(&fd);
	warden_box_event(&w, l, source);
}

static void say_note(void)
{
	struct note n = { .kind = next_byte() % 7 };
	uint8_t which = next_byte();
	int end = which & 1 ? fake.init_note : fake.program_note, pid, fds[3];
	size_t nfds = which >> 1 & 3;

	n.error = (int8_t)next_byte();
	n.artefact = next_byte();
	fill(n.step, sizeof(n.step) / 4);
	n.time_nsec = which & 8 ? UINT64_MAX : clock_now_nsec();
	n.cpu_usec = which & 16 ? UINT64_MAX : 0;
	n.memory_bytes = which & 32 ? UINT64_MAX : 0;
	for (size_t i = 0; i < nfds; i++)
		if ((fds[i] = some_fd(5, &pid)) < 0)
			abort();
	if (end >= 0)
		fd_send_frame(end, &n, sizeof(n), fds, nfds);
	for (size_t i = 0; i < nfds; i++)
		close(fds[i]);
	warden_box_event(&w, l, which & 1 ? SOURCE_INIT_NOTE : SOURCE_PROGRAM_NOTE);
}

/* Bytes of any number, anywhere. */
static void say_bytes(void)
{
	uint8_t frame[256], which = next_byte();
	size_t len = next_byte();
	unsigned source = which & 1 ? SOURCE_INIT_NOTE : SOURCE_PROGRAM_NOTE;
	int end = which & 2   ? launchers_end(which >> 2, &source)
		  : which & 1 ? fake.init_note
			      : fake.program_note;

	fill(frame, len);
	if (end >= 0)
		fd_send_frame(end, frame, len, NULL, 0);
	warden_box_event(&w, l, source);
}

static void hang_up(void)
{
	uint8_t which = next_byte();
	unsigned source = which & 1 ? SOURCE_INIT_NOTE : SOURCE_PROGRAM_NOTE;
	int *end = which & 1 ? &fake.init_note : &fake.program_note;

	if (which & 2) {
		launchers_end(which >> 2, &source);
		end = source == SOURCE_LAUNCHER ? &fake.launcher
						: &fake.zygotes[source - SOURCE_ZYGOTE];
	}
	fd_drop(end);
	warden_box_event(&w, l, source);
}

/* ---- the engine, the kernel ---- */

static void give_order(void)
{
	struct order o = { .kind = ORDER_RUN, .box = orders + 1, .limits = limits_default };
	int fds[RELEASE_FDS + 1];
	uint8_t how = next_byte();
	size_t n;

	if (!l->offered)
		return;
	o.runner = how % RUNNER_KINDS;
	o.flags = (how & 16 ? ORDER_REFILL : 0) | (how & 32 ? ORDER_ARTEFACT_OUT : 0) |
		  (how & 64 && !(how & 32) ? ORDER_FILES_OUT : 0);
	n = RELEASE_FDS + (how & (32 | 64) ? 1 : 0);
	for (size_t i = 0; i < n; i++)
		if ((fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
			abort();
	orders++;
	warden_box_order(&w, l, &o, fds, n);
}

static void somebody_dies(uint8_t which, int status)
{
	bool init = which & 1;
	int fd = init ? l->init.pidfd : l->program.pidfd;

	if (fd >= 0)
		fake_die(fd, status);
	warden_box_event(&w, l, init ? SOURCE_INIT_DEAD : SOURCE_PROGRAM_DEAD);
}

static void move(uint8_t what)
{
	switch (what % 11) {
	case 0: give_order(); break;
	case 1: warden_zygote_start(&w, l, 1 + next_byte() % (RUNNER_KINDS - 1), what & 16); break;
	case 2:
	case 3: say_launched(); break;
	case 4:
	case 5: say_note(); break;
	case 6: say_bytes(); break;
	case 7: hang_up(); break;
	case 8: somebody_dies(next_byte(), next_byte() << 8); break;
	case 9:
		if (l->have_order)
			warden_box_kill(l, KILL_OUTPUT);
		break;
	case 10:
		fake.unclean = what & 16;
		if (fake_time_passes(l->timer_fd))
			warden_box_event(&w, l, SOURCE_TIMER);
		else
			warden_box_event(&w, l, next_byte() % (SOURCE_NEXT + RUNNER_KINDS));
		break;
	}
	/* Who was signalled dies; when it is noticed is the kernel's business. */
	drain_all();
}

/* Nobody says anything any more, but who is killed dies, and time passes: the order is answered. */
static void silence(void)
{
	fake.unclean = false;
	for (int i = 0; i < SILENCE_MAX && (l->have_order || l->state == LANE_ENDING); i++) {
		if (l->program.pidfd >= 0 && fake_is_dead(l->program.pidfd))
			warden_box_event(&w, l, SOURCE_PROGRAM_DEAD);
		if (l->init.pidfd >= 0 && fake_is_dead(l->init.pidfd))
			warden_box_event(&w, l, SOURCE_INIT_DEAD);
		fake.now_nsec +=
			NSEC_PER_SEC; /* where limits are looked at every few milliseconds, most looks are left out */
		if ((l->have_order || l->state == LANE_ENDING) && fake_time_passes(l->timer_fd))
			warden_box_event(&w, l, SOURCE_TIMER);
		drain_all();
	}
	if (l->have_order || l->state == LANE_ENDING)
		abort();
	if (fake.done != orders)
		abort();
}

static void set_up(void)
{
	memset(&w, 0, sizeof(w));
	fake_reset();
	w.epoll_fd = w.engine_fd = -1;
	w.cpus = 2;
	w.caps = limits_cap;
	w.nlanes = 1;
	if (left & 2)
		CPU_SET(0, &w.places.cpus); /* the only lane needs more than half of one */
	w.lane_config.cgroups = &w.cgroups;
	w.cgroups.borrowed = left & 1;
	*l = (struct warden_lane){ .timer_fd = -1, .bury_fd = -1, .ahead = -1, .offered = true };
	memset(l->order_fds, 0xff, sizeof(l->order_fds));
	for (unsigned k = 0; k < RUNNER_KINDS; k++)
		l->zygotes[k].sock = l->next[k].sock = -1;
	l->timer_fd = fake_timer();
	warden_standby_init(l);
	if (lane_open(&l->lane, 0, &w.lane_config, NULL) < 0)
		abort();
	fd_set_nonblock(l->lane.sock, 1);
	warden_standby_make(&w, l);
	drain_all();
}

static void tear_down(void)
{
	warden_zygote_close(&w, l);
	warden_order_drop(l);
	warden_standby_close(l);
	warden_standby_close(l); /* what was to be buried with the next one */
	lane_close(&l->lane);
	close(l->timer_fd);
	fake_reset();
}

static unsigned open_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < FDS_LOOKED_AT; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned before = open_descriptors();

	input = data;
	left = size;
	orders = 0;
	set_up();
	for (int i = 0; i < MOVES_MAX && left > 0 && l->state != LANE_LOST; i++) {
		move(next_byte());
		w.ended_zygotes = 0; /* reaped in warden.c */
		if (fake.done > orders)
			abort();
	}
	silence();
	tear_down();
	if (open_descriptors() != before)
		abort();
	return 0;
}
