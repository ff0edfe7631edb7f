/* SPDX-License-Identifier: Apache-2.0 */
/* Makes and proves a warden for a service that runs, in a process of its own; see keeper.h. */
#pragma once

#include "app/keeper.h"

struct prepare {
	const struct keeper_config *config;
	struct identity have;  /* by the service */
	struct identity build; /* of our programs, when the keeper was started */
	int sock;	       /* to the service */
	int keeper;	       /* the warden's number is told here, once there is one */
};

/* Says one struct handover on the socket. The caller ends then, whatever is returned: 0, or a negative errno. */
int prepare_run(const struct prepare *p);
