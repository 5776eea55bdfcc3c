"""Claude Code: Anthropic's agent, made to talk to any model.

It speaks the Anthropic protocol (`POST /v1/messages?beta=true`, always streaming).
To a model that it does not know it sends turns of the role `system` within the
conversation; the proxy makes them a part of the user's turns.
"""

from dataclasses import dataclass
from typing import ClassVar

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import Package, this_platform
from runner.harnesses.prompt import FILE, prompt, reading_prompt
from runner.proxy.wire.wire import ProtocolName

_TITLE = "@anthropic-ai/claude-code"
_KEPT_FREE = 33_000
"""Tokens that it keeps free before it compacts, however small the context is. Told the
truth about 32k, it would compact at every step; so it is told a context in which the
same number of tokens is left for the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claude:
    """Settings of `claude`."""

    speaks: ClassVar[ProtocolName] = "anthropic"

    version: str = "2.1.329"
    """The release of `@anthropic-ai/claude-code`."""
    tools: tuple[str, ...] = ("Bash", "Read", "Edit", "Write", "Glob", "Grep")
    """The tools it is given. All that it has (an empty list) make a prompt of some
    19,000 tokens; these make one of 5,000."""

    @property
    def package(self) -> Package:
        """The program of this platform: the package around it only finds it."""
        title = f"{_TITLE}-{this_platform()}"
        return Package(
            name="claude",
            version=self.version,
            registry="npm",
            title=title,
            command=(f"/opt/harness/node_modules/{title}/claude",),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One conversation, printed as it goes."""
        options = [
            "--print",
            *("--model", order.model),
            *("--output-format", "stream-json"),
            "--verbose",  # without it there is no stream-json
            "--dangerously-skip-permissions",
            "--strict-mcp-config",
            *("--setting-sources", ""),
        ]
        if self.tools:
            options += ["--tools", ",".join(self.tools)]
        return Launch(
            command=reading_prompt(*self.package.command, *options),
            environment={
                "ANTHROPIC_BASE_URL": order.base_url,
                "ANTHROPIC_API_KEY": "none",
                "ANTHROPIC_DEFAULT_HAIKU_MODEL": order.model,
                "ANTHROPIC_SMALL_FAST_MODEL": order.model,
                # As patient as can be: a local model may read for minutes.
                "API_TIMEOUT_MS": "3600000",
                "CLAUDE_STREAM_FIRST_BYTE_TIMEOUT_MS": "3600000",
                "CLAUDE_STREAM_IDLE_TIMEOUT_MS": "1800000",
                "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
                "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
                "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "CLAUDE_CODE_DISABLE_THINKING": "1",
                "CLAUDE_CODE_MAX_CONTEXT_TOKENS": str(
                    order.context_tokens - order.output_tokens + _KEPT_FREE
                ),
                "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(order.output_tokens),
                "CLAUDE_CODE_MAX_RETRIES": "2",
                "CLAUDE_CONFIG_DIR": "/home/agent/.claude",
                "DISABLE_AUTOUPDATER": "1",
                "DISABLE_ERROR_REPORTING": "1",
                "DISABLE_TELEMETRY": "1",
                "DISABLE_UPDATES": "1",
                # Where root runs the sandbox, it takes itself for root.
                "IS_SANDBOX": "1",
            },
            home={FILE: prompt(order.instruction)},
            mounts=self.package.mounts,
        )
