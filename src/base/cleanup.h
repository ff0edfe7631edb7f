/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound ownership, after systemd: a local that owns something carries a cleanup attribute,
 * and ownership leaves a scope only through TAKE_PTR or TAKE_FD.
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

#define TAKE_PTR(p) \
	({ \
		__typeof__(p) *pp_ = &(p), v_ = *pp_; \
		*pp_ = NULL; \
		v_; \
	})
#define TAKE_FD(fd) \
	({ \
		int *pfd_ = &(fd), v_ = *pfd_; \
		*pfd_ = -1; \
		v_; \
	})
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)
