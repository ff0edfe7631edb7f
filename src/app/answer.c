/* SPDX-License-Identifier: Apache-2.0 */
/* See answer.h. A refusal is no news for the operator, so a JSON caller gets nothing on stderr for it. */
#include "app/answer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/result_json.h"
#include "gate/cli/exit_code.h"

int answer_write(const char *text, size_t len, int code)
{
	int r = fd_write_all(STDOUT_FILENO, text, len);

	if (r == 0)
		return code;
	fprintf(stderr, "kodewar: cannot write to stdout: %s\n", strerror(-r));
	return KODEWAR_EXIT_FAILED;
}

int answer_refusal(const char *command, bool json, const struct refusal *refusal)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (json && result_json_encode_refusal(refusal, &text, &len) == 0)
		return answer_write(text, len, KODEWAR_EXIT_REFUSED);
	fprintf(stderr, "kodewar %s: %s: %s\n", command, *refusal->field ? refusal->field : "body",
		refusal->rule);
	return KODEWAR_EXIT_REFUSED;
}

int answer_failure(const char *command, bool json, const char *id, const struct err *err)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	fprintf(stderr, "kodewar %s: %s\n", command, err->text);
	if (json && result_json_encode_failure(id, err->text, &text, &len) == 0)
		return answer_write(text, len, KODEWAR_EXIT_HOST);
	return KODEWAR_EXIT_HOST;
}
