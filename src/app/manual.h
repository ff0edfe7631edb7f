/* SPDX-License-Identifier: Apache-2.0 */
/* kodewar(1), from the same tables as the help, the parser and the contract. */
#pragma once

#include <stdio.h>

void manual_print(FILE *to);
