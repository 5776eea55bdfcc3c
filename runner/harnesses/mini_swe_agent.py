"""mini-SWE-agent: the loop around one tool, bash, that SWE-bench's authors keep.

It speaks the OpenAI chat protocol through litellm, and does not stream. It ends when
the model runs `echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT`, or answers three times in a
row without a command.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.harnesses.package import Package, python_package
from runner.harnesses.prompt import FILE, prompt
from runner.proxy.wire.wire import ProtocolName

# The task as an argument in there: outside, the longest has 128 KiB.
_RUN: Final = f"""
import pathlib, sys; sys.path.insert(0, '/opt/harness/lib')
if '--version' in sys.argv: import minisweagent; sys.exit(0)
from minisweagent.run.mini import app
app([*sys.argv[1:], '--task', pathlib.Path('~/{FILE}').expanduser().read_text('utf-8')])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniSweAgent:
    """Settings of `mini-swe-agent`."""

    speaks: ClassVar[ProtocolName] = "openai"

    version: str = "2.4.6"
    """The release of `mini-swe-agent`."""
    command_s: int = 30
    """How long one command may take, in seconds; this is its own choice."""

    @property
    def package(self) -> Package:
        """The library, with what asks the model in one version too."""
        return python_package(
            name="mini-swe-agent",
            version=self.version,
            title="mini-swe-agent",
            program=_RUN,
            beside=("litellm==1.110.2", "openai==3.57.0"),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Whether it is installed."""
        return self.package.problems()

    def launch(self, order: Order) -> Launch:
        """One conversation, printed as it goes."""
        config = {
            "agent.agent_class": "default",
            "agent.cost_limit": 0,
            "environment.timeout": self.command_s,
            "model.cost_tracking": "ignore_errors",
            "model.model_kwargs.max_tokens": order.output_tokens,
            # A local model may read for minutes.
            "model.model_kwargs.timeout": 3600,
            "model.model_kwargs.max_retries": 0,
        }
        options = [f"--config={key}={value}" for key, value in config.items()]
        return Launch(
            command=(
                *self.package.command,
                f"--model=openai/{order.model}",
                "--output=/home/agent/trajectory.json",
                "--config=mini.yaml",
                *options,
            ),
            environment={
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "MSWEA_CONFIGURED": "true",
                "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "3",
                "OPENAI_API_BASE": f"{order.base_url}/v1",
                "OPENAI_API_KEY": "none",
            },
            home={FILE: prompt(order.instruction)},
            mounts=self.package.mounts,
        )
