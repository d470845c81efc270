# shellcheck shell=bash
# Sourced by the scripts that install what tests need: on a fresh Debian or Ubuntu
# machine, as root, without a question asked and without a service started.
#
#   install_packages WHAT PACKAGE...           nothing, when none is named
#   missing_packages COMMAND=PACKAGE...        the packages of commands that are not there

missing_packages() {
    local pair
    for pair in "$@"; do
        command -v "${pair%%=*}" > /dev/null || echo "${pair#*=}"
    done | sort -u
}

install_packages() {
    local what=$1
    shift
    [ $# -gt 0 ] || return 0
    if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
        echo "for $what, install these first: $*" >&2
        echo "(apt-get as root would do it by itself)" >&2
        return 1
    fi
    # Packages ask this before they start a service.
    local policy=/usr/sbin/policy-rc.d
    local ours=
    if [ ! -e "$policy" ]; then
        ours=$policy
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
    fi
    local log good=yes
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends "$@"; } > "$log" 2>&1 < /dev/null || good=
    [ -z "$ours" ] || rm -f "$ours"
    [ -n "$good" ] || cat "$log" >&2
    rm -f "$log"
    [ -n "$good" ] || return 1
    echo "installed for $what: $*" >&2
}
