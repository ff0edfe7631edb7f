/* SPDX-License-Identifier: Apache-2.0 */
/* The warden's own: one lane with the box that runs in it, as a small state machine over descriptors. */
#pragma once

#include <stdbool.h>

#include "sandbox/lane.h"
#include "sandbox/slot.h"
#include "sandbox/wire.h"

enum warden_source {
	SOURCE_ENGINE,
	SOURCE_LAUNCHER,
	SOURCE_NOTE,
	SOURCE_PIDFD,
	SOURCE_LISTENER,
	SOURCE_TIMER
};

enum warden_state {
	LANE_IDLE,
	LANE_RUNNING,  /* from the order until init is dead */
	LANE_CLEANING, /* the leaf is not yet back to nothing */
	LANE_LOST,
};

struct warden_lane {
	struct lane lane;
	enum warden_state state;
	bool launcher_dead;
	unsigned boxes; /* made so far: chooses the next uid */
	unsigned clean_tries;
	int timer_fd; /* owned, lives as long as the lane */
	/* of the running box */
	int note_fd, pidfd, listener_fd; /* owned */
	uint64_t box;
	struct limits limits;
	uint64_t wall_cap_ms;
	uint64_t release_nsec, end_nsec, cpu_base_usec, memory_base_bytes;
	struct facts facts;
};

struct warden_context {
	int epoll_fd, engine_fd;
	unsigned cpus, layers_off;
	unsigned io_major, io_minor;
	struct limits caps;
	struct slot slot;
	struct cgroup_root cgroups;
	struct lane_config lane_config;
	struct warden_lane lanes[WIRE_LANES_MAX];
	unsigned nlanes;
	bool engine_gone;
};

int warden_watch(const struct warden_context *w, int fd, unsigned lane, enum warden_source source);
void warden_report(struct warden_context *w, enum report_kind kind, const struct warden_lane *l);

/* The order was checked; takes the descriptors over. */
void warden_box_start(struct warden_context *w, struct warden_lane *l, const struct order *o,
		      const int *fds, size_t nfds);
void warden_box_kill(struct warden_lane *l, enum box_kill why);
/* An event on one of the lane's descriptors, perhaps of an earlier box's: whoever reads must not wait. */
void warden_box_event(struct warden_context *w, struct warden_lane *l, enum warden_source source);

/* The host's failure at a step: the first one of a box counts. error: an errno of either sign. */
void warden_box_fail(struct warden_lane *l, const char *step, int error);
/* An event on the listener; see warden_denied.c. */
void warden_denied_event(struct warden_context *w, struct warden_lane *l);
