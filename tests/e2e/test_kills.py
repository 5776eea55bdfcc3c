"""A runner that is killed at any moment loses nothing, repeats nothing, leaves nothing.

`make torture` does the same more often.
"""

from pathlib import Path

import pytest

from tests.killing import kill_often
from tests.needs import needs

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(420)]


def test_a_runner_killed_four_times_writes_what_an_undisturbed_one_does(
    tmp_path: Path, short_tmp: Path
) -> None:
    needs("bwrap")

    tally = kill_often(tmp_path, short_tmp, kills=4, seeds=3)

    assert tally.kills == 4
    assert tally.written == tally.planned == tally.rounds * 18
    assert tally.duplicates == 0
    assert tally.processes == 0
    assert tally.folders == 0
    assert tally.different == 0
