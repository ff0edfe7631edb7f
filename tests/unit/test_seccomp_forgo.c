/* SPDX-License-Identifier: Apache-2.0 */
/* What a gate and a reader of archives have given up, tried in forked children; and that they can still work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/seccomp_forgo.h"

static int in_child(enum forgo what, int (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct err err = ERR_INIT;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_forgo(what, &err) < 0)
			_exit(99);
		_exit(body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool is_refused(long r)
{
	return r == -1 && errno == EPERM;
}

/* The number of the first that was not refused; 0 when all were. */
static int try_what_is_forgone(void)
{
	char *const argv[] = { "true", NULL }, *const envp[] = { NULL };
	const bool refused[] = {
		is_refused(execve("/bin/true", argv, envp)),
		is_refused(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, envp, 0)),
		is_refused(syscall(SYS_fork)),
		is_refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)),
		is_refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)),
		syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS,
		is_refused(syscall(SYS_unshare, CLONE_NEWUSER)),
		is_refused(syscall(SYS_setns, -1, 0)),
		is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)),
		is_refused(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0)),
		is_refused(mount("none", "/", "tmpfs", 0, NULL)),
		is_refused(syscall(SYS_bpf, 0, NULL, 0)),
		is_refused(syscall(SYS_io_uring_setup, 1, NULL)),
		is_refused(syscall(SYS_keyctl, 0, 0, 0, 0, 0)),
		is_refused(syscall(SYS_userfaultfd, 0)),
		is_refused(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)),
		is_refused(setresuid(0, 0, 0)),
		is_refused(socket(AF_PACKET, SOCK_RAW, 0)),
		is_refused(socket(AF_ALG, SOCK_SEQPACKET, 0)),
		is_refused(socket(AF_VSOCK, SOCK_STREAM, 0)),
		is_refused(socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)),
		is_refused(socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM)),
		is_refused(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP)),
		is_refused(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 262 /* MPTCP */)),
		is_refused(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)),
		is_refused(socket(AF_INET6, SOCK_SEQPACKET, 0)),
		is_refused(socket(AF_INET, SOCK_DCCP | SOCK_NONBLOCK, 0)),
		is_refused(syscall(SYS_io_setup, 1, NULL)),
		is_refused(syscall(SYS_vmsplice, -1, NULL, 0, 0)),
		is_refused(syscall(SYS_shmget, 0, 0, 0)),
		is_refused(syscall(SYS_mq_open, "x", O_RDONLY, 0, NULL)),
		is_refused(syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0)),
		is_refused(syscall(SYS_process_madvise, -1, NULL, 0, 0, 0)),
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (!refused[i])
			return (int)i + 1;
	return 0;
}

static void *add_one(void *n)
{
	++*(int *)n;
	return NULL;
}

/* As a service does: threads, its sockets, names, memory files, shared memory. */
static int work_as_gate(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	const struct {
		int family, type, protocol;
	} sockets[] = { { AF_UNIX, SOCK_STREAM, 0 },
			{ AF_UNIX, SOCK_SEQPACKET, 0 },
			{ AF_INET, SOCK_STREAM, 0 },
			{ AF_INET, SOCK_STREAM, IPPROTO_TCP },
			{ AF_INET, SOCK_DGRAM, 0 },
			{ AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP },
			{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
			{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE } };
	pthread_t thread;
	int n = 0, fd;

	if (pthread_create(&thread, NULL, add_one, &n) || pthread_join(thread, NULL) || n != 1)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++) {
		fd = socket(sockets[i].family, sockets[i].type | SOCK_CLOEXEC, sockets[i].protocol);
		if (fd < 0 && errno == EPERM)
			return 2;
		close(fd);
	}
	if (getaddrinfo("localhost", "80", &hints, &found))
		return 3;
	freeaddrinfo(found);
	fd = memfd_create("x", MFD_CLOEXEC);
	return fd >= 0 && ftruncate(fd, 4096) == 0 &&
			       mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED
		       ? 0
		       : 4;
}

static int work_as_reader(void)
{
	char path[] = "/tmp/kodewar-forgo-XXXXXX";
	int fd = mkstemp(path), pair[2];

	if (fd < 0 || write(fd, "x", 1) != 1 || fchmod(fd, 0644) < 0 || unlink(path) < 0)
		return 1;
	if (!is_refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) ||
	    !is_refused(socket(AF_INET, SOCK_STREAM, 0)))
		return 2;
	return is_refused(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0)) ? 0 : 3;
}

static void test_what_is_forgone(void **state)
{
	assert_int_equal(in_child(FORGO_OF_GATE, try_what_is_forgone), 0);
	assert_int_equal(in_child(FORGO_OF_READER, try_what_is_forgone), 0);
}

static void test_what_is_kept(void **state)
{
	assert_int_equal(in_child(FORGO_OF_GATE, work_as_gate), 0);
	assert_int_equal(in_child(FORGO_OF_READER, work_as_reader), 0);
}

static int call_as_i386(void)
{
	long r = 20; /* getpid of the 32-bit ABI */

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
	return 0;
}

static void test_foreign_abi_ends_it(void **state)
{
	assert_int_equal(in_child(FORGO_OF_GATE, call_as_i386), -SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_forgone),
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_foreign_abi_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
