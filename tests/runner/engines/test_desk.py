"""What workers tell counts once, whatever is lost, late or told twice."""

import asyncio
import pickle
from collections.abc import Callable, Coroutine
from pathlib import Path

from harness_bench.schema import Status
from runner.engines.desk import Desk
from runner.engines.engine import Stop, Work
from runner.engines.orders import Standing, Told
from runner.plan import plan, trials
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.telling.events import AttemptEnded, Event, GivenUp, TrialStarted
from runner.trial import Bench
from tests.runner.specs import attempt, model, spec, task

TRIALS = trials(spec((model("a"),), seeds=4), (task("one"),))
FIRST = TRIALS[0]

Use = Callable[[Desk, Stop], Coroutine[None, None, None]]


def at_desk(folder: Path, use: Use) -> list[Event]:
    """The events that were told while a desk was used."""

    async def work() -> list[Event]:
        bench = Bench(
            sandbox=Bubblewrap(),
            scratch=folder,
            run=folder,
            hardware="",
        )
        given = Work(
            groups=plan(TRIALS), bench=bench, jobs=1, attempts=3, made={FIRST.id: 1}
        )
        stop = Stop()
        desk = Desk(given, stop)
        using = asyncio.create_task(use(desk, stop))
        return [event async for event in desk.events(using)]

    return asyncio.run(work())


def ended(folder: str, status: Status = Status.PASS, *, again: bool = False) -> bytes:
    found = attempt(FIRST.id, status, folder=folder)
    told = Told(kind="AttemptEnded", trial=FIRST.id, attempt=found, again=again)
    return pickle.dumps(told)


def folders(events: list[Event]) -> list[str]:
    return [each.attempt.folder for each in events if isinstance(each, AttemptEnded)]


def test_an_attempt_that_is_told_twice_counts_once(tmp_path: Path) -> None:
    async def use(desk: Desk, _: Stop) -> None:
        order = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
        assert order.made == {FIRST.id: 1}
        for _time in range(2):
            assert await desk.tell(order.number, ended("aa")) == Standing.GO
        desk.take_back(order.number)
        assert len(desk.waiting) == 3

    assert folders(at_desk(tmp_path, use)) == ["aa"]


def test_an_order_that_was_withdrawn_counts_no_more(tmp_path: Path) -> None:
    async def use(desk: Desk, _: Stop) -> None:
        old = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
        desk.take_back(old.number)
        new = desk.give("v", desk.waiting.take(None, fit={"a"}, holders={}))
        assert new.trials == old.trials
        assert await desk.tell(new.number, ended("bb")) == Standing.GO
        assert await desk.tell(old.number, ended("aa")) == Standing.NOW
        assert await desk.wanted(old.number, ["traces/aa/agent.log"]) == []

    assert folders(at_desk(tmp_path, use)) == ["bb"]


def test_attempts_that_are_tried_again_are_counted_on(tmp_path: Path) -> None:
    async def use(desk: Desk, _: Stop) -> None:
        order = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
        told = ended("aa", Status.INFRA_SERVER, again=True)
        await desk.tell(order.number, told)
        desk.take_back(order.number)
        order = desk.give("v", desk.waiting.take(None, fit={"a"}, holders={}))
        assert order.made == {FIRST.id: 2}

    assert folders(at_desk(tmp_path, use)) == ["aa"]


def test_a_machine_that_fails_at_a_trial_leaves_it_to_another(tmp_path: Path) -> None:
    async def use(desk: Desk, _: Stop) -> None:
        order = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
        await desk.tell(order.number, ended("aa", Status.INFRA_SANDBOX))
        desk.take_back(order.number)
        assert len(desk.waiting) == 4

    (event,) = at_desk(tmp_path, use)
    assert isinstance(event, AttemptEnded)
    assert event.again


def test_a_trial_that_takes_workers_with_it_is_given_up(tmp_path: Path) -> None:
    async def use(desk: Desk, _: Stop) -> None:
        started = pickle.dumps(Told(kind="TrialStarted", trial=FIRST.id))
        for _time in range(5):
            order = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
            await desk.tell(order.number, started)
            desk.take_back(order.number)
        assert len(desk.waiting) == 3

    events = at_desk(tmp_path, use)
    assert [type(event) for event in events] == [TrialStarted] * 5 + [GivenUp]


def test_a_file_comes_in_pieces_and_has_its_name_when_it_is_whole(
    tmp_path: Path,
) -> None:
    async def use(desk: Desk, _: Stop) -> None:
        order = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
        name = "traces/aa/agent.log"
        assert await desk.wanted(order.number, [name, "../x", "lock"]) == [name]
        for _time in range(2):  # an answer that was lost: the piece comes again
            await desk.piece(order.number, name, 0, b"one ", last=False)
        assert not (tmp_path / name).exists()
        await desk.piece(order.number, name, 4, b"two", last=True)
        await desk.piece(order.number, "../x", 0, b"", last=True)
        assert (tmp_path / name).read_bytes() == b"one two"
        assert await desk.wanted(order.number, [name]) == []

    at_desk(tmp_path, use)
    assert [path.name for path in tmp_path.iterdir()] == ["traces"]


def test_a_person_who_stops_the_run_stops_every_order(tmp_path: Path) -> None:
    async def use(desk: Desk, stop: Stop) -> None:
        order = desk.give("w", desk.waiting.take(None, fit={"a"}, holders={}))
        assert await desk.standing(order.number) == Standing.GO
        stop.soon.set()
        assert await desk.standing(order.number) == Standing.SOON
        stop.now.set()
        assert await desk.standing(order.number) == Standing.NOW

    at_desk(tmp_path, use)
