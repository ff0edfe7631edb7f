/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that were made and started before their order came, each used once.  They are made with the usual limits;
 * an order with others gets one of its own.
 */
#pragma once

#include "backend/docker/container.h"

struct pool;

struct pool *pool_new(struct containers *all, const struct spec_limits *usual);
void pool_free(struct pool *p); /* the containers are containers_free()'s */
/*
 * A waiting one, else one that is being made for nobody yet, else a new one: never later than a new one would be
 * ready.  The caller watches it from now on. NULL when out of memory.
 */
struct container *pool_take(struct pool *p, const struct spec_limits *want);
/* Makes as many as are missing of `spares`, and no more than that at once. To be called when an answer is out. */
void pool_fill(struct pool *p, unsigned spares);
/* Why the last spare could not be made; "" where all could. */
const char *pool_trouble(const struct pool *p);
