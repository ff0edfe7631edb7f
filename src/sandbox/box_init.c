/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init, pid 1 of a box.
 *
 * It is born as root of the host inside fresh namespaces, ahead of any order, makes the box's mounts and
 * waits for two things in any order: the program, which was forked into its namespaces and wants its
 * user namespace mapped, and the warden's release.  Upon that it copies the program's files in while
 * nobody else's code has run here, gives up everything, uid, capabilities, descriptors, and tells
 * the program to go.  From there it only waits; when it dies, the kernel kills whatever is left in the box.
 *
 * After a compile step, and after a run whose files are asked for, it first kills the rest of the box itself and, as the
 * last process and with no right but the program's own to its files, copies them out (harvest.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "kernel/landlock.h"
#include "sandbox/box.h"
#include "sandbox/harvest.h"
#include "sandbox/layers.h"

#define OUR_INODES \
	6 /* the root of the box's tmpfs, its three directories, an artefact, and one spare */
/* What the box's disk is made with ahead of its order: the default limits, so that they need no second mount. */
#define STANDBY_BYTES (64ull << 20)
#define STANDBY_INODES 4096ull

/*
 * Dies with the warden.  The signal is asked for after every change of credentials (which clears it);
 * a warden that died before is seen on the note socket.
 */
static int step_tether(struct box *b)
{
	struct pollfd p = { .fd = b->note_fd, .events = POLLIN };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return poll(&p, 1, 0) == 0 ? 0 : -EPIPE;
}

/* v1: by writing to each hierarchy; on v2 clone3 has done it. The namespace is made from inside. */
static int step_cgroup(struct box *b)
{
	if (b->launch.cgroup_version == 1) {
		for (uint32_t i = 0; i < b->launch.njoin; i++) {
			int r = fd_write_all(b->join_fds[i], "0", 1);

			if (r < 0)
				return r;
		}
	}
	if (layer_off(b->launch.layers_off, LAYER_CGROUPNS))
		return 0;
	return unshare(CLONE_NEWCGROUP) < 0 ? -errno : 0;
}

static int step_payload(struct box *b)
{
	return payload_open(b->run_fds[RELEASE_PAYLOAD], &b->payload);
}

static int make_dir(const char *path, mode_t mode, uid_t uid)
{
	if (mkdir(path, 0700) < 0 || chown(path, uid, uid) < 0 || chmod(path, mode) < 0)
		return -errno;
	return 0;
}

static int bind_mount(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

/*
 * The source and the files count, as on any disk; only where they would take most of it, room is added, so
 * that a request that is allowed can always be set up.
 */
static uint64_t with_room(uint64_t limit, uint64_t ours)
{
	return ours <= limit / 2 ? limit : limit + ours; /* a limit of 1 KiB has no page at all */
}

/* Bytes of the box's own files, in whole pages: source, files, compiled program. */
static uint64_t our_bytes(const struct box *b)
{
	struct stat st;

	if (!(b->release.flags & ORDER_ARTEFACT_IN) || fstat(b->run_fds[RELEASE_FDS], &st) < 0)
		return b->payload.content_pages_bytes;
	return b->payload.content_pages_bytes + ((uint64_t)st.st_size + 4095) / 4096 * 4096;
}

static int mount_box(const struct box *b, unsigned long flags, uint64_t bytes, uint64_t inodes)
{
	char options[128], *p = options;

	p = box_put_text(p, "mode=755,size=");
	p = box_put_number(p, bytes);
	p = box_put_text(p, ",nr_inodes=");
	box_put_number(p, inodes);
	if (layer_off(b->launch.layers_off, LAYER_TMPFS))
		strcpy(options, "mode=755");
	return mount("tmpfs", "/box", "tmpfs", flags | MS_NOSUID | MS_NODEV, options) < 0 ? -errno
											  : 0;
}

/*
 * One tmpfs, bounded in bytes and inodes, seen at three places.  It is staged on /box, whose own
 * directory is bound over it last, so that nothing but the three directories can be reached.
 */
static int step_tmpfs(struct box *b)
{
	uid_t uid = b->launch.uid;
	int r;

	if ((r = mount_box(b, 0, STANDBY_BYTES, STANDBY_INODES)) < 0)
		return r;
	if ((r = make_dir("/box/box", 0755, uid)) < 0 || (r = make_dir("/box/tmp", 01777, 0)) < 0 ||
	    (r = make_dir("/box/shm", 01777, 0)) < 0)
		return r;
	if ((r = bind_mount("/box/tmp", "/tmp")) < 0 ||
	    (r = bind_mount("/box/shm", "/dev/shm")) < 0 ||
	    (r = bind_mount("/box/box", "/box")) < 0)
		return r;
	b->box_dirfd = open("/box", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->box_dirfd < 0 ? -errno : 0;
}

/* The sizes that the order wants. */
static int step_size(struct box *b)
{
	uint64_t bytes = with_room(b->release.disk_bytes, our_bytes(b));
	uint64_t inodes = with_room(b->release.inodes, b->payload.nfiles + OUR_INODES);

	if (bytes == STANDBY_BYTES && inodes == STANDBY_INODES)
		return 0;
	return mount_box(b, MS_REMOUNT, bytes, inodes);
}

/* Without root only who sees one may mount another: the lane has its own at /proc, which goes. */
static int proc_in_place_of_lanes(const char *options)
{
	if (mount("proc", "/tmp", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0 ||
	    umount2("/proc", MNT_DETACH) < 0 || mount("/tmp", "/proc", NULL, MS_MOVE, NULL) < 0)
		return -errno;
	return 0;
}

static int step_proc(struct box *b)
{
	const char *options = "subset=pid,hidepid=2";

	if (layer_off(b->launch.layers_off, LAYER_PROC))
		options = "";
	if (b->launch.rootless)
		return proc_in_place_of_lanes(options);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		return -errno;
	return 0;
}

static int copy_in(int dirfd, const char *name, unsigned mode, uid_t uid, int from, off_t at,
		   uint64_t size)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (size > 0) {
		ssize_t n = sendfile(fd, from, &at, size > (1u << 30) ? (1u << 30) : size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		size -= (uint64_t)n;
	}
	return fchown(fd, uid, uid) < 0 || fchmod(fd, mode) < 0 ? -errno : 0;
}

static int step_files(struct box *b)
{
	off_t at = (off_t)b->payload.content_offset;
	int dirfd = b->box_dirfd;

	for (uint32_t i = 0; i < b->payload.nfiles; i++) {
		const struct payload_file *f = &b->payload.files[i];
		int r = copy_in(dirfd, b->payload.names[i], f->mode, b->launch.uid,
				b->run_fds[RELEASE_PAYLOAD], at, f->size);

		if (r < 0)
			return r;
		at += (off_t)f->size;
	}
	return 0;
}

static int step_artefact_in(struct box *b)
{
	struct stat st;
	int r;

	if (!(b->release.flags & ORDER_ARTEFACT_IN))
		return 0;
	r = fd_check_sealed(b->run_fds[RELEASE_FDS]);
	if (r < 0)
		return r;
	if (fstat(b->run_fds[RELEASE_FDS], &st) < 0)
		return -errno;
	return copy_in(b->box_dirfd, b->payload.artefact, 0755, b->launch.uid,
		       b->run_fds[RELEASE_FDS], 0, (uint64_t)st.st_size);
}

/* All mounts are there: what a program of this box may do with them. Made here, where nobody waits for it. */
static int step_rules(struct box *b)
{
	static const struct landlock_rule rules[] = {
		{ "/", LANDLOCK_READ_EXEC },	     { "/dev", LANDLOCK_DEVICES },
		{ "/tmp", LANDLOCK_READ_WRITE },     { "/box", LANDLOCK_READ_WRITE },
		{ "/dev/shm", LANDLOCK_READ_WRITE },
	};

	if (!box_has_rules(b))
		return 0;
	b->rules_fd = landlock_ruleset(b->lane->landlock_abi, rules, ARRAY_SIZE(rules));
	return b->rules_fd < 0 ? b->rules_fd : 0;
}

/* What the program is told by, and the warden gets to hand to it. */
static int step_peer(struct box *b)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	b->peer_fd = pair[0];
	b->program_peer_fd = pair[1];
	return 0;
}

static int step_ready(struct box *b)
{
	const struct note n = { .kind = NOTE_READY };
	int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int fds[] = { b->box_dirfd, b->program_peer_fd, mounts };
	int r = mounts < 0 ? -errno
			   : fd_send_frame(b->note_fd, &n, sizeof(n), fds, ARRAY_SIZE(fds));

	fd_drop(&mounts);
	fd_drop(&b->program_peer_fd);
	return r;
}

/*
 * init was cloned while its launcher held the last box's mounts; whoever lets go of them last ends them, and here nobody waits
 * for that.
 */
static int step_bury(struct box *b)
{
	fd_drop(&b->bury_fd);
	return 0;
}

/* A program that was forked ahead may have been replaced by another one: each is mapped. */
static int answer_program(struct box *b)
{
	const struct peer mapped = { .kind = PEER_MAPPED };
	struct peer p;
	int r = fd_recv_frame(b->peer_fd, &p, sizeof(p), NULL, NULL);

	if (r <= 0)
		return r < 0 ? r : -EPIPE;
	if (p.kind != PEER_BORN || p.pid <= 1)
		return -EPROTO;
	r = box_map_program(b, p.pid);
	b->mapped++;
	return r < 0 ? r
		     : fd_send_frame(b->peer_fd, &mapped, sizeof(mapped), &b->rules_fd,
				     box_has_rules(b));
}

static int step_await_program(struct box *b)
{
	int r = 0;

	while (r == 0 && b->mapped < b->release.programs)
		r = answer_program(b);
	return r;
}

static int step_proc_readonly(struct box *b)
{
	(void)b;
	if (mount(NULL, "/proc", NULL,
		  MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return -errno;
	return 0;
}

/* The last word to the program; then only what the end needs is kept. */
static int step_go(struct box *b)
{
	const struct peer go = { .kind = PEER_GO,
				 .open_files = b->release.open_files,
				 .file_bytes = b->release.file_bytes,
				 .cpu_sec = b->release.cpu_sec,
				 .stack_bytes = b->release.stack_bytes,
				 .processes = b->release.processes };
	int keep[] = { b->note_fd, b->box_dirfd, b->files_fd,
		       b->release.flags & ORDER_ARTEFACT_OUT ? b->run_fds[RELEASE_FDS] : -1 };
	int r = fd_send_frame(b->peer_fd, &go, sizeof(go), b->run_fds, RELEASE_FDS);

	return r < 0 ? r : box_close_but(0, keep, ARRAY_SIZE(keep));
}

/* The last process of the box: nobody else can change a file from here on. */
static void clear_box(void)
{
	do
		kill(-1, SIGKILL);
	while (wait4(-1, NULL, __WALL, NULL) > 0 || errno == EINTR);
}

static int copy_out(int to, int from, uint64_t bytes)
{
	while (bytes > 0) {
		ssize_t n = sendfile(to, from, NULL, bytes > (1u << 30) ? (1u << 30) : bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes -= (uint64_t)n;
	}
	return 0;
}

static int harvest_files(const struct box *b)
{
	uint64_t left = b->release.files_bytes;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < b->payload.noutputs; i++) {
		_cleanup_close_ int fd = -1;
		struct harvest_head head;

		r = harvest_next(b->box_dirfd, b->payload.outputs[i], &left, &head, &fd);
		if (r == 0)
			r = fd_write_all(b->files_fd, &head, sizeof(head));
		if (r == 0 && fd >= 0)
			r = copy_out(b->files_fd, fd, head.bytes);
	}
	return r;
}

/*
 * Into pipes that the engine reads: a file that we wrote would stay charged to this box. Returns 0 with what goes into
 * facts.artefact, or the host's failure.
 */
static int harvest(const struct box *b, uint8_t *ret)
{
	_cleanup_close_ int fd = -1;
	enum taken state = TAKEN_WHOLE;
	uint64_t bytes = 0;
	int r;

	clear_box();
	if (b->files_fd >= 0)
		r = harvest_files(b);
	else
		r = harvest_open(b->box_dirfd, b->payload.artefact, b->release.file_bytes, &fd,
				 &state, &bytes);
	if (r == 0 && fd >= 0)
		r = copy_out(b->run_fds[RELEASE_FDS], fd, bytes);
	*ret = (uint8_t)state;
	return r;
}

static const struct box_step standby_steps[] = {
	{ "tether", step_tether }, { "cgroup", step_cgroup }, { "tmpfs", step_tmpfs },
	{ "proc", step_proc },	   { "rules", step_rules },   { "peer", step_peer },
	{ "ready", step_ready },   { "bury", step_bury },
};

static const struct box_step release_steps[] = {
	{ "payload", step_payload },
	{ "size", step_size },
	{ "files", step_files },
	{ "artefact", step_artefact_in },
	{ "await-program", step_await_program },
	{ "proc-readonly", step_proc_readonly },
	{ "drop", box_step_drop },
	{ "tether-again", step_tether },
	{ "go", step_go },
};

/* Those behind the program's own, by what the order says of them. */
static bool sort_fds(struct box *b, size_t n)
{
	const uint32_t flags = b->release.flags;
	bool files = flags & ORDER_FILES_OUT;
	bool artefact = flags & (ORDER_ARTEFACT_IN | ORDER_ARTEFACT_OUT);

	if (n != RELEASE_FDS + (size_t)files + artefact)
		return false;
	b->files_fd = files ? b->run_fds[n - 1] : -1;
	if (!artefact)
		b->run_fds[RELEASE_FDS] = -1;
	return true;
}

/* Waits for the warden, serving programs meanwhile. Exits where there is no warden any more. */
static void await_release(struct box *b)
{
	struct pollfd p[] = { { .fd = b->note_fd, .events = POLLIN },
			      { .fd = b->peer_fd, .events = POLLIN } };
	size_t n = RELEASE_FDS_MAX;
	int r;

	for (;;) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0)
			continue;
		if (p[1].revents && (r = answer_program(b)) < 0) {
			box_note_failed(b, "identity", r);
			_exit(125);
		}
		if (p[0].revents)
			break;
	}
	r = fd_recv_frame(b->note_fd, &b->release, sizeof(b->release), b->run_fds, &n);
	if (r <= 0 || b->release.kind != RELEASE_RUN || !sort_fds(b, n))
		_exit(125);
}

void box_init_main(struct box *b)
{
	struct note n = { .kind = NOTE_HARVESTED };
	struct release end;
	int r;

	signal(SIGCHLD, SIG_IGN); /* orphans of the box are reaped by the kernel */
	box_run_steps(b, standby_steps, ARRAY_SIZE(standby_steps));
	await_release(b);
	box_run_steps(b, release_steps, ARRAY_SIZE(release_steps));
	if (fd_recv_frame(b->note_fd, &end, sizeof(end), NULL, NULL) <= 0 ||
	    end.kind != RELEASE_HARVEST)
		_exit(0);
	r = harvest(b, &n.artefact);
	if (r < 0)
		box_note_failed(b, "harvest", r);
	else
		fd_send_frame(b->note_fd, &n, sizeof(n), NULL, 0);
	_exit(0);
}
