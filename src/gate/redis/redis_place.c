/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_place.h.
 *
 * Sentinels tell an address, and may be wrong for a while: a server counts as the primary when it says so itself (ROLE).
 * In a Cluster nothing is reckoned here: any node is asked for the link's key, and says MOVED and where to.  Which
 * nodes there are is learned from each (CLUSTER SLOTS), since those of the URL may be gone one day.  MOVED is followed
 * on a plain URL as well, which then need not tell that it is one of a Cluster's nodes.
 *
 * A round tries every node once without a pause.  Who is sent from one node to the next and never arrives, or from slot
 * to slot because its keys are in several, waits like one that was refused.
 */
#include "gate/redis/redis_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define HOPS_MAX 5
#define STEADY_NSEC NSEC_PER_SEC /* who stood for so long has arrived */

enum word { AUTH, NAME, DB, PING, ROLE, NODES, KEY };

static void go(struct redis_place *p, const struct redis_node *node)
{
	memcpy(p->at.host, node->host, sizeof(p->at.host));
	memcpy(p->at.port, node->port, sizeof(p->at.port));
}

/* The next of a Cluster's nodes, or the URL's own place. */
static void go_home(struct redis_place *p)
{
	p->told = false;
	go(p, p->url->kind == REDIS_CLUSTER ? &p->nodes[p->node] : &p->home);
}

void redis_place_init(struct redis_place *p, const struct redis_url *url, const char *key)
{
	*p = (struct redis_place){ .url = url, .at = *url, .slot = -1 };
	memcpy(p->home.host, url->host, sizeof(p->home.host));
	memcpy(p->home.port, url->port, sizeof(p->home.port));
	snprintf(p->key, sizeof(p->key), "%s", key ? key : "");
	p->nnodes = p->left = url->nnodes;
	memcpy(p->nodes, url->nodes, sizeof(url->nodes));
	if (url->kind != REDIS_SENTINEL)
		p->at.kind = REDIS_SERVER;
}

bool redis_place_unknown(const struct redis_place *p)
{
	return p->url->kind == REDIS_BY_SENTINELS && !p->told;
}

/* Without a host it is another port of the one at hand. */
static int make_node(const struct redis_place *p, const char *host, size_t len, const char *port,
		     struct redis_node *ret)
{
	bool same = len == 0 || (len == 1 && *host == '?');
	char *end = NULL;
	long n = strtol(port, &end, 10);

	if (len >= sizeof(ret->host) || memchr(host, '\0', len) || n < 1 || n > 65535 || *end)
		return -EINVAL;
	snprintf(ret->host, sizeof(ret->host), "%.*s", same ? 255 : (int)len,
		 same ? p->at.host : host);
	snprintf(ret->port, sizeof(ret->port), "%ld", n);
	return 0;
}

int redis_place_tell(struct redis_place *p, const char *host, size_t len, const char *port)
{
	bool unknown = redis_place_unknown(p);
	struct redis_node node;

	if (make_node(p, host, len, port, &node) < 0)
		return -EINVAL;
	if (!unknown)
		return strcmp(node.host, p->at.host) != 0 || strcmp(node.port, p->at.port) != 0;
	go(p, &node);
	p->told = true;
	return 0;
}

/* ---- the greeting ---- */

static void say(struct redis_place *p, enum word word, struct redis_batch *b, const char *format,
		...)
{
	va_list ap;

	va_start(ap, format);
	redis_batch_vadd(b, format, ap);
	va_end(ap);
	p->words[p->nwords++] = (unsigned char)word;
}

void redis_place_greet(struct redis_place *p, const char *name, struct redis_batch *ret)
{
	const struct redis_url *u = &p->at;

	*ret = (struct redis_batch){ .data = NULL };
	p->nwords = p->heard = 0;
	if (*u->user)
		say(p, AUTH, ret, "AUTH %s %s", u->user, u->password);
	else if (*u->password)
		say(p, AUTH, ret, "AUTH %s", u->password);
	if (name)
		say(p, NAME, ret, "CLIENT SETNAME %s", name);
	if (u->kind == REDIS_SENTINEL)
		say(p, PING, ret, "PING");
	else
		say(p, DB, ret, "SELECT %u", u->db);
	if (p->url->kind == REDIS_BY_SENTINELS)
		say(p, ROLE, ret, "ROLE");
	if (p->url->kind == REDIS_CLUSTER) {
		say(p, NODES, ret, "CLUSTER SLOTS");
		if (*p->key)
			say(p, KEY, ret, "XLEN %s", p->key);
	}
}

static void learn(struct redis_place *p, const redisReply *one)
{
	struct redis_node node;
	char port[8];

	if (one->type != REDIS_REPLY_ARRAY || one->elements < 2 ||
	    one->element[0]->type != REDIS_REPLY_STRING ||
	    one->element[1]->type != REDIS_REPLY_INTEGER || p->nnodes == REDIS_PLACE_NODES)
		return;
	snprintf(port, sizeof(port), "%d", (int)one->element[1]->integer);
	if (make_node(p, one->element[0]->str, one->element[0]->len, port, &node) < 0)
		return;
	for (unsigned i = 0; i < p->nnodes; i++)
		if (strcmp(p->nodes[i].host, node.host) == 0 &&
		    strcmp(p->nodes[i].port, node.port) == 0)
			return;
	p->nodes[p->nnodes++] = node;
}

/* [[from, to, [host, port, …]…]…]: those of before that are not named are gone, those of the URL stay. */
static void learn_all(struct redis_place *p, const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY)
		return;
	p->nnodes = p->url->nnodes;
	if (p->node >= p->nnodes)
		p->node = 0;
	for (size_t i = 0; i < reply->elements; i++) {
		const redisReply *range = reply->element[i];

		for (size_t k = 2; range->type == REDIS_REPLY_ARRAY && k < range->elements; k++)
			learn(p, range->element[k]);
	}
}

static int hear_role(const redisReply *reply, struct err *err)
{
	const char *role = "says no role";

	if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0) {
		if (redis_is(reply->element[0], "master"))
			return 0;
		if (reply->element[0]->type == REDIS_REPLY_STRING)
			role = reply->element[0]->str;
	}
	err_set(err, 0, "is not the primary: %s", role);
	return -EHOSTUNREACH;
}

/* An empty stream and a key of another type are answers of the node that owns it. */
static int hear_key(struct redis_place *p, const redisReply *reply, struct err *err)
{
	int r = redis_place_refused(p, reply, err);

	if (r < 0 || reply->type != REDIS_REPLY_ERROR || redis_is_error(reply, "WRONGTYPE") ||
	    redis_is_error(reply, "ASK") || redis_is_error(reply, "TRYAGAIN"))
		return r;
	err_set(err, 0, "refused: %s", reply->str);
	return -EACCES;
}

int redis_place_hear(struct redis_place *p, const redisReply *reply, struct err *err)
{
	enum word word = p->heard < p->nwords ? p->words[p->heard++] : NAME;
	int r = 0;

	if (word == KEY) {
		r = hear_key(p, reply, err);
	} else if (word == NODES) {
		learn_all(p, reply);
	} else if (word != NAME && reply->type == REDIS_REPLY_ERROR) {
		err_set(err, 0, "refused: %s", reply->str);
		r = -EACCES;
	} else if (word == ROLE) {
		r = hear_role(reply, err);
	}
	if (r < 0 || p->heard < p->nwords)
		return r;
	p->stands_nsec = clock_now_nsec();
	p->left = p->nnodes;
	return 1;
}

/* ---- elsewhere ---- */

static int moved(struct redis_place *p, const redisReply *reply, struct err *err)
{
	struct redis_node node;
	long slot;

	err_set(err, 0, "%s", reply->str);
	if (!redis_redirect(reply, "MOVED", &slot, &node))
		return -EPROTO;
	if (!*node.host)
		memcpy(node.host, p->at.host, sizeof(node.host));
	if (p->slot >= 0 && p->slot != slot)
		err_set(err, 0,
			"%s: the keys are in several slots, a queue for a Cluster is named {NAME}",
			reply->str);
	else
		p->moved = true;
	p->slot = (int)slot;
	p->to = node;
	return -EHOSTUNREACH;
}

int redis_place_refused(struct redis_place *p, const redisReply *reply, struct err *err)
{
	if (redis_is_error(reply, "MOVED"))
		return moved(p, reply, err);
	if (!redis_is_error(reply, "READONLY"))
		return 0;
	err_set(err, 0, "is not the primary any more: %s", reply->str);
	return -EROFS;
}

bool redis_place_steady(const struct redis_place *p)
{
	return p->stands_nsec && clock_now_nsec() - p->stands_nsec >= STEADY_NSEC;
}

/* Whether another one is left of this round. */
static bool next_node(struct redis_place *p)
{
	p->node = (p->node + 1) % p->nnodes;
	if (p->left > 0)
		p->left--;
	return p->left > 0;
}

bool redis_place_next(struct redis_place *p)
{
	bool stood = p->stands_nsec != 0, again = false;

	if (redis_place_steady(p))
		p->hops = 0;
	p->stands_nsec = 0;
	if (p->moved) {
		p->moved = false;
		if (p->hops++ < HOPS_MAX) {
			go(p, &p->to);
			p->told = true;
			return true;
		}
		p->hops = 0;
	} else if (p->url->kind == REDIS_CLUSTER && !stood) {
		again = next_node(p);
	}
	go_home(p);
	if (!again)
		p->left = p->nnodes;
	return again;
}
