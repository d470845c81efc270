#!/usr/bin/env bash
# schemathesis and openapi-spec-validator in a virtual environment below `target/interop`, once: with Python 3.10 or
# newer; on a fresh Debian or Ubuntu machine, as root, that is installed too.
set -euo pipefail
cd "$(dirname "$0")"

venv=../../../target/interop/openapi-venv
! cmp -s requirements.txt "$venv/requirements.txt" || exit 0
if ! python3 -c 'import ensurepip, venv' 2> /dev/null; then
    if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
        echo "tests/interop/openapi: install python3 and its venv first (python3-venv); apt-get as root would do it by itself" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { apt-get update && apt-get install -y --no-install-recommends python3 python3-venv; } > "$log" 2>&1 < /dev/null; then
        cat "$log" >&2
        exit 1
    fi
    rm -f "$log"
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    echo "tests/interop/openapi: $(python3 --version) is too old: the suite needs 3.10 or newer" >&2
    exit 1
fi
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
# Last, so that an installation that was cut is done again.
cp requirements.txt "$venv/"
