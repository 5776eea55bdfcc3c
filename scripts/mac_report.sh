#!/bin/sh
# For whoever has a Mac: tries there what was only ever run on Linux, and prints a report
# in Markdown to paste into an issue. Of this machine it tells the version of the system,
# processor, memory and container engine; no name, no path, no model.
set -u
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
own=$(mktemp -d /tmp/mac-report.XXXXXX) # a Mac's own is too long a path for sockets
trap 'rm -rf "$own"' EXIT

about() { printf -- '- %s: %s\n' "$1" "$(shift; "$@" 2>/dev/null | head -1 || true)"; }

# A row: what was tried, how it ended, how long it took; what it said last where it failed.
try() {
    what=$1
    shift
    begun=$(date +%s)
    "$@" >"$own/said" 2>&1
    code=$?
    printf '| %s | %s | %s s |' "$what" "$code" "$(($(date +%s) - begun))"
    [ "$code" -eq 0 ] || tail -3 "$own/said" | sed "s|$HOME|~|g;s|$PWD|.|g" | tr '\n|' '  '
    printf '\n'
}

is_held_awake() {
    harness-bench run "$own/run.toml" --run "$own/run" &
    running=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 2
        pmset -g assertions | grep -q caffeinate && break
    done
    pmset -g assertions | grep caffeinate
    held=$?
    wait "$running" && return "$held"
}

cat >"$own/run.toml" <<END
run.packs = ["$PWD/tasks/practice"]
run.tasks = ["p1_*"]
[[model]]
name = "oracle"
script = "oracle"
[[harness]]
name = "mini"
END

echo "# harness-bench on a Mac"
about macOS sw_vers -productVersion
about processor uname -m
about memory sysctl -n hw.memsize
about Docker docker version --format '{{.Server.Version}}'
about Podman podman --version
about llama-server llama-server --version
echo
echo '| tried | exit | time |'
echo '| --- | --- | --- |'
[ -x .venv/bin/harness-bench ] || try 'set up' make .venv/dev.stamp
try 'build the box' harness-bench box build pi
try 'doctor' harness-bench doctor
try 'demo in the box' harness-bench demo --box any
try 'a run holds it awake' is_held_awake
try 'the first harness starts' harness-bench harness install pi
try 'tests of the machine' pytest -q tests/runner/machine
try 'tests without a sandbox' pytest -q -k unsafe tests/runner/sandboxes/test_conformance.py
