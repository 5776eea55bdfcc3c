"""Pi: an agent with four tools and the smallest prompt.

It speaks the OpenAI chat protocol, always streams, and asks for usage. It asks for no
permissions and has no limit of turns.
"""

import json
from dataclasses import dataclass
from typing import ClassVar

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import NODE, Package
from runner.harnesses.prompt import FILE, prompt, reading_prompt
from runner.proxy.wire.wire import ProtocolName

_TITLE = "@earendil-works/pi-coding-agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pi:
    """Settings of `pi`."""

    speaks: ClassVar[ProtocolName] = "openai"

    version: str = "0.87.1"
    """The release of `@earendil-works/pi-coding-agent`."""
    tools: tuple[str, ...] = ("read", "bash", "edit", "write")
    """The tools it is given; these are its own choice, which an empty list is too. It
    also has `grep`, `find` and `ls`."""

    @property
    def package(self) -> Package:
        """The program, with the Node.js that runs it."""
        program = f"/opt/harness/node_modules/{_TITLE}/dist/bundle/cli.js"
        return Package(
            name="pi",
            version=self.version,
            registry="npm",
            title=_TITLE,
            command=(*NODE.command, program),
            needs=(NODE,),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One conversation, printed as it goes."""
        options = [
            "--print",
            *("--mode", "json"),
            *("--provider", "local"),
            *("--model", order.model),
            *(("--tools", ",".join(self.tools)) if self.tools else ()),
            *("--session-dir", "/home/agent/sessions"),
            "--offline",
            "--no-extensions",
            "--no-skills",
            "--no-prompt-templates",
            "--no-themes",
            "--no-context-files",
        ]
        return Launch(
            command=reading_prompt(*self.package.command, *options),
            environment={
                "PI_CODING_AGENT_DIR": "/home/agent/.pi/agent",
                "PI_OFFLINE": "1",
                "PI_SKIP_VERSION_CHECK": "1",
                "PI_TELEMETRY": "0",
            },
            home={
                FILE: prompt(order.instruction),
                ".pi/agent/models.json": json.dumps(_models(order)),
                ".pi/agent/settings.json": json.dumps(_settings(order)),
            },
            mounts=self.package.mounts,
        )


def _settings(order: Order) -> dict[str, object]:
    quarter = order.context_tokens // 4
    return {
        # It waits for the server as long as the runner does.
        "httpIdleTimeoutMs": 0,
        # Its own numbers leave nothing of a context below 40k to work in.
        "compaction": {
            "reserveTokens": min(16_384, quarter),
            "keepRecentTokens": min(20_000, quarter),
        },
    }


def _models(order: Order) -> dict[str, object]:
    """The provider `local`, with the one model."""
    return {
        "providers": {
            "local": {
                "baseUrl": f"{order.base_url}/v1",
                "api": "openai-completions",
                "apiKey": "none",
                # Fields that servers other than OpenAI's may refuse.
                "compat": {
                    "supportsDeveloperRole": False,
                    "supportsReasoningEffort": False,
                    "supportsStore": False,
                    "maxTokensField": "max_tokens",
                },
                "models": [
                    {
                        "id": order.model,
                        "contextWindow": order.context_tokens,
                        "maxTokens": order.output_tokens,
                    }
                ],
            }
        }
    }
