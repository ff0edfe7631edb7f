/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cli_input.h.  A body over the cap is refused without having been kept or looked at: a plain file
 * by its size, anything else as soon as it has said one byte too many.
 */
#include "gate/cli/cli_input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define READ_FIRST_BYTES 65536

static int open_one(const char *field, const char *path, int *ret, struct refusal *refusal)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return refusal_set(refusal, field, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return refusal_set(refusal, field, "%s is a directory", path);
	}
	*ret = fd;
	return 0;
}

int cli_inputs_open(struct cli_inputs *in, const struct settings *s, const char *name,
		    struct refusal *refusal)
{
	int r = 0;

	in->name = name;
	if (strcmp(name, "-") != 0)
		r = open_one("FILE", name, &in->source_fd, refusal);
	if (r == 0 && s->tests)
		r = open_one("--tests", s->tests, &in->tests_fd, refusal);
	if (r == 0 && s->stdin_file)
		r = open_one("--stdin-file", s->stdin_file, &in->stdin_fd, refusal);
	return r;
}

void cli_inputs_done(struct cli_inputs *in)
{
	closep(&in->source_fd);
	closep(&in->tests_fd);
	closep(&in->stdin_fd);
	*in = (struct cli_inputs)CLI_INPUTS_INIT;
}

static int grow(char **data, size_t *room, uint64_t max_bytes)
{
	uint64_t more = *room ? 2 * (uint64_t)*room : READ_FIRST_BYTES;
	char *bigger;

	if (more > max_bytes + 1) /* one byte more than allowed tells "too large" */
		more = max_bytes + 1;
	bigger = realloc(*data, more);
	if (!bigger)
		return -ENOMEM;
	*data = bigger;
	*room = more;
	return 0;
}

static int too_large(const char *what, uint64_t max_bytes, struct refusal *refusal)
{
	return refusal_set(refusal, what, "is larger than %llu bytes",
			   (unsigned long long)max_bytes);
}

int cli_input_read(int fd, const char *what, uint64_t max_bytes, char **ret, size_t *ret_len,
		   struct refusal *refusal)
{
	_cleanup_free_ char *data = NULL;
	size_t room = 0, len = 0;
	struct stat st;
	int r;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size > max_bytes)
		return too_large(what, max_bytes, refusal);
	for (;;) {
		ssize_t n;

		if (len == room) {
			r = grow(&data, &room, max_bytes);
			if (r < 0)
				return r;
		}
		n = fd_read_full(fd, data + len, room - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max_bytes)
			return too_large(what, max_bytes, refusal);
		if (len < room)
			break;
	}
	*ret_len = len;
	*ret = TAKE_PTR(data);
	return 0;
}
