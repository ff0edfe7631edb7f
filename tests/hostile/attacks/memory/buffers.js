// SPDX-License-Identifier: Apache-2.0
// attack: takes memory outside the heap of node
// layer: cgroup-memory
// verdict: memory_limit
// limits: {"memory_kb": 65536}
const kept = [];
for (let i = 0; i < 200; i++)
	kept.push(Buffer.alloc(1 << 20, 1));
console.log("BREACH 200 MB in 64 MB of memory");
