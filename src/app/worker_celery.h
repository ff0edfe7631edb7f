/* SPDX-License-Identifier: Apache-2.0 */
/* Celery's queues as a source of jobs (worker.h). */
#pragma once

#include "app/worker.h"

extern const struct worker_source worker_celery_source;

/* What the command line says of Celery, before anything is opened. 0, or -EINVAL with what is wrong about it. */
int worker_celery_check(const struct settings *s, struct err *err);
