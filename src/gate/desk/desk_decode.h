/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large bodies are read beside the loop, by one thread that does nothing else: JSON comes at some 80 MB a second, and
 * nobody else would be answered meanwhile.  One at a time, in the order of the calls.
 */
#pragma once

#include "gate/desk/desk_private.h"

struct desk_decoder;

/* result: 0, 1 (refused: why) or a negative errno. From the loop. */
typedef void desk_decoded(struct local_job *j, int result, const struct refusal *refusal);

int desk_decoder_new(sd_event *loop, desk_decoded *done, struct desk_decoder **ret);
/* Waits for the one that is being read, and tells nobody. */
void desk_decoder_free(struct desk_decoder *d);
/*
 * Fills j->request, in j->arena, from j->body: until `done` is called none of these is anybody else's. 0, or a negative
 * errno and no call.
 */
int desk_decoder_read(struct desk_decoder *d, struct local_job *j);
