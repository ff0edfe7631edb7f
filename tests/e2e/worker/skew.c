/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded ahead of a program: its clock of the day is wrong by the seconds that the file $SKEW_FILE holds (a 64-bit number,
 * which may be changed while it runs).  Monotonic clocks are left alone, as on a machine whose clock is set.  libfaketime
 * does more than that, and neither Redis (with jemalloc) nor the warden starts under it.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *skew_sec;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SKEW_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at =
		fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*skew_sec), PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		abort(); /* a test without its fault would pass */
	skew_sec = at;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int r = (int)syscall(SYS_clock_gettime, clock, ret);

	if (r == 0 && skew_sec && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ret->tv_sec += *skew_sec;
	return r;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	*ret = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (ret)
		*ret = t.tv_sec;
	return t.tv_sec;
}
