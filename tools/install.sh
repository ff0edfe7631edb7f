#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make install` and `make uninstall`: an optimised build of its own (build-install/) for PREFIX, installed below DESTDIR.
set -eu
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local}
dir=build-install

build() {
	options="--prefix=$prefix --libexecdir=libexec --sysconfdir=/etc --buildtype=release -Db_pie=true -Db_lto=true -Dtests=false"
	[ ! -f $dir/build.ninja ] || options="--reconfigure $options"
	# shellcheck disable=SC2086 # words on purpose
	CC=gcc meson setup $options $dir >$dir.log 2>&1 || {
		cat $dir.log >&2
		return 1
	}
	rm -f $dir.log
	ninja -C $dir
}

# An operator's configuration is not overwritten: ours goes beside it.
keep_configuration() {
	find "deploy" -maxdepth 1 -name kodewar.yaml | while read -r ours; do
		theirs=${DESTDIR:-}/etc/kodewar/kodewar.yaml
		if [ -f "$theirs" ] && ! cmp -s "$ours" "$theirs"; then
			cp -p "$theirs" "$dir/kodewar.yaml.kept"
		fi
	done
}

give_configuration_back() {
	theirs=${DESTDIR:-}/etc/kodewar/kodewar.yaml
	[ ! -f $dir/kodewar.yaml.kept ] || {
		mv "$theirs" "$theirs.new"
		mv $dir/kodewar.yaml.kept "$theirs"
		echo "Kept $theirs; the new default is $theirs.new"
	}
}

case ${1:-} in
install)
	build
	keep_configuration
	DESTDIR=${DESTDIR:-} meson install -C $dir --no-rebuild --strip
	give_configuration_back
	[ -n "${DESTDIR:-}" ] || echo "Then, with systemd: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload &&" \
		"systemctl enable --now kodewar.socket kodewar.service"
	;;
uninstall)
	[ -f $dir/meson-logs/install-log.txt ] || {
		echo "nothing was installed from here: $dir/meson-logs/install-log.txt is missing" >&2
		exit 1
	}
	theirs=${DESTDIR:-}/etc/kodewar/kodewar.yaml
	if [ -f "$theirs" ] && ! cmp -s deploy/kodewar.yaml "$theirs"; then
		cp -p "$theirs" $dir/kodewar.yaml.kept
	fi
	ninja -C $dir uninstall
	[ ! -f $dir/kodewar.yaml.kept ] || {
		mkdir -p "$(dirname "$theirs")"
		mv $dir/kodewar.yaml.kept "$theirs"
		echo "Kept $theirs, which was changed"
	}
	;;
*)
	echo "usage: tools/install.sh install|uninstall" >&2
	exit 2
	;;
esac
