"""Cards as PNG: the same bytes for the same SVG, each drawn once and kept in the cache.

The font is the one that comes with the package `font-roboto`; those of the machine are
not looked at.
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from harness_bench.cache import cache_folder
from sitegen.cards import FONT

_WORKERS = 2
_KEPT = 1_000
"""Pictures in the cache; the ones longest unused go first."""
_END = b"IEND\xaeB`\x82"
MISSING = "shared links show no picture: resvg-py or font-roboto is not installed"


def pictures(svgs: Mapping[str, str]) -> dict[str, bytes]:
    """Each SVG as PNG.

    Raises:
        ImportError: A package that draws is missing.
    """
    import font_roboto  # noqa: PLC0415 - a site without an address needs neither
    import resvg_py  # noqa: PLC0415

    folder = Path(font_roboto.font_directory)
    fonts = [str(folder / f"{FONT}-{style}.ttf") for style in ("Regular", "Bold")]
    made_by = f"{resvg_py.__version__} {version('font-roboto')}"
    cache = cache_folder() / "cards"

    def picture(svg: str) -> bytes:
        key = hashlib.sha256(f"{made_by}\n{svg}".encode()).hexdigest()
        file = cache / f"{key}.png"
        with suppress(OSError):
            found = file.read_bytes()
            if found.endswith(_END):
                file.touch()
                return found
        found = resvg_py.svg_to_bytes(
            svg_string=svg, skip_system_fonts=True, font_files=fonts, font_family=FONT
        )
        with suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            file.write_bytes(found)
        return found

    with ThreadPoolExecutor(_WORKERS) as workers:
        drawn = dict(zip(svgs, workers.map(picture, svgs.values()), strict=True))
    with suppress(OSError):
        _prune(cache)
    return drawn


def _prune(cache: Path) -> None:
    found = [*cache.glob("*.png")]
    if len(found) > _KEPT:
        found.sort(key=lambda each: each.stat().st_mtime)
        for each in found[:-_KEPT]:
            each.unlink(missing_ok=True)
