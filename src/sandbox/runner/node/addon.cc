/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Node zygote: a stock node that has started up to the moment before it loads the main module.
 *
 * Node has no way to embed it that is as fast as its own program, and none to be forked.  So its own
 * program is started, with preload.js as a preloaded module.  That one warms node up, and then calls
 * serve() here, which forks a child for each order.  Only in the child does serve() return; the child
 * returns from preload.js, and node's own start-up goes on to load the main module, which stands in the
 * box that the child is in by then.  So traces, kinds of modules and exit codes are node's own.
 *
 * A forked node lacks its threads, shares descriptors with the zygote, believes in old clocks and would
 * draw the numbers that all others draw: each of those is one file here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <dlfcn.h>

#include "sandbox/runner/node/node_zygote.hh"
#include "sandbox/runner/node/zygote_c.hh"

#define ARGV_MAX 16
#define ARG_BYTES 256

static napi_value undefined(napi_env env)
{
	napi_value v;

	napi_get_undefined(env, &v);
	return v;
}

static napi_value string(napi_env env, const char *s)
{
	napi_value v;

	napi_create_string_utf8(env, s, NAPI_AUTO_LENGTH, &v);
	return v;
}

static napi_value strings(napi_env env, char *const *list)
{
	napi_value array;

	napi_create_array(env, &array);
	for (uint32_t i = 0; list[i]; i++)
		napi_set_element(env, array, i, string(env, list[i]));
	return array;
}

static void arguments(napi_env env, napi_callback_info info, napi_value *ret, size_t n)
{
	napi_get_cb_info(env, info, &n, ret, NULL, NULL);
}

/*
 * What a box has not, node must not have found at its start, since it would count on it in the child.  V8 guards its code
 * with a protection key where the processor has any, and a program could not grow its code; libuv of
 * node 22 and 24 keeps a ring of io_uring, which the child could only die of.
 */
static bool has_what_boxes_lack(void)
{
	return syscall(SYS_pkey_alloc, 0, 0) >= 0 ||
	       (syscall(SYS_io_uring_setup, 0, NULL) < 0 && errno == EFAULT);
}

/* Then this node begins again, under a filter that says ENOSYS as a box's does. Returns why that could not be. */
static const char *start_as_in_a_box(char *const *argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pkey_alloc, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };
	char self[256];
	ssize_t n;

	if (!has_what_boxes_lack())
		return NULL;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
			return strerror(errno);
	}
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n < 0 ? 0 : n] = '\0';
	/* libuv made its descriptors close-on-exec, and what the warden gave must stay */
	fcntl(ZYGOTE_SOCKET_FD, F_SETFD, 0);
	fcntl(ZYGOTE_SOCKET_FD + 1, F_SETFD, 0);
	execv(self, argv);	       /* by its name, which becomes the process's */
	execv("/proc/self/exe", argv); /* its file was replaced meanwhile */
	return strerror(errno);
}

/* open(argv): undefined, or why not. argv: what this node was started with */
static napi_value js_open(napi_env env, napi_callback_info info)
{
	static char text[ARGV_MAX][ARG_BYTES];
	char *argv[ARGV_MAX + 1] = {};
	const char *why;
	napi_value list, v;
	size_t n;
	int r;

	arguments(env, info, &list, 1);
	for (uint32_t i = 0; i < ARGV_MAX && napi_get_element(env, list, i, &v) == napi_ok; i++)
		if (napi_get_value_string_utf8(env, v, text[i], ARG_BYTES, &n) == napi_ok)
			argv[i] = text[i];
	why = start_as_in_a_box(argv);
	if (why)
		return string(env, why);
	r = zygote_open();
	return r < 0 ? string(env, strerror(-r)) : undefined(env);
}

/* fail(version, why): says it and ends */
static napi_value js_fail(napi_env env, napi_callback_info info)
{
	char version[32] = "", why[200] = "";
	napi_value v[2];
	size_t n;

	arguments(env, info, v, 2);
	napi_get_value_string_utf8(env, v[0], version, sizeof(version), &n);
	napi_get_value_string_utf8(env, v[1], why, sizeof(why), &n);
	zygote_ready(version, -ENOTSUP, why);
	_exit(1);
}

/* pipe(): [reading end, writing end] */
static napi_value js_pipe(napi_env env, napi_callback_info)
{
	napi_value array, v;
	int ends[2];

	napi_create_array(env, &array);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return array;
	for (uint32_t i = 0; i < 2; i++) {
		napi_create_int32(env, ends[i], &v);
		napi_set_element(env, array, i, v);
	}
	return array;
}

/* dup(from, to): the new descriptor, which is `to`; a free one where that is negative */
static napi_value js_dup(napi_env env, napi_callback_info info)
{
	int32_t from = -1, to = -1;
	napi_value v[2], ret;

	arguments(env, info, v, 2);
	napi_get_value_int32(env, v[0], &from);
	napi_get_value_int32(env, v[1], &to);
	napi_create_int32(env, to < 0 ? fcntl(from, F_DUPFD_CLOEXEC, 3) : dup2(from, to), &ret);
	return ret;
}

/* youngBytes(): of the young generation, in use */
static napi_value js_young_bytes(napi_env env, napi_callback_info)
{
	v8::Isolate *isolate = v8::Isolate::GetCurrent();
	v8::HeapSpaceStatistics s;
	napi_value v;

	napi_create_double(env, 0, &v);
	for (size_t i = 0; i < isolate->NumberOfHeapSpaces(); i++)
		if (isolate->GetHeapSpaceStatistics(&s, i) &&
		    strcmp(s.space_name(), "new_space") == 0)
			napi_create_double(env, (double)s.space_used_size(), &v);
	return v;
}

/* turn(): one turn of the loop, which does not wait */
static napi_value js_turn(napi_env env, napi_callback_info)
{
	uv_loop_t *loop;

	napi_get_uv_event_loop(env, &loop);
	uv_run(loop, UV_RUN_NOWAIT);
	return undefined(env);
}

/* binding(name): node's internal binding of that name, or undefined */
static napi_value js_binding(napi_env env, napi_callback_info info)
{
	v8::Local<v8::Context> context = v8::Isolate::GetCurrent()->GetCurrentContext();
	v8::FunctionCallback get = (v8::FunctionCallback)dlsym(
		RTLD_DEFAULT, "_ZN4node7binding18GetInternalBindingERKN2v820FunctionCallbackInfo"
			      "INS1_5ValueEEE");
	v8::Local<v8::Function> f;
	v8::Local<v8::Value> result;
	napi_value name, ret;

	static_assert(sizeof(napi_value) == sizeof(v8::Local<v8::Value>), "both are one pointer");
	arguments(env, info, &name, 1);
	if (!get || !v8::Function::New(context, get).ToLocal(&f) ||
	    !f->Call(context, context->Global(), 1, (v8::Local<v8::Value> *)&name).ToLocal(&result))
		return undefined(env);
	memcpy(&ret, &result, sizeof(ret));
	return ret;
}

static void *array_data(napi_env env, napi_value array, size_t *ret_length)
{
	napi_typedarray_type type;
	void *data = NULL;

	if (napi_get_typedarray_info(env, array, &type, ret_length, &data, NULL, NULL) != napi_ok)
		return NULL;
	return data;
}

/* An index into a typed array, as serve() gets it. False: there is none. */
static bool index_in(napi_env env, napi_value v, size_t length, size_t *ret)
{
	uint32_t i;

	if (napi_get_value_uint32(env, v, &i) != napi_ok || i >= length)
		return false;
	*ret = i;
	return true;
}

/* Of the code that runs, of what it was called by, the last one given: node keeps them side by side. */
struct async_ids {
	double executing, trigger, last;
};

static struct async_ids *async_ids;

static bool is_async_ids(const void *pointed, const void *known)
{
	return memcmp(pointed, known, sizeof(struct async_ids)) == 0;
}

/* findAsyncIds(executing, trigger, last): whether they were found */
static napi_value js_find_async_ids(napi_env env, napi_callback_info info)
{
	v8::Local<v8::Context> context = v8::Isolate::GetCurrent()->GetCurrentContext();
	struct async_ids known = {};
	napi_value v[3], found;

	arguments(env, info, v, 3);
	napi_get_value_double(env, v[0], &known.executing);
	napi_get_value_double(env, v[1], &known.trigger);
	napi_get_value_double(env, v[2], &known.last);
	async_ids = (struct async_ids *)pointed_find(node::GetCurrentEnvironment(context),
						     sizeof(known), is_async_ids, &known);
	napi_get_boolean(env, async_ids != NULL, &found);
	return found;
}

/* setLastAsyncId(id): the next one is the one after it */
static napi_value js_set_last_async_id(napi_env env, napi_callback_info info)
{
	napi_value v;

	arguments(env, info, &v, 1);
	napi_get_value_double(env, v, &async_ids->last);
	return undefined(env);
}

static const char *take_fields(napi_env env, const napi_value *v, struct js_fields *f)
{
	size_t n;

	f->milestones = (double *)array_data(env, v[0], &f->nmilestones);
	if (!f->milestones || !index_in(env, v[1], f->nmilestones, &f->origin) ||
	    !index_in(env, v[2], f->nmilestones, &f->origin_timestamp))
		return "keeps its time origin at an unknown place";
	f->exit_fields = (const int32_t *)array_data(env, v[3], &n);
	if (!f->exit_fields || !index_in(env, v[4], n, &f->has_exit_code) ||
	    !index_in(env, v[5], n, &f->exit_code))
		return "keeps the exit code at an unknown place";
	return NULL;
}

static pid_t fork_node(void *)
{
	return fork(); /* glibc's: its locks, and libuv's fork handler, matter here */
}

static void settle(void *)
{
	census_descriptors_renew();
	loop_renew();
	fresh_renew_random();
	workers_renew();
	ending_renew();
	hot_renew(); /* also at the order: at once is cheaper than one by one */
}

/*
 * prepare(milestones, origin, timestamp, exit fields, has code, code): undefined, or why this node cannot
 * be served warm.  The order matters: threads and heap are looked at when nothing else will change them.
 */
static napi_value js_prepare(napi_env env, napi_callback_info info)
{
	v8::Isolate *isolate = v8::Isolate::GetCurrent();
	struct js_fields fields = {};
	uv_loop_t *loop;
	napi_value v[6];
	const char *why;

	arguments(env, info, v, 6);
	napi_get_uv_event_loop(env, &loop);
	why = take_fields(env, v, &fields);
	why = why ? why : ending_prepare(isolate, &fields);
	why = why ? why : workers_prepare(isolate);
	why = why ? why : census_descriptors(loop);
	why = why ? why : census_threads();
	why = why ? why : fresh_prepare(isolate, &fields);
	why = why ? why : census_heap_forks();
	loop_prepare(loop);
	if (!why)
		huge_prepare_code();
	return why ? string(env, why) : undefined(env);
}

/*
 * rehearse(): true in a child that shall run something to its end, with nobody to read what it prints;
 * false in the zygote when that child is dead
 */
static napi_value js_rehearse(napi_env env, napi_callback_info)
{
	pid_t pid = hot_prepare();
	napi_value v;
	int ends[2];

	if (pid == 0) {
		settle(NULL);
		loop_renew_time();
		if (pipe2(ends, O_CLOEXEC) < 0 || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0)
			_exit(1);
	} else if (pid > 0) {
		waitpid(pid, NULL, 0);
	}
	if (pid != 0)
		hot_learn();
	napi_get_boolean(env, pid == 0, &v);
	return v;
}

/* serve(version): in a child, [argv, cwd] of what it shall run; the zygote never returns */
static napi_value js_serve(napi_env env, napi_callback_info info)
{
	static const struct zygote_ops ops = { fork_node, settle, NULL };
	const struct payload_view *view;
	char version[32] = "";
	napi_value result, v;
	const char *why;
	size_t n;

	arguments(env, info, &v, 1);
	napi_get_value_string_utf8(env, v, version, sizeof(version), &n);
	why = huge_prepare_heap();
	if (zygote_ready(version, why ? -ENOTSUP : 0, why) < 0 || why)
		_exit(1);
	view = zygote_serve(&ops);
	loop_renew_time();
	fresh_renew_identity(v8::Isolate::GetCurrent(), view->envp);
	napi_create_array(env, &result);
	napi_set_element(env, result, 0, strings(env, view->argv));
	napi_set_element(env, result, 1, string(env, view->cwd));
	return result;
}

NAPI_MODULE_INIT()
{
	static const struct {
		const char *name;
		napi_callback f;
	} functions[] = {
		{ "open", js_open },
		{ "fail", js_fail },
		{ "pipe", js_pipe },
		{ "dup", js_dup },
		{ "turn", js_turn },
		{ "binding", js_binding },
		{ "prepare", js_prepare },
		{ "rehearse", js_rehearse },
		{ "serve", js_serve },
		{ "youngBytes", js_young_bytes },
		{ "findAsyncIds", js_find_async_ids },
		{ "setLastAsyncId", js_set_last_async_id },
	};
	napi_value f;

	for (const auto &row : functions) {
		napi_create_function(env, row.name, NAPI_AUTO_LENGTH, row.f, NULL, &f);
		napi_set_named_property(env, exports, row.name, f);
	}
	napi_set_named_property(env, exports, "abi",
				string(env, NODE_STRINGIFY(NODE_MODULE_VERSION)));
	return exports;
}
