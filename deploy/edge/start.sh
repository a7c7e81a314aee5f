#!/bin/sh
# Starts the gateway on this box, in the place of one that runs: on the host's network, port 6005. The first start makes the
# secrets and a file of settings, which stay on the box. Ends with 0 once the gateway lives.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

find_engine
image=$(image_id current)
[ -n "$image" ] || fail "no image is loaded: run load_image.sh first"

# The user of the container has to own the files that it reads and writes. Rootless engines run it as the user who starts it.
if [ "$(id -u)" = 0 ]; then
  owner=$IMAGE_UID
  run_as="--user $IMAGE_UID:$IMAGE_UID"
else
  owner=$(id -u)
  run_as="--user $owner:$(id -g)"
  if is_podman; then run_as="$run_as --userns keep-id"; fi
fi
own() { if [ "$(id -u)" = 0 ]; then chown "$owner:$owner" "$@"; fi; }

umask 077
data=$EDGE_STATE/data
secrets=$EDGE_STATE/secrets
mkdir -p "$data" "$secrets"
own "$data" "$secrets"

# Signs the tokens. Never overwritten, never shown, and in no image: a copy of one box opens no other.
if [ ! -s "$secrets/JWT_SECRET" ]; then
  head -c 48 /dev/urandom | base64 | tr -d '\n' >"$secrets/JWT_SECRET.new"
  [ "$(wc -c <"$secrets/JWT_SECRET.new")" -eq 64 ] || fail "no secret could be made"
  mv "$secrets/JWT_SECRET.new" "$secrets/JWT_SECRET"
  say "made a signing secret in $secrets"
fi
if [ ! -e "$EDGE_STATE/settings" ]; then
  cp "$here/settings.example" "$EDGE_STATE/settings"
  say "wrote $EDGE_STATE/settings: change it and start again"
fi

# A file in secrets/ stands for the variable that it is named after.
set --
for file in "$secrets"/*; do
  chmod 600 "$file"
  own "$file"
  set -- "$@" --env "${file##*/}_FILE=/run/secrets/framegate/${file##*/}"
done
[ -e "$secrets/EDGE_REDIS_URL" ] || set -- "$@" --env "EDGE_REDIS_URL=$EDGE_REDIS_URL"
if [ -f "$EDGE_STATE/framegate.yaml" ]; then
  chmod 600 "$EDGE_STATE/framegate.yaml"
  own "$EDGE_STATE/framegate.yaml"
  set -- "$@" --env FRAMEGATE_CONFIG=/etc/framegate.yaml --volume "$EDGE_STATE/framegate.yaml:/etc/framegate.yaml:ro"
fi

remove_container

# Another version may bring the tables up to date, after which an older one does not open them: a copy makes the way back.
if [ -f "$data/framegate.db" ] && [ "$(cat "$EDGE_STATE/started" 2>/dev/null)" != "$image" ]; then
  rm -rf "$EDGE_STATE/data.previous"
  cp -pR "$data" "$EDGE_STATE/data.previous"
  say "kept a copy of the data of the version before in $EDGE_STATE/data.previous"
fi

if is_podman; then
  set -- "$@" --restart always --log-driver k8s-file --log-opt "max-size=${LOG_MEGABYTES}mb"
  # Podman has no daemon: systemd brings its containers back after a boot, and runs their health checks.
  if [ -d /run/systemd/system ]; then
    [ "$(id -u)" != 0 ] || systemctl enable --quiet podman-restart.service || say "enable podman-restart.service to start at boot"
  else
    set -- "$@" --no-healthcheck
  fi
else
  set -- "$@" --restart unless-stopped --log-driver json-file --log-opt "max-size=${LOG_MEGABYTES}m" --log-opt max-file=3
fi

# shellcheck disable=SC2086 # run_as is a list of words.
"$ENGINE" run --detach --name "$NAME" --network host $run_as \
  --read-only --tmpfs /tmp:size=16m --cap-drop all --security-opt no-new-privileges \
  --memory "$MEMORY" --cpus "$CPUS" --pids-limit "$PIDS" --ulimit "nofile=$OPEN_FILES:$OPEN_FILES" --ulimit nproc=4096:4096 \
  --stop-timeout "$STOP_SECONDS" \
  --volume "$data:/var/lib/framegate" --volume "$secrets:/run/secrets/framegate:ro" \
  --env FRAMEGATE_PROFILE=production --env "PORT=$PORT" \
  --env "FRAMEGATE_LIMITS_MAX_CONNECTIONS=$MAX_CONNECTIONS" --env "FRAMEGATE_LIMITS_DRAIN_WINDOW_MS=$DRAIN_MS" \
  --env "FRAMEGATE_AUTH_REGISTRATION_ENABLED=${REGISTRATION:-false}" --env "LOG_LEVEL=${LOG_LEVEL:-info}" \
  "$@" "$REPOSITORY:current" >/dev/null
printf '%s\n' "$image" >"$EDGE_STATE/started"

left=$READY_SECONDS
until "$ENGINE" exec "$NAME" framegate health >/dev/null 2>&1; do
  left=$((left - 1))
  if [ "$left" -le 0 ] || [ "$(container_state)" = exited ]; then
    "$ENGINE" logs --tail 20 "$NAME" >&2 || :
    fail "the gateway does not answer; rollback.sh goes back to the version before"
  fi
  sleep 1
done
say "version $(image_label current version) runs on port $PORT"
"$ENGINE" exec "$NAME" framegate health --ready || say "it lives, and will be ready when what is missing is there"
