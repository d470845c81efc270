#!/usr/bin/env bash
# Plays against the simulator of $REHEARSE_TARGET, as two patients who are registered for it: openapi-spec-validator reads
# the description, schemathesis makes requests of it, good ones and bad ones, and judges the answers. One patient asks for
# what is below /rest/v2, the other one at the same time for everything else: it uses one core and no more.
set -euo pipefail
cd "$(dirname "$0")"

tools=$PWD/../../../target/interop/openapi-venv/bin
results=${REHEARSE_INTEROP:-$PWD/../../../target/interop}/${REHEARSE_SUITE:-openapi}.jsonl
hooks=$PWD/hooks.py
second='^/rest/v2/'

: > "$results"

# $1: a package and what it proves; then the command that proves it.
prove() {
    local package=$1 operation=$2 outcome=passed
    shift 2
    version=$(sed -n "s/^$package==//p" requirements.txt)
    "$@" || outcome=failed
    printf '{"client":"%s %s","operation":"%s","outcome":"%s","test":"tests/interop/openapi/play.sh"}\n' \
        "$package" "$version" "$operation" "$outcome" >> "$results"
    [ "$outcome" = passed ]
}

# $1: a patient; then which operations. It keeps a database of examples where it runs.
schemathesis() (
    cd "$REHEARSE_SCRATCH/$1"
    shift
    SCHEMATHESIS_HOOKS=$hooks "$tools/schemathesis" --config-file schemathesis.toml run "${url}openapi.json" "$@"
)

both() {
    local code=0 other
    schemathesis other --exclude-path-regex "$second" > "$REHEARSE_SCRATCH/other.log" 2>&1 &
    other=$!
    schemathesis one --include-path-regex "$second" || code=$?
    wait "$other" || code=$?
    cat "$REHEARSE_SCRATCH/other.log"
    return "$code"
}

for patient in one other; do
    "$tools/python" prepare.py "$REHEARSE_TARGET" "$patient@example.org" "$REHEARSE_SCRATCH/$patient"
done
url=$("$tools/python" -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["api_url"])' "$REHEARSE_TARGET")
prove openapi-spec-validator "read the description, /openapi.json" "$tools/openapi-spec-validator" "$REHEARSE_SCRATCH/one/openapi.json"
prove schemathesis "requests of every kind, answered as described" both
