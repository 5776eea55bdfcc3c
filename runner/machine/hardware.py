"""What a model runs on, in a few words."""

import os
import platform
from pathlib import Path


def hardware(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """This machine's processor and how many cores the runner may use.

    Args:
        cpuinfo: Where Linux tells about its processors.
    """
    name = platform.processor() or platform.machine()
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, colon, value = line.partition(":")
        if colon and key.strip() == "model name" and value.strip():
            name = " ".join(value.split())
            break
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    cores = cores or os.cpu_count() or 1
    return f"{name}, {cores} {'core' if cores == 1 else 'cores'}"
