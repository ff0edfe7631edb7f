/* SPDX-License-Identifier: Apache-2.0 */
/* What `kodewar serve` can be told on its command line, above what its configuration file says; see settings.h. */
#pragma once

#include <stdbool.h>

#include "gate/cli/options.h"

struct serve_settings {
	const char *config, *tokens, *state_dir, *redis; /* NULL: not said */
	struct option_list listen, hosts, origins;
	bool print_config;
};

#define SETTING_CONFIG \
	SETTING_TEXT("config", 'c', "FILE", serve.config, \
		     "the configuration, in YAML; --print-config shows every key and its default")
#define SETTING_PRINT_CONFIG \
	SETTING_FLAG("print-config", 0, serve.print_config, \
		     "print the default configuration, with what each key means, and end")
#define SETTING_LISTEN \
	SETTING_LIST( \
		"listen", 0, "ADDRESS", serve.listen, \
		"HOST:PORT, [HOST]:PORT, unix:PATH or systemd; may be repeated; 127.0.0.1:8080 when not given")
#define SETTING_TOKENS \
	SETTING_TEXT( \
		"tokens", 0, "FILE", serve.tokens, \
		"tenants and the hashes of their tokens; needed to listen where strangers are")
#define SETTING_HOST \
	SETTING_LIST("host", 0, "NAME", serve.hosts, \
		     "a name of this service besides loopback's; may be repeated")
#define SETTING_ORIGIN \
	SETTING_LIST("origin", 0, "URL", serve.origins, \
		     "web pages of this origin may ask, * for all; may be repeated")
#define SETTING_SERVE_REDIS \
	SETTING_TEXT( \
		"redis", 0, "URL", serve.redis, \
		"give jobs to a queue in Redis that any number of `kodewar worker`s serve, and make no boxes here; URL as they have it, or env for what the variable KODEWAR_REDIS says")
#define SETTING_STATE_DIR \
	SETTING_TEXT("state-dir", 0, "DIR", serve.state_dir, \
		     "where accepted jobs are kept; holds nothing else")
