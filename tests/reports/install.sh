#!/usr/bin/env bash
# Installs what reads the reports in tests: xmllint, Chromium, Prometheus, Node and
# Python with the readers that others publish. Those go into target/foreign; on a fresh
# Debian or Ubuntu machine, as root, the commands are installed too.
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A package=(
    [xmllint]=libxml2-utils
    [chromium]=chromium
    [node]=nodejs
    [npm]=npm
    [prometheus]=prometheus
    [promtool]=prometheus
    [python3]=python3
)
missing=()
for command in "${!package[@]}"; do
    command -v "$command" > /dev/null || missing+=("${package[$command]}")
done
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)
if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
        echo "tests/reports/install.sh: install these first: ${missing[*]}" >&2
        echo "(apt-get as root would do it by itself)" >&2
        exit 1
    fi
    # Packages ask this before they start a service.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } > "$log" 2>&1 < /dev/null; then
        cat "$log" >&2
        exit 1
    fi
    rm -f "$log"
    echo "installed for the tests of reports: ${missing[*]}" >&2
fi

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
