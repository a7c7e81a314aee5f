#!/usr/bin/env bash
# Builds the ARM64 image as it is shipped, runs it (under emulation, on any other processor), and uses it: log in, heartbeat,
# watch live values; then takes it through the scripts for boxes. No step is left out: what is missing is an error.
# Run as root on Debian, after `npm ci`. KEEP=1 leaves the storage of images behind for a look.
set -euo pipefail

readonly BASE=docker.io/library/node:22-bookworm-slim
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../../package.json")
readonly version image=localhost/framegate:$version next=$version-next
# What is shipped to boxes, over slow links: the whole image, compressed.
readonly MAX_GZIP_BYTES=75000000
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$top"
# The Node of the tests, which runs TypeScript.
export PATH="$top/node_modules/.bin:$PATH:/usr/sbin"

fail() {
  echo "ARM64 check: $*" >&2
  exit 1
}
lap() { printf '   [%3d s] %s\n' "$SECONDS" "$*"; }

((EUID == 0)) || fail "has to run as root"
for tool in buildah podman runc mmdebstrap curl npm node gzip redis-server redis-cli; do
  command -v "$tool" >/dev/null || fail "$tool is missing"
done

# What a box gives the container. The emulator holds the code that it has translated beside every program: a gateway of 163 MB and a
# health check of 83 MB, measured without it, take more than 512 MB with it.
memory=512m
# --- emulation: the kernel has to hand ARM64 programs to qemu, and to open qemu itself (flag F), since the container has none.
if [[ $(uname -m) != aarch64 ]]; then
  memory=1g
  readonly binfmt=/proc/sys/fs/binfmt_misc
  command -v qemu-aarch64-static >/dev/null || fail "qemu-user-static is missing"
  [[ -e $binfmt/register ]] || mount -t binfmt_misc binfmt_misc "$binfmt" ||
    fail "this kernel or sandbox has no binfmt_misc, so ARM64 programs cannot be emulated here"
  [[ -e $binfmt/qemu-aarch64 ]] || update-binfmts --enable qemu-aarch64 ||
    fail "qemu-aarch64 cannot be registered with binfmt_misc"
  grep -q '^flags:.*F' "$binfmt/qemu-aarch64" || fail "qemu-aarch64 is registered without the flag F"
fi

# --- a storage of images of our own, and engines that use it.
work=$(mktemp -d /tmp/framegate-arm64.XXXXXX)
storage=(--root "$work/storage" --runroot "$work/run")
container=
redis=
simulator=
cleanup() {
  [[ -z $container ]] || podman "${storage[@]}" rm -f -t 2 "$container" >/dev/null 2>&1 || true
  [[ -z $redis ]] || kill "$redis" 2>/dev/null || true
  [[ -z $simulator ]] || kill "$simulator" 2>/dev/null || true
  [[ -n ${KEEP:-} ]] && return
  umount "$work/storage/overlay" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
mkdir -p "$work/bin"
# Boxes have one engine, called by its name; the scripts for them find this one.
printf '#!/bin/sh\nexec %s %s --runtime runc "$@"\n' "$(command -v podman)" "${storage[*]}" >"$work/bin/podman"
chmod +x "$work/bin/podman"
printf '[network]\nnetwork_backend = "netavark"\n' >"$work/containers.conf"
export CONTAINERS_CONF="$work/containers.conf"
export PATH="$work/bin:$PATH"

free_port() {
  node -p 'const server = net.createServer().listen(0); const { port } = server.address(); server.close(); port'
}
# Until a command succeeds, for at most a minute.
wait_for() {
  for ((i = 0; i < 240; i++)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.25
  done
  return 1
}

# --- the image
deploy/arm64/base-image.sh "$work/base"
lap "a base from Debian's packages"
tar -C "$work/base" -cf - . | podman import -q --os linux --arch arm64 --change 'CMD ["node"]' \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$BASE" >/dev/null
rm -rf "$work/base"
# A sandbox grants no further namespaces to a build: chroot, and the network as it is.
export EDGE_ENGINE=podman
BUILD_OPTIONS='--quiet --pull=never --isolation chroot --network host' deploy/edge/build_image.sh "$work/out" >/dev/null
tar -C "$work" -xf "$work/out/framegate-edge-$version-arm64.tar"
package=$work/framegate-edge-$version-arm64
lap "built and packed"

described=$(podman image inspect "$image" --format \
  '{{.Os}}/{{.Architecture}} {{.Config.User}} {{index .Config.Labels "org.opencontainers.image.version"}} {{.HealthCheck.Test}}')
[[ $described == "linux/arm64 1000:1000 $version [CMD framegate health]" ]] || fail "the image is described as: $described"
bytes=$(stat -c %s "$package/framegate-$version-arm64.tar.gz")
((bytes <= MAX_GZIP_BYTES)) || fail "the image has $bytes bytes compressed, more than $MAX_GZIP_BYTES"
lap "$bytes bytes compressed"

# --- a trial, as locked in as can be, with nothing but a port
port=$(free_port)
# Limits are given, since a sandbox may not raise its own; health checks by podman would need systemd.
container=$(podman run -d --network host --no-healthcheck --read-only --tmpfs /tmp --cap-drop all \
  --security-opt no-new-privileges --memory "$memory" --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
  -e PORT="$port" -e FRAMEGATE_AUTH_DEFAULT_ROLE=viewer "$image")
wait_for curl -fsS -m 5 "http://127.0.0.1:$port/ready" ||
  { podman logs "$container" >&2; fail "the container did not become ready"; }
lap "ready"
[[ $(podman exec "$container" node -p process.arch) == arm64 ]] || fail "the container is not ARM64"
[[ $(podman exec "$container" framegate health) == alive ]] || fail "the health check of the image does not pass"
node test/deploy/image-client.ts "ws://127.0.0.1:$port/ws" || { podman logs "$container" >&2; fail "the client failed"; }
lap "used"
podman stop -t 20 "$container" >/dev/null
code=$(podman inspect "$container" --format '{{.State.ExitCode}}')
[[ $code == 0 ]] || fail "the container left with $code"
podman rm -v "$container" >/dev/null
container=
lap "stopped with 0"

# --- a box: its Redis, field services that are played, and the scripts that an operator has.
redis_port=$(free_port)
redis-server --port "$redis_port" --bind 127.0.0.1 --save '' >/dev/null &
redis=$!
wait_for redis-cli -p "$redis_port" ping || fail "Redis does not start"
node server/main.ts simulate --redis "redis://127.0.0.1:$redis_port" --interval-ms 200 >/dev/null &
simulator=$!

port=$(free_port)
password=$(head -c 24 /dev/urandom | base64)
export EDGE_STATE="$work/box" EDGE_CONTAINER=framegate-check EDGE_ANY_ARCHITECTURE=1
mkdir -p "$EDGE_STATE"
# An emulated process needs several times the memory of a real one.
cat >"$EDGE_STATE/settings" <<END
PORT=$port
EDGE_REDIS_URL=redis://127.0.0.1:$redis_port
OPEN_FILES=1024
MEMORY=2g
END
container=$EDGE_CONTAINER
edge() {
  local script=$1
  shift
  "$package/$script" "$@" || fail "$script ended with $?"
}
expect_version() {
  wait_for "$package/status.sh" || true
  if ! "$package/status.sh" >"$work/status" || ! grep -q "^current image: version $1," "$work/status"; then
    cat "$work/status" >&2
    fail "the box is not ready with version $1"
  fi
}
use() { PASSWORD=$password node test/deploy/image-client.ts "ws://127.0.0.1:$port/ws" operator || fail "the client failed"; }

podman image rm "$image" >/dev/null
edge load_image.sh
edge start.sh
expect_version "$version"
secret=$EDGE_STATE/secrets/JWT_SECRET
[[ $(stat -c %a "$secret") == 600 ]] || fail "the secret is open to others"
! podman inspect "$container" | grep -qF "$(cat "$secret")" || fail "the engine shows the secret"
made=$(sha256sum <"$secret")
printf '%s' "$password" | edge framegate.sh user create operator --role viewer --password-stdin
use
lap "a box: loaded, started, used"

# Another version, which differs in its label alone.
printf 'FROM %s\nLABEL org.opencontainers.image.version=%s\n' "$image" "$next" >"$work/Dockerfile.next"
buildah "${storage[@]}" build --quiet --format docker --platform linux/arm64 --pull=never --isolation chroot \
  -f "$work/Dockerfile.next" -t "localhost/framegate:$next" "$work/bin" >/dev/null
podman save -q --format docker-archive "localhost/framegate:$next" | gzip -1 >"$work/next.tar.gz"
podman image rm "localhost/framegate:$next" >/dev/null
printf '%064d  next.tar.gz\n' 0 >"$work/next.tar.gz.sha256"
! "$package/load_image.sh" "$work/next.tar.gz" 2>/dev/null || fail "an archive with a wrong sum was loaded"
(cd "$work" && sha256sum next.tar.gz >next.tar.gz.sha256)
edge load_image.sh "$work/next.tar.gz"
edge start.sh
expect_version "$next"
[[ -f $EDGE_STATE/data.previous/framegate.db ]] || fail "no copy of the data was kept"
edge rollback.sh --with-data
expect_version "$version"
use
edge stop.sh
code=0
"$package/status.sh" >/dev/null || code=$?
[[ $code == 3 ]] || fail "the status of a stopped gateway is $code"
[[ $(sha256sum <"$secret") == "$made" ]] || fail "the secret was generated again"
grep -q '"drained"' "$EDGE_STATE/last.log" || fail "the gateway was not drained, or its log not kept"
container=
lap "upgraded, rolled back, stopped"
