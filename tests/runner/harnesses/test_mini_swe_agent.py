"""mini-SWE-agent: its task, its limits, and one version of what asks the model."""

from runner.harnesses.mini_swe_agent import MiniSweAgent
from tests.runner.harnesses.orders import ORDER


def test_the_task_is_in_a_file_and_no_argument() -> None:
    launch = MiniSweAgent().launch(ORDER)
    assert ORDER.instruction in launch.home.values()
    assert ORDER.instruction not in "\n".join(launch.command)


def test_it_knows_its_limits_and_stops_for_no_price() -> None:
    command = MiniSweAgent(command_s=90).launch(ORDER).command
    limits = f"--config=model.model_kwargs.max_tokens={ORDER.output_tokens}"
    assert {limits, "--config=environment.timeout=90"} <= set(command)
    assert "--config=agent.cost_limit=0" in command


def test_what_asks_the_model_is_pinned_too() -> None:
    titles = [wanted.split("==") for wanted in MiniSweAgent().package.beside]
    assert [title for title, _ in titles] == ["litellm", "openai"]
