/* SPDX-License-Identifier: Apache-2.0 */
/* `kodewar languages --test`. Returns an exit code: 1 where an offered language fails, or one that was named is not here. */
#pragma once

#include "app/service.h"
#include "gate/cli/options.h"

int languages_test(struct service *s, const struct settings *settings,
		   const struct option_words *words);
