/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See log.h.  The directory is kept as a descriptor, so that a reopen after the drop of privileges does
 * not depend on the path above it.  It belongs to the unprivileged gate while root opens files in it,
 * so root trusts nothing there: no link is followed, and what is opened must be a plain file with one
 * name before its owner is changed.  Each line is one write to an O_APPEND file: lines of several
 * processes never mix.  Bytes that could start a new line or drive a terminal are written as \xNN.
 */
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LINE_BYTES 2048 /* of an application log line; longer ones are cut */
#define STAMP_BYTES 32

enum log_file { FILE_EVENTS, FILE_SECURITY, FILES };

static const char *const file_names[FILES] = { "sandbox.log", "security.log" };
static const char *const level_names[] = { "debug", "info", "warning", "error" };

static struct {
	int dirfd, fds[FILES]; /* owned */
	enum log_level min;
} logs = { .dirfd = -1, .fds = { -1, -1 }, .min = LOG_LEVEL_INFO };

/* Nobody's other directory is given away: only logs (also rotated ones) may lie in it. */
static int check_only_logs(int dirfd)
{
	int copy = fcntl(dirfd, F_DUPFD_CLOEXEC, 3), r = 0;
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    strncmp(e->d_name, file_names[0], strlen(file_names[0])) &&
		    strncmp(e->d_name, file_names[1], strlen(file_names[1])))
			r = -ENOTEMPTY;
	}
	closedir(d);
	return r;
}

static int open_dir(const char *dir, unsigned uid, unsigned gid, struct err *err)
{
	_cleanup_close_ int fd = -1;

	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return err_set(err, errno, "make the log directory %s", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, errno, "open the log directory %s", dir);
	if (geteuid() == 0) {
		if (check_only_logs(fd) < 0)
			return err_set(err, ENOTEMPTY,
				       "the log directory %s must hold nothing but logs", dir);
		if (fchown(fd, uid, gid) < 0 || fchmod(fd, 0750) < 0)
			return err_set(err, errno, "hand over the log directory %s", dir);
	}
	return TAKE_FD(fd);
}

/* O_NONBLOCK: a fifo put there must not hold us; it means nothing to a plain file. */
static int open_file(int dirfd, const char *name, struct err *err)
{
	_cleanup_close_ int fd =
		openat(dirfd, name,
		       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "open the log %s", name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(err, EPERM, "the log %s is not a plain file with one name", name);
	return TAKE_FD(fd);
}

static int open_files(int dirfd, int fds[FILES], struct err *err)
{
	for (int i = 0; i < FILES; i++) {
		fds[i] = open_file(dirfd, file_names[i], err);
		if (fds[i] < 0) {
			if (i > 0)
				close(fds[0]);
			return err->code;
		}
	}
	return 0;
}

/* A container's logs: its runtime keeps and rotates what is written there. */
static int open_stderr(struct err *err)
{
	for (int i = 0; i < FILES; i++) {
		logs.fds[i] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		if (logs.fds[i] < 0) {
			err_set(err, errno, "log to stderr");
			log_close();
			return err->code;
		}
	}
	return 0;
}

int log_open(const char *dir, unsigned uid, unsigned gid, enum log_level min, struct err *err)
{
	_cleanup_close_ int dirfd = -1;
	struct err own = ERR_INIT;
	int fds[FILES];

	err = err ? err : &own;
	log_close();
	logs.min = min;
	if (!dir)
		return 0;
	if (strcmp(dir, "-") == 0)
		return open_stderr(err);
	dirfd = open_dir(dir, uid, gid, err);
	if (dirfd < 0)
		return dirfd;
	if (open_files(dirfd, fds, err) < 0)
		return err_wrap(err, "%s", dir);
	for (int i = 0; i < FILES; i++) {
		logs.fds[i] = fds[i];
		if (geteuid() == 0 && fchown(fds[i], uid, gid) < 0) {
			err_set(err, errno, "hand over the log %s", file_names[i]);
			logs.fds[1] = fds[1];
			log_close();
			return err->code;
		}
	}
	logs.dirfd = TAKE_FD(dirfd);
	return 0;
}

int log_reopen(struct err *err)
{
	struct err own = ERR_INIT;
	int fds[FILES], r;

	if (logs.dirfd < 0)
		return 0;
	r = open_files(logs.dirfd, fds, err ? err : &own);
	if (r < 0)
		return r; /* the old files stay in use */
	for (int i = 0; i < FILES; i++) {
		close(logs.fds[i]);
		logs.fds[i] = fds[i];
	}
	return 0;
}

void log_close(void)
{
	for (int i = 0; i < FILES; i++) {
		if (logs.fds[i] >= 0)
			close(TAKE_FD(logs.fds[i]));
	}
	if (logs.dirfd >= 0)
		close(TAKE_FD(logs.dirfd));
}

static void stamp(char text[STAMP_BYTES])
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, STAMP_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, STAMP_BYTES - n, ".%03ldZ", now.tv_nsec / 1000000);
}

/* Appends text to line with every byte but printable ASCII (and the backslash) escaped. */
static size_t escape(char *line, size_t at, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';

		if (at + (plain ? 1 : 4) > size)
			break;
		if (plain) {
			line[at++] = (char)c;
			continue;
		}
		line[at++] = '\\';
		line[at++] = 'x';
		line[at++] = hex[c >> 4];
		line[at++] = hex[c & 15];
	}
	return at;
}

void log_event(enum log_level level, const char *fmt, ...)
{
	char text[LINE_BYTES], line[LINE_BYTES + 1], time[STAMP_BYTES];
	va_list ap;
	size_t n;

	if (logs.fds[FILE_EVENTS] < 0 || level < logs.min)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	stamp(time);
	n = (size_t)snprintf(line, sizeof(line), "%s %s ", time, level_names[level]);
	n = escape(line, n, LINE_BYTES, text);
	line[n++] = '\n';
	if (write(logs.fds[FILE_EVENTS], line, n) < 0)
		return; /* a full disk must not stop the judging, and there is nowhere to tell it */
}

int log_security(const char *json, size_t len)
{
	char head[STAMP_BYTES + 16], time[STAMP_BYTES];
	struct iovec v[3];

	if (len < 2 || json[0] != '{' || json[len - 1] != '}')
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)json[i] < 0x20 || json[i] == 0x7f)
			return -EINVAL;
	}
	if (logs.fds[FILE_SECURITY] < 0)
		return 0;
	stamp(time);
	v[0].iov_base = head;
	v[0].iov_len = (size_t)snprintf(head, sizeof(head), "{\"time\":\"%s\"%s", time,
					len > 2 ? "," : "");
	v[1].iov_base = (void *)(uintptr_t)(json + 1);
	v[1].iov_len = len - 1;
	v[2].iov_base = "\n";
	v[2].iov_len = 1;
	return writev(logs.fds[FILE_SECURITY], v, 3) < 0 ? -errno : 0;
}
