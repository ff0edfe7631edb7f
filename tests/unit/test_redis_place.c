/* SPDX-License-Identifier: Apache-2.0 */
/* Where a link goes, told by replies that are made up: Sentinels' words, roles, MOVED and rounds over a Cluster's nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/redis/redis_place.h"

static struct redis_url url;

static struct redis_place place_at(const char *text)
{
	struct redis_place p;
	struct err err = ERR_INIT;

	assert_int_equal(redis_url_parse(text, &url, &err), 0);
	redis_place_init(&p, &url, "{q}:jobs");
	return p;
}

/* Parsed as from a server; to be freed. */
static redisReply *reply_of(const char *bytes)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	assert_int_equal(redisReaderFeed(reader, bytes, strlen(bytes)), REDIS_OK);
	assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
	assert_non_null(reply);
	redisReaderFree(reader);
	return reply;
}

static int refused(struct redis_place *p, const char *bytes)
{
	redisReply *reply = reply_of(bytes);
	struct err err = ERR_INIT;
	int r = redis_place_refused(p, reply, &err);

	freeReplyObject(reply);
	return r;
}

/* What the whole greeting comes to. */
static int greet(struct redis_place *p, size_t n, const char *const answers[])
{
	struct redis_batch b;
	struct err err = ERR_INIT;
	int r = 0;

	redis_place_greet(p, "name", &b);
	assert_false(b.failed);
	assert_int_equal(b.commands, n);
	free(b.data);
	for (size_t i = 0; r == 0 && i < n; i++) {
		redisReply *reply = reply_of(answers[i]);

		r = redis_place_hear(p, reply, &err);
		freeReplyObject(reply);
	}
	return r;
}

static void assert_at(const struct redis_place *p, const char *host, const char *port)
{
	assert_string_equal(p->at.host, host);
	assert_string_equal(p->at.port, port);
	assert_int_equal(p->at.kind, REDIS_SERVER);
}

static void test_one_server(void **state)
{
	struct redis_place p = place_at("redis://:pw@h:1/2");

	assert_false(redis_place_unknown(&p));
	assert_int_equal(greet(&p, 3, (const char *[]){ "+OK\r\n", "-ERR old\r\n", "+OK\r\n" }), 1);
	assert_true(refused(&p, "-READONLY You can't write against a read only replica.\r\n") < 0);
	assert_int_equal(refused(&p, "-OOM x\r\n"), 0);
	assert_int_equal(refused(&p, "$5\r\nMOVED\r\n"), 0);
	assert_false(redis_place_next(&p));
	assert_at(&p, "h", "1");
	assert_true(greet(&p, 3, (const char *[]){ "-WRONGPASS x\r\n", "+OK\r\n", "+OK\r\n" }) < 0);
	assert_true(greet(&p, 3, (const char *[]){ "+OK\r\n", "+OK\r\n", "-NOAUTH x\r\n" }) < 0);
}

static void test_sentinels(void **state)
{
	static const char *const is_primary[] = { "+OK\r\n", "+OK\r\n", "*1\r\n$6\r\nmaster\r\n" };
	static const char *const is_replica[] = { "+OK\r\n", "+OK\r\n", "*1\r\n$5\r\nslave\r\n" };
	struct redis_place p = place_at("redis+sentinel://s1,s2/m");

	assert_true(redis_place_unknown(&p));
	assert_true(redis_place_tell(&p, "h", 1, "65536") < 0);
	assert_true(redis_place_tell(&p, "h", 1, "1x") < 0);
	assert_int_equal(redis_place_tell(&p, "h", 1, "7"), 0);
	assert_false(redis_place_unknown(&p));
	assert_at(&p, "h", "7");
	assert_int_equal(greet(&p, 3, is_primary), 1);
	assert_int_equal(redis_place_tell(&p, "h", 1, "7"), 0);
	assert_int_equal(redis_place_tell(&p, "g", 1, "7"), 1);
	assert_at(&p, "h", "7"); /* until the link has ended */
	assert_false(redis_place_next(&p));
	assert_true(redis_place_unknown(&p));
	assert_int_equal(redis_place_tell(&p, "g", 1, "7"), 0);
	assert_true(greet(&p, 3, is_replica) < 0);
}

#define SLOTS \
	"*1\r\n*4\r\n:0\r\n:16383\r\n*2\r\n$1\r\na\r\n:6379\r\n*3\r\n$1\r\nc\r\n:7\r\n$2\r\nid\r\n"

static void test_rounds_of_a_cluster(void **state)
{
	struct redis_place p = place_at("redis+cluster://a,b");

	assert_at(&p, "a", "6379");
	assert_true(redis_place_next(&p)); /* nobody there: the next at once, and then a pause */
	assert_at(&p, "b", "6379");
	assert_false(redis_place_next(&p));
	assert_at(&p, "a", "6379");
	assert_int_equal(greet(&p, 4, (const char *[]){ "+OK\r\n", "+OK\r\n", SLOTS, ":0\r\n" }),
			 1);
	assert_int_equal(p.nnodes, 3); /* c was learned, a was known */
	assert_false(redis_place_next(&p));
	assert_at(&p, "a", "6379");
	assert_true(redis_place_next(&p));
	assert_true(redis_place_next(&p));
	assert_at(&p, "c", "7");
	assert_false(redis_place_next(&p));
	assert_true(greet(&p, 4,
			  (const char *[]){ "+OK\r\n", "+OK\r\n", SLOTS, "-CLUSTERDOWN x\r\n" }) <
		    0);
}

static void test_moved(void **state)
{
	static const char *const sent_on[] = { "+OK\r\n", "+OK\r\n", SLOTS,
					       "-MOVED 9 ::1:7001\r\n" };
	static const char *const at_home[] = { "+OK\r\n", "+OK\r\n", SLOTS, ":3\r\n" };
	struct redis_place p = place_at("redis+cluster://a,b");

	assert_true(greet(&p, 4, sent_on) < 0);
	assert_at(&p, "a", "6379");
	assert_true(redis_place_next(&p));
	assert_at(&p, "::1", "7001");
	assert_int_equal(greet(&p, 4, at_home), 1);
	assert_true(refused(&p, "-MOVED 9 :7002\r\n") < 0);
	assert_true(redis_place_next(&p));
	assert_at(&p, "::1", "7002");	   /* the same host */
	assert_true(redis_place_next(&p)); /* it is not there: back to the others, at once */
	assert_at(&p, "b", "6379");
	for (unsigned i = 0; i < 3; i++) { /* in circles: not for ever without a pause */
		assert_true(refused(&p, "-MOVED 9 c:1\r\n") < 0);
		assert_true(redis_place_next(&p));
	}
	assert_true(refused(&p, "-MOVED 9 c:1\r\n") < 0);
	assert_false(redis_place_next(&p));
}

static void test_keys_in_several_slots(void **state)
{
	struct redis_place p = place_at("redis://h");

	assert_true(refused(&p, "-MOVED 9 c:1\r\n") < 0);
	assert_true(redis_place_next(&p));
	assert_at(&p, "c", "1");
	assert_true(refused(&p, "-MOVED 10 h:6379\r\n") < 0);
	assert_false(redis_place_next(&p));
	assert_at(&p, "h", "6379");
	assert_true(refused(&p, "-MOVED\r\n") < 0);
	assert_false(redis_place_next(&p));
	assert_true(refused(&p, "-MOVED 10 nowhere\r\n") < 0);
	assert_false(redis_place_next(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_server),
		cmocka_unit_test(test_sentinels),
		cmocka_unit_test(test_rounds_of_a_cluster),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_keys_in_several_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
