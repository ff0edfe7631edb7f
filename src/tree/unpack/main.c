/* SPDX-License-Identifier: Apache-2.0 */
/* See unpack.h.  Nothing of the archive is read before the walls stand. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tree/unpack/unpack.h"

#define TELL_BYTES (8u << 20) /* of what comes out, between two lines */

void unpack_tell(struct unpack *u, struct archive *a)
{
	off_t at = lseek(u->fd, 0, SEEK_CUR);

	if (!a && u->bytes < u->told + TELL_BYTES)
		return;
	u->told = u->bytes;
	printf("p %lld %llu\n", (long long)(at < 0 ? 0 : at), (unsigned long long)u->size);
	fflush(stdout);
}

static int unpack_plain(struct unpack *u, struct err *err)
{
	struct archive *a = unpack_open(u, err);
	int r = a ? unpack_files(u, a, false, err) : -EBADMSG;

	unpack_close(&a);
	return r;
}

static int unpack_all(struct unpack *u, struct err *err)
{
	char **layers = NULL;
	int r = unpack_image(u, &layers, err);

	if (r < 0)
		return r;
	printf("k %s\n", r ? "image" : "files");
	if (r == 0)
		return unpack_plain(u, err);
	r = 0;
	for (size_t i = 0; layers[i]; i++) {
		if (r == 0)
			r = unpack_layer(u, layers[i], err);
		free(layers[i]);
	}
	free(layers);
	return r;
}

static int fail(const struct err *err)
{
	printf("e %s\n", *err->text ? err->text : strerror(-err->code));
	fflush(stdout);
	return 1;
}

int main(int argc, char **argv)
{
	struct unpack u = { .fd = STDIN_FILENO };
	struct err err = ERR_INIT;
	uint64_t uid;
	struct stat st;

	if (argc != 5 || parse_u64(argv[2], &uid) < 0 || uid > UINT32_MAX ||
	    parse_u64(argv[3], &u.max_bytes) < 0 || parse_u64(argv[4], &u.max_files) < 0) {
		fprintf(stderr, "usage: kodewar-unpack DIR UID MAX_BYTES MAX_FILES <ARCHIVE\n");
		return 2;
	}
	umask(022);
	if (sodium_init() < 0 || fstat(u.fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(&err, EINVAL, "the archive must be a file");
		return fail(&err);
	}
	u.size = (uint64_t)st.st_size;
	if (unpack_confine(argv[1], (unsigned)uid, u.max_bytes, &err) < 0)
		return fail(&err);
	if (unpack_all(&u, &err) < 0)
		return fail(&err);
	printf("s %llu\n", (unsigned long long)u.skipped);
	return fflush(stdout) == 0 ? 0 : 1;
}
