/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cli_job.h.  The loop turns until the job is done and all that it said is written: stdout first,
 * then the report on stderr, so that the verdict is the last line on a terminal.  A signal, or a stdout
 * that nobody reads any more, ends the loop at once; the owner of the engine then cancels what runs.
 */
#include "gate/cli/cli_job.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/cli/cli_audit.h"
#include "gate/cli/outlet.h"
#include "gate/cli/stdin_pump.h"

static const int end_signals[] = { SIGINT, SIGTERM };

#define OUTLET_BYTES (256u << 20) /* most output that waits for a slow reader */

struct cli_job {
	struct cli_job_config config;
	sd_event_source *signals[ARRAY_SIZE(end_signals)];
	struct stdin_pump pump;
	struct outlet out, err;
	struct cli_report report;
	struct job *job;
	bool done, reported;
	int failure; /* of making the report: negative errno */
};

/* Said at the very end, when nothing else is written: may block. */
static void complain(const char *text)
{
	fprintf(stderr, "kodewar: %s\n", text);
}

static void end(struct cli_job *j, int code)
{
	sd_event_exit(j->config.loop, code);
}

static void complain_of_loss(struct cli_job *j)
{
	char text[128];

	if (j->out.dropped_bytes + j->err.dropped_bytes == 0)
		return;
	snprintf(text, sizeof(text),
		 "kodewar: %" PRIu64 " bytes of output are not shown: their reader is too slow\n",
		 j->out.dropped_bytes + j->err.dropped_bytes);
	outlet_put(&j->err, text, strlen(text));
}

/* Called whenever something was written, or came to be written. */
static void advance(void *user)
{
	struct cli_job *j = user;

	if (j->out.error) {
		complain(j->out.error == -EPIPE ? "nobody reads stdout any more; the run is over"
						: "cannot write to stdout; the run is over");
		end(j, KODEWAR_EXIT_FAILED);
		return;
	}
	if (!j->done || !outlet_drained(&j->out))
		return;
	if (!j->reported) {
		j->reported = true;
		complain_of_loss(j);
		outlet_put(&j->err, j->report.err, j->report.err_len);
	}
	if (outlet_drained(&j->err))
		end(j, j->failure < 0 ? j->failure : (int)j->report.exit_code);
}

static void on_output(void *user, int test, int stream, const char *data, size_t len)
{
	struct cli_job *j = user;

	outlet_put(stream == 1 ? &j->out : &j->err, data, len);
	if (stream == 1 && j->out.error)
		advance(j);
}

static void on_done(void *user, const struct result *result)
{
	struct cli_job *j = user;

	j->done = true;
	j->job = NULL;
	stdin_pump_done(&j->pump);
	j->failure = cli_report_make(result, j->config.mode, j->config.quiet, &j->report);
	cli_audit_result(j->config.id, result);
	log_event(LOG_LEVEL_INFO, "job judged job=%s language=%s verdict=%s cases=%zu",
		  j->config.id, j->config.plan->language->name, verdict_names[result->verdict],
		  result->ncases);
	outlet_put(&j->out, j->report.out, j->report.out_len);
	advance(j);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	struct cli_job *j = user;

	log_event(LOG_LEVEL_WARNING, "job cancelled job=%s signal=%u", j->config.id,
		  info->ssi_signo);
	end(j, 128 + (int)info->ssi_signo);
	return 0;
}

static int watch_signals(struct cli_job *j)
{
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
		sigaddset(&set, end_signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(end_signals); i++)
		r = sd_event_add_signal(j->config.loop, &j->signals[i], end_signals[i], on_signal,
					j);
	return r < 0 ? r : 0;
}

static int submit(struct cli_job *j, struct err *err)
{
	const struct cli_job_config *c = &j->config;
	struct job_events events = { .on_done = on_done };
	int stdin_fd = -1;

	if (c->mode == CLI_TEXT && c->plan->request->ntests == 0)
		events.on_output = on_output;
	if (c->plan->live_stdin) {
		stdin_fd = stdin_pump_start(&j->pump, c->loop, c->stdin_fd);
		if (stdin_fd < 0)
			return err_set(err, stdin_fd, "pass our stdin on");
	}
	return engine_submit(c->engine,
			     &(struct engine_order){ .plan = c->plan,
						     .arena = c->arena,
						     .id = c->id,
						     .live_stdin_fd = stdin_fd,
						     .events = &events,
						     .user = j },
			     &j->job, err);
}

int cli_job_run(struct cli_job *j, struct err *err)
{
	sd_event *loop = j->config.loop;
	int r = watch_signals(j);

	if (r < 0)
		return err_set(err, r, "watch signals");
	r = outlet_init(&j->out, loop, STDOUT_FILENO, OUTLET_BYTES, advance, j);
	if (r >= 0)
		r = outlet_init(&j->err, loop, STDERR_FILENO, OUTLET_BYTES, advance, j);
	if (r < 0)
		return err_set(err, r, "watch stdout and stderr");
	r = submit(j, err);
	if (r < 0)
		return r;
	r = sd_event_loop(loop);
	if (j->job)
		engine_cancel(j->config.engine, j->job);
	return r < 0 ? err_set(err, r, "run the job") : r;
}

struct cli_job *cli_job_new(const struct cli_job_config *c)
{
	struct cli_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->config = *c;
	j->pump.to = -1;
	return j;
}

void cli_job_free(struct cli_job *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(j->signals); i++)
		loop_source_drop(&j->signals[i]);
	stdin_pump_done(&j->pump);
	outlet_done(&j->out);
	outlet_done(&j->err);
	cli_report_done(&j->report);
	free(j);
}
