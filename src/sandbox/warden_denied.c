/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Denied calls, as they arrive on the listener of a box's filter.  Only the fixed-size notification is
 * read, never the program's memory; the answer is always EPERM.  More of them than any honest program
 * makes, or one through a foreign ABI, end the box.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/seccomp_compile.h"
#include "sandbox/warden_box.h"

#define DENIED_MAX 100u /* denied calls in one box; more end it */

static void count_denied(struct facts *f, const struct seccomp_data *d)
{
	f->denied_total++;
	for (uint32_t i = 0; i < f->ndenied; i++)
		if (f->denied[i].nr == d->nr && f->denied[i].arch == d->arch) {
			f->denied[i].count++;
			return;
		}
	if (f->ndenied == FACTS_DENIED_MAX) {
		f->denied_other++;
		return;
	}
	f->denied[f->ndenied] = (struct denied_call){ .arch = d->arch, .nr = d->nr, .count = 1 };
	memcpy(f->denied[f->ndenied].args, d->args, sizeof(f->denied[0].args));
	f->ndenied++;
}

/* The caller stays in its call until it is dead: to close the listener would let it go on with ENOSYS. */
static void stop_serving(struct warden_context *w, struct warden_lane *l)
{
	epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, l->program.listener_fd, NULL);
	warden_box_kill(l, KILL_SECURITY);
}

bool warden_denied_over(const struct warden_lane *l)
{
	struct pollfd p = { .fd = l->program.listener_fd };

	return p.fd >= 0 && poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

void warden_denied_event(struct warden_context *w, struct warden_lane *l)
{
	struct pollfd p = { .fd = l->program.listener_fd, .events = POLLIN };
	union {
		struct seccomp_notif n;
		char room[512]; /* the kernel's may be larger than ours */
	} in;
	union {
		struct seccomp_notif_resp r;
		char room[512];
	} out;

	/*
	 * Receiving blocks where nothing is pending, so the listener is asked again: the event may be of
	 * an earlier box's. A hang-up alone says that nobody under the filter is left.
	 */
	if (poll(&p, 1, 0) <= 0)
		return;
	if (!(p.revents & POLLIN)) {
		/* It is closed with the box: it is asked again, and to close it takes the kernel a while. */
		epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, l->program.listener_fd, NULL);
		return;
	}
	memset(&in, 0, sizeof(in));
	if (ioctl(l->program.listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0) {
		if (errno == ENOENT || errno == EINTR || errno == EAGAIN)
			return; /* the caller died meanwhile */
		warden_box_fail(l, "listener", errno);
		warden_box_kill(l, KILL_BROKEN);
		return;
	}
	count_denied(&l->facts, &in.n.data);
	l->facts.foreign_abi |= seccomp_call_is_foreign(in.n.data.arch, in.n.data.nr);
	if (l->facts.denied_total > DENIED_MAX || l->facts.foreign_abi) {
		stop_serving(w, l);
		return;
	}
	memset(&out, 0, sizeof(out));
	out.r.id = in.n.id;
	out.r.error = -EPERM;
	ioctl(l->program.listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &out);
}
