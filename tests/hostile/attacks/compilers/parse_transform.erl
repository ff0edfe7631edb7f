% SPDX-License-Identifier: Apache-2.0
% attack: is a parse transform: code that the compiler runs
% layer: tree
% verdict: accepted|compile_error|runtime_error
% never: root:
% limits: {"memory_kb": 262144, "cpu_ms": 5000, "wall_ms": 10000}
-module(main).
-export([main/0]).
-include("/root/kodewar-canary").
-include_lib("/etc/shadow").
-compile({parse_transform, main}).
main() -> io:format("BREACH~n").
