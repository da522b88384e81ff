#!/usr/bin/env bash
# Makes sure that there is what the tests need that type into terminals: tmux, the shells that gcs-mutex
# completes command lines for, and mandoc, which reads its manual page. What is missing comes from Debian or Ubuntu,
# which takes root. Prints nothing but trouble.
set -euo pipefail

missing=()
for name in tmux zsh fish mandoc; do
  command -v "$name" >/dev/null || missing+=("$name")
done
[ -e /usr/share/bash-completion/bash_completion ] || missing+=(bash-completion)
[ ${#missing[@]} = 0 ] || exec "$(dirname "$0")/apt-install.sh" "${missing[@]}"
