#!/usr/bin/env bash
# Makes sure that there is what the tests of the command need of others: tmux, the shells that it completes command
# lines for, mandoc, which reads its manual page, and tini, which is process 1 of containers. What is missing comes from
# Debian or Ubuntu, which takes root. Prints nothing but trouble.
set -euo pipefail

missing=()
for name in tmux zsh fish mandoc tini; do
  command -v "$name" >/dev/null || missing+=("$name")
done
[ -e /usr/share/bash-completion/bash_completion ] || missing+=(bash-completion)
[ ${#missing[@]} = 0 ] || exec "$(dirname "$0")/apt-install.sh" "${missing[@]}"
