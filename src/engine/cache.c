/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cache.h.  What is hashed is told apart by its length in front, so that no two different steps give the same
 * bytes.  Artefacts are sealed memory files: nobody can change one, whoever holds it.  There are few hundred entries
 * at most, in the order of their last use: they are looked through one by one.
 */
#include "engine/cache.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

struct item {
	TAILQ_ENTRY(item) link;
	unsigned char key[CACHE_KEY_BYTES];
	struct cache_entry entry;
	uint64_t bytes;
	char said[]; /* out, then err */
};

TAILQ_HEAD(items, item);

struct cache {
	struct cache_config config;
	char *tree;	    /* owned */
	struct items items; /* the lately used first */
	struct cache_counts counts;
};

/* ---- keys ---- */

static void add(crypto_generichash_state *h, const void *data, uint64_t len)
{
	crypto_generichash_update(h, (const unsigned char *)&len, sizeof(len));
	crypto_generichash_update(h, data, len);
}

static void add_string(crypto_generichash_state *h, const char *s)
{
	add(h, s ? s : "", s ? strlen(s) : 0);
}

static void add_list(crypto_generichash_state *h, const char *const *list)
{
	uint64_t n = 0;

	while (list && list[n])
		n++;
	add(h, &n, sizeof(n));
	for (uint64_t i = 0; i < n; i++)
		add_string(h, list[i]);
}

/* A file that is another one, or was written, has another stamp. */
static void add_stamp(crypto_generichash_state *h, const char *path)
{
	uint64_t stamp[5] = { 0 };
	struct stat st;

	if (path && stat(path, &st) == 0) {
		stamp[0] = st.st_dev;
		stamp[1] = st.st_ino;
		stamp[2] = (uint64_t)st.st_size;
		stamp[3] = (uint64_t)st.st_mtim.tv_sec;
		stamp[4] = (uint64_t)st.st_mtim.tv_nsec;
	}
	add(h, stamp, sizeof(stamp));
}

void cache_key(const struct cache *c, const char *tenant, const struct plan *plan,
	       const struct plan_step *step, unsigned char key[static CACHE_KEY_BYTES])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, CACHE_KEY_BYTES);
	add_string(&h, c->tree);
	add_string(&h, tenant);
	if (c->config.host) {
		add_stamp(&h, step->argv[0]);
		add_stamp(&h, "/var/lib/dpkg/status"); /* headers, linkers, libraries */
		add_stamp(&h, "/etc/ld.so.cache");
	}
	add_string(&h, plan->language->name);
	add_string(&h, step->artefact);
	add_string(&h, step->cwd);
	add_list(&h, step->argv);
	add_list(&h, step->envp);
	add(&h, step->stdin_text.data, step->stdin_text.len);
	add(&h, &step->limits, sizeof(step->limits));
	add(&h, &step->nfiles, sizeof(step->nfiles));
	for (size_t i = 0; i < step->nfiles; i++) {
		const struct plan_file *f = &step->files[i];

		add_string(&h, f->name);
		add(&h, &f->mode, sizeof(f->mode));
		add(&h, f->content.data, f->content.len);
	}
	crypto_generichash_final(&h, key, CACHE_KEY_BYTES);
}

/* ---- entries ---- */

static void drop(struct cache *c, struct item *i)
{
	TAILQ_REMOVE(&c->items, i, link);
	c->counts.bytes -= i->bytes;
	c->counts.entries--;
	close(i->entry.artefact_fd);
	free(i);
}

static struct item *find(struct cache *c, const unsigned char *key)
{
	struct item *i;

	for (i = TAILQ_FIRST(&c->items); i; i = TAILQ_NEXT(i, link))
		if (memcmp(i->key, key, sizeof(i->key)) == 0)
			return i;
	return NULL;
}

bool cache_find(struct cache *c, const unsigned char *key, struct cache_entry *ret)
{
	struct item *i = find(c, key);

	if (!i)
		return false;
	TAILQ_REMOVE(&c->items, i, link);
	TAILQ_INSERT_HEAD(&c->items, i, link);
	*ret = i->entry;
	return true;
}

static struct item *make(const unsigned char *key, const struct cache_entry *e, uint64_t bytes)
{
	struct item *i = malloc(sizeof(*i) + e->out.len + e->err.len + 1);

	if (!i)
		return NULL;
	*i = (struct item){ .entry = *e, .bytes = bytes };
	memcpy(i->key, key, sizeof(i->key));
	i->entry.artefact_fd = fcntl(e->artefact_fd, F_DUPFD_CLOEXEC, 3);
	if (i->entry.artefact_fd < 0) {
		free(i);
		return NULL;
	}
	if (e->out.len)
		memcpy(i->said, e->out.data, e->out.len);
	if (e->err.len)
		memcpy(i->said + e->out.len, e->err.data, e->err.len);
	i->entry.out.data = i->said;
	i->entry.err.data = i->said + e->out.len;
	return i;
}

void cache_put(struct cache *c, const unsigned char *key, const struct cache_entry *e)
{
	struct item *i;
	struct stat st;
	uint64_t bytes;

	/* Only what nobody can change is given to others. */
	if (find(c, key) || fd_check_sealed(e->artefact_fd) < 0 || fstat(e->artefact_fd, &st) < 0)
		return;
	bytes = sizeof(*i) + (uint64_t)st.st_size + e->out.len + e->err.len;
	if (bytes > c->config.max_bytes || c->config.max_entries == 0)
		return;
	i = make(key, e, bytes);
	if (!i)
		return;
	while (c->counts.bytes + bytes > c->config.max_bytes ||
	       c->counts.entries >= c->config.max_entries)
		drop(c, TAILQ_LAST(&c->items, items));
	TAILQ_INSERT_HEAD(&c->items, i, link);
	c->counts.bytes += bytes;
	c->counts.entries++;
}

void cache_count(const struct cache *c, struct cache_counts *ret)
{
	*ret = c->counts;
}

/* ---- birth and end ---- */

struct cache *cache_new(const struct cache_config *config)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c || sodium_init() < 0) {
		free(c);
		return NULL;
	}
	c->config = *config;
	TAILQ_INIT(&c->items);
	c->tree = strdup(config->tree ? config->tree : "");
	if (!c->tree) {
		free(c);
		return NULL;
	}
	return c;
}

void cache_free(struct cache *c)
{
	struct item *i;

	if (!c)
		return;
	while ((i = TAILQ_FIRST(&c->items)))
		drop(c, i);
	free(c->tree);
	free(c);
}
