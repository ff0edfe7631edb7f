/* SPDX-License-Identifier: Apache-2.0 */
/* What `bench` can be told on its command line; see settings.h. */
#pragma once

#define SETTING_REQUESTS \
	SETTING_FLAG( \
		"requests", 0, requests, \
		"each line on stdin is a request's JSON, each line on stdout its result's, with nsec and line before its own fields")
#define SETTING_IN_FLIGHT \
	SETTING_("in-flight", 0, OPTION_NUMBER, "N", in_flight, 1, SETTINGS_LANES_MAX, \
		 "with --requests: how many are worked on at once; 1 when not given")
