"""How long a server that is busy is waited for."""

from itertools import count

import pytest

from runner.proxy.back_off import BackOff


@pytest.mark.parametrize(
    "asked", [None, "0", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"]
)
def test_whatever_a_server_says_nobody_asks_it_without_end(asked: str | None) -> None:
    waited_s, pauses = 0.0, 0
    for number in count():
        pause = BackOff().pause_s(number, asked=asked, waited_s=waited_s)
        if pause is None:
            break
        waited_s, pauses = waited_s + pause, number + 1

    assert pauses < 20
    assert 500 < waited_s <= 600


def test_a_server_may_say_that_it_is_ready_at_once() -> None:
    first, second = (
        BackOff().pause_s(number, asked="0", waited_s=0.0) for number in range(2)
    )

    assert (first, second) == (0.0, 2.0)


def test_what_a_server_says_holds_as_long_as_there_is_time() -> None:
    pause = BackOff().pause_s

    assert pause(0, asked="1.5", waited_s=0.0) == 1.5
    assert pause(5, asked="1.5", waited_s=0.0) == 1.5
    assert pause(2000, asked=None, waited_s=0.0) == 60.0
    assert pause(0, asked="601", waited_s=0.0) is None
