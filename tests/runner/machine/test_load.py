"""Processors are busy for as long as it is said, and not longer."""

import os
import time

from runner.machine.load import load


def test_nothing_is_left_of_the_load() -> None:
    before = os.times()
    with load(2):
        time.sleep(0.2)
    after = os.times()
    # Children count once they have been waited for: both have worked, and are gone.
    assert after.children_user > before.children_user
