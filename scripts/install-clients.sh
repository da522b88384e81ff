#!/usr/bin/env bash
# Installs the clients of others that test/clients plays with, at pinned versions, into .clients/ (ignored by git):
# Python's in an environment of its own, a driver of Go's, and npm's Node 22 for the newer storage client. Needs
# Python 3.10 or newer, Go and npm; installs what it can and fails if anything is missing. Prints nothing but trouble.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .clients
failures=0

is_current() { # a stamp, then the files that it was made from
  local stamp=$1
  shift
  [ "$(cat "$@" | cksum)" = "$(cat "$stamp" 2>/dev/null)" ]
}

stamp() {
  local stamp=$1
  shift
  cat "$@" | cksum >"$stamp"
}

trouble() { # what is missing, then a log
  echo "install-clients: $1" >&2
  [ ! -f "${2:-}" ] || cat "$2" >&2
  failures=1
}

twice() { # one retry: a registry can be slow to answer at first
  "$@" || "$@"
}

python_client() {
  local packages=test/clients/python/requirements.txt log=.clients/python.log
  is_current .clients/python.stamp "$packages" && [ -x .clients/python/bin/python ] && return
  command -v python3 >/dev/null || { trouble 'Python is needed (https://www.python.org)'; return; }
  { python3 -m venv --clear .clients/python &&
    twice .clients/python/bin/pip install --quiet --disable-pip-version-check -r "$packages"; } >"$log" 2>&1 &&
    stamp .clients/python.stamp "$packages" || trouble "the client of Python cannot be installed" "$log"
}

go_client() {
  local sources=(test/clients/go/main.go test/clients/go/go.mod test/clients/go/go.sum) log=.clients/go.log
  is_current .clients/go.stamp "${sources[@]}" && [ -x .clients/go-client ] && return
  command -v go >/dev/null || { trouble 'Go is needed (https://go.dev/dl)'; return; }
  # The versions in go.mod are those that fake-gcs-server is built with, so that what is compiled serves both.
  twice go build -C test/clients/go -o ../../../.clients/go-client . >"$log" 2>&1 &&
    stamp .clients/go.stamp "${sources[@]}" || trouble "the client of Go cannot be built" "$log"
}

newer_node() {
  local log=.clients/node.log
  twice npm exec --yes --package=node@22 -- node --version >"$log" 2>&1 || trouble 'npm has no Node 22' "$log"
}

python_client
go_client
newer_node
exit "$failures"
