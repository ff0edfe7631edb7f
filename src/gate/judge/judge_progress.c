/* SPDX-License-Identifier: Apache-2.0 */
/* See judge_progress.h. */
#include "gate/judge/judge_progress.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define BAR 30
#define WHAT 40
#define PAUSE_NSEC (100 * NSEC_PER_MSEC)

void judge_progress_init(struct judge_progress *p, bool wanted, size_t total)
{
	*p = (struct judge_progress){ .on = wanted && isatty(STDERR_FILENO), .total = total };
}

/* What a stopped terminal does not take is not worth a halt. */
static void put(const char *text, size_t len)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&fd, 1, 0) == 1 && fd.revents & POLLOUT && write(STDERR_FILENO, text, len) < 0)
		return;
}

void judge_progress_draw(struct judge_progress *p, size_t done, const char *what)
{
	static const char full[] = "##############################",
			  empty[] = "..............................";
	uint64_t now = clock_now_nsec();
	int filled = p->total ? (int)(done * BAR / p->total) : 0;
	size_t len = strlen(what);
	char line[256];
	int n;

	filled = filled > BAR ? BAR : filled;
	if (!p->on || (p->drawn && now - p->drawn_nsec < PAUSE_NSEC))
		return;
	n = snprintf(line, sizeof(line), "\r[%.*s%.*s] %zu/%zu tests  %-*.*s", filled, full,
		     BAR - filled, empty, done, p->total, WHAT, WHAT,
		     len > WHAT ? what + len - WHAT : what);
	put(line, (size_t)n);
	p->drawn = true;
	p->drawn_nsec = now;
}

void judge_progress_clear(struct judge_progress *p)
{
	static const char clear[] = "\r\033[K";

	if (p->drawn)
		put(clear, sizeof(clear) - 1);
	p->drawn = false;
}
