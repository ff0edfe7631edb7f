#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes what is made from the program's own tables and kept in the tree: the manual page docs/kodewar.1, and what shells
# complete, deploy/completion; `--check` only compares, and has them looked at by who knows their language.
set -eu
cd "$(dirname "$0")/.."
stale=0

# FILE WORD...: the file is what the program prints when it is called so.
made() {
	file=$1
	shift
	build/kodewar help "$@" >build/made
	if [ -z "$check" ]; then
		cp build/made "$file"
	elif ! diff -u "$file" build/made; then
		echo "$file is stale: run tools/manual.sh"
		stale=1
	fi
}

check=${1:-}
made docs/kodewar.1 --man
made deploy/completion/kodewar.bash --completion bash
made deploy/completion/_kodewar --completion zsh
made deploy/completion/kodewar.fish --completion fish
[ -n "$check" ] || exit 0
mandoc -Tlint -W warning docs/kodewar.1
shellcheck deploy/completion/kodewar.bash
exit $stale
