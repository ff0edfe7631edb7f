/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole requests over HTTP, from the first line to the last byte of the answer: the gate itself between a library and a
 * desk of ours.  Of an input the first bytes say what goes wrong (which allocation fails, when the client leaves, what
 * the desk answers, how the body is cut), the rest is the request as text: the first line, headers, an empty
 * line, the body.
 *
 * Whatever comes, each request is ended once, nothing is kept of it, and what is answered is what its type says.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz_http.h"

#define CONTROL_BYTES 6
#define TURNS_MAX 40
#define TOKEN "kw_0000000000000000000000000000000000000000000000000000000000000000"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct http_config configs[2]; /* without tokens, with them */
static sd_event *loop;

/* ---- memory ---- */

static unsigned allocations_left; /* 0: none fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);

static bool fails(void)
{
	return allocations_left && --allocations_left == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails() ? NULL : __real_realloc(block, size);
}

void fuzz_memory_fail_at(unsigned n)
{
	allocations_left = n;
}

/* ---- the world ---- */

static void make_gate(size_t i, const char *tokens)
{
	static const char *const hosts[] = { "example.org", NULL };
	static const char *const origins[] = { "https://play.example", NULL };
	struct http_gate_config c = {
		.http = { .loop = loop, .head_bytes_max = 65536 },
		.hosts = hosts,
		.origins = origins,
		.backlog_bytes = 64,
	};
	struct err err = ERR_INIT;
	struct http_gate *gate;

	must(auth_new(tokens, &c.auth, &err) == 0);
	must(http_gate_new(&c, &gate, &err) == 0);
	configs[i] = fuzz_server()->config;
}

static void write_tokens(int fd)
{
	unsigned char hash[AUTH_HASH_BYTES];
	char hex[2 * AUTH_HASH_BYTES + 1];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)TOKEN, strlen(TOKEN), NULL,
			   0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	must(dprintf(fd, "- name: alice\n  hash: %s\n", hex) > 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[] = "/tmp/kodewar-fuzz-XXXXXX";
	int fd = mkstemp(path);

	must(fd >= 0 && sodium_init() >= 0 && sd_event_new(&loop) >= 0);
	write_tokens(fd);
	make_gate(0, NULL);
	make_gate(1, path);
	unlink(path);
	close(fd);
	return 0;
}

/* ---- an input ---- */

struct exchange {
	struct MHD_Connection c;
	struct http_conn conn;
	void *r;
	char *method, *target, *body; /* in the input's copy */
	const char *version;
	size_t body_len, chunk;
	unsigned leave_at, turn; /* leave_at 0: stays */
	int peer;
	char *got; /* owned: of a stream */
	size_t got_len;
};

static char *take_line(char **at, char *end)
{
	char *line = *at, *newline = memchr(line, '\n', (size_t)(end - line));

	*at = newline ? newline + 1 : end;
	if (newline) {
		*newline = '\0';
		if (newline > line && newline[-1] == '\r')
			newline[-1] = '\0';
	}
	return line;
}

static void take_header(struct MHD_Connection *c, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon || colon == line || c->nheaders == FUZZ_HEADERS_MAX)
		return;
	*colon = '\0';
	c->headers[c->nheaders++] =
		(struct fuzz_header){ line, colon + 1 + strspn(colon + 1, " \t") };
}

static void take_request(struct exchange *x, char *text, char *end)
{
	char *line = take_line(&text, end), *rest = line;

	x->method = strsep(&rest, " ");
	x->target = rest ? strsep(&rest, " ") : (char *)"/";
	while (text < end && *(line = take_line(&text, end)))
		take_header(&x->c, line);
	x->body = text;
	x->c.head_len = (size_t)(text - x->method);
	x->body_len = (size_t)(end - text);
}

/* ---- the way of a request ---- */

static bool call(struct exchange *x, const char *data, size_t size)
{
	enum MHD_Result r = http_exchange_access(fuzz_server(), &x->c, x->target, x->method,
						 x->version, data, &size, &x->r);

	must(r == MHD_NO || size == 0);
	return r == MHD_YES;
}

static void leave(struct exchange *x)
{
	if (x->peer >= 0)
		close(x->peer);
	x->peer = -1;
	must(sd_event_run(loop, 0) >= 0);
}

/* While it waits. */
static void let_time_pass(struct exchange *x)
{
	must(x->c.suspended && ++x->turn < TURNS_MAX);
	if (x->turn == x->leave_at || !fuzz_desk_turn())
		leave(x);
}

static bool send_request(struct exchange *x)
{
	bool alive = call(x, NULL, 0);
	size_t at = 0, n;

	while (alive && !x->c.queued && at < x->body_len) {
		n = x->body_len - at < x->chunk ? x->body_len - at : x->chunk;
		alive = call(x, x->body + at, n);
		at += n;
	}
	if (alive && !x->c.queued)
		alive = call(x, NULL, 0);
	while (alive && !x->c.queued) {
		let_time_pass(x);
		if (!x->c.suspended)
			alive = call(x, NULL, 0);
	}
	return alive;
}

static bool read_stream(struct exchange *x)
{
	const struct MHD_Response *response = x->c.response;
	char part[1024];

	for (;;) {
		ssize_t n = response->read(response->user, x->got_len, part, 7 + x->chunk % 1000);

		if (n == MHD_CONTENT_READER_END_OF_STREAM)
			return true;
		if (n < 0)
			return false;
		must((n == 0) == x->c.suspended);
		while (x->c.suspended)
			let_time_pass(x);
		x->got = __real_realloc(x->got, x->got_len + (size_t)n + 1);
		memcpy(x->got + x->got_len, part, (size_t)n);
		x->got_len += (size_t)n;
	}
}

/* ---- its answer ---- */

static bool has_type(const struct MHD_Response *r, const char *type)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (!strncmp(r->headers[i], "Content-Type: ", 14))
			return !strcmp(r->headers[i] + 14, type);
	return false;
}

static void check_answer(const struct exchange *x)
{
	const struct MHD_Response *r = x->c.response;
	bool problem = has_type(r, "application/problem+json");
	json_t *json;

	must(!r->read && problem == (x->c.status >= 400));
	if (r->len == 0) /* without words: 204, or no memory for them */
		return;
	json = json_loadb(r->body, r->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	must(json_is_object(json));
	must(!problem || json_integer_value(json_object_get(json, "status")) == x->c.status);
	json_decref(json);
}

/* Events with their three fields and comments, nothing else, whatever is in them. */
static void check_stream(const struct exchange *x)
{
	static const char *const starts[] = { "id: ", "event: ", "data: {", ":", "" };
	char *rest = x->got, *line;

	must(x->c.status == 200 && has_type(x->c.response, "text/event-stream"));
	if (!rest)
		return;
	rest[x->got_len] = '\0';
	must(strlen(rest) == x->got_len);
	while ((line = strsep(&rest, "\n")) && rest) {
		size_t i = 0;

		while (strncmp(line, starts[i], strlen(starts[i])) != 0)
			i++;
		must(i < 4 || !*line);
	}
}

static void finish(struct exchange *x, bool alive)
{
	struct http_server *s = fuzz_server();
	bool whole = alive;

	if (alive && x->c.response->read)
		whole = read_stream(x);
	http_exchange_over(s, &x->c, &x->r,
			   whole ? MHD_REQUEST_TERMINATED_COMPLETED_OK
				 : MHD_REQUEST_TERMINATED_WITH_ERROR);
	fuzz_memory_fail_at(0);
	fuzz_refused();
	must(!x->c.suspended && !x->conn.r && !x->r);
	must(s->bodies_bytes == 0 && s->counts.requests == 0);
	fuzz_desk_check();
	if (alive && x->c.response->read)
		check_stream(x);
	else if (alive)
		check_answer(x);
}

static void begin(struct exchange *x, const uint8_t *control)
{
	struct http_server *s = fuzz_server();
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
	x->peer = pair[1];
	x->version = control[0] & 1 ? "HTTP/1.0" : "HTTP/1.1";
	x->conn = (struct http_conn){ .connection = &x->c,
				      .fd = pair[0],
				      .trusted = !(control[0] & 2) };
	x->c.conn = &x->conn;
	s->config = configs[(control[0] & 4) != 0];
	s->config.body_bytes_max = control[0] & 8 ? 100 : 1 << 20;
	s->config.bodies_bytes_max = control[0] & 16 ? 5000 : 1 << 22;
	s->quiet = control[0] & 32;
	x->chunk = 1 + control[1] * (size_t)control[1];
	x->leave_at = control[2];
	fuzz_desk_begin(control[3] % (DESK_FAILED + 2));
	fuzz_memory_fail_at(control[4] | (control[5] & 15u) << 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exchange x = { .peer = -1 };
	char *text;
	size_t len;

	if (size < CONTROL_BYTES)
		return 0;
	len = size - CONTROL_BYTES;
	text = __real_malloc(len + 1);
	memcpy(text, data + CONTROL_BYTES, len);
	text[len] = '\0';
	take_request(&x, text, text + len);
	begin(&x, data);
	x.r = http_exchange_begin(fuzz_server(), x.target, &x.c);
	finish(&x, send_request(&x));
	fuzz_connection_done(&x.c);
	if (x.peer >= 0)
		close(x.peer);
	close(x.conn.fd);
	free(x.got);
	free(text);
	return 0;
}
