/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See payload.h.  The writer streams into the memory file (a source may be 100 MB); the reader maps it
 * and hands out pointers, without malloc, since it runs between clone and exec.
 */
#include "sandbox/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define PAGE_BYTES 4096ull

static size_t count_strings(const char *const *list, uint64_t *bytes)
{
	size_t n = 0;

	for (; list && list[n]; n++)
		*bytes += strlen(list[n]) + 1;
	return n;
}

/* A small write buffer: strings are many and short, contents few and long. */
struct writer {
	int fd, error;
	size_t used;
	char buf[8192];
};

static void writer_flush(struct writer *w)
{
	if (!w->error && w->used)
		w->error = fd_write_all(w->fd, w->buf, w->used);
	w->used = 0;
}

static void writer_put(struct writer *w, const void *data, size_t len)
{
	if (len > sizeof(w->buf) - w->used)
		writer_flush(w);
	if (len > sizeof(w->buf)) {
		if (!w->error)
			w->error = fd_write_all(w->fd, data, len);
		return;
	}
	if (len)
		memcpy(w->buf + w->used, data, len);
	w->used += len;
}

static void writer_put_string(struct writer *w, const char *s)
{
	writer_put(w, s, strlen(s) + 1);
}

static void put_step(struct writer *w, const struct plan_step *step, const struct payload_header *h)
{
	static const char zeros[8];

	writer_put(w, h, sizeof(*h));
	for (size_t i = 0; i < h->argc; i++)
		writer_put_string(w, step->argv[i]);
	for (size_t i = 0; i < h->envc; i++)
		writer_put_string(w, step->envp[i]);
	writer_put_string(w, step->cwd);
	writer_put_string(w, step->artefact ? step->artefact : "");
	for (size_t i = 0; i < step->nfiles; i++)
		writer_put_string(w, step->files[i].name);
	for (size_t i = 0; i < step->noutputs; i++)
		writer_put_string(w, step->outputs[i]);
	writer_put(w, zeros, (8 - h->string_bytes % 8) % 8);
	for (size_t i = 0; i < step->nfiles; i++) {
		struct payload_file f = { .size = step->files[i].content.len,
					  .mode = step->files[i].mode };

		writer_put(w, &f, sizeof(f));
	}
	for (size_t i = 0; i < step->nfiles; i++)
		writer_put(w, step->files[i].content.data, step->files[i].content.len);
	writer_flush(w);
}

int payload_make(const struct plan_step *step)
{
	struct payload_header h = { .magic = PAYLOAD_MAGIC };
	_cleanup_close_ int fd = -1;
	struct writer w = { 0 };
	int r;

	h.argc = (uint32_t)count_strings(step->argv, &h.string_bytes);
	h.envc = (uint32_t)count_strings(step->envp, &h.string_bytes);
	h.nfiles = (uint32_t)step->nfiles;
	h.noutputs = (uint32_t)step->noutputs;
	h.string_bytes += strlen(step->cwd) + 1 + (step->artefact ? strlen(step->artefact) : 0) + 1;
	for (size_t i = 0; i < step->nfiles; i++)
		h.string_bytes += strlen(step->files[i].name) + 1;
	for (size_t i = 0; i < step->noutputs; i++)
		h.string_bytes += strlen(step->outputs[i]) + 1;
	if (h.argc == 0 || h.argc > PAYLOAD_ARGC_MAX || h.envc > PAYLOAD_ENVC_MAX ||
	    step->nfiles > PAYLOAD_FILES_MAX || step->noutputs > REQUEST_OUTPUTS_MAX)
		return -E2BIG;
	fd = memfd_create("payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	w.fd = fd;
	put_step(&w, step, &h);
	if (w.error)
		return w.error;
	r = fd_seal(fd);
	return r < 0 ? r : TAKE_FD(fd);
}

/* The next string of a block whose last byte is known to be NUL; NULL at its end. */
static char *next_string(char **pos, const char *end)
{
	char *s = *pos;

	if (s >= end)
		return NULL;
	*pos = s + strlen(s) + 1;
	return s;
}

/* n strings into a list of pointers, which begins at *list; it is moved behind them. */
static bool view_list(char ***list, uint32_t n, char **pos, const char *end)
{
	for (uint32_t i = 0; i < n; i++)
		if (!(*(*list)++ = next_string(pos, end)))
			return false;
	return true;
}

static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int view_strings(struct payload_view *v, const struct payload_header *h, char *pos,
			char *end)
{
	char **list = v->argv = v->strings;

	if (!view_list(&list, h->argc, &pos, end))
		return -EBADMSG;
	*list++ = NULL;
	v->envp = list;
	if (!view_list(&list, h->envc, &pos, end))
		return -EBADMSG;
	*list++ = NULL;
	v->cwd = next_string(&pos, end);
	v->artefact = next_string(&pos, end);
	v->names = list;
	v->outputs = list + h->nfiles;
	if (!v->cwd || !v->artefact || strchr(v->artefact, '/') ||
	    !view_list(&list, h->nfiles + h->noutputs, &pos, end))
		return -EBADMSG;
	for (uint32_t i = 0; i < h->nfiles; i++)
		if (!is_name(v->names[i]))
			return -EBADMSG;
	v->noutputs = h->noutputs;
	return pos == end ? 0 : -EBADMSG;
}

static int view_files(struct payload_view *v, const struct payload_header *h, char *base,
		      uint64_t table, uint64_t size)
{
	uint64_t left;

	v->nfiles = h->nfiles;
	v->files = (const struct payload_file *)(void *)(base + table);
	v->content_offset = table + h->nfiles * sizeof(struct payload_file);
	if (v->content_offset > size)
		return -EBADMSG;
	left = size - v->content_offset;
	for (uint32_t i = 0; i < h->nfiles; i++) {
		if (v->files[i].size > left || (v->files[i].mode & ~0777u))
			return -EBADMSG;
		left -= v->files[i].size;
		v->content_pages_bytes +=
			(v->files[i].size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	}
	return left == 0 ? 0 : -EBADMSG;
}

/* Counts that the view has room for, and strings that are within the file. */
static bool header_good(const struct payload_header *h, uint64_t size)
{
	return h->magic == PAYLOAD_MAGIC && h->argc > 0 && h->argc <= PAYLOAD_ARGC_MAX &&
	       h->envc <= PAYLOAD_ENVC_MAX && h->nfiles <= PAYLOAD_FILES_MAX &&
	       h->noutputs <= REQUEST_OUTPUTS_MAX && !h->reserved && h->string_bytes > 0 &&
	       h->string_bytes <= size - sizeof(*h);
}

int payload_open(int fd, struct payload_view *ret)
{
	struct payload_header h;
	struct stat st;
	uint64_t size, table;
	char *base;
	int r = fd_check_sealed(fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || (size_t)st.st_size < sizeof(h))
		return -EBADMSG;
	size = (uint64_t)st.st_size;
	base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	ret->map = base;
	ret->map_bytes = size;
	memcpy(&h, base, sizeof(h));
	if (!header_good(&h, size) || base[sizeof(h) + h.string_bytes - 1] != '\0')
		return -EBADMSG;
	table = (sizeof(h) + h.string_bytes + 7) / 8 * 8;
	ret->content_pages_bytes = 0;
	r = view_strings(ret, &h, base + sizeof(h), base + sizeof(h) + h.string_bytes);
	return r < 0 ? r : view_files(ret, &h, base, table, size);
}

void payload_close(struct payload_view *v)
{
	if (v->map)
		munmap(v->map, v->map_bytes);
	v->map = NULL;
}
