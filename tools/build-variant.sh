#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configures (once) and compiles another build beside build/: clang (with the
# fuzz targets), release, asan (AddressSanitizer and UBSan) or layers (layers can be switched off).
set -eu
cd "$(dirname "$0")/.."
variant=${1:?clang, release, asan or layers}
dir=build-$variant

configure() {
	case $variant in
	clang) CC=clang meson setup "$dir" -Dfuzz=true ;;
	release) CC=gcc meson setup "$dir" --buildtype=release -Db_pie=true -Db_lto=true -Dtests=false ;;
	asan) CC=clang meson setup "$dir" -Db_sanitize=address,undefined -Db_lundef=false \
		-Dc_args=-fno-omit-frame-pointer ;;
	layers) CC=gcc meson setup "$dir" -Dlayers_off=true -Dtests=false ;;
	*)
		echo "no variant $variant" >&2
		return 2
		;;
	esac
}

[ -f "$dir/build.ninja" ] || configure
ninja -C "$dir"
