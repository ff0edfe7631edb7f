/* SPDX-License-Identifier: Apache-2.0 */
/* See box.h: what init and the program share, running a table of steps and telling of a failure. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/box.h"
#include "sandbox/layers.h"

void box_note_failed(const struct box *b, const char *step, int error)
{
	struct note n = { .kind = NOTE_FAILED, .error = error };

	strncpy(n.step, step, sizeof(n.step) - 1);
	fd_send_frame(b->note_fd, &n, sizeof(n), NULL, 0);
}

void box_run_steps(struct box *b, const struct box_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = steps[i].run(b);

		if (r < 0) {
			box_note_failed(b, steps[i].name, r);
			_exit(125);
		}
	}
}

bool box_has_rules(const struct box *b)
{
	return b->lane->landlock_abi > 0 && !layer_off(b->launch.layers_off, LAYER_LANDLOCK);
}

int box_close_but(unsigned from, const int *keep, size_t n)
{
	for (;;) {
		unsigned next = ~0u;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= (int)from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > from &&
		    syscall(SYS_close_range, from, next == ~0u ? next : next - 1, 0) < 0)
			return -errno;
		if (next == ~0u)
			return 0;
		from = next + 1;
	}
}
