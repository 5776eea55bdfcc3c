"""The scripted model, driven by mini as a real process through the real proxy."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.limits import Limits
from runner.models.script import Script
from runner.models.scripted import Scripted
from runner.proxy.metering import Refusal, Usage
from runner.proxy.proxy import Proxy
from tests.runner.talking import HIGH, a_task, logged, mini, proxied, relayed, until


@dataclass(frozen=True)
class Ended:
    """How a run of mini ended."""

    code: int | None
    """None: it was stopped, because the proxy had stopped."""
    stop: Refusal | None
    usage: Usage
    upstream_failed_last: bool
    files: dict[str, bytes]
    said: str


async def run(
    folder: Path, script: Script, *, seed: int = 0, limits: Limits = HIGH
) -> Ended:
    task = a_task(folder)
    workspace = folder / "workspace"
    shutil.copytree(task.folder / "starter", workspace)
    model = Scripted(script=script, workspace=str(workspace))
    async with model.serve() as endpoint:
        upstream = endpoint.base_url(task, seed)
        async with (
            proxied(folder, upstream, limits=limits) as (proxy, _),
            relayed(folder / "model.sock") as url,
            mini(url, workspace) as process,
        ):
            said = await until_end(process, proxy)
            code = process.returncode
    return Ended(
        code=code,
        stop=proxy.meter.stop,
        usage=proxy.usage(),
        upstream_failed_last=proxy.meter.upstream_failed_last,
        files={
            path.relative_to(workspace).as_posix(): path.read_bytes()
            for path in workspace.rglob("*")
            if path.is_file()
        },
        said=said,
    )


async def until_end(process: asyncio.subprocess.Process, proxy: Proxy) -> str:
    ends = asyncio.ensure_future(process.communicate())
    stops = asyncio.ensure_future(proxy.stopped.wait())
    await asyncio.wait((ends, stops), timeout=60, return_when=asyncio.FIRST_COMPLETED)
    stops.cancel()
    if not ends.done():
        process.kill()
    said, _ = await ends
    return said.decode()


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_oracle_leaves_the_solution_and_nothing_else(tmp_path: Path) -> None:
    ended = asyncio.run(run(tmp_path, Script.ORACLE))
    assert ended.code == 0, ended.said
    starter = content(tmp_path / "add" / "starter")
    assert ended.files == starter | content(tmp_path / "add" / "solution")
    assert (tmp_path / "workspace" / "run.sh").stat().st_mode & 0o100
    # Looks, reads one file, writes four, makes one executable, and is done.
    assert ended.usage.calls == len(logged(tmp_path)) == 8
    assert ended.stop is None
    assert not ended.upstream_failed_last


def test_null_changes_nothing_and_asks_once(tmp_path: Path) -> None:
    ended = asyncio.run(run(tmp_path, Script.NULL))
    assert ended.code == 0, ended.said
    assert ended.files == content(tmp_path / "add" / "starter")
    assert ended.usage.calls == 1


@pytest.mark.parametrize(
    ("seed", "name"), [(0, "minus"), (1, "times"), (2, "minus"), (7, "times")]
)
def test_the_seed_says_which_wrong_answer_is_written(
    tmp_path: Path, seed: int, name: str
) -> None:
    ended = asyncio.run(run(tmp_path, Script.WRONG, seed=seed))
    assert ended.code == 0, ended.said
    starter = content(tmp_path / "add" / "starter")
    assert ended.files == starter | content(tmp_path / "add" / "wrong" / name)


def test_a_flood_ends_by_its_calls(tmp_path: Path) -> None:
    ended = asyncio.run(run(tmp_path, Script.FLOOD, limits=Limits(calls=5)))
    assert ended.stop is Refusal.BUDGET
    assert ended.usage.calls == 5
    assert ended.usage.refused == 1


def test_a_flood_ends_by_its_tokens(tmp_path: Path) -> None:
    limits = Limits(tokens=50_000, calls=10**6)
    ended = asyncio.run(run(tmp_path, Script.FLOOD, limits=limits))
    assert ended.stop is Refusal.BUDGET
    assert ended.usage.tokens_in is not None
    assert ended.usage.tokens_out is not None
    spent = ended.usage.tokens_in + ended.usage.tokens_out
    assert spent <= 50_000
    assert spent + (ended.usage.context_peak or 0) > 50_000, "not one call more"
    assert ended.usage.calls < 20


@pytest.mark.parametrize("script", [Script.CRASH, Script.UNAVAILABLE])
def test_a_server_that_always_fails_is_given_up_after_three_calls(
    tmp_path: Path, script: Script
) -> None:
    ended = asyncio.run(run(tmp_path, script))
    assert ended.stop is Refusal.UPSTREAM
    assert ended.usage.calls == 3
    assert ended.upstream_failed_last
    assert ended.files == content(tmp_path / "add" / "starter")


def test_a_refusal_ends_mini_at_once_and_is_the_servers_failure(tmp_path: Path) -> None:
    ended = asyncio.run(run(tmp_path, Script.REFUSE))
    assert ended.code == 1
    assert ended.usage.calls == 1
    assert ended.upstream_failed_last


def test_an_overflow_is_no_failure_of_the_server(tmp_path: Path) -> None:
    ended = asyncio.run(run(tmp_path, Script.OVERFLOW))
    assert ended.code == 1
    assert ended.usage.overflows == 1
    assert not ended.upstream_failed_last


def test_a_model_that_hangs_is_silent_while_its_call_is_under_way(
    tmp_path: Path,
) -> None:
    async def look() -> tuple[int, float]:
        task = a_task(tmp_path)
        async with Scripted(script=Script.HANG).serve() as endpoint:
            upstream = endpoint.base_url(task, 0)
            async with (
                proxied(tmp_path, upstream) as (proxy, _),
                relayed(tmp_path / "model.sock") as url,
                mini(url, task.folder / "starter"),
            ):
                await until(lambda: proxy.meter.in_flight == 1)
                asked_at = proxy.last_byte_at
                await asyncio.sleep(0.3)
                assert proxy.meter.in_flight == 1
                return proxy.usage().calls, proxy.last_byte_at - asked_at

    assert asyncio.run(look()) == (1, 0.0)
    (call,) = logged(tmp_path)
    assert call["outcome"] == "abandoned"
    assert call["status"] is None
