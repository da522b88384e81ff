#!/usr/bin/env bash
# Makes sure that there is a Chromium for the tests that look at a page: one that CHROMIUM names or that is on the
# path, else Debian's or Ubuntu's package, which takes root. Prints nothing but trouble.
set -euo pipefail

[ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && exit 0
for name in chromium chromium-browser google-chrome-stable google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
exec "$(dirname "$0")/apt-install.sh" chromium
