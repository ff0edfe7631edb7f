#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that languages/*.yaml name and that are missing: all of them, or those of the languages named.
# <bits/stdc++.h> is compiled ahead, too (tools/precompile-headers.sh). Files that begin with "# Not installed by default" are left out unless named. Does nothing where
# nothing is missing.
set -eu
cd "$(dirname "$0")/.."

files() {
	if [ $# -eq 0 ]; then
		grep -L '^# Not installed by default' languages/*.yaml
		return
	fi
	for name; do
		ls "languages/$name.yaml"
	done
}

missing=
# shellcheck disable=SC2013,SC2046 # one word a package
for package in $(sed -n 's/^packages: \[\(.*\)\]$/\1/p' $(files "$@") | tr ',' '\n' | sort -u); do
	case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
if [ -z "$missing" ]; then
	exec tools/precompile-headers.sh
fi

echo "Missing Debian packages of languages:$missing"
if [ "$(id -u)" -ne 0 ]; then
	echo "Install them as root: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
install() {
	# shellcheck disable=SC2086 # words on purpose
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}
if ! install; then
	apt-get update -q
	install
fi
exec tools/precompile-headers.sh
