#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the manual page, docs/kodewar.1, from the program's own tables; `--check` only compares.
set -eu
cd "$(dirname "$0")/.."
page=docs/kodewar.1

build/kodewar help --man >build/kodewar.1
if [ "${1:-}" != --check ]; then
	cp build/kodewar.1 "$page"
	exit 0
fi
diff -u "$page" build/kodewar.1 || {
	echo "$page is stale: run tools/manual.sh"
	exit 1
}
mandoc -Tlint -W warning "$page"
