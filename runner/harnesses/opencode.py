"""OpenCode: an agent for any model of the OpenAI chat protocol.

It always streams, and asks for usage. Outside a sandbox it fetches a plugin package
in the background; without a network it does not, and works the same.
"""

import json
from dataclasses import dataclass
from typing import ClassVar

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import Package, this_platform
from runner.harnesses.prompt import FILE, prompt, reading_prompt
from runner.proxy.wire.wire import ProtocolName


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCode:
    """Settings of `opencode`."""

    speaks: ClassVar[ProtocolName] = "openai"

    version: str = "1.18.33"
    """The release of `opencode-ai`."""
    tools: tuple[str, ...] = ("bash", "read", "edit", "write", "glob", "grep")
    """The tools it is given; an empty list: all that it has."""

    @property
    def package(self) -> Package:
        """The program of this platform: the package around it only finds it."""
        title = f"opencode-{this_platform()}"
        return Package(
            name="opencode",
            version=self.version,
            registry="npm",
            title=title,
            command=(f"/opt/harness/node_modules/{title}/bin/opencode",),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One conversation, printed as it goes."""
        options = [
            "run",
            *("--format", "json"),
            *("--model", f"local/{order.model}"),
            # Without a title it asks the model for one.
            *("--title", "task"),
            "--auto",
        ]
        return Launch(
            command=reading_prompt(*self.package.command, *options),
            environment={
                "OPENCODE_DISABLE_AUTOUPDATE": "1",
                "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
                "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
                "OPENCODE_DISABLE_MODELS_FETCH": "1",
                "OPENCODE_DISABLE_PROJECT_CONFIG": "1",
            },
            home={
                FILE: prompt(order.instruction),
                ".config/opencode/opencode.json": json.dumps(self._config(order)),
            },
            mounts=self.package.mounts,
        )

    def _config(self, order: Order) -> dict[str, object]:
        model = f"local/{order.model}"
        permission = {"*": "deny", **dict.fromkeys(self.tools, "allow")}
        limit = {"context": order.context_tokens, "output": order.output_tokens}
        return {
            "autoupdate": False,
            "share": "disabled",
            "snapshot": False,
            "lsp": False,
            "formatter": False,
            "permission": permission if self.tools else "allow",
            "model": model,
            "small_model": model,
            "enabled_providers": ["local"],
            "provider": {
                "local": {
                    "npm": "@ai-sdk/openai-compatible",
                    "options": {
                        "baseURL": f"{order.base_url}/v1",
                        "apiKey": "none",
                        # A local model may read for minutes: in milliseconds.
                        "timeout": False,
                        "headerTimeout": False,
                        "chunkTimeout": 3_600_000,
                    },
                    "models": {order.model: {"tool_call": True, "limit": limit}},
                }
            },
        }
