/* SPDX-License-Identifier: Apache-2.0 */
/* Files that were taken out of a box, by their paths: what they hold, and why others were not taken. */
#include "codec/result_parts.h"
#include "codec/utf8.h"

static bool has_files(struct result_encoder *e, const struct case_result *c,
		      const struct plan_step *step)
{
	bool has = c && step && step->noutputs > 0;

	if (!has)
		json_write_null(&e->w);
	return has;
}

void result_parts_files(struct result_encoder *e, const struct case_result *c,
			const struct plan_step *step)
{
	if (!has_files(e, c, step))
		return;
	json_write_open(&e->w, '{');
	for (size_t i = 0; i < step->noutputs; i++) {
		struct taken_file f = outcome_file(step, &c->outcome, step->outputs[i]);

		if (f.state != TAKEN_WHOLE)
			continue;
		json_write_name(&e->w, step->outputs[i]);
		result_parts_output(e, f.content, false);
	}
	json_write_close(&e->w, '}');
}

bool result_parts_files_replaced(const struct result_encoder *e, const struct case_result *c,
				 const struct plan_step *step)
{
	for (size_t i = 0; c && step && !e->base64 && i < step->noutputs; i++) {
		struct text t = outcome_file(step, &c->outcome, step->outputs[i]).content;

		if (!utf8_valid(t.data, t.len))
			return true;
	}
	return false;
}

void result_parts_files_missing(struct result_encoder *e, const struct case_result *c,
				const struct plan_step *step)
{
	if (!has_files(e, c, step))
		return;
	json_write_open(&e->w, '{');
	for (size_t i = 0; i < step->noutputs; i++) {
		struct taken_file f = outcome_file(step, &c->outcome, step->outputs[i]);

		if (f.state == TAKEN_WHOLE)
			continue;
		json_write_name(&e->w, step->outputs[i]);
		json_write_string(&e->w, taken_names[f.state]);
	}
	json_write_close(&e->w, '}');
}
