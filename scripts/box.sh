#!/bin/sh
# box.sh: a container engine, and the image of the box, made without a registry of
# images: its base is a Debian of this machine's own package mirror, kept in the cache.
set -eu
cd "$(dirname "$0")/.."

scripts/apt.sh podman runc uidmap mmdebstrap
# Where crun refuses the machine's control groups, runc does not.
if ! podman info --format '{{.Host.OCIRuntime.Name}}' | grep -q runc; then
    [ -e /etc/containers/containers.conf ] ||
        printf '[engine]\nruntime = "runc"\n' >/etc/containers/containers.conf
fi
base="${XDG_CACHE_HOME:-$HOME/.cache}/harness-bench/box/base.tar"
if [ ! -e "$base" ]; then
    mkdir -p "$(dirname "$base")"
    packages=$(.venv/bin/python -c \
        'from runner.box.image import PACKAGES; print(",".join(PACKAGES))')
    mmdebstrap --quiet --variant=minbase --format=tar --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$base.part"
    mv "$base.part" "$base"
fi
.venv/bin/harness-bench box build --engine podman --base "$base" "$@"
