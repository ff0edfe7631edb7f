/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every layer tried by running a child that tries to break it: at start, and by `kodewar doctor`.  A
 * layer that does not bite is reported; a required one that does not bite refuses jobs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "backend/backend.h"
#include "model/text.h"

enum probe_state { PROBE_UNKNOWN, PROBE_OK, PROBE_MISSING };

struct probe_layer {
	const char *name;
	const char *doc;  /* what it gives */
	const char *cure; /* how to get it where it is missing */
	bool required;	  /* but see probe_required() */
};

extern const struct probe_layer probe_layers[];
extern const size_t probe_layers_len;

#define PROBE_LAYERS_MAX 32

struct probe_report {
	bool container; /* boxes are an engine's containers: what they cannot have is not required */
	bool partial; /* what the engine enforces or we do ourselves was not tried: unknown is no fault */
	struct {
		enum probe_state state;
		char detail[160];
	} layers[PROBE_LAYERS_MAX]; /* as probe_layers[] */
	bool borrowed;		    /* as in the config */
};

#define PROBE_NAMESPACES 7

struct probe_config {
	struct text program; /* the static probe, whole */
	bool container; /* boxes are an engine's: at start only what a program says itself is tried … */
	bool limits;   /* … and the limits, where a start is paid once */
	bool rootless; /* init has the program's own uid, and is out of its reach by other means */
	bool borrowed; /* the cgroup is a container's: bandwidth cannot be bounded, and is not required */
	bool own_tree; /* boxes see a tree of one's own: nothing at all of the host */
	bool thorough; /* also what takes longer than starting should; else left unknown */
	int disk_fd;   /* probe_open_disk(), owned by the caller; or -1 */
	char host_namespaces[PROBE_NAMESPACES][64]; /* probe_read_namespaces() */
};

#define PROBE_CONFIG_INIT \
	{ \
		.disk_fd = -1 \
	}

/* Before privileges are dropped. 0 or a negative errno. */
int probe_read_namespaces(struct probe_config *c);
/*
 * A large file of the tree (an open directory, or -1 for the host's own), to be read past every cache: in a box no
 * program may open one so.  A descriptor, or -1 where there is none.
 */
int probe_open_disk(int tree_fd);

/* Runs all probes, on the loop, and returns when they are done. 0 or a failure that tells of none. */
int probe_run(sd_event *loop, struct backend *b, const struct probe_config *c,
	      struct probe_report *ret, struct err *err);

void probe_report_unknown(struct probe_report *r, const char *why);
bool probe_required(const struct probe_report *r, size_t layer);
/* Whether every required layer is ok; else *ret_names gets "a, b" (room for 256). */
bool probe_required_ok(const struct probe_report *r, char *names, size_t size);
