/* SPDX-License-Identifier: Apache-2.0 */
/* What shells complete, from the same tables as the parser: a script for each of them. */
#pragma once

#include <stdio.h>

#include "gate/cli/settings.h"

void completion_print(FILE *to, enum completion_shell shell);
