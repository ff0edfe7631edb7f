/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A warden whose zygotes are liar.c, and an engine that has it run programs:
 *
 *   zygote-harness LAUNCHER PROFILE LIAR LIE RUNNER ORDERS [FORKS AGE_MSEC]
 *
 * RUNNER is that of the liar, `python` or `node`.  ORDERS is one letter for each box: `z` by the liar, `Z` the same and the next one
 * ahead, `x` by the exec runner, `a` the same with an artefact that nobody takes, `c` as `Z`, but it is called off at once and
 * would take its time.  Each program reads a number, prints it and exits with it.  `.` waits until a program has been forked
 * ahead, `-` for a third of a second, `n` until there is one zygote, and another one.  A zygote is replaced after FORKS, or when it is
 * so old; 0: as usual.  Prints a line of JSON for each box and one for
 * what was told of zygotes, and at the end one for the world around: is it whole, and how many zygotes are there?
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/profile_json.h"
#include "sandbox/payload.h"
#include "sandbox/warden.h"
#include "sandbox/wire.h"

#define WAIT_MSEC 60000
#define PAUSE_MSEC 330
#define REST_MSEC 4
#define REST_WAIT_MSEC 5000
#define REST_LOOKS 5
#define HELD \
	5 /* of what is made ahead, which may be there or not; a leak is one for each of eight boxes or more */

static struct warden warden = WARDEN_INIT;
static enum runner_kind liars;

static void fail(const char *what, const struct err *err) __attribute__((noreturn));

static void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "harness: %s: %s\n", what, err ? err->text : "");
	exit(2);
}

/* The next report; false when the warden is gone. */
static bool receive(struct report *r)
{
	struct pollfd p = { .fd = warden.sock, .events = POLLIN };

	if (poll(&p, 1, WAIT_MSEC) != 1)
		fail("the warden says nothing", NULL);
	if (fd_recv_frame(warden.sock, r, sizeof(*r), NULL, NULL) <= 0)
		return false;
	if (r->kind == REPORT_ZYGOTE)
		printf("{\"zygote\": %d, \"text\": \"%s\"}\n", r->error, r->text);
	return true;
}

static void await(enum report_kind kind, struct report *r)
{
	do {
		if (!receive(r))
			fail("the warden is gone", NULL);
		if (r->kind == REPORT_LOST)
			fail("the lane is lost", NULL);
	} while (r->kind != kind);
}

static int payload_of(char what)
{
	static const char *const argv[] = { "/bin/sh", "-c", "read x; echo $x; exit $x", NULL };
	static const char *const maker[] = {
		"/bin/sh", "-c",
		"read x; echo $x; /usr/bin/head -c 1000000 /dev/zero >made; exit $x", NULL
	};
	static const char *const slow[] = { "/bin/sh", "-c", "read x; sleep 2; echo $x; exit $x",
					    NULL };
	static const char *const envp[] = { NULL };
	const struct plan_step step = { .argv = what == 'a'   ? maker
						: what == 'c' ? slow
							      : argv,
					.envp = envp,
					.cwd = "/box",
					.artefact = what == 'a' ? "made" : NULL };

	return payload_make(&step);
}

static void call_off(uint64_t box)
{
	const struct order kill = { .kind = ORDER_KILL, .box = box, .kill = KILL_CANCEL };

	if (fd_send_frame(warden.sock, &kill, sizeof(kill), NULL, 0) < 0)
		fail("send an order", NULL);
}

static void run(char what, uint64_t box)
{
	struct order o = { .kind = ORDER_RUN,
			   .box = box,
			   .runner = what == 'x' || what == 'a' ? RUNNER_EXEC : liars,
			   .flags = what == 'Z' || what == 'c' ? ORDER_REFILL
				    : what == 'a'	       ? ORDER_ARTEFACT_OUT
							       : 0,
			   .limits = limits_default };
	char text[16], out[64] = "";
	int fds[5], outs[2], errs[2], artefact[2], nfds = what == 'a' ? 5 : 4;
	int n = snprintf(text, sizeof(text), "%d\n", (int)box);
	struct report r;

	fds[0] = payload_of(what);
	fds[1] = fd_sealed_memfd("stdin", text, (size_t)n);
	if (pipe(outs) < 0 || pipe(errs) < 0 || pipe(artefact) < 0)
		fail("pipe", NULL);
	fds[2] = outs[1];
	fds[3] = errs[1];
	fds[4] = artefact[1];
	if (fd_send_frame(warden.sock, &o, sizeof(o), fds, (size_t)nfds) < 0)
		fail("send an order", NULL);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
	if (what == 'c')
		call_off(box);
	await(REPORT_DONE, &r);
	n = (int)fd_read_full(outs[0], out, sizeof(out) - 1);
	out[n < 0 ? 0 : n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	close(outs[0]);
	close(errs[0]);
	close(artefact[0]);
	printf("{\"box\": %d, \"out\": \"%s\", \"status\": %d, \"ended\": %d, \"kill\": %d, \"runner\": %d, \"errno\": %d, "
	       "\"step\": \"%s\", \"artefact\": %d, \"wall_usec\": %llu}\n",
	       (int)box, out, r.facts.wait_status, r.facts.ended, r.facts.kill, r.facts.runner,
	       r.facts.setup_errno, r.facts.setup_step, r.facts.artefact,
	       (unsigned long long)r.facts.wall_usec);
	fflush(stdout);
	await(REPORT_IDLE, &r);
}

static const struct cgroup_place place = { .kind = CGROUP_HOST, .base = "/sys/fs/cgroup" };

static void start(char **argv, pid_t bystander, struct arena *arena)
{
	char number[16];
	char *liar_argv[] = { argv[3], argv[4], number, NULL }, *none[] = { NULL };
	struct warden_config c = { .place = &place,
				   .launcher_path = argv[1],
				   .lanes = 1,
				   .caps = limits_cap,
				   .zygote_forks = argv[7] ? (unsigned)atoi(argv[7]) : 0,
				   .zygote_age_nsec =
					   argv[7] ? (uint64_t)atoi(argv[8]) * NSEC_PER_MSEC : 0 };
	struct seccomp_program base, closing;
	struct err err = ERR_INIT;
	struct profile profile;

	snprintf(number, sizeof(number), "%d", bystander);
	if (profile_json_load(argv[2], arena, &profile, &err) < 0 ||
	    seccomp_compile(&profile, SECCOMP_BASE, &base, &err) < 0 ||
	    seccomp_compile(&profile, SECCOMP_CLOSING, &closing, &err) < 0)
		fail(argv[2], &err);
	c.base = &base;
	c.closing = &closing;
	liars = strcmp(argv[5], "node") ? RUNNER_PYTHON : RUNNER_NODE;
	c.runners[liars] =
		(struct lane_runner){ .program = argv[3], .argv = liar_argv, .envp = none };
	if (warden_start(&c, &warden, &err) < 0)
		fail("start the warden", &err);
	seccomp_program_done(&base);
	seccomp_program_done(&closing);
}

static int warden_descriptors(void)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", warden.pid);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* As it stands still: a box in the making holds a handful, at one moment or another. */
static int descriptors_at_rest(void)
{
	int last = -1, n, same = 0;

	for (int i = 0; i < REST_WAIT_MSEC && same < REST_LOOKS; i += REST_MSEC) {
		n = warden_descriptors();
		same = n == last ? same + 1 : 0;
		last = n;
		poll(NULL, 0, REST_MSEC);
	}
	return last;
}

/* Those of the last box are given back when its lane is clean again. */
static int descriptors_given_back(int before)
{
	int n = warden_descriptors();

	for (int i = 0; i < REST_WAIT_MSEC && n > before + HELD; i += REST_MSEC) {
		poll(NULL, 0, REST_MSEC);
		n = warden_descriptors();
	}
	return n;
}

/* The warden's children are then launcher, zygote, init and program. */
static void await_ahead(void)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", warden.pid, warden.pid);
	for (int i = 0; i < WAIT_MSEC; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC), n[4];
		ssize_t len = fd_read_text(fd, text, sizeof(text));

		close(fd);
		if (len > 0 && sscanf(text, "%d %d %d %d", &n[0], &n[1], &n[2], &n[3]) == 4)
			return;
		poll(NULL, 0, 1);
	}
	fail("nothing is forked ahead", NULL);
}

/* It is in our pid namespace, as a zygote is and what it forked is not. */
static bool is_outside(int pid)
{
	struct stat its, ours;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	return stat(path, &its) == 0 && stat("/proc/self/ns/pid", &ours) == 0 &&
	       its.st_ino == ours.st_ino;
}

/* How many children of the warden are liars, and one of them. */
static int zygotes_now(pid_t *ret_pid)
{
	char path[64], text[1024], comm[32];
	int n = 0, at = 0, used, pid, fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", warden.pid, warden.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd_read_text(fd, text, sizeof(text)) < 0)
		text[0] = '\0';
	close(fd);
	for (; sscanf(text + at, "%d %n", &pid, &used) == 1; at += used) {
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd_read_text(fd, comm, sizeof(comm)) > 0 && !strncmp(comm, "zygote-liar", 11) &&
		    is_outside(pid)) {
			*ret_pid = pid;
			n++;
		}
		close(fd);
	}
	return n;
}

static pid_t the_zygote(void)
{
	pid_t pid = 0;
	int n = zygotes_now(&pid);

	return n == 1 ? pid : 0;
}

/* Another one than `*zygote`, which it then is; nothing is asked of it. */
static void await_next_zygote(pid_t *zygote)
{
	pid_t now = 0;

	for (int i = 0; i < WAIT_MSEC && (now == 0 || now == *zygote); i++) {
		poll(NULL, 0, 1);
		now = the_zygote();
	}
	if (now == 0 || now == *zygote)
		fail("no zygote is replaced", NULL);
	*zygote = now;
}

/* One at most, or how many there still are when there was time enough. */
static int zygotes_in_the_end(void)
{
	pid_t one;
	int n = zygotes_now(&one);

	for (int i = 0; i < REST_WAIT_MSEC && n > 1; i += REST_MSEC) {
		poll(NULL, 0, REST_MSEC);
		n = zygotes_now(&one);
	}
	return n;
}

/* Whoever is left when the warden has gone becomes our child. */
static int left_over(void)
{
	int n = 0, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0) {
		if (pid == 0) {
			n++;
			break;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	struct order warm = { .kind = ORDER_WARM };
	struct report r = { 0 };
	struct arena arena;
	pid_t bystander;
	bool lives;
	int before, after, zygotes;
	pid_t first, last, zygote;

	if (argc != 7 && argc != 9)
		fail("arguments", NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	arena_init(&arena, 16u << 20);
	bystander = fork();
	if (bystander == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		pause();
	}
	start(argv, bystander, &arena);
	before = descriptors_at_rest();
	warm.runner = liars;
	if (fd_send_frame(warden.sock, &warm, sizeof(warm), NULL, 0) < 0)
		fail("send an order", NULL);
	await(REPORT_ZYGOTE, &r);
	first = zygote = the_zygote();
	for (uint64_t i = 0, box = 1; argv[6][i]; i++)
		if (argv[6][i] == '.')
			await_ahead();
		else if (argv[6][i] == 'n')
			await_next_zygote(&zygote);
		else if (argv[6][i] == '-')
			poll(NULL, 0, PAUSE_MSEC);
		else
			run(argv[6][i], box++);
	lives = kill(warden.pid, 0) == 0 && waitpid(warden.pid, NULL, WNOHANG) == 0;
	after = descriptors_given_back(before);
	zygotes = zygotes_in_the_end();
	last = the_zygote();
	warden_stop(&warden);
	lives = lives && waitpid(bystander, NULL, WNOHANG) == 0;
	kill(bystander, SIGKILL);
	waitpid(bystander, NULL, 0);
	printf("{\"whole\": %s, \"left_over\": %d, \"descriptors\": [%d, %d], \"zygotes\": %d, \"replaced\": %s}\n",
	       lives ? "true" : "false", left_over(), before, after, zygotes,
	       last == first ? "false" : "true");
	arena_done(&arena);
	return 0;
}
