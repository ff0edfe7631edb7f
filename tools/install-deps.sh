#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the packages of deps/debian.txt that are missing; does nothing, and needs nothing, when none is.
set -eu
cd "$(dirname "$0")/.."

missing=
# shellcheck disable=SC2013 # one word a line
for package in $(sed 's/#.*//' deps/debian.txt); do
	case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
# NodeSource's Node.js brings npm along and cannot be mixed with Debian's; Debian's own needs it added.
if command -v node >/dev/null && ! command -v npm >/dev/null; then
	missing="$missing npm"
fi
[ -n "$missing" ] || exit 0

echo "Missing Debian packages:$missing"
if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null; then
	as_root=sudo
else
	echo "Install them as root: apt-get install$missing" >&2
	exit 1
fi

# The lists of a fresh machine are empty or old: refresh them only where the first try cannot do without.
install() {
	# shellcheck disable=SC2086 # words on purpose
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}
known() {
	# shellcheck disable=SC2086
	[ "$(apt-cache policy $missing 2>/dev/null | grep -c 'Candidate: [0-9]')" -eq "$(echo $missing | wc -w)" ]
}
if ! known || ! install; then
	$as_root apt-get update -q
	install
fi
# Node.js is there now: does npm come with it?
[ -n "${DEPS_AGAIN:-}" ] || DEPS_AGAIN=1 exec "./tools/${0##*/}"
