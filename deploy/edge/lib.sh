# Shared by the scripts of this folder: settings, the container engine, and words for people. POSIX sh, since a box may
# have no other. Read by `.`, never run.
# shellcheck shell=sh

# Every path and limit can be set in the environment, or in the file `settings` of the state directory.
EDGE_STATE=${EDGE_STATE:-/var/lib/framegate-edge}
NAME=${EDGE_CONTAINER:-framegate-edge}
REPOSITORY=localhost/framegate
# The uid and gid that the gateway runs as when root starts it; the image knows them as `node`.
# shellcheck disable=SC2034 # For start.sh.
IMAGE_UID=1000

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# docker or podman, whichever is there; EDGE_ENGINE decides where both are.
find_engine() {
  if [ -n "${EDGE_ENGINE:-}" ]; then
    ENGINE=$EDGE_ENGINE
    command -v "$ENGINE" >/dev/null 2>&1 || fail "there is no $ENGINE"
  elif command -v docker >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
    ENGINE=docker
  elif command -v podman >/dev/null 2>&1; then
    ENGINE=podman
  else
    fail "neither a running docker nor podman is here"
  fi
}

is_podman() { [ "${ENGINE##*/}" = podman ]; }

# The id of an image by its tag; nothing if there is none.
image_id() { "$ENGINE" image inspect --format '{{.Id}}' "$REPOSITORY:$1" 2>/dev/null || :; }

image_label() {
  "$ENGINE" image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$2\"}}" "$REPOSITORY:$1"
}

container_exists() { "$ENGINE" container inspect "$NAME" >/dev/null 2>&1; }

container_state() { "$ENGINE" container inspect --format '{{.State.Status}}' "$NAME" 2>/dev/null || echo absent; }

is_running() { [ "$(container_state)" = running ]; }

# Ends the container, with time to drain, and keeps the end of its log, which goes with it.
remove_container() {
  container_exists || return 0
  "$ENGINE" stop -t "$STOP_SECONDS" "$NAME" >/dev/null 2>&1 || :
  mkdir -p "$EDGE_STATE"
  (umask 077 && "$ENGINE" logs --tail 2000 "$NAME" >"$EDGE_STATE/last.log" 2>&1) || :
  "$ENGINE" rm -f "$NAME" >/dev/null
}

# --- settings: the box's own file, over defaults for a small box.
if [ -f "$EDGE_STATE/settings" ]; then
  # An editor of another system may have left a byte order mark and carriage returns, which are no part of any value.
  mark=$(printf '\357\273\277')
  eval "$(tr -d '\r' <"$EDGE_STATE/settings" | LC_ALL=C sed "1s/^$mark//")"
fi
PORT=${PORT:-6005}
EDGE_REDIS_URL=${EDGE_REDIS_URL:-redis://127.0.0.1:6379}
MEMORY=${MEMORY:-384m}
CPUS=${CPUS:-1}
PIDS=${PIDS:-256}
OPEN_FILES=${OPEN_FILES:-16384}
MAX_CONNECTIONS=${MAX_CONNECTIONS:-2000}
LOG_MEGABYTES=${LOG_MEGABYTES:-10}
DRAIN_MS=${DRAIN_MS:-2000}
# Longer than the gateway takes at most: the drain window, the requests in flight (10 s), and 5 s.
STOP_SECONDS=${STOP_SECONDS:-$((DRAIN_MS / 1000 + 20))}
READY_SECONDS=${READY_SECONDS:-60}
