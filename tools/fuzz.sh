#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs each libFuzzer target of build-clang/ for some seconds, beginning with tests/fuzz/corpus/TARGET.
# New inputs stay in build-clang/corpus/; `tools/fuzz.sh SECONDS --keep` merges them into the tree.
# Prints TAP; an input that broke a target is printed with its path.
set -u
cd "$(dirname "$0")/.." || exit
seconds=${1:?seconds}
keep=${2:-}
status=0

for target in build-clang/tests/fuzz/fuzz_*; do
	{ [ -f "$target" ] && [ -x "$target" ]; } || continue
	name=${target##*/fuzz_}
	seeds=tests/fuzz/corpus/$name
	found=build-clang/corpus/$name
	dict=tests/fuzz/$name.dict
	mkdir -p "$found" build-clang/crashes
	set -- -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -print_final_stats=1 \
		-artifact_prefix="build-clang/crashes/$name-"
	[ ! -f "$dict" ] || set -- "$@" -dict="$dict"
	if [ ! -d "$seeds" ]; then
		echo "not ok - $name has no corpus in $seeds"
		status=1
	elif "$target" "$@" "$found" "$seeds"; then
		echo "ok - $name, $seconds s"
		[ "$keep" != --keep ] || "$target" -merge=1 "$seeds" "$found"
	else
		echo "not ok - $name, see build-clang/crashes/"
		status=1
	fi
done
exit "$status"
