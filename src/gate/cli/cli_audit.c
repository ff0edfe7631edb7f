/* SPDX-License-Identifier: Apache-2.0 */
/* See cli_audit.h. */
#include "gate/cli/cli_audit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "kernel/seccomp_compile.h"

static void log_json(json_t *event)
{
	char *text = event ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	if (text)
		log_security(text, strlen(text));
	free(text);
	json_decref(event);
}

void cli_audit_refusal(const char *id, const struct refusal *refusal)
{
	const char *field = *refusal->field ? refusal->field : "body";

	log_event(LOG_LEVEL_INFO, "request refused job=%s field=%s rule=%s", id, field,
		  refusal->rule);
	log_json(json_pack("{s:s, s:s, s:s, s:s}", "event", "refused_request", "job", id, "field",
			   field, "rule", refusal->rule));
}

/* Arguments as the kernel gave them: numbers, in hexadecimal, since many are addresses. */
static json_t *arguments(const struct denied_call *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < 6; i++) {
		char text[24];

		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)d->args[i]);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

/* null for what belongs to no test case: a compile step, a plain run. */
static json_t *test_number(int test)
{
	return test < 0 ? json_null() : json_integer(test);
}

/* Of a box of the program, of its compiler, or of who judges: `language` says in which one its program is written. */
static void audit_denied(const char *id, const char *language, int test, const struct facts *f)
{
	for (uint32_t i = 0; i < f->ndenied; i++) {
		const struct denied_call *d = &f->denied[i];
		bool foreign = seccomp_call_is_foreign(d->arch, d->nr);
		char name[32];

		snprintf(name, sizeof(name), "syscall_%d", d->nr);
		log_json(json_pack("{s:s, s:s, s:s, s:o, s:s, s:I, s:I, s:o, s:I}", "event",
				   foreign ? "foreign_call" : "denied_call", "job", id, "language",
				   language, "test", test_number(test), "syscall",
				   foreign ? name : seccomp_syscall_name(d->nr, name, sizeof(name)),
				   "arch", (json_int_t)d->arch, "nr", (json_int_t)d->nr, "args",
				   arguments(d), "count", (json_int_t)d->count));
	}
}

static void audit_case(const char *id, const struct plan *plan, int test,
		       const struct case_result *c)
{
	const struct facts *f = &c->outcome.facts;

	audit_denied(id, plan->language->name, test, f);
	if (c->ran && c->verdict == VERDICT_SECURITY_VIOLATION)
		log_json(json_pack("{s:s, s:s, s:s, s:o, s:I}", "event", "security_violation",
				   "job", id, "language", plan->language->name, "test",
				   test_number(test), "denied_total", (json_int_t)f->denied_total));
}

void cli_audit_result(const char *id, const struct result *r)
{
	if (r->compiled)
		audit_case(id, r->plan, -1, &r->compile);
	if (r->checker_compiled)
		audit_case(id, r->plan->checker, -1, &r->checker);
	if (r->interactor_compiled)
		audit_case(id, r->plan->interactor, -1, &r->interactor);
	for (size_t i = 0; i < r->ncases; i++) {
		const struct case_result *c = &r->cases[i];
		int test = r->plan->request->ntests ? (int)i : -1;

		audit_case(id, r->plan, test, c);
		if (c->check && c->check->denied)
			audit_denied(id, r->plan->checker->language->name, test, c->check->denied);
		if (c->talk && c->talk->denied)
			audit_denied(id, r->plan->interactor->language->name, test,
				     c->talk->denied);
	}
}
