/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a box's init receives: releases of the warden, words of programs, payloads of the engine, of any shape, in the middle of
 * its life from birth to harvest.  The calls by which it changes the world are replaced by those below (meson.build).
 *
 * Whatever comes: it mounts where a box has mounts, maps processes of its own box and nobody else, writes files beneath /box only,
 * kills the box only, and a program is told to go once, after as many were mapped as the release says, when all rights are gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/caps.h"
#include "kernel/landlock.h"
#include "sandbox/box.h"

#define PEERS_MAX 6
#define PROGRAM_UID 70001

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input;
static size_t left;

static struct {
	jmp_buf end;
	int note, program; /* the other ends */
	uint8_t shape;
	struct release release;
	unsigned maps; /* files written in /proc */
	bool dropped, closed;
} world;

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

static int some_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	return fd;
}

/* ---- what comes in ---- */

static void send_peers(void)
{
	for (int n = next_byte() % PEERS_MAX; n > 0; n--) {
		struct peer p;

		fill(&p, sizeof(p.kind) + sizeof(p.pid));
		if (!(world.shape & 1)) {
			p.kind = PEER_BORN;
			p.pid = 2 + (p.pid & 0xffff);
		}
		fd_send_frame(world.program, &p, sizeof(p) - (world.shape >> 1 & 1), NULL, 0);
	}
	shutdown(world.program, SHUT_WR);
}

static int a_payload(void)
{
	char name[8] = "f", content[64];
	const char *argv[] = { "/bin/true", NULL }, *envp[] = { "A=b", NULL };
	const char *outputs[] = { "out", "../out" };
	struct plan_file file = { .name = name,
				  .content = { content, sizeof(content) },
				  .mode = 0644 };
	struct plan_step step = { .argv = argv,
				  .envp = envp,
				  .cwd = "/box",
				  .files = &file,
				  .nfiles = 1,
				  .artefact = "a",
				  .outputs = outputs,
				  .noutputs = world.release.disk_bytes % 3 };

	if (world.shape & 4) {
		size_t len = left < 4096 ? left : 4096;
		int fd = fd_sealed_memfd("payload", input, len);

		left -= len;
		return fd;
	}
	fill(content, sizeof(content));
	fill(name, sizeof(name) - 1);
	return payload_make(&step);
}

static void send_release(void)
{
	struct release end = { .kind = next_byte() % 4 };
	int fds[RELEASE_FDS_MAX];
	size_t n = next_byte() % (RELEASE_FDS_MAX + 1);

	fill(&world.release, sizeof(world.release));
	if (!(world.shape & 16)) {
		world.release.kind = RELEASE_RUN;
		world.release.programs %= PEERS_MAX;
	}
	if (!(world.shape & 8))
		n = RELEASE_FDS +
		    ((world.release.flags & (ORDER_ARTEFACT_IN | ORDER_ARTEFACT_OUT)) != 0) +
		    ((world.release.flags & ORDER_FILES_OUT) != 0);
	fds[RELEASE_PAYLOAD] = a_payload();
	for (size_t i = RELEASE_STDIN; i < ARRAY_SIZE(fds); i++)
		fds[i] = some_file();
	fd_send_frame(world.note, &world.release, sizeof(world.release) - (world.shape >> 5 & 1),
		      fds, n);
	fd_send_frame(world.note, &end, sizeof(end), NULL, 0);
	shutdown(world.note, SHUT_WR);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fd_drop(&fds[i]);
}

/* ---- the calls of init ---- */

static bool readable(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

/* With one descriptor it looks whether its warden lives; with two it waits for what comes. */
int poll(struct pollfd *p, nfds_t n, int msec)
{
	struct note ready;
	int fds[3];
	size_t nfds = ARRAY_SIZE(fds);

	(void)msec;
	if (n == 1)
		return 0;
	if (world.program < 0) {
		if (fd_recv_frame(world.note, &ready, sizeof(ready), fds, &nfds) != 1 ||
		    ready.kind != NOTE_READY || nfds != 3)
			abort();
		world.program = fds[1];
		send_peers();
		send_release();
	}
	p[0].revents = readable(p[0].fd) ? POLLIN : 0;
	p[1].revents = readable(p[1].fd) ? POLLIN : 0;
	return 1;
}

int mount(const char *from, const char *to, const char *type, unsigned long flags, const void *data)
{
	static const char *const places[] = { "/box", "/tmp", "/dev/shm", "/proc" };

	(void)from;
	(void)type;
	(void)flags;
	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!strcmp(to, places[i]))
			return world.dropped ? abort(), -1 : 0;
	abort();
}

/* As root of the box, of what stands in every one. */
int landlock_ruleset(int abi, const struct landlock_rule *rules, size_t nrules)
{
	if (abi != 1 || world.dropped || nrules == 0)
		abort();
	for (size_t i = 0; i < nrules; i++)
		if (rules[i].path[0] != '/')
			abort();
	return some_file();
}

int open(const char *path, int flags, ...)
{
	char what[16], end;
	int pid;

	(void)flags;
	if (!strcmp(path, "/box") || !strcmp(path, "/proc/self/ns/mnt"))
		return some_file();
	if (sscanf(path, "/proc/%d/%15[a-z_]%c", &pid, what, &end) != 2 || pid <= 1 ||
	    world.dropped)
		abort();
	if (strcmp(what, "uid_map") != 0 && strcmp(what, "gid_map") != 0 &&
	    strcmp(what, "oom_score_adj") != 0)
		abort();
	world.maps++;
	return some_file();
}

int openat(int dirfd, const char *name, int flags, ...)
{
	(void)dirfd;
	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") ||
	    !(flags & O_EXCL) || !(flags & O_NOFOLLOW))
		abort();
	return some_file();
}

/* All rights but that to signal are gone, and no identity is changed any more. */
static void note_caps(va_list args)
{
	const struct __user_cap_data_struct *d;

	(void)va_arg(args, void *);
	d = va_arg(args, const struct __user_cap_data_struct *);
	if (((d[0].permitted & ~(1u << CAP_KILL)) | d[1].permitted) == 0)
		world.dropped = true;
}

long syscall(long number, ...)
{
	va_list args;

	switch (number) {
	case SYS_setgroups:
	case SYS_setresgid:
	case SYS_setresuid: return 0;
	case SYS_setfsgid:
	case SYS_setfsuid: return world.dropped ? abort(), -1 : PROGRAM_UID;
	case SYS_capset:
		va_start(args, number);
		note_caps(args);
		va_end(args);
		return 0;
	case SYS_close_range: world.closed = true; return 0;
	case SYS_openat2:
		if (!world.dropped)
			abort();
		errno = next_byte();
		return errno ? -1 : some_file();
	default: abort();
	}
}

int caps_lock_securebits(void)
{
	return 0;
}

int caps_drop_all(void)
{
	world.dropped = true;
	return 0;
}

int kill(pid_t pid, int sig)
{
	if (pid != -1 || sig != SIGKILL || !world.dropped)
		abort();
	return 0;
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	(void)pid;
	(void)status;
	(void)options;
	(void)usage;
	errno = ECHILD;
	return -1;
}

void _exit(int code)
{
	(void)code;
	longjmp(world.end, 1);
}

int mkdir(const char *path, mode_t mode)
{
	(void)mode;
	return strncmp(path, "/box/", 5) ? abort(), -1 : 0;
}

int umount2(const char *path, int flags)
{
	(void)flags;
	return mount(NULL, path, NULL, 0, NULL);
}

int chown(const char *path, uid_t uid, gid_t gid)
{
	(void)uid;
	(void)gid;
	return mkdir(path, 0);
}

int chmod(const char *path, mode_t mode)
{
	return mkdir(path, mode);
}

int fchown(int fd, uid_t uid, gid_t gid)
{
	(void)fd;
	return uid == gid ? 0 : -1;
}

int prctl(int option, ...)
{
	(void)option;
	return 0;
}

int unshare(int flags)
{
	(void)flags;
	return 0;
}

/* ---- */

/*
 * A call that somebody forgets to replace must not reach this machine: everything above runs without a capability, and in a mount
 * namespace of its own.
 */
long real_syscall(long number, ...) __asm__("syscall");

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	(void)argc;
	(void)argv;
	if (geteuid() == 0 && real_syscall(SYS_unshare, CLONE_NEWNS) < 0)
		abort();
	if (real_syscall(SYS_capset, &h, none) < 0)
		abort();
	return 0;
}

static void check_peers(void)
{
	unsigned mapped = 0, gone = 0;
	struct peer p;
	int fds[RELEASE_FDS];
	size_t n = RELEASE_FDS;

	fd_set_nonblock(world.program, 1);
	while (fd_recv_frame(world.program, &p, sizeof(p), fds, &n) == 1) {
		if (p.kind == PEER_MAPPED && n == world.shape >> 7)
			mapped++;
		else if (p.kind != PEER_GO || gone++ || n != RELEASE_FDS || !world.dropped ||
			 mapped < world.release.programs)
			abort();
		while (n > 0)
			close(fds[--n]);
		n = RELEASE_FDS;
	}
	if (world.maps < 3 * mapped || (world.closed && !gone))
		abort();
}

static void check_notes(void)
{
	struct note n;

	fd_set_nonblock(world.note, 1);
	while (fd_recv_frame(world.note, &n, sizeof(n), NULL, NULL) == 1) {
		if (n.kind == NOTE_FAILED && n.error < 0 && n.step[0] &&
		    !n.step[sizeof(n.step) - 1])
			continue;
		if (n.kind != NOTE_HARVESTED || !world.closed || n.artefact <= TAKEN_NOT ||
		    n.artefact >= TAKEN_STATES)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct box_lane lane;
	static struct box b;
	int pair[2];

	input = data;
	left = size;
	memset(&world, 0, sizeof(world));
	memset(&b, 0, sizeof(b));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	world.note = pair[0];
	world.program = -1;
	world.shape = next_byte();
	lane.landlock_abi = world.shape >> 7;
	b.lane = &lane;
	b.note_fd = pair[1];
	b.launch = (struct launch){ .kind = LAUNCH_INIT,
				    .uid = PROGRAM_UID,
				    .init_uid = 70000,
				    .cgroup_version = 2,
				    .rootless = world.shape >> 6 & 1 };
	b.bury_fd = b.box_dirfd = b.program_peer_fd = b.peer_fd = -1;
	if (setjmp(world.end) == 0)
		box_init_main(&b);
	check_peers();
	check_notes();
	payload_close(&b.payload);
	close_range(3, ~0u, 0);
	return 0;
}
