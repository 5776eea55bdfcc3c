"""How a trial ended, decided from what was seen from outside the sandbox.

Exit codes of harnesses are not believed: some end with 0 when their model never
answered, others with an error after good work.
"""

import json
from dataclasses import dataclass
from enum import StrEnum, auto
from signal import Signals
from typing import Self

from harness_bench.schema import Status
from runner.sandboxes.sandbox import Exit


class End(StrEnum):
    """What ended the harness."""

    ITSELF = auto()
    TIME = auto()
    IDLE = auto()
    BUDGET = auto()
    DISK = auto()
    SERVER = auto()
    """The model server was dead, hung or refused everything."""
    CANCELLED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about an attempt whose harness was started."""

    end: End
    exit: Exit
    killed_from_outside: bool
    """Whether it was ended by what is neither in the sandbox nor us: the system, when
    memory runs out."""
    server_failed_last: bool
    """Whether the last thing that the model server did was to fail."""
    context_overflow: bool
    """Whether the model server refused a prompt for its length."""
    changed: bool
    """Whether the workspace differs from the starter."""
    passed: bool | None
    """The verdict; None: the grader gave none."""

    def text(self) -> str:
        """As it is kept, so that a later verdict can be weighed in the same way."""
        return json.dumps(
            {
                "end": self.end,
                "exit": self.exit.code,
                "signal": self.exit.signal,
                "killed_from_outside": self.killed_from_outside,
                "server_failed_last": self.server_failed_last,
                "context_overflow": self.context_overflow,
                "changed": self.changed,
                "passed": self.passed,
            }
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `text` wrote.

        Raises:
            ValueError: It is something else.
        """
        try:
            values = json.loads(text)
            signal = values.pop("signal")
            return cls(
                end=End(values.pop("end")),
                exit=Exit(
                    code=values.pop("exit"),
                    signal=None if signal is None else Signals(signal),
                ),
                **values,
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(text) from error


_LIMITS = {
    End.TIME: Status.AGENT_TIMEOUT,
    End.IDLE: Status.AGENT_IDLE,
    End.BUDGET: Status.AGENT_BUDGET,
    End.DISK: Status.AGENT_BUDGET,
}


def status(evidence: Evidence) -> Status:
    """The status; what is ours comes first, then limits, then the verdict.

    A server that failed is not the agent's failure, even where the work happens to
    pass: keeping the lucky ones and repeating the others would flatter the agent.
    """
    server = evidence.end is End.SERVER or evidence.server_failed_last
    rules = (
        (evidence.end is End.CANCELLED, Status.CANCELLED),
        (server, Status.INFRA_SERVER),
        (evidence.killed_from_outside, Status.INFRA_SANDBOX),
        (evidence.end in _LIMITS, _LIMITS.get(evidence.end)),
        (evidence.passed is None, Status.INFRA_GRADER),
        (evidence.passed, Status.PASS),
        (evidence.context_overflow, Status.CONTEXT_OVERFLOW),
        (evidence.exit != Exit(code=0), Status.AGENT_CRASH),
        (not evidence.changed, Status.NO_CHANGE),
    )
    return next((found for holds, found in rules if holds and found), Status.FAIL)
