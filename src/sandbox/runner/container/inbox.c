/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kodewar-inbox: pid 1 of each container of the Docker backend, one program in its life.
 *
 * It says hello and waits for its one order on stdin, lays the files out in /box, forks the program and lets it go
 * once that is contained, pumps and watches, kills whatever is left, says how it ended, and exits, with which the
 * container ends.  Static and without malloc; the container's only process until the program is forked.
 *
 *   kodewar-inbox PATH…    hello tells which of the PATHs are executable files of this image
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/openat2.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "kernel/landlock.h"
#include "sandbox/harvest.h"
#include "sandbox/runner/container/inbox_parts.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "which AUDIT_ARCH is this?"
#endif

void inbox_say(uint32_t kind, const void *data, size_t len)
{
	struct inbox_head head = { kind, (uint32_t)len };

	if (fd_write_all(CONN_OUT, &head, sizeof(head)) < 0 ||
	    (len && fd_write_all(CONN_OUT, data, len) < 0))
		_exit(1);
}

void inbox_fail(const char *step, int error)
{
	struct inbox_failed f = { .error = error };

	strncpy(f.step, step, sizeof(f.step) - 1);
	fd_set_nonblock(CONN_OUT, 0);
	inbox_say(INBOX_FAILED, &f, sizeof(f));
	_exit(1);
}

static uint64_t look_for(char **paths)
{
	uint64_t found = 0;
	struct stat st;

	for (unsigned i = 0; i < INBOX_PROGRAMS_MAX && paths[i]; i++)
		if (stat(paths[i], &st) == 0 && S_ISREG(st.st_mode) && access(paths[i], X_OK) == 0)
			found |= 1ull << i;
	return found;
}

static void say_hello(struct inbox *x, char **paths)
{
	struct inbox_hello h = { .magic = INBOX_MAGIC,
				 .arch = ARCH,
				 .landlock_abi = (uint32_t)x->landlock_abi,
				 .sees = inbox_cgroup_sees(&x->cgroup),
				 .programs = look_for(paths),
				 .mono_nsec = clock_now_nsec(),
				 .uid = getuid() };

	inbox_say(INBOX_HELLO, &h, sizeof(h));
}

static void receive(void *into, size_t len)
{
	ssize_t n = fd_read_full(CONN_IN, into, len);

	if (n < 0 || (size_t)n != len)
		_exit(1); /* the backend is gone: nobody will ever order anything */
}

/* From the conversation into a file. */
static int receive_file(int fd, uint64_t left)
{
	static char chunk[INBOX_CHUNK_BYTES];
	int r = 0;

	while (left > 0) {
		size_t n = left < sizeof(chunk) ? left : sizeof(chunk);

		receive(chunk, n);
		if (r ==
		    0) /* what is to come is read all the same, so that the failure can be told */
			r = fd_write_all(fd, chunk, n);
		left -= n;
	}
	return r;
}

static void receive_order(struct inbox *x)
{
	const struct inbox_order *o = &x->order;
	_cleanup_close_ int fd = -1;
	int r;

	receive(&x->order, sizeof(x->order));
	if (o->magic != INBOX_MAGIC || o->filter_len == 0 || o->filter_len > INBOX_FILTER_MAX ||
	    o->cpus == 0)
		inbox_fail("order", -EBADMSG);
	receive(x->filter, o->filter_len * sizeof(x->filter[0]));
	fd = memfd_create("payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		inbox_fail("payload", -errno);
	r = receive_file(fd, o->payload_bytes);
	if (r == 0)
		r = fd_seal(fd);
	if (r == 0)
		r = payload_open(fd, &x->payload);
	if (r < 0)
		inbox_fail("payload", r);
}

static int make_file(int dirfd, const char *name)
{
	return openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static void put_files(struct inbox *x)
{
	const struct payload_view *p = &x->payload;
	const char *content = (const char *)p->map + p->content_offset;
	int r;

	x->box_dirfd = open("/box", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (x->box_dirfd < 0)
		inbox_fail("box", -errno);
	for (uint32_t i = 0; i < p->nfiles; i++) {
		_cleanup_close_ int fd = make_file(x->box_dirfd, p->names[i]);

		r = fd < 0 ? -errno : fd_write_all(fd, content, p->files[i].size);
		if (r == 0 && fchmod(fd, p->files[i].mode) < 0)
			r = -errno;
		if (r < 0)
			inbox_fail("files", r);
		content += p->files[i].size;
	}
}

static void put_artefact(struct inbox *x)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (!(x->order.flags & INBOX_ARTEFACT_IN))
		return;
	fd = make_file(x->box_dirfd, x->payload.artefact);
	if (fd < 0)
		inbox_fail("artefact", -errno);
	r = receive_file(fd, x->order.artefact_bytes);
	if (r == 0 && fchmod(fd, 0755) < 0)
		r = -errno;
	if (r < 0)
		inbox_fail("artefact", r);
}

/* Ours are non-blocking. */
static void make_pipe(int *ret_ours, int *ret_theirs, bool to_program)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		inbox_fail("pipes", -errno);
	*ret_ours = fds[to_program ? 1 : 0];
	*ret_theirs = fds[to_program ? 0 : 1];
	/* It is the pipe's owner as we are: opened again by /proc, an input stays an input. */
	fchmod(fds[0], to_program ? 0400 : 0200);
	fd_set_nonblock(*ret_ours, 1);
}

static void fork_program(struct inbox *x)
{
	int fds[3], pair[2];

	make_pipe(&x->in_fd, &fds[0], true);
	make_pipe(&x->out_fd, &fds[1], false);
	make_pipe(&x->err_fd, &fds[2], false);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		inbox_fail("peer", -errno);
	x->peer_fd = pair[0];
	x->pid = fork();
	if (x->pid < 0)
		inbox_fail("fork", -errno);
	if (x->pid == 0) {
		close(x->in_fd);
		close(x->out_fd);
		close(x->err_fd);
		close(pair[0]);
		inbox_program_main(x, fds, pair[1]);
	}
	close(pair[1]);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void hear(struct inbox *x, struct inbox_word *w)
{
	int r = fd_recv_frame(x->peer_fd, w, sizeof(*w), NULL, NULL);

	if (r <= 0)
		inbox_fail("program", r < 0 ? r : -EPIPE);
	if (*w->step) {
		w->step[sizeof(w->step) - 1] = '\0';
		inbox_fail(w->step, w->error);
	}
}

/* Time, cpu and memory count from here. A failed exec is heard; a good one closes the socket. */
static void release_program(struct inbox *x)
{
	struct inbox_word w;

	hear(x, &w);
	inbox_cgroup_read(&x->cgroup, &x->base);
	x->started_nsec = clock_now_nsec();
	if (write(x->peer_fd, "g", 1) != 1)
		inbox_fail("release", -errno);
	if (fd_recv_frame(x->peer_fd, &w, sizeof(w), NULL, NULL) > 0) {
		w.step[sizeof(w.step) - 1] = '\0';
		inbox_fail(w.step, w.error);
	}
	fd_drop(&x->peer_fd);
	strncpy(x->artefact, x->payload.artefact, sizeof(x->artefact) - 1);
	x->noutputs = x->payload.noutputs;
	for (uint32_t i = 0; i < x->noutputs; i++)
		strncpy(x->outputs[i], x->payload.outputs[i], sizeof(x->outputs[i]) - 1);
	payload_close(&x->payload); /* its pages are charged to the container */
	inbox_say(INBOX_STARTED, NULL, 0);
}

static void say_file(int fd, enum inbox_kind kind, uint64_t left)
{
	static char chunk[INBOX_CHUNK_BYTES];

	while (left > 0) {
		ssize_t n = read(fd, chunk, left < sizeof(chunk) ? left : sizeof(chunk));

		if (n <= 0)
			inbox_fail("harvest", n < 0 ? -errno : -EIO);
		inbox_say(kind, chunk, (size_t)n);
		left -= (uint64_t)n;
	}
}

static void hand_artefact_out(struct inbox *x)
{
	_cleanup_close_ int fd = -1;
	enum taken state;
	uint64_t bytes = 0;
	int r = harvest_open(x->box_dirfd, x->artefact, x->order.file_bytes, &fd, &state, &bytes);

	if (r < 0)
		inbox_fail("harvest", r);
	x->end.artefact = (uint8_t)state;
	if (fd >= 0)
		say_file(fd, INBOX_ARTEFACT, bytes);
}

static void hand_files_out(struct inbox *x)
{
	uint64_t left = x->order.output_bytes;

	for (uint32_t i = 0; i < x->noutputs; i++) {
		_cleanup_close_ int fd = -1;
		struct harvest_head head;
		int r = harvest_next(x->box_dirfd, x->outputs[i], &left, &head, &fd);

		if (r < 0)
			inbox_fail("harvest", r);
		inbox_say(INBOX_FILES, &head, sizeof(head));
		if (fd >= 0)
			say_file(fd, INBOX_FILES, head.bytes);
	}
	x->end.artefact = TAKEN_WHOLE;
}

/* Everybody else is dead. */
static void hand_out(struct inbox *x)
{
	if (x->end.kill != INBOX_KILL_NONE)
		return;
	if (x->order.flags & INBOX_ARTEFACT_OUT)
		hand_artefact_out(x);
	else if (x->order.flags & INBOX_FILES_OUT)
		hand_files_out(x);
}

int main(int argc, char **argv)
{
	static struct inbox x;
	sigset_t child;

	if (getpid() != 1 || argc < 1) {
		static const char text[] = "kodewar-inbox: is pid 1 of a container, or nothing\n";

		return fd_write_all(2, text, sizeof(text) - 1), 2;
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		inbox_fail("tether", -errno);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigaddset(&child, SIGTERM); /* a blocked signal reaches even a pid 1 */
	sigprocmask(SIG_BLOCK, &child, NULL);
	x.landlock_abi = landlock_abi();
	inbox_cgroup_open(&x.cgroup);
	say_hello(&x, argv + 1);
	receive_order(&x);
	put_files(&x);
	put_artefact(&x);
	fork_program(&x);
	release_program(&x);
	inbox_watch(&x);
	hand_out(&x);
	inbox_say(INBOX_END, &x.end, sizeof(x.end));
	return 0;
}
