"""Aider: edits files in the form it asks the model for; no agent with tools.

It speaks the OpenAI chat protocol through litellm, and streams without asking for
usage. It sees the files it is given, asks once, and again only when an edit does not
fit or its test command fails.
"""

import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import Package, python_package
from runner.harnesses.prompt import FILE, prompt
from runner.proxy.wire.wire import ProtocolName

_RUN = (
    "import sys; sys.path.insert(0, '/opt/harness/lib');"
    "from aider.main import main; sys.exit(main())"
)
_OWN = "/home/agent/aider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aider:
    """Settings of `aider`."""

    speaks: ClassVar[ProtocolName] = "openai"
    offers_tools: ClassVar[bool] = False

    version: str = "0.86.2"
    """The release of `aider-chat`."""
    edit_format: Literal["diff", "diff-fenced", "udiff", "whole"] = "diff"
    """How it asks the model to write edits."""
    files: Literal["all", "none"] = "all"
    """Which files it is given from the start: all texts of up to 64 KiB, or none. A
    file that the model names is added in any case."""
    test_command: str = ""
    """What it runs after an edit; what that prints when it fails goes back to the
    model, at most three times. Empty: it tests nothing."""

    @property
    def package(self) -> Package:
        """The library."""
        return python_package(
            name="aider", version=self.version, title="aider-chat", program=_RUN
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One request, and those that mend it."""
        model = f"openai/{order.model}"
        options = [
            f"--model={model}",
            f"--edit-format={self.edit_format}",
            f"--model-settings-file={_OWN}/models.yml",
            f"--model-metadata-file={_OWN}/models.json",
            *(f"--{kind}-history-file={_OWN}/{kind}" for kind in ("chat", "input")),
            *_OPTIONS.split(),
            f"--message-file=/home/agent/{FILE}",
        ]
        if self.test_command:
            options += ["--auto-test", f"--test-cmd={self.test_command}"]
        if self.files == "all":
            options += [f"--file={name}" for name in order.files]
        settings = {
            "name": model,
            "edit_format": self.edit_format,
            "use_repo_map": False,
            "use_temperature": False,
            "weak_model_name": model,
            "extra_params": {"max_tokens": order.output_tokens},
        }
        limits = {
            "max_input_tokens": order.context_tokens,
            "max_output_tokens": order.output_tokens,
            "max_tokens": order.output_tokens,
            "litellm_provider": "openai",
            "mode": "chat",
        }
        return Launch(
            command=(*self.package.command, *options),
            environment={
                "OPENAI_API_BASE": f"{order.base_url}/v1",
                "OPENAI_API_KEY": "none",
                # Else litellm fetches a list of prices when it is imported.
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            },
            # JSON is YAML.
            home={
                FILE: prompt(order.instruction),
                "aider/models.yml": json.dumps([settings]),
                "aider/models.json": json.dumps({model: limits}),
            },
            mounts=self.package.mounts,
        )


_OPTIONS = """
    --yes-always --no-git --no-gitignore --no-auto-commits --analytics-disable
    --no-check-update --no-show-release-notes --no-show-model-warnings
    --no-detect-urls --no-suggest-shell-commands --no-auto-lint --map-tokens=0
    --no-pretty --no-fancy-input --disable-playwright --timeout=3600
"""
