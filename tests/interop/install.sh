#!/usr/bin/env bash
# Installs Node and npm when they are not there: on a fresh Debian or Ubuntu
# machine, as root, without a question asked.
set -euo pipefail

oldest=20
missing=()
command -v node > /dev/null || missing+=(nodejs)
command -v npm > /dev/null || missing+=(npm)

if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
        echo "tests/interop/install.sh: install these first: ${missing[*]}" >&2
        echo "(apt-get as root would do it by itself)" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } > "$log" 2>&1 < /dev/null; then
        cat "$log" >&2
        exit 1
    fi
    rm -f "$log"
    echo "installed for the interop tests: ${missing[*]}" >&2
fi

version=$(node --version)
major=${version#v}
major=${major%%.*}
if [ "$major" -lt "$oldest" ]; then
    echo "tests/interop/install.sh: Node $version is too old: the suites need $oldest or newer" >&2
    exit 1
fi
