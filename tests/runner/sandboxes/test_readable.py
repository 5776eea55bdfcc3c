"""Waiting for what can be read."""

import asyncio
import os

import pytest

from runner.sandboxes.readable import readable


def test_it_waits_until_there_is_something_or_the_end() -> None:
    async def wait() -> None:
        for event in (lambda end: os.write(end, b"x"), os.close):
            source, end = os.pipe()
            waiting = asyncio.ensure_future(readable(source))
            await asyncio.sleep(0.01)
            assert not waiting.done()
            event(end)
            await asyncio.wait_for(waiting, timeout=5)
            os.close(source)

    asyncio.run(wait())


def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    async def wait() -> None:
        source, end = os.pipe()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(readable(source), timeout=0.01)
        assert not asyncio.get_running_loop().remove_reader(source)
        os.close(source)
        os.close(end)

    asyncio.run(wait())
