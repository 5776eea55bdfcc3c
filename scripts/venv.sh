#!/bin/sh
# venv.sh LOCK: the project's own environment in .venv, with what LOCK names and
# this checkout. Takes the first Python of the machine that is new enough.
set -eu
cd "$(dirname "$0")/.."
lock=$1

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    echo "python3: none of this machine is 3.11 or newer, please install one" >&2
    return 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian keeps this part of Python in a package of its own.
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        scripts/apt.sh "python$version-venv"
    fi
    "$python" -m venv --clear .venv
}

# Its scripts hold absolute paths: after the folder was moved, it is made anew.
if ! .venv/bin/pip --version >/dev/null 2>&1 || ! is_new_enough .venv/bin/python; then
    make_venv
fi
echo "installing $lock into .venv"
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
# The build backend came with the lock: nothing unlocked is downloaded here.
.venv/bin/pip install --quiet --disable-pip-version-check \
    --no-build-isolation --no-deps --editable .
