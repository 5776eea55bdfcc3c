"""A test call of each model, asked as its harnesses ask: the server's words beforehand.

A vendor that refuses a parameter, a server without the path that a harness speaks, a
key that is wrong: all of it would otherwise be said of trials. A call costs a few
tokens, and holds nothing of any task.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Final, cast

from harness_bench.errors import Problem
from runner.harnesses.harness import Speaking
from runner.judging.blame import believed
from runner.models.endpoint import LOAD_S, START_S
from runner.models.model import Remote
from runner.plan import Group
from runner.preflight.plan_check import Requirement
from runner.proxy.question import Question, Said, ask_until_loaded
from runner.proxy.wire.wire import SET_BY_US, ProtocolName
from runner.proxy.wordings import Meaning
from runner.spec import HarnessSpec, ModelSpec

_PATH: Final[Mapping[ProtocolName, str]] = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "responses": "/v1/responses",
}
_PASSES: Final = frozenset({Meaning.BUSY, Meaning.UNPARSABLE})
"""Words that say nothing against the request."""
_LONGEST_WORDS: Final = 300


async def tried(
    groups: Iterable[Group],
    *,
    waits: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Requirement, ...]:
    """Each model with its harnesses, once for each way in which they ask.

    Args:
        groups: What is to be run.
        waits: Whether a server that loads its model is waited for.
        say: Takes why it is waited.
    """
    asked: dict[tuple[str, str, bool], tuple[ModelSpec, list[str]]] = {}
    for trial in (trial for group in groups for trial in group.trials):
        harness = trial.harness.harness
        if isinstance(trial.model.model, Remote) and isinstance(harness, Speaking):
            way = (_PATH[harness.speaks], _offers_tools(trial.harness))
            _, labels = asked.setdefault((trial.model.label, *way), (trial.model, []))
            if trial.harness.label not in labels:
                labels.append(trial.harness.label)
    found = []
    for (label, path, tools), (model, harnesses) in asked.items():
        name = f"{label} in {', '.join(harnesses)}"
        upstream = cast("Remote", model.model).upstream()
        question = Question(
            path=path,
            model=model.name,
            sampling=model.sampling(0),
            stream=True,
            tools=tools,
        )
        async with upstream:
            said = await ask_until_loaded(
                upstream,
                question,
                start_s=START_S if waits else 0.0,
                load_s=LOAD_S if waits else 0.0,
                say=partial(waiting, say, name),
            )
        found.append(Requirement(kind="pair", name=name, problems=_refusal(path, said)))
    return tuple(found)


def waiting(say: Callable[[str], None], name: str, words: str) -> None:
    """Say what is waited for, and the server's own words."""
    say(f"{name}: waiting for its server ({words})")


def _offers_tools(harness: HarnessSpec) -> bool:
    return bool(getattr(harness.harness, "offers_tools", True))


def _refusal(path: str, said: Said) -> tuple[Problem, ...]:
    """What the server says against a call; empty: it answers."""
    answer = said.answer
    if answer.error is None:
        return ()
    # A status of load needs no words; and our question repeats none of the server's.
    means = believed(answer.means, status=said.status, words=answer.error, request="")
    if means in _PASSES:
        return ()
    words = " ".join(answer.error.split())[:_LONGEST_WORDS].rstrip(".")
    if said.status is not None:
        words = f"{said.status}, {words}"
    advice = ""
    if any(name in words for name in SET_BY_US):
        advice = "`omit` or `rename` of [[model]] keep what it refuses from it"
    if said.status == HTTPStatus.NOT_FOUND:
        advice = "see base_url and name, or leave the pair out with --except"
    return (Problem("", f"a test call of {path} fails: {words}", advice),)
