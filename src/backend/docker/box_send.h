/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to the runner: the order at once, the rest as the line takes it. */
#pragma once

#include "backend/docker/box.h"

void box_send_order(struct docker_box *b);
void box_send_more(struct docker_box *b);
