"""Answers without tools: the edit formats of Aider, which applies them itself.

Source:
    https://aider.chat/docs/more/edit-formats.html
"""

from collections.abc import Mapping
from pathlib import Path

_FENCE = "```"


def written(files: Mapping[str, Path], starter: Path, system: str) -> str:
    """All files in the format that the harness asks for.

    Returns:
        A plain sentence where it asks for no format.
    """
    if "SEARCH/REPLACE" in system:
        parts = [
            _replacement(name, starter / name, path) for name, path in files.items()
        ]
    elif "file listing" in system:
        parts = [
            f"{name}\n{_FENCE}\n{_text(path)}{_FENCE}" for name, path in files.items()
        ]
    else:
        return "The work is done."
    return "\n\n".join(["These are the changes.", *parts])


def _replacement(name: str, before: Path, after: Path) -> str:
    search = _text(before) if before.is_file() else ""
    return (
        f"{name}\n{_FENCE}\n<<<<<<< SEARCH\n{search}=======\n{_text(after)}"
        f">>>>>>> REPLACE\n{_FENCE}"
    )


def _text(path: Path) -> str:
    """What is in a file, with a line feed at its end."""
    content = path.read_text(encoding="utf-8", errors="replace")
    return content if content.endswith("\n") or not content else f"{content}\n"
