"""When the files of a workspace were last written, kept beside its archive.

An archive is named by what is in it, and the same work is kept once, whoever did it
when. But `make` looks at what is older than what: so each attempt keeps its own times.
"""

import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, RunError

_NAME: Final = "times.json.gz"


def write_times(traces: Path, times: Mapping[str, int]) -> None:
    """Keep them among the logs of an attempt.

    Raises:
        OSError: They cannot be written.
    """
    with gzip.open(traces / _NAME, "wt", encoding="ascii", compresslevel=1) as file:
        file.write(json.dumps(dict(times)))


def read_times(traces: Path) -> Mapping[str, int]:
    """What `write_times` kept; nothing where an older runner kept none.

    Raises:
        RunError: They cannot be read.
    """
    try:
        with gzip.open(traces / _NAME, "rt", encoding="ascii") as file:
            return {str(name): int(when) for name, when in json.load(file).items()}
    except FileNotFoundError:
        return {}
    except (OSError, EOFError, ValueError, AttributeError, zlib.error) as error:
        raise RunError(
            Problem(str(traces / _NAME), f"cannot be read ({error})")
        ) from error
