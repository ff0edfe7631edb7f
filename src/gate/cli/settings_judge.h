/* SPDX-License-Identifier: Apache-2.0 */
/* What `judge` can be told on its command line; see settings.h. */
#pragma once

#include <stdbool.h>

struct judge_settings {
	bool verify, all;
	const char *junit; /* NULL: none */
};

#define SETTING_VERIFY \
	SETTING_FLAG( \
		"verify", 0, judge.verify, \
		"judge the package's own example submissions, and fail where one does not get the verdict that its folder promises")
#define SETTING_ALL_TESTS \
	SETTING_FLAG("all", 'a', judge.all, \
		     "run all tests of a submission, also after the first that it does not pass")
#define SETTING_JUNIT \
	SETTING_TEXT( \
		"junit", 0, "FILE", judge.junit, \
		"write the outcome to FILE as JUnit's XML as well, one test case for each submission")
