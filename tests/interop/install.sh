#!/usr/bin/env bash
# Installs Node and npm when they are not there: on a fresh Debian or Ubuntu
# machine, as root, without a question asked.
set -euo pipefail
# shellcheck source=tests/packages.sh
. "$(dirname "$0")/../packages.sh"

oldest=20
mapfile -t missing < <(missing_packages node=nodejs npm=npm)
install_packages "the interop tests" "${missing[@]}"

version=$(node --version)
major=${version#v}
major=${major%%.*}
if [ "$major" -lt "$oldest" ]; then
    echo "tests/interop/install.sh: Node $version is too old: the suites need $oldest or newer" >&2
    exit 1
fi
