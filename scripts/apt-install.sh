#!/usr/bin/env bash
# Installs packages of Debian or Ubuntu, which takes root. Prints nothing but trouble.
# usage: apt-install.sh package...
set -euo pipefail

trouble() {
  echo "apt-install: $*" >&2
  exit 1
}
command -v apt-get >/dev/null || trouble "there is no apt-get to install these with: $*"
[ "$(id -u)" = 0 ] || trouble "only root can install these: apt-get install $*"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
install() { # one retry: a mirror can be slow to answer at first
  apt-get update && apt-get install -y --no-install-recommends "$@"
}
install "$@" >"$log" 2>&1 || install "$@" >"$log" 2>&1 || { cat "$log" >&2; trouble "these cannot be installed: $*"; }
