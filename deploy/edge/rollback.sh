#!/bin/sh
# Goes back to the image before: rollback.sh [--with-data]. The two change places, so that a second call goes forward again.
# --with-data also brings back the copy of the data that was made before the newer version first started, for when it has
# changed the tables; what was written since then is set aside in data.newer.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

with_data=
case "${1:-}" in
  '') ;;
  --with-data) with_data=1 ;;
  *) fail "unknown option $1" ;;
esac
find_engine
previous=$(image_id previous)
current=$(image_id current)
[ -n "$previous" ] || fail "there is no image before this one"
if [ -n "$with_data" ]; then
  [ -d "$EDGE_STATE/data.previous" ] || fail "there is no copy of the data in $EDGE_STATE/data.previous"
  remove_container
  rm -rf "$EDGE_STATE/data.newer"
  mv "$EDGE_STATE/data" "$EDGE_STATE/data.newer"
  mv "$EDGE_STATE/data.previous" "$EDGE_STATE/data"
  # These data belong to the version that is about to start: no reason for another copy.
  printf '%s\n' "$previous" >"$EDGE_STATE/started"
fi
"$ENGINE" tag "$previous" "$REPOSITORY:current"
"$ENGINE" tag "$current" "$REPOSITORY:previous"
say "back to version $(image_label current version)"
exec "$here/start.sh"
