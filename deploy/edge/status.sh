#!/bin/sh
# Says how the gateway on this box is. Ends with 0 when it is ready, 1 when it lives but is not, 2 when it does not answer,
# 3 when it does not run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

find_engine
for tag in current previous; do
  if [ -n "$(image_id $tag)" ]; then
    say "$tag image: version $(image_label $tag version), revision $(image_label $tag revision)"
  else
    say "$tag image: none"
  fi
done
state=$(container_state)
say "container: $state"
[ "$state" = running ] || exit 3
say "runs since: $("$ENGINE" container inspect --format '{{.State.StartedAt}}' "$NAME")"
if [ "$("$ENGINE" container inspect --format '{{.Image}}' "$NAME")" != "$(image_id current)" ]; then
  say "another image than the current one runs: start.sh changes that"
fi
say "restarts: $("$ENGINE" container inspect --format '{{.RestartCount}}' "$NAME")"
say "port: $PORT"
"$ENGINE" exec "$NAME" framegate health >/dev/null 2>&1 || { say "health: does not answer"; exit 2; }
say "health: alive"
"$ENGINE" exec "$NAME" framegate health --ready 2>/dev/null | sed 's/^/  /' || :
"$ENGINE" exec "$NAME" framegate health --ready >/dev/null 2>&1 || { say "not ready"; exit 1; }
