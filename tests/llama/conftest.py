"""The model that `scripts/llama.sh` brings, and that there is a server for it."""

from pathlib import Path

import pytest

from harness_bench.cache import cache_folder
from runner.models.llama_server import LlamaServer
from tests.needs import everything_is_required, needs


@pytest.fixture
def model() -> Path:
    """A GGUF of 253 MB that a real llama-server can serve here."""
    needs("bwrap")
    path = cache_folder() / "llama" / "gemma-3-270m-q4_k_m.gguf"
    if problems := LlamaServer(gguf=path).problems():
        reason = f"{'; '.join(map(str, problems))}; scripts/llama.sh brings both"
        if everything_is_required():
            pytest.fail(reason)
        pytest.skip(reason)
    return path
