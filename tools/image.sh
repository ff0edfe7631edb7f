#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make image`: the image, by the README's very command, and beside it in build/ its SBOM and what each part costs.
# `tools/image.sh full` makes the one with a compiler, kodewar-full.
# Other arguments go to docker build. A proxy of the caller's environment is passed on; it does not stay in the image.
set -eu
cd "$(dirname "$0")/.."
tag=kodewar-sandbox
if [ "${1:-}" = full ]; then
	tag=kodewar-full
	shift
	set -- --target full "$@"
fi
mkdir -p build

for name in http_proxy https_proxy no_proxy; do
	eval "value=\${$name:-}"
	# shellcheck disable=SC2154 # by eval
	[ -z "$value" ] || set -- "$@" --build-arg "$name"
done
docker build -t "$tag" -f Dockerfile.sandbox "$@" .

container=$(docker create "$tag")
trap 'docker rm "$container" >/dev/null' EXIT
docker cp "$container:/usr/share/kodewar/sbom.spdx.json" "build/$tag.spdx.json"
docker image inspect --format '{{.RepoTags}} {{.Size}} bytes' "$tag"
echo "build/$tag.spdx.json"
