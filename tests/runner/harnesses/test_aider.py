"""Aider: what it is given in place of tools."""

import json

from runner.harnesses.aider import Aider
from tests.runner.harnesses.orders import ORDER


def test_the_text_files_of_the_workspace_are_in_its_prompt() -> None:
    command = Aider().launch(ORDER).command
    given = [word for word in command if word.startswith("--file=")]
    assert given == ["--file=pages.py", "--file=src/b.py"]


def test_without_files_it_starts_with_none() -> None:
    command = Aider(files="none").launch(ORDER).command
    assert not [word for word in command if word.startswith("--file=")]


def test_it_tests_nothing_unless_it_has_a_command_for_it() -> None:
    assert "--auto-test" not in Aider().launch(ORDER).command
    command = Aider(test_command="make test").launch(ORDER).command
    assert "--auto-test" in command
    assert "--test-cmd=make test" in command


def test_the_edit_format_is_that_of_the_settings_in_both_places() -> None:
    launch = Aider(edit_format="udiff").launch(ORDER)
    (settings,) = json.loads(launch.home["aider/models.yml"])
    assert "--edit-format=udiff" in launch.command
    assert settings["edit_format"] == "udiff"


def test_it_knows_how_much_the_model_can_hold() -> None:
    limits = json.loads(Aider().launch(ORDER).home["aider/models.json"])
    assert limits[f"openai/{ORDER.model}"]["max_input_tokens"] == ORDER.context_tokens


def test_what_is_compiled_for_one_python_is_not_used_by_another() -> None:
    package = Aider().package
    assert package.folder.name.startswith(f"{package.version}-py3.")
