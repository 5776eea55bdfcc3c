"""What llama-server tells of itself at `/props`.

Source:
    llama.cpp's tools/server/README.md.
"""

from runner.proxy.wire.loose import Table, count, table


def context_tokens(props: Table) -> int | None:
    """How many tokens one slot holds, and so one conversation; None: it is not told."""
    return count(table(props.get("default_generation_settings")).get("n_ctx"))
