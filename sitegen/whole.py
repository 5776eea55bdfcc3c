"""The whole site of a folder, with what takes packages or goes on from the last one."""

import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sitegen.build import build
from sitegen.feed import TAKEN_OVER, Before
from sitegen.gate.search import Gate
from sitegen.inputs import Inputs, csv_file
from sitegen.pictures import MISSING, pictures
from sitegen.publish import mend, published
from sitegen.read_table import is_table
from sitegen.site import Site


@dataclass(frozen=True, slots=True)
class Whole:
    """A site, and what its pictures were drawn from."""

    site: Site
    svgs: Mapping[str, bytes]

    def check(self, gate: Gate) -> None:
        """Search all but pictures, whose texts are, and Parquet, whose CSV is."""
        gate.check(self.svgs)
        same = [path for path in self.site if path.endswith(".parquet")]
        gate.vouch(self.site[p] for p in [*self.svgs, *same] if p in self.site)
        gate.check(self.site)


def whole(
    inputs: Inputs,
    csv: Sequence[Path],
    out: Path,
    *,
    say: Callable[[str], None],
    templates: Path | None = None,
    lap: Callable[[str], None] = lambda _: None,
) -> Whole:
    """Build the site of a folder, whose last publish is mended first.

    Args:
        inputs: What it is built from.
        csv: The results, whose time of writing the feed tells; none: the time of now.
        out: Where the site before may stand.
        say: Is told what is left out for want of a package.
        templates: As of `build`.
        lap: As of `build`.
    """
    mend(out)
    svgs: dict[str, bytes] = {}

    def draw(found: Mapping[str, str]) -> Mapping[str, bytes]:
        svgs.update((path, svg.encode()) for path, svg in found.items())
        try:
            return pictures(found)
        except ImportError:
            say(f"notice: {MISSING}")
            return {}

    before = Before(files=published(out, *TAKEN_OVER), at=_written(inputs, csv))
    arrow = importlib.util.find_spec("pyarrow") is not None
    site = build(
        inputs,
        templates=templates,
        say=say,
        draw=draw,
        before=before,
        parquet=arrow,
        lap=lap,
    )
    if not arrow:
        advice = "pip install 'harness-bench[arrow]' brings it"
        say(f"notice: tables are not published as Parquet without pyarrow; {advice}")
    return Whole(site, svgs)


def _written(inputs: Inputs, csv: Sequence[Path]) -> str:
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdigit():
        at = datetime.fromtimestamp(int(given), UTC)
    elif csv:
        # A folder of results that no run made has no cells.csv.
        files = [path for path in map(csv_file, csv) if path.exists()]
        files = files or [path for path in inputs.files if is_table(path)]
        last = max(path.stat().st_mtime for path in files)
        at = datetime.fromtimestamp(int(last), UTC)
    else:
        at = datetime.now(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
