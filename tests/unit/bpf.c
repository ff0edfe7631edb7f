/* SPDX-License-Identifier: Apache-2.0 */
/* See bpf.h. Jumps only go forward, so every program ends; anything unknown aborts the test. */
#include "bpf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
	const struct seccomp_data *data;
};

static void __attribute__((noreturn)) die(const struct sock_filter *i, const char *why)
{
	fprintf(stderr, "bpf: %s: code %#x k %#x\n", why, i->code, i->k);
	abort();
}

static uint32_t *mem_at(struct machine *m, const struct sock_filter *i)
{
	if (i->k >= BPF_MEMWORDS)
		die(i, "no such memory word");
	return &m->mem[i->k];
}

static uint32_t load(struct machine *m, const struct sock_filter *i)
{
	uint32_t word;

	switch (BPF_MODE(i->code)) {
	case BPF_IMM: return i->k;
	case BPF_MEM: return *mem_at(m, i);
	case BPF_LEN: return sizeof(*m->data);
	case BPF_ABS:
		if (BPF_SIZE(i->code) != BPF_W || i->k % 4 || i->k + 4 > sizeof(*m->data))
			die(i, "load outside of seccomp_data");
		memcpy(&word, (const char *)m->data + i->k, sizeof(word));
		return word;
	}
	die(i, "load");
}

static uint32_t alu(const struct machine *m, const struct sock_filter *i)
{
	uint32_t k = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD: return m->a + k;
	case BPF_SUB: return m->a - k;
	case BPF_MUL: return m->a * k;
	case BPF_OR: return m->a | k;
	case BPF_AND: return m->a & k;
	case BPF_XOR: return m->a ^ k;
	case BPF_LSH: return k < 32 ? m->a << k : 0;
	case BPF_RSH: return k < 32 ? m->a >> k : 0;
	case BPF_NEG: return -m->a;
	}
	die(i, "arithmetic");
}

/* How many instructions to leave out. */
static uint32_t jump(const struct machine *m, const struct sock_filter *i)
{
	uint32_t k = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
	int yes;

	switch (BPF_OP(i->code)) {
	case BPF_JA: return i->k;
	case BPF_JEQ: yes = m->a == k; break;
	case BPF_JGT: yes = m->a > k; break;
	case BPF_JGE: yes = m->a >= k; break;
	case BPF_JSET: yes = (m->a & k) != 0; break;
	default: die(i, "jump");
	}
	return yes ? i->jt : i->jf;
}

uint32_t bpf_run(const struct sock_filter *insns, unsigned len, const struct seccomp_data *data,
		 unsigned *steps)
{
	struct machine m = { .data = data };
	unsigned ran = 0;

	for (uint64_t pc = 0; pc < len; pc++) {
		const struct sock_filter *i = &insns[pc];

		ran++;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD: m.a = load(&m, i); break;
		case BPF_LDX: m.x = load(&m, i); break;
		case BPF_ST: *mem_at(&m, i) = m.a; break;
		case BPF_STX: *mem_at(&m, i) = m.x; break;
		case BPF_ALU: m.a = alu(&m, i); break;
		case BPF_JMP: pc += jump(&m, i); break;
		case BPF_MISC:
			*(BPF_MISCOP(i->code) == BPF_TAX ? &m.x : &m.a) =
				BPF_MISCOP(i->code) == BPF_TAX ? m.a : m.x;
			break;
		case BPF_RET:
			if (steps)
				*steps = ran;
			return BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
		}
	}
	fprintf(stderr, "bpf: fell off the end\n");
	abort();
}

/* Actions are compared as signed numbers, which puts the kills first. */
uint32_t bpf_graver(uint32_t first, uint32_t later)
{
	int32_t a = (int32_t)(first & SECCOMP_RET_ACTION_FULL);
	int32_t b = (int32_t)(later & SECCOMP_RET_ACTION_FULL);

	return a < b ? first : later;
}
