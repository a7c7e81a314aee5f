#!/bin/sh
# Builds the image on a machine with a network, and packs it with the scripts of this folder into one archive for boxes without:
# build_image.sh [--arch arm64|amd64] [DIRECTORY], by default for ARM64 and to dist-edge. On the box: unpack, ./load_image.sh,
# ./start.sh. On another processor than the box's, the engine needs qemu-user (Debian: qemu-user-static) to run the steps of the
# build.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

arch=arm64
if [ "${1:-}" = --arch ]; then
  [ $# -ge 2 ] || fail "--arch needs arm64 or amd64"
  arch=$2
  shift 2
fi
case "$arch" in
  arm64) dockerfile=$top/Dockerfile.arm64 ;;
  amd64) dockerfile=$top/Dockerfile ;;
  *) fail "--arch is arm64 or amd64, not $arch" ;;
esac
case "${1:-}" in -*) fail "unknown option $1" ;; esac

find_engine
out=${1:-$top/dist-edge}
mkdir -p "$out"
out=$(cd "$out" && pwd)
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$top/package.json")
revision=$(git -C "$top" rev-parse HEAD 2>/dev/null || echo unknown)
# What is not committed is in the image, but in no revision.
if [ -n "$(git -C "$top" status --porcelain 2>/dev/null || echo unknown)" ]; then revision=$revision-changed; fi

format=
if is_podman; then format='--format docker'; fi
# shellcheck disable=SC2086 # Options, as words.
"$ENGINE" build $format --platform "linux/$arch" ${BUILD_OPTIONS:-} --file "$dockerfile" \
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --tag "$REPOSITORY:$version" "$top"

package=framegate-edge-$version-$arch
image=framegate-$version-$arch.tar.gz
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/$package"
save_format=
if is_podman; then save_format='--format docker-archive'; fi
# shellcheck disable=SC2086
"$ENGINE" save $save_format --output "$scratch/image.tar" "$REPOSITORY:$version"
gzip -c "$scratch/image.tar" >"$scratch/$package/$image"
rm "$scratch/image.tar"
(cd "$scratch/$package" && sha256sum "$image" >"$image.sha256")
for file in lib.sh load_image.sh rollback.sh start.sh stop.sh status.sh framegate.sh settings.example; do
  cp "$here/$file" "$scratch/$package/$file"
done
tar -C "$scratch" -cf "$out/$package.tar" "$package"
say "$out/$package.tar: copy it to the box, then tar -xf, ./load_image.sh, ./start.sh"
