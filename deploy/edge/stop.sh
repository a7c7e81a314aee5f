#!/bin/sh
# Stops the gateway on this box: clients are notified, requests in flight finish. It stays stopped over a boot, until
# start.sh. Data, secrets and images stay; the end of the log is kept in last.log.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

find_engine
if ! container_exists; then
  say "not running"
  exit 0
fi
remove_container
say "stopped; the end of its log is in $EDGE_STATE/last.log"
