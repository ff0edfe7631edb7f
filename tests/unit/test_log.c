/* SPDX-License-Identifier: Apache-2.0 */
/* The two logs: nothing in them forges a line, root follows nothing in their directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"

struct place {
	char base[32], dir[64];
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->base, "/tmp/test_log.XXXXXX");
	if (!mkdtemp(p->base))
		return -1;
	snprintf(p->dir, sizeof(p->dir), "%s/logs", p->base);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "logs/sandbox.log",
					     "logs/sandbox.log.1",
					     "logs/security.log",
					     "logs/other",
					     "target",
					     NULL };
	struct place *p = *state;
	int base = open(p->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	log_close();
	for (size_t i = 0; names[i]; i++)
		unlinkat(base, names[i], 0);
	unlinkat(base, "logs", AT_REMOVEDIR);
	close(base);
	rmdir(p->base);
	free(p);
	return 0;
}

static void open_logs(struct place *p)
{
	struct err err = ERR_INIT;

	if (log_open(p->dir, geteuid(), getegid(), LOG_LEVEL_INFO, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *read_log(struct place *p, const char *name)
{
	static char text[8192];
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(fd_read_text(fd, text, sizeof(text)) >= 0);
	close(fd);
	return text;
}

/* The text behind the time stamp, which is always as long. */
static const char *behind_time(const char *line)
{
	assert_true(strlen(line) > 25);
	assert_int_equal(line[23], 'Z');
	return line + 25;
}

static void one_event_is_one_line(void **state)
{
	struct place *p = *state;

	open_logs(p);
	log_event(LOG_LEVEL_INFO, "name=%s", "a\n2026 error forged\r\033[2J\\\xc2\x9b");
	assert_string_equal(behind_time(read_log(p, "sandbox.log")),
			    "info name=a\\x0a2026 error forged\\x0d\\x1b[2J\\x5c\\xc2\\x9b\n");
}

static void low_levels_are_left_out(void **state)
{
	struct place *p = *state;

	open_logs(p);
	log_event(LOG_LEVEL_DEBUG, "debug");
	assert_string_equal(read_log(p, "sandbox.log"), "");
	log_event(LOG_LEVEL_ERROR, "broken");
	assert_string_equal(behind_time(read_log(p, "sandbox.log")), "error broken\n");
}

static void a_long_event_is_cut_and_still_ends(void **state)
{
	struct place *p = *state;
	static char text[10000];
	const char *log;

	memset(text, '\n', sizeof(text) - 1);
	open_logs(p);
	log_event(LOG_LEVEL_INFO, "%s", text);
	log = read_log(p, "sandbox.log");
	assert_true(strlen(log) > 1024 && strlen(log) < 4096);
	assert_ptr_equal(strchr(log, '\n'), log + strlen(log) - 1);
}

static void security_takes_one_object(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "{\"a\":1}\n{}", "{\"a\":\"\n\"}", "{\"a\":\"\x7f\"}", "x{}"
	};
	struct place *p = *state;
	const char *log;

	open_logs(p);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(log_security(bad[i], strlen(bad[i])), -EINVAL);
	assert_string_equal(read_log(p, "security.log"), "");
	assert_int_equal(log_security("{\"a\":1}", 7), 0);
	log = read_log(p, "security.log");
	assert_memory_equal(log, "{\"time\":\"", 9);
	assert_string_equal(log + 9 + 24, "\",\"a\":1}\n");
}

static void modes_keep_others_out(void **state)
{
	struct place *p = *state;
	char path[128];
	struct stat st;

	open_logs(p);
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	snprintf(path, sizeof(path), "%s/security.log", p->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0037, 0);
}

static void reopen_follows_a_rotation(void **state)
{
	struct place *p = *state;
	char from[128], to[128];

	open_logs(p);
	log_event(LOG_LEVEL_INFO, "old");
	snprintf(from, sizeof(from), "%s/sandbox.log", p->dir);
	snprintf(to, sizeof(to), "%s/sandbox.log.1", p->dir);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(log_reopen(NULL), 0);
	log_event(LOG_LEVEL_INFO, "new");
	assert_string_equal(behind_time(read_log(p, "sandbox.log")), "info new\n");
	assert_string_equal(behind_time(read_log(p, "sandbox.log.1")), "info old\n");
	log_close();
	open_logs(p); /* a rotated log in it makes the directory no less ours */
}

/* The gate owns the directory: what it could put there must not lead root anywhere. */
static void follows_no_link(void **state)
{
	struct place *p = *state;
	char target[128], log[128];
	struct err err = ERR_INIT;
	int fd;

	snprintf(target, sizeof(target), "%s/target", p->base);
	snprintf(log, sizeof(log), "%s/sandbox.log", p->dir);
	assert_int_equal(mkdir(p->dir, 0750), 0);
	fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink(target, log), 0);
	assert_int_equal(log_open(p->dir, geteuid(), getegid(), LOG_LEVEL_INFO, &err), -ELOOP);
	assert_int_equal(unlink(log), 0);
	assert_int_equal(link(target, log), 0);
	assert_int_equal(log_open(p->dir, geteuid(), getegid(), LOG_LEVEL_INFO, &err), -EPERM);
	assert_int_equal(unlink(log), 0);
	assert_int_equal(mkfifo(log, 0600), 0);
	assert_true(log_open(p->dir, geteuid(), getegid(), LOG_LEVEL_INFO, &err) < 0);
}

static void gives_no_other_directory_away(void **state)
{
	struct place *p = *state;
	char path[128];
	struct stat st;
	int fd;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(p->dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/other", p->dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(log_open(p->dir, 65534, 65534, LOG_LEVEL_INFO, NULL), -ENOTEMPTY);
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void without_a_directory_all_is_dropped(void **state)
{
	assert_int_equal(log_open(NULL, 0, 0, LOG_LEVEL_INFO, NULL), 0);
	log_event(LOG_LEVEL_ERROR, "nowhere");
	assert_int_equal(log_security("{}", 2), 0);
	assert_int_equal(log_reopen(NULL), 0);
}

static void a_dash_is_stderr(void **state)
{
	struct place *p = *state;
	int kept = dup(STDERR_FILENO), pair[2];
	char text[256] = "";
	ssize_t n;

	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	dup2(pair[1], STDERR_FILENO);
	assert_int_equal(log_open("-", geteuid(), getegid(), LOG_LEVEL_INFO, NULL), 0);
	log_event(LOG_LEVEL_INFO, "told");
	assert_int_equal(log_security("{\"a\":1}", 7), 0);
	assert_int_equal(log_reopen(NULL), 0);
	dup2(kept, STDERR_FILENO);
	n = read(pair[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	assert_non_null(strstr(text, " info told\n"));
	assert_non_null(strstr(text, ",\"a\":1}\n"));
	assert_int_equal(access(p->dir, F_OK), -1); /* nothing was made anywhere */
	close(kept);
	close(pair[0]);
	close(pair[1]);
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(one_event_is_one_line),
		LOG_TEST(low_levels_are_left_out),
		LOG_TEST(a_long_event_is_cut_and_still_ends),
		LOG_TEST(security_takes_one_object),
		LOG_TEST(modes_keep_others_out),
		LOG_TEST(reopen_follows_a_rotation),
		LOG_TEST(follows_no_link),
		LOG_TEST(gives_no_other_directory_away),
		LOG_TEST(without_a_directory_all_is_dropped),
		LOG_TEST(a_dash_is_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
