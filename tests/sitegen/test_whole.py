"""What a site has when its folder is known."""

import json
from pathlib import Path

import pytest

from sitegen.inputs import read_inputs
from sitegen.whole import whole


def test_a_folder_of_results_without_a_run_has_a_feed_of_their_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "site.toml").write_text(
        '[input]\npaths = "{model}.json"\n[publish]\ncells = true\n'
    )
    trial = {"harness": "pi", "task": "t", "passed": True}
    (tmp_path / "m.json").write_text(json.dumps(trial))
    inputs = read_inputs([tmp_path])

    made = whole(inputs, [tmp_path], tmp_path / "site", say=print)

    assert b"<updated>20" in made.site["feed.xml"]
    assert "data/combos.parquet" in made.site
