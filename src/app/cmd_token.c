/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar token`: a new token for a tenant of the service.  It is printed once; the file gets its hash.  The file is read
 * before, and again after: what it cannot be read with is taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/command.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/tokens_yaml.h"
#include "gate/http/auth.h"

static int append(int fd, const char *name, const char *hash, off_t size)
{
	char text[256], last = '\n';
	int n;

	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		return -EIO;
	n = snprintf(text, sizeof(text), "%s- name: %s\n  hash: %s\n", last == '\n' ? "" : "\n",
		     name, hash);
	return fd_write_all(fd, text, (size_t)n);
}

static int check(const char *path, struct err *err)
{
	struct auth *auth = NULL;
	int r = auth_new(path, &auth, err);

	auth_free(auth);
	return r;
}

static int add(const char *path, const char *name, const char *hash, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;
	int r;

	if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", path);
	r = st.st_size > 0 ? check(path, err) : 0;
	if (r < 0)
		return r;
	r = append(fd, name, hash, st.st_size);
	if (r < 0)
		err_set(err, r, "%s", path);
	else
		r = check(path, err);
	if (r < 0 && ftruncate(fd, st.st_size) < 0)
		return err_set(err, errno, "%s: take a broken entry back", path);
	return r < 0 || fsync(fd) == 0 ? r : err_set(err, errno, "%s", path);
}

static int token(const struct settings *settings, const struct option_words *words)
{
	char text[AUTH_TOKEN_BYTES], hash[2 * AUTH_HASH_BYTES + 1];
	struct err err = ERR_INIT;
	int r;

	if (words->nwords != 1 || words->nrest)
		return command_usage_error("token", "takes one word, the tenant's name");
	if (!tokens_name_ok(words->words[0]))
		return command_usage_error("token",
					   "a name has 1 to 63 letters, digits, '-', '_' and '.'");
	if (!settings->serve.tokens)
		return command_usage_error("token", "--tokens FILE is needed");
	r = auth_make_token(text, hash);
	if (r < 0)
		err_set(&err, r, "get random bytes");
	else
		r = add(settings->serve.tokens, words->words[0], hash, &err);
	if (r < 0)
		return answer_failure("token", false, NULL, &err);
	printf("%s\n", text);
	fprintf(stderr,
		"kodewar token: shown this once; SIGHUP tells a running service to read %s\n",
		settings->serve.tokens);
	return command_end_stdout();
}

static const struct option_info options[] = { SETTING_TOKENS, SETTING_HELP };
static const char *const synopsis[] = { "--tokens FILE NAME", NULL };

const struct command command_token = {
	.name = "token",
	.synopsis = synopsis,
	.summary = "Make a token for a tenant of the service",
	.details =
		"Prints the token once, and adds its hash to FILE, which is made where there is none. A name that "
		"is there already gets a further token. In FILE each tenant may be given rate and burst "
		"(submissions a second, and at once), concurrency (boxes), queue (jobs that are not over) and caps "
		"(of limits).",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = token,
};
