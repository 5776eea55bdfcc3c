#!/bin/sh
# Writes requirements/*.lock from pyproject.toml: names, versions and hashes for
# every supported system and Python, and no address of any registry.
# `make lock` keeps the locked versions where they still fit; `UPGRADE=1` does not.
set -eu
cd "$(dirname "$0")/.."

compile() {
    # One version of a package for all Pythons, so that all build the same site.
    .venv/bin/uv pip compile pyproject.toml --quiet --universal \
        --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links \
        ${UPGRADE:+--upgrade} "$@" >/dev/null
}

mkdir -p requirements
compile --group build --output-file requirements/run.lock
compile --group dev --constraint requirements/run.lock \
    --output-file requirements/dev.lock

if grep -nE '://| @ |--index|--find-links|^/' requirements/*.lock; then
    echo "requirements: the lines above name a place, expected names and hashes" >&2
    exit 1
fi
