/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF as seccomp uses it, interpreted: what would this program answer to this call?  Holds
 * to the kernel's rules (32-bit words, division by zero ends with 0); a program the kernel would
 * refuse fails the test that runs it.
 */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

/* Answers the return value; *steps (may be NULL) counts the instructions that ran. */
uint32_t bpf_run(const struct sock_filter *insns, unsigned len, const struct seccomp_data *data,
		 unsigned *steps);

/* What the kernel makes of two answers, the second one of the filter that was installed later: the graver one; of equals the later one's. */
uint32_t bpf_graver(uint32_t first, uint32_t later);
