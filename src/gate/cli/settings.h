/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the command line can say, and one row per option to say it with.  A command lists the rows that
 * it takes; the doc column is the help, the manual and the only description there is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate/cli/options.h"
#include "gate/cli/settings_backend.h"
#include "gate/cli/settings_bench.h"
#include "gate/cli/settings_celery.h"
#include "gate/cli/settings_judge.h"
#include "gate/cli/settings_serve.h"
#include "gate/cli/settings_tree.h"
#include "gate/cli/settings_worker.h"

#define SETTINGS_BODY_BYTES (128ull << 20)
#define SETTINGS_UNSAID UINT64_MAX
#define SETTINGS_LANES_MAX 63 /* one less than the warden's WIRE_LANES_MAX */

/* The words of SETTING_RUNNER, in their order. */
enum runner_mode { RUNNER_MODE_AUTO, RUNNER_MODE_COLD, RUNNER_MODE_WARM, RUNNER_MODE_POOLED };

/* The words of SETTING_COMPLETION, in their order. */
enum completion_shell { COMPLETION_BASH, COMPLETION_ZSH, COMPLETION_FISH, COMPLETION_NONE };

struct settings {
	/* what to run */
	const char *language, *tests, *stdin_file, *compare, *output_encoding;
	struct option_list args, env, limits;
	bool stop_on_failure;
	uint64_t repeat; /* SETTINGS_UNSAID: not said */
	/* how to answer */
	bool json, quiet, explain, man, help, quick, test;
	enum completion_shell completion;
	/* bench */
	bool requests;
	uint64_t in_flight;
	/* this deployment */
	uint64_t lanes; /* 0: as many as usable cpus */
	uint64_t max_body_bytes;
	enum runner_mode runner;
	enum backend_kind backend;
	const char *docker_host, *docker_tls, *docker_image, *docker_runtime;
	const char *languages_dir, *profile, *log_dir,
		*trees_dir; /* NULL: where paths.c finds them */
	const char *tree;   /* NULL: the host's */
	struct tree_settings trees;
	struct serve_settings serve;
	struct worker_settings worker;
	struct celery_settings celery;
	struct judge_settings judge;
};

#define SETTINGS_INIT \
	{ \
		.repeat = SETTINGS_UNSAID, .completion = COMPLETION_NONE, \
		.max_body_bytes = SETTINGS_BODY_BYTES, .in_flight = 1, \
		.worker = WORKER_SETTINGS_INIT, .celery = CELERY_SETTINGS_INIT, \
		.trees = TREE_SETTINGS_INIT \
	}

#define SETTING_(name, letter, kind, value, member, min, max, doc) \
	{ \
		name, letter, kind, value, offsetof(struct settings, member), min, max, doc \
	}
#define SETTING_FLAG(name, letter, member, doc) \
	SETTING_(name, letter, OPTION_FLAG, NULL, member, 0, 0, doc)
#define SETTING_TEXT(name, letter, value, member, doc) \
	SETTING_(name, letter, OPTION_TEXT, value, member, 0, 0, doc)
#define SETTING_LIST(name, letter, value, member, doc) \
	SETTING_(name, letter, OPTION_LIST, value, member, 0, 0, doc)

#define SETTING_TESTS \
	SETTING_TEXT( \
		"tests", 't', "TESTS", tests, \
		"judge FILE with the test cases of this JSON file: an array of {\"input\", \"expected\"}, or a request object without code")
#define SETTING_LANGUAGE \
	SETTING_TEXT( \
		"language", 'l', "NAME", language, \
		"language of FILE, by name or alias; told from the ending of its name when not given")
#define SETTING_STDIN_FILE \
	SETTING_TEXT("stdin-file", 0, "FILE", stdin_file, \
		     "what the program reads on its stdin, instead of our own")
#define SETTING_ARG \
	SETTING_LIST("arg", 0, "WORD", args, \
		     "one argument for the program; may be repeated, words after -- are added")
#define SETTING_ENV \
	SETTING_LIST("env", 'e', "NAME=VALUE", env, \
		     "one variable of the program's environment; may be repeated")
#define SETTING_LIMIT \
	SETTING_LIST( \
		"limit", 'L', "NAME=VALUE", limits, \
		"one limit, such as cpu_ms=2000; may be repeated; all names are in the manual")
#define SETTING_COMPARE \
	SETTING_TEXT( \
		"compare", 0, "MODE", compare, \
		"how test output is compared: trim (the default), exact, tokens, tokens_ignore_case, unordered, sorted_lines, regex, float or float:ABS:REL; docs/JUDGING.md")
#define SETTING_STOP \
	SETTING_FLAG("stop-on-failure", 0, stop_on_failure, \
		     "run no further test case after the first that is not accepted")
#define SETTING_REPEAT \
	SETTING_( \
		"repeat", 0, OPTION_NUMBER, "N", repeat, 0, REQUEST_REPEAT_MAX, \
		"how often a test case that its time limit ended is run again, and the best run counts; never when not given")
#define SETTING_OUTPUT_ENCODING \
	SETTING_TEXT( \
		"output-encoding", 0, "NAME", output_encoding, \
		"of output in the JSON result: utf-8 (invalid bytes become U+FFFD) or base64 (lossless)")
#define SETTING_JSON SETTING_FLAG("json", 'j', json, "print JSON on stdout")
#define SETTING_QUIET \
	SETTING_FLAG("quiet", 'q', quiet, "print no verdict and no table of test cases")
#define SETTING_EXPLAIN \
	SETTING_FLAG("explain", 0, explain, \
		     "print the plan for people (what is done without --json)")
#define SETTING_QUICK \
	SETTING_FLAG( \
		"quick", 0, quick, \
		"leave out the warm runners and what takes long: only whether programs would be run here")
#define SETTING_LANES \
	SETTING_( \
		"lanes", 0, OPTION_NUMBER, "N", lanes, 1, SETTINGS_LANES_MAX, \
		"how many boxes may run at once; as many as there are usable cpus when not given")
#define SETTING_MAX_BODY \
	SETTING_( \
		"max-body", 0, OPTION_SIZE, "BYTES", max_body_bytes, 1, 4ull << 30, \
		"refuse a request, source or test file that is larger, before it is parsed; K, M and G allowed, 128M when not given")
#define SETTING_RUNNER \
	SETTING_( \
		"runner", 0, OPTION_CHOICE, "auto|cold|warm|pooled", runner, 0, 0, \
		"how programs are started: cold (a new interpreter), warm (forked from a running one), pooled (forked before its order came), or auto, which is warm where that pays; warm and pooled end with 3 where the language has no warm runner here")
#define SETTING_LANGUAGES_DIR \
	SETTING_TEXT("languages-dir", 0, "DIR", languages_dir, \
		     "where the languages' *.yaml files lie")
#define SETTING_PROFILE \
	SETTING_TEXT("profile", 0, "FILE", profile, "the seccomp profile of programs")
#define SETTING_LOG_DIR \
	SETTING_TEXT( \
		"log-dir", 0, "DIR", log_dir, \
		"where sandbox.log and security.log are written; holds nothing else; - writes both to stderr")
#define SETTING_HELP SETTING_FLAG("help", 'h', help, "print this help and end")
#define SETTING_MAN SETTING_FLAG("man", 0, man, "print the manual page, as roff")
#define SETTING_COMPLETION \
	SETTING_("completion", 0, OPTION_CHOICE, "bash|zsh|fish", completion, 0, 0, \
		 "print a script that makes this shell complete our commands and options")
