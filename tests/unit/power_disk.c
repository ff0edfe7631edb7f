/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See power_disk.h.  Names point to inodes, as on a real disk: a file that is removed and made anew is another one, and
 * until its directory is synced the name may stand for either.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "power_disk.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX 8
#define INODES_MAX 64
#define SECTOR 512u

enum what { MADE, REMOVED, WRITTEN, CUT_SHORT, SYNCED, DIR_SYNCED };

struct thing {
	enum what what;
	int name, inode;
	size_t at, len; /* CUT_SHORT: to at */
	char *data;	/* owned, of WRITTEN */
};

struct power_file {
	sqlite3_file base;
	int inode; /* -1: none of ours */
	bool sync_dir, lies;
	_Alignas(8) char real[];
};

static struct {
	pthread_mutex_t lock;
	bool on;
	const char *lies;
	sqlite3_vfs vfs, *real;
	struct thing *things; /* owned */
	size_t len, room;
	char names[NAMES_MAX][64];
	int nnames, ninodes, points_to[NAMES_MAX];
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the log ---- */

static void note(struct thing t)
{
	pthread_mutex_lock(&disk.lock);
	if (disk.on) {
		if (disk.len == disk.room) {
			disk.room = disk.room ? 2 * disk.room : 1024;
			disk.things = realloc(disk.things, disk.room * sizeof(*disk.things));
			assert_non_null(disk.things);
		}
		disk.things[disk.len++] = t;
	} else {
		free(t.data);
	}
	pthread_mutex_unlock(&disk.lock);
}

static int name_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int i = 0;

	while (i < disk.nnames && strcmp(disk.names[i], name) != 0)
		i++;
	assert_true(i < NAMES_MAX);
	if (i == disk.nnames) {
		snprintf(disk.names[i], sizeof(disk.names[i]), "%s", name);
		disk.points_to[i] = -1;
		disk.nnames++;
	}
	return i;
}

/* ---- between SQLite and its files ---- */

static sqlite3_file *real_of(sqlite3_file *f)
{
	return (sqlite3_file *)(void *)((struct power_file *)(void *)f)->real;
}

#define REAL(f) real_of(f)->pMethods

static int on_close(sqlite3_file *f)
{
	return REAL(f)->xClose(real_of(f));
}

static int on_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	return REAL(f)->xRead(real_of(f), to, len, at);
}

static int on_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
	const struct power_file *p = (const void *)f;
	int rc = REAL(f)->xWrite(real_of(f), from, len, at);
	char *copy;

	if (rc != SQLITE_OK || p->inode < 0)
		return rc;
	copy = malloc((size_t)len);
	assert_non_null(copy);
	memcpy(copy, from, (size_t)len);
	note((struct thing){ .what = WRITTEN,
			     .inode = p->inode,
			     .at = (size_t)at,
			     .len = (size_t)len,
			     .data = copy });
	return rc;
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	const struct power_file *p = (const void *)f;
	int rc = REAL(f)->xTruncate(real_of(f), len);

	if (rc == SQLITE_OK && p->inode >= 0)
		note((struct thing){ .what = CUT_SHORT, .inode = p->inode, .at = (size_t)len });
	return rc;
}

/* As SQLite's own: with a new log or journal its directory is synced as well. */
static int on_sync(sqlite3_file *f, int flags)
{
	struct power_file *p = (void *)f;
	int rc = REAL(f)->xSync(real_of(f), flags);

	if (rc != SQLITE_OK || p->inode < 0 || p->lies)
		return rc;
	note((struct thing){ .what = SYNCED, .inode = p->inode });
	if (p->sync_dir)
		note((struct thing){ .what = DIR_SYNCED });
	p->sync_dir = false;
	return rc;
}

static int on_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return REAL(f)->xFileSize(real_of(f), ret);
}

static int on_lock(sqlite3_file *f, int level)
{
	return REAL(f)->xLock(real_of(f), level);
}

static int on_unlock(sqlite3_file *f, int level)
{
	return REAL(f)->xUnlock(real_of(f), level);
}

static int on_reserved(sqlite3_file *f, int *ret)
{
	return REAL(f)->xCheckReservedLock(real_of(f), ret);
}

static int on_control(sqlite3_file *f, int op, void *arg)
{
	return REAL(f)->xFileControl(real_of(f), op, arg);
}

static int on_sector_size(sqlite3_file *f)
{
	return REAL(f)->xSectorSize(real_of(f));
}

static int on_characteristics(sqlite3_file *f)
{
	return REAL(f)->xDeviceCharacteristics(real_of(f));
}

static int on_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return REAL(f)->xShmMap(real_of(f), page, size, extend, ret);
}

static int on_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return REAL(f)->xShmLock(real_of(f), at, n, flags);
}

static void on_shm_barrier(sqlite3_file *f)
{
	REAL(f)->xShmBarrier(real_of(f));
}

static int on_shm_unmap(sqlite3_file *f, int delete)
{
	return REAL(f)->xShmUnmap(real_of(f), delete);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2, /* without memory maps, whose writes nobody sees */
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_characteristics,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

static bool ends_in(const char *text, const char *ending)
{
	size_t len = strlen(text), n = strlen(ending);

	return len >= n && strcmp(text + len - n, ending) == 0;
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	const int own_dir = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
	bool made = path && access(path, F_OK) < 0;
	struct power_file *p = (void *)f;
	int rc, name;

	*p = (struct power_file){ .inode = -1 };
	rc = disk.real->xOpen(disk.real, path, real_of(f), flags, ret_flags);
	if (rc != SQLITE_OK)
		return rc;
	p->base.pMethods = &methods;
	if (!path || (flags & SQLITE_OPEN_DELETEONCLOSE))
		return rc;
	name = name_of(path);
	if (made) {
		assert_true(disk.ninodes < INODES_MAX);
		disk.points_to[name] = disk.ninodes++;
		note((struct thing){ .what = MADE, .name = name, .inode = disk.points_to[name] });
	}
	p->inode = disk.points_to[name];
	p->sync_dir = made && (flags & own_dir);
	p->lies = disk.lies && ends_in(path, disk.lies);
	return rc;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	int rc = disk.real->xDelete(disk.real, path, sync_dir), name = name_of(path);

	if (rc != SQLITE_OK)
		return rc;
	disk.points_to[name] = -1;
	note((struct thing){ .what = REMOVED, .name = name, .inode = -1 });
	if (sync_dir)
		note((struct thing){ .what = DIR_SYNCED });
	return rc;
}

/* The linker gives us the program's own calls. */
int __real_fsync(int fd); // NOLINT(bugprone-reserved-identifier)
int __wrap_fsync(int fd); // NOLINT(bugprone-reserved-identifier)

int __wrap_fsync(int fd) // NOLINT(bugprone-reserved-identifier)
{
	int r = __real_fsync(fd);
	struct stat st;

	if (r == 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		note((struct thing){ .what = DIR_SYNCED });
	return r;
}

void power_disk_begin(const char *lies)
{
	disk.real = sqlite3_vfs_find("unix");
	assert_non_null(disk.real);
	disk.vfs = *disk.real;
	disk.vfs.zName = "power";
	disk.vfs.pNext = NULL;
	disk.vfs.szOsFile = (int)sizeof(struct power_file) + disk.real->szOsFile;
	disk.vfs.xOpen = on_open;
	disk.vfs.xDelete = on_delete;
	disk.lies = lies;
	disk.on = true;
	assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

void power_disk_end(void)
{
	pthread_mutex_lock(&disk.lock);
	disk.on = false;
	pthread_mutex_unlock(&disk.lock);
	sqlite3_vfs_register(disk.real, 1);
}

void power_disk_forget(void)
{
	for (size_t i = 0; i < disk.len; i++)
		free(disk.things[i].data);
	free(disk.things);
	disk.things = NULL;
	disk.len = disk.room = 0;
	disk.nnames = disk.ninodes = 0;
}

size_t power_disk_now(void)
{
	size_t n;

	pthread_mutex_lock(&disk.lock);
	n = disk.len;
	pthread_mutex_unlock(&disk.lock);
	return n;
}

bool power_disk_synced_at(size_t at)
{
	return disk.things[at].what == SYNCED || disk.things[at].what == DIR_SYNCED;
}

/* ---- what is left ---- */

struct image { /* of an inode, as far as it is durable */
	char *data;
	size_t len, room;
	size_t synced; /* things below this one are in it */
};

struct cut {
	struct image images[INODES_MAX];
	int names[NAMES_MAX]; /* the inode, or -1 */
	size_t dir_synced;
	size_t things;
	enum power_loss loss;
	uint64_t chance;
};

static uint64_t draw(struct cut *c)
{
	c->chance ^= c->chance << 13;
	c->chance ^= c->chance >> 7;
	c->chance ^= c->chance << 17;
	return c->chance;
}

static void grow(struct image *m, size_t len)
{
	if (len > m->room) {
		m->room = 2 * len;
		m->data = realloc(m->data, m->room);
		assert_non_null(m->data);
	}
	if (len > m->len)
		memset(m->data + m->len, 0, len - m->len); /* a hole */
	m->len = len > m->len ? len : m->len;
}

static void apply(struct image *m, const struct thing *t)
{
	if (t->what == CUT_SHORT) {
		grow(m, t->at);
		m->len = t->at;
		return;
	}
	grow(m, t->at + t->len);
	memcpy(m->data + t->at, t->data, t->len);
}

/* Sector by sector: the new, the old, or neither of them. */
static void apply_torn(struct cut *c, struct image *m, const struct thing *t)
{
	grow(m, t->at + t->len);
	for (size_t i = 0; i < t->len; i += SECTOR) {
		size_t n = t->len - i < SECTOR ? t->len - i : SECTOR;
		uint64_t d = draw(c) % 8;

		if (d < 4)
			memcpy(m->data + t->at + i, t->data + i, n);
		else if (d == 4)
			memset(m->data + t->at + i, (int)(draw(c) & 0xff), n);
	}
}

static void apply_maybe(struct cut *c, struct image *m, const struct thing *t)
{
	uint64_t d = c->loss == POWER_LOSE_SOME ? draw(c) % 3 : 1;

	if (c->loss == POWER_LOSE_ALL || d == 0)
		return;
	if (d == 2 && t->what == WRITTEN)
		apply_torn(c, m, t);
	else
		apply(m, t);
}

/* Everything of this inode before `until` that is not in its image yet; all of it, or by chance. */
static void settle(struct cut *c, int inode, size_t until, bool all)
{
	struct image *m = &c->images[inode];

	for (size_t i = m->synced; i < until; i++) {
		const struct thing *t = &disk.things[i];

		if (t->inode != inode || (t->what != WRITTEN && t->what != CUT_SHORT))
			continue;
		if (all)
			apply(m, t);
		else
			apply_maybe(c, m, t);
	}
	m->synced = until;
}

static void settle_dir(struct cut *c, size_t until, bool all)
{
	for (size_t i = c->dir_synced; i < until; i++) {
		const struct thing *t = &disk.things[i];

		if (t->what != MADE && t->what != REMOVED)
			continue;
		if (all || c->loss == POWER_LOSE_NONE ||
		    (c->loss == POWER_LOSE_SOME && draw(c) % 2))
			c->names[t->name] = t->inode;
	}
	c->dir_synced = until;
}

static void replay(struct cut *c)
{
	for (size_t i = 0; i < c->things; i++)
		if (disk.things[i].what == SYNCED)
			settle(c, disk.things[i].inode, i, true);
		else if (disk.things[i].what == DIR_SYNCED)
			settle_dir(c, i, true);
	for (int i = 0; i < disk.ninodes; i++)
		settle(c, i, c->things, false);
	settle_dir(c, c->things, false);
}

static void write_file(const char *dir, const char *name, const struct image *m)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, m->data, m->len), m->len);
	close(fd);
}

void power_disk_cut(size_t things, enum power_loss loss, uint64_t seed, const char *dir)
{
	struct cut c = { .things = things,
			 .loss = loss,
			 .chance = seed * 0x9e3779b97f4a7c15ull + 1 };

	for (int i = 0; i < NAMES_MAX; i++)
		c.names[i] = -1;
	replay(&c);
	for (int i = 0; i < disk.nnames; i++)
		if (c.names[i] >= 0)
			write_file(dir, disk.names[i], &c.images[c.names[i]]);
	for (int i = 0; i < INODES_MAX; i++)
		free(c.images[i].data);
}
