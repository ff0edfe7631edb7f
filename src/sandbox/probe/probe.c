/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that tries to break out: run in a box at start and by `kodewar doctor`, it attacks each
 * layer once, harmlessly, and says what it saw.  What it says is believed only because it is ours; what
 * the supervisor can see for itself (kills, counters, denied calls) is judged from facts instead.
 *
 *   probe attempts|attempts-rootless HOST_NS…, attempts-own|attempts-rootless-own in a tree of one's own
 *                             one line per layer, "LAYER ok" or "LAYER broken: why"; HOST_NS are the
 *                             host's namespaces as readlink gives them, in the order of ns_names
 *   probe contained HOST_NS…          the same in an engine's container, whose walls stand elsewhere
 *   probe memory|processes|spin|sleep|output|outlive|burn|burn-longer|burn-longest|read   run into one limit each
 *
 * Static, so that it needs nothing of the tree.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/probe/probe_excess.h"

static const char *const ns_names[] = { "user", "pid", "mnt", "net", "ipc", "uts", "cgroup" };
static const char *const ns_layers[] = { "userns", "pidns", "mountns", "netns",
					 "ipcns",  "uts",   "cgroupns" };

static bool
	contained;    /* by an engine: its root is an image, its /proc and /dev are the runtime's */
static bool rootless; /* by an ordinary user */
static bool own_tree; /* nothing in it is the host's */

static void say(const char *layer, const char *why)
{
	if (why)
		printf("%s broken: %s\n", layer, why);
	else
		printf("%s ok\n", layer);
}

static const char *foreign_namespace(size_t i, const char *host)
{
	char path[32], mine[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_names[i]);
	n = readlink(path, mine, sizeof(mine) - 1);
	if (n < 0)
		return "cannot read its own namespace";
	mine[n] = '\0';
	return strcmp(mine, host) == 0 ? "it is the host's" : NULL;
}

/* Rootless init is its equal: the kernel may take a signal for it, but gives it none. If it did, we were dead soon. */
static const char *attempt_init(void)
{
	if (kill(1, SIGKILL) == 0 && !rootless)
		return "it could signal init";
	if (rootless && (kill(1, SIGSTOP) == 0 || kill(1, SIGTERM) == 0))
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return ptrace(PTRACE_SEIZE, 1, 0, 0) == 0 ? "it could trace init" : NULL;
}

/* Which, without root of the host, is of our own uid. */
static bool could_slow_init(void)
{
	struct sched_param idle = { 0 };
	cpu_set_t all;

	CPU_ZERO(&all);
	CPU_SET(0, &all);
	return prlimit(1, RLIMIT_CPU, NULL, NULL) == 0 || setpriority(PRIO_USER, 0, 19) == 0 ||
	       setpriority(PRIO_PROCESS, 1, 19) == 0 ||
	       sched_setscheduler(1, SCHED_IDLE, &idle) == 0 ||
	       sched_setaffinity(1, sizeof(all), &all) == 0;
}

static const char *attempt_pidns(const char *host)
{
	const char *why;

	if (contained ? getpid() == 1 || getppid() != 1 : getpid() != 2 || getppid() != 0)
		return "it is not the first process of its own";
	if ((why = attempt_init()))
		return why;
	if ((contained || rootless) && could_slow_init())
		return "it could set init's limits";
	return foreign_namespace(1, host);
}

static const char *attempt_userns(const char *host)
{
	if (getuid() == 0 || geteuid() == 0)
		return "it is root inside";
	if (setuid(0) == 0 || setgid(0) == 0)
		return "it could become root inside";
	return foreign_namespace(0, host);
}

static const char *attempt_mountns(const char *host)
{
	if (mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0)
		return "it could mount";
	if (umount2("/proc", MNT_DETACH) == 0)
		return "it could unmount";
	return foreign_namespace(2, host);
}

/* Which asks for nothing but a capability over the network namespace, which the user namespace above owns. */
static bool raise_loopback(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	bool done = s >= 0 && ioctl(s, SIOCSIFFLAGS, &r) == 0;

	if (s >= 0)
		close(s);
	return done;
}

static const char *attempt_netns(const char *host)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (s >= 0) {
		close(s);
		return "it could make a network socket";
	}
	if (raise_loopback())
		return "it could change its network";
	return foreign_namespace(3, host);
}

/* An image brings /etc and /var of its own; that nothing can be written is left, and that it is an image. */
static const char *attempt_image(void)
{
	static const char *const to_write[] = { "/kodewar-probe",	  "/usr/bin/kodewar-probe",
						"/etc/kodewar-probe",	  "/dev/kodewar-probe",
						"/var/tmp/kodewar-probe", "/run/kodewar-probe",
						"/root/kodewar-probe",	  "/sys/kodewar-probe" };
	static const char *const secrets[] = { "/var/run/docker.sock", "/run/docker.sock",
					       "/run/containerd/containerd.sock" };
	struct statvfs fs;
	struct stat st;

	if (statvfs("/", &fs) < 0 || !(fs.f_flag & ST_RDONLY))
		return "its root is mounted writable";
	for (size_t i = 0; i < ARRAY_SIZE(to_write); i++)
		if (open(to_write[i], O_WRONLY | O_CREAT, 0600) >= 0)
			return "it could write into the image";
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (lstat(secrets[i], &st) == 0)
			return "it sees the engine's socket";
	if (chmod("/usr", 0777) == 0 || chown("/usr/bin", getuid(), getgid()) == 0)
		return "it could change the image";
	return NULL;
}

static bool is_ours(const char *point, const char *type, const char *source)
{
	static const char *const fresh[] = { "/box", "/tmp", "/dev/shm" };

	for (size_t i = 0; i < ARRAY_SIZE(fresh); i++)
		if (strcmp(point, fresh[i]) == 0)
			return strcmp(type, "tmpfs") == 0;
	return strcmp(source, "kodewar") == 0 || strcmp(type, "proc") == 0 ||
	       (rootless && strncmp(point, "/dev/", 5) == 0);
}

/* Its mount table has what we made and nothing else: no disk, no directory of the host. */
static const char *attempt_mount_table(void)
{
	static char line[4096];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	const char *fault = f ? NULL : "its mount table cannot be read";

	while (!fault && fgets(line, sizeof(line), f)) {
		char point[256], type[32], source[256];
		const char *end = strstr(line, " - ");

		if (!end || sscanf(line, "%*u %*u %*s %*s %255s", point) != 1 ||
		    sscanf(end, " - %31s %255s", type, source) != 2)
			fault = "its mount table makes no sense";
		else if (!is_ours(point, type, source))
			fault = "something of the host is mounted in it";
	}
	if (f)
		fclose(f);
	return fault;
}

/* A tree of one's own may have an /opt, a /var and so on; what is nobody's business is hidden in it. */
static const char *attempt_own_tree(void)
{
	static const char *const secrets[] = { "/etc/shadow", "/root", "/home", "/run",	 "/boot",
					       "/srv",	      "/sys",  "/mnt",	"/media" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (lstat(secrets[i], &st) == 0)
			return "it sees what is to be hidden of its tree";
	return attempt_mount_table();
}

static const char *attempt_tree(void)
{
	static const char *const to_write[] = {
		"/kodewar-probe",     "/usr/kodewar-probe", "/usr/bin/kodewar-probe",
		"/etc/kodewar-probe", "/dev/kodewar-probe", "/usr/lib/kodewar-probe"
	};
	static const char *const secrets[] = { "/etc/shadow", "/root", "/home",	    "/var",
					       "/run",	      "/boot", "/srv",	    "/opt",
					       "/sys",	      "/mnt",  "/usr/local" };
	static const char *const mounts[] = { "/", "/usr/bin", "/usr/lib" };
	struct statvfs fs;
	struct stat st;

	if (contained)
		return attempt_image();
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		if (statvfs(mounts[i], &fs) < 0 || !(fs.f_flag & ST_RDONLY) ||
		    !(fs.f_flag & ST_NOSUID))
			return "a part of it is mounted writable";
	for (size_t i = 0; i < ARRAY_SIZE(to_write); i++)
		if (open(to_write[i], O_WRONLY | O_CREAT, 0600) >= 0)
			return "it could write into the tree";
	for (size_t i = 0; !own_tree && i < ARRAY_SIZE(secrets); i++)
		if (lstat(secrets[i], &st) == 0)
			return "it sees a directory of the host's";
	if (chmod("/usr", 0777) == 0 || chown("/usr/bin", getuid(), getgid()) == 0)
		return "it could change the tree";
	return own_tree ? attempt_own_tree() : NULL;
}

static const char *attempt_devices(void)
{
	static const char *const known[] = { ".",      "..",	  "null",   "zero",  "full",
					     "random", "urandom", "fd",	    "stdin", "stdout",
					     "stderr", "shm",	  "tty",    "ptmx",  "pts",
					     "mqueue", "core",	  "console" };
	size_t nknown = contained ? ARRAY_SIZE(known) : ARRAY_SIZE(known) - 6;
	const struct dirent *e;
	DIR *d = opendir("/dev");

	if (!d)
		return "no /dev";
	while ((e = readdir(d))) {
		size_t i = 0;

		while (i < nknown && strcmp(known[i], e->d_name) != 0)
			i++;
		if (i == nknown)
			return "a device too many";
	}
	closedir(d);
	if (mknod("/tmp/disk", S_IFBLK | 0600, 0x801) == 0)
		return "it could make a block device";
	return NULL;
}

/* Fills the box's tmpfs: bytes first, then inodes. The order gives it little of both. */
static const char *attempt_tmpfs(void)
{
	static char block[65536];
	struct statvfs s;
	char name[32];
	int fd = open("/tmp/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), made = 0;
	ssize_t n = 1;

	if (fd < 0)
		return "its /tmp cannot be written";
	for (int i = 0; i < 1024 && n > 0; i++)
		n = write(fd, block, sizeof(block));
	close(fd);
	unlink("/tmp/big");
	if (n > 0)
		return "its disk has no end";
	for (; made < 20000; made++) {
		snprintf(name, sizeof(name), "/dev/shm/%d", made);
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	for (int i = 0; i < made; i++) {
		snprintf(name, sizeof(name), "/dev/shm/%d", i);
		unlink(name);
	}
	if (made == 20000)
		return "its inodes have no end";
	if (statvfs("/tmp", &s) < 0 || !(s.f_flag & ST_NOSUID) || !(s.f_flag & ST_NODEV))
		return "/tmp lacks nosuid or nodev";
	return NULL;
}

static const char *attempt_runtime_proc(void)
{
	if (open("/proc/sys/kernel/core_pattern", O_WRONLY) >= 0 ||
	    open("/proc/sysrq-trigger", O_WRONLY) >= 0 ||
	    open("/proc/sys/vm/drop_caches", O_WRONLY) >= 0)
		return "it can write the kernel's settings";
	if (open("/proc/1/oom_score_adj", O_WRONLY) >= 0 || open("/proc/1/fd/0", O_RDONLY) >= 0)
		return "it can reach init";
	return NULL;
}

static const char *attempt_proc(void)
{
	struct stat st;

	if (open("/proc/1/environ", O_RDONLY) >= 0 || open("/proc/1/mem", O_RDONLY) >= 0)
		return "it can read init";
	if (contained)
		return attempt_runtime_proc();
	if (lstat("/proc/sys", &st) == 0 || lstat("/proc/kcore", &st) == 0 ||
	    lstat("/proc/sysrq-trigger", &st) == 0)
		return "it sees more than processes";
	if (open("/proc/self/oom_score_adj", O_WRONLY) >= 0 ||
	    open("/proc/self/uid_map", O_WRONLY) >= 0)
		return "it can write there";
	return NULL;
}

static const char *status_field(const char *name, char *value, size_t size)
{
	char line[256];
	size_t len = strlen(name);
	FILE *f = fopen("/proc/self/status", "re");

	if (!f)
		return NULL;
	*value = '\0';
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			snprintf(value, size, "%s", line + len + 1 + strspn(line + len + 1, " \t"));
	fclose(f);
	value[strcspn(value, "\n")] = '\0';
	return value;
}

static const char *attempt_caps(void)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	char v[64];

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (!status_field(sets[i], v, sizeof(v)) || strspn(v, "0") != strlen(v) || !*v)
			return "a capability is left";
	return NULL;
}

static const char *attempt_seccomp(void)
{
	char v[64];

	if (!status_field("Seccomp", v, sizeof(v)) || strcmp(v, "2") != 0)
		return "no filter is installed";
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
		return "it could ask to be traced";
	if (unshare(CLONE_NEWUSER) == 0)
		return "it could make a user namespace";
	if (syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS)
		return "clone3 does not answer ENOSYS";
	return NULL;
}

/* Both refuse a block device, but Landlock is asked first and says EACCES; a lack of capability is EPERM. */
static const char *attempt_landlock(void)
{
	if (mknod("/tmp/disk", S_IFBLK | 0600, 0x801) == 0 || errno != EACCES)
		return "the kernel has no Landlock, or it is not enabled (lsm=landlock,…)";
	return NULL;
}

static const char *attempt_rlimits(void)
{
	struct rlimit r;
	int fd, last = 0;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_max > 64)
		return "descriptors are not limited";
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		last = fd;
	for (fd = 3; fd <= last; fd++)
		close(fd);
	if (last >= 64)
		return "it could open more descriptors than allowed";
	if (getrlimit(RLIMIT_CORE, &r) < 0 || r.rlim_max > 1)
		return "core files are not limited";
	r.rlim_cur = r.rlim_max = 4096;
	if (setrlimit(RLIMIT_NOFILE, &r) == 0)
		return "it could raise a limit";
	return NULL;
}

static int attempts(char **host)
{
	setvbuf(stdout, NULL, _IOLBF,
		0); /* an attempt that ends us must not take the others' lines along */
	say(ns_layers[0], attempt_userns(host[0]));
	say(ns_layers[1], attempt_pidns(host[1]));
	say(ns_layers[2], attempt_mountns(host[2]));
	say(ns_layers[3], attempt_netns(host[3]));
	for (size_t i = 4; i < ARRAY_SIZE(ns_names); i++)
		say(ns_layers[i], foreign_namespace(i, host[i]));
	say("tree", attempt_tree());
	say("devices", attempt_devices());
	say("tmpfs", attempt_tmpfs());
	say("proc", attempt_proc());
	say("caps", attempt_caps());
	say("no-new-privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? NULL : "it is not set");
	say("seccomp", attempt_seccomp());
	say("landlock", attempt_landlock());
	say("rlimits", attempt_rlimits());
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	contained = strcmp(what, "contained") == 0;
	rootless = strncmp(what, "attempts-rootless", 17) == 0;
	own_tree = strcmp(what, "attempts-own") == 0 || strcmp(what, "attempts-rootless-own") == 0;
	if ((contained || rootless || own_tree || strcmp(what, "attempts") == 0) &&
	    argc == 2 + (int)ARRAY_SIZE(ns_names))
		return attempts(argv + 2);
	for (size_t i = 0; i < ARRAY_SIZE(probe_excesses); i++)
		if (strcmp(what, probe_excesses[i].name) == 0)
			return probe_excesses[i].run();
	fprintf(stderr, "usage: kodewar-probe attempts HOST_NS… | memory | processes | …\n");
	return 2;
}
