// SPDX-License-Identifier: Apache-2.0
// attack: a compiler that complains for ever
// layer: output
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|output_limit|time_limit|memory_limit
// surround: ["", "x y z;\n", 50000]
