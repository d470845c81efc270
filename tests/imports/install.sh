#!/usr/bin/env bash
# Brings recordings and descriptions that others publish in packages of npm into target/foreign/imports: the
# packages of packages.txt alone, each held against its hash, nothing of them is run. On a fresh Debian or Ubuntu
# machine, as root, npm and Python too.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=tests/packages.sh
. tests/packages.sh

mapfile -t missing < <(missing_packages npm=npm python3=python3)
install_packages "the corpus of imports" "${missing[@]}"

folder=$PWD/target/foreign/imports
list=$PWD/tests/imports/packages.txt
mkdir -p "$folder"
while read -r package hash; do
    name=${package//[@\/]/_}
    [ ! -e "$folder/$name/$hash" ] || continue
    rm -rf "${folder:?}/$name"
    mkdir -p "$folder/$name"
    (cd "$folder/$name" && npm pack --silent "$package" > /dev/null)
    echo "$hash  $(echo "$folder/$name"/*.tgz)" | sha512sum --check --quiet
    tar -xzf "$folder/$name"/*.tgz -C "$folder/$name" --no-same-owner
    rm "$folder/$name"/*.tgz
    touch "$folder/$name/$hash"
done < "$list"
