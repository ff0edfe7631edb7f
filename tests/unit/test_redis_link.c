/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to a real redis-server on a unix socket: order, bytes, users, breaks and what comes after them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/redis/redis_link.h"

#define WAIT_SEC 20

static struct {
	char dir[64], socket[96], url[160];
	pid_t pid;
} server;

struct seen {
	sd_event *loop;
	struct redis_link *link;
	unsigned ups, downs, replies, nulls, pushes;
	bool free_in_reply;
	char last[256], why[ERR_TEXT_BYTES];
};

static void server_start(void)
{
	server.pid = fork();
	assert_true(server.pid >= 0);
	if (server.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", server.socket,
		       "--dir", server.dir, "--save", "", "--logfile", "/dev/null", "--user",
		       "someone", "on", ">p@ss:/word", "~*", "&*", "+@all", NULL);
		_exit(127);
	}
}

static void server_stop(int signal)
{
	int status;

	kill(server.pid, signal);
	waitpid(server.pid, &status, 0);
}

static int group_setup(void **state)
{
	snprintf(server.dir, sizeof(server.dir), "/tmp/kodewar-redis-XXXXXX");
	if (!mkdtemp(server.dir))
		return -1;
	snprintf(server.socket, sizeof(server.socket), "%s/s", server.dir);
	snprintf(server.url, sizeof(server.url), "unix://%s?db=2", server.socket);
	server_start();
	return 0;
}

static int group_teardown(void **state)
{
	server_stop(SIGTERM);
	unlink(server.socket);
	return rmdir(server.dir);
}

static void on_up(void *user)
{
	((struct seen *)user)->ups++;
}

static void on_down(void *user, const struct err *why, unsigned tries)
{
	struct seen *s = user;

	s->downs++;
	snprintf(s->why, sizeof(s->why), "%s", why->text);
}

static void keep(struct seen *s, const redisReply *r)
{
	if (r->type == REDIS_REPLY_INTEGER)
		snprintf(s->last, sizeof(s->last), "%lld", r->integer);
	else if (r->type == REDIS_REPLY_ARRAY)
		snprintf(s->last, sizeof(s->last), "%s",
			 r->elements ? r->element[r->elements - 1]->str : "");
	else
		snprintf(s->last, sizeof(s->last), "%s", r->str ? r->str : "nil");
}

static void on_reply(void *user, const redisReply *r)
{
	struct seen *s = user;

	s->replies++;
	if (r)
		keep(s, r);
	else
		s->nulls++;
	if (s->free_in_reply) {
		redis_link_free(s->link);
		s->link = NULL;
	}
}

static void on_push(void *user, const redisReply *r)
{
	struct seen *s = user;

	s->pushes++;
	keep(s, r);
}

static void open_link(struct seen *s, const char *url, bool listener, uint64_t reply_ms)
{
	struct redis_url u;
	const struct redis_link_config c = { .loop = s->loop,
					     .url = &u,
					     .name = "test",
					     .reply_ms = reply_ms,
					     .retry_ms_max = 100,
					     .on_up = on_up,
					     .on_down = on_down,
					     .on_push = listener ? on_push : NULL,
					     .user = s };
	struct err err = ERR_INIT;

	assert_int_equal(redis_url_parse(url, &u, &err), 0);
	assert_int_equal(redis_link_new(&c, &s->link, &err), 0);
}

/* Until *what is at least n; the test fails, and does not hang, where it never is. */
static void until(struct seen *s, const unsigned *what, unsigned n)
{
	uint64_t end = clock_now_nsec() + WAIT_SEC * NSEC_PER_SEC;

	while (*what < n) {
		if (clock_now_nsec() > end)
			fail_msg("waited in vain for %u (is %u): %s", n, *what, s->why);
		sd_event_run(s->loop, 100000);
	}
}

static void begin(struct seen *s, bool listener, uint64_t reply_ms)
{
	*s = (struct seen){ .link = NULL };
	assert_true(sd_event_new(&s->loop) >= 0);
	open_link(s, server.url, listener, reply_ms);
	assert_int_equal(redis_link_ask(s->link, NULL, NULL, "PING"), -ENOTCONN);
	until(s, &s->ups, 1);
}

static void end(struct seen *s)
{
	redis_link_free(s->link);
	sd_event_unref(s->loop);
}

static void test_bytes_and_order(void **state)
{
	const char *argv[] = { "SET", "k", "a\0\r\n\xff" };
	const size_t lens[] = { 3, 1, 5 };
	struct seen s;

	begin(&s, false, 0);
	assert_int_equal(redis_link_send(s.link, 3, argv, lens, 0, on_reply, &s), 0);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "STRLEN k"), 0);
	until(&s, &s.replies, 2);
	assert_string_equal(s.last, "5");
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "SET %s %b", "k", "x y", (size_t)3),
			 0);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "GET k"), 0);
	until(&s, &s.replies, 4);
	assert_string_equal(s.last, "x y");
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "CLIENT GETNAME"), 0);
	until(&s, &s.replies, 5);
	assert_string_equal(s.last, "test");
	end(&s);
}

static void test_large(void **state)
{
	_cleanup_free_ char *big = malloc(20u << 20);
	struct seen s;

	memset(big, 'z', 20u << 20);
	begin(&s, false, 0);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "ECHO %b", big, (size_t)(20u << 20)),
			 0);
	until(&s, &s.replies, 1);
	assert_int_equal(strlen(s.last), sizeof(s.last) - 1);
	end(&s);
}

static void test_user_and_password(void **state)
{
	char url[256];
	struct seen s = { .link = NULL };

	assert_true(sd_event_new(&s.loop) >= 0);
	snprintf(url, sizeof(url), "unix://someone:wrong@%s", server.socket);
	open_link(&s, url, false, 0);
	until(&s, &s.downs, 2);
	assert_non_null(strstr(s.why, "WRONGPASS"));
	assert_null(strstr(s.why, ":wrong"));
	assert_int_equal(s.ups, 0);
	redis_link_free(s.link);
	snprintf(url, sizeof(url), "unix://someone:p%%40ss%%3a%%2fword@%s", server.socket);
	open_link(&s, url, false, 0);
	until(&s, &s.ups, 1);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "ACL WHOAMI"), 0);
	until(&s, &s.replies, 1);
	assert_string_equal(s.last, "someone");
	end(&s);
}

static void test_no_reply_breaks(void **state)
{
	struct seen s;
	static const char *argv[] = { "BRPOP", "nothing", "1" };

	begin(&s, false, 200);
	assert_int_equal(redis_link_send(s.link, 3, argv, NULL, 3000, on_reply, &s), 0);
	until(&s, &s.replies, 1);
	assert_int_equal(s.nulls, 0); /* it may block for so long */
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "BRPOP nothing 0"), 0);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "PING"), 0);
	until(&s, &s.replies, 3);
	assert_int_equal(s.nulls, 2);
	assert_non_null(strstr(s.why, "no reply"));
	until(&s, &s.ups, 2);
	end(&s);
}

static void test_comes_back(void **state)
{
	struct seen s;

	begin(&s, false, 0);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "BRPOP nothing 0"), 0);
	sd_event_run(s.loop, 0);
	server_stop(SIGKILL);
	until(&s, &s.replies, 1);
	assert_int_equal(s.nulls, 1);
	until(&s, &s.downs, 3);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "PING"), -ENOTCONN);
	server_start();
	until(&s, &s.ups, 2);
	assert_int_equal(redis_link_ask(s.link, on_reply, &s, "PING"), 0);
	until(&s, &s.replies, 2);
	assert_string_equal(s.last, "PONG");
	end(&s);
}

static void test_free_and_forget(void **state)
{
	struct seen s, other = { .link = NULL };

	begin(&s, false, 0);
	assert_int_equal(redis_link_ask(s.link, on_reply, &other, "PING"), 0);
	redis_link_forget(s.link, &other);
	s.free_in_reply = true;
	for (int i = 0; i < 3; i++)
		assert_int_equal(redis_link_ask(s.link, on_reply, &s, "PING"), 0);
	until(&s, &s.replies, 1);
	for (int i = 0; i < 5; i++)
		sd_event_run(s.loop, 1000);
	assert_int_equal(s.replies, 1);
	assert_int_equal(other.replies, 0);
	end(&s);
}

static void test_listener(void **state)
{
	struct seen s, t;

	begin(&s, true, 300);
	begin(&t, false, 0);
	assert_int_equal(redis_link_ask(s.link, NULL, NULL, "SUBSCRIBE c"), 0);
	until(&s, &s.pushes, 1);
	assert_int_equal(redis_link_ask(t.link, on_reply, &t, "PUBLISH c hello"), 0);
	until(&t, &t.replies, 1);
	until(&s, &s.pushes, 2);
	assert_string_equal(s.last, "hello");
	until(&s, &s.pushes, 5); /* pongs: it looks whether it still stands */
	assert_int_equal(s.downs, 0);
	kill(server.pid, SIGSTOP);
	until(&s, &s.downs, 1);
	kill(server.pid, SIGCONT);
	until(&s, &s.ups, 2);
	end(&t);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_and_order),	  cmocka_unit_test(test_large),
		cmocka_unit_test(test_user_and_password), cmocka_unit_test(test_no_reply_breaks),
		cmocka_unit_test(test_comes_back),	  cmocka_unit_test(test_free_and_forget),
		cmocka_unit_test(test_listener),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
