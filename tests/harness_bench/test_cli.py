"""How `harness-bench` finds its commands, and how they end."""

import importlib
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from harness_bench import __version__
from harness_bench.cli import COMMANDS, Command, group, init, main
from harness_bench.errors import SettingsError

FAKES = {
    name: Command(target=f"tests.harness_bench.fake_commands:{name}", help=f"{name}!")
    for name in ("fine", "broken", "refused", "stopped", "bug", "counted")
}


def _of(package: str) -> set[str]:
    """The commands of one of the two programs."""
    return {
        name for name, each in COMMANDS.items() if each.target.startswith(f"{package}.")
    }


def ended(*arguments: str) -> int | str | None:
    """The exit code of a command among the fakes."""
    with pytest.raises(SystemExit) as left:
        main(arguments, found=FAKES)
    return left.value.code


@pytest.mark.parametrize(
    ("name", "code", "out", "err"),
    [
        ("fine", 0, "data\n", "words\n"),
        (
            "broken",
            1,
            "",
            "site: is a file, not a folder\nb: wrong; mend it\n",
        ),
        ("refused", 3, "", "index.html: names a private file\n"),
    ],
)
def test_a_command_ends_with_its_code_and_one_line_a_problem(
    capsys: pytest.CaptureFixture[str], name: str, code: int, out: str, err: str
) -> None:
    assert ended(name) == code
    assert capsys.readouterr() == (out, err)


def test_an_interrupted_command_ends_with_130(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended("stopped") == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_a_command_started_in_the_background_can_be_interrupted() -> None:
    program = (
        "from harness_bench.cli import Command, main\n"
        "target = 'tests.harness_bench.fake_commands:waits'\n"
        "main(['waits'], found={'waits': Command(target=target, help='')})\n"
    )
    with subprocess.Popen(
        [
            "/bin/sh",
            "-c",
            'trap "" INT; exec "$@"',
            "sh",
            sys.executable,
            "-c",
            program,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "waiting\n"
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=30)
    assert (started.returncode, said.strip()) == (130, "interrupted")


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        main(["bug"], found=FAKES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["counted", "--number", "many"], "'many' is not a valid integer"),
        (["counted"], "Missing option '--number'"),
        (["coutned"], "No such command 'coutned'"),
        (["--nothing"], "No such option"),
        ([], "Usage: harness-bench"),
    ],
)
def test_wrong_usage_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert ended(*arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""


def test_help_and_version_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--version") == 0
    assert capsys.readouterr().out == f"harness-bench, version {__version__}\n"
    assert ended("--help") == 0
    out = capsys.readouterr().out
    assert all(f"{name}!" in out for name in FAKES)
    assert ended("counted", "--help") == 0
    assert "--number" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_neither_program_is_imported_before_a_command_is_called(
    arguments: list[str],
) -> None:
    program = (
        "import sys\n"
        "from harness_bench.cli import main\n"
        "try:\n"
        f"    main({arguments})\n"
        "finally:\n"
        "    print(sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "'click'" in done.stderr
    for name in ("sitegen", "runner", "numpy", "pandas", "jinja2", "watchdog"):
        assert f"'{name}'" not in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_under_its_name(name: str) -> None:
    module, _, attribute = COMMANDS[name].target.partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def test_every_command_but_init_is_of_one_of_the_two_programs() -> None:
    assert _of("runner") | _of("sitegen") == set(COMMANDS) - {"init"}
    assert {"run", "doctor"} <= _of("runner")
    assert {"build", "serve"} <= _of("sitegen")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_begins_with_its_line_in_the_list(name: str) -> None:
    listed = COMMANDS[name].help
    for _ in range(2):
        _, command, _ = group().resolve_command(click.Context(group()), [name])
        assert command is not None
        head, _, more = (command.help or "").partition("\n\n")
        assert head == listed
        assert more
        assert listed not in more


@pytest.mark.parametrize(
    ("module", "offered"),
    [
        ("harness_bench", set(COMMANDS)),
        ("sitegen", _of("sitegen")),
        ("runner", _of("runner")),
    ],
)
def test_each_package_runs_with_python_m(module: str, offered: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"Usage: python -m {module} ")
    listed = done.stdout.partition("Commands:")[2].splitlines()
    assert {line.split()[0] for line in listed if line} == offered


def test_init_writes_both_settings_files_and_prints_their_paths(tmp_path: Path) -> None:
    result = CliRunner().invoke(init, [str(tmp_path / "new")])

    run, site = tmp_path / "new" / "run.toml", tmp_path / "new" / "site.toml"
    assert result.stdout == f"{run}\n{site}\n"
    assert "harness-bench run run.toml" in result.stderr
    assert tomllib.loads(run.read_text())["run"]["seeds"] >= 1
    assert tomllib.loads(site.read_text())["site"]["title"] == "harness-bench"


def keys(table: Mapping[str, Any], path: str = "") -> dict[str, object]:
    """Every key of a settings file, by its place, with its value."""
    found: dict[str, object] = {}
    for key, value in table.items():
        tables = value if isinstance(value, list) else [value]
        if all(isinstance(each, dict) for each in tables):
            for each in tables:
                found |= keys(each, f"{path}{key}.")
        else:
            found[path + key] = value
    return found


def test_init_writes_ten_keys_with_the_defaults_that_init_all_shows(
    tmp_path: Path,
) -> None:
    found: dict[str, dict[str, object]] = {}
    for folder, options in (("short", []), ("all", ["--all"])):
        CliRunner().invoke(init, [str(tmp_path / folder), *options])
        found[folder] = {}
        for name in ("run.toml", "site.toml"):
            document = tomllib.loads((tmp_path / folder / name).read_text())
            found[folder] |= keys(document, f"{name} ")

    assert len(found["short"]) == 10
    assert found["short"].items() <= found["all"].items()


def test_init_leaves_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("mine")

    result = CliRunner().invoke(init, [str(tmp_path)])

    assert result.stdout == f"{tmp_path / 'run.toml'}\n"
    assert "site.toml: already exists and was left as it is" in result.stderr
    assert (tmp_path / "site.toml").read_text() == "mine"


def test_init_with_nothing_to_write_or_nowhere_to_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("mine")
    (tmp_path / "site.toml").write_text("mine")

    with pytest.raises(
        SettingsError,
        match=r"already holds run\.toml and site\.toml; nothing was written",
    ):
        CliRunner().invoke(init, [str(tmp_path)], catch_exceptions=False)
    with pytest.raises(SettingsError, match=r"cannot be written \(not a directory\)$"):
        CliRunner().invoke(
            init, [str(tmp_path / "run.toml" / "x")], catch_exceptions=False
        )
    assert (tmp_path / "run.toml").read_text() == "mine"
