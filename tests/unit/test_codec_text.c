/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, base64 and the JSON writer.  The table of damaged UTF-8 was printed by Python's
 * bytes.decode("utf-8", "replace"), which replaces maximal subparts as Unicode recommends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/base64.h"
#include "codec/json_write.h"
#include "codec/utf8.h"

static const struct {
	const char *bytes, *replaced; /* hexadecimal */
} utf8_table[] = {
	{ "", "" },
	{ "616263", "616263" },
	{ "c3a4", "c3a4" },
	{ "e282ac", "e282ac" },
	{ "f09f9880", "f09f9880" },
	{ "efbfbd", "efbfbd" },
	{ "c080", "efbfbdefbfbd" },
	{ "c1bf", "efbfbdefbfbd" },
	{ "c2", "efbfbd" },
	{ "c220", "efbfbd20" },
	{ "c3c3a4", "efbfbdc3a4" },
	{ "e0", "efbfbd" },
	{ "e080", "efbfbdefbfbd" },
	{ "e08080", "efbfbdefbfbdefbfbd" },
	{ "e0a0", "efbfbd" },
	{ "e0a080", "e0a080" },
	{ "e282", "efbfbd" },
	{ "e28241", "efbfbd41" },
	{ "e2e282ac", "efbfbde282ac" },
	{ "eda080", "efbfbdefbfbdefbfbd" },
	{ "edbfbf", "efbfbdefbfbdefbfbd" },
	{ "ed9fbf", "ed9fbf" },
	{ "eda0bdedb880", "efbfbdefbfbdefbfbdefbfbdefbfbdefbfbd" },
	{ "ee8080", "ee8080" },
	{ "f0", "efbfbd" },
	{ "f080", "efbfbdefbfbd" },
	{ "f0808080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f09080", "efbfbd" },
	{ "f09f98", "efbfbd" },
	{ "f09f41", "efbfbd41" },
	{ "f0908080", "f0908080" },
	{ "f48fbfbf", "f48fbfbf" },
	{ "f4908080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f490", "efbfbdefbfbd" },
	{ "f5808080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "f8888080", "efbfbdefbfbdefbfbdefbfbd" },
	{ "fc", "efbfbd" },
	{ "fe", "efbfbd" },
	{ "ff", "efbfbd" },
	{ "fffe", "efbfbdefbfbd" },
	{ "80", "efbfbd" },
	{ "bf", "efbfbd" },
	{ "8080", "efbfbdefbfbd" },
	{ "41c39f80", "41c39fefbfbd" },
	{ "61f180e280c262806380bf64", "61efbfbdefbfbdefbfbd62efbfbd63efbfbdefbfbd64" },
	{ "e1a0c0", "efbfbdefbfbd" },
	{ "f1808041", "efbfbd41" },
	{ "f09f9880f09f98", "f09f9880efbfbd" },
	{ "c3a4c3", "c3a4efbfbd" },
	{ "efbfbf", "efbfbf" },
	{ "f7bfbfbf", "efbfbdefbfbdefbfbdefbfbd" },
	{ "ed9f", "efbfbd" },
	{ "edc080", "efbfbdefbfbdefbfbd" },
	{ "f3bfbfbf", "f3bfbfbf" },
	{ "f09fc2a2", "efbfbdc2a2" },
	{ "e0a041e282f0", "efbfbd41efbfbdefbfbd" },
};

static size_t from_hex(const char *hex, char *bytes)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (char)byte;
	}
	return n;
}

static char *written(struct text text, bool base64, bool *replaced, size_t *len)
{
	struct json_writer w;
	char *out;

	json_write_init(&w, 1 << 20);
	*replaced = false;
	if (base64)
		json_write_base64(&w, text);
	else
		*replaced = json_write_text(&w, text);
	assert_int_equal(json_write_take(&w, &out, len), 0);
	assert_int_equal(out[*len - 1], '\n');
	assert_int_equal(out[*len], '\0');
	json_write_done(&w);
	return out;
}

static void test_utf8_replacement(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(utf8_table); i++) {
		char in[64], want[64];
		size_t n = from_hex(utf8_table[i].bytes, in), want_len, len;
		_cleanup_free_ char *out = NULL;
		bool replaced, same;

		want_len = from_hex(utf8_table[i].replaced, want);
		out = written((struct text){ in, n }, false, &replaced, &len);
		if (len != want_len + 3 || memcmp(out + 1, want, want_len) != 0)
			fail_msg("%s became %s", utf8_table[i].bytes, out);
		same = strcmp(utf8_table[i].bytes, utf8_table[i].replaced) == 0;
		assert_int_equal(replaced, !same);
		assert_int_equal(utf8_valid(in, n), same);
	}
}

static void test_utf8_cut(void **state)
{
	static const struct {
		const char *bytes;
		size_t whole;
	} table[] = {
		{ "", 0 },
		{ "61", 1 },
		{ "61c3", 1 },
		{ "61c3a4", 3 },
		{ "e2", 0 },
		{ "61e282", 1 },
		{ "61e282ac", 4 },
		{ "f09f98", 0 },
		{ "61f09f9880", 5 },
		{ "61f09f", 1 },
		{ "61f0", 1 },
		/* Not the beginning of anything, so not the work of a cut. */
		{ "6180", 2 },
		{ "61c0", 2 },
		{ "61ff", 2 },
		{ "61e080", 3 },
		{ "61eda0", 3 },
		{ "61f490", 3 },
		{ "80808080", 4 },
		{ "61c38080", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char in[16];
		size_t n = from_hex(table[i].bytes, in);

		if (utf8_whole_len(in, n) != table[i].whole)
			fail_msg("%s", table[i].bytes);
	}
	assert_int_equal(utf8_whole_len(NULL, 0), 0);
}

static void test_base64(void **state)
{
	static const struct {
		const char *plain, *coded;
	} table[] = { { "", "" },
		      { "f", "Zg==" },
		      { "fo", "Zm8=" },
		      { "foo", "Zm9v" },
		      { "foob", "Zm9vYg==" },
		      { "fooba", "Zm9vYmE=" },
		      { "foobar", "Zm9vYmFy" },
		      { "\xfb\xff\xfe", "+//+" } };
	static const char *const bad[] = { "Zg",   "Zg=",    "Zh==", "Zm9=", "Zg==Zg==", "====",
					   "Z===", "Zm9v\n", "Zm 9", "-_-_", "Zg==Zm9v", "=m9v" };
	char room[64];

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		size_t plain_len = strlen(table[i].plain), coded_len = strlen(table[i].coded);

		assert_int_equal(BASE64_ENCODED_LEN(plain_len), coded_len);
		base64_encode(table[i].plain, plain_len, room);
		assert_memory_equal(room, table[i].coded, coded_len);
		assert_int_equal(base64_decode(table[i].coded, coded_len, room), plain_len);
		assert_memory_equal(room, table[i].plain, plain_len);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (base64_decode(bad[i], strlen(bad[i]), room) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
}

static void test_base64_all_bytes(void **state)
{
	uint8_t bytes[256], back[256];
	char coded[BASE64_ENCODED_LEN(256)];

	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	for (size_t n = 0; n <= 256; n++) {
		base64_encode(bytes, n, coded);
		assert_int_equal(base64_decode(coded, BASE64_ENCODED_LEN(n), back), n);
		assert_memory_equal(back, bytes, n);
	}
}

static void test_write_escapes(void **state)
{
	bool replaced;
	size_t len;
	_cleanup_free_ char *out =
		written(TEXT("a\"b\\c\b\f\n\r\t\0\x1f\x7f/\xc3\xa4"), false, &replaced, &len);

	assert_string_equal(out, "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0000\\u001f\x7f/\xc3\xa4\"\n");
	assert_false(replaced);
}

static void test_write_order_and_commas(void **state)
{
	struct json_writer w;
	_cleanup_free_ char *out = NULL;
	size_t len;

	json_write_init(&w, 1 << 20);
	json_write_open(&w, '{');
	json_write_key(&w, "z");
	json_write_open(&w, '[');
	json_write_close(&w, ']');
	json_write_key(&w, "a");
	json_write_open(&w, '[');
	json_write_null(&w);
	json_write_bool(&w, true);
	json_write_bool(&w, false);
	json_write_uint(&w, UINT64_MAX);
	json_write_int(&w, INT64_MIN);
	json_write_string(&w, NULL);
	json_write_base64(&w, TEXT("fo"));
	json_write_close(&w, ']');
	json_write_close(&w, '}');
	assert_int_equal(json_write_take(&w, &out, &len), 0);
	assert_string_equal(out, "{\"z\":[],\"a\":[null,true,false,18446744073709551615,"
				 "-9223372036854775808,null,\"Zm8=\"]}\n");
	assert_int_equal(len, strlen(out));
}

static void test_write_bound(void **state)
{
	struct json_writer w;
	char *out = NULL;
	size_t len;

	json_write_init(&w, 16);
	json_write_string(&w, "0123456789abcdef");
	assert_int_equal(json_write_take(&w, &out, &len), -EFBIG);
	assert_null(out);
	json_write_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8_replacement),
		cmocka_unit_test(test_utf8_cut),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_all_bytes),
		cmocka_unit_test(test_write_escapes),
		cmocka_unit_test(test_write_order_and_commas),
		cmocka_unit_test(test_write_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
