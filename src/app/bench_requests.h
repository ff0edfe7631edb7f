/* SPDX-License-Identifier: Apache-2.0 */
/* `kodewar bench --requests`: requests and results as lines, several at once, in one running engine. */
#pragma once

#include "app/service.h"

/* From service_enter to the end of stdin. 0 or a negative errno. */
int bench_requests(struct service *service, const struct settings *settings, struct err *err);
