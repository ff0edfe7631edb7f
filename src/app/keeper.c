/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See keeper.h.  Two descriptors are waited for: the socket, and the deaths of children.  Those are the process that
 * prepares, and the wardens that it leaves behind when it ends, which become ours (PR_SET_CHILD_SUBREAPER).  A warden ends
 * when nobody holds its socket any more; so nobody has to be killed but who prepares.
 */
#include "app/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/prepare.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

#define LAST_MSEC 10000 /* for wardens to end when the service has */

struct keeping {
	struct prepare prepare;
	int deaths;	/* a signalfd */
	int told;	/* the number of the warden in the making comes here; -1: nobody prepares */
	pid_t preparer; /* 0: nobody */
	bool again;	/* another order came */
	uint64_t until_nsec;
	pid_t wardens[KEEPER_WARDENS_MAX]; /* 0: none */
};

static void fail(const struct keeping *k, const char *why)
{
	static struct handover h;

	h = (struct handover){ .kind = HANDOVER_FAILED };
	snprintf(h.text, sizeof(h.text), "%s", why);
	fd_send_frame(k->prepare.sock, &h, sizeof(h), NULL, 0);
}

/* ---- who prepares ---- */

static void become_preparer(struct keeping *k, int tell) __attribute__((noreturn));

static void become_preparer(struct keeping *k, int tell)
{
	sigset_t none;

	prctl(PR_SET_NAME, "kodewar-prepare");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(k->deaths);
	k->prepare.keeper = tell;
	_exit(prepare_run(&k->prepare) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static pid_t *free_warden(struct keeping *k)
{
	for (size_t i = 0; i < KEEPER_WARDENS_MAX; i++)
		if (!k->wardens[i])
			return &k->wardens[i];
	return NULL;
}

static void begin(struct keeping *k)
{
	int pair[2];

	k->again = false;
	if (!free_warden(k)) {
		fail(k,
		     "the boxes of earlier trees have not ended yet; try again when their jobs have");
		return;
	}
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0) {
		fail(k, "no pipe could be made");
		return;
	}
	k->preparer = fork();
	if (k->preparer == 0) {
		close(pair[0]);
		become_preparer(k, pair[1]);
	}
	close(pair[1]);
	k->told = pair[0];
	k->until_nsec = clock_now_nsec() + KEEPER_PREPARE_SEC * NSEC_PER_SEC;
	if (k->preparer > 0)
		return;
	k->preparer = 0;
	fd_drop(&k->told);
	fail(k, "no process could be made");
}

/* Before any death is looked at: the warden's may be the next one. */
static void hear_number(struct keeping *k)
{
	pid_t warden, *place = free_warden(k);

	if (k->told >= 0 && place && read(k->told, &warden, sizeof(warden)) == sizeof(warden))
		*place = warden;
}

/* It has said what it had to, unless it died of something, or could not. Its warden lives on, or is about to end. */
static void preparer_ended(struct keeping *k, int status)
{
	k->preparer = 0;
	fd_drop(&k->told);
	if (WIFSIGNALED(status))
		fail(k, WTERMSIG(status) == SIGKILL
				? "what made the new boxes was killed, or took too long"
				: "what made the new boxes crashed");
	else if (WEXITSTATUS(status) != EXIT_SUCCESS)
		fail(k, "what made the new boxes could not hand them over");
	if (k->again)
		begin(k);
}

static void reap(struct keeping *k)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(k->deaths, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		hear_number(k);
		if (pid == k->preparer)
			preparer_ended(k, status);
		for (size_t i = 0; i < KEEPER_WARDENS_MAX; i++)
			if (k->wardens[i] == pid)
				k->wardens[i] = 0;
	}
}

static void look_at_time(struct keeping *k)
{
	if (k->preparer && clock_now_nsec() > k->until_nsec)
		kill(k->preparer, SIGKILL);
}

/* ---- the keeper ---- */

/* False: the service is gone, or says what no service of ours says. */
static bool obey(struct keeping *k)
{
	struct handover_order o;

	if (fd_recv_frame(k->prepare.sock, &o, sizeof(o), NULL, NULL) <= 0)
		return false;
	k->prepare.have = o.identity;
	k->again = k->preparer; /* it has answered, and is about to end */
	if (!k->again)
		begin(k);
	return true;
}

static void loop(struct keeping *k)
{
	struct pollfd fds[] = { { .fd = k->prepare.sock, .events = POLLIN },
				{ .fd = k->deaths, .events = POLLIN } };

	for (;;) {
		fds[0].revents = 0;
		if (poll(fds, ARRAY_SIZE(fds), k->preparer ? 1000 : -1) < 0 && errno != EINTR)
			return;
		reap(k);
		look_at_time(k);
		if (fds[0].revents && !obey(k))
			return;
	}
}

/* Nobody holds a socket of a warden any more: they end by themselves. */
static void leave(struct keeping *k)
{
	struct pollfd death = { .fd = k->deaths, .events = POLLIN };
	uint64_t until = clock_now_nsec() + LAST_MSEC * NSEC_PER_MSEC;

	if (k->preparer)
		kill(k->preparer, SIGKILL);
	close(k->prepare.sock);
	while (waitpid(-1, NULL, WNOHANG) >= 0 && clock_now_nsec() < until) {
		struct signalfd_siginfo info;

		poll(&death, 1, 100);
		while (read(k->deaths, &info, sizeof(info)) > 0)
			;
	}
}

/* Nothing that the caller had open stays open here but the socket, at 3. */
static int keep_only(int sock)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	sock = fcntl(sock, F_DUPFD_CLOEXEC, 16);
	if (null < 0 || sock < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    dup3(sock, 3, O_CLOEXEC) < 0)
		return -errno;
	return syscall(SYS_close_range, 4u, ~0u, 0) < 0 ? -errno : 0;
}

static void keeper_main(const struct keeper_config *c, const struct identity *build, int sock)
	__attribute__((noreturn));

static void keeper_main(const struct keeper_config *c, const struct identity *build, int sock)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	static struct keeping k = { .told = -1 };
	sigset_t set;

	setsid();
	prctl(PR_SET_NAME, "kodewar-keeper");
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	if (keep_only(sock) < 0)
		_exit(1);
	k.prepare = (struct prepare){ .config = c, .build = *build, .sock = 3, .keeper = -1 };
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    (k.deaths = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		_exit(1);
	loop(&k);
	leave(&k);
	_exit(0);
}

/* ---- the service's side ---- */

int keeper_start(const struct keeper_config *c, struct keeper *ret, struct err *err)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	struct identity build;
	struct paths paths;
	struct arena arena;
	int pair[2], r;

	arena_init(&arena, 1u << 20);
	r = paths_find(c->settings, &arena, &paths, err);
	if (r == 0)
		identity_of_build(&paths, &build);
	arena_done(&arena);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, errno, "make the keeper's socket");
	ours = pair[0];
	theirs = pair[1];
	ret->pid = fork();
	if (ret->pid == 0)
		keeper_main(c, &build, theirs);
	if (ret->pid < 0) {
		ret->pid = 0;
		return err_set(err, errno, "fork the keeper");
	}
	r = fd_set_nonblock(ours, 1);
	ret->sock = TAKE_FD(ours);
	return r < 0 ? err_set(err, r, "make the keeper's socket") : 0;
}

int keeper_ask(const struct keeper *k, const struct identity *have)
{
	const struct handover_order o = { .identity = *have };

	return fd_send_frame(k->sock, &o, sizeof(o), NULL, 0);
}

int keeper_hear(const struct keeper *k, struct handover *ret, int fds[static HANDOVER_FDS],
		size_t *nfds)
{
	*nfds = HANDOVER_FDS;
	return fd_recv_frame(k->sock, ret, sizeof(*ret), fds, nfds);
}

void keeper_hush(struct keeper *k)
{
	fd_drop(&k->sock);
}

void keeper_stop(struct keeper *k)
{
	fd_drop(&k->sock);
	while (k->pid > 0 && waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	k->pid = 0;
}
