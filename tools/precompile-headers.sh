#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Precompiles <bits/stdc++.h> for each release of C++, with the flags of its language file, into /usr/lib/kodewar/pch/RELEASE,
# which is root's and which boxes see read-only; the files' -I names it. g++ takes it where it is the first that a source
# includes, and only if it was made by this very build of the compiler with these flags, else it reads the header itself. What
# g++ does not look at are the headers: beside each lies a list of the packages that it was made of. Does nothing where that
# list is still true. --check: says whether it is, and makes nothing.
#
# It is installed as libexec/kodewar/precompile-headers as well, which the Debian package calls whenever one of those changes.
set -eu
cd "$(dirname "$0")/.."
[ -d languages ] || cd ../share/kodewar
top=/usr/lib/kodewar/pch
check=
[ "${1:-}" != --check ] || check=1

# Without a compiler nobody reads them.
if ! command -v g++ >/dev/null; then
	[ -n "$check" ] || [ "$(id -u)" -ne 0 ] || rm -rf $top
	exit 0
fi

# Their g++, headers of both libraries, and the flags.
made_of() {
	dpkg-query -W -f='${Package} ${Version}\n' "$(basename "$(readlink -f /usr/bin/g++)" |
		sed 's/.*\(g++-[0-9]*\)$/\1/')" 'libstdc++-*-dev' libc6-dev linux-libc-dev 2>/dev/null | grep ' .'
	echo "$1"
}

for file in languages/cpp*.yaml; do
	release=$(sed -n 's/^release: "\(.*\)"$/\1/p' "$file")
	flags=$(sed -n 's/^  argv: \[\/usr\/bin\/g++, \(.*\), -I\/usr\/lib\/kodewar\/pch\/.*/\1/p' "$file" | tr -d ,)
	dir=$top/$release
	if [ -z "$release" ] || [ -z "$flags" ]; then
		echo "$file: release or flags not understood" >&2
		exit 1
	fi
	if [ -f "$dir/bits/stdc++.h.gch" ] && made_of "$flags" | cmp -s - "$dir/made-of"; then
		continue
	fi
	if [ -n "$check" ]; then
		echo "$dir is missing or out of date: $0 makes it" >&2
		exit 1
	fi
	if [ "$(id -u)" -ne 0 ]; then
		echo "Not root: <bits/stdc++.h> is not precompiled in $dir" >&2
		continue
	fi
	umask 022
	mkdir -p "$dir/bits"
	rm -f "$dir/made-of"
	# Whole or not at all: a box may be reading the old one.
	echo '#include <bits/stdc++.h>' >"$dir/source.hpp"
	# shellcheck disable=SC2086 # words on purpose
	/usr/bin/g++ $flags -x c++-header -o "$dir/bits/new.gch" "$dir/source.hpp" || {
		# The old one may be of headers that are no more.
		rm -f "$dir/bits/new.gch" "$dir/bits/stdc++.h.gch"
		exit 1
	}
	mv "$dir/bits/new.gch" "$dir/bits/stdc++.h.gch"
	made_of "$flags" >"$dir/made-of"
	echo "precompiled <bits/stdc++.h> for C++$release"
done
