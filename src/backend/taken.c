/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See taken.h.  It is written by our own init, which nobody in the box can reach any more; it is checked all the same, since
 * what stands in it is a stranger's, and on the way it may have been an engine's.
 */
#include "backend/taken.h"

#include <errno.h>
#include <string.h>

#include "sandbox/harvest.h"

void taken_prepare(struct taken_pump *t, const struct plan_step *step)
{
	*t = (struct taken_pump){ .pump = { .fd = -1,
					    .keep_bytes =
						    step->limits.output_bytes +
						    step->noutputs * sizeof(struct harvest_head),
					    .kill_bytes = UINT64_MAX } };
}

static int parse_one(struct text *stream, uint64_t *left_bytes, struct taken_file *ret)
{
	struct harvest_head head;

	if (stream->len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, stream->data, sizeof(head));
	*stream = (struct text){ stream->data + sizeof(head), stream->len - sizeof(head) };
	if (head.state <= TAKEN_NOT || head.state >= TAKEN_STATES || head.reserved ||
	    (head.bytes > 0 && head.state != TAKEN_WHOLE) || head.bytes > *left_bytes ||
	    head.bytes > stream->len)
		return -EBADMSG;
	*ret = (struct taken_file){ (enum taken)head.state, TEXT("") };
	if (head.bytes)
		ret->content = (struct text){ stream->data, (size_t)head.bytes };
	*stream = (struct text){ stream->data + head.bytes, stream->len - (size_t)head.bytes };
	*left_bytes -= head.bytes;
	return 0;
}

int taken_parse(struct text stream, uint64_t max_bytes, size_t n, struct taken_file *ret)
{
	for (size_t i = 0; i < n; i++) {
		int r = parse_one(&stream, &max_bytes, &ret[i]);

		if (r < 0)
			return r;
	}
	return stream.len == 0 ? 0 : -EBADMSG;
}

void taken_finish(struct taken_pump *t, const struct plan_step *step, struct box_outcome *o)
{
	struct text stream = { t->pump.head ? t->pump.head : "", t->pump.head_len };
	int r;

	if (step->noutputs == 0 || o->facts.artefact != TAKEN_WHOLE)
		return;
	r = t->pump.total_bytes > t->pump.head_len
		    ? -ENOMEM
		    : taken_parse(stream, step->limits.output_bytes, step->noutputs, t->files);
	if (r < 0) {
		o->facts.setup_errno = -r;
		strcpy(o->facts.setup_step, "files-out");
		return;
	}
	o->files = t->files;
}
