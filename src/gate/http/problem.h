/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong over HTTP, as RFC 9457 has it: application/problem+json, the field named where there is one. */
#pragma once

#include "gate/http/http.h"
#include "model/request.h"

/*      status  title, doc */
#define PROBLEMS(X) \
	X(400, "Bad Request", "the request, or its body's JSON, is malformed") \
	X(401, "Unauthorized", "a token is needed, and this is none") \
	X(403, "Forbidden", "a web page of another origin, or a Host that is not ours") \
	X(404, "Not Found", "there is no such thing, or it is somebody else's") \
	X(405, "Method Not Allowed", "Allow says which methods are") \
	X(408, "Request Timeout", "the request took too long to arrive") \
	X(409, "Conflict", "this Idempotency-Key was used for another body") \
	X(413, "Content Too Large", "the body is larger than this service reads") \
	X(415, "Unsupported Media Type", "a body must be application/json, and not encoded") \
	X(422, "Unprocessable Content", "the body is JSON, and its field breaks the rule") \
	X(429, "Too Many Requests", "Retry-After says when; position is how many jobs wait") \
	X(431, "Request Header Fields Too Large", "the head is larger than this service reads") \
	X(500, "Internal Server Error", "this host failed") \
	X(503, "Service Unavailable", \
	  "not now: it starts, it ends, it is full, or a required layer is missing")

struct problem {
	unsigned status;
	const char *detail;
	const char *field, *rule; /* NULL: of no field */
	unsigned retry_after_sec; /* 0: none */
	int position;		  /* of 429; -1: none */
};

#define PROBLEM(status_, detail_) \
	((struct problem){ .status = (status_), .detail = (detail_), .position = -1 })

const char *problem_title(unsigned status);
const char *problem_doc(unsigned status); /* NULL: none of ours */
/* Bytes are malloc'ed. `id` is the request's. 0 or a negative errno. */
int problem_encode(const struct problem *p, const char *id, char **ret, size_t *ret_len);
void problem_answer(struct http_request *r, const struct problem *p);
/* 400 for what is no JSON, else 422. */
void problem_refuse(struct http_request *r, const struct refusal *refusal);
