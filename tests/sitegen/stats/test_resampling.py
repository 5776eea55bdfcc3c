"""The draws of tasks, against the generator as its authors wrote it."""

import pytest

from sitegen.stats.resampling import DRAWS, resampled


def test_the_draws_are_those_of_splitmix64() -> None:
    n_tasks, mask = 7, (1 << 64) - 1

    def splitmix(counter: int) -> int:
        z = (2026 + counter * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    # The first output for the seed 1234567 that its authors' code prints.
    z = (1234567 + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    assert z ^ (z >> 31) == 6457827717110365317
    found = resampled(n_tasks)
    assert found.shape == (DRAWS, n_tasks)
    for draw in (0, 1, 999):
        tasks = [splitmix(1 + draw * n_tasks + i) % n_tasks for i in range(n_tasks)]
        assert found[draw].tolist() == [tasks.count(task) for task in range(n_tasks)]


@pytest.mark.parametrize("n_tasks", [1, 16, 103])
def test_each_draw_takes_as_many_tasks_as_there_are(n_tasks: int) -> None:
    found = resampled(n_tasks)
    assert (found.sum(axis=1) == n_tasks).all()
    # Every task as often as any other: each has 1,000 draws with chance 1 of one.
    assert (abs(found.sum(axis=0) - DRAWS) < 5 * DRAWS**0.5).all()
