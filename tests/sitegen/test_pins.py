"""Snapshots for posts: kept once, never changed."""

from pathlib import Path

import pytest

from harness_bench.errors import PostError
from sitegen.pins import keep, read_pins, snapshot
from tests.sites import example_site


def test_a_snapshot_holds_what_posts_quote_and_no_pages() -> None:
    kept = snapshot(example_site())
    assert "data/q4/harnesses.json" in kept
    assert "charts/speed_vs_accuracy-narrow.svg" in kept
    assert not any(path.endswith(".html") for path in kept)
    assert "data/cells.json" not in kept
    assert "charts/q8/audit.svg" not in kept
    assert sum(map(len, kept.values())) < 4_000_000


def test_what_was_kept_is_read_as_it_was(tmp_path: Path) -> None:
    site = example_site()
    assert keep(site, tmp_path / "2026-04-28")
    assert read_pins(tmp_path) == {"2026-04-28": snapshot(site)}
    assert read_pins(tmp_path, {"2026-04-29"}) == {}
    assert not keep(site, tmp_path / "2026-04-28")
    (tmp_path / "2026-04-28").rename(tmp_path / "2026-04-28.new")
    assert read_pins(tmp_path) == {}


def test_another_snapshot_never_takes_the_place_of_one(tmp_path: Path) -> None:
    site = dict(example_site())
    keep(site, tmp_path / "2026-04-28")
    before = read_pins(tmp_path)
    site["data/audit.json"] = b"{}"
    with pytest.raises(PostError, match="holds another snapshot"):
        keep(site, tmp_path / "2026-04-28")
    assert read_pins(tmp_path) == before


def test_what_a_killed_one_left_is_in_no_snapshot(tmp_path: Path) -> None:
    left = tmp_path / "2026-04-28.new" / "data" / "gone.json"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"{}")
    keep(example_site(), tmp_path / "2026-04-28")
    assert read_pins(tmp_path) == {"2026-04-28": snapshot(example_site())}
