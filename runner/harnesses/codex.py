"""Codex CLI: OpenAI's agent, for any model that answers the responses protocol.

It speaks `POST /v1/responses` alone, and always streams. The model works through one
tool, a command line; a program `apply_patch` is on its path.
"""

import json
from dataclasses import dataclass
from typing import ClassVar, Final

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import NODE, Package
from runner.harnesses.prompt import FILE, prompt, reading_prompt
from runner.proxy.wire.wire import ProtocolName

_TITLE: Final = "@openai/codex"
_OFF: Final = (
    *("apps", "goals", "multi_agent", "plugins", "shell_snapshot", "view_image"),
)
"""What brings tools that its model does not need here, or asks the internet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codex:
    """Settings of `codex`."""

    speaks: ClassVar[ProtocolName] = "responses"

    version: str = "0.171.0"
    """The release of `@openai/codex`."""
    features: tuple[str, ...] = ()
    """What is left on of `apps`, `goals`, `multi_agent`, `plugins`, `shell_snapshot`
    and `view_image`. Servers without OpenAI's own kinds of tools refuse some."""

    @property
    def package(self) -> Package:
        """The program, and the Node.js that finds the one of this platform."""
        return Package(
            name="codex",
            version=self.version,
            registry="npm",
            title=_TITLE,
            command=(*NODE.command, f"/opt/harness/node_modules/{_TITLE}/bin/codex.js"),
            needs=(NODE,),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One conversation, printed as it goes."""
        config = {
            "model_provider": "local",
            "model_providers.local.name": "local",
            "model_providers.local.base_url": f"{order.base_url}/v1",
            "model_providers.local.wire_api": "responses",
            "model_providers.local.request_max_retries": 2,
            "model_providers.local.stream_max_retries": 2,
            # A local model may read for minutes.
            "model_providers.local.stream_idle_timeout_ms": 3_600_000,
            "model_context_window": order.context_tokens,
            "model_auto_compact_token_limit": order.context_tokens
            - order.output_tokens,
            "web_search": "disabled",
            "skills.bundled.enabled": False,
            "include_permissions_instructions": False,
            "allow_login_shell": False,
            "analytics.enabled": False,
            "check_for_update_on_startup": False,
            "history.persistence": "none",
            **{f"features.{name}": name in self.features for name in _OFF},
        }
        options = [f"--config={key}={json.dumps(config[key])}" for key in config]
        return Launch(
            command=reading_prompt(
                *self.package.command,
                *("exec", "--json", "--ephemeral", "--skip-git-repo-check"),
                # It is in our sandbox, and one of its own does not start in there.
                "--dangerously-bypass-approvals-and-sandbox",
                *("--model", order.model),
                *options,
                "-",
            ),
            environment={"CODEX_HOME": "/home/agent/.codex"},
            home={FILE: prompt(order.instruction), ".codex/config.toml": ""},
            mounts=self.package.mounts,
        )
