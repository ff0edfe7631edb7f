/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as Celery 5.2.7 and 5.7.0 really sent them, taken apart; what goes back, as Celery reads it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/base64.h"
#include "gate/celery/celery_event.h"
#include "gate/celery/celery_message.h"
#include "gate/celery/celery_pickle.h"
#include "gate/celery/celery_result.h"
#include "gate/celery/celery_time.h"

static const char *const params[] = { "code", "language", "test_cases", "submission_id" };
static const struct celery_signature signature = { "core.tasks.run_code_task", params, 4 };

/* celery 5.2.7, kwargs */
static const char by_keyword[] =
	"{\"body\": "
	"\"W1tdLCB7ImNvZGUiOiAicHJpbnQoNio3KSIsICJsYW5ndWFnZSI6ICJweXRob24iLCAidGVzdF9jYXNlcyI6IFt7Imlu"
	"cHV0IjogIiIsICJleHBlY3RlZCI6ICI0MiJ9XSwgInN1Ym1pc3Npb25faWQiOiA3fSwgeyJjYWxsYmFja3MiOiBudWxsLCA"
	"iZXJyYmFja3MiOiBudWxsLCAiY2hhaW4iOiBudWxsLCAiY2hvcmQiOiBudWxsfV0=\", \"content-encoding\": "
	"\"utf-8\", \"content-type\": \"application/json\", \"headers\": {\"lang\": \"py\", \"task\": "
	"\"core.tasks.run_code_task\", \"id\": \"a8afba05-b76f-49c2-bb12-d1820dedd8e9\", \"shadow\": null, "
	"\"eta\": null, \"expires\": null, \"group\": null, \"group_index\": null, \"retries\": 0, "
	"\"timelimit\": [null, null], \"root_id\": \"a8afba05-b76f-49c2-bb12-d1820dedd8e9\", "
	"\"parent_id\": null, \"argsrepr\": \"()\", \"kwargsrepr\": \"{}\", \"origin\": \"gen30386@vm\", "
	"\"ignore_result\": false}, \"properties\": {\"correlation_id\": "
	"\"a8afba05-b76f-49c2-bb12-d1820dedd8e9\", \"reply_to\": \"45321523-661c-3e43-bae7-c56259642b6f\", "
	"\"delivery_mode\": 2, \"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"q\"}, "
	"\"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": "
	"\"500a058f-c366-4719-9201-75816dba53a2\"}}";

/* celery 5.2.7, apply_async(args=['x', 'python'], countdown=60, expires=3, time_limit=9) */
static const char timed[] =
	"{\"body\": "
	"\"W1sieCIsICJweXRob24iXSwge30sIHsiY2FsbGJhY2tzIjogbnVsbCwgImVycmJhY2tzIjogbnVsbCwgImNoYWluIjogbnVs"
	"bCwgImNob3JkIjogbnVsbH1d\", \"content-encoding\": \"utf-8\", \"content-type\": "
	"\"application/json\", \"headers\": {\"lang\": \"py\", \"task\": \"core.tasks.run_code_task\", "
	"\"id\": \"8ef1eff9-8a37-4a04-8b1c-f60167d1c851\", \"shadow\": null, \"eta\": "
	"\"2026-11-21T15:20:08.594675+00:00\", \"expires\": \"2026-11-21T15:19:11.594675+00:00\", "
	"\"group\": null, \"group_index\": null, \"retries\": 0, \"timelimit\": [9, null], \"root_id\": "
	"\"8ef1eff9-8a37-4a04-8b1c-f60167d1c851\", \"parent_id\": null, \"argsrepr\": \"['x', "
	"'python']\", \"kwargsrepr\": \"{}\", \"origin\": \"gen30386@vm\", \"ignore_result\": false}, "
	"\"properties\": {\"correlation_id\": \"8ef1eff9-8a37-4a04-8b1c-f60167d1c851\", \"delivery_mode\": 2, "
	"\"expiration\": \"3000\", \"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"q\"}, "
	"\"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": "
	"\"93e1890d-6985-40f9-906c-ee324532cd87\"}}";

/* celery 5.2.7, serializer='pickle' */
static const char pickled[] =
	"{\"body\": "
	"\"gASVRQAAAAAAAABdlCiMAXiUjAZweXRob26UZX2UfZQojAljYWxsYmFja3OUTowIZXJyYmFja3OUTowFY2hhaW6UTowFY2hv"
	"cmSUTnWHlC4=\", \"content-encoding\": \"binary\", \"content-type\": "
	"\"application/x-python-serialize\", \"headers\": {\"lang\": \"py\", \"task\": "
	"\"core.tasks.run_code_task\", \"id\": \"e5feef46-a88a-4a51-856d-d838d459838c\", \"eta\": null}, "
	"\"properties\": {\"correlation_id\": \"e5feef46-a88a-4a51-856d-d838d459838c\", \"delivery_info\": "
	"{\"exchange\": \"\", \"routing_key\": \"q\"}, \"priority\": 0, \"body_encoding\": \"base64\"}}";

/* celery 5.2.7, signature | signature */
static const char chained[] =
	"{\"body\": "
	"\"W1sicHJpbnQoMykiLCAicHl0aG9uIl0sIHt9LCB7ImNhbGxiYWNrcyI6IG51bGwsICJlcnJiYWNrcyI6IG51bGwsICJjaGFp"
	"biI6IFt7InRhc2siOiAiYi5jIiwgImFyZ3MiOiBbXSwgImt3YXJncyI6IHt9LCAib3B0aW9ucyI6IHsicXVldWUiOiAicSIsIC"
	"J0YXNrX2lkIjogIjZhYjdjY2EwLWVhMGUtNGY2NS1iZWFkLTQ0ODQyYmM0YmRmNCIsICJyZXBseV90byI6ICI0NTMyMTUyMy02"
	"NjFjLTNlNDMtYmFlNy1jNTYyNTk2NDJiNmYifSwgInN1YnRhc2tfdHlwZSI6IG51bGwsICJpbW11dGFibGUiOiBmYWxzZX1dLC"
	"AiY2hvcmQiOiBudWxsfV0=\", \"content-encoding\": \"utf-8\", \"content-type\": "
	"\"application/json\", \"headers\": {\"task\": \"core.tasks.run_code_task\", \"id\": "
	"\"cc727341-7938-4f71-b187-02f40056c2ac\"}, \"properties\": {\"body_encoding\": \"base64\"}}";

/* celery 5.2.7, task_protocol = 1 */
static const char protocol_1[] =
	"{\"body\": "
	"\"eyJ0YXNrIjogImNvcmUudGFza3MucnVuX2NvZGVfdGFzayIsICJpZCI6ICI3YmExNWUzMC0zOTg1LTQ2NTQtODQ0My04ODA1"
	"MTU2MDRmYmMiLCAiYXJncyI6IFtdLCAia3dhcmdzIjogeyJjb2RlIjogInByaW50KDYqNykiLCAibGFuZ3VhZ2UiOiAicHl0aG"
	"9uIiwgInRlc3RfY2FzZXMiOiBbeyJpbnB1dCI6ICIiLCAiZXhwZWN0ZWQiOiAiNDIifV0sICJzdWJtaXNzaW9uX2lkIjogN30s"
	"ICJncm91cCI6IG51bGwsICJncm91cF9pbmRleCI6IG51bGwsICJyZXRyaWVzIjogMCwgImV0YSI6IG51bGwsICJleHBpcmVzIj"
	"ogbnVsbCwgInV0YyI6IHRydWUsICJjYWxsYmFja3MiOiBudWxsLCAiZXJyYmFja3MiOiBudWxsLCAidGltZWxpbWl0IjogW251"
	"bGwsIG51bGxdLCAidGFza3NldCI6IG51bGwsICJjaG9yZCI6IG51bGx9\", \"content-encoding\": \"utf-8\", "
	"\"content-type\": \"application/json\", \"headers\": {}, \"properties\": {\"correlation_id\": "
	"\"7ba15e30-3985-4654-8443-880515604fbc\", \"delivery_mode\": 2, \"delivery_info\": {\"exchange\": "
	"\"\", \"routing_key\": \"q\"}, \"priority\": 0, \"body_encoding\": \"base64\"}}";

static struct celery_refusal why;

static int decode(const char *raw, struct celery_task *t)
{
	return celery_message_decode(raw, strlen(raw), &signature, t, &why);
}

/* A message around a body of our own. */
static char *message(const char *body)
{
	size_t len = strlen(body);
	char *base64 = calloc(1, BASE64_ENCODED_LEN(len) + 1), *text;
	json_t *m;

	base64_encode(body, len, base64);
	m = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}}", "body", base64, "content-type",
		      "application/json", "headers", "task", signature.task, "id", "an-id",
		      "properties", "body_encoding", "base64");
	text = json_dumps(m, 0);
	json_decref(m);
	free(base64);
	return text;
}

/* What becomes of a body; `text` is in the refusal's. */
static void expect(const char *body, int kind, const char *type, const char *text)
{
	char *m = message(body);
	struct celery_task t;

	assert_int_equal(decode(m, &t), kind);
	if (kind != CELERY_TASK) {
		assert_string_equal(why.exc_type, type);
		assert_non_null(strstr(why.text, text));
	}
	celery_task_done(&t);
	free(m);
}

static void test_protocol_2(void **state)
{
	struct celery_task t;

	assert_int_equal(decode(by_keyword, &t), CELERY_TASK);
	assert_string_equal(t.id, "a8afba05-b76f-49c2-bb12-d1820dedd8e9");
	assert_string_equal(t.submission, "7");
	assert_string_equal(t.request,
			    "{\"code\":\"print(6*7)\",\"language\":\"python\",\"test_cases\":"
			    "[{\"input\":\"\",\"expected\":\"42\"}]}");
	assert_true(t.eta == 0 && t.expires == 0 && t.hard_sec == 0 && !t.ignore_result);
	celery_task_done(&t);
}

static void test_times(void **state)
{
	struct celery_task t;

	assert_int_equal(decode(timed, &t), CELERY_TASK);
	assert_true(fabs(t.eta - 1795274408.594675) < 1e-3);
	assert_true(fabs(t.eta - t.expires - 57) < 1e-3);
	assert_true(t.hard_sec == 9 && t.soft_sec == 0);
	assert_string_equal(t.request, "{\"code\":\"x\",\"language\":\"python\"}");
	celery_task_done(&t);
}

static void test_protocol_1(void **state)
{
	struct celery_task t;

	assert_int_equal(decode(protocol_1, &t), CELERY_TASK);
	assert_string_equal(t.id, "7ba15e30-3985-4654-8443-880515604fbc");
	assert_string_equal(t.name, signature.task);
	assert_string_equal(t.submission, "7");
	celery_task_done(&t);
}

static void test_pickle_is_not_read(void **state)
{
	struct celery_task t;

	assert_int_equal(decode(pickled, &t), CELERY_REFUSED);
	assert_string_equal(t.id, "e5feef46-a88a-4a51-856d-d838d459838c");
	assert_string_equal(why.exc_type, "ContentDisallowed");
	assert_non_null(strstr(why.text, "pickle"));
	celery_task_done(&t);
}

static void test_followers(void **state)
{
	const char *ids[4];
	struct celery_task t;

	assert_int_equal(decode(chained, &t), CELERY_REFUSED);
	assert_string_equal(why.exc_type, "NotImplementedError");
	assert_int_equal(celery_task_followers(&t, ids, 4), 1);
	assert_string_equal(ids[0], "6ab7cca0-ea0e-4f65-bead-44842bc4bdf4");
	celery_task_done(&t);
}

static void test_calls(void **state)
{
	expect("[[\"c\", \"python\", null, null], {}, {}]", CELERY_TASK, NULL, NULL);
	expect("[[\"c\"], {\"language\": \"c\", \"limits\": {\"cpu_ms\": 1}}, null]", CELERY_TASK,
	       NULL, NULL);
	expect("[[1,2,3,4,5], {}, {}]", CELERY_REFUSED, "TypeError", "takes 4 positional");
	expect("[[\"c\"], {\"code\": \"d\"}, {}]", CELERY_REFUSED, "TypeError", "multiple values");
	expect("[{}, {}, {}]", CELERY_REFUSED, "TypeError", "args must be an array");
	expect("[[], {\"submission_id\": \"a b\"}, {}]", CELERY_REFUSED, "ValueError",
	       "submission_id");
	expect("[[], {\"submission_id\": \"a\\u0000b\"}, {}]", CELERY_REFUSED, "ValueError",
	       "submission_id");
	expect("[[], {}, {\"chord\": {\"task\": \"x\"}}]", CELERY_REFUSED, "NotImplementedError",
	       "chord");
	expect("[[], {}, {\"errbacks\": [{}]}]", CELERY_REFUSED, "NotImplementedError", "errbacks");
	expect("[[NaN], {}, {}]", CELERY_REFUSED, "ValueError", "NaN");
	expect("{\"task\": \"core.tasks.run_code_task\", \"args\": [], \"kwargs\": {}, "
	       "\"eta\": \"9999-01-01T00:00:00\"}",
	       CELERY_REFUSED, "ValueError", "year 5000");
	expect("[[], {}]", CELERY_REFUSED, "ValueError", "protocol");
	expect("nonsense", CELERY_REFUSED, "ValueError", "JSON");
}

static void test_unreadable(void **state)
{
	static const char *const raws[] = { "",
					    "[]",
					    "{",
					    "{}",
					    "{\"headers\": {\"id\": \"a b\"}}",
					    "{\"headers\": {\"id\": 7}, \"body\": \"\"}" };
	struct celery_task t;

	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++) {
		assert_int_equal(decode(raws[i], &t), CELERY_UNREADABLE);
		celery_task_done(&t);
	}
}

static void test_redelivery(void **state)
{
	struct celery_task t;
	char *text;
	json_t *m;

	assert_int_equal(celery_message_redeliver(timed, strlen(timed), &text), 0);
	m = celery_json_load(text, strlen(text));
	assert_true(json_is_true(json_object_get(json_object_get(m, "headers"), "redelivered")));
	assert_int_equal(decode(text, &t), CELERY_TASK);
	celery_task_done(&t);
	json_decref(m);
	free(text);
	assert_true(celery_message_redeliver("x", 1, &text) < 0);
}

static void test_time_of_text(void **state)
{
	double t;
	char text[CELERY_TIME_BYTES];

	assert_int_equal(celery_time_parse("1970-01-02T00:00:00", &t), 0);
	assert_true(t == 86400);
	assert_int_equal(celery_time_parse("1970-01-02T02:30:00.5+02:30", &t), 0);
	assert_true(t == 86400.5);
	assert_int_equal(celery_time_parse("1970-01-02T00:00:00Z", &t), 0);
	assert_true(celery_time_parse("1970-01-02", &t) < 0);
	assert_true(celery_time_parse("1970-01-02T00:00:00+2", &t) < 0);
	assert_true(celery_time_parse("1970-01-02T00:00:00+99:00", &t) < 0);
	celery_time_print(86400.25, text);
	assert_string_equal(text, "1970-01-02T00:00:00.250000+00:00");
}

static json_t *meta(char *text, size_t len)
{
	json_t *m = celery_json_load(text, len);

	assert_non_null(m);
	free(text);
	return m;
}

static void test_results(void **state)
{
	const struct celery_refusal e = { "ValueError", "builtins", "no \"good\"" };
	struct celery_task t;
	char *text;
	size_t len;
	json_t *m;

	assert_int_equal(decode(by_keyword, &t), CELERY_TASK);
	assert_int_equal(celery_result_success(&t, "{\"a\":1}", 7, &text, &len), 0);
	assert_memory_equal(text, "{\"status\":\"SUCCESS\",\"result\":{\"a\":1},\"traceback\":null",
			    53);
	m = meta(text, len);
	assert_string_equal(json_string_value(json_object_get(m, "task_id")), t.id);
	assert_true(json_is_string(json_object_get(m, "date_done")));
	json_decref(m);
	assert_int_equal(celery_result_exception(&t, t.id, "FAILURE", &e, &text, &len), 0);
	m = meta(text, len);
	assert_string_equal(
		json_string_value(json_array_get(
			json_object_get(json_object_get(m, "result"), "exc_message"), 0)),
		e.text);
	json_decref(m);
	assert_int_equal(celery_result_started(&t, "n@h", 7, &text, &len), 0);
	m = meta(text, len);
	assert_true(json_is_null(json_object_get(m, "date_done")));
	json_decref(m);
	celery_task_done(&t);
}

/* pickle.dumps() of Python would say it shorter; pickle.loads() reads both: tests/celery does. */
static void test_pickle(void **state)
{
	static const char expected[] =
		"\x80\x03}(X\x01\0\0\0a](N\x88\x8a\x08\xff\xff\xff\xff\xff\xff\xff\xff"
		"G?\xe0\0\0\0\0\0\0eu.";
	static const char json[] = "{\"a\":[null,true,-1,0.5]}";
	char *text;
	size_t len;

	assert_int_equal(celery_pickle(json, strlen(json), &text, &len), 0);
	assert_int_equal(len, sizeof(expected) - 1);
	assert_memory_equal(text, expected, len);
	free(text);
	assert_true(celery_pickle("{", 1, &text, &len) < 0);
}

static void test_events(void **state)
{
	struct celery_self self = { .node = "kodewar@host", .pid = 7 };
	struct celery_refusal r;
	char *text;
	size_t len;
	json_t *m, *body;

	assert_int_equal(celery_event_worker(&self, "worker-heartbeat", &text, &len), 0);
	m = meta(text, len);
	body = celery_envelope_body(m, &r);
	assert_string_equal(json_string_value(json_object_get(body, "type")), "worker-heartbeat");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json_object_get(m, "properties"),
								  "delivery_info"),
						  "routing_key")),
		"worker.heartbeat");
	assert_true(json_real_value(json_object_get(body, "freq")) == 2.0);
	json_decref(body);
	json_decref(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocol_2),   cmocka_unit_test(test_times),
		cmocka_unit_test(test_protocol_1),   cmocka_unit_test(test_pickle_is_not_read),
		cmocka_unit_test(test_followers),    cmocka_unit_test(test_calls),
		cmocka_unit_test(test_unreadable),   cmocka_unit_test(test_redelivery),
		cmocka_unit_test(test_time_of_text), cmocka_unit_test(test_results),
		cmocka_unit_test(test_pickle),	     cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
