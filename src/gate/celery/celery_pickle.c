/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See celery_pickle.h.  Protocol 3, which every Python 3 reads; opcodes are those of pickletools.  Nothing is memoised:
 * a JSON value has no cycles and shares nothing.
 */
#include "gate/celery/celery_pickle.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct pickle {
	char *data; /* owned */
	size_t len, room;
	int error;
};

static void put(struct pickle *p, const void *bytes, size_t len)
{
	size_t room = p->room ? p->room : 1024;
	char *data;

	if (p->error)
		return;
	while (room < p->len + len)
		room *= 2;
	if (room != p->room) {
		data = realloc(p->data, room);
		if (!data) {
			p->error = -ENOMEM;
			return;
		}
		p->data = data;
		p->room = room;
	}
	memcpy(p->data + p->len, bytes, len);
	p->len += len;
}

static void put_op(struct pickle *p, char op)
{
	put(p, &op, 1);
}

/* BINUNICODE: a length of four bytes, the least first. */
static void put_text(struct pickle *p, const char *text, size_t len)
{
	unsigned char head[5] = { 'X', (unsigned char)len, (unsigned char)(len >> 8),
				  (unsigned char)(len >> 16), (unsigned char)(len >> 24) };

	if (len > INT32_MAX) {
		p->error = -EFBIG;
		return;
	}
	put(p, head, sizeof(head));
	put(p, text, len);
}

/* LONG1 with eight bytes. */
static void put_integer(struct pickle *p, int64_t value)
{
	unsigned char out[10] = { 0x8a, 8 };

	for (size_t i = 0; i < 8; i++)
		out[2 + i] = (unsigned char)((uint64_t)value >> (8 * i));
	put(p, out, sizeof(out));
}

/* BINFLOAT: IEEE 754, the most significant byte first. */
static void put_real(struct pickle *p, double value)
{
	unsigned char out[9] = { 'G' };
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	for (size_t i = 0; i < 8; i++)
		out[1 + i] = (unsigned char)(bits >> (8 * (7 - i)));
	put(p, out, sizeof(out));
}

static void put_value(struct pickle *p, const json_t *v);

static void put_object(struct pickle *p, json_t *v)
{
	void *i;

	put(p, "}(", 2);
	for (i = json_object_iter(v); i; i = json_object_iter_next(v, i)) {
		put_text(p, json_object_iter_key(i), strlen(json_object_iter_key(i)));
		put_value(p, json_object_iter_value(i));
	}
	put_op(p, 'u');
}

static void put_array(struct pickle *p, const json_t *v)
{
	put(p, "](", 2);
	for (size_t i = 0; i < json_array_size(v); i++)
		put_value(p, json_array_get(v, i));
	put_op(p, 'e');
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own result is */
static void put_value(struct pickle *p, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: put_object(p, (json_t *)v); break;
	case JSON_ARRAY: put_array(p, v); break;
	case JSON_STRING: put_text(p, json_string_value(v), json_string_length(v)); break;
	case JSON_INTEGER: put_integer(p, json_integer_value(v)); break;
	case JSON_REAL: put_real(p, json_real_value(v)); break;
	case JSON_TRUE: put_op(p, '\x88'); break;
	case JSON_FALSE: put_op(p, '\x89'); break;
	case JSON_NULL: put_op(p, 'N'); break;
	}
}

int celery_pickle(const char *json, size_t len, char **ret, size_t *ret_len)
{
	struct pickle p = { 0 };
	json_t *root = json_loadb(json, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	if (!root)
		return -EINVAL;
	put(&p, "\x80\x03", 2);
	put_value(&p, root);
	put_op(&p, '.');
	json_decref(root);
	if (p.error) {
		free(p.data);
		return p.error;
	}
	*ret = p.data;
	*ret_len = p.len;
	return 0;
}
