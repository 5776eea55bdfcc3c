"""Qwen Code: Alibaba's agent, for any model of the OpenAI chat protocol.

It always streams, and asks for usage.
"""

import json
from dataclasses import dataclass
from typing import ClassVar

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import NODE, Package
from runner.harnesses.prompt import FILE, prompt, reading_prompt
from runner.proxy.wire.wire import ProtocolName

_TITLE = "@qwen-code/qwen-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Qwen:
    """Settings of `qwen`."""

    speaks: ClassVar[ProtocolName] = "openai"

    version: str = "0.24.4"
    """The release of `@qwen-code/qwen-code`."""
    tools: tuple[str, ...] = (
        "run_shell_command",
        "read_file",
        "edit",
        "write_file",
        "glob",
        "grep_search",
    )
    """The tools it is given; an empty list: all that it has."""

    @property
    def package(self) -> Package:
        """The program, with the Node.js that runs it."""
        program = f"/opt/harness/node_modules/{_TITLE}/cli.js"
        return Package(
            name="qwen",
            version=self.version,
            registry="npm",
            title=_TITLE,
            # As its own starter does: it watches how much memory it uses.
            command=(*NODE.command, "--expose-gc", program),
            needs=(NODE,),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One conversation, printed as it goes."""
        options = [
            *("--auth-type", "openai"),
            *("--approval-mode", "yolo"),
            *("--output-format", "stream-json"),
        ]
        return Launch(
            command=reading_prompt(*self.package.command, *options),
            environment={
                "OPENAI_API_KEY": "none",
                "OPENAI_BASE_URL": f"{order.base_url}/v1",
                "OPENAI_MODEL": order.model,
                "QWEN_CODE_SUPPRESS_YOLO_WARNING": "1",
                # It waits for the server as long as the runner does.
                "QWEN_STREAM_IDLE_TIMEOUT_MS": "0",
                "QWEN_STREAM_MAX_LIFETIME_MS": "0",
            },
            home={
                FILE: prompt(order.instruction),
                ".qwen/settings.json": json.dumps(self._settings(order)),
            },
            mounts=self.package.mounts,
        )

    def _settings(self, order: Order) -> dict[str, object]:
        tools: dict[str, object] = {}
        if self.tools:
            hidden = [name for name in _OTHER_TOOLS.split() if name not in self.tools]
            tools = {"core": list(self.tools), "disabled": hidden}
        return {
            "security": {"auth": {"selectedType": "openai"}},
            "model": {
                "name": order.model,
                "generationConfig": {
                    "contextWindowSize": order.context_tokens,
                    "samplingParams": {"max_tokens": order.output_tokens},
                    "timeout": 0,
                    "maxRetries": 2,
                },
            },
            "privacy": {"usageStatisticsEnabled": False},
            "telemetry": {"enabled": False},
            "general": {"enableAutoUpdate": False},
            # What it would remember is gone with the trial.
            "memory": dict.fromkeys(_MEMORIES, False),
            "skills": {"disabledLevels": ["bundled"] if self.tools else []},
            # The program it brings for searching may not be executable.
            "tools": {"approvalMode": "yolo", "useRipgrep": False, **tools},
        }


_OTHER_TOOLS = """
    agent enter_worktree exit_worktree get_goal list_agents notebook_edit
    record_artifact report_findings send_message skill task_stop tool_call tool_search
    update_goal
"""
"""Tools that its list of core tools leaves as they are."""
_MEMORIES = ("enableManagedAutoMemory", "enableManagedAutoDream", "enableAutoSkill")
