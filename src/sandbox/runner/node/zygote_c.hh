/* SPDX-License-Identifier: Apache-2.0 */
/* The core of all zygotes, which is C, as C++ sees it. */
#pragma once

extern "C" {
#include "sandbox/payload.h"
#include "sandbox/runner/zygote.h"
}

#define ZYGOTE_SOCKET_FD 3
