#!/usr/bin/env bash
# Installs the commands that the mail tests need, those that are not there:
# on a fresh Debian or Ubuntu machine, as root, without a question asked and
# without a service started.
set -euo pipefail

PATH="$PATH:/usr/sbin:/sbin"
declare -A package=(
    [curl]=curl
    [python3]=python3
    [openssl]=openssl
    [dovecot]=dovecot-imapd
    [postfix]=postfix
)
missing=()
for command in "${!package[@]}"; do
    command -v "$command" > /dev/null || missing+=("${package[$command]}")
done
# `dovecot` alone, of dovecot-core, serves nothing.
if command -v dovecot > /dev/null && [ ! -x /usr/lib/dovecot/imap ] && [ ! -x /usr/libexec/dovecot/imap ]; then
    missing+=(dovecot-imapd)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
    echo "tests/mail/install.sh: install these first: ${missing[*]}" >&2
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
echo "installed for the mail tests: ${missing[*]}" >&2
