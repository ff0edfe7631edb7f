/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of what is given up and not of what is kept: programs get the latter (profiles/seccomp.json), but what the
 * libraries of a service call differs from release to release, and a call that fails in the middle of a job would
 * be our own denial of service.  So these are whole subjects that no library has a reason to turn to.
 *
 * clone3 hides its flags behind a pointer, so that it answers ENOSYS, upon which the C library uses clone.
 */
#include "kernel/seccomp_forgo.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static const char *const forgone[] = {
	/* programs and processes, other ones' memory and descriptors */
	"execve",
	"execveat",
	"fork",
	"kcmp",
	"migrate_pages",
	"move_pages",
	"pidfd_getfd",
	"process_madvise",
	"process_mrelease",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"vfork",
	/* who and where we are */
	"acct",
	"capset",
	"chroot",
	"personality",
	"pivot_root",
	"setdomainname",
	"setfsgid",
	"setfsuid",
	"setgid",
	"setgroups",
	"sethostname",
	"setns",
	"setregid",
	"setresgid",
	"setresuid",
	"setreuid",
	"setuid",
	"unshare",
	/* mounts and devices */
	"fsconfig",
	"fsmount",
	"fsopen",
	"fspick",
	"ioperm",
	"iopl",
	"mknod",
	"mknodat",
	"mount",
	"mount_setattr",
	"move_mount",
	"name_to_handle_at",
	"open_by_handle_at",
	"open_tree",
	"quotactl",
	"quotactl_fd",
	"swapoff",
	"swapon",
	"umount2",
	/* the kernel itself, and the parts of it that have been the way in most often */
	"add_key",
	"adjtimex",
	"bpf",
	"clock_adjtime",
	"clock_settime",
	"delete_module",
	"fanotify_init",
	"finit_module",
	"init_module",
	"io_cancel",
	"io_destroy",
	"io_getevents",
	"io_pgetevents",
	"io_setup",
	"io_submit",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"lookup_dcookie",
	"modify_ldt",
	"nfsservctl",
	"perf_event_open",
	"reboot",
	"remap_file_pages",
	"request_key",
	"settimeofday",
	"splice",
	"syslog",
	"tee",
	"uselib",
	"userfaultfd",
	"vhangup",
	"vmsplice",
	/* what outlives a process, and is shared by name */
	"mq_open",
	"mq_unlink",
	"msgctl",
	"msgget",
	"msgrcv",
	"msgsnd",
	"semctl",
	"semget",
	"semop",
	"semtimedop",
	"shmat",
	"shmctl",
	"shmdt",
	"shmget",
};

/* The reader's as well. */
static const char *const forgone_by_reader[] = {
	"accept",  "accept4",  "bind",	  "clone",  "connect", "listen",     "recvmmsg",
	"recvmsg", "sendmmsg", "sendmsg", "sendto", "socket",  "socketpair",
};

static const int families_kept[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK /* getaddrinfo */ };
#define FAMILIES_KEPT_BELOW 17
#define SOCK_TYPES 16	/* the rest of that word are flags */
#define OPTIMIZE_TREE 2 /* a binary tree over the call numbers */

static const unsigned long clone_flags_forgone[] = {
	CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	CLONE_NEWPID, CLONE_NEWUSER,   CLONE_NEWNET,
};

static void releasep(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

/* One that this libseccomp does not know is left out: it is newer, or of another architecture. */
static int forgo_names(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]), r;

		if (nr < 0)
			continue;
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), nr, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool family_is_kept(int family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families_kept); i++)
		if (families_kept[i] == family)
			return true;
	return false;
}

static int forgo_families(scmp_filter_ctx ctx)
{
	int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
				 SCMP_A0(SCMP_CMP_GE, FAMILIES_KEPT_BELOW));

	for (int family = 0; r == 0 && family < FAMILIES_KEPT_BELOW; family++)
		if (!family_is_kept(family))
			r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
					     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
	return r;
}

static int forgo_protocol(scmp_filter_ctx ctx, int family, enum scmp_compare op, int protocol)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 2,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family),
				SCMP_A2(op, (scmp_datum_t)protocol));
}

static int forgo_type(scmp_filter_ctx ctx, int family, int type)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 2,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family),
				SCMP_A1(SCMP_CMP_MASKED_EQ, SOCK_TYPES - 1, (scmp_datum_t)type));
}

/* A socket of any other protocol makes the kernel load the module that knows it: TCP and UDP, and nothing else. */
static int forgo_protocols(scmp_filter_ctx ctx, int family)
{
	int r = forgo_protocol(ctx, family, SCMP_CMP_GT, IPPROTO_UDP);

	for (int protocol = IPPROTO_IP + 1; r == 0 && protocol < IPPROTO_UDP; protocol++)
		if (protocol != IPPROTO_TCP)
			r = forgo_protocol(ctx, family, SCMP_CMP_EQ, protocol);
	for (int type = 0; r == 0 && type < SOCK_TYPES; type++)
		if (type != SOCK_STREAM && type != SOCK_DGRAM)
			r = forgo_type(ctx, family, type);
	return r;
}

/* Threads, and nothing else. */
static int forgo_clones(scmp_filter_ctx ctx)
{
	int r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(clone_flags_forgone); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				     SCMP_A0(SCMP_CMP_MASKED_EQ, clone_flags_forgone[i],
					     clone_flags_forgone[i]));
	return r;
}

static int add_rules(scmp_filter_ctx ctx, enum forgo what)
{
	int r = forgo_names(ctx, forgone, ARRAY_SIZE(forgone));

	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (r == 0 && what == FORGO_OF_READER)
		return forgo_names(ctx, forgone_by_reader, ARRAY_SIZE(forgone_by_reader));
	if (r == 0)
		r = forgo_clones(ctx);
	if (r == 0)
		r = forgo_families(ctx);
	if (r == 0)
		r = forgo_protocols(ctx, AF_INET);
	if (r == 0)
		r = forgo_protocols(ctx, AF_INET6);
	/* Interfaces and addresses, which getaddrinfo() asks for; no firewall, no IPsec, no devices. */
	return r < 0 ? r : forgo_protocol(ctx, AF_NETLINK, SCMP_CMP_NE, NETLINK_ROUTE);
}

int seccomp_forgo(enum forgo what, struct err *err)
{
	_cleanup_(releasep) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (!ctx)
		return err_set(err, ENOMEM, "seccomp_init");
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_TREE);
	if (r == 0)
		r = add_rules(ctx, what);
	if (r == 0)
		r = seccomp_load(ctx);
	return r < 0 ? err_set(err, r, "give up system calls") : 0;
}
