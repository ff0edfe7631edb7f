/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's stopwatch: `bench-load PORT BODY` is so many clients in one thread, each with a kept-alive connection to
 * the loopback and one request under way.  BODY is the file that each of them posts.  Lines on stdin:
 *
 *   one             one request: {"nsec":...,"answer":<the body that came>}
 *   ping            a request that asks for nothing: the same, what HTTP takes by itself
 *   sync N CLIENTS  N requests by so many clients, each asking again as soon as it is answered
 *   async N CLIENTS N jobs: posted to /v1/jobs as fast as they are accepted, then each client waits for its last one
 *
 * The last two print {"nsec","accepted_nsec","cpu_usec","p50_nsec","p99_nsec","max_nsec"}: cpu_usec is our own, latencies go
 * from the first byte of a request to the last of its answer.  Whatever is answered otherwise than well ends us:
 * a number measured over failures is none.  In C, since what it costs is taken from the service that it measures.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 256
#define ANSWER_MAX 65536
#define IDLE_NSEC 20000000000ull /* less than the service keeps an idle connection */

struct client {
	int fd; /* 0: none yet */
	char *answer;
	size_t len, body_at, body_len;
	unsigned status;
	unsigned long long begun_nsec, used_nsec;
	char last_job[64];
};

static struct client clients[CLIENTS_MAX];
static char *sync_request, *async_request;
static size_t sync_len, async_len;
static unsigned long long *latencies;
static size_t nlatencies;
static unsigned short port;
static int epoll_fd;

static void fail(const char *what, const char *detail)
{
	fprintf(stderr, "bench-load: %s: %.300s\n", what, detail);
	exit(1);
}

static unsigned long long now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000ull + (unsigned long long)t.tv_nsec;
}

static unsigned long long cpu_usec(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (unsigned long long)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
	       (unsigned long long)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* ---- one client ---- */

static void dial(struct client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	if (c->fd)
		close(c->fd);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0)
		fail("connect", strerror(errno));
	if (!c->answer && !(c->answer = malloc(ANSWER_MAX + 1)))
		fail("connect", strerror(ENOMEM));
	c->used_nsec = now_nsec();
}

/* Small enough for a socket's buffer, so that it goes at once or not at all. */
static void ask(struct client *c, const char *request, size_t len)
{
	c->len = c->body_at = 0;
	c->begun_nsec = now_nsec();
	if (send(c->fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("send", strerror(errno));
}

static void take_head(struct client *c)
{
	const char *end, *length;

	c->answer[c->len] = '\0';
	end = strstr(c->answer, "\r\n\r\n");
	if (!end)
		return;
	length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!length || length > end || strncmp(c->answer, "HTTP/1.1 ", 9) != 0)
		fail("unexpected answer", c->answer);
	c->status = (unsigned)strtoul(c->answer + 9, NULL, 10);
	c->body_at = (size_t)(end - c->answer) + 4;
	c->body_len = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	if (c->body_at + c->body_len > ANSWER_MAX)
		fail("answer too large", c->answer);
}

/* Whether its answer is whole. */
static int listen_to(struct client *c)
{
	ssize_t n = recv(c->fd, c->answer + c->len, ANSWER_MAX - c->len, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		fail("the service hung up", n < 0 ? strerror(errno) : "end of connection");
	c->len += (size_t)n;
	if (!c->body_at)
		take_head(c);
	if (!c->body_at || c->len < c->body_at + c->body_len)
		return 0;
	c->answer[c->len] = '\0';
	c->used_nsec = now_nsec();
	return 1;
}

static void expect(const struct client *c, unsigned status, const char *word)
{
	if (c->status != status || !strstr(c->answer + c->body_at, word))
		fail("unexpected answer", c->answer);
}

static struct client *next_answered(void)
{
	struct epoll_event event;

	for (;;) {
		int n = epoll_wait(epoll_fd, &event, 1, 60000);

		if (n == 0)
			fail("no answer", "a minute has passed");
		if (n > 0 && listen_to(event.data.ptr))
			return event.data.ptr;
	}
}

/* ---- many ---- */

static void get_ready(size_t n)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &clients[i];

		if (i < n && (!c->fd || now_nsec() - c->used_nsec > IDLE_NSEC)) {
			dial(c);
		} else if (i >= n && c->fd) {
			close(c->fd);
			c->fd = 0;
		}
	}
}

/* "N requests by n clients": request and what is to be found in the answer. */
static void post(size_t total, size_t n, const char *request, size_t len, unsigned status,
		 const char *word)
{
	size_t asked = 0, answered = 0;

	for (size_t i = 0; i < n && asked < total; i++, asked++)
		ask(&clients[i], request, len);
	while (answered < total) {
		struct client *c = next_answered();

		expect(c, status, word);
		latencies[answered++] = c->used_nsec - c->begun_nsec;
		if (status == 202)
			sscanf(c->answer + c->body_at, "{\"id\":\"%63[^\"]", c->last_job);
		if (asked < total) {
			ask(c, request, len);
			asked++;
		}
	}
	nlatencies = answered;
}

/* Jobs of one tenant and priority end about in order: the last of each client is all that is asked for. */
static void await_jobs(size_t n)
{
	char request[256];

	for (size_t i = 0; i < n; i++) {
		int len = snprintf(request, sizeof(request),
				   "GET /v1/jobs/%s?wait=60 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
				   clients[i].last_job, port);

		ask(&clients[i], request, (size_t)len);
	}
	for (size_t i = 0; i < n; i++)
		expect(next_answered(), 200, "\"verdict\":\"accepted\"");
}

static int compare(const void *a, const void *b)
{
	const unsigned long long x = *(const unsigned long long *)a,
				 y = *(const unsigned long long *)b;

	return (x > y) - (x < y);
}

static void burst(int async, size_t total, size_t n)
{
	unsigned long long from, accepted, over, cpu = cpu_usec();

	n = n < 1 ? 1 : n > CLIENTS_MAX ? CLIENTS_MAX : n;
	total = total < n ? n : total;
	latencies = realloc(latencies, total * sizeof(*latencies));
	if (!latencies)
		fail("burst", strerror(ENOMEM));
	get_ready(n);
	from = now_nsec();
	if (async)
		post(total, n, async_request, async_len, 202, "\"id\":\"");
	else
		post(total, n, sync_request, sync_len, 200, "\"verdict\":\"accepted\"");
	accepted = now_nsec();
	if (async)
		await_jobs(n);
	over = now_nsec();
	qsort(latencies, nlatencies, sizeof(*latencies), compare);
	printf("{\"nsec\":%llu,\"accepted_nsec\":%llu,\"cpu_usec\":%llu,\"p50_nsec\":%llu,"
	       "\"p99_nsec\":%llu,\"max_nsec\":%llu}\n",
	       over - from, accepted - from, cpu_usec() - cpu, latencies[nlatencies / 2],
	       latencies[nlatencies * 99 / 100], latencies[nlatencies - 1]);
}

static void one(const char *request, size_t request_len, const char *word)
{
	struct client *c = &clients[0];
	size_t len;

	get_ready(1);
	ask(c, request, request_len);
	next_answered();
	expect(c, 200, word);
	for (len = c->body_len; len && c->answer[c->body_at + len - 1] == '\n'; len--)
		;
	printf("{\"nsec\":%llu,\"answer\":%.*s}\n", c->used_nsec - c->begun_nsec, (int)len,
	       c->answer + c->body_at);
}

/* ---- what is asked ---- */

static char *make_request(const char *path, const char *body, size_t *ret_len)
{
	char *text = NULL;
	int n = asprintf(
		&text,
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, port, strlen(body), body);

	if (n < 0)
		fail("make a request", strerror(ENOMEM));
	*ret_len = (size_t)n;
	return text;
}

static void read_body(const char *path)
{
	char body[ANSWER_MAX];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(body, 1, sizeof(body) - 1, f) : 0;

	if (!f || !feof(f))
		fail(path, f ? "too large" : strerror(errno));
	fclose(f);
	body[n] = '\0';
	sync_request = make_request("/v1/execute", body, &sync_len);
	async_request = make_request("/v1/jobs", body, &async_len);
}

static const char ping[] = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

int main(int argc, char **argv)
{
	char line[64], word[8];
	unsigned long total, n;

	if (argc != 3)
		return 2;
	port = (unsigned short)strtoul(argv[1], NULL, 10);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	read_body(argv[2]);
	while (fgets(line, sizeof(line), stdin)) {
		int found = sscanf(line, "%7s %lu %lu", word, &total, &n);

		if (found == 1 && strcmp(word, "one") == 0)
			one(sync_request, sync_len, "\"verdict\"");
		else if (found == 1 && strcmp(word, "ping") == 0)
			one(ping, strlen(ping), "{");
		else if (found == 3 && (strcmp(word, "sync") == 0 || strcmp(word, "async") == 0))
			burst(*word == 'a', total, n);
		else
			return 2;
		fflush(stdout);
	}
	return 0;
}
