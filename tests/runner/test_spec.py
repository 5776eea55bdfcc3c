"""run.toml: what is read, and what is refused in which words."""

import json
import re
import tomllib
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest

from harness_bench.cli import STARTERS
from harness_bench.errors import SettingsError
from runner.limits import Limits
from runner.spec import (
    HarnessSettings,
    HarnessSpec,
    ModelSettings,
    ModelSpec,
    RunSettings,
    Spec,
    read_spec,
)
from tests.docs.documents import ROOT, sections
from tests.runner.specs import IdleHarness, StillModel, install_plugins

ALL = (STARTERS / "all" / "run.toml").read_text(encoding="utf-8")
SHORT = (STARTERS / "run.toml").read_text(encoding="utf-8")

WHOLE = """
[run]
packs = ["pack"]
sandbox = "open"
[[model]]
name = "Qwen"
server = "still"
[[harness]]
name = "idle"
"""


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_plugins(tmp_path / "installed")
    monkeypatch.syspath_prepend(tmp_path / "installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nightly" / "pack").mkdir(parents=True)
    return tmp_path / "nightly"


def _read(folder: Path, text: str) -> Spec:
    path = folder / "run.toml"
    path.write_text(text)
    return read_spec(path)


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        _read(folder, text)
    return list(map(str, caught.value.problems))


def test_what_is_not_said_has_its_default(folder: Path) -> None:
    found = _read(folder, WHOLE)
    assert found.run == RunSettings(
        name="nightly", packs=(folder / "pack",), sandbox="open"
    )
    assert found.limits == Limits()
    (model,) = found.models
    assert (model.name, model.quant, model.sweep) == ("Qwen", "", "")
    assert model.model == StillModel()
    (harness,) = found.harnesses
    assert harness.harness == IdleHarness()


def test_everything_that_is_said_arrives(folder: Path) -> None:
    found = _read(
        folder,
        """
        [run]
        name = "2026-11"
        packs = ["pack"]
        tasks = ["fix-*", "sort"]
        seeds = 3
        jobs = 2
        attempts = 5
        hardware = "one GPU"
        sandbox = "open"
        [limits]
        agent_s = 60
        calls = 7
        [[model]]
        name = "Qwen"
        quant = "Q4"
        sweep = "q4"
        server = "still"
        title = "Qwen 27B"
        note = "Dense."
        family = "Alibaba"
        total_params_b = 27
        active_params_b = 27.0
        context_tokens = 4096
        output_tokens = 512
        args = ["-c", "4096"]
        [[harness]]
        name = "idle"
        title = "Idle"
        note = "Does nothing."
        vendor = "Nobody"
        edits = "diff"
        config = "idle.toml"
        """,
    )
    assert found.run == RunSettings(
        name="2026-11",
        packs=(folder / "pack",),
        tasks=("fix-*", "sort"),
        seeds=3,
        jobs=2,
        attempts=5,
        hardware="one GPU",
        sandbox="open",
    )
    assert found.limits == Limits(agent_s=60, calls=7)
    (model,) = found.models
    assert (model.quant, model.sweep, model.server) == ("Q4", "q4", "still")
    assert (model.title, model.note, model.family) == ("Qwen 27B", "Dense.", "Alibaba")
    assert (model.total_params_b, model.active_params_b) == (27.0, 27.0)
    assert (model.context_tokens, model.output_tokens) == (4096, 512)
    (harness,) = found.harnesses
    assert (harness.title, harness.note) == ("Idle", "Does nothing.")
    assert harness.vendor == "Nobody"
    assert harness.harness == IdleHarness(edits="diff", config=folder / "idle.toml")


def test_a_key_that_model_and_server_share_reaches_both(folder: Path) -> None:
    found = _read(folder, WHOLE.replace('"still"', '"still"\ncontext_tokens = 9000'))
    (model,) = found.models
    assert model.context_tokens == 9000
    assert model.model == StillModel(context_tokens=9000)


OWN = 'base_url = "http://localhost:8080"\nkey_env = "A_KEY"\n'


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ('script = "oracle"', "scripted"),
        ('gguf = "m.gguf"', "llama_server"),
        ('base_url = "http://x"', "endpoint"),
        ('base_url = "http://x"\nprotocol = "openai"\nkey_env = "A_KEY"', "hosted"),
        ('base_url = "http://127.0.0.1:1"\nkey_env = "A_KEY"', "endpoint"),
        (f"{OWN}protocol = 'openai'", "endpoint"),
        ('base_url = "https://x"\nkey_env = "A_KEY"\nown_machine = true', "endpoint"),
        (f"{OWN}protocol = 'openai'\nvendor = 'V'", "hosted"),
        (f"{OWN}protocol = 'openai'\nprices = {{ in = 1.0, out = 1.0 }}", "hosted"),
    ],
)
def test_the_server_follows_from_a_key_that_only_it_has(
    folder: Path, line: str, server: str
) -> None:
    found = _read(folder, WHOLE.replace('server = "still"', line))
    assert found.models[0].server == server


HOSTED = """\
base_url = "https://u:s@api.example.com:8443/path"
protocol = "openai"
key_env = "A_KEY"
"""


@pytest.mark.parametrize(
    ("server", "vendor"),
    [
        (HOSTED, "api.example.com"),
        (f'{HOSTED}vendor = "Example"', "Example"),
        (f'{HOSTED}vendor = ""', "api.example.com"),
        (HOSTED.replace("//u", "//["), ""),  # the server says what is wrong with it
        ('server = "far"\nvendor = "Far"', "Far"),
        ('server = "still"', None),
        ('base_url = "http://10.0.0.7"', None),
    ],
)
def test_a_hosted_model_has_a_vendor_and_no_other_has(
    folder: Path, server: str, vendor: str | None
) -> None:
    found = _read(folder, WHOLE.replace('server = "still"', server))
    assert found.models[0].vendor == vendor


@pytest.mark.parametrize(
    ("file", "name"), [("run.toml", "nightly"), ("weekly.toml", "weekly")]
)
def test_a_run_is_called_like_its_file_or_the_folder_around_it(
    folder: Path, file: str, name: str
) -> None:
    (folder / file).write_text(WHOLE)
    assert read_spec(folder / file).run.name == name


def test_two_quants_of_a_model_are_two_models(folder: Path) -> None:
    second = '[[model]]\nname = "Qwen"\nquant = "Q8"\nserver = "still"\n'
    assert [each.label for each in _read(folder, WHOLE + second).models] == [
        "Qwen",
        "Qwen Q8",
    ]


def test_two_variants_of_a_model_or_harness_are_two(folder: Path) -> None:
    more = """
        [[harness]]
        name = "idle"
        variant = "diff"
        [[model]]
        name = "Qwen"
        server = "still"
        variant = "high"
        """
    found = _read(folder, WHOLE + more)
    assert [each.label for each in found.models] == ["Qwen", "Qwen high"]
    assert [each.label for each in found.harnesses] == ["idle", "idle diff"]


WITH_ONE_VARIANT = """\
[[model]]
name = "Qwen"
variant = "x"
server = "still"
[[harness]]
name = "idle"
[[harness]]
name = "idle"
variant = "x"
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "[run]",
            "[runs]\n[run]",
            "unknown section 'runs' (did you mean 'run'?); the sections are run,",
        ),
        (
            '"open"',
            '"open"\nseed = 3',
            "unknown key 'seed' (did you mean 'seeds'?); the keys are name,",
        ),
        (
            '"open"',
            '"open"\nwordings = "none.toml"',
            "none.toml: cannot be read (no such file or directory)",
        ),
        (
            '"Qwen"',
            '"Qwen"\nomit = ["messages"]',
            "[[model 1]] omit names 'messages', which every request needs",
        ),
        (
            '"Qwen"',
            '"Qwen"\nrename = {tools = "functions"}',
            "[[model 1]] rename names 'tools', which every request needs",
        ),
        (
            '"Qwen"',
            '"Qwen"\nrename = {a = "b", c = "b"}',
            "[[model 1]] rename gives 'b' as a new name, expected one of its own",
        ),
        (
            '"Qwen"',
            '"Qwen"\nrename = {a = "b", b = "c"}',
            "[[model 1]] rename gives 'b' as a new name, expected one of its own",
        ),
        ('"open"', '"open"\nseeds = 0', "[run] seeds is 0, expected at least 1"),
        ('"open"', '"open"\njobs = -1', "[run] jobs is -1, expected at least 1"),
        ('"open"', '"open"\nattempts = 0', "[run] attempts is 0, expected at least 1"),
        (
            '"open"',
            '"open"\nname = "../x"',
            "[run] name is '../x', expected a name for a folder: letters, digits,",
        ),
        (
            '"open"',
            '"opne"',
            "(did you mean 'open'?)",
        ),
        (
            '"open"',
            '"open"\nhardware = " a"',
            "[run] hardware is ' a', expected text on one line without blanks",
        ),
        (
            '"open"',
            '"open"\ntasks = []',
            "[run] tasks is empty, expected names or patterns",
        ),
        (
            'packs = ["pack"]\n',
            "",
            "[run] packs is missing; name folders of tasks",
        ),
        (
            '["pack"]',
            '["pack", "privat"]',
            "[run] packs names 'privat', which is not a folder",
        ),
        (
            '"still"',
            '"stil"',
            "which is not installed (did you mean 'still'?); choose one of",
        ),
        (
            'server = "still"',
            "",
            "), or give a key that tells: script, gguf, key_env, base_url",
        ),
        (
            '"still"',
            '"broken"',
            "[[model 1]] server is 'broken': models: broken (no_such",
        ),
        ('"still"', "7", "[[model 1]] server is 7, expected a string"),
        (
            '"still"',
            '"still"\nvendor = "Alibaba"',
            "[[model 1]] vendor is 'Alibaba', but the model is not hosted: it has no",
        ),
        (
            '"still"',
            '"far"',
            "[[model 1]] vendor is missing; say who answers",
        ),
        (
            '"still"',
            '"far"\nvendor = "two\\nlines"',
            "[[model 1]] vendor is 'two\\nlines', expected text on one line",
        ),
        (
            '"still"',
            '"still"\nscirpt = "null"',
            (
                "[[model 1]] unknown key 'scirpt' (did you mean 'script'?); the keys"
                " are name, "
            ),
        ),
        (
            '"still"',
            '"still"\nscirpt = "null"',
            "active_params_b, script, base_url, args",
        ),
        (
            '"still"',
            '"still"\ncontext_tokens = "all"',
            "[[model 1]] context_tokens is 'all', expected an integer",
        ),
        (
            '"still"',
            '"still"\nscript = "orcale"',
            "[[model 1]] script is 'orcale', expected one of oracle, null (did you",
        ),
        (
            '"still"',
            '"still"\noutput_tokens = 99999',
            "output_tokens is 99999, but context_tokens is only 32768",
        ),
        (
            '"still"',
            '"still"\ncontext_tokens = 0\noutput_tokens = 0',
            "[[model 1]] context_tokens is 0, expected at least 1",
        ),
        (
            '"still"',
            '"still"\ntotal_params_b = nan',
            "[[model 1]] total_params_b is nan, expected a finite number >= 0",
        ),
        (
            '"still"',
            '"still"\ntotal_params_b = 3\nactive_params_b = 4',
            "active_params_b is 4, but total_params_b is only 3",
        ),
        (
            '"Qwen"',
            '""',
            "[[model 1]] name is '', expected a name without blanks around it",
        ),
        (
            '"Qwen"',
            '"Qwen"\nnote = "two\\nlines"',
            "[[model 1]] note is 'two\\nlines', expected text on one line",
        ),
        ('name = "Qwen"\n', "", "[[model 1]] name is missing"),
        (
            '"idle"',
            '"idel"',
            "(did you mean 'idle'?)",
        ),
        (
            '"idle"',
            '"idle"\nedit = "diff"',
            (
                "unknown key 'edit' (did you mean 'edits'?); the keys are name,"
                " variant, title, note, vendor, edits, config, version"
            ),
        ),
        (
            '"idle"',
            '"idle"\n[[harness]]\nname = "idle"',
            "[[harness]] 'idle' is given 2 times",
        ),
        (
            '"still"',
            '"still"\n[[model]]\nname = "Qwen"\nserver = "still"',
            "[[model]] 'Qwen' is given 2 times",
        ),
        (
            '[[harness]]\nname = "idle"\n',
            WITH_ONE_VARIANT,
            "[[model]] with [[harness]] 'Qwen idle x' is given 2 times",
        ),
        (
            '"idle"',
            '"idle"\nvariant = " x"',
            "[[harness 1]] variant is ' x', expected text on one line",
        ),
        (
            '[[harness]]\nname = "idle"\n',
            "",
            "has no [[harness]]; a run needs one or more",
        ),
        (
            '[[harness]]\nname = "idle"\n',
            '[harness]\nname = "idle"\n',
            "[harness] is {'name': 'idle'}, expected tables headed [[harness]]",
        ),
    ],
)
def test_each_mistake_is_one_line(
    folder: Path, old: str, new: str, problem: str
) -> None:
    assert old in WHOLE
    found = _problems(folder, WHOLE.replace(old, new))
    assert len([line for line in found if problem in line]) == 1
    assert len(found) == 1 + ("context_tokens = 0" in new)


@pytest.mark.parametrize("value", ["0", "-5", "nan", "inf", "1e12"])
def test_a_limit_that_limits_nothing_is_refused(folder: Path, value: str) -> None:
    found = _problems(folder, WHOLE + f"[limits]\nagent_s = {value}\n")
    assert len(found) == 1
    assert "[limits] agent_s is " in found[0]
    assert "expected a number above 0, at most 1,000,000,000" in found[0]


def test_everything_wrong_is_said_at_once(folder: Path) -> None:
    found = _problems(
        folder,
        """
        [run]
        seeds = 0
        packs = ["nowhere"]
        sandbox = "open"
        [limits]
        tokens = -1
        [[model]]
        name = "a"
        [[model]]
        name = "b"
        server = "no_class"
        [[harness]]
        name = "nobody"
        """,
    )
    assert len(found) == 6
    assert all(line.startswith("run.toml: ") for line in found)


def _examples_on(text: str) -> str:
    """The starter with its examples in use."""
    return re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)


@pytest.mark.parametrize("text", [ALL, SHORT])
def test_the_file_that_init_writes_means_the_defaults(folder: Path, text: str) -> None:
    (folder / "tasks").mkdir()
    found = _read(folder, text)
    assert found.run == RunSettings(name="nightly", packs=(folder / "tasks",))
    assert found.limits == Limits()
    (model,), (harness,) = found.models, found.harnesses
    assert model == ModelSpec(name="my-model", server="endpoint", model=model.model)
    assert harness == HarnessSpec(name="mini", harness=harness.harness)


def test_the_file_that_init_writes_has_every_setting(folder: Path) -> None:
    (folder / "tasks").mkdir()
    words = "[[wording]]\nmeans = 'busy'\nsays = 'full house'\n"
    (folder / "wordings.toml").write_text(words)
    _read(folder, _examples_on(ALL))
    document = tomllib.loads(_examples_on(ALL))
    written = {
        "run": document["run"],
        "limits": document["limits"],
        "model": document["model"][0],
        "harness": document["harness"][0],
    }
    for name, kind in SECTIONS.items():
        own = {"base_url", "own_machine"} if name == "model" else set()
        # Only a hosted model may have it, and the example is none.
        not_here = {"vendor"} if name == "model" else set()
        assert not_here <= set(re.findall(r"`(\w+)`", ALL))
        expected = {item.name for item in fields(kind)} - not_here | own
        assert set(written[name]) == expected


def test_every_setting_is_described_with_its_default() -> None:
    found = sections(ROOT / "docs" / "reference" / "run-settings.md")
    assert list(found) == ["[run]", "[limits]", "[[model]]", "[[harness]]"]
    for heading, kind in zip(found, SECTIONS.values(), strict=True):
        shared, _, _ = found[heading].partition("The other keys")
        rows = re.findall(r"^\| `(\w+)` \|[^|]*\| (.*?) \|", shared, re.MULTILINE)
        assert rows == [(item.name, _shown(item)) for item in fields(kind)]


def _shown(item: Field[Any]) -> str:
    """A default as the reference shows it."""
    if item.default_factory is dict:
        return "not set"
    if item.default is MISSING:
        return "must be given"
    if item.default is None or item.default in {"", ()}:
        return "not set"
    return f"`{json.dumps(item.default)}`"


SECTIONS: dict[str, type[Any]] = {
    "run": RunSettings,
    "limits": Limits,
    "model": ModelSettings,
    "harness": HarnessSettings,
}
