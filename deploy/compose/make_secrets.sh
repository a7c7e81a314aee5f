#!/bin/sh
# Makes the secrets of compose.yaml in secrets/ beside it, or in the directory given; what is there already stays. Nothing is
# shown. The directory is closed to others, and the files in it are not: compose mounts them one by one as they are, and the
# users inside the containers have to be able to read them.
set -eu
directory=${1:-$(cd "$(dirname "$0")" && pwd)/secrets}
umask 077
mkdir -p "$directory"
chmod 700 "$directory"

# Only letters and digits, so that a password means the same in a URL.
random() { head -c 256 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c "$1"; }
keep() {
  if [ ! -s "$directory/$1" ]; then
    cat >"$directory/$1.new"
    chmod 444 "$directory/$1.new"
    mv "$directory/$1.new" "$directory/$1"
  fi
}

random 64 | keep jwt_secret
random 32 | keep redis_password
random 32 | keep postgres_password
printf 'redis://:%s@redis:6379' "$(cat "$directory/redis_password")" | keep redis_url
printf 'postgres://framegate:%s@postgres:5432/framegate' "$(cat "$directory/postgres_password")" | keep database_url
echo "secrets are in $directory"
