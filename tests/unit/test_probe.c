/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of the burning probe's measurements (too much once is tried again, for longer; too much each time is a layer that is missing), and who is given the disk to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/probe.h"
#include "engine_world.h"

#define LAYER "cgroup-cpu"
#define TRIES 3

/* How the tries are measured, in turn. */
static struct {
	struct {
		uint64_t wall_usec, cpu_usec, throttled_usec;
	} tries[TRIES];
	bool throttled_known, uncounted; /* uncounted: no period of a bound on cpu */
	int wait_status;
	const char *seen[2 * TRIES];
	size_t nseen;
	unsigned readers, given; /* probes that read the disk, and those that were given a stdin */
} scene;

static void script(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	const char *what = o->step->argv[1];
	size_t n = scene.nseen;

	(void)w;
	scene.readers += strcmp(what, "read") == 0;
	scene.given += o->live_stdin_fd >= 0;
	if (strncmp(what, "burn", 4) != 0)
		return;
	assert_true(n < TRIES);
	scene.seen[scene.nseen++] = what;
	end->facts.wall_usec = scene.tries[n].wall_usec;
	end->facts.cpu_usec = scene.tries[n].cpu_usec;
	end->facts.wait_status = scene.wait_status;
	end->facts.throttled_known = scene.throttled_known;
	end->facts.throttled_usec = scene.tries[n].throttled_usec;
	end->facts.cpu_periods = scene.uncounted ? 0 : scene.tries[n].wall_usec / 10000;
}

static struct probe_report report;

static size_t layer_at(const char *name)
{
	for (size_t i = 0; i < probe_layers_len; i++)
		if (strcmp(probe_layers[i].name, name) == 0)
			return i;
	fail();
	return 0;
}

static enum probe_state run_probes(unsigned lanes, struct probe_config config)
{
	struct world w;

	config.program = TEXT("x");
	if (config.disk_fd == 0)
		config.disk_fd = -1;
	scene.nseen = 0;
	world_make(&w, lanes);
	w.script = script;
	assert_int_equal(probe_run(w.loop, w.backend, &config, &report, NULL), 0);
	world_end(&w);
	return report.layers[layer_at(LAYER)].state;
}

static enum probe_state run(unsigned lanes, bool borrowed)
{
	return run_probes(lanes, (struct probe_config){ .borrowed = borrowed });
}

#define WITHIN 60000, 71000, 52000
#define AT_BOUND 60000, 95000, 0
#define TOO_MUCH 60000, 95001, 52000
#define TWO_PROCESSORS 60000, 113000, 0
#define LONGER 120000, 130000, 90000
#define BUSY_HOST 120000, 100000, 0
#define LONGEST 240000, 250000, 200000
#define LONGEST_OF_TWO 240000, 330000, 0

static void test_within_its_bandwidth_it_is_not_tried_again(void **state)
{
	(void)state;
	for (unsigned lanes = 1; lanes < 4; lanes++) {
		memset(&scene, 0, sizeof(scene));
		scene.throttled_known = true;
		scene.tries[0] = (typeof(scene.tries[0])){ WITHIN };
		assert_int_equal(run(lanes, false), PROBE_OK);
		assert_int_equal(scene.nseen, 1);
		scene.tries[0] = (typeof(scene.tries[0])){ AT_BOUND };
		assert_int_equal(run(lanes, false), PROBE_OK);
		assert_int_equal(scene.nseen, 1);
	}
}

static void test_too_much_once_is_tried_for_longer(void **state)
{
	(void)state;
	for (unsigned lanes = 1; lanes < 4; lanes++) {
		memset(&scene, 0, sizeof(scene));
		scene.throttled_known = true;
		scene.tries[0] = (typeof(scene.tries[0])){ TOO_MUCH };
		scene.tries[1] = (typeof(scene.tries[0])){ LONGER };
		assert_int_equal(run(lanes, false), PROBE_OK);
		assert_int_equal(scene.nseen, 2);
		assert_string_equal(scene.seen[0], "burn");
		assert_string_equal(scene.seen[1], "burn-longer");
	}
}

static void test_too_much_each_time_is_a_missing_layer(void **state)
{
	(void)state;
	for (unsigned lanes = 1; lanes < 4; lanes++) {
		memset(&scene, 0, sizeof(scene));
		scene.tries[0] = (typeof(scene.tries[0])){ TWO_PROCESSORS };
		scene.tries[1] = (typeof(scene.tries[0])){ 120000, 226000, 0 };
		scene.tries[2] = (typeof(scene.tries[0])){ LONGEST_OF_TWO };
		assert_int_equal(run(lanes, false), PROBE_MISSING);
		assert_int_equal(scene.nseen, 3);
		assert_string_equal(scene.seen[2], "burn-longest");
	}
}

/* Little cpu time proves nothing where more was had before and nobody stood still. */
static void test_a_busy_host_is_no_bound(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.throttled_known = true;
	scene.tries[0] = (typeof(scene.tries[0])){ TWO_PROCESSORS };
	scene.tries[1] = (typeof(scene.tries[0])){ BUSY_HOST };
	scene.tries[2] = (typeof(scene.tries[0])){ 240000, 100000, 0 };
	assert_int_equal(run(2, false), PROBE_MISSING);
	assert_int_equal(scene.nseen, 3);
	scene.tries[2] = (typeof(scene.tries[0])){ LONGEST };
	assert_int_equal(run(2, false), PROBE_OK);
	scene.throttled_known = false; /* no word of the kernel's to go by */
	assert_int_equal(run(2, false), PROBE_MISSING);
	assert_int_equal(scene.nseen, 3);
}

/* Who ended at once used nothing, and has shown nothing. */
static void test_who_did_not_burn_has_shown_nothing(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.throttled_known = true;
	scene.wait_status = 1 << 8;
	for (size_t i = 0; i < TRIES; i++)
		scene.tries[i] = (typeof(scene.tries[0])){ 1000, 500, 0 };
	assert_int_equal(run(2, false), PROBE_MISSING);
	assert_int_equal(scene.nseen, 3);
}

/* Other work had the processors: at a start that is let be, a doctor looks again. */
static void test_nothing_shown_is_looked_into(void **state)
{
	const struct probe_config doctor = { .thorough = true };

	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.throttled_known = true;
	scene.tries[0] = (typeof(scene.tries[0])){ 60000, 50000, 0 };
	assert_int_equal(run(2, false), PROBE_OK);
	assert_int_equal(scene.nseen, 1);
	scene.tries[1] = (typeof(scene.tries[0])){ 120000, 226000, 0 };
	scene.tries[2] = (typeof(scene.tries[0])){ LONGEST_OF_TWO };
	assert_int_equal(run_probes(2, doctor), PROBE_MISSING);
	assert_int_equal(scene.nseen, 3);
	scene.tries[1] = scene.tries[2] = (typeof(scene.tries[0])){ 240000, 200000, 0 };
	assert_int_equal(run_probes(2, doctor), PROBE_OK); /* one processor, or always busy */
	assert_int_equal(scene.nseen, 3);
	scene.tries[0] = (typeof(scene.tries[0])){ WITHIN };
	assert_int_equal(run_probes(2, doctor), PROBE_OK);
	assert_int_equal(scene.nseen, 1);
}

/* However little of the processors other work has left. */
static void test_where_no_period_is_counted_there_is_no_bound(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.throttled_known = scene.uncounted = true;
	for (size_t i = 0; i < TRIES; i++)
		scene.tries[i] = (typeof(scene.tries[0])){ BUSY_HOST };
	assert_int_equal(run(2, false), PROBE_MISSING);
	assert_int_equal(scene.nseen, 3);
	scene.throttled_known = false; /* who does not count has not said that there is none */
	assert_int_equal(run(2, false), PROBE_OK);
}

/* It is known to be missing there. */
static void test_a_borrowed_cgroup_is_tried_once(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.tries[0] = (typeof(scene.tries[0])){ TWO_PROCESSORS };
	assert_int_equal(run(1, true), PROBE_MISSING);
	assert_int_equal(scene.nseen, 1);
}

/* It is told what to read, and nobody else is; a container reads nothing, and that is said. */
static void test_the_disk_is_read_by_one(void **state)
{
	struct probe_config doctor = { .thorough = true, .disk_fd = open("/dev/null", O_RDONLY) };

	(void)state;
	assert_true(doctor.disk_fd > 0);
	memset(&scene, 0, sizeof(scene));
	run_probes(2, doctor);
	assert_int_equal(scene.readers, 1);
	assert_int_equal(scene.given, 1);
	doctor.container = true;
	memset(&scene, 0, sizeof(scene));
	run_probes(2, doctor);
	assert_int_equal(scene.readers, 0);
	assert_int_equal(scene.given, 0);
	assert_int_equal(report.layers[layer_at("cgroup-io")].state, PROBE_MISSING);
	assert_non_null(strstr(report.layers[layer_at("cgroup-io")].detail, "not tried"));
	close(doctor.disk_fd);
}

/* Who opens a pipe waits until somebody writes into it. */
static void test_only_a_file_is_read(void **state)
{
	char tree[] = "/var/tmp/kodewar-probe-XXXXXX";
	int fd, plain, disk_fd;

	(void)state;
	assert_non_null(mkdtemp(tree));
	fd = open(tree, O_PATH | O_DIRECTORY);
	assert_int_equal(mkdirat(fd, "usr", 0700), 0);
	assert_int_equal(mkdirat(fd, "usr/bin", 0700), 0);
	assert_int_equal(mkfifoat(fd, "usr/bin/node", 0600), 0);
	alarm(10);
	assert_int_equal(probe_open_disk(fd), -1);
	alarm(0);
	plain = openat(fd, "usr/bin/gcc", O_RDWR | O_CREAT | O_DIRECT, 0600);
	disk_fd = probe_open_disk(fd);
	assert_true((disk_fd >= 0) == (plain >= 0)); /* not every filesystem has direct reads */
	close(disk_fd);
	close(plain);
	assert_int_equal(unlinkat(fd, "usr/bin/node", 0), 0);
	assert_int_equal(unlinkat(fd, "usr/bin/gcc", 0), 0);
	assert_int_equal(unlinkat(fd, "usr/bin", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(fd, "usr", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(tree), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_within_its_bandwidth_it_is_not_tried_again),
		cmocka_unit_test(test_too_much_once_is_tried_for_longer),
		cmocka_unit_test(test_too_much_each_time_is_a_missing_layer),
		cmocka_unit_test(test_a_busy_host_is_no_bound),
		cmocka_unit_test(test_who_did_not_burn_has_shown_nothing),
		cmocka_unit_test(test_nothing_shown_is_looked_into),
		cmocka_unit_test(test_where_no_period_is_counted_there_is_no_bound),
		cmocka_unit_test(test_a_borrowed_cgroup_is_tried_once),
		cmocka_unit_test(test_the_disk_is_read_by_one),
		cmocka_unit_test(test_only_a_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
