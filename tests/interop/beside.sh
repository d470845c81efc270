#!/usr/bin/env bash
# Runs a command beside a simulator that lives as long as it does, on a free
# port of loopback, with its data in a folder that is gone afterwards.
#
#   bash tests/interop/beside.sh [OPTION OF `rehearse simulate`]... -- COMMAND...
#
# `REHEARSE` is the binary. The command finds in its environment:
#   REHEARSE_TARGET   the target file that points at the simulator
#   REHEARSE_SCRATCH  a folder for its own files
set -euo pipefail

options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
done
[ $# -gt 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
shift

dir=$(mktemp -d)
simulator=
stop() {
    local code=$?
    trap - EXIT INT TERM HUP
    if [ -n "$simulator" ]; then
        kill "$simulator" 2> /dev/null || true
        wait "$simulator" 2> /dev/null || true
    fi
    [ "$code" = 0 ] || cat "$dir/simulator.log" >&2
    rm -rf "$dir"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mkdir "$dir/scratch"
export REHEARSE_TARGET=$dir/target.yaml REHEARSE_SCRATCH=$dir/scratch
"$REHEARSE" simulate --data "$dir/data" --target-out "$REHEARSE_TARGET" "${options[@]}" \
    > /dev/null 2> "$dir/simulator.log" &
simulator=$!
for _ in $(seq 100); do
    ! grep -q 'listening on' "$dir/simulator.log" || break
    kill -0 "$simulator" 2> /dev/null || exit 1
    sleep 0.1
done
grep -q 'listening on' "$dir/simulator.log"

# In the background, so that a signal is acted on before the command ends.
"$@" &
command=$!
trap 'kill "$command" 2> /dev/null || true; exit 130' INT
trap 'kill "$command" 2> /dev/null || true; exit 143' TERM HUP
wait "$command"
