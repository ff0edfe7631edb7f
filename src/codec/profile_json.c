/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's format holds more than we can keep: what a rule includes or excludes by capability, by
 * kernel or by architecture is refused rather than ignored, as is every other key that is not in a
 * table here, for a profile that means less than it says is worse than none.  The lists of
 * architectures are for Docker; our compiler takes the native one only.
 */
#include "codec/profile_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "codec/json_read.h"

#define PROFILE_FILE_MAX 262144
#define PROFILE_RULES_MAX 512
#define PROFILE_NAMES_MAX 512
#define PROFILE_ARGS_MAX 6 /* arguments of a system call */
#define ERRNO_MAX 4095	   /* MAX_ERRNO of the kernel */

struct name_value {
	const char *name;
	int value;
};

static const struct name_value actions[] = {
	{ "SCMP_ACT_ALLOW", PROFILE_ALLOW },
	{ "SCMP_ACT_ERRNO", PROFILE_ERRNO },
	{ "SCMP_ACT_KILL_PROCESS", PROFILE_KILL_PROCESS },
};

static const struct name_value ops[] = {
	{ "SCMP_CMP_EQ", PROFILE_EQ },
	{ "SCMP_CMP_NE", PROFILE_NE },
	{ "SCMP_CMP_LT", PROFILE_LT },
	{ "SCMP_CMP_LE", PROFILE_LE },
	{ "SCMP_CMP_GT", PROFILE_GT },
	{ "SCMP_CMP_GE", PROFILE_GE },
	{ "SCMP_CMP_MASKED_EQ", PROFILE_MASKED_EQ },
};

static int read_word(struct json_reader *r, const struct json_path *at, const json_t *v,
		     const struct name_value *words, size_t n, int *into)
{
	const char *name;
	int rc = json_read_name(r, at, v, &name);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i].name, name) == 0) {
			*into = words[i].value;
			return 0;
		}
	return json_refuse(r, at, "is not supported: %.64s", name);
}

static int read_errno(struct json_reader *r, const struct json_path *at, const json_t *v,
		      unsigned *into)
{
	uint64_t value;
	int rc = json_read_uint(r, at, v, &value);

	if (rc)
		return rc;
	if (value == 0)
		return json_refuse(r, at, "must not be 0: the call would seem to succeed");
	if (value > ERRNO_MAX)
		return json_refuse(r, at, "must be at most %d", ERRNO_MAX);
	*into = (unsigned)value;
	return 0;
}

/* For keys that only Docker needs. */
static int read_nothing(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return 0;
}

/* ---- conditions on arguments ---- */

static int arg_index(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	uint64_t value;
	int rc = json_read_uint(r, at, v, &value);

	if (rc == 0 && value >= PROFILE_ARGS_MAX)
		return json_refuse(r, at, "must be at most %d", PROFILE_ARGS_MAX - 1);
	if (rc == 0)
		((struct profile_arg *)into)->index = (unsigned)value;
	return rc;
}

static int arg_value(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	return json_read_uint(r, at, v, &((struct profile_arg *)into)->value);
}

static int arg_value_two(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	return json_read_uint(r, at, v, &((struct profile_arg *)into)->value_two);
}

static int arg_op(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	int op;
	int rc = read_word(r, at, v, ops, ARRAY_SIZE(ops), &op);

	if (rc == 0)
		((struct profile_arg *)into)->op = (enum profile_op)op;
	return rc;
}

static const struct json_field arg_rows[] = {
	{ "index", true, arg_index },
	{ "value", true, arg_value },
	{ "valueTwo", false, arg_value_two },
	{ "op", true, arg_op },
};

static int read_arg(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	return json_read_object(r, at, v, arg_rows, ARRAY_SIZE(arg_rows), into);
}

/* ---- rules ---- */

struct rule_parts {
	struct profile_rule *rule;
	bool tripwire;
};

static int rule_name(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	int rc = json_read_name(r, at, v, into);

	if (rc == 0 && !**(const char **)into)
		return json_refuse(r, at, "must not be empty");
	return rc;
}

static int rule_names(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	struct profile_rule *rule = ((struct rule_parts *)into)->rule;
	int rc = json_read_array(r, at, v, PROFILE_NAMES_MAX, sizeof(*rule->names), rule_name,
				 &rule->names, &rule->nnames);

	if (rc == 0 && rule->nnames == 0)
		return json_refuse(r, at, "must not be empty");
	return rc;
}

static int rule_action(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	int action;
	int rc = read_word(r, at, v, actions, ARRAY_SIZE(actions), &action);

	if (rc == 0)
		((struct rule_parts *)into)->rule->action = (enum profile_action)action;
	return rc;
}

static int rule_errno(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	return read_errno(r, at, v, &((struct rule_parts *)into)->rule->errno_ret);
}

static int rule_args(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	struct profile_rule *rule = ((struct rule_parts *)into)->rule;

	return json_read_array(r, at, v, PROFILE_ARGS_MAX, sizeof(*rule->args), read_arg,
			       &rule->args, &rule->nargs);
}

static int rule_comment(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	const char *comment;
	int rc = json_read_name(r, at, v, &comment);

	if (rc == 0)
		((struct rule_parts *)into)->tripwire = strcmp(comment, "tripwire") == 0;
	return rc;
}

static const struct json_field rule_rows[] = {
	{ "names", true, rule_names },	    { "action", true, rule_action },
	{ "errnoRet", false, rule_errno },  { "args", false, rule_args },
	{ "comment", false, rule_comment },
};

/* A tripwire is plain EPERM to Docker, so the file must say what the warden will answer. */
static int check_rule(struct json_reader *r, const struct json_path *at, struct profile_rule *rule,
		      bool tripwire)
{
	struct json_path errno_at = { .up = at, .name = "errnoRet" };

	if (rule->action != PROFILE_ERRNO && rule->errno_ret)
		return json_refuse(r, &errno_at, "belongs to SCMP_ACT_ERRNO only");
	if (rule->action == PROFILE_ERRNO && !rule->errno_ret)
		rule->errno_ret = EPERM; /* as in Docker */
	if (!tripwire)
		return 0;
	if (rule->action != PROFILE_ERRNO || rule->errno_ret != EPERM)
		return json_refuse(r, at, "is a tripwire, so it must be SCMP_ACT_ERRNO with EPERM");
	rule->action = PROFILE_TRIPWIRE;
	return 0;
}

static int read_rule(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	struct rule_parts parts = { .rule = into };
	int rc = json_read_object(r, at, v, rule_rows, ARRAY_SIZE(rule_rows), &parts);

	return rc ? rc : check_rule(r, at, parts.rule, parts.tripwire);
}

/* ---- the profile ---- */

static int profile_default_action(struct json_reader *r, const struct json_path *at,
				  const json_t *v, void *into)
{
	int action;
	int rc = read_word(r, at, v, actions, ARRAY_SIZE(actions), &action);

	if (rc)
		return rc;
	if (action == PROFILE_ALLOW)
		return json_refuse(r, at, "must not allow: what is not named is denied");
	((struct profile *)into)->default_action = (enum profile_action)action;
	return 0;
}

static int profile_default_errno(struct json_reader *r, const struct json_path *at, const json_t *v,
				 void *into)
{
	return read_errno(r, at, v, &((struct profile *)into)->default_errno);
}

static int profile_syscalls(struct json_reader *r, const struct json_path *at, const json_t *v,
			    void *into)
{
	struct profile *p = into;

	return json_read_array(r, at, v, PROFILE_RULES_MAX, sizeof(*p->rules), read_rule, &p->rules,
			       &p->nrules);
}

static const struct json_field profile_rows[] = {
	{ "defaultAction", true, profile_default_action },
	{ "defaultErrnoRet", false, profile_default_errno },
	{ "archMap", false, read_nothing },
	{ "architectures", false, read_nothing },
	{ "syscalls", true, profile_syscalls },
};

static int broken(struct err *err, const struct refusal *refusal)
{
	err_set(err, 0, "%s: %s", refusal->field[0] ? refusal->field : "body", refusal->rule);
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

int profile_json_decode(const char *text, size_t len, struct arena *arena, struct profile *ret,
			struct err *err)
{
	struct refusal refusal = { .field = "" };
	struct json_reader r = { .arena = arena, .refusal = &refusal };
	struct profile profile = { .nrules = 0 };
	_cleanup_json_ json_t *root = NULL;
	int rc = json_read_body(text, len, &refusal, &root);

	if (rc == 0)
		rc = json_read_object(&r, NULL, root, profile_rows, ARRAY_SIZE(profile_rows),
				      &profile);
	if (rc > 0)
		return broken(err, &refusal);
	if (rc < 0)
		return err_set(err, rc, "reading a seccomp profile");
	if (profile.default_action == PROFILE_ERRNO && !profile.default_errno)
		profile.default_errno = EPERM;
	*ret = profile;
	return 0;
}

int profile_json_load(const char *path, struct arena *arena, struct profile *ret, struct err *err)
{
	_cleanup_free_ char *text = malloc(PROFILE_FILE_MAX + 1);
	_cleanup_close_ int fd = -1;
	ssize_t n;

	if (!text)
		return err_set(err, ENOMEM, "%s", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, errno, "%s", path);
	n = fd_read_full(fd, text, PROFILE_FILE_MAX + 1);
	if (n < 0)
		return err_set(err, (int)n, "%s", path);
	if (n > PROFILE_FILE_MAX)
		return err_set(err, EFBIG, "%s", path);
	if (profile_json_decode(text, (size_t)n, arena, ret, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}
