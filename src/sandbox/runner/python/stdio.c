/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of file stands behind a descriptor shows in Python's objects (buffer size, seekable, line
 * buffered) and is looked at when they are made.  A box has pipes, except that a stdin with contents is a
 * memory file; so both kinds of stdin are made ahead.  Making one costs some 40 µs, that is why.
 */
#include "sandbox/runner/python/stdio.h"

#include <Python.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[3][4] = {
	{ "stdin", "__stdin__", "<stdin>", "rb" },
	{ "stdout", "__stdout__", "<stdout>", "wb" },
	{ "stderr", "__stderr__", "<stderr>", "wb" },
};

static struct {
	mode_t pipe_type, file_type;
	blksize_t pipe_block, file_block;
	PyObject *file_stdin;
} made;

int stdio_lend_pipes(int keep[3])
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		keep[i] = fcntl(i, F_DUPFD_CLOEXEC, 16);
		if (dup2(i == 0 ? in[0] : out[1], i) < 0)
			return -1;
	}
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
	return 0;
}

void stdio_give_back(const int keep[3])
{
	for (int i = 0; i < 3; i++) {
		if (keep[i] < 0) {
			close(i);
			continue;
		}
		dup2(keep[i], i);
		close(keep[i]);
	}
}

/* As create_stdio() of Python's start makes them; encoding and errors are those of the first ones. */
static PyObject *make(int fd)
{
	PyObject *io = PyImport_ImportModule("io"), *first = PySys_GetObject(names[fd][1]);
	PyObject *encoding = NULL, *errors = NULL, *buffer = NULL, *raw = NULL, *name = NULL;
	PyObject *tty = NULL, *text = NULL, *mode = NULL;
	int r = -1;

	encoding = first ? PyObject_GetAttrString(first, "encoding") : NULL;
	errors = encoding ? PyObject_GetAttrString(first, "errors") : NULL;
	buffer = io && errors ? PyObject_CallMethod(io, "open", "isiOOOO", fd, names[fd][3], -1,
						    Py_None, Py_None, Py_None, Py_False)
			      : NULL;
	raw = buffer ? PyObject_GetAttrString(buffer, "raw") : NULL;
	name = raw ? PyUnicode_FromString(names[fd][2]) : NULL;
	tty = name ? PyObject_CallMethod(raw, "isatty", NULL) : NULL;
	if (tty && PyObject_SetAttrString(raw, "name", name) == 0)
		text = PyObject_CallMethod(io, "TextIOWrapper", "OOOsOO", buffer, encoding, errors,
					   "\n", fd == 2 ? Py_True : tty, Py_False);
	mode = text ? PyUnicode_FromString(fd == 0 ? "r" : "w") : NULL;
	r = mode ? PyObject_SetAttrString(text, "mode", mode) : -1;
	if (r < 0)
		Py_CLEAR(text);
	Py_XDECREF(mode);
	Py_XDECREF(tty);
	Py_XDECREF(name);
	Py_XDECREF(raw);
	Py_XDECREF(buffer);
	Py_XDECREF(errors);
	Py_XDECREF(encoding);
	Py_XDECREF(io);
	return text;
}

static int prepare_file(void)
{
	int keep = fcntl(0, F_DUPFD_CLOEXEC, 16), fd = memfd_create("stdin", MFD_CLOEXEC);
	struct stat st;

	if (keep < 0 || fd < 0 || dup2(fd, 0) < 0 || fstat(0, &st) < 0) {
		PyErr_SetFromErrno(PyExc_OSError);
		return -1;
	}
	close(fd);
	made.file_type = st.st_mode & S_IFMT;
	made.file_block = st.st_blksize;
	made.file_stdin = make(0);
	dup2(keep, 0);
	close(keep);
	return made.file_stdin ? 0 : -1;
}

int stdio_prepare(void)
{
	struct stat st;

	if (fstat(0, &st) < 0) {
		PyErr_SetFromErrno(PyExc_OSError);
		return -1;
	}
	made.pipe_type = st.st_mode & S_IFMT;
	made.pipe_block = st.st_blksize;
	return prepare_file();
}

static int put(int fd, PyObject *text)
{
	return PySys_SetObject(names[fd][0], text) < 0 || PySys_SetObject(names[fd][1], text) < 0
		       ? -1
		       : 0;
}

int stdio_fit(void)
{
	for (int fd = 0; fd < 3; fd++) {
		PyObject *text;
		struct stat st;
		int r;

		if (fstat(fd, &st) == 0) {
			mode_t type = st.st_mode & S_IFMT;

			if (type == made.pipe_type && st.st_blksize == made.pipe_block)
				continue;
			if (fd == 0 && type == made.file_type && st.st_blksize == made.file_block &&
			    lseek(0, 0, SEEK_CUR) == 0) {
				if (put(0, made.file_stdin) < 0)
					return -1;
				continue;
			}
		}
		text = make(fd);
		r = text ? put(fd, text) : -1;
		Py_XDECREF(text);
		if (r < 0)
			return -1;
	}
	return 0;
}
