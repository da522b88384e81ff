#!/usr/bin/env bash
# Installs the two other emulators that the tests run against, at pinned versions, into .servers/ (ignored by
# git). Needs Go; `npm test` finds them there. Prints nothing but trouble.
set -euo pipefail
cd "$(dirname "$0")/.."

fake_gcs_server=github.com/fsouza/fake-gcs-server@v1.56.1
gcsemulator=github.com/fullstorydev/emulators/storage/cmd/gcsemulator@v0.0.0-20240401123056-edc69752f474

mkdir -p .servers
stamp="$fake_gcs_server $gcsemulator"
if [ -x .servers/fake-gcs-server ] && [ -x .servers/gcsemulator ] && [ "$(cat .servers/versions 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
command -v go >/dev/null || { echo "install-servers: Go is needed (https://go.dev/dl)" >&2; exit 1; }

install() { # one retry: a module proxy can be slow to answer at first
  GOBIN="$PWD/.servers" go install "$1" >.servers/install.log 2>&1 ||
    GOBIN="$PWD/.servers" go install "$1" >.servers/install.log 2>&1 ||
    { cat .servers/install.log >&2; exit 1; }
}
install "$gcsemulator"
install "$fake_gcs_server"
echo "$stamp" >.servers/versions
