/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every frame that crosses a process border: fixed size, SOCK_SEQPACKET, descriptors beside it.
 *
 *   engine --order-->  warden  --launch-->    launcher, zygote --fork--> init, program
 *   engine <--report-- warden  <--launched--  launcher, zygote
 *                      warden  <--note--      init, program before its code runs
 *                      warden  --release-->   init   <--peer-->   program
 *
 * Numbers are the host's; all frames are made and read by programs of one build.  The order is the one
 * border where privilege changes: the warden checks every field of it (order.h).  Text a user
 * chose travels only in the payload file (payload.h), which the warden passes on without reading.
 */
#pragma once

#include <stdint.h>

#include "model/facts.h"
#include "model/language.h"
#include "model/limits.h"

#define WIRE_LANES_MAX 64
#define WIRE_TEXT_BYTES 96

/* ---- engine and warden ---- */

enum order_kind {
	ORDER_RUN = 1,
	ORDER_KILL,
	ORDER_WARM, /* start the runner's zygote in this lane, or start it anew */
};

enum order_flags {
	ORDER_ARTEFACT_OUT = 1, /* harvest the artefact into the 5th descriptor, a pipe */
	ORDER_ARTEFACT_IN = 2,	/* the 5th descriptor is the sealed artefact */
	ORDER_REFILL = 4,	/* fork the next program of this runner ahead of its order */
	ORDER_FILES_OUT =
		8, /* the last descriptor is a pipe for the files that the payload names */
};

/* ORDER_RUN carries descriptors: payload, stdin, stdout, stderr[, artefact][, files]. */
struct order {
	uint32_t kind;
	uint32_t lane;
	uint64_t box; /* chosen by the engine, never used twice */
	uint32_t flags;
	uint32_t kill;	      /* ORDER_KILL: enum box_kill */
	uint32_t runner;      /* enum runner_kind */
	uint32_t reserved;    /* 0 */
	uint64_t wall_cap_ms; /* what the submission has left; 0 = no cap */
	struct limits limits; /* complete */
};

enum report_kind {
	REPORT_DONE = 1,
	REPORT_IDLE,
	REPORT_LOST,
	REPORT_ZYGOTE,
	REPORT_STUCK,
	REPORT_FREED,
};

/*
 * DONE: facts of a box.  IDLE: the lane may be used again.  LOST: it never may.  ZYGOTE: that of `runner`
 * serves in this lane (error 0, text is the runtime's version), or not and why.  STUCK: whoever was killed in it does not
 * die, and until FREED nothing can be begun there; everything else about the lane is told as ever.
 */
struct report {
	uint32_t kind;
	uint32_t lane;
	uint64_t box;
	uint32_t runner;
	int32_t error; /* negative errno */
	char text[WIRE_TEXT_BYTES];
	struct facts facts;
};
