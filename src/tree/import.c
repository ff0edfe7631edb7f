/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See import.h.  The archive is read by kodewar-unpack, which has no privilege and no way out; what it says to us in
 * lines is believed as numbers and printable text, no more.
 */
#include "tree/import.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define UNPACK_UID 0x6ffffffeu /* below the lanes' (slot.h): nobody else's */
#define LINE_BYTES 1024
#define COPY_BYTES (1u << 20)

/* A pipe cannot be read twice. */
static int spool(const struct tree_make *m, const struct tree_import *i, struct err *err)
{
	_cleanup_close_ int to = open(m->part, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	_cleanup_free_ char *buf = malloc(COPY_BYTES);
	uint64_t done = 0;
	ssize_t n = 0;

	if (to < 0 || !buf)
		return err_set(err, to < 0 ? errno : ENOMEM, "keep the archive");
	while (done <= i->max_bytes && (n = fd_read_full(i->fd, buf, COPY_BYTES)) > 0) {
		int r = fd_write_all(to, buf, (size_t)n);

		if (r < 0)
			return err_set(err, r, "keep the archive");
		done += (uint64_t)n;
		if (i->progress)
			i->progress->step(i->progress->user, done, 0);
	}
	if (n < 0)
		return err_set(err, (int)n, "read the archive");
	if (done > i->max_bytes)
		return err_set(err, EFBIG,
			       "the archive has more than %" PRIu64 " bytes (--max-bytes)",
			       i->max_bytes);
	return TAKE_FD(to);
}

static void child(const struct tree_make *m, const struct tree_import *i, int archive, int out)
	__attribute__((noreturn));

static void child(const struct tree_make *m, const struct tree_import *i, int archive, int out)
{
	char uid[16], bytes[32], files[32];
	const char *argv[] = { "kodewar-unpack", m->root, uid, bytes, files, NULL };
	char *const envp[] = { "LANG=C.UTF-8", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(uid, sizeof(uid), "%u", geteuid() == 0 ? UNPACK_UID : geteuid());
	snprintf(bytes, sizeof(bytes), "%" PRIu64, i->max_bytes);
	snprintf(files, sizeof(files), "%" PRIu64, i->max_files);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (dup2(archive, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 ||
	    syscall(SYS_close_range, 3u, ~0u, 0u) < 0)
		_exit(126);
	execve(i->helper, (char *const *)argv, envp);
	dprintf(1, "e start %s: %s\n", i->helper, strerror(errno));
	_exit(127);
}

/* What a stranger's archive made it say goes to a terminal. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (!isprint((unsigned char)*text))
			*text = '?';
}

static int on_line(const struct tree_import *i, char *line, struct tree_imported *ret,
		   struct err *err)
{
	uint64_t done, all;

	line[strcspn(line, "\n")] = '\0';
	make_printable(line);
	if (sscanf(line, "p %" SCNu64 " %" SCNu64, &done, &all) == 2 && i->progress)
		i->progress->step(i->progress->user, done, all);
	else if (!strcmp(line, "k image"))
		ret->image = true;
	else if (sscanf(line, "s %" SCNu64, &done) == 1)
		ret->skipped = done;
	else if (!strncmp(line, "e ", 2))
		return err_set(err, 0, "%.400s", line + 2), -EBADMSG;
	return 0;
}

static int listen_to(const struct tree_import *i, int fd, struct tree_imported *ret,
		     struct err *err)
{
	FILE *f = fdopen(fd, "r");
	char line[LINE_BYTES];
	int r = f ? 0 : err_set(err, errno, "listen to kodewar-unpack");

	while (f && fgets(line, sizeof(line), f))
		if (r == 0)
			r = on_line(i, line, ret, err);
	if (f)
		fclose(f);
	return r;
}

/* It fills the directory under a uid of its own, which gets in though nobody else does. */
static int let_in(const struct tree_make *m, struct err *err)
{
	if (geteuid() == 0 && chown(m->root, UNPACK_UID, UNPACK_UID) < 0)
		return err_set(err, errno, "give away %s", m->root);
	return chmod(m->root, 0700) < 0 ? err_set(err, errno, "give away %s", m->root) : 0;
}

static int run(const struct tree_make *m, const struct tree_import *i, int archive,
	       struct tree_imported *ret, struct err *err)
{
	_cleanup_close_ int out_r = -1, out_w = -1;
	int pair[2], status, r;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_set(err, errno, "make a pipe");
	out_r = pair[0];
	out_w = pair[1];
	pid = fork();
	if (pid < 0)
		return err_set(err, errno, "start kodewar-unpack");
	if (pid == 0)
		child(m, i, archive, out_w);
	fd_drop(&out_w);
	r = listen_to(i, TAKE_FD(out_r), ret, err);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	if (WIFSIGNALED(status))
		return err_set(err, 0, "the archive could not be read: its reader was ended by %s",
			       strsignal(WTERMSIG(status))),
		       -EBADMSG;
	return status == 0 ? 0 : (err_set(err, 0, "the archive could not be read"), -EBADMSG);
}

int import_archive(const struct tree_make *m, const struct tree_import *i,
		   struct tree_imported *ret, struct err *err)
{
	_cleanup_close_ int archive = -1;
	struct stat st;
	int r;

	*ret = (struct tree_imported){ 0 };
	if (fstat(i->fd, &st) < 0)
		return err_set(err, errno, "read the archive");
	archive = S_ISREG(st.st_mode) ? dup(i->fd) : spool(m, i, err);
	if (archive < 0)
		return S_ISREG(st.st_mode) ? err_set(err, errno, "read the archive") : archive;
	if ((r = make_clear(m, err)) < 0 || (r = let_in(m, err)) < 0)
		return r;
	r = run(m, i, archive, ret, err);
	if (r < 0)
		make_clear(m, NULL);
	return r;
}
