// SPDX-License-Identifier: Apache-2.0
// attack: types and constants that no memory holds
// layer: cpu
// verdict: compile_error|time_limit|memory_limit|runtime_error
// limits: {"total_wall_ms": 5000}
package main

type a [1 << 20]struct{ x, y [1 << 20]int64 }

var big = [1 << 28]byte{1<<28 - 1: 1}

func main() { println(len(big), len(a{})) }
