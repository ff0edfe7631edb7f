#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes what is made from the program's own tables and kept in the tree: the manual page docs/kodewar.1, what shells
# complete, deploy/completion, and the default configuration deploy/kodewar.yaml; `--check` only compares, and has them looked
# at by who knows their language.
set -eu
cd "$(dirname "$0")/.."
stale=0

# The configuration as it is installed: the sockets are systemd's, every other key is there, as a comment.
# shellcheck disable=SC2317 # called by made()
configuration() {
	cat <<-'X'
		# The configuration of kodewar.service: every key, with what it means and its default. One that is not given has its
		# default; an unknown one is refused. `systemctl reload kodewar` reads it again: what is marked (start) stays as it was.

		# The sockets of kodewar.socket: /run/kodewar/kodewar.sock, and port 8080 of loopback. Others: `systemctl edit
		# kodewar.socket`. Or without it: `systemctl disable --now kodewar.socket`, and an address here, as HOST:PORT.
		listen:
		  - systemd
	X
	build/kodewar serve --print-config |
		awk 'NR < 7 { next } /^$|^#/ { print; next } { print "#" $0 }'
}

# FILE WORD...: the file is what these words print.
made() {
	file=$1
	shift
	"$@" >build/made
	if [ -z "$check" ]; then
		cp build/made "$file"
	elif ! diff -u "$file" build/made; then
		echo "$file is stale: run tools/manual.sh"
		stale=1
	fi
}

check=${1:-}
made docs/kodewar.1 build/kodewar help --man
made deploy/completion/kodewar.bash build/kodewar help --completion bash
made deploy/completion/_kodewar build/kodewar help --completion zsh
made deploy/completion/kodewar.fish build/kodewar help --completion fish
made deploy/kodewar.yaml configuration
[ -n "$check" ] || exit 0
mandoc -Tlint -W warning docs/kodewar.1
shellcheck deploy/completion/kodewar.bash
exit $stale
