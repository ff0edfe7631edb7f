/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libseccomp takes rules in any order and then decides by itself which one is asked first: an
 * unconditional rule swallows the conditional ones of the same call, and of two conditions that
 * both hold the earlier branch of its tree wins.  A profile whose meaning hangs on that is a trap,
 * so none is accepted: before anything is compiled every two rules of one call with different
 * answers must be provably disjoint.  What is left means the same in any order, here and in Docker,
 * whose runtime makes the same calls (one rule per name, all its conditions joined, rules equal to
 * the default left out). "Everything but X" is therefore written as blocks of MASKED_EQ around X;
 * see profiles/seccomp.json.
 *
 * A call with conditions of which none holds answers the default action.  Names that this
 * libseccomp does not know are left out: they answer the default as well, which never allows.
 *
 * The split is made rule by rule.  Of two filters the kernel takes the graver answer, and a refusal with
 * an errno is graver than a notification: so the base must allow whatever the closing part notifies of,
 * and the closing part allows whatever the base decides.  Rules with conditions are split like any
 * others, since no two rules with different answers can meet; only a call of the set-up must have none.
 */
#include "kernel/seccomp_compile.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define ARGS_MAX 6
#define ERRNO_MAX 4095	/* the kernel cuts greater values to this */
#define OPTIMIZE_TREE 2 /* SCMP_FLTATR_CTL_OPTIMIZE: a binary tree over the call numbers */

/* By enum profile_op. */
static const enum scmp_compare compare_ops[] = {
	[PROFILE_EQ] = SCMP_CMP_EQ,
	[PROFILE_NE] = SCMP_CMP_NE,
	[PROFILE_LT] = SCMP_CMP_LT,
	[PROFILE_LE] = SCMP_CMP_LE,
	[PROFILE_GT] = SCMP_CMP_GT,
	[PROFILE_GE] = SCMP_CMP_GE,
	[PROFILE_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

/*
 * What boxes are set up with after the base is on, by launchers, init and programs: mounts, namespaces, identity,
 * files.  The base allows them whatever the profile says, and the closing part then says what the profile says.
 * Calls that the profile decides by their arguments (clone, prctl, mmap, socketpair …) are not in the list: the set-up
 * passes only what programs may pass as well, or what is a tripwire for them.
 */
static const char *const set_up_calls[] = {
	"capget",
	"capset",
	"chmod",
	"chown",
	"clone3",
	"close_range",
	"fchmod",
	"fchmodat",
	"fchown",
	"fchownat",
	"kill",
	"landlock_add_rule",
	"landlock_create_ruleset",
	"landlock_restrict_self",
	"mkdir",
	"mkdirat",
	"mount",
	"openat2",
	"pidfd_open",
	"seccomp",
	"sendfile",
	"setgroups",
	"setns",
	"setresgid",
	"setresuid",
	"setsid",
	"unshare",
	"wait4",
};

static void seccomp_releasep(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static uint32_t action_of(enum profile_action action, unsigned errno_ret, enum seccomp_part part)
{
	switch (action) {
	case PROFILE_ALLOW: return SCMP_ACT_ALLOW;
	case PROFILE_ERRNO: return SCMP_ACT_ERRNO(errno_ret);
	case PROFILE_TRIPWIRE:
		return part == SECCOMP_WHOLE_QUIET ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_NOTIFY;
	case PROFILE_KILL_PROCESS: break;
	}
	return SCMP_ACT_KILL_PROCESS;
}

static uint32_t default_of(const struct profile *p, enum seccomp_part part)
{
	return part == SECCOMP_CLOSING ? SCMP_ACT_ALLOW
				       : action_of(p->default_action, p->default_errno, part);
}

static uint32_t foreign_of(enum seccomp_part part)
{
	switch (part) {
	case SECCOMP_BASE: return SCMP_ACT_ALLOW;
	case SECCOMP_WHOLE_QUIET: return SCMP_ACT_KILL_PROCESS;
	case SECCOMP_WHOLE:
	case SECCOMP_CLOSING: break;
	}
	return SCMP_ACT_NOTIFY;
}

static bool is_set_up_call(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(set_up_calls); i++)
		if (!strcmp(name, set_up_calls[i]))
			return true;
	return false;
}

/* What this part answers to a rule's calls. */
static uint32_t rule_action(const struct profile_rule *r, const char *name, enum seccomp_part part)
{
	bool loose = r->action == PROFILE_TRIPWIRE || is_set_up_call(name);

	if ((part == SECCOMP_BASE && loose) || (part == SECCOMP_CLOSING && !loose))
		return SCMP_ACT_ALLOW;
	return action_of(r->action, r->errno_ret, part);
}

/* ---- what a profile may say ---- */

static bool errno_is_valid(enum profile_action action, unsigned errno_ret)
{
	return action != PROFILE_ERRNO || (errno_ret > 0 && errno_ret <= ERRNO_MAX);
}

static int check_args(const struct profile_rule *r, struct err *err)
{
	unsigned seen = 0;

	for (size_t i = 0; i < r->nargs; i++) {
		const struct profile_arg *a = &r->args[i];

		if (a->index >= ARGS_MAX || (unsigned)a->op > PROFILE_MASKED_EQ)
			return err_set(err, EINVAL, "%s: no such argument or comparison",
				       r->names[0]);
		/* libseccomp refuses this, Docker's runtime turns it from "and" into "or" */
		if (seen & 1u << a->index)
			return err_set(err, EINVAL, "%s: two conditions on argument %u",
				       r->names[0], a->index);
		if (a->op == PROFILE_MASKED_EQ && (a->value_two & ~a->value))
			return err_set(err, EINVAL, "%s: argument %u: bits outside of the mask",
				       r->names[0], a->index);
		seen |= 1u << a->index;
	}
	return 0;
}

static int check_rule(const struct profile_rule *r, struct err *err)
{
	if (!r->nnames)
		return err_set(err, EINVAL, "a rule without names");
	for (size_t i = 0; r->nargs && i < r->nnames; i++)
		if (is_set_up_call(r->names[i]))
			return err_set(err, EINVAL, "%s: boxes are set up with it: no conditions",
				       r->names[i]);
	if (!errno_is_valid(r->action, r->errno_ret))
		return err_set(err, EINVAL, "%s: errno %u (0 would be silent success)", r->names[0],
			       r->errno_ret);
	return check_args(r, err);
}

/* The condition as a range of values; false when it is none (NE, MASKED_EQ) or empty. */
static bool range_of(const struct profile_arg *a, uint64_t *lo, uint64_t *hi)
{
	*lo = 0;
	*hi = UINT64_MAX;
	switch (a->op) {
	case PROFILE_EQ: *lo = *hi = a->value; return true;
	case PROFILE_LT: *hi = a->value - 1; return a->value > 0;
	case PROFILE_LE: *hi = a->value; return true;
	case PROFILE_GT: *lo = a->value + 1; return a->value < UINT64_MAX;
	case PROFILE_GE: *lo = a->value; return true;
	case PROFILE_NE:
	case PROFILE_MASKED_EQ: break;
	}
	return false;
}

/* EQ and MASKED_EQ as (arg & mask) == value. */
static bool bits_of(const struct profile_arg *a, uint64_t *mask, uint64_t *value)
{
	*mask = a->op == PROFILE_EQ ? UINT64_MAX : a->value;
	*value = a->op == PROFILE_EQ ? a->value : a->value_two;
	return a->op == PROFILE_EQ || a->op == PROFILE_MASKED_EQ;
}

/* True when no value of the argument meets both; false also where this cannot be told. */
static bool args_disjoint(const struct profile_arg *a, const struct profile_arg *b)
{
	uint64_t alo, ahi, blo, bhi;

	if (a->op == PROFILE_EQ && b->op == PROFILE_NE)
		return a->value == b->value;
	if (a->op == PROFILE_NE && b->op == PROFILE_EQ)
		return a->value == b->value;
	if (range_of(a, &alo, &ahi) && range_of(b, &blo, &bhi))
		return ahi < blo || bhi < alo;
	if (bits_of(a, &alo, &ahi) && bits_of(b, &blo, &bhi))
		return (ahi ^ bhi) & alo & blo;
	return false;
}

static bool rules_disjoint(const struct profile_rule *a, const struct profile_rule *b)
{
	for (size_t i = 0; i < a->nargs; i++)
		for (size_t j = 0; j < b->nargs; j++)
			if (a->args[i].index == b->args[j].index &&
			    args_disjoint(&a->args[i], &b->args[j]))
				return true;
	return false;
}

static const char *common_name(const struct profile_rule *a, const struct profile_rule *b)
{
	for (size_t i = 0; i < a->nnames; i++)
		for (size_t j = 0; j < b->nnames; j++)
			if (!strcmp(a->names[i], b->names[j]))
				return a->names[i];
	return NULL;
}

static bool same_answer(const struct profile_rule *a, const struct profile_rule *b)
{
	return a->action == b->action &&
	       (a->action != PROFILE_ERRNO || a->errno_ret == b->errno_ret);
}

static int check_profile(const struct profile *p, struct err *err)
{
	int r;

	if (p->default_action != PROFILE_ERRNO && p->default_action != PROFILE_KILL_PROCESS)
		return err_set(err, EINVAL, "the default must be an errno or a kill");
	if (!errno_is_valid(p->default_action, p->default_errno))
		return err_set(err, EINVAL, "default errno %u", p->default_errno);
	for (size_t i = 0; i < p->nrules; i++) {
		r = check_rule(&p->rules[i], err);
		if (r < 0)
			return r;
		for (size_t j = 0; j < i; j++) {
			const char *name = common_name(&p->rules[i], &p->rules[j]);

			if (name && !same_answer(&p->rules[i], &p->rules[j]) &&
			    !rules_disjoint(&p->rules[i], &p->rules[j]))
				return err_set(
					err, EINVAL,
					"%s: rules %zu and %zu overlap and answer differently",
					name, j, i);
		}
	}
	return 0;
}

/* ---- rules to libseccomp ---- */

static int add_call(scmp_filter_ctx ctx, uint32_t action, const char *name,
		    const struct profile_rule *rule, struct err *err)
{
	struct scmp_arg_cmp args[ARGS_MAX];
	size_t nargs = rule ? rule->nargs : 0;
	int nr = seccomp_syscall_resolve_name(name), r;

	if (nr < 0) /* unknown, or not a call of this architecture */
		return 0;
	for (size_t i = 0; i < nargs; i++)
		args[i] = (struct scmp_arg_cmp){
			.arg = rule->args[i].index,
			.op = compare_ops[rule->args[i].op],
			.datum_a = rule->args[i].value,
			.datum_b = rule->args[i].value_two,
		};
	r = seccomp_rule_add_array(ctx, action, nr, (unsigned)nargs, args);
	return r < 0 ? err_set(err, r, "seccomp rule for %s", name) : 0;
}

static bool has_rule(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->nrules; i++)
		for (size_t n = 0; n < p->rules[i].nnames; n++)
			if (!strcmp(p->rules[i].names[n], name))
				return true;
	return false;
}

/* Those of the set-up that the profile leaves to its default, and the mark by which the base is known. */
static int add_unnamed(scmp_filter_ctx ctx, const struct profile *p, enum seccomp_part part,
		       struct err *err)
{
	uint32_t denied = action_of(p->default_action, p->default_errno, part);
	int r;

	if (part != SECCOMP_BASE && part != SECCOMP_CLOSING)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(set_up_calls); i++) {
		if (has_rule(p, set_up_calls[i]))
			continue;
		r = add_call(ctx, part == SECCOMP_BASE ? SCMP_ACT_ALLOW : denied, set_up_calls[i],
			     NULL, err);
		if (r < 0)
			return r;
	}
	r = seccomp_rule_add(ctx,
			     part == SECCOMP_BASE ? SCMP_ACT_ERRNO(SECCOMP_MARK_ERRNO) : denied,
			     SECCOMP_MARK_CALL, 0);
	return r < 0 ? err_set(err, r, "seccomp rule for the mark") : 0;
}

static int add_rules(scmp_filter_ctx ctx, const struct profile *p, enum seccomp_part part,
		     struct err *err)
{
	for (size_t i = 0; i < p->nrules; i++)
		for (size_t n = 0; n < p->rules[i].nnames; n++) {
			const char *name = p->rules[i].names[n];
			uint32_t action = rule_action(&p->rules[i], name, part);
			int r = action == default_of(p, part)
					? 0
					: add_call(ctx, action, name, &p->rules[i], err);

			if (r < 0)
				return r;
		}
	return add_unnamed(ctx, p, part, err);
}

static int export_program(scmp_filter_ctx ctx, struct seccomp_program *ret, struct err *err)
{
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	_cleanup_free_ struct sock_filter *insns = NULL;
	off_t size;
	int r;

	if (fd < 0)
		return err_set(err, errno, "memfd_create");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return err_set(err, r, "seccomp_export_bpf");
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || (size_t)size % sizeof(*insns) ||
	    (size_t)size / sizeof(*insns) > BPF_MAXINSNS)
		return err_set(err, E2BIG, "seccomp program of %lld bytes", (long long)size);
	insns = malloc((size_t)size);
	if (!insns)
		return err_set(err, ENOMEM, "seccomp program");
	if (lseek(fd, 0, SEEK_SET) < 0 || fd_read_full(fd, insns, (size_t)size) != size)
		return err_set(err, EIO, "reading the seccomp program");
	ret->len = (unsigned)((size_t)size / sizeof(*insns));
	ret->insns = TAKE_PTR(insns);
	return 0;
}

int seccomp_compile(const struct profile *p, enum seccomp_part part, struct seccomp_program *ret,
		    struct err *err)
{
	_cleanup_(seccomp_releasep) scmp_filter_ctx ctx = NULL;
	int r = check_profile(p, err);

	if (r < 0)
		return err_wrap(err, "seccomp profile"), r;
	ctx = seccomp_init(default_of(p, part));
	if (!ctx)
		return err_set(err, ENOMEM, "seccomp_init");
	r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, foreign_of(part));
	if (r < 0)
		return err_set(err, r, "seccomp: action for foreign ABIs");
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_TREE);
	if (r < 0)
		return err_set(err, r, "seccomp: optimisation");
	r = add_rules(ctx, p, part, err);
	if (r < 0)
		return r;
	return export_program(ctx, ret, err);
}

void seccomp_program_done(struct seccomp_program *p)
{
	free(p->insns);
	*p = (struct seccomp_program){ 0 };
}

const char *seccomp_syscall_name(int nr, char *buf, size_t size)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);

	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "syscall_%d", nr);
	free(name);
	return buf;
}

/* x32 shares the architecture's number and is told by a bit of the call's. */
bool seccomp_call_is_foreign(uint32_t arch, int nr)
{
	return arch != seccomp_arch_native() || (arch == SCMP_ARCH_X86_64 && (nr & 0x40000000));
}
