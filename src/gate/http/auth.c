/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See auth.h.  The file is root's and the gate is not: its descriptor is kept from the start, and read again when the path
 * cannot be opened any more, as long as nothing says that another file stands there now.
 *
 * A token is 32 random bytes, so a plain hash of it is as hard to turn back as it gets; each is compared in full.
 */
#include "gate/http/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "codec/tokens_yaml.h"

#define FILE_BYTES_MAX 65536
#define ARENA_BYTES (16u << 20)

_Static_assert(AUTH_NAME_BYTES == TOKENS_NAME_MAX + 1 && AUTH_HASH_BYTES == TOKENS_HASH_BYTES,
	       "the file's and ours");

struct holder { /* a tenant and what is left of its rate */
	struct auth_tenant tenant;
	double level;
	uint64_t at_nsec;
};

struct book { /* what stands in the file */
	struct arena arena;
	const struct token_entry *entries;
	struct holder *holders; /* one for each entry; that of a further token is not used */
	size_t n;
};

struct auth {
	char *path; /* owned; NULL: everybody is nobody */
	int fd;	    /* owned: the file as it was at the start */
	struct book book;
	struct auth_tenant nobody;
};

/* ---- the file ---- */

static int read_file(const char *path, int fd, char text[static FILE_BYTES_MAX + 1],
		     size_t *ret_len, struct err *err)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, errno, "%s", path);
	if (st.st_mode & 0022) {
		err_set(err, 0, "%s: others than its owner may write to it: chmod go-w", path);
		return -EPERM;
	}
	n = fd_read_full(fd, text, FILE_BYTES_MAX + 1);
	if (n < 0 || n > FILE_BYTES_MAX)
		return err_set(err, n < 0 ? (int)n : EFBIG, "%s", path);
	*ret_len = (size_t)n;
	return 0;
}

static void make_holder(const struct token_entry *e, struct holder *h)
{
	h->tenant = (struct auth_tenant){
		.desk = { .name = e->name,
			  .concurrency = e->concurrency,
			  .queued_max = e->queue,
			  .caps = &e->caps },
		.rate = e->rate,
		.burst = e->burst,
	};
	h->level = e->burst;
	h->at_nsec = clock_now_nsec();
}

static struct holder *find_holder(const struct book *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!b->entries[i].more && !strcmp(b->entries[i].name, name))
			return &b->holders[i];
	return NULL;
}

static int make_book(struct book *b, const char *path, const char *text, size_t len,
		     struct err *err)
{
	struct token_entry *entries;
	int r = tokens_yaml_load_text(path, text, len, &b->arena, &entries, &b->n, err);

	if (r < 0)
		return r;
	b->entries = entries;
	b->holders = arena_alloc_array(&b->arena, b->n + 1, sizeof(*b->holders));
	if (!b->holders)
		return err_set(err, ENOMEM, "%s", path);
	for (size_t i = 0; i < b->n; i++)
		make_holder(&entries[i], &b->holders[i]);
	return 0;
}

/* Nobody gets a new rate by having the file read again. */
static void keep_levels(const struct book *old, struct book *new)
{
	for (size_t i = 0; i < new->n; i++) {
		const struct holder *before = find_holder(old, new->entries[i].name);

		if (!before)
			continue;
		new->holders[i].level = fmin(before->level, new->holders[i].level);
		new->holders[i].at_nsec = before->at_nsec;
	}
}

int auth_reload(struct auth *a, struct err *err)
{
	_cleanup_free_ char *text = malloc(FILE_BYTES_MAX + 1);
	_cleanup_close_ int fd = -1;
	struct book new = { 0 };
	size_t len;
	int r;

	if (!a->path)
		return 0;
	if (!text)
		return err_set(err, ENOMEM, "%s", a->path);
	fd = fd_open_again(a->path, a->fd);
	if (fd < 0)
		return err_set(err, fd, "%s", a->path);
	r = read_file(a->path, fd, text, &len, err);
	if (r < 0)
		return r;
	arena_init(&new.arena, ARENA_BYTES);
	r = make_book(&new, a->path, text, len, err);
	if (r < 0) {
		arena_done(&new.arena);
		return r;
	}
	keep_levels(&a->book, &new);
	arena_done(&a->book.arena);
	a->book = new;
	return 0;
}

int auth_new(const char *path, struct auth **ret, struct err *err)
{
	struct auth *a = calloc(1, sizeof(*a));
	int r;

	if (!a || sodium_init() < 0) {
		free(a);
		return err_set(err, ENOMEM, "read the tokens");
	}
	arena_init(&a->book.arena, ARENA_BYTES);
	a->fd = -1;
	a->nobody.desk.name = "";
	a->path = path ? strdup(path) : NULL;
	r = path && !a->path ? err_set(err, ENOMEM, "%s", path) : auth_reload(a, err);
	if (r == 0 && path && (a->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		r = err_set(err, errno, "%s", path);
	if (r < 0) {
		auth_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

void auth_free(struct auth *a)
{
	if (!a)
		return;
	arena_done(&a->book.arena);
	fd_drop(&a->fd);
	free(a->path);
	free(a);
}

/* ---- who ---- */

bool auth_required(const struct auth *a)
{
	return a->path;
}

static const struct auth_tenant *find_token(const struct book *b, const char *token, size_t len)
{
	unsigned char hash[AUTH_HASH_BYTES];
	const struct token_entry *found = NULL;

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)token, len, NULL, 0);
	for (size_t i = 0; i < b->n; i++)
		if (sodium_memcmp(hash, b->entries[i].hash, sizeof(hash)) == 0)
			found = &b->entries[i];
	return found ? &find_holder(b, found->name)->tenant : NULL;
}

const struct auth_tenant *auth_find(struct auth *a, const char *header)
{
	size_t len;

	if (!a->path)
		return &a->nobody;
	if (!header || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	header += 7 + strspn(header + 7, " ");
	len = strcspn(header, " ");
	return len > 0 && !header[len + strspn(header + len, " ")]
		       ? find_token(&a->book, header, len)
		       : NULL;
}

const struct auth_tenant *auth_by_name(struct auth *a, const char *name)
{
	struct holder *h = a->path ? find_holder(&a->book, name) : NULL;

	if (!a->path)
		return &a->nobody;
	return h ? &h->tenant : NULL;
}

/* ---- how much ---- */

unsigned auth_take(struct auth *a, const char *name)
{
	struct holder *h = a->path ? find_holder(&a->book, name) : NULL;
	uint64_t now = clock_now_nsec();

	if (!h || h->tenant.rate <= 0)
		return 0;
	h->level += (double)(now - h->at_nsec) / NSEC_PER_SEC * h->tenant.rate;
	h->level = fmin(h->level, h->tenant.burst);
	h->at_nsec = now;
	if (h->level < 1)
		return (unsigned)fmin(ceil((1 - h->level) / h->tenant.rate), 3600);
	h->level -= 1;
	return 0;
}

void auth_charge(struct auth *a, const char *name, uint64_t submissions)
{
	struct holder *h = a->path ? find_holder(&a->book, name) : NULL;

	if (h && h->tenant.rate > 0)
		h->level -= (double)submissions;
}

/* ---- new ones ---- */

int auth_make_token(char token[static AUTH_TOKEN_BYTES], char hash[static 2 * AUTH_HASH_BYTES + 1])
{
	unsigned char bytes[32], digest[AUTH_HASH_BYTES];

	if (sodium_init() < 0)
		return -EIO;
	randombytes_buf(bytes, sizeof(bytes));
	snprintf(token, AUTH_TOKEN_BYTES, "kw_");
	sodium_bin2hex(token + 3, AUTH_TOKEN_BYTES - 3, bytes, sizeof(bytes));
	crypto_generichash(digest, sizeof(digest), (const unsigned char *)token, strlen(token),
			   NULL, 0);
	sodium_bin2hex(hash, 2 * AUTH_HASH_BYTES + 1, digest, sizeof(digest));
	sodium_memzero(bytes, sizeof(bytes));
	return 0;
}
