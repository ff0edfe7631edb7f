/* SPDX-License-Identifier: Apache-2.0 */
/* The Docker backend's pure parts: the runner's messages in any pieces, which waiting container fits, the engine's profile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/docker/frames.h"
#include "backend/docker/spec.h"

struct heard {
	unsigned messages;
	char text[64];
	size_t len;
	size_t files_len;
	struct inbox_end end;
};

static void on_message(void *user, uint32_t kind, const void *data, size_t len)
{
	struct heard *h = user;

	h->messages++;
	if (kind == INBOX_STDOUT) {
		memcpy(h->text + h->len, data, len);
		h->len += len;
	} else if (kind == INBOX_FILES) {
		h->files_len += len;
	} else if (kind == INBOX_END) {
		memcpy(&h->end, data, len);
	}
}

static size_t put(char *to, uint32_t kind, const void *data, uint32_t len)
{
	struct inbox_head head = { kind, len };

	memcpy(to, &head, sizeof(head));
	memcpy(to + sizeof(head), data, len);
	return sizeof(head) + len;
}

static void test_messages_come_in_any_pieces(void **state)
{
	struct inbox_end end = { .wait_status = 256, .cpu_usec = 7 };
	static const char file[FRAMES_SMALL_BYTES + 1]; /* longer than what is kept whole */
	char line[1024];
	size_t len = put(line, INBOX_STARTED, "", 0);

	len += put(line + len, INBOX_STDOUT, "hello ", 6);
	len += put(line + len, INBOX_STDOUT, "world", 5);
	len += put(line + len, INBOX_FILES, file, sizeof(file));
	len += put(line + len, INBOX_END, &end, sizeof(end));
	for (size_t piece = 1; piece <= len; piece++) {
		struct heard h = { 0 };
		struct frames f = { .on_message = on_message, .user = &h };

		for (size_t at = 0; at < len; at += piece)
			assert_int_equal(
				frames_feed(&f, line + at, len - at < piece ? len - at : piece), 0);
		assert_memory_equal(h.text, "hello world", 11);
		assert_int_equal(h.files_len, sizeof(file));
		assert_int_equal(h.end.wait_status, 256);
		assert_int_equal(h.end.cpu_usec, 7);
	}
}

static void test_what_is_no_message_is_refused(void **state)
{
	static const struct inbox_head wrong[] = {
		{ 0, 0 },
		{ 99, 4 },
		{ INBOX_STDIN, 4 },
		{ INBOX_STARTED, 1 },
		{ INBOX_END, 1 },
		{ INBOX_END, sizeof(struct inbox_end) + 1 },
		{ INBOX_HELLO, 0xffffffff },
		{ INBOX_STDOUT, 0 },
		{ INBOX_STDOUT, INBOX_CHUNK_BYTES + 1 },
		{ INBOX_FILES, INBOX_CHUNK_BYTES + 1 },
		{ INBOX_FILES + 1, 4 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct heard h = { 0 };
		struct frames f = { .on_message = on_message, .user = &h };

		assert_int_equal(frames_feed(&f, (const char *)&wrong[i], sizeof(wrong[i])),
				 -EPROTO);
		assert_int_equal(h.messages, 0);
	}
}

static void test_a_container_fits_what_the_runner_can_lower(void **state)
{
	struct spec_limits usual = spec_limits_of(&limits_default, 0, 0), want = usual;

	assert_true(spec_fits(&usual, &want));
	want.open_files = 1;
	want.file_bytes = 1;
	assert_true(spec_fits(&usual, &want));
	want.open_files = usual.open_files + 1;
	assert_false(spec_fits(&usual, &want));
	want = usual;
	want.memory_kb--;
	assert_false(spec_fits(&usual, &want));
	want = usual;
	want.processes--;
	assert_false(spec_fits(&usual, &want));
}

static void test_the_profile_gains_the_runners_calls_only(void **state)
{
	static const char profile[] =
		"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
		"{\"names\": [\"seccomp\", \"mount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1},"
		"{\"names\": [\"landlock_add_rule\", \"openat2\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}]}";
	struct err err = ERR_INIT;
	char *text = NULL;

	assert_int_equal(spec_profile((struct text){ profile, sizeof(profile) - 1 }, &text, &err),
			 0);
	assert_non_null(strstr(
		text, "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}"));
	assert_non_null(strstr(
		text, "landlock_restrict_self\",\"openat2\"],\"action\":\"SCMP_ACT_ALLOW\""));
	assert_null(strstr(text, "\"errnoRet\":38"));
	free(text);
	assert_int_equal(spec_profile((struct text){ "{}", 2 }, &text, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_come_in_any_pieces),
		cmocka_unit_test(test_what_is_no_message_is_refused),
		cmocka_unit_test(test_a_container_fits_what_the_runner_can_lower),
		cmocka_unit_test(test_the_profile_gains_the_runners_calls_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
