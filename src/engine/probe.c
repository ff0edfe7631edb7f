/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See probe.h.  A probe is an ordinary box with small limits that runs our own static program; what can
 * be judged from the supervisor's facts is (limits, denied calls), the rest the program says itself.
 * The boxes go over all lanes at once, since a few of them take tens of milliseconds by their nature.
 */
#include "engine/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "model/facts.h"
#include "model/verdict.h"

#define DEBIAN_CGROUP \
	"mount cgroup v2 (or the v1 controllers) at /sys/fs/cgroup; in a container: a writable cgroup"
#define CONTAINER_NS \
	"kernel with namespaces; in a container: seccomp that allows unshare, mount, pivot_root"

const struct probe_layer probe_layers[] = {
	{ "userns", "own user namespace, made last, owned by root",
	  "sysctl user.max_user_namespaces > 0", true },
	{ "pidns", "own process numbers; killing init ends all", CONTAINER_NS, true },
	{ "mountns", "own mounts", CONTAINER_NS, true },
	{ "netns", "an empty network", CONTAINER_NS, true },
	{ "ipcns", "own System V and POSIX queues", CONTAINER_NS, true },
	{ "uts", "own host name", CONTAINER_NS, true },
	{ "cgroupns", "own view of cgroups", CONTAINER_NS, true },
	{ "tree", "read-only root, nothing else of the host", CONTAINER_NS, true },
	{ "devices", "five harmless devices", CONTAINER_NS, true },
	{ "tmpfs", "fresh /tmp, /box, /dev/shm, bounded in bytes and inodes", CONTAINER_NS, true },
	{ "proc", "only own processes, read-only",
	  "Linux 5.8 or later; in a container: systempaths=unconfined", true },
	{ "caps", "no capability, none to regain", "run as root with the default bounding set",
	  true },
	{ "no-new-privs", "no privilege by exec", "Linux 3.5 or later", true },
	{ "seccomp", "system calls by default deny, dangerous ones watched",
	  "CONFIG_SECCOMP_FILTER, Linux 5.0 or later", true },
	{ "landlock", "file, TCP, signal and abstract-socket rules",
	  "boot with lsm=landlock,…; Linux 5.13 or later", false },
	{ "rlimits", "descriptors, file size, no core files",
	  "raise the service's own hard limits (LimitNOFILE=)", true },
	{ "cgroup-memory", "memory, no swap", DEBIAN_CGROUP, true },
	{ "cgroup-pids", "processes and threads", DEBIAN_CGROUP, true },
	{ "cgroup-cpu", "one processor's bandwidth", DEBIAN_CGROUP, true },
	{ "cgroup-io", "rate of reads from the disk behind the tree",
	  "cgroup v2 io or v1 blkio with throttling, and a tree on a disk of its own kind", false },
	{ "cpu", "cpu time limit", DEBIAN_CGROUP, true },
	{ "wall", "wall time limit", "", true },
	{ "output", "output limit", "", true },
	{ "outlive", "nothing lives longer than its box", "", true },
};
const size_t probe_layers_len = ARRAY_SIZE(probe_layers);

int probe_read_namespaces(struct probe_config *c)
{
	static const char *const names[PROBE_NAMESPACES] = { "user", "pid", "mnt",   "net",
							     "ipc",  "uts", "cgroup" };
	char path[32];

	for (size_t i = 0; i < PROBE_NAMESPACES; i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = readlink(path, c->host_namespaces[i], sizeof(c->host_namespaces[i]) - 1);
		if (n < 0)
			return -errno;
		c->host_namespaces[i][n] = '\0';
	}
	return 0;
}

/* A tree may be a stranger's: nothing is opened before it is known to be a file. */
static int open_direct(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	char self[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return open(self, O_RDONLY | O_DIRECT | O_CLOEXEC);
}

int probe_open_disk(int tree_fd)
{
	static const char *const files[] = { "usr/bin/python3.11", "usr/bin/node", "usr/bin/gcc" };
	_cleanup_close_ int host = tree_fd < 0 ? open("/", O_PATH | O_CLOEXEC) : -1;
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < ARRAY_SIZE(files); i++)
		fd = open_direct(tree_fd < 0 ? host : tree_fd, files[i]);
	return fd;
}

static void set_layer(struct probe_report *r, const char *name, const char *why)
{
	for (size_t i = 0; i < probe_layers_len; i++)
		if (strcmp(probe_layers[i].name, name) == 0) {
			r->layers[i].state = why ? PROBE_MISSING : PROBE_OK;
			snprintf(r->layers[i].detail, sizeof(r->layers[i].detail), "%s",
				 why ? why : "");
		}
}

static bool is_missing(const struct probe_report *r, const char *name)
{
	for (size_t i = 0; i < probe_layers_len; i++)
		if (strcmp(probe_layers[i].name, name) == 0)
			return r->layers[i].state == PROBE_MISSING;
	return false;
}

void probe_report_unknown(struct probe_report *r, const char *why)
{
	for (size_t i = 0; i < probe_layers_len; i++) {
		r->layers[i].state = PROBE_UNKNOWN;
		snprintf(r->layers[i].detail, sizeof(r->layers[i].detail), "%s", why);
	}
}

/* An engine without userns-remap has no user namespace to give; a borrowed cgroup no bandwidth. */
bool probe_required(const struct probe_report *r, size_t layer)
{
	return probe_layers[layer].required &&
	       !(r->container && strcmp(probe_layers[layer].name, "userns") == 0) &&
	       !(r->borrowed && strcmp(probe_layers[layer].name, "cgroup-cpu") == 0);
}

bool probe_required_ok(const struct probe_report *r, char *names, size_t size)
{
	bool ok = true;

	*names = '\0';
	for (size_t i = 0; i < probe_layers_len; i++) {
		size_t used = strlen(names);

		if (!probe_required(r, i) || r->layers[i].state == PROBE_OK ||
		    (r->partial && r->layers[i].state == PROBE_UNKNOWN))
			continue;
		snprintf(names + used, size - used, "%s%s (%s)", ok ? "" : ", ",
			 probe_layers[i].name, r->layers[i].detail);
		ok = false;
	}
	return ok;
}

static bool denied(const struct facts *f, long nr)
{
	for (uint32_t i = 0; i < f->ndenied; i++)
		if (f->denied[i].nr == nr)
			return true;
	return false;
}

static void judge_memory(struct probe_report *r, const struct box_outcome *o)
{
	set_layer(r, "cgroup-memory",
		  o->facts.oom_kills || o->facts.kill == KILL_MEMORY
			  ? NULL
			  : "64 MB were had with a limit of 16 MB");
}

static void judge_processes(struct probe_report *r, const struct box_outcome *o)
{
	set_layer(r, "cgroup-pids",
		  o->facts.pids_events ? NULL : "64 processes were had with a limit of 8");
}

static void judge_spin(struct probe_report *r, const struct box_outcome *o)
{
	set_layer(r, "cpu", o->facts.kill == KILL_CPU ? NULL : "a busy loop outlived its cpu time");
}

static void judge_sleep(struct probe_report *r, const struct box_outcome *o)
{
	set_layer(r, "wall",
		  o->facts.kill == KILL_WALL ? NULL : "a sleeper outlived its wall time");
}

static void judge_output(struct probe_report *r, const struct box_outcome *o)
{
	set_layer(r, "output",
		  o->facts.kill == KILL_OUTPUT && o->out.len == 4096 ? NULL
								     : "a flood was not cut");
}

/* The box is reported only when its pipes are at their end: whoever held them is dead. */
static void judge_outlive(struct probe_report *r, const struct box_outcome *o)
{
	set_layer(r, "outlive",
		  o->facts.ended && o->facts.kill == KILL_NONE ? NULL
							       : "the box did not end by itself");
}

/* However busy the host is: a group that has run for several periods of its bandwidth has them counted. */
static bool is_unbounded(const struct facts *f)
{
	return f->throttled_known && f->cpu_periods == 0;
}

static bool never_stood_still(const struct facts *f)
{
	return f->throttled_known && f->throttled_usec == 0;
}

/* What was seen before is taken back by the kernel's word alone; only of a container nobody has it. */
static bool may_clear(const struct probe_report *r, const struct facts *f)
{
	if (!is_missing(r, "cgroup-cpu"))
		return true;
	return f->throttled_known ? f->throttled_usec > 0 : r->container;
}

/*
 * Cpu time of the box beside the wall time W in which it was used: the first of its processes is the last to die.  Of a
 * quota of P = 10 ms in each P no more can be had than W + 2 P (what is left of the period before, and the last one whole).
 * But each processor runs on until the kernel notices that its share is used up, a tick later or, where a hypervisor
 * stretches time, as late as that likes; later periods pay it back, unless W is over: that is what W / 4 is for.  1.13 W was
 * seen.  Two idle processors without bandwidth give 2 W, which is more from 27 ms on; 1.85 W was seen at 60 ms.
 *
 * So too much is no finding at once: it is tried again for longer, where the constants weigh less.  Whoever was seen
 * with too much must then also have stood still by the kernel's own word: a host that is busy is no bound, and where the
 * kernel has no such word there is no bandwidth either.  Who had little and never stood still has shown nothing of how
 * much it is bound to, which is looked into where there is time for it.
 */
static void judge_burn(struct probe_report *r, const struct box_outcome *o)
{
	const struct facts *f = &o->facts;

	if (!f->ended || f->kill != KILL_NONE || f->wait_status != 0)
		set_layer(r, "cgroup-cpu", "four busy processes did not come to their end");
	else if (is_unbounded(f))
		set_layer(r, "cgroup-cpu", "the kernel counts no period of a bound on cpu");
	else if (f->cpu_usec > f->wall_usec + f->wall_usec / 4 + 20000)
		set_layer(r, "cgroup-cpu", "four busy processes had more than one processor");
	else if (may_clear(r, f))
		set_layer(r, "cgroup-cpu", NULL);
}

static void judge_attempts(struct probe_report *r, const struct box_outcome *o);

/* 64 MiB at 64 MiB/s take a second, less a first burst; a disk without a bound takes a tenth of it. */
static void judge_read(struct probe_report *r, const struct box_outcome *o)
{
	int code = 0;

	if (!facts_exit_code(&o->facts, &code) || code != 0)
		set_layer(r, "cgroup-io",
			  "the tree lies on no disk that can be read past the cache");
	else
		set_layer(r, "cgroup-io",
			  o->facts.wall_usec > 500000 ? NULL : "64 MiB were read at full speed");
}

static const char *const burns[] = { "burn-longer", "burn-longest", NULL };

static const struct probe {
	const char *what;
	const char *
		layer; /* the one that is missing when the box itself failed; NULL: all that it says */
	uint64_t cpu_ms, wall_ms, memory_kb, processes, output_bytes;
	void (*judge)(struct probe_report *r, const struct box_outcome *o);
	bool reads_disk; /* which takes longer than starting should, and is given to no container */
	const char *const *again; /* what to run, one after the other, while there is doubt */
} probes[] = {
	{ "attempts", NULL, 5000, 10000, 65536, 16, 65536, judge_attempts },
	{ "burn", "cgroup-cpu", 5000, 10000, 16384, 8, 4096, judge_burn, .again = burns },
	{ "spin", "cpu", 20, 10000, 16384, 8, 4096, judge_spin },
	{ "sleep", "wall", 1000, 20, 16384, 8, 4096, judge_sleep },
	{ "memory", "cgroup-memory", 5000, 10000, 16384, 8, 4096, judge_memory },
	{ "processes", "cgroup-pids", 5000, 10000, 65536, 8, 4096, judge_processes },
	{ "output", "output", 5000, 10000, 16384, 8, 4096, judge_output },
	{ "outlive", "outlive", 5000, 10000, 16384, 8, 4096, judge_outlive },
	{ "read", "cgroup-io", 5000, 10000, 16384, 8, 4096, judge_read, true },
};

/* Whether a layer is judged by what the attempts say, and not by a probe of its own. */
static bool told_by_attempts(size_t layer)
{
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].layer && strcmp(probes[i].layer, probe_layers[layer].name) == 0)
			return false;
	return true;
}

/* "LAYER ok" and "LAYER broken: why", a line each. */
static void judge_attempts(struct probe_report *r, const struct box_outcome *o)
{
	char text[4096], *save = NULL;

	snprintf(text, sizeof(text), "%.*s", (int)o->out.len, o->out.data);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *sp = strchr(line, ' ');

		if (!sp)
			continue;
		*sp = '\0';
		set_layer(r, line, strcmp(sp + 1, "ok") == 0 ? NULL : sp + 1 + strlen("broken: "));
	}
	for (size_t i = 0; i < probe_layers_len; i++)
		if (told_by_attempts(i) && r->layers[i].state == PROBE_UNKNOWN)
			set_layer(r, probe_layers[i].name,
				  "the attempt on it did not come to an end");
	if (r->container)
		return; /* nobody watches there: the calls are refused all the same, which the attempts tell */
	if (!denied(&o->facts, SYS_mount) || !denied(&o->facts, SYS_ptrace))
		set_layer(r, "seccomp", "the supervisor did not see the denied calls");
}

struct probe_session;

struct probe_box {
	struct probe_session *session;
	const struct probe *probe;
	struct plan_file file;
	struct plan_step step;
	const char *argv[PROBE_NAMESPACES + 3];
	unsigned again; /* tries but for the first */
};

struct probe_session {
	struct backend *backend;
	struct probe_report *report;
	struct probe_box boxes[ARRAY_SIZE(probes)];
	size_t nboxes, next, pending;
	bool thorough;
	int disk_fd;
	struct probe_box *again; /* whose turn it is before the next one's */
	int error;
	struct err *err;
};

/* Not where it is no wonder, nor required. */
static void try_again(struct probe_box *b, const struct facts *f)
{
	struct probe_session *s = b->session;

	if (!b->probe->again || !b->probe->again[b->again] || s->report->borrowed)
		return;
	if (!is_missing(s->report, b->probe->layer) && !(s->thorough && never_stood_still(f)))
		return;
	b->argv[1] = b->probe->again[b->again++];
	s->again = b;
}

static void on_done(void *user, struct box_outcome *o, int artefact_fd)
{
	struct probe_box *b = user;
	const struct facts *f = &o->facts;
	char why[160];

	b->session->pending--;
	if (artefact_fd >= 0)
		close(artefact_fd);
	if (f->setup_errno || !f->started) {
		snprintf(why, sizeof(why), "no box could be made: %s: %s",
			 *f->setup_step ? f->setup_step : "start", strerror(f->setup_errno));
		for (size_t i = 0; i < probe_layers_len; i++)
			if (b->probe->layer ? strcmp(probe_layers[i].name, b->probe->layer) == 0
					    : b->session->report->layers[i].state == PROBE_UNKNOWN)
				set_layer(b->session->report, probe_layers[i].name, why);
		return;
	}
	b->probe->judge(b->session->report, o);
	try_again(b, f);
}

/* Making a container takes longer than all probes together: who runs one submission and ends leaves the limits to doctor. */
static bool is_left_out(const struct probe *p, const struct probe_config *c)
{
	if (p->reads_disk && (c->container || !c->thorough))
		return true;
	return !c->thorough && c->container && !c->limits && p->layer;
}

static void plan_box(struct probe_box *b, const struct probe_config *c)
{
	static const char *const no_env[] = { NULL };
	size_t n = 0;

	b->argv[n++] = "/box/probe";
	b->argv[n++] = b->probe->layer ? b->probe->what
		       : c->container  ? "contained"
		       : c->rootless   ? c->own_tree ? "attempts-rootless-own" : "attempts-rootless"
		       : c->own_tree   ? "attempts-own"
				       : b->probe->what;
	if (!b->probe->layer)
		for (size_t i = 0; i < PROBE_NAMESPACES; i++)
			b->argv[n++] = c->host_namespaces[i];
	b->argv[n] = NULL;
	b->file = (struct plan_file){ .name = "probe", .content = c->program, .mode = 0755 };
	b->step = (struct plan_step){
		.kind = STEP_RUN,
		.argv = b->argv,
		.envp = no_env,
		.cwd = "/box",
		.files = &b->file,
		.nfiles = 1,
		.stdin_text = TEXT(""),
		.limits = limits_default,
		.test = -1,
	};
	b->step.limits.cpu_ms = b->probe->cpu_ms;
	b->step.limits.wall_ms = b->probe->wall_ms;
	b->step.limits.memory_kb = b->probe->memory_kb;
	b->step.limits.processes = b->probe->processes;
	b->step.limits.output_bytes = b->probe->output_bytes;
	b->step.limits.open_files = 64;
	b->step.limits.disk_kb = 1024;
	b->step.limits.inodes = 64;
}

static bool is_more(const struct probe_session *s)
{
	return !s->error && (s->again || s->next < s->nboxes);
}

static void submit_more(void *user)
{
	struct probe_session *s = user;

	while (is_more(s) && s->backend->ops->idle_lanes(s->backend) > 0) {
		struct probe_box *b = s->again ? s->again : &s->boxes[s->next];
		bool reads = b->probe->reads_disk && s->disk_fd >= 0;
		struct backend_order order = {
			.step = &b->step,
			.artefact_fd = -1,
			.live_stdin_fd = reads ? fcntl(s->disk_fd, F_DUPFD_CLOEXEC, 3) : -1,
			.job = "probe",
			.language = "probe",
			.on_done = on_done,
			.user = b
		};
		uint64_t id;

		if (reads && order.live_stdin_fd < 0) {
			s->error = err_set(s->err, errno, "probe the disk");
			return;
		}
		s->error = s->backend->ops->submit(s->backend, &order, &id, s->err);
		if (s->error < 0)
			return;
		if (s->again)
			s->again = NULL;
		else
			s->next++;
		s->pending++;
	}
}

int probe_run(sd_event *loop, struct backend *b, const struct probe_config *c,
	      struct probe_report *ret, struct err *err)
{
	struct probe_session s = { .backend = b,
				   .report = ret,
				   .err = err,
				   .thorough = c->thorough,
				   .disk_fd = c->disk_fd };
	int r = 0;

	ret->container = c->container;
	ret->partial = c->container && !c->thorough && !c->limits;
	probe_report_unknown(ret, "not probed");
	ret->borrowed = c->borrowed;
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe_box *box = &s.boxes[s.nboxes];

		if (is_left_out(&probes[i], c))
			continue;
		box->session = &s;
		box->probe = &probes[i];
		plan_box(box, c);
		s.nboxes++;
	}
	b->ops->on_idle(b, submit_more, &s);
	submit_more(&s);
	while (r >= 0 && (s.pending > 0 || is_more(&s)))
		r = sd_event_run(loop, UINT64_MAX);
	b->ops->on_idle(b, NULL, NULL);
	if (r < 0)
		return err_set(err, r, "run the probes");
	/* A host with other work, or a single processor, can look as if it were bounded. */
	if (c->borrowed)
		set_layer(ret, "cgroup-cpu",
			  "the cgroup is the container's: its own limit (--cpus) is all there is");
	if (c->container && c->thorough)
		set_layer(ret, "cgroup-io", "bounded by the engine, and not tried in a container");
	return s.error < 0 ? err_wrap(err, "run the probes") : 0;
}
