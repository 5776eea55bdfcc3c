"""Keeps all processors busy, to see what a slow machine would see."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def load(processors: int = os.cpu_count() or 1) -> Iterator[None]:
    """Busy processes for the block, one for each processor; none is left behind."""
    # They end by themselves when we are killed: their standard input ends.
    code = "import os, threading as t; t.Thread(target=lambda: os.read(0, 1) or os._exit(0)).start()\nwhile True: pass"  # noqa: E501 - one program
    command = [sys.executable, "-c", code]
    busy = [
        subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - ourselves
        for _ in range(processors)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.communicate()
