"""One execution of a trial with its verdict, as the ledger keeps it."""

from dataclasses import dataclass, field

from harness_bench.schema import Record
from runner.judging.blame import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution of a trial; private, its record alone is made for publishing."""

    trial: str
    """The trial's id; once judged by changed tests, that of the trial with those."""
    number: int
    """From 1, in the order in which they ended."""
    folder: str
    """Name of the folder under `traces/` that holds its logs: random, unique."""
    record: Record
    detail: str
    """Why it ended as it did, in one private line."""
    workspace: str | None
    """Hash of the frozen workspace, the name of its archive; None: none is kept."""
    regraded_at: str | None = None
    """When its workspace was judged anew, by the tests of `record.task_version`; None:
    the verdict is that of the execution."""
    prompt_tokens: int | None = None
    """Tokens of its first request of the model; None: nobody told."""
    judgement: Judgement | None = field(default=None, compare=False)
    """Whom its end is blamed on, for the engine that has executed it: it is not kept,
    for it follows from the evidence. None: it was not judged, or is read again."""

    @property
    def is_valid(self) -> bool:
        """Whether it says something about the agent: then it is never run again."""
        status = self.record.status
        return status is not None and status.is_measured

    @property
    def grader_log(self) -> str:
        """The file in its folder that holds what the tests printed."""
        if self.regraded_at is None:
            return "grader.log"
        return f"grader-{self.regraded_at.replace(':', '')}.log"
