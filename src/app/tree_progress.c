/* SPDX-License-Identifier: Apache-2.0 */
/* See tree_progress.h. */
#include "app/tree_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define BAR 30
#define SHOW_NSEC (100 * NSEC_PER_MSEC)

static void show(struct progress *p, uint64_t done, uint64_t all)
{
	int percent = all ? (int)(done * 100 / all) : -1;

	if (percent < 0) {
		fprintf(stderr, "\r%u/%u %-28s %" PRIu64 " MiB ", p->stage, p->stages, p->title,
			done >> 20);
		return;
	}
	percent = percent > 100 ? 100 : percent;
	fprintf(stderr, "\r%u/%u %-28s [", p->stage, p->stages, p->title);
	for (int i = 0; i < BAR; i++)
		fputc(i * 100 < percent * BAR ? '#' : '.', stderr);
	fprintf(stderr, "] %3d%%", percent);
	p->percent = percent;
}

static void step(void *user, uint64_t done, uint64_t all)
{
	struct progress *p = user;
	uint64_t now = clock_now_nsec();

	if (!p->terminal || p->quiet || now - p->shown_nsec < SHOW_NSEC)
		return;
	p->shown_nsec = now;
	show(p, done, all);
}

void progress_init(struct progress *p, unsigned stages, bool quiet)
{
	*p = (struct progress){ .stages = stages, .quiet = quiet, .terminal = isatty(2) };
	p->tell = (struct tree_progress){ step, p };
}

void progress_stage(struct progress *p, const char *title)
{
	progress_end(p);
	p->stage++;
	p->title = title;
	if (!p->quiet)
		fprintf(stderr, "%u/%u %s%s", p->stage, p->stages, title, p->terminal ? "" : "\n");
}

void progress_skip(struct progress *p, const char *title)
{
	progress_stage(p, title);
	if (!p->quiet)
		fprintf(stderr, "%s\n", p->terminal ? ": done before" : "  done before");
	p->title = NULL;
}

void progress_end(struct progress *p)
{
	if (p->title && p->terminal && !p->quiet)
		fputc('\n', stderr);
	p->title = NULL;
}
