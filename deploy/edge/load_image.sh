#!/bin/sh
# Loads an image on this box: load_image.sh [FILE]. Without FILE, the newest archive beside this script. The image that was
# current stays as `previous`, for rollback.sh. What runs goes on running until start.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/edge/lib.sh
. "$here/lib.sh"

archive=${1:-}
if [ -z "$archive" ]; then
  for candidate in "$here"/framegate-*.tar.gz; do
    if [ -z "$archive" ] || [ -n "$(find "$candidate" -newer "$archive" 2>/dev/null)" ]; then archive=$candidate; fi
  done
fi
[ -f "$archive" ] || fail "there is no archive $archive"
[ -f "$archive.sha256" ] || fail "$archive.sha256 is missing: without it a damaged copy would not show"
expected=$(cut -d ' ' -f 1 "$archive.sha256")
[ "$(sha256sum "$archive" | cut -d ' ' -f 1)" = "$expected" ] || fail "$archive is damaged: its SHA-256 is another"

find_engine
# The archive names its image by its version: `Loaded image: localhost/framegate:1.2.3`.
# Unpacked here, since podman 4.3 does not load a compressed file.
loaded=$(gzip -dc "$archive" | "$ENGINE" load | sed -n "s|.*\($REPOSITORY:[A-Za-z0-9_.-]*\).*|\1|p" | tail -n 1)
[ -n "$loaded" ] || fail "$archive holds no image $REPOSITORY"
case "$(uname -m)" in
  aarch64 | arm64) here_is=arm64 ;;
  x86_64) here_is=amd64 ;;
  *) here_is=$(uname -m) ;;
esac
made_for=$("$ENGINE" image inspect --format '{{.Architecture}}' "$loaded")
if [ "$made_for" != "$here_is" ] && [ -z "${EDGE_ANY_ARCHITECTURE:-}" ]; then
  "$ENGINE" image rm "$loaded" >/dev/null
  fail "the image is for $made_for, this box is $here_is"
fi

new=$("$ENGINE" image inspect --format '{{.Id}}' "$loaded")
current=$(image_id current)
if [ "$new" = "$current" ]; then
  say "version $(image_label current version) is current already"
  exit 0
fi
if [ -n "$current" ]; then "$ENGINE" tag "$REPOSITORY:current" "$REPOSITORY:previous"; fi
"$ENGINE" tag "$loaded" "$REPOSITORY:current"
say "version $(image_label current version) is loaded; start.sh starts it"
if [ -n "$current" ]; then say "version $(image_label previous version) stays, for rollback.sh"; fi
