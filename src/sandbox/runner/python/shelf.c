/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The import system asks `importlib._bootstrap._find_and_load` for what sys.modules lacks; that one
 * function is replaced by ours.  While modules are loaded ahead it writes down who needed whom; then they
 * are taken out of sys.modules (and out of their packages), each with the list of what its import adds, in
 * the order in which a fresh interpreter would add it.
 *
 * In a child the function puts a module back with its whole list, but only where a fresh interpreter
 * would have come to the very same modules: sys.meta_path and the tail of sys.path are untouched, no
 * directory before that tail has a file or directory of such a name, nothing in the list was removed
 * or replaced, and nobody watches (audit hooks, trace and profile functions, another __import__).  In every
 * other case the original function does what it always does.
 */
#define Py_BUILD_CORE 1
#include "sandbox/runner/python/shelf.h"

#include <dirent.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#include <string.h>

#include "sandbox/runner/python/renew.h"

struct book {
	PyObject *name, *module;
	PyObject *parent, *tail; /* where importing it sets an attribute, or NULL */
	struct book *above;	 /* the parent's, or NULL */
	renew_fn renew;		 /* or NULL */
	PyDictObject *dict;	 /* of the module, borrowed, or NULL */
	uint64_t version;	 /* of the dict, while the program has not touched it */
	struct book **list;	 /* what an import of it adds, itself included, in order */
	size_t nlist;
	bool fresh;    /* a fresh interpreter has it: never on the shelf */
	bool taken;    /* was put into sys.modules */
	bool shadowed; /* something of this name comes earlier on the path */
	bool seen;     /* while lists are made */
};

static struct {
	PyObject *import_name; /* "_find_and_load" */
	PyObject *original;    /* that function */
	PyObject *index;       /* name → number of the book */
	PyObject *needs;       /* name → list of names, in order */
	PyObject *loading;     /* stack of names */
	PyObject *plain_import;
	PyObject *meta_path, *path; /* tuples: what they held */
	struct book *books;
	size_t n;
} shelf;

static struct book *find(PyObject *name)
{
	PyObject *i = PyDict_GetItemWithError(shelf.index, name);

	return i ? &shelf.books[PyLong_AsSize_t(i)] : NULL;
}

static PyObject *modules(void)
{
	return PyImport_GetModuleDict();
}

static void mark_pristine(struct book *b)
{
	if (b->dict)
		b->version = b->dict->ma_version_tag;
}

static bool is_pristine(const struct book *b)
{
	return b->dict && b->dict->ma_version_tag == b->version;
}

/* ---- loading ahead */

static int note_need(PyObject *name)
{
	Py_ssize_t depth = PyList_GET_SIZE(shelf.loading);
	PyObject *by, *list;

	if (depth == 0)
		return 0;
	by = PyList_GET_ITEM(shelf.loading, depth - 1);
	list = PyDict_GetItemWithError(shelf.needs, by);
	if (!list) {
		list = PyList_New(0);
		if (!list || PyDict_SetItem(shelf.needs, by, list) < 0)
			return -1;
		Py_DECREF(list);
	}
	return PyList_Append(list, name);
}

/* "a.b.c" needs a, a.b and a.b.c. */
static int note_prefixes(PyObject *name)
{
	Py_ssize_t len = PyUnicode_GET_LENGTH(name), dot = 0;
	int r = 0;

	while (r == 0 && dot < len) {
		PyObject *part;

		dot = PyUnicode_FindChar(name, '.', dot, len, 1);
		if (dot < 0)
			dot = len;
		part = PyUnicode_Substring(name, 0, dot++);
		r = part ? note_need(part) : -1;
		Py_XDECREF(part);
	}
	return r;
}

static PyObject *seen_names; /* set: fresh, or known by an import */

/* What a module puts into sys.modules by hand (collections.abc, typing.io) comes with that module. */
static int note_by_hand(void)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;

	while (PyDict_Next(modules(), &at, &key, &value)) {
		int known = PySet_Contains(seen_names, key);

		if (known < 0 || (!known && (note_need(key) < 0 || PySet_Add(seen_names, key) < 0)))
			return -1;
	}
	return 0;
}

static PyObject *load_and_note(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	PyObject *r = NULL;

	(void)self;
	if (nargs < 1 || note_by_hand() < 0 || note_need(args[0]) < 0)
		return NULL;
	if (PyDict_Contains(modules(), args[0]))
		return PyObject_Vectorcall(shelf.original, args, (size_t)nargs, NULL);
	if (PySet_Add(seen_names, args[0]) < 0 || PyList_Append(shelf.loading, args[0]) < 0)
		return NULL;
	r = PyObject_Vectorcall(shelf.original, args, (size_t)nargs, NULL);
	if (r && note_by_hand() < 0)
		Py_CLEAR(r);
	if (PyList_SetSlice(shelf.loading, PyList_GET_SIZE(shelf.loading) - 1, PY_SSIZE_T_MAX,
			    NULL) < 0)
		Py_CLEAR(r);
	return r;
}

static int note_from(PyObject *name, PyObject *fromlist)
{
	Py_ssize_t n = fromlist && PyTuple_Check(fromlist) ? PyTuple_GET_SIZE(fromlist) : 0;

	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *full = PyUnicode_FromFormat("%U.%U", name, PyTuple_GET_ITEM(fromlist, i));
		int r = !full ? -1 : PyDict_Contains(modules(), full) > 0 ? note_need(full) : 0;

		Py_XDECREF(full);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* builtins.__import__ for this time: it also sees imports of what is loaded already. */
static PyObject *import_and_note(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { "name", "globals", "locals", "fromlist", "level", NULL };
	PyObject *name, *globals = NULL, *locals = NULL, *fromlist = NULL, *r, *full;
	int level = 0;

	(void)self;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U|OOOi", names, &name, &globals, &locals,
					 &fromlist, &level))
		return NULL;
	if (level == 0 && note_prefixes(name) < 0)
		return NULL;
	r = PyImport_ImportModuleLevelObject(name, globals, locals, fromlist, level);
	if (!r || !fromlist || !PyTuple_Check(fromlist) || !PyModule_Check(r))
		return r;
	full = level == 0 ? Py_NewRef(name) : PyModule_GetNameObject(r);
	if (!full || (level > 0 && note_need(full) < 0) || note_from(full, fromlist) < 0)
		Py_CLEAR(r);
	Py_XDECREF(full);
	return r;
}

static int replace(const char *name, PyCFunction function, int flags, PyObject *owner)
{
	static PyMethodDef defs[3];
	static size_t n;
	PyMethodDef *def = &defs[n++];
	PyObject *f;
	int r;

	*def = (PyMethodDef){ name, function, flags, NULL };
	f = PyCFunction_NewEx(def, NULL, NULL);
	r = f ? PyObject_SetAttrString(owner, name, f) : -1;
	Py_XDECREF(f);
	return r;
}

static PyObject *bootstrap(void)
{
	return PyDict_GetItemString(modules(), "_frozen_importlib");
}

int shelf_open(void)
{
	PyObject *builtins = PyImport_AddModule("builtins");

	shelf.import_name = PyUnicode_InternFromString("_find_and_load");
	shelf.original = PyObject_GetAttr(bootstrap(), shelf.import_name);
	shelf.plain_import = PyObject_GetAttrString(builtins, "__import__");
	shelf.index = PyDict_Copy(modules());
	shelf.needs = PyDict_New();
	shelf.loading = PyList_New(0);
	seen_names = PySet_New(modules());
	shelf.meta_path = PySequence_Tuple(PySys_GetObject("meta_path"));
	shelf.path = PySequence_Tuple(PySys_GetObject("path"));
	if (!shelf.original || !shelf.plain_import || !shelf.index || !shelf.needs ||
	    !shelf.loading || !seen_names || !shelf.meta_path || !shelf.path)
		return -1;
	if (replace("_find_and_load", (PyCFunction)(void (*)(void))load_and_note, METH_FASTCALL,
		    bootstrap()) < 0)
		return -1;
	return replace("__import__", (PyCFunction)(void (*)(void))import_and_note,
		       METH_VARARGS | METH_KEYWORDS, builtins);
}

/* ---- putting them away */

static int fill_book(struct book *b, PyObject *name, PyObject *module)
{
	Py_ssize_t dot;

	b->name = Py_NewRef(name);
	b->module = Py_NewRef(module);
	b->dict = PyModule_Check(module) ? (PyDictObject *)PyModule_GetDict(module) : NULL;
	dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
	b->renew = b->fresh ? NULL : renew_find(PyUnicode_AsUTF8(name));
	if (b->fresh || dot < 0)
		return 0;
	b->tail = PyUnicode_Substring(name, dot + 1, PY_SSIZE_T_MAX);
	b->parent = PyUnicode_Substring(name, 0, dot);
	if (!b->tail || !b->parent)
		return -1;
	PyUnicode_InternInPlace(&b->tail);
	b->above = find(b->parent);
	Py_SETREF(b->parent, Py_XNewRef(PyDict_GetItemWithError(modules(), b->parent)));
	return 0;
}

static int hide(struct book *b)
{
	PyObject *parent_dict, *there;

	if (b->fresh)
		return 0;
	if (PyDict_DelItem(modules(), b->name) < 0)
		return -1;
	parent_dict = b->parent && PyModule_Check(b->parent) ? PyModule_GetDict(b->parent) : NULL;
	there = parent_dict ? PyDict_GetItemWithError(parent_dict, b->tail) : NULL;
	if (there != b->module)
		Py_CLEAR(b->parent);
	return b->parent ? PyDict_DelItem(parent_dict, b->tail) : 0;
}

/* Depth first, each after what it needs: an interpreter moves a module to the end when it is complete. */
static void visit(struct book *of, struct book *b)
{
	PyObject *needs, *above;
	Py_ssize_t dot;

	if (!b || b->seen || b->fresh)
		return;
	dot = PyUnicode_FindChar(b->name, '.', 0, PyUnicode_GET_LENGTH(b->name), -1);
	above = dot > 0 ? PyUnicode_Substring(b->name, 0, dot) : NULL;
	if (above)
		visit(of, find(above));
	Py_XDECREF(above);
	if (b->seen)
		return;
	b->seen = true;
	needs = PyDict_GetItemWithError(shelf.needs, b->name);
	for (Py_ssize_t i = 0; needs && i < PyList_GET_SIZE(needs); i++)
		visit(of, find(PyList_GET_ITEM(needs, i)));
	of->list[of->nlist++] = b;
}

static int make_list(struct book *b)
{
	b->list = PyMem_RawCalloc(shelf.n, sizeof(b->list[0]));
	if (!b->list)
		return -1;
	for (size_t i = 0; i < shelf.n; i++)
		shelf.books[i].seen = false;
	visit(b, b);
	return 0;
}

static int make_books(PyObject *fresh)
{
	PyObject *name, *module;
	Py_ssize_t at = 0;

	shelf.n = 0;
	shelf.books = PyMem_RawCalloc((size_t)PyDict_GET_SIZE(modules()), sizeof(*shelf.books));
	if (!shelf.books)
		return -1;
	while (PyDict_Next(modules(), &at, &name, &module)) {
		PyObject *number = PyLong_FromSize_t(shelf.n);
		struct book *b = &shelf.books[shelf.n];

		if (PyUnicode_CompareWithASCIIString(name, "__main__") == 0)
			continue; /* nobody may hold that one */
		shelf.n++;
		b->fresh = PyDict_Contains(fresh, name) > 0;
		if (!number || PyDict_SetItem(shelf.index, name, number) < 0 ||
		    fill_book(b, name, module) < 0)
			return -1;
		Py_DECREF(number);
	}
	return 0;
}

static PyObject *take(PyObject *self, PyObject *const *args, Py_ssize_t nargs);

int shelf_close(void)
{
	PyObject *fresh = shelf.index, *builtins = PyImport_AddModule("builtins");

	if (PyObject_SetAttrString(builtins, "__import__", shelf.plain_import) < 0 ||
	    replace("_find_and_load", (PyCFunction)(void (*)(void))take, METH_FASTCALL,
		    bootstrap()) < 0)
		return -1;
	shelf.index = PyDict_New();
	if (!shelf.index || make_books(fresh) < 0)
		return -1;
	for (size_t i = 0; i < shelf.n; i++)
		if (!shelf.books[i].fresh && make_list(&shelf.books[i]) < 0)
			return -1;
	for (size_t i = shelf.n; i-- > 0;)
		if (hide(&shelf.books[i]) < 0)
			return -1;
	for (size_t i = 0; i < shelf.n; i++)
		mark_pristine(&shelf.books[i]);
	Py_DECREF(fresh);
	Py_CLEAR(shelf.needs);
	Py_CLEAR(shelf.loading);
	Py_CLEAR(seen_names);
	return 0;
}

/* ---- in a child */

/* Whatever is called like a module on the shelf may be meant instead of it. */
static bool look_into(const char *path)
{
	DIR *d = opendir(*path ? path : ".");
	struct dirent *e;

	if (!d)
		return errno == ENOENT;
	while ((e = readdir(d))) {
		size_t len = strcspn(e->d_name, ".");
		PyObject *name;
		struct book *b;

		if (len == 0)
			continue;
		name = PyUnicode_DecodeFSDefaultAndSize(e->d_name, (Py_ssize_t)len);
		b = name ? find(name) : NULL;
		if (b)
			b->shadowed = true;
		Py_XDECREF(name);
	}
	closedir(d);
	return true;
}

static bool same_items(PyObject *list, Py_ssize_t from, PyObject *tuple)
{
	Py_ssize_t n = PyTuple_GET_SIZE(tuple);

	if (!list || !PyList_CheckExact(list) || PyList_GET_SIZE(list) < from + n)
		return false;
	for (Py_ssize_t i = 0; i < n; i++)
		if (PyList_GET_ITEM(list, from + i) != PyTuple_GET_ITEM(tuple, i))
			return false;
	return true;
}

static bool is_watched(void)
{
	PyThreadState *ts = PyThreadState_Get();

	return PyDict_GetItemString(ts->interp->builtins, "__import__") != shelf.plain_import ||
	       ts->interp->audit_hooks || _PyRuntime.audit_hook_head || ts->c_tracefunc ||
	       ts->c_profilefunc;
}

/* Would a fresh interpreter find the standard library where the zygote found it? */
static bool may_take(void)
{
	PyObject *path = PySys_GetObject("path"), *meta = PySys_GetObject("meta_path");
	Py_ssize_t leading = 0, n;

	if (is_watched() || !same_items(meta, 0, shelf.meta_path) ||
	    PyList_GET_SIZE(meta) != PyTuple_GET_SIZE(shelf.meta_path))
		return false;
	n = path && PyList_CheckExact(path) ? PyList_GET_SIZE(path) : 0;
	while (leading < n && PyList_GET_ITEM(path, leading) != PyTuple_GET_ITEM(shelf.path, 0))
		leading++;
	if (!same_items(path, leading, shelf.path))
		return false;
	for (size_t i = 0; i < shelf.n; i++)
		if (shelf.books[i].shadowed)
			shelf.books[i].shadowed = false;
	for (Py_ssize_t i = 0; i < leading; i++) {
		PyObject *dir = PyList_GET_ITEM(path, i);
		const char *text = PyUnicode_CheckExact(dir) ? PyUnicode_AsUTF8(dir) : NULL;

		if (!text || !look_into(text)) {
			PyErr_Clear();
			return false;
		}
	}
	return true;
}

static bool is_complete(const struct book *b)
{
	for (size_t i = 0; i < b->nlist; i++) {
		const struct book *x = b->list[i];
		PyObject *there = PyDict_GetItemWithError(modules(), x->name);

		if (x->shadowed || (there ? there != x->module : x->taken))
			return false;
	}
	return true;
}

static int bring(struct book *b)
{
	bool pristine;

	if (b->taken)
		return 0;
	b->taken = true;
	if (PyDict_SetItem(modules(), b->name, b->module) < 0)
		return -1;
	if (b->parent) {
		pristine = b->above && is_pristine(b->above);
		if (PyDict_SetItem(PyModule_GetDict(b->parent), b->tail, b->module) < 0)
			return -1;
		if (pristine)
			mark_pristine(b->above);
	}
	if (b->renew && b->renew(b->module) < 0)
		return -1;
	mark_pristine(b);
	return 0;
}

static PyObject *take(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	PyObject *there = nargs > 0 ? PyDict_GetItemWithError(modules(), args[0]) : NULL;
	struct book *b = nargs > 0 && PyUnicode_Check(args[0]) && !there ? find(args[0]) : NULL;

	(void)self;
	if (!b || b->fresh || b->taken || !may_take() || !is_complete(b)) {
		if (PyErr_Occurred())
			return NULL;
		return PyObject_Vectorcall(shelf.original, args, (size_t)nargs, NULL);
	}
	for (size_t i = 0; i < b->nlist; i++)
		if (bring(b->list[i]) < 0)
			return NULL;
	return Py_NewRef(b->module);
}

bool shelf_is_pristine(PyObject *name, PyObject *module)
{
	struct book *b = PyUnicode_CheckExact(name) ? find(name) : NULL;

	return b && b->module == module && is_pristine(b);
}
