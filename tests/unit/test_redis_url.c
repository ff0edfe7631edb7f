/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of Redis: what they say, what is refused, and that no password is ever shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/redis/redis_url.h"

static struct redis_url parse(const char *text)
{
	struct err err = ERR_INIT;
	struct redis_url u;

	if (redis_url_parse(text, &u, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return u;
}

static void test_parts(void **state)
{
	static const struct {
		const char *text, *host, *port, *user, *password;
		unsigned db;
		bool tls, unix_socket;
	} rows[] = {
		{ "redis://localhost", "localhost", "6379", "", "", 0, false, false },
		{ "redis://localhost/", "localhost", "6379", "", "", 0, false, false },
		{ "rediss://r.example:7000/3", "r.example", "7000", "", "", 3, true, false },
		{ "redis://:pass@h", "h", "6379", "", "pass", 0, false, false },
		{ "redis://u:p%40s%2fs@h:1/2", "h", "1", "u", "p@s/s", 2, false, false },
		{ "redis://u:a/b@h/4", "h", "6379", "u", "a/b", 4, false, false },
		{ "redis://u:a@b@[::1]:65535/0", "::1", "65535", "u", "a@b", 0, false, false },
		{ "redis://[fe80::1]", "fe80::1", "6379", "", "", 0, false, false },
		{ "unix:///run/r.sock", "/run/r.sock", "", "", "", 0, false, true },
		{ "redis+socket://u:p@/r%20.sock?virtual_host=7", "/r .sock", "", "u", "p", 7,
		  false, true },
		{ "unix://:p@/r?db=12", "/r", "", "", "p", 12, false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct redis_url u = parse(rows[i].text);

		assert_string_equal(u.host, rows[i].host);
		assert_string_equal(u.port, rows[i].port);
		assert_string_equal(u.user, rows[i].user);
		assert_string_equal(u.password, rows[i].password);
		assert_int_equal(u.db, rows[i].db);
		assert_int_equal(u.tls, rows[i].tls);
		assert_int_equal(u.unix_socket, rows[i].unix_socket);
	}
}

static void test_several_hosts(void **state)
{
	struct redis_url u = parse("redis+sentinel://me:p%2fw@a,[::1]:7,c:26380/the%20one/3"
				   "?sentinel_user=s&sentinel_password=q%26");

	assert_int_equal(u.kind, REDIS_BY_SENTINELS);
	assert_int_equal(u.nnodes, 3);
	assert_string_equal(u.nodes[0].host, "a");
	assert_string_equal(u.nodes[0].port, "26379");
	assert_string_equal(u.nodes[1].host, "::1");
	assert_string_equal(u.nodes[1].port, "7");
	assert_string_equal(u.nodes[2].port, "26380");
	assert_string_equal(u.host, "a");
	assert_string_equal(u.primary, "the one");
	assert_string_equal(u.password, "p/w");
	assert_string_equal(u.sentinel_user, "s");
	assert_string_equal(u.sentinel_password, "q&");
	assert_int_equal(u.db, 3);

	u = parse("rediss+sentinel://h/m");
	assert_true(u.tls && u.db == 0 && u.nnodes == 1);
	assert_string_equal(u.sentinel_password, "");

	u = parse("rediss+cluster://:pw@a:7000,b/");
	assert_true(u.kind == REDIS_CLUSTER && u.tls && u.nnodes == 2);
	assert_string_equal(u.port, "7000");
	assert_string_equal(u.nodes[1].port, "6379");
}

static void test_refused(void **state)
{
	static const char *const rows[] = {
		"redis+sentinel://a,b",
		"redis+sentinel://a,b/",
		"redis+sentinel://a,/m",
		"redis+sentinel://,a/m",
		"redis+sentinel://a/m/x",
		"redis+sentinel://a/m/0/1",
		"redis+sentinel://a/m/1234567890",
		"redis+sentinel://a/m#x",
		"redis+sentinel://a/m?db=1",
		"redis+sentinel://a/m?sentinel_user=u",
		"redis+sentinel://a/m?sentinel_password=secret%",
		"redis+sentinel://1,2,3,4,5,6,7,8,9/m",
		"redis+sentinel:///m",
		"redis+cluster://a/1",
		"redis+cluster://a:0",
		"redis+cluster://a?x",
		"redis://a,b:secret",
		"",
		"localhost:6379",
		"http://h",
		"redis://",
		"redis://:6379",
		"redis://h:0",
		"redis://h:65536",
		"redis://h:x",
		"redis://h/x",
		"redis://h/65536",
		"redis://h/-1",
		"redis://h?db=1",
		"redis://h/1?x=y",
		"redis://u@h",
		"redis://:secret%@h",
		"redis://:secret%4@h",
		"redis://:secret%zz@h",
		"redis://:secret%00@h",
		"redis://[::1",
		"redis://[::1]x",
		"unix://run/r.sock",
		"unix:///r?secret=1",
		"unix:///r?db=x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		struct redis_url u = { .db = 77 };

		if (redis_url_parse(rows[i], &u, &err) != -EINVAL)
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(u.db, 77);
		assert_true(strncmp(err.text, "Redis URL: ", 11) == 0);
		assert_null(strstr(err.text, "secret"));
	}
}

static void test_shown(void **state)
{
	static const char *const rows[][2] = {
		{ "redis://u:secret@h:1/2", "redis://h:1/2" },
		{ "rediss://:secret@[::1]/2", "rediss://[::1]:6379/2" },
		{ "unix://:secret@/r?db=3", "unix:///r?db=3" },
		{ "redis+sentinel://u:secret@a,[::1]/m/2?sentinel_password=secret",
		  "redis+sentinel://a:26379,[::1]:26379/m/2" },
		{ "rediss+cluster://:secret@a,b:1", "rediss+cluster://a:6379,b:1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct redis_url u = parse(rows[i][0]);
		char text[REDIS_URL_SHOWN];

		assert_string_equal(redis_url_show(&u, text), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_several_hosts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
