"""What a site offers makes it again."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.build import build
from sitegen.config import Input, Publish, Settings
from sitegen.feed import TAKEN_OVER, Before
from sitegen.inputs import Inputs, read_inputs
from sitegen.publish import published
from sitegen.rebuild import REBUILD
from sitegen.records import Records
from sitegen.site import Site
from tests.sitegen.test_cards import small
from tests.sites import EXAMPLE

DAY = "2026-01-01T00:00:00Z"


def first(inputs: Inputs) -> Site:
    return build(inputs, before=Before(files={}, at=DAY))


def unpacked(site: Site, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(site[REBUILD])) as packed:
        packed.extractall(folder)
    return folder / "cells.csv"


def again(cells: Path) -> Site:
    files = published(cells.with_name("site"), *TAKEN_OVER)
    later = Before(files=files, at="2027-01-01T00:00:00Z")
    return build(read_inputs([cells]), before=later)


@pytest.mark.parametrize("inputs", ["example", "small"])
def test_the_download_makes_the_same_site(inputs: str, tmp_path: Path) -> None:
    site = first(read_inputs([EXAMPLE]) if inputs == "example" else small())
    assert again(unpacked(site, tmp_path)) == site
    assert b"harness-bench build cells.csv" in site["data.html"]


def test_settings_with_any_letters_are_the_same_again(tmp_path: Path) -> None:
    odd = 'A "title" \\ \x7f # = [x]\U0001f600'
    site = first(small(title=odd, question=odd, note="Ends so."))
    assert again(unpacked(site, tmp_path)) == site


@pytest.mark.parametrize(
    "changed",
    [
        {"publish": Publish(cells=False)},
        {"publish": Publish(cells=True, task_ids="numbered")},
        {"input": Input(score_scale=100)},
    ],
)
def test_what_is_kept_back_or_was_foreign_is_not_offered(
    changed: dict[str, object],
) -> None:
    inputs = small()
    settings: Settings = replace(inputs.settings, **changed)  # type: ignore[arg-type]  # fields
    site = build(replace(inputs, settings=settings))
    assert REBUILD not in site
    assert b"rebuild.zip" not in site["data.html"]


def test_nothing_private_is_in_it(tmp_path: Path) -> None:
    inputs = small()
    publish = Publish(cells=True, private=(tmp_path / "secret-folder",))
    records = tuple(
        replace(r, started_at="2026-05-05T05:05:05Z") for r in inputs.records
    )
    site = build(
        replace(
            inputs,
            records=Records.of(records),
            settings=replace(inputs.settings, publish=publish),
        )
    )
    assert b"secret-folder" not in site[REBUILD]
    assert b"2026-05-05" not in site[REBUILD]
