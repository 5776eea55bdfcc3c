"""For sandboxes that cannot mount: where things are on the machine itself.

A command speaks of the places that a mount would give it. Without mounts, the real
places stand in its words, in its environment and in its folder instead.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from runner.sandboxes.sandbox import Confined

HOME: Final = "/home/agent"


def in_place(confined: Confined) -> Confined:
    """The same command, with real places in its words.

    A target is replaced where it stands for itself or is the beginning of a path:
    `--config=/home/agent/x`, but not `/srv/home/agent` or `/home/agents`.
    """
    real = {mount.target: str(mount.source) for mount in confined.mounts}
    if not real:
        return confined
    longest_first = sorted(real, key=len, reverse=True)
    pattern = re.compile(
        rf"(?<![\w./-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w.-])"
    )

    def moved(text: str) -> str:
        return pattern.sub(lambda found: real[found[0]], text)

    return replace(
        confined,
        command=tuple(map(moved, confined.command)),
        environment={name: moved(text) for name, text in confined.environment.items()},
        folder=moved(confined.folder),
    )


def environment(confined: Confined, path: str) -> Mapping[str, str]:
    """All of its environment."""
    homes = [str(each.source) for each in confined.mounts if each.target == HOME]
    return {
        "HOME": next(iter(homes), confined.folder),
        "LANG": "C.UTF-8",
        **confined.environment,
        "PATH": ":".join(filter(None, (confined.environment.get("PATH"), path))),
    }
