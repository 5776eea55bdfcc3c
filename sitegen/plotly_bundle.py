"""The plotly.js file that a site serves from its own assets.

Never the basic bundle: it draws heatmaps and boxes as scatter plots, silently.
"""

import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent / "vendor"
"""Where scripts/fetch_plotly.py puts the cartesian bundle."""

_VERSION = re.compile(rb"plotly\.js (?:\([^)]*\) )?v(\d+\.\d+\.\d+)")

_STYLES = re.compile(rb'getElementById\("([0-9a-f]{64})"\)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A minified plotly.js that draws every chart of ours."""

    content: bytes
    licence: str
    """The licence text that goes with every copy."""
    version: str
    """Of plotly.js, as the file itself states it."""
    styles: tuple[str, ...]
    """IDs of the style elements that it writes into a page which has none of them."""


def bundle(*, vendor: Path = VENDOR) -> Bundle:
    """The cartesian bundle where it was fetched, else the full one.

    The full one is three times as large, draws the same, and comes with the
    plotly package, whose code is not imported for it.

    Args:
        vendor: Folder that may hold the cartesian bundle and its licence.
    """
    script, licence = bundle_files(vendor=vendor)
    content = script.read_bytes()
    stated = _VERSION.search(content, 0, 1000)
    return Bundle(
        content=content,
        licence=licence.read_text(encoding="utf-8"),
        version=stated[1].decode() if stated else "unknown",
        styles=("plotly.js-style-global", *map(bytes.decode, _STYLES.findall(content))),
    )


def bundle_files(*, vendor: Path = VENDOR) -> tuple[Path, Path]:
    """The script and its licence, where `bundle` finds them."""
    script = vendor / "plotly-cartesian.min.js"
    licence = vendor / "plotly-cartesian.LICENSE"
    there = script.is_file() and licence.is_file()
    return (script, licence) if there else _in_package("plotly")


def _in_package(name: str) -> tuple[Path, Path]:
    spec = importlib.util.find_spec(name)  # finds a top-level package unimported
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name=name)
    distribution = importlib.metadata.distribution(name)
    licences = [
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if file.name.startswith("LICENSE")
    ]
    return Path(spec.origin).parent / "package_data" / "plotly.min.js", licences[0]
