/* SPDX-License-Identifier: Apache-2.0 */
/* The one event loop of an unprivileged process: a name for sd-event, and what all users of it need. */
#pragma once

#include <systemd/sd-event.h>

static inline void loop_source_drop(sd_event_source **s)
{
	if (*s)
		sd_event_source_disable_unref(*s);
	*s = NULL;
}
