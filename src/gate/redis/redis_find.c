/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_find.h.  A primary that was deposed may go on for many seconds as if nothing had happened, and what is
 * written there is lost: so it does not do to come back when it breaks, somebody must be listened to (+switch-master).
 *
 * One that does not know the name, refuses or is silent is passed over.  When all were, the last reason is told, or, once
 * there was an answer, they are tried on and on with the pauses of a link, and what the next one says is compared with
 * what is known: a change that was missed is then heard of.
 */
#include "gate/redis/redis_find.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONNECT_MS 2000u
#define REPLY_MS 2000u

static void ask_next(struct redis_find *f);

void redis_find_init(struct redis_find *f, const struct redis_find_config *c)
{
	*f = (struct redis_find){ .config = *c, .at = *c->url };
	f->at.kind = REDIS_SENTINEL;
	f->at.nnodes = 0;
	f->at.db = 0;
	memcpy(f->at.user, c->url->sentinel_user, sizeof(f->at.user));
	memcpy(f->at.password, c->url->sentinel_password, sizeof(f->at.password));
}

static void hang_up(struct redis_find *f)
{
	struct redis_link *link = f->link;

	f->link = NULL;
	redis_link_free(link);
}

/* Once there was an answer, nobody hurries: the last of a round is kept, and its link tries again by itself. */
static void pass_over(struct redis_find *f)
{
	if (f->answered && f->left == 0) {
		f->left = f->config.url->nnodes;
		return;
	}
	hang_up(f);
	f->turn = (f->turn + 1) % f->config.url->nnodes;
	f->left--;
	ask_next(f);
}

static void answered(struct redis_find *f, const char *host, size_t len, const char *port)
{
	f->answered = f->here = true;
	f->left = f->config.url->nnodes;
	f->config.found(f->config.user, host, len, port);
}

/* "NAME OLD-HOST OLD-PORT HOST PORT" */
static void on_switch(struct redis_find *f, const char *text)
{
	char word[5][256];

	if (sscanf(text, "%255s %255s %255s %255s %255s", word[0], word[1], word[2], word[3],
		   word[4]) == 5 &&
	    strcmp(word[0], f->config.url->primary) == 0)
		answered(f, word[3], strlen(word[3]), word[4]);
}

static bool is_text(const redisReply *r, size_t i)
{
	return i < r->elements && r->element[i]->type == REDIS_REPLY_STRING;
}

/* Answers come in order: the address or what is there instead, what is subscribed, and then news and PONGs. */
static void on_push(void *user, const redisReply *r)
{
	struct redis_find *f = user;
	bool texts = r->type == REDIS_REPLY_ARRAY && is_text(r, 0) && is_text(r, 1);
	char where[REDIS_URL_SHOWN];

	if (texts && r->elements == 2 && !redis_is(r->element[0], "pong")) {
		answered(f, r->element[0]->str, r->element[0]->len, r->element[1]->str);
	} else if (texts && is_text(r, 2) && redis_is(r->element[0], "message")) {
		on_switch(f, r->element[2]->str);
	} else if (!f->here && (r->type == REDIS_REPLY_ERROR || r->type == REDIS_REPLY_NIL ||
				(r->type == REDIS_REPLY_ARRAY && r->elements == 0))) {
		err_set(&f->why, 0, "%s: %s", redis_url_show(&f->at, where),
			r->type == REDIS_REPLY_ERROR ? r->str : "does not know it");
		pass_over(f);
	}
}

static void on_up(void *user)
{
	struct redis_find *f = user;

	if (redis_link_ask(f->link, NULL, NULL, "SENTINEL GET-MASTER-ADDR-BY-NAME %s",
			   f->config.url->primary) == 0 &&
	    redis_link_ask(f->link, NULL, NULL, "SUBSCRIBE +switch-master") == 0)
		return;
	err_set(&f->why, ENOMEM, "ask a Sentinel");
	pass_over(f);
}

static void on_down(void *user, const struct err *why, unsigned tries)
{
	struct redis_find *f = user;

	f->why = *why;
	pass_over(f);
}

static int ask_one(struct redis_find *f, struct err *err)
{
	const struct redis_node *node = &f->config.url->nodes[f->turn];
	const struct redis_link_config c = { .loop = f->config.loop,
					     .url = &f->at,
					     .ca_file = f->config.ca_file,
					     .connect_ms = CONNECT_MS,
					     .reply_ms = REPLY_MS,
					     .on_up = on_up,
					     .on_down = on_down,
					     .on_push = on_push,
					     .user = f };

	f->here = false;
	memcpy(f->at.host, node->host, sizeof(f->at.host));
	memcpy(f->at.port, node->port, sizeof(f->at.port));
	return redis_link_new(&c, &f->link, err);
}

static void ask_next(struct redis_find *f)
{
	struct err why = ERR_INIT;

	if ((f->left > 0 || f->answered) && ask_one(f, &f->why) == 0)
		return;
	if (f->answered)
		return; /* no memory: nobody is listened to until the next start */
	err_set(&why, 0, "no Sentinel names the primary of %s: %s", f->config.url->primary,
		f->why.text);
	f->config.failed(f->config.user, &why);
}

int redis_find_start(struct redis_find *f, struct err *err)
{
	hang_up(f);
	f->left = f->config.url->nnodes;
	f->answered = false;
	return ask_one(f, err);
}

void redis_find_done(struct redis_find *f)
{
	hang_up(f);
}
