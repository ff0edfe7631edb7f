/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Docker Engine API in the version that both sides speak: found by /_ping, which every engine answers under any
 * version.  JSON here is the engine's own and ours; nothing of a request or of a program is ever in it.
 */
#pragma once

#include <jansson.h>

#include "backend/docker/http.h"

#define API_OLDEST 40 /* 1.40, Docker 19.03: the oldest that was thought through */
#define API_NEWEST 47 /* what we ask for where the engine speaks more */
#define API_CALL_MS 60000
#define API_PATH_BYTES 320

struct api;
struct api_call;

/*
 * status: of HTTP, or negative errno.  json is borrowed and NULL where the answer was none; why is the engine's "message", or
 * what went wrong on the way; "" where nothing did.
 */
typedef void api_done(void *user, long status, json_t *json, const char *why);

/* Turns the loop until the engine has answered or has not. The story names the cause. */
int api_open(sd_event *loop, const struct http_config *c, struct api **ret, struct err *err);
void api_free(struct api *a);
unsigned api_minor(const struct api *a);	     /* of version 1.N */
const char *api_engine_version(const struct api *a); /* "20.10.24" */
struct http *api_http(struct api *a);

/* "/v1.41" and the rest, into `path`. */
void api_path(const struct api *a, char path[API_PATH_BYTES], const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* body is taken over, may be NULL. path without the version. NULL when out of memory. */
struct api_call *api_call(struct api *a, const char *method, const char *path, json_t *body,
			  api_done *done, void *user);
void api_cancel(struct api_call *c); /* NULL is fine; done is not called any more */

/* The same, waited for: *ret_json is the caller's. A status of 400 and more is -EREMOTEIO with the engine's words. */
int api_wait(struct api *a, const char *method, const char *path, json_t *body, long *ret_status,
	     json_t **ret_json, struct err *err);
