"""What a sandbox prints, carried into a file that it cannot reach."""

import asyncio
import os
from pathlib import Path

import pytest

from runner.sandboxes.drain import Drain, drains_of


def drained(path: Path, *parts: bytes, most: int = 1000) -> tuple[bytes, str]:
    """What came into the file, and what the drain quotes."""

    async def run() -> str:
        with path.open("wb") as sink:
            drain = Drain(sink, most=most)
            for part in parts:
                os.write(drain.into, part)
            drain.no_more_writers()
            await asyncio.wait_for(drain.ended(), timeout=5)
            return drain.first

    first = asyncio.run(run())
    return path.read_bytes(), first


def test_all_of_it_comes_in_its_order_whatever_its_bytes(tmp_path: Path) -> None:
    found, first = drained(tmp_path / "log", b"one\n", b"caf\xe9\n")
    assert found == b"one\ncaf\xe9\n"
    assert first == "one\ncaf\N{REPLACEMENT CHARACTER}\n"


@pytest.mark.parametrize(("most", "came"), [(4, b"1234"), (5, b"12345"), (9, b"12345")])
def test_no_more_comes_than_may(tmp_path: Path, most: int, came: bytes) -> None:
    assert drained(tmp_path / "log", b"12345", most=most)[0] == came


def test_who_writes_beyond_it_finds_the_pipe_closed(tmp_path: Path) -> None:
    async def run() -> None:
        with (tmp_path / "log").open("wb") as sink:
            drain = Drain(sink, most=3)
            os.write(drain.into, b"1234")
            await asyncio.wait_for(drain.ended(), timeout=5)
            with pytest.raises(BrokenPipeError):
                os.write(drain.into, b"5")
            drain.no_more_writers()

    asyncio.run(run())


def test_closed_it_carries_what_is_there_and_nothing_later(tmp_path: Path) -> None:
    async def run() -> None:
        with (tmp_path / "log").open("wb") as sink:
            drain = Drain(sink, most=1000)
            os.write(drain.into, b"early")
            drain.close()
            drain.close()
            with pytest.raises(BrokenPipeError):
                os.write(drain.into, b"late")
            drain.no_more_writers()

    asyncio.run(run())
    assert (tmp_path / "log").read_bytes() == b"early"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").touch()

    async def run() -> None:
        with (tmp_path / "log").open("rb") as sink:
            drain = Drain(sink, most=1000)
            os.write(drain.into, b"x")
            with pytest.raises(OSError, match="Bad file descriptor"):
                await asyncio.wait_for(drain.ended(), timeout=5)
            drain.no_more_writers()

    asyncio.run(run())


def test_one_file_for_output_and_errors_has_one_pipe(tmp_path: Path) -> None:
    async def run() -> list[int]:
        with (tmp_path / "a").open("wb") as one, (tmp_path / "b").open("wb") as other:
            counts = []
            for errors in (one, other):
                drains = drains_of(one, errors, most=1)
                counts.append(len(drains))
                for drain in drains:
                    drain.no_more_writers()
                    drain.close()
            return counts

    assert asyncio.run(run()) == [1, 2]
