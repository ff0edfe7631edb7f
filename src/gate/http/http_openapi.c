/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenAPI document, printed from the tables by which the service works: routes, parameters, problems, the codec's
 * fields, limits.  What the tables say in words ("array of files") is one row here; words without a row stop the
 * document, so that it is never vague in silence.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/fields.h"
#include "codec/json_write.h"
#include "gate/http/http_call.h"
#include "model/limits.h"
#include "model/request.h"

#define OPENAPI_BYTES_MAX (4u << 20)
#define REF(name) "{\"$ref\":\"#/components/schemas/" name "\"}"
#define OBJECT(properties, required) \
	"{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required "]}"

#define DIGITS(macro) DIGITS_OF(macro)
#define DIGITS_OF(number) #number
#define WORD "{\"type\":\"string\",\"pattern\":\"^[^\\u0000]*$\"}"
#define POINTS "{\"type\":\"number\",\"minimum\":0,\"maximum\":1000000000}"
#define FACTOR "{\"type\":\"number\",\"minimum\":0.01,\"maximum\":100}"
#define PATH "{\"type\":\"string\",\"maxLength\":255,\"pattern\":\"^[^\\u0000-\\u001f\\u007f]+$\"}"
#define PATHS "{\"type\":\"array\",\"maxItems\":16,\"items\":" PATH "}"
#define ENCODINGS "{\"type\":\"string\",\"enum\":[\"utf-8\",\"base64\"]}"

#define COMPARE_WORD(id, name, doc) ",\"" #name "\""
#define COMPARE_SCHEMA \
	"{\"type\":\"string\",\"enum\":[\"trim\"" COMPARES_BUT_TRIM(COMPARE_WORD) "]}"

#define OWN_LIMITS \
	"{\"$ref\":\"#/components/schemas/Limits\",\"not\":{\"required\":[\"total_wall_ms\"]}}"
static const struct {
	const char *words, *schema;
} types[] = {
	{ "string", "{\"type\":\"string\"}" },
	{ "boolean", "{\"type\":\"boolean\"}" },
	{ "number", "{\"type\":\"number\",\"minimum\":0}" },
	{ "string or null", "{\"type\":[\"string\",\"null\"]}" },
	{ "integer or null", "{\"type\":[\"integer\",\"null\"]}" },
	{ "object", "{\"type\":\"object\"}" },
	{ "object or null", "{\"type\":[\"object\",\"null\"]}" },
	{ "array or null", "{\"type\":[\"array\",\"null\"]}" },
	{ "array of strings", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}" },
	{ "object of strings",
	  "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}" },
	{ "object of strings or null",
	  "{\"type\":[\"object\",\"null\"],\"additionalProperties\":{\"type\":\"string\"}}" },
	{ "array of test cases",
	  "{\"type\":\"array\",\"maxItems\":1000,\"items\":" REF("TestCase") "}" },
	{ "array of files", "{\"type\":\"array\",\"maxItems\":" DIGITS(
				    REQUEST_FILES_MAX) ",\"items\":" REF("File") "}" },
	{ "array of test results", "{\"type\":\"array\",\"items\":" REF("TestResult") "}" },
	{ "string or compare object", "{\"oneOf\":[" COMPARE_SCHEMA "," REF("Compare") "]}" },
	{ "difference or null", "{\"oneOf\":[" REF("Difference") ",{\"type\":\"null\"}]}" },
	{ "integer", "{\"type\":\"integer\"}" },
	{ "checker object", REF("Checker") },
	{ "interactor object", REF("Interactor") },
	{ "interaction or null", "{\"oneOf\":[" REF("Interaction") ",{\"type\":\"null\"}]}" },
	{ "function object", REF("Function") },
	{ "check or null", "{\"oneOf\":[" REF("Check") ",{\"type\":\"null\"}]}" },
	{ "number or null", "{\"type\":[\"number\",\"null\"]}" },
	{ "array of groups", "{\"type\":\"array\",\"maxItems\":100,\"items\":" REF("Group") "}" },
	{ "array of group results", "{\"type\":\"array\",\"items\":" REF("GroupResult") "}" },
	{ "score or null", "{\"oneOf\":[" REF("Score") ",{\"type\":\"null\"}]}" },
	{ "limits object", REF("Limits") },
	{ "integer or repeat object",
	  "{\"oneOf\":[{\"type\":\"integer\",\"minimum\":0,\"maximum\":5}," REF("Repeat") "]}" },
	{ "object of factors",
	  "{\"type\":\"object\",\"maxProperties\":256,\"propertyNames\":{\"pattern\":"
	  "\"^[^\\u0000]+$\"},\"additionalProperties\":" REF("Factors") "}" },
	{ "factors object", REF("Factors") },
	{ "array of runs", "{\"type\":\"array\",\"items\":" REF("Run") "}" },
	{ "noise object", REF("Noise") },
	{ "usage object", REF("Usage") },
};

/* What no table has. */
static const struct {
	const char *name, *schema;
} schemas[] = {
	{ "Usage", OBJECT("\"cpu_ms\":{\"type\":\"integer\"},\"wall_ms\":{\"type\":\"integer\"},"
			  "\"memory_kb\":{\"type\":\"integer\"}",
			  "\"cpu_ms\",\"wall_ms\",\"memory_kb\"") },
	{ "Job",
	  OBJECT("\"id\":{\"type\":\"string\"},\"state\":{\"type\":\"string\",\"enum\":[\"queued\","
		 "\"running\",\"done\"]},\"position\":{\"type\":[\"integer\",\"null\"],\"description\":"
		 "\"how many jobs are before it while it is queued\"},\"result\":{\"oneOf\":[" REF(
			 "Result") ",{\"type\":\"null\"}]}",
		 "\"id\",\"state\",\"position\",\"result\"") },
	{ "Batch",
	  "{\"type\":\"object\",\"properties\":{\"submissions\":{\"type\":\"array\",\"minItems\":1,"
	  "\"maxItems\":1000,\"items\":{\"description\":\"one that breaks a rule is refused by itself\","
	  "\"anyOf\":[" REF(
		  "Request") ",{\"type\":\"object\",\"additionalProperties\":true}]}}},\"required\":["
			     "\"submissions\"],\"additionalProperties\":false}" },
	{ "BatchAnswer", OBJECT("\"jobs\":{\"type\":\"array\",\"items\":{\"anyOf\":[" REF(
					"Job") "," REF("Problem") "]}}",
				"\"jobs\"") },
	{ "Languages",
	  OBJECT("\"languages\":{\"type\":\"array\",\"items\":" OBJECT(
			 "\"name\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
			 "\"aliases\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
			 "\"extensions\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
			 "\"releases\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
			 "\"source\":{\"type\":\"string\"},\"compiled\":{\"type\":\"boolean\"},"
			 "\"warm\":{\"type\":\"boolean\"},\"available\":{\"type\":\"boolean\"},\"limits\":" REF(
				 "Limits") ",\"time_factor\":" FACTOR ",\"memory_factor\":" FACTOR,
			 "\"name\",\"title\",\"aliases\",\"compiled\",\"warm\",\"available\",\"limits\"") "}",
		 "\"languages\"") },
	{ "Layer",
	  OBJECT("\"name\":{\"type\":\"string\"},\"state\":{\"type\":\"string\",\"enum\":[\"ok\",\"missing\","
		 "\"unknown\"]},\"required\":{\"type\":\"boolean\"},\"doc\":{\"type\":\"string\"},"
		 "\"detail\":{\"type\":\"string\"},\"cure\":{\"type\":\"string\"}",
		 "\"name\",\"state\",\"required\"") },
	{ "Capabilities",
	  OBJECT("\"version\":{\"type\":\"string\"},\"backend\":{\"type\":\"string\",\"enum\":[\"native\",\"docker\",\"redis\"]},"
		 "\"mode\":{\"type\":\"string\",\"enum\":[\"root\",\"rootless\",\"borrowed\",\"engine\",\"queue\"]},"
		 "\"lacks\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"what this mode cannot "
		 "give\"},\"lanes\":{\"type\":\"integer\"},\"queue\":{\"type\":[\"object\",\"null\"],\"description\":\"that workers serve; null: boxes are made here\",\"properties\":{\"name\":{\"type\":\"string\"},\"workers\":{\"type\":\"integer\"}}},\"ready\":{\"type\":\"boolean\"},\"reason\":{\"type\":"
		 "[\"string\",\"null\"]},\"auth\":{\"type\":\"string\",\"enum\":[\"none\",\"token\"]},\"layers\":{"
		 "\"type\":\"array\",\"items\":" REF(
			 "Layer") "},\"engine\":{\"type\":\"array\",\"description\":"
				  "\"of the engine that makes boxes, else empty\",\"items\":" REF(
					  "Layer") "},\"runners\":{\"type\":"
						   "\"array\",\"items\":{\"type\":\"object\"}},"
						   "\"tree\":{\"type\":[\"object\",\"null\"],\"description\":\"what boxes see as their root; null: an engine's image, or the workers' own\",\"properties\":{\"name\":{\"type\":\"string\"},\"digest\":{\"type\":[\"string\",\"null\"]}}},\"limits\":" REF(
							   "Limits") ",\"caps\":" REF("Limits") ",\"request\":{\"type\":\"object\"}",
		 "\"version\",\"backend\",\"mode\",\"lacks\",\"lanes\",\"ready\",\"auth\",\"layers\",\"engine\","
		 "\"runners\",\"limits\",\"caps\"") },
	{ "Event",
	  OBJECT("\"id\":{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"},\"event\":{\"type\":\"string\",\"enum\":"
		 "[\"queued\",\"compiling\",\"running\",\"case\",\"output\",\"result\"]},\"data\":{\"type\":"
		 "\"string\",\"description\":\"an object's JSON\"}",
		 "\"id\",\"event\",\"data\"") },
	{ "Health", OBJECT("\"status\":{\"type\":\"string\"}", "\"status\"") },
	{ "Problem",
	  OBJECT("\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":"
		 "\"integer\"},\"detail\":{\"type\":\"string\"},\"field\":{\"type\":\"string\"},\"rule\":"
		 "{\"type\":\"string\"},\"position\":{\"type\":\"integer\"},\"retry_after_sec\":{\"type\":"
		 "\"integer\"},\"request_id\":{\"type\":\"string\"}",
		 "\"type\",\"title\",\"status\",\"detail\"") },
};

/* Where a field's type in the codec's table says less than its rules, which a schema can tell. */
static const struct {
	const char *object, *field, *schema;
} rules[] = {
	{ "Request", "language", WORD },
	{ "Request", "args",
	  "{\"type\":\"array\",\"maxItems\":" DIGITS(REQUEST_ARGS_MAX) ",\"items\":" WORD "}" },
	{ "Request", "env",
	  "{\"type\":\"object\",\"maxProperties\":" DIGITS(
		  REQUEST_ARGS_MAX) ",\"propertyNames\":{\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*$\"},"
				    "\"additionalProperties\":" WORD "}" },
	{ "Request", "output_encoding", ENCODINGS },
	{ "Request", "output_files", PATHS },
	{ "Request", "output_file", PATH },
	{ "Request", "input_file", PATH },
	{ "TestCase", "output_files", PATHS },
	{ "TestCase", "output_file", PATH },
	{ "TestCase", "expected_files",
	  "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":16,\"propertyNames\":" PATH
	  ",\"additionalProperties\":{\"type\":\"string\"}}" },
	{ "TestCase", "limits", OWN_LIMITS },
	{ "File", "name",
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,\"pattern\":\"^[^/\\u0000]+$\","
	  "\"not\":{\"enum\":[\".\",\"..\"]}}" },
	{ "File", "encoding", ENCODINGS },
	{ "Compare", "mode", COMPARE_SCHEMA },
	{ "TestCase", "points", POINTS },
	{ "TestCase", "group", WORD },
	{ "Group", "name",
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64,\"pattern\":\"^[^\\u0000]*$\"}" },
	{ "Group", "points", POINTS },
	{ "Function", "name",
	  "{\"type\":\"string\",\"maxLength\":128,\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)?$\"}" },
	{ "Group", "score", "{\"type\":\"string\",\"enum\":[\"min\",\"sum\"]}" },
	{ "Group", "depends", "{\"type\":\"array\",\"maxItems\":16,\"items\":" WORD "}" },
	{ "Repeat", "times", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":5}" },
	{ "Repeat", "within", "{\"type\":\"number\",\"minimum\":0,\"maximum\":0.5}" },
	{ "Factors", "time_factor", FACTOR },
	{ "Factors", "memory_factor", FACTOR },
	{ "Checker", "language", WORD },
	{ "Checker", "protocol", "{\"type\":\"string\",\"enum\":[\"testlib\",\"kattis\"]}" },
	{ "Checker", "args", "{\"type\":\"array\",\"maxItems\":250,\"items\":" WORD "}" },
	{ "Checker", "limits", OWN_LIMITS },
	{ "Interactor", "language", WORD },
	{ "Interactor", "protocol", "{\"type\":\"string\",\"enum\":[\"testlib\",\"kattis\"]}" },
	{ "Interactor", "args", "{\"type\":\"array\",\"maxItems\":250,\"items\":" WORD "}" },
	{ "Interactor", "limits", OWN_LIMITS },
	{ "Interactor", "transcript",
	  "{\"type\":\"integer\",\"minimum\":0,\"maximum\":" DIGITS(TRANSCRIPT_BYTES_MAX) "}" },
};

static const struct {
	const char *name;
	const struct codec_field *rows;
	const size_t *len;
	bool closed;	  /* no other fields: what is asked, not what is told */
	const char *also; /* what its fields must keep together, or NULL */
} objects[] = {
	{ "Request", request_fields, &request_fields_len, true,
	  "{\"required\":[\"stdin\",\"test_cases\"],\"properties\":{\"test_cases\":{\"minItems\":1}}}" },
	{ "TestCase", test_case_fields, &test_case_fields_len, true,
	  "{\"properties\":{\"expected\":false,\"expected_files\":false}}" },
	{ "File", file_fields, &file_fields_len, true, NULL },
	{ "Compare", compare_fields, &compare_fields_len, true,
	  "{\"properties\":{\"mode\":{\"not\":{\"const\":\"float\"}}},\"anyOf\":[{\"required\":["
	  "\"abs\"]},{\"required\":[\"rel\"]}]}" },
	{ "Result", result_fields, &result_fields_len, false, NULL },
	{ "TestResult", case_result_fields, &case_result_fields_len, false, NULL },
	{ "Difference", difference_fields, &difference_fields_len, false, NULL },
	{ "Checker", checker_fields, &checker_fields_len, true, NULL },
	{ "Check", check_fields, &check_fields_len, false, NULL },
	{ "Interactor", interactor_fields, &interactor_fields_len, true, NULL },
	{ "Interaction", interaction_fields, &interaction_fields_len, false, NULL },
	{ "Group", group_fields, &group_fields_len, true, NULL },
	{ "Function", function_fields, &function_fields_len, true, NULL },
	{ "Score", score_fields, &score_fields_len, false, NULL },
	{ "GroupResult", group_result_fields, &group_result_fields_len, false, NULL },
	{ "Repeat", repeat_fields, &repeat_fields_len, true, NULL },
	{ "Factors", factors_fields, &factors_fields_len, true, NULL },
	{ "Run", run_fields, &run_fields_len, false, NULL },
	{ "Noise", noise_fields, &noise_fields_len, false, NULL },
};

static void put(struct json_writer *w, const char *key, const char *value)
{
	json_write_key(w, key);
	json_write_string(w, value);
}

static void put_raw(struct json_writer *w, const char *key, const char *json)
{
	json_write_key(w, key);
	json_write_raw(w, json, strlen(json));
}

static void open_key(struct json_writer *w, const char *key, char bracket)
{
	json_write_key(w, key);
	json_write_open(w, bracket);
}

/* ---- schemas ---- */

/* A description stands beside the schema itself, also beside a $ref (3.1 allows it). */
static void put_field(struct json_writer *w, const char *object, const struct codec_field *f)
{
	const char *schema = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].words, f->type))
			schema = types[i].schema;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(rules[i].object, object) && !strcmp(rules[i].field, f->name))
			schema = rules[i].schema;
	if (!schema) {
		w->error = -EINVAL;
		return;
	}
	open_key(w, f->name, '{');
	put(w, "description", f->doc);
	json_write_key(w, "allOf");
	json_write_open(w, '[');
	json_write_raw(w, schema, strlen(schema));
	json_write_close(w, ']');
	json_write_close(w, '}');
}

static void put_object(struct json_writer *w, size_t at)
{
	const struct codec_field *rows = objects[at].rows;
	size_t n = *objects[at].len;

	json_write_open(w, '{');
	put(w, "type", "object");
	open_key(w, "properties", '{');
	for (size_t i = 0; i < n; i++)
		put_field(w, objects[at].name, &rows[i]);
	json_write_close(w, '}');
	open_key(w, "required", '[');
	for (size_t i = 0; i < n; i++)
		if (rows[i].required)
			json_write_string(w, rows[i].name);
	json_write_close(w, ']');
	if (objects[at].closed)
		put_raw(w, "additionalProperties", "false");
	if (objects[at].also)
		put_raw(w, "not", objects[at].also);
	json_write_close(w, '}');
}

/* The deployment's caps; a tenant's own may be lower. */
static void put_limits(struct json_writer *w, const struct limits *most)
{
	struct limits caps = *most;

	open_key(w, "Limits", '{');
	put(w, "type", "object");
	open_key(w, "properties", '{');
	for (size_t i = 0; i < limit_table_len; i++) {
		open_key(w, limit_table[i].name, '{');
		put(w, "type", "integer");
		put_raw(w, "minimum", "1");
		json_write_key(w, "maximum");
		json_write_uint(w, *limits_at(&caps, &limit_table[i]));
		put(w, "description", limit_table[i].doc);
		json_write_close(w, '}');
	}
	json_write_close(w, '}');
	put_raw(w, "additionalProperties", "false");
	json_write_close(w, '}');
}

static void put_components(struct json_writer *w, const struct limits *caps)
{
	open_key(w, "components", '{');
	open_key(w, "schemas", '{');
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		json_write_key(w, objects[i].name);
		put_object(w, i);
	}
	put_limits(w, caps);
	for (size_t i = 0; i < ARRAY_SIZE(schemas); i++)
		put_raw(w, schemas[i].name, schemas[i].schema);
	json_write_close(w, '}');
	put_raw(w, "securitySchemes", "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
	json_write_close(w, '}');
}

/* ---- routes ---- */

static void put_schema_ref(struct json_writer *w, const char *name)
{
	char ref[96];

	snprintf(ref, sizeof(ref), "{\"$ref\":\"#/components/schemas/%s\"}", name);
	put_raw(w, "schema", ref);
}

static void put_content(struct json_writer *w, const char *type, const char *schema)
{
	open_key(w, type, '{');
	if (schema)
		put_schema_ref(w, schema);
	else
		put_raw(w, "schema",
			!strcmp(type, "application/json") ? "{\"type\":\"object\"}"
							  : "{\"type\":\"string\"}");
	json_write_close(w, '}');
}

static void put_parameters(struct json_writer *w, const struct http_route *route)
{
	open_key(w, "parameters", '[');
	for (size_t i = 0; i < http_params_len; i++) {
		const struct http_param_info *p = &http_params[i];

		if (!(route->params & p->bit))
			continue;
		json_write_open(w, '{');
		put(w, "name", p->name);
		put(w, "in", p->in);
		put_raw(w, "required", p->bit == PARAM_ID ? "true" : "false");
		put(w, "description", p->doc);
		put_raw(w, "schema", p->schema);
		json_write_close(w, '}');
	}
	json_write_close(w, ']');
}

/* Rows of one status stand together, and make one response of several types. */
static void put_replies(struct json_writer *w, const struct http_route *route)
{
	const struct http_reply *at = route->replies, *end = at + ARRAY_SIZE(route->replies);
	char status[12];

	while (at < end && at->status) {
		unsigned now = at->status;

		snprintf(status, sizeof(status), "%u", now);
		open_key(w, status, '{');
		put(w, "description", at->doc);
		open_key(w, "content", '{');
		for (; at < end && at->status == now; at++)
			put_content(w, at->type, at->schema);
		json_write_close(w, '}');
		json_write_close(w, '}');
	}
}

static void put_problems(struct json_writer *w, const struct http_route *route)
{
	char status[12];

	for (size_t i = 0; i < ARRAY_SIZE(route->problems) && route->problems[i]; i++) {
		snprintf(status, sizeof(status), "%u", route->problems[i]);
		open_key(w, status, '{');
		put(w, "description", problem_doc(route->problems[i]));
		open_key(w, "content", '{');
		put_content(w, "application/problem+json", "Problem");
		json_write_close(w, '}');
		json_write_close(w, '}');
	}
}

static void put_operation(struct json_writer *w, const struct http_route *route)
{
	const char *method = route->method == HTTP_POST	    ? "post"
			     : route->method == HTTP_DELETE ? "delete"
							    : "get";

	open_key(w, method, '{');
	put(w, "operationId", route->name);
	put(w, "summary", route->doc);
	put_parameters(w, route);
	if (route->flags & ROUTE_OPEN)
		put_raw(w, "security", "[]");
	if (route->body) {
		open_key(w, "requestBody", '{');
		put_raw(w, "required", "true");
		open_key(w, "content", '{');
		put_content(w, "application/json", route->body);
		json_write_close(w, '}');
		json_write_close(w, '}');
	}
	open_key(w, "responses", '{');
	put_replies(w, route);
	put_problems(w, route);
	json_write_close(w, '}');
	json_write_close(w, '}');
}

/* Rows of one path stand together in the table. */
static void put_paths(struct json_writer *w)
{
	const char *open = NULL;

	open_key(w, "paths", '{');
	for (size_t i = 0; i < http_routes_len; i++) {
		const struct http_route *route = &http_routes[i];

		if (route->flags & ROUTE_PAGE)
			continue;
		if (!open || strcmp(open, route->path) != 0) {
			if (open)
				json_write_close(w, '}');
			open_key(w, route->path, '{');
			open = route->path;
		}
		put_operation(w, route);
	}
	if (open)
		json_write_close(w, '}');
	json_write_close(w, '}');
}

int http_openapi_encode(const char *version, const struct limits *caps, char **ret, size_t *ret_len)
{
	struct json_writer w;
	int r;

	json_write_init(&w, OPENAPI_BYTES_MAX);
	json_write_open(&w, '{');
	put(&w, "openapi", "3.1.0");
	open_key(&w, "info", '{');
	put(&w, "title", "KodeWar Sandbox");
	put(&w, "version", version);
	put(&w, "description",
	    "Runs other people's programs as if they were hostile, and judges them.");
	put_raw(&w, "license", "{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}");
	json_write_close(&w, '}');
	put_raw(&w, "servers", "[{\"url\":\"/\"}]");
	put_raw(&w, "security", "[{},{\"token\":[]}]");
	put_paths(&w);
	put_components(&w, caps);
	json_write_close(&w, '}');
	r = json_write_take(&w, ret, ret_len);
	json_write_done(&w);
	return r;
}

/* The same for everybody until the configuration changes: made once. */
void http_serve_openapi(struct http_call *c)
{
	struct http_gate *g = c->gate;

	if (!g->openapi && http_openapi_encode(g->config.facts->version, &g->config.planner->caps,
					       &g->openapi, &g->openapi_len) < 0)
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
	else
		http_answer(c->request, 200, "application/json", g->openapi, g->openapi_len);
}
