"""Trials side by side, and one at a time."""

import asyncio
from collections.abc import Awaitable

import pytest

from runner.engines.quiet import Quiet


def test_nobody_is_beside_one_that_is_alone() -> None:
    course: list[str] = []

    async def beside(quiet: Quiet, name: str) -> None:
        async with quiet.together():
            course.append(f"{name} begins")
            await asyncio.sleep(0.01)
            course.append(f"{name} ends")

    async def alone(quiet: Quiet) -> None:
        async with quiet.alone():
            course.append("alone begins")
            await asyncio.sleep(0.01)
            course.append("alone ends")

    async def everyone() -> None:
        quiet = Quiet()
        tasks: list[Awaitable[None]] = [
            beside(quiet, "a"),
            beside(quiet, "b"),
            alone(quiet),
            beside(quiet, "c"),
            alone(quiet),
        ]
        await asyncio.gather(*tasks)

    asyncio.run(everyone())
    assert course == [
        *("a begins", "b begins", "a ends", "b ends"),
        *("alone begins", "alone ends"),
        *("c begins", "c ends"),
        *("alone begins", "alone ends"),
    ]


def test_one_that_fails_alone_lets_the_others_go_on() -> None:
    async def everyone() -> str:
        quiet = Quiet()
        with pytest.raises(RuntimeError):
            async with quiet.alone():
                raise RuntimeError
        with pytest.raises(RuntimeError):
            async with quiet.together():
                raise RuntimeError
        async with quiet.alone():
            return "alone"

    assert asyncio.run(everyone()) == "alone"
