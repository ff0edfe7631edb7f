/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libuv's loop in a forked child: descriptors of its own, and timers that take no notice of how long the
 * zygote has lived.
 *
 * Without the second, every timer that V8 set in the zygote (its memory reducer does) would be due at
 * once, and each run would begin with a full garbage collection: 5.8 ms became 9.7 ms.
 */
#include "sandbox/runner/node/node_zygote.hh"
#include "sandbox/runner/node/zygote_c.hh"

static uv_loop_t *the_loop;
static uint64_t time_msec; /* of the loop, when its timers were last right */

void loop_prepare(uv_loop_t *loop)
{
	the_loop = loop;
	uv_update_time(loop);
	time_msec = uv_now(loop);
}

void loop_renew(void)
{
	uv_loop_fork(the_loop);
	zygote_keep(the_loop->backend_fd);
	zygote_keep(the_loop->async_io_watcher.fd);
	zygote_keep(the_loop->async_wfd);
	zygote_keep(the_loop->signal_pipefd[0]);
	zygote_keep(the_loop->signal_pipefd[1]);
}

static void shift_timer(uv_handle_t *handle, void *by)
{
	uv_timer_t *timer = (uv_timer_t *)handle;

	if (handle->type == UV_TIMER && uv_is_active(handle))
		timer->timeout += *(uint64_t *)by;
}

/* All are shifted by the same time, so that libuv's heap of timers stays in order. */
void loop_renew_time(void)
{
	uint64_t by;

	uv_update_time(the_loop);
	by = uv_now(the_loop) - time_msec;
	time_msec = uv_now(the_loop);
	uv_walk(the_loop, shift_timer, &by);
}
