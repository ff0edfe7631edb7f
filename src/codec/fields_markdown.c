/* SPDX-License-Identifier: Apache-2.0 */
/* The reference page of the wire format, printed from the tables that the codec itself expands. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "codec/fields.h"
#include "model/compare.h"
#include "model/limits.h"
#include "model/verdict.h"

static void print_fields(FILE *out, const char *title, const struct codec_field *rows, size_t n,
			 bool show_required)
{
	fprintf(out, "## %s\n\n| field | type |%s meaning |\n|---|---|%s---|\n", title,
		show_required ? " required |" : "", show_required ? "---|" : "");
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "| `%s` | %s |", rows[i].name, rows[i].type);
		if (show_required)
			fprintf(out, " %s |", rows[i].required ? "yes" : "no");
		fprintf(out, " %s |\n", rows[i].doc);
	}
	fputc('\n', out);
}

static void print_limits(FILE *out)
{
	fputs("## Limits object\n\n"
	      "Integers of at least 1, all optional; above the deployment's cap a request is refused.\n\n"
	      "| field | default | built-in cap | meaning |\n|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < limit_table_len; i++)
		fprintf(out, "| `%s` | %" PRIu64 " | %" PRIu64 " | %s |\n", limit_table[i].name,
			limit_table[i].def, limit_table[i].cap, limit_table[i].doc);
	fputc('\n', out);
}

static void print_compares(FILE *out)
{
	fputs("## Comparisons\n\n| mode | equal are |\n|---|---|\n", out);
	for (size_t i = 0; i < COMPARE_MODES; i++)
		fprintf(out, "| `%s` | %s |\n", compare_names[i], compare_docs[i]);
	fputc('\n', out);
}

static void print_verdicts(FILE *out)
{
	fputs("## Verdicts\n\n| verdict | meaning |\n|---|---|\n", out);
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		fprintf(out, "| `%s` | %s |\n", verdict_names[i], verdict_docs[i]);
}

int fields_markdown(char **ret, size_t *ret_len)
{
	FILE *out = open_memstream(ret, ret_len);
	int failed;

	if (!out)
		return -errno;
	print_fields(out, "Request", request_fields, request_fields_len, true);
	print_fields(out, "Test case", test_case_fields, test_case_fields_len, true);
	print_fields(out, "File", file_fields, file_fields_len, true);
	print_fields(out, "Compare object", compare_fields, compare_fields_len, true);
	print_fields(out, "Checker object", checker_fields, checker_fields_len, true);
	print_fields(out, "Interactor object", interactor_fields, interactor_fields_len, true);
	print_fields(out, "Function object", function_fields, function_fields_len, true);
	print_fields(out, "Group", group_fields, group_fields_len, true);
	print_fields(out, "Repeat object", repeat_fields, repeat_fields_len, true);
	print_fields(out, "Factors object", factors_fields, factors_fields_len, true);
	print_compares(out);
	print_limits(out);
	print_fields(out, "Result", result_fields, result_fields_len, false);
	print_fields(out, "Test result", case_result_fields, case_result_fields_len, false);
	print_fields(out, "Difference", difference_fields, difference_fields_len, false);
	print_fields(out, "Check", check_fields, check_fields_len, false);
	print_fields(out, "Interaction", interaction_fields, interaction_fields_len, false);
	print_fields(out, "Score", score_fields, score_fields_len, false);
	print_fields(out, "Group result", group_result_fields, group_result_fields_len, false);
	print_fields(out, "Run", run_fields, run_fields_len, false);
	print_fields(out, "Noise object", noise_fields, noise_fields_len, false);
	print_verdicts(out);
	failed = ferror(out);
	if (fclose(out) == 0 && !failed)
		return 0;
	freep(ret);
	*ret = NULL;
	return -ENOMEM;
}
