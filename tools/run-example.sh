#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Judges one request in a native box and prints what was asked and what came out (`make run`).
set -eu
cd "$(dirname "$0")/.."
request=${1:?a request in JSON}

as_root=
if [ "$(id -u)" -ne 0 ]; then
	as_root=sudo # making boxes is root's; the program itself never is
	command -v sudo >/dev/null || as_root=
fi
echo "$request:"
cat "$request"
echo
echo "build/kodewar run - < $request"
code=0
result=$($as_root build/kodewar run - <"$request") || code=$?
printf '%s' "$result" | /usr/bin/python3.11 -m json.tool --no-ensure-ascii
exit "$code"
