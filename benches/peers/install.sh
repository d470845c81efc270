#!/usr/bin/env bash
# Installs the load testers that rehearse is compared with, in fixed versions: those of
# Debian as root on a fresh machine, the others into target/foreign.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=tests/packages.sh
. tests/packages.sh

mapfile -t missing < <(missing_packages wrk=wrk hey=hey nginx=nginx-light openssl=openssl \
    node=nodejs npm=npm python3=python3)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)
install_packages "the comparison with other load testers" "${missing[@]}"

cargo=target/foreign/cargo
[ "$("$cargo/bin/oha" --version 2> /dev/null)" = "oha 1.16.0" ] \
    || cargo install --quiet --locked --root "$cargo" --version 1.16.0 oha

peers=target/foreign/peers
mkdir -p "$peers"
# The last artillery that runs on Node 20.
if [ ! -x "$peers/node_modules/.bin/autocannon" ] || [ ! -x "$peers/node_modules/.bin/artillery" ]; then
    npm install --ignore-scripts --silent --no-audit --no-fund --prefix "$peers" \
        autocannon@9.0.0 artillery@2.0.21 > /dev/null
fi
[ -x "$peers/venv/bin/python" ] || python3 -m venv "$peers/venv"
[ -x "$peers/venv/bin/locust" ] \
    || "$peers/venv/bin/pip" install --quiet --disable-pip-version-check locust==2.47.0
# The client of the tutorial's flow.
[ -d tests/interop/js/node_modules/@icure/api ] \
    || npm ci --prefix tests/interop/js --silent --no-audit --no-fund > /dev/null
