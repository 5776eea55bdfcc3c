"""What `harness-bench demo` runs: practice tasks, and models that follow scripts."""

from pathlib import Path
from typing import Final

from harness_bench.errors import TaskError
from runner.durable import make_folder, replacing

_ROOT = Path(__file__).parents[1]

RUN_TOML: Final = """\
# The demonstration: it was written by `harness-bench demo`, and is read anew each time.
[run]
name = "demo"
packs = [{pack}]
seeds = {seeds}

[limits]
agent_s = 60
grader_s = 60

# These are not language models: they follow a script, and test the bench.
[[model]]
name = "oracle"
script = "oracle"
workspace = "."
family = "scripted"
note = "Writes the solution of the task."

[[model]]
name = "null"
script = "null"
family = "scripted"
note = "Gives up at once."

[[model]]
name = "wrong"
script = "wrong"
workspace = "."
family = "scripted"
note = "Writes a plausible wrong answer."

[[harness]]
name = "mini"
"""

SITE_TOML: Final = """\
[site]
title = "harness-bench demo"
question = "Does the bench tell right from wrong?"

[publish]
# The practice tasks are public: nothing has to be hidden.
cells = true
"""


def practice() -> Path:
    """The practice tasks: of the checkout, or carried by the installed package.

    Raises:
        TaskError: They are in neither place.
    """
    places = (_ROOT / "tasks" / "practice", Path(__file__).parent / "_practice")
    for place in places:
        if place.is_dir():
            return place
    raise TaskError(
        "tasks/practice: is missing, expected it to come with harness-bench"
    )


def write_demo(folder: Path, *, seeds: int) -> Path:
    """Write the settings of the demonstration into its run folder.

    Returns:
        The run.toml.

    Raises:
        OSError: The folder cannot be written.
    """
    pack = str(practice()).replace("\\", "\\\\").replace('"', '\\"')
    texts = {
        "run.toml": RUN_TOML.format(pack=f'"{pack}"', seeds=seeds),
        "site.toml": SITE_TOML,
    }
    make_folder(folder)
    for name, text in texts.items():
        with replacing(folder / name) as file:
            file.write(text.encode())
    return folder / "run.toml"
