/* SPDX-License-Identifier: Apache-2.0 */
/* What a desk is made of: each implementation's objects begin with these, and desk.c finds its way by them. */
#pragma once

#include "gate/desk/desk.h"

struct desk_ops { /* as desk.h has it; all are there */
	void (*drain)(struct desk *d, void (*on_empty)(void *user), void *user);
	void (*free)(struct desk *d);
	int (*submit)(struct desk *d, const struct desk_ask *ask, desk_then *then, void *user,
		      struct err *err);
	void (*forget)(struct desk *d, void *user);
	int (*lookup)(struct desk *d, const char *tenant, const char *id, desk_then *then,
		      void *user);
	const char *(*job_id)(const struct desk_job *j);
	enum desk_state (*job_state)(const struct desk_job *j, unsigned *ret_position);
	const char *(*job_result)(const struct desk_job *j, size_t *ret_len);
	struct desk_watch *(*watch)(struct desk_job *j, uint64_t after_seq,
				    void (*on_event)(void *user, const struct desk_event *event),
				    void *user);
	void (*unwatch)(struct desk_watch *w, bool cancel);
	void (*cancel)(struct desk_job *j);
	void (*count)(const struct desk *d, struct desk_counts *ret);
	void (*print_metrics)(const struct desk *d, FILE *to);
	const char *(*not_ready)(const struct desk *d);
};

struct desk {
	const struct desk_ops *ops;
};

struct desk_job {
	const struct desk_ops *ops;
};

struct desk_watch {
	const struct desk_ops *ops;
};
