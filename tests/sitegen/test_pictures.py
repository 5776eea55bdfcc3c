"""Pictures are drawn once, and are the same bytes."""

import struct
from pathlib import Path

import pytest

from sitegen.pictures import pictures

resvg_py = pytest.importorskip("resvg_py")

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" '
    'font-family="Roboto"><text x="10" y="100" font-size="60">What {}?</text></svg>'
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "harness-bench" / "cards"


def test_a_card_is_a_png_of_its_size() -> None:
    found = pictures({"cards/index.png": SVG})["cards/index.png"]
    assert found.startswith(b"\x89PNG")
    assert struct.unpack(">II", found[16:24]) == (1200, 630)


def test_the_font_draws_and_differs_by_text() -> None:
    found = pictures({"a": SVG, "b": SVG.format("now"), "c": SVG.replace("What", "")})
    assert len(set(found.values())) == 3


def test_what_is_in_the_cache_is_not_drawn_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pictures({"a": SVG})
    assert len([*cache.glob("*.png")]) == 1
    monkeypatch.setattr(resvg_py, "svg_to_bytes", None)
    assert pictures({"other": SVG}) == {"other": first["a"]}


def test_half_a_file_in_the_cache_is_drawn_again(cache: Path) -> None:
    first = pictures({"a": SVG})
    (file,) = cache.glob("*.png")
    file.write_bytes(first["a"][:100])
    assert pictures({"a": SVG}) == first
    assert file.read_bytes() == first["a"]


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert pictures({"a": SVG})["a"].startswith(b"\x89PNG")
