"""What harnesses are asked to do in tests."""

from typing import Final

from runner.harnesses.harness import Launch, Order

INSTRUCTION: Final = 'Mend "pages.py": `-1` is no page.\n\nAsk nobody.\n'
ORDER: Final = Order(
    instruction=INSTRUCTION,
    base_url="http://127.0.0.1:8080",
    model="org/Some-Model:Q4",
    context_tokens=40_000,
    output_tokens=5_000,
    files=("pages.py", "src/b.py"),
)


def after(launch: Launch, option: str) -> str:
    """The word that follows an option in a command."""
    return launch.command[launch.command.index(option) + 1]
