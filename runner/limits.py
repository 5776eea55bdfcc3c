"""What a trial may use before it is stopped."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`[limits]`: all above zero; where a task sets its own, the lower one holds."""

    agent_s: float = 1800.0
    """Wall clock of the harness, in seconds; then every process is killed."""
    idle_s: float = 600.0
    """Seconds without work in the sandbox and without a call under way; a model that
    is still reading its prompt is not idle."""
    silence_s: float = 1800.0
    """Seconds that a call may be without a byte of its answer; then the server counts
    as hung, which is not the agent's failure."""
    tokens: int = 400_000
    """Prompt and completion tokens over all calls."""
    calls: int = 200
    """Calls of the model."""
    grader_s: float = 300.0
    """Wall clock of the grader, in seconds."""
    processes: int = 512
    """Processes and threads at one time."""
    file_mb: int = 512
    """Largest file that may be written, in MiB."""
    disk_mb: int = 2048
    """What workspace and home may hold together, in MiB."""

    def at_most(self, others: "Limits") -> "Limits":
        """The lower one of each limit."""
        return Limits(
            **{
                item.name: min(getattr(self, item.name), getattr(others, item.name))
                for item in fields(Limits)
            }
        )
