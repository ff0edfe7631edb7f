/* SPDX-License-Identifier: Apache-2.0 */
/* See identity.h.  Everything is hashed with its length in front, so that no two different things give the same bytes. */
#include "app/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

typedef crypto_generichash_state hash_state;

static void add(hash_state *h, const void *data, uint64_t len)
{
	crypto_generichash_update(h, (const unsigned char *)&len, sizeof(len));
	if (len)
		crypto_generichash_update(h, data, len);
}

static void begin(hash_state *h)
{
	crypto_generichash_init(h, NULL, 0, IDENTITY_BYTES);
}

static void end(hash_state *h, struct identity *ret)
{
	crypto_generichash_final(h, ret->bytes, sizeof(ret->bytes));
}

void identity_of_languages(const struct language_set *set, struct identity *ret)
{
	hash_state h;

	begin(&h);
	for (size_t i = 0; i < set->len; i++) {
		const char *id = language_id(&set->langs[i]);

		add(&h, id, strlen(id));
		add(&h, set->langs[i].file.data, set->langs[i].file.len);
	}
	end(&h, ret);
}

static int add_file(hash_state *h, const char *path, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char part[4096];
	ssize_t n;

	if (fd < 0)
		return err_set(err, errno, "open %s", path);
	while ((n = read(fd, part, sizeof(part))) > 0)
		crypto_generichash_update(h, part, (unsigned long long)n);
	return n < 0 ? err_set(err, errno, "read %s", path) : 0;
}

int identity_of_boxes(const struct tree_place *tree, const struct language_set *set,
		      const char *profile, struct identity *ret, struct err *err)
{
	struct identity languages;
	hash_state h;
	int r;

	identity_of_languages(set, &languages);
	begin(&h);
	add(&h, tree->path, strlen(tree->path));
	add(&h, &tree->dev, sizeof(tree->dev));
	add(&h, &tree->ino, sizeof(tree->ino));
	add(&h, tree->digest, strlen(tree->digest));
	add(&h, &languages, sizeof(languages));
	for (size_t i = 0; i < set->len; i++)
		add(&h, set->langs[i].absent ? "-" : "+", 1);
	r = add_file(&h, profile, err);
	end(&h, ret);
	return r;
}

void identity_of_build(const struct paths *paths, struct identity *ret)
{
	const char *const ours[] = { paths->launcher,	paths->probe,	     paths->python,
				     paths->node_addon, paths->node_preload, paths->node_place };
	hash_state h;

	begin(&h);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		uint64_t stamp[5] = { 0 };
		struct stat st;

		if (stat(ours[i], &st) == 0) {
			stamp[0] = st.st_dev;
			stamp[1] = st.st_ino;
			stamp[2] = (uint64_t)st.st_size;
			stamp[3] = (uint64_t)st.st_mtim.tv_sec;
			stamp[4] = (uint64_t)st.st_mtim.tv_nsec;
		}
		add(&h, stamp, sizeof(stamp));
	}
	end(&h, ret);
}

bool identity_same(const struct identity *a, const struct identity *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
