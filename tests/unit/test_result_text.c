/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of programs in a result as it goes out: encodings, replaced characters, cuts. */
#include "result_scene.h"

static void test_replaced_and_flagged(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 3, false);
	s.cases[1].outcome.out = TEXT("a\xff"
				      "b");
	s.cases[2].outcome.err = TEXT("\xc3");
	encode(&s);
	assert_json(of_case(&s, 0, "encoding_replaced"), "false");
	assert_json(of_case(&s, 1, "encoding_replaced"), "true");
	assert_json(of_case(&s, 1, "actual"), "\"a\xef\xbf\xbd"
					      "b\"");
	assert_json(of_case(&s, 2, "encoding_replaced"), "true");
	assert_json(of_case(&s, 2, "stderr"), "\"\xef\xbf\xbd\"");
	assert_json(top(&s, "output"), "\"expa\xef\xbf\xbd"
				       "bexp\"");
	assert_json(top(&s, "encoding_replaced"), "true");
}

static void test_joined_before_decoded(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, false);
	s.cases[0].outcome.out = TEXT("\xe2\x82");
	s.cases[1].outcome.out = TEXT("\xac!");
	encode(&s);
	assert_json(top(&s, "output"), "\"\xe2\x82\xac!\"");
	assert_json(of_case(&s, 0, "actual"), "\"\xef\xbf\xbd\"");
}

static void test_base64(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 2, true);
	s.request.output_encoding = ENCODING_BASE64;
	s.cases[0].outcome.out = TEXT("\xff\0");
	s.cases[0].outcome.err = TEXT("f");
	s.cases[1].outcome.out = TEXT("\xc3");
	s.cases[1].outcome.out_truncated = true;
	s.result.compile.outcome.err = TEXT("fo");
	encode(&s);
	assert_json(of_case(&s, 0, "actual"), "\"/wA=\"");
	assert_json(of_case(&s, 0, "stderr"), "\"Zg==\"");
	assert_json(of_case(&s, 0, "input"), "\"in\\u0000\"");
	assert_json(of_case(&s, 0, "expected"), "\"exp\"");
	assert_json(of_case(&s, 0, "encoding_replaced"), "false");
	assert_json(of_case(&s, 1, "actual"), "\"ww==\"");
	assert_json(top(&s, "output"), "\"/wDD\"");
	assert_json(top(&s, "stderr"), "\"Zg==\"");
	assert_json(json_object_get(top(&s, "compile"), "output"), "\"Zm8=\"");
	assert_json(top(&s, "encoding_replaced"), "false");
	assert_json(top(&s, "truncated"), "{\"output\":true,\"stderr\":false}");
}

static void test_cut_keeps_characters_whole(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 1, false);
	s.cases[0].outcome.out = TEXT("ab\xe2\x82");
	s.cases[0].outcome.out_truncated = true;
	s.cases[0].outcome.err = TEXT("\xf0\x9f\x98");
	s.cases[0].outcome.err_truncated = true;
	encode(&s);
	assert_json(of_case(&s, 0, "actual"), "\"ab\"");
	assert_json(of_case(&s, 0, "stderr"), "\"\"");
	assert_json(of_case(&s, 0, "encoding_replaced"), "false");
	assert_json(of_case(&s, 0, "truncated"), "{\"output\":true,\"stderr\":true}");
	assert_json(top(&s, "output"), "\"ab\"");
	assert_json(top(&s, "truncated"), "{\"output\":true,\"stderr\":true}");
	assert_json(top(&s, "encoding_replaced"), "false");
}

static void test_join_is_cut(void **state)
{
	_cleanup_(scene_done) struct scene s;

	scene_init(&s, 3, false);
	for (size_t i = 0; i < 3; i++) {
		s.steps[i].limits.output_bytes = 8;
		s.cases[i].outcome.out = TEXT("abc");
	}
	encode(&s);
	assert_json(top(&s, "output"), "\"abcabcab\"");
	assert_json(top(&s, "truncated"), "{\"output\":true,\"stderr\":false}");
	assert_json(of_case(&s, 2, "actual"), "\"abc\"");
	assert_json(of_case(&s, 2, "truncated"), "{\"output\":false,\"stderr\":false}");
	/* A case's own limit is not the request's. */
	s.tests[0].limits.output_bytes = 3;
	s.steps[0].limits.output_bytes = 3;
	encode(&s);
	assert_json(top(&s, "output"), "\"abcabcab\"");
	for (size_t i = 0; i < 3; i++)
		s.steps[i].limits.output_bytes = 9;
	encode(&s);
	assert_json(top(&s, "output"), "\"abcabcabc\"");
	assert_json(top(&s, "truncated"), "{\"output\":false,\"stderr\":false}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replaced_and_flagged),
		cmocka_unit_test(test_joined_before_decoded),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_cut_keeps_characters_whole),
		cmocka_unit_test(test_join_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
