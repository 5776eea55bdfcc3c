"""Why what is planned cannot be run here: what `run` refuses and `doctor` shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from harness_bench.errors import Problem
from runner.harnesses.harness import Speaking
from runner.models.looked import Looked
from runner.models.model import Answering, Held, Told
from runner.plan import Group
from runner.preflight.consent import refusals
from runner.sandboxes.sandbox import Sandbox
from runner.sandboxes.unsafe import Unsafe
from runner.spec import HarnessSpec, ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that what is planned needs."""

    kind: str
    """What it is: `model`, for instance."""
    name: str
    problems: tuple[Problem, ...] = ()
    """Why it cannot be used; empty: it can."""
    notices: tuple[Problem, ...] = ()
    """What people should know, though it can be used."""
    away: Told | None = None
    """The model, where nothing is wrong but that its server does not answer yet."""


def requirements(groups: Iterable[Group], sandbox: Sandbox) -> Iterator[Requirement]:
    """Every model, every harness and every pack that goes to a vendor, each once.

    A model in a harness is one of its own where the two cannot talk.

    Args:
        groups: What is to be run.
        sandbox: What is to confine it.
    """
    trials = [trial for group in groups for trial in group.trials]
    models = {trial.model.label: trial.model for trial in trials}
    harnesses = {trial.harness.label: trial.harness for trial in trials}
    pairs = {
        (trial.model.label, trial.harness.label): (trial.model, trial.harness)
        for trial in trials
    }
    for folder, problems in refusals(trials):
        yield Requirement(kind="task pack", name=folder.name, problems=problems)
    for label, model in models.items():
        yield _model(label, model, sandbox)
    for name, harness in harnesses.items():
        yield Requirement(
            kind="harness", name=name, problems=harness.harness.problems()
        )
    for model, harness in pairs.values():
        if problems := _of_pair(model, harness):
            name = f"{model.label} in {harness.label}"
            yield Requirement(kind="pair", name=name, problems=problems)


def _model(label: str, model: ModelSpec, sandbox: Sandbox) -> Requirement:
    problems, server = _of_model(model, sandbox), model.model
    part = Requirement(kind="model", name=label, problems=problems)
    if isinstance(server, Held) and not problems:
        return replace(part, notices=server.tight())
    if not isinstance(server, Told):
        return part
    if problems:
        return part if server.settings_problems() else replace(part, away=server)
    found = server.look() or Looked()
    return replace(
        part, problems=_too_short(model, found), notices=server.notices(found)
    )


def _too_short(model: ModelSpec, found: Looked) -> tuple[Problem, ...]:
    """Whether harnesses would be told of a context that is not there."""
    can = found.context_tokens or found.context_at_most
    if can is None or can >= model.context_tokens:
        return ()
    what = (
        f"a conversation may have only {can:,} tokens, but context_tokens is"
        f" {model.context_tokens:,}"
    )
    advice = f"start the server with more, or set context_tokens = {can}"
    return (Problem("", what, advice),)


def _of_model(model: ModelSpec, sandbox: Sandbox) -> tuple[Problem, ...]:
    found = model.model.problems()
    if model.model.is_hosted and isinstance(sandbox, Unsafe):
        # An agent that nothing confines can read the key in our environment.
        what = "is hosted, and without a sandbox agents could read its key"
        return (*found, Problem("", what, "use a sandbox"))
    return found


def _of_pair(model: ModelSpec, harness: HarnessSpec) -> tuple[Problem, ...]:
    """Whether a harness speaks what a model answers, as far as both say."""
    server, program = model.model, harness.harness
    if not (isinstance(server, Answering) and isinstance(program, Speaking)):
        return ()
    if program.speaks in server.answers:
        return ()
    answers = ", ".join(server.answers)
    what = f"the harness speaks {program.speaks}, but the model answers {answers}"
    advice = "say 'both' if it answers both, or leave the pair out with --except"
    return (Problem("", what, advice),)
