/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of a box, from its birth to its own code.
 *
 * It is forked by the launcher of its runner into init's pid namespace.  Still as root of the host it joins
 * the box's cgroup and enters init's other namespaces, and last it makes a user namespace of its own, whose maps
 * init writes.  Then it sheds everything in the order in which nothing later needs what was shed,
 * closes the filter that it was born with, hands the listener to the warden, and waits for its order.  At the order
 * it puts its descriptors in place, takes its rlimits, which may be too low for any step before, and tells the
 * warden the moment of release.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
#include "kernel/seccomp_compile.h"
#include "sandbox/box.h"
#include "sandbox/guard.h"
#include "sandbox/layers.h"

#define WATCHED_NICE 5
#define NICE_MAX 19

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* linux/seccomp.h, since 5.19 */
#endif

/* v2: clone3 has done it, unless the fork was not ours to make; from within init's namespace it could not be done. */
static int step_join_v2(struct box *b)
{
	if (b->launch.cgroup_version != 2 || b->joined || b->launch.njoin == 0)
		return 0;
	return fd_write_text_at(b->join_fds[0], "cgroup.procs", "0");
}

/*
 * By writing to each hierarchy, whose files were opened by one who may.  By itself: for whoever moves somebody else, the kernel
 * has all forks of the host wait, and that takes ten milliseconds.
 */
static int step_join_v1(struct box *b)
{
	int r = 0;

	for (uint32_t i = 0; b->launch.cgroup_version == 1 && r == 0 && i < b->launch.njoin; i++)
		r = fd_write_all(b->join_fds[i], "0", 1);
	return r;
}

static int step_enter(struct box *b)
{
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

	return setns(b->init_pidfd, flags) < 0 ? -errno : 0;
}

/* With so many descriptors, neither fewer nor more: `fds` has room for one at least. */
static int recv_peer(struct box *b, struct peer *p, enum peer_kind kind, int *fds, size_t nfds)
{
	size_t n = nfds > 0 ? nfds : 1;
	int r = fd_recv_frame(b->peer_fd, p, sizeof(*p), fds, &n);

	if (r <= 0)
		return r < 0 ? r : -EPIPE;
	return p->kind == kind && n == nfds ? 0 : -EPROTO;
}

static int step_userns(struct box *b)
{
	const struct peer born = { .kind = PEER_BORN, .pid = (int32_t)syscall(SYS_getpid) };

	if (!layer_off(b->launch.layers_off, LAYER_USERNS) && unshare(CLONE_NEWUSER) < 0)
		return -errno;
	return fd_send_frame(b->peer_fd, &born, sizeof(born), NULL, 0);
}

static int step_mapped(struct box *b)
{
	struct peer mapped;

	return recv_peer(b, &mapped, PEER_MAPPED, &b->rules_fd, box_has_rules(b));
}

static int step_identity(struct box *b)
{
	uid_t id = layer_off(b->launch.layers_off, LAYER_USERNS) ? b->launch.uid : BOX_UID;

	/* Who is not root may not leave groups in a user namespace: that could give it rights. */
	if (!b->launch.rootless && syscall(SYS_setgroups, 0, NULL) < 0)
		return -errno;
	if (syscall(SYS_setresgid, id, id, id) < 0 || syscall(SYS_setresuid, id, id, id) < 0)
		return -errno;
	return 0;
}

/* Without a namespace of its own, the change of uid sheds them, and the right to lock. */
static bool keeps_caps(const struct box *b)
{
	return layer_off(b->launch.layers_off, LAYER_CAPS) ||
	       (layer_off(b->launch.layers_off, LAYER_USERNS) && !b->launch.rootless);
}

static int step_bounds(struct box *b)
{
	return keeps_caps(b) ? 0 : caps_bound(NULL, 0);
}

static int step_caps(struct box *b)
{
	int r;

	if (keeps_caps(b))
		return 0;
	r = caps_lock_securebits();
	return r < 0 ? r : caps_drop_sets();
}

/* In a borrowed cgroup it is watched by somebody who has no better claim to a processor than it has, however nice that is. */
static int be_nicer(void)
{
	int nice = getpriority(PRIO_PROCESS, 0) + WATCHED_NICE;

	return setpriority(PRIO_PROCESS, 0, nice < NICE_MAX ? nice : NICE_MAX);
}

static int step_session(struct box *b)
{
	umask(022);
	if (b->launch.rootless && b->launch.njoin == 0 && be_nicer() < 0)
		return -errno;
	/* Its life is init's, which is tied to the warden's: a parent's death means nothing. */
	if (prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0 || setsid() < 0)
		return -errno;
	return 0;
}

/* The order: the ends of its pipes may lie anywhere, so they are lifted out of the way before they are put at 0, 1, 2. */
static int step_go(struct box *b)
{
	int fds[RELEASE_FDS], r;

	r = recv_peer(b, &b->go, PEER_GO, fds, RELEASE_FDS);
	if (r < 0)
		return r;
	for (int i = 0; i < RELEASE_FDS; i++)
		if ((fds[i] = fd_move_above(fds[i], 3)) < 0)
			return fds[i];
	for (int i = 0; i < 3; i++)
		if (dup2(fds[RELEASE_STDIN + i], i) < 0)
			return -errno;
	r = payload_open(fds[RELEASE_PAYLOAD], &b->payload);
	close(fds[RELEASE_PAYLOAD]);
	for (int i = 0; i < 3; i++)
		close(fds[RELEASE_STDIN + i]);
	return r;
}

static int step_cwd(struct box *b)
{
	return chdir(b->payload.cwd) < 0 ? -errno : 0;
}

/* As late as can be: every step before may need a descriptor, which a limit of 1 would not leave. */
static int step_rlimits(struct box *b)
{
	struct rlimit_set s = { .open_files = b->go.open_files,
				.file_bytes = b->go.file_bytes,
				.cpu_sec = b->go.cpu_sec,
				.stack_bytes = b->go.stack_bytes,
				.processes = b->go.processes };

	return layer_off(b->launch.layers_off, LAYER_RLIMITS) ? 0 : rlimit_apply(&s);
}

/* Fails only where none of these is ours any more: then the kernel has given launcher and program what there is. */
static int step_cpus(struct box *b)
{
	if (b->launch.kept)
		sched_setaffinity(0, sizeof(b->lane->cpus), &b->lane->cpus);
	return 0;
}

static int step_no_new_privs(struct box *b)
{
	if (layer_off(b->launch.layers_off, LAYER_NNP))
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* The rules are init's: they came with its answer. */
static int step_landlock(struct box *b)
{
	int r = box_has_rules(b) ? landlock_enter(b->lane->landlock_abi, b->rules_fd) : 0;

	if (box_has_rules(b))
		fd_drop(&b->rules_fd);
	return r;
}

static int step_close(struct box *b)
{
	(void)b;
	return syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) < 0 ? -errno : 0;
}

/*
 * The closing part allows whatever the base is to decide, so it is worth nothing alone.  That the base is on, here
 * and in this thread, is asked of the base itself: no one else gives this answer.
 */
static bool base_is_on(void)
{
	return syscall(SECCOMP_MARK_CALL) < 0 && errno == SECCOMP_MARK_ERRNO;
}

/* Without root of the host, init is of the program's own uid. */
static int step_guard(struct box *b)
{
	return b->launch.rootless ? guard_pid1() : 0;
}

/* From here on only what programs may call is left, which includes what the last steps need. */
static int step_filter(struct box *b)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;

	b->listener_fd = -1;
	if (layer_off(b->launch.layers_off, LAYER_SECCOMP))
		return 0;
	if (!base_is_on())
		return -EPERM;
	b->listener_fd =
		(int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &b->lane->closing);
	if (b->listener_fd < 0 && errno == EINVAL) /* before 5.19 */
		b->listener_fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
					      &b->lane->closing);
	return b->listener_fd < 0 ? -errno : 0;
}

/* The first note of a program carries the listener. */
static int send_note(struct box *b, const struct note *n)
{
	int r = fd_send_frame(b->note_fd, n, sizeof(*n), &b->listener_fd, b->listener_fd >= 0);

	fd_drop(&b->listener_fd);
	return r;
}

/* Whose order has come already has nothing to wait for. */
static int step_waiting(struct box *b)
{
	const struct note n = { .kind = NOTE_WAITING };

	return b->launch.ahead ? send_note(b, &n) : 0;
}

static uint64_t read_number(int fd, uint64_t (*parse)(int version, const char *text), int version)
{
	char text[256];

	return fd_read_text(fd, text, sizeof(text)) > 0 ? parse(version, text) : 0;
}

static uint64_t parse_level(int version, const char *text)
{
	(void)version;
	return cgroup_parse_number(text);
}

/* The note that starts the clocks. What is charged until now, files and our own doing, is not the program's. */
static int step_release(struct box *b)
{
	int version = (int)b->launch.cgroup_version;
	struct note n = { .kind = NOTE_STARTED,
			  .cpu_usec = read_number(b->usage_fd, cgroup_parse_cpu_usec, version),
			  .memory_bytes = read_number(b->memory_fd, parse_level, version),
			  .time_nsec = clock_now_nsec() };

	return send_note(b, &n);
}

/* Between userns and mapped stands what needs no identity: init writes the maps meanwhile. */
static const struct box_step enter_steps[] = {
	{ "join-v2", step_join_v2 },
	{ "enter", step_enter },
	{ "userns", step_userns },
	{ "join-v1", step_join_v1 },
	{ "session", step_session },
	{ "bounds", step_bounds },
	{ "no-new-privs", step_no_new_privs },
	{ "close", step_close },
	{ "mapped", step_mapped },
	{ "landlock", step_landlock },
	{ "identity", step_identity },
	{ "caps", step_caps },
	{ "guard", step_guard },
	{ "filter", step_filter },
};

static const struct box_step go_steps[] = {
	{ "waiting", step_waiting }, { "go", step_go },	    { "cwd", step_cwd },
	{ "rlimits", step_rlimits }, { "cpus", step_cpus }, { "release", step_release },
};

void box_program_enter(struct box *b, void (*settle)(struct box *b))
{
	box_run_steps(b, enter_steps, ARRAY_SIZE(enter_steps));
	if (settle)
		settle(b);
	box_run_steps(b, go_steps, ARRAY_SIZE(go_steps));
}

static void say(const char *s)
{
	ssize_t n = write(2, s, strlen(s));

	(void)n;
}

void box_program_exec(struct box *b)
{
	const char *path = b->payload.argv[0];

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
