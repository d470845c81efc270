#!/usr/bin/env bash
# Installs what reads the reports in tests: xmllint, Chromium, Prometheus, Node and
# Python with the readers that others publish. Those go into target/foreign; on a fresh
# Debian or Ubuntu machine, as root, the commands are installed too.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=tests/packages.sh
. tests/packages.sh

mapfile -t missing < <(missing_packages xmllint=libxml2-utils chromium=chromium node=nodejs npm=npm \
    prometheus=prometheus promtool=prometheus python3=python3)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)
install_packages "the tests of reports" "${missing[@]}"

foreign=target/foreign
mkdir -p "$foreign"
[ -x "$foreign/venv/bin/python" ] || python3 -m venv "$foreign/venv"
"$foreign/venv/bin/python" -c 'import prometheus_client, hdrh, jsonschema, opentelemetry.proto' 2> /dev/null \
    || "$foreign/venv/bin/pip" install --quiet --disable-pip-version-check \
        prometheus_client==0.21.1 hdrhistogram==0.10.3 jsonschema==4.23.0 \
        opentelemetry-proto==1.45.2
if [ ! -d "$foreign/node/node_modules/hdr-histogram-js" ] || [ ! -d "$foreign/node/node_modules/playwright-core" ]; then
    npm install --silent --no-audit --no-fund --prefix "$foreign/node" \
        hdr-histogram-js@3.0.0 playwright-core@1.49.1 > /dev/null
fi
