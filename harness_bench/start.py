"""Where the `harness-bench` command starts.

A build that would change nothing is answered before anything slow is imported.
"""

import gc
import sys
import time
from importlib import import_module


def main(name: str = "harness-bench") -> None:
    """Run the command of the process.

    Raises:
        SystemExit: With the exit code, unless that is 0 and nothing was to be done.
    """
    began_ns = time.time_ns()
    # The kernel knows neither side; this one is asked by name, as commands are.
    if sys.argv[1:2] == ["build"] and import_module("sitegen.unchanged").answered():
        return
    collect_seldom()
    import_module("harness_bench.cli").main(name=name, began_ns=began_ns)


def collect_seldom() -> None:
    """Look for cycles among the objects of this process less often than usual.

    Nearly all that a command makes is kept until it ends: looking through it for what
    is not, after every 700 new objects, took a twentieth of a build.
    """
    gc.set_threshold(20_000, 20, 20)
