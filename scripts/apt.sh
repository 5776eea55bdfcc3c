#!/bin/sh
# apt.sh PACKAGE...: installs Debian packages when that needs no question.
# Ends with 1 and one line that names them when it may not.
set -eu

missing=""
for package in "$@"; do
    if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$'
    then
        missing="$missing $package"
    fi
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    as_root=""
fi
if [ -z "$as_root" ] || ! command -v apt-get >/dev/null; then
    echo "missing system packages (names as on Debian), please install:$missing" >&2
    exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing system packages:$missing"
apt() {
    # Another apt may be at work on a machine that has just started.
    $as_root DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        -qq "$@" </dev/null >"$log" 2>&1
}
# shellcheck disable=SC2086 # one word a package
if ! apt update || ! apt install -y --no-install-recommends $missing; then
    tail -n 20 "$log" >&2
    echo "apt-get: could not install:$missing" >&2
    exit 1
fi
