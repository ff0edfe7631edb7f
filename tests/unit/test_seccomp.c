/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profile that programs get, as compiled, asked call by call: "arch, call, arguments ->
 * answer". The interpreter judges the whole program; one child installs it for real, so that the
 * two agree.
 */
#include "seccomp_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "codec/profile_json.h"

#define X32_BIT 0x40000000
#define NOTIFY SECCOMP_RET_USER_NOTIF
#define GARBAGE 0xdeadbeef00000000ull /* the kernel cuts an int argument's upper half off */

struct fixture {
	struct arena arena;
	struct profile profile;
	struct seccomp_program loud, quiet; /* with notification, without */
};

static int setup(void **state)
{
	static struct fixture f;
	const char *root = getenv("SOURCE_ROOT");
	char path[4096];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/profiles/seccomp.json", root ? root : ".");
	arena_init(&f.arena, 1 << 20);
	if (profile_json_load(path, &f.arena, &f.profile, &err) < 0 ||
	    seccomp_compile(&f.profile, SECCOMP_WHOLE, &f.loud, &err) < 0 ||
	    seccomp_compile(&f.profile, SECCOMP_WHOLE_QUIET, &f.quiet, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	printf("%u instructions, %u without notification\n", f.loud.len, f.quiet.len);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	seccomp_program_done(&f->loud);
	seccomp_program_done(&f->quiet);
	arena_done(&f->arena);
	return 0;
}

static void test_plain_calls(void **state)
{
	static const struct {
		const char *name;
		uint32_t want;
	} rows[] = {
		{ "read", ALLOW },
		{ "write", ALLOW },
		{ "openat", ALLOW },
		{ "mmap", ALLOW },
		{ "execve", ALLOW },
		{ "exit_group", ALLOW },
		{ "futex", ALLOW },
		{ "wait4", ALLOW },
		{ "getrandom", ALLOW },
		{ "uname", ALLOW },
		{ "prlimit64", ALLOW },
		{ "sched_getaffinity", ALLOW },
		{ "sysinfo", ALLOW },
		{ "madvise", ALLOW },
		{ "epoll_create1", ALLOW },
		{ "epoll_pwait2", ALLOW },
		{ "eventfd2", ALLOW },
		{ "timerfd_create", ALLOW },
		{ "signalfd4", ALLOW },
		{ "memfd_create", ALLOW },
		{ "pidfd_open", ALLOW },
		{ "pidfd_send_signal", ALLOW },
		{ "close_range", ALLOW },
		{ "copy_file_range", ALLOW },
		{ "sendfile", ALLOW },
		{ "statx", ALLOW },
		{ "rseq", ALLOW },
		{ "membarrier", ALLOW },
		{ "mlock2", ALLOW },
		{ "msync", ALLOW },
		{ "mincore", ALLOW },
		{ "shmget", ALLOW },
		{ "connect", ALLOW },
		{ "clone3", ERRNO(ENOSYS) },
		{ "set_robust_list", ERRNO(ENOSYS) },
		{ "openat2", ERRNO(ENOSYS) },
		{ "splice", ERRNO(ENOSYS) },
		{ "tee", ERRNO(ENOSYS) },
		{ "vmsplice", ERRNO(ENOSYS) },
		{ "io_uring_setup", ERRNO(ENOSYS) },
		{ "io_uring_enter", ERRNO(ENOSYS) },
		{ "io_uring_register", ERRNO(ENOSYS) },
		{ "inotify_init1", ERRNO(ENOSYS) },
		{ "inotify_add_watch", ERRNO(ENOSYS) },
		{ "io_setup", ERRNO(ENOSYS) },
		{ "semget", ERRNO(ENOSYS) },
		{ "msgget", ERRNO(ENOSYS) },
		{ "mq_open", ERRNO(ENOSYS) },
		{ "pkey_alloc", ERRNO(ENOSYS) },
		{ "memfd_secret", ERRNO(ENOSYS) },
		{ "fsetxattr", ERRNO(ENOTSUP) },
		{ "sync", ERRNO(EPERM) },
		{ "syncfs", ERRNO(EPERM) },
		{ "mbind", ERRNO(EPERM) },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_answer(&f->loud, rows[i].name, 0, 0, rows[i].want);
		assert_answer(&f->quiet, rows[i].name, 0, 0, rows[i].want);
	}
}

/* Written down a second time: taking one out of the file must not go unnoticed. */
static void test_tripwires(void **state)
{
	static const char *const names[] = {
		"mount",
		"umount2",
		"pivot_root",
		"chroot",
		"open_tree",
		"move_mount",
		"fsopen",
		"fsconfig",
		"fsmount",
		"fspick",
		"mount_setattr",
		"setns",
		"unshare",
		"ptrace",
		"process_vm_readv",
		"process_vm_writev",
		"kcmp",
		"pidfd_getfd",
		"bpf",
		"seccomp",
		"perf_event_open",
		"userfaultfd",
		"keyctl",
		"add_key",
		"request_key",
		"kexec_load",
		"kexec_file_load",
		"init_module",
		"finit_module",
		"delete_module",
		"swapon",
		"swapoff",
		"reboot",
		"sethostname",
		"setdomainname",
		"settimeofday",
		"clock_settime",
		"clock_adjtime",
		"adjtimex",
		"acct",
		"quotactl",
		"open_by_handle_at",
		"name_to_handle_at",
		"move_pages",
		"migrate_pages",
		"fanotify_init",
		"syslog",
		"vhangup",
#ifdef __x86_64__
		"iopl",
		"ioperm",
#endif
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_answer(&f->loud, names[i], 0, 0, NOTIFY);
		assert_answer(&f->quiet, names[i], 0, 0, ERRNO(EPERM));
	}
}

/* Whatever the file calls a tripwire notifies with every argument, and ERRNO never outranks it. */
static void test_tripwires_of_the_file(void **state)
{
	struct fixture *f = *state;

	assert_tripwires(&f->profile, &f->loud, NOTIFY);
	assert_tripwires(&f->profile, &f->quiet, ERRNO(EPERM));
}

/* The compiler leaves unknown names out, so a misspelt one would be lost in silence. */
static void test_names_are_known(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->profile.nrules; i++)
		for (size_t n = 0; n < f->profile.rules[i].nnames; n++)
			if (seccomp_syscall_resolve_name(f->profile.rules[i].names[n]) ==
			    __NR_SCMP_ERROR)
				fail_msg("%s", f->profile.rules[i].names[n]);
}

struct arg_row {
	const char *name;
	unsigned index;
	uint64_t value;
	uint32_t want;
};

static const struct arg_row arg_rows[] = {
	{ "socket", 0, AF_UNIX, ALLOW },
	{ "socket", 0, AF_INET, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, AF_INET6, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, AF_NETLINK, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, AF_ALG, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, AF_VSOCK, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, AF_PACKET, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, 0, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, GARBAGE | AF_INET, ERRNO(EAFNOSUPPORT) },
	{ "socket", 0, GARBAGE | AF_UNIX, ERRNO(EAFNOSUPPORT) },
	{ "socketpair", 0, AF_UNIX, ALLOW },
	{ "socketpair", 0, AF_TIPC, ERRNO(EAFNOSUPPORT) },
	{ "ioctl", 1, 0x5401 /* TCGETS */, ALLOW },
	{ "ioctl", 1, 0x540f /* TIOCGPGRP */, ALLOW },
	{ "ioctl", 1, 0x5413 /* TIOCGWINSZ */, ALLOW },
	{ "ioctl", 1, GARBAGE | 0x5413, ALLOW },
	{ "ioctl", 1, 0x541b /* FIONREAD */, ALLOW },
	{ "ioctl", 1, 0x5421 /* FIONBIO */, ALLOW },
	{ "ioctl", 1, 0x5451 /* FIOCLEX */, ALLOW },
	{ "ioctl", 1, 0x802c542a /* TCGETS2 */, ALLOW },
	{ "ioctl", 1, 0xffffffff802c542aull, ALLOW },
	{ "ioctl", 1, 0x5412 /* TIOCSTI */, ERRNO(EPERM) },
	{ "ioctl", 1, GARBAGE | 0x5412, ERRNO(EPERM) },
	{ "ioctl", 1, 0x541c /* TIOCLINUX */, ERRNO(EPERM) },
	{ "ioctl", 1, GARBAGE | 0x541c, ERRNO(EPERM) },
	{ "ioctl", 1, 0x541d /* TIOCCONS */, ERRNO(EPERM) },
	{ "ioctl", 1, 0xc0502100 /* SECCOMP_IOCTL_NOTIF_RECV */, ERRNO(ENOSYS) },
	{ "ioctl", 1, 0xff05 /* PIDFD_GET_MNT_NAMESPACE */, ERRNO(ENOSYS) },
	{ "ioctl", 1, 0xb701 /* NS_GET_USERNS */, ERRNO(ENOSYS) },
	{ "fcntl", 1, F_DUPFD, ALLOW },
	{ "fcntl", 1, F_GETFL, ALLOW },
	{ "fcntl", 1, F_SETFL, ALLOW },
	{ "fcntl", 1, F_GETLK, ALLOW },
	{ "fcntl", 1, F_SETLK, ALLOW },
	{ "fcntl", 1, F_GETOWN_EX, ALLOW },
	{ "fcntl", 1, 16, ALLOW },
	{ "fcntl", 1, F_SETLKW, ALLOW },
	{ "fcntl", 1, 38 /* F_OFD_SETLKW */, ALLOW },
	{ "fcntl", 1, F_DUPFD_CLOEXEC, ALLOW },
	{ "fcntl", 1, F_SETPIPE_SZ, ALLOW },
	{ "fcntl", 1, F_GET_SEALS, ALLOW },
	{ "fcntl", 1, F_GETLEASE, ALLOW },
	{ "fcntl", 1, F_SETLEASE, ERRNO(EPERM) },
	{ "fcntl", 1, GARBAGE | F_SETLEASE, ERRNO(EPERM) },
	{ "fcntl", 1, F_NOTIFY, ERRNO(EPERM) },
	{ "fcntl", 1, GARBAGE | F_NOTIFY, ERRNO(EPERM) },
	{ "mincore", 1, 1 << 30, ALLOW },
	{ "mincore", 1, (1 << 30) + 1, ERRNO(ENOMEM) },
	{ "mincore", 1, 1ull << 45, ERRNO(ENOMEM) },
	{ "madvise", 2, MADV_DONTNEED, ALLOW },
	{ "madvise", 2, 16, ALLOW },
	{ "madvise", 2, 23 /* MADV_POPULATE_WRITE */, ALLOW },
	{ "madvise", 2, 24, ALLOW },
	{ "madvise", 2, 25 /* MADV_COLLAPSE */, ERRNO(EINVAL) },
	{ "madvise", 2, GARBAGE | 25, ERRNO(EINVAL) },
	{ "madvise", 2, 26, ALLOW },
	{ "madvise", 2, 28, ALLOW },
	{ "madvise", 2, 31, ALLOW },
	{ "madvise", 2, MADV_MERGEABLE, ERRNO(EPERM) },
	{ "prctl", 0, PR_SET_NAME, ALLOW },
	{ "prctl", 0, PR_SET_PDEATHSIG, ALLOW },
	{ "prctl", 0, PR_GET_SECCOMP, ALLOW },
	{ "prctl", 0, 0x59616d61 /* PR_SET_PTRACER */, ERRNO(ENOSYS) },
	{ "prctl", 0, PR_CAPBSET_READ, ALLOW },
	{ "prctl", 0, PR_SET_NO_NEW_PRIVS, ALLOW },
	{ "prctl", 0, PR_SET_THP_DISABLE, ALLOW },
	{ "prctl", 0, 0x53564d41 /* PR_SET_VMA */, ALLOW },
	{ "prctl", 0, 62 /* PR_SCHED_CORE */, ERRNO(ENOSYS) },
	{ "prctl", 0, GARBAGE | 62, ERRNO(ENOSYS) },
	{ "prctl", 0, 61 /* before it */, ALLOW },
	{ "prctl", 0, 63 /* after it */, ALLOW },
	{ "prctl", 0, 65 /* PR_SET_MDWE: no memory that is written and run */, ALLOW },
	{ "prctl", 0, 66 /* PR_GET_MDWE */, ALLOW },
	{ "prctl", 0, 67 /* PR_SET_MEMORY_MERGE: one page for equal ones of others */,
	  ERRNO(ENOSYS) },
	{ "prctl", 0, GARBAGE | 67, ERRNO(ENOSYS) },
	{ "prctl", 0, 68 /* PR_GET_MEMORY_MERGE */, ERRNO(ENOSYS) },
	{ "prctl", 0, 69 /* after it */, ALLOW },
	{ "prctl", 0, PR_SET_MM, ERRNO(EPERM) },
	{ "prctl", 0, GARBAGE | PR_SET_MM, ERRNO(EPERM) },
	{ "prctl", 0, PR_SET_SECCOMP, NOTIFY },
	{ "prctl", 0, GARBAGE | PR_SET_SECCOMP, NOTIFY },
	{ "personality", 0, 0, ALLOW },
	{ "personality", 0, 0xffffffff, ALLOW },
	{ "personality", 0, 0xffffffffffffffffull, ALLOW },
	{ "personality", 0, 0x40000 /* ADDR_NO_RANDOMIZE */, ERRNO(ENOSYS) },
	{ "personality", 0, GARBAGE | 0x400000 /* READ_IMPLIES_EXEC */, ERRNO(ENOSYS) },
	{ "clone", 0, SIGCHLD, ALLOW },
	{ "clone", 0,
	  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
		  CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
	  ALLOW },
	{ "clone", 0, CLONE_VM | CLONE_VFORK | SIGCHLD, ALLOW },
	{ "clone", 0, CLONE_PIDFD | SIGCHLD, ALLOW },
};

static void test_arguments(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(arg_rows); i++) {
		const struct arg_row *r = &arg_rows[i];

		assert_answer(&f->loud, r->name, r->index, r->value, r->want);
		assert_answer(&f->quiet, r->name, r->index, r->value,
			      r->want == NOTIFY ? ERRNO(EPERM) : r->want);
	}
}

/* Every subset of the eight flags, with and without ordinary ones and garbage beside them. */
static void test_clone_namespace_flags(void **state)
{
	static const uint64_t flags[] = { 0x80,		CLONE_NEWNS,  CLONE_NEWCGROUP,
					  CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER,
					  CLONE_NEWPID, CLONE_NEWNET };
	struct fixture *f = *state;

	for (unsigned set = 0; set < 1u << ARRAY_SIZE(flags); set++) {
		uint32_t want = set ? NOTIFY : ALLOW;
		uint64_t value = 0;

		for (unsigned i = 0; i < ARRAY_SIZE(flags); i++)
			value |= set & 1u << i ? flags[i] : 0;
		assert_answer(&f->loud, "clone", 0, value, want);
		assert_answer(&f->loud, "clone", 0, value | SIGCHLD | CLONE_VM | GARBAGE, want);
		assert_answer(&f->quiet, "clone", 0, value, set ? ERRNO(EPERM) : ALLOW);
	}
}

/* A program opens nothing past the cache, and makes nothing so that is open. */
static void test_direct(void **state)
{
	static const uint64_t others[] = { 0, O_RDWR | O_CREAT | O_CLOEXEC,
					   O_DIRECTORY | O_NOFOLLOW, O_NONBLOCK | O_APPEND,
					   O_TMPFILE | O_SYNC };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		for (unsigned high = 0; high < 2; high++) {
			uint64_t flags = others[i] | (high ? GARBAGE : 0);
			struct seccomp_data set = { .arch = ARCH_NATIVE,
						    .nr = seccomp_syscall_resolve_name("fcntl"),
						    .args = { 3, F_SETFL, flags } };

			assert_answer(&f->loud, "open", 1, flags, ALLOW);
			assert_answer(&f->loud, "open", 1, flags | O_DIRECT, ERRNO(EINVAL));
			assert_answer(&f->loud, "openat", 2, flags, ALLOW);
			assert_answer(&f->loud, "openat", 2, flags | O_DIRECT, ERRNO(EINVAL));
			assert_int_equal(bpf_run(f->loud.insns, f->loud.len, &set, NULL), ALLOW);
			set.args[2] |= O_DIRECT;
			assert_int_equal(bpf_run(f->loud.insns, f->loud.len, &set, NULL),
					 ERRNO(EINVAL));
			set.args[1] = F_DUPFD_CLOEXEC;
			assert_int_equal(bpf_run(f->loud.insns, f->loud.len, &set, NULL), ALLOW);
		}
}

static void test_unknown_numbers(void **state)
{
	struct fixture *f = *state;

	for (int nr = 470; nr < 2000; nr++)
		assert_int_equal(ask(&f->loud, ARCH_NATIVE, nr, 0, 0), ERRNO(ENOSYS));
	assert_int_equal(ask(&f->loud, ARCH_NATIVE, -1, 0, 0), ERRNO(ENOSYS));
}

/*
 * Numbers are compared whole: an allowed number in a foreign ABI is another call there.
 * Where somebody listens the warden kills, and knows why; else the filter does.
 */
static void test_foreign_abi_kills(void **state)
{
	struct fixture *f = *state;

	for (int nr = 0; nr < 600; nr++) {
		assert_int_equal(ask(&f->loud, ARCH_FOREIGN, nr, 0, 0), NOTIFY);
		assert_true(seccomp_call_is_foreign(ARCH_FOREIGN, nr) &&
			    seccomp_call_is_foreign(0, nr));
		assert_false(seccomp_call_is_foreign(ARCH_NATIVE, nr));
		assert_int_equal(ask(&f->quiet, ARCH_FOREIGN, nr, 0, 0), KILL);
		assert_int_equal(ask(&f->loud, 0, nr, 0, 0), NOTIFY);
#ifdef __x86_64__
		assert_int_equal(ask(&f->loud, ARCH_NATIVE, X32_BIT | nr, 0, 0), NOTIFY);
		assert_int_equal(ask(&f->quiet, ARCH_NATIVE, X32_BIT | nr, 0, 0), KILL);
#endif
	}
}

/* A tree, not a list: the longest way to an answer without conditions stays short. */
static void test_program_is_a_tree(void **state)
{
	struct fixture *f = *state;
	struct seccomp_data data = { .arch = ARCH_NATIVE };
	unsigned steps = 0;

	data.nr = seccomp_syscall_resolve_name("futex");
	assert_int_equal(bpf_run(f->loud.insns, f->loud.len, &data, &steps), ALLOW);
	assert_true(steps < 30);
	assert_true(f->loud.len < BPF_MAXINSNS);
}

/* ---- the running kernel agrees ---- */

static int child_with_filter(const struct seccomp_program *p)
{
	struct sock_fprog prog = { .len = (unsigned short)p->len, .filter = p->insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 1;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return 2;
	if (getppid() < 1)
		return 3;
	if (mount("none", "/", NULL, 0, NULL) == 0 || errno != EPERM)
		return 4;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT)
		return 5;
	if (socket(AF_UNIX, SOCK_STREAM, 0) < 0)
		return 6;
	if (syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS)
		return 7;
	if (syscall(SYS_ioctl, 0, GARBAGE | 0x5412, 0) >= 0 || errno != EPERM)
		return 8;
	if (syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0) >= 0 || errno != EPERM)
		return 9;
	return 0;
}

static void test_kernel_agrees(void **state)
{
	struct fixture *f = *state;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(child_with_filter(&f->quiet));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_calls),
		cmocka_unit_test(test_tripwires),
		cmocka_unit_test(test_tripwires_of_the_file),
		cmocka_unit_test(test_names_are_known),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_clone_namespace_flags),
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_unknown_numbers),
		cmocka_unit_test(test_foreign_abi_kills),
		cmocka_unit_test(test_program_is_a_tree),
		cmocka_unit_test(test_kernel_agrees),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
