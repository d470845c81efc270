#!/usr/bin/env bash
# Plays against the simulator of $REHEARSE_TARGET, as a patient who is registered for it: openapi-spec-validator reads
# the description, schemathesis makes requests of it, good ones and bad ones, and judges the answers.
set -euo pipefail
cd "$(dirname "$0")"

tools=$PWD/../../../target/interop/openapi-venv/bin
results=${REHEARSE_INTEROP:-$PWD/../../../target/interop}/${REHEARSE_SUITE:-openapi}.jsonl
document=$REHEARSE_SCRATCH/openapi.json

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

# It keeps a database of examples where it runs.
schemathesis() (
    cd "$REHEARSE_SCRATCH"
    "$tools/schemathesis" --config-file schemathesis.toml run "$1"
)

"$tools/python" prepare.py "$REHEARSE_TARGET" "$REHEARSE_SCRATCH/schemathesis.toml" "$document"
url=$("$tools/python" -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["api_url"])' "$REHEARSE_TARGET")
prove openapi-spec-validator "read the description, /openapi.json" "$tools/openapi-spec-validator" "$document"
prove schemathesis "requests of every kind, answered as described" schemathesis "${url}openapi.json"
