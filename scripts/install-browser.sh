#!/usr/bin/env bash
# Makes sure that there is a Chromium for the tests that look at a page: one that CHROMIUM names or that is on the
# path, else Debian's or Ubuntu's package, which takes root. Prints nothing but trouble.
set -euo pipefail

[ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && exit 0
for name in chromium chromium-browser google-chrome-stable google-chrome; do
  command -v "$name" >/dev/null && exit 0
done

trouble() {
  echo "install-browser: $1" >&2
  exit 1
}
command -v apt-get >/dev/null || trouble 'there is no Chromium, and no apt-get to install it with: install it, or name it by CHROMIUM'
[ "$(id -u)" = 0 ] || trouble 'there is no Chromium, and only root can install it: apt-get install chromium'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
install() { # one retry: a mirror can be slow to answer at first
  apt-get update && apt-get install -y --no-install-recommends chromium
}
install >"$log" 2>&1 || install >"$log" 2>&1 || { cat "$log" >&2; trouble 'Chromium cannot be installed'; }
