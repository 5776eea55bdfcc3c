#!/bin/sh
# Chromium, Jekyll and a sandbox, for the tests that need the real ones; with `slurm`,
# a sandbox and Slurm for those of engines.
# On a laptop what cannot be had is said in one line each, and those tests are
# skipped; where everything is required it is a failure.
set -u
cd "$(dirname "$0")/.."
missed=0

# Not called `chromium`: `command -v` would find the function.
browser() {
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null; then return; fi
    done
    # Ubuntu's package only fetches a snap, which containers cannot run.
    if command -v apt-cache >/dev/null && ! grep -q '^ID=ubuntu' /etc/os-release; then
        scripts/apt.sh chromium
    elif command -v apt-get >/dev/null &&
        { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        .venv/bin/playwright install --with-deps chromium </dev/null
    else
        echo "chromium: please run '.venv/bin/playwright install chromium'" >&2
        return 1
    fi
}

if [ "${1:-}" = slurm ]; then
    scripts/sandbox.sh && scripts/apt.sh slurm-wlm munge
    exit
fi

browser || missed=1
scripts/sandbox.sh || missed=1
# What practice tasks in C++ and Rust are built with.
command -v c++ >/dev/null || scripts/apt.sh g++ || missed=1
command -v rustc >/dev/null || [ -x "$HOME/.cargo/bin/rustc" ] || scripts/apt.sh cargo ||
    missed=1
# libatomic1: what playwright talks to the browser with is linked against it.
scripts/apt.sh libatomic1 jekyll jekyll-theme-minima ruby-jekyll-feed ruby-jekyll-seo-tag \
    ruby-jekyll-sitemap ruby-webrick || missed=1

# The HTML checker, which runs on Java.
command -v java >/dev/null || scripts/apt.sh default-jre-headless || missed=1
vnu="${XDG_CACHE_HOME:-$HOME/.cache}/harness-bench/vnu"
[ -e "$vnu/node_modules/vnu-jar/build/dist/vnu.jar" ] ||
    { mkdir -p "$vnu" && .venv/bin/npm install --silent --no-save --ignore-scripts \
        --prefix "$vnu" vnu-jar@26.9.27 </dev/null; } || missed=1

if [ "$missed" = 1 ]; then
    if [ "${HARNESS_BENCH_REQUIRE:-}" = all ] || [ "${CI:-}" = true ]; then exit 1; fi
    echo "the tests that need them are skipped" >&2
fi
