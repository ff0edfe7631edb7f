/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the native backend know of it. Private to native*.c. */
#pragma once

#include "backend/native.h"
#include "backend/native_spare.h"
#include "backend/taken.h"
#include "sandbox/pump.h"

enum slot_state { SLOT_IDLE, SLOT_RUNNING, SLOT_CLEANING, SLOT_LOST };

struct native;

/* The engine's picture of one lane, and the box in it. */
struct native_box {
	struct native *native;
	unsigned lane;
	enum slot_state state;
	bool reported, busy; /* busy: on_done not yet called */
	int ahead;	     /* enum runner_kind of the program that waits there, or -1 */
	uint64_t id;
	struct backend_order order;
	struct facts facts;
	struct native_spare spare; /* for the next box */
	struct pump out, err;
	struct pump artefact;	 /* of a compile step: what init harvests */
	struct taken_pump files; /* of a run: likewise */
};

struct native {
	struct backend base;
	sd_event *loop;
	sd_event_source *source, *filler; /* of spares, when there is nothing else to do */
	int sock;			  /* owned */
	uint64_t last_box;
	bool warden_gone;
	void (*idle_fn)(void *user);
	void *idle_user;
	struct native_box boxes[WIRE_LANES_MAX];
};

/* native_order.c: x's order, with pumps that are prepared, starts them. 0 or a negative errno. */
int native_order_send(struct native_box *x);
