#!/bin/sh
# The command line of the gateway that runs on this box: framegate.sh user create NAME --role viewer, framegate.sh audit, …
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

find_engine
is_running || fail "the gateway does not run: start.sh first"
terminal=
if [ -t 0 ] && [ -t 1 ]; then terminal=--tty; fi
exec "$ENGINE" exec --interactive $terminal "$NAME" framegate "$@"
