#!/bin/sh
# What a run needs of the system: a sandbox, and the compiler of a practice task.
# Ends with 1 and one line that names them where they cannot be had.
set -eu
cd "$(dirname "$0")/.."

missing=""
command -v bwrap >/dev/null || missing="bubblewrap"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
# shellcheck disable=SC2086 # one word a package
[ -z "$missing" ] || scripts/apt.sh $missing
