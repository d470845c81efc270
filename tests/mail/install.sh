#!/usr/bin/env bash
# Installs the commands that the mail tests need, those that are not there.
set -euo pipefail
# shellcheck source=tests/packages.sh
. "$(dirname "$0")/../packages.sh"

PATH="$PATH:/usr/sbin:/sbin"
mapfile -t missing < <(missing_packages \
    curl=curl python3=python3 openssl=openssl dovecot=dovecot-imapd postfix=postfix)
# `dovecot` alone, of dovecot-core, serves nothing.
if command -v dovecot > /dev/null && [ ! -x /usr/lib/dovecot/imap ] && [ ! -x /usr/libexec/dovecot/imap ]; then
    missing+=(dovecot-imapd)
fi
install_packages "the mail tests" "${missing[@]}"
