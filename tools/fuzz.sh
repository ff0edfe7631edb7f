#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs each libFuzzer target of build-clang/ for some seconds, one on each processor, beginning with tests/fuzz/corpus/TARGET.
# New inputs stay in build-clang/corpus/; `tools/fuzz.sh SECONDS --keep` merges them into the tree.
# Prints TAP; an input that broke a target is printed with its path.
set -u
cd "$(dirname "$0")/.." || exit
seconds=${1:?seconds}
keep=${2:-}

fuzz() { # target name
	seeds=tests/fuzz/corpus/$2
	found=build-clang/corpus/$2
	dict=tests/fuzz/$2.dict
	target=$1 name=$2
	set -- -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -print_final_stats=1 \
		-artifact_prefix="build-clang/crashes/$name-"
	[ ! -f "$dict" ] || set -- "$@" -dict="$dict"
	if [ ! -d "$seeds" ]; then
		echo "not ok - $name has no corpus in $seeds"
		return 1
	elif "$target" "$@" "$found" "$seeds"; then
		echo "ok - $name, $seconds s"
		[ "$keep" != --keep ] || "$target" -merge=1 "$seeds" "$found"
	else
		echo "not ok - $name, see build-clang/crashes/"
		return 1
	fi
}

# Waits for those that run; their logs one after the other, since what two write at once is no TAP.
gather() {
	for one in $running; do
		wait "${one%%:*}" || status=1
		cat "build-clang/logs/${one#*:}"
	done
	running='' n=0
}

# What runs in the background does not hear the terminal.
trap 'trap "" TERM; kill 0; exit 130' INT
status=0 running='' n=0
mkdir -p build-clang/crashes build-clang/logs
for target in build-clang/tests/fuzz/fuzz_*; do
	{ [ -f "$target" ] && [ -x "$target" ]; } || continue
	name=${target##*/fuzz_}
	mkdir -p "build-clang/corpus/$name"
	fuzz "$target" "$name" >"build-clang/logs/$name" 2>&1 &
	running="$running $!:$name" n=$((n + 1))
	[ "$n" -lt "$(nproc)" ] || gather
done
gather
exit "$status"
