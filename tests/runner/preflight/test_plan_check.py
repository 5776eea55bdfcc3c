"""What cannot be run is found before anything is, by `run` and by `doctor` alike."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, get_args

import pytest

from harness_bench.errors import Problem
from harness_bench.registry import load, names
from runner.harnesses.harness import Speaking
from runner.models.hosted import Hosted
from runner.plan import parse_choice, plan, trials
from runner.preflight.plan_check import Requirement, requirements
from runner.proxy.wire.wire import ProtocolName
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.unsafe import Unsafe
from runner.spec import HarnessSpec, ModelSpec
from tests.needs import needs
from tests.runner.specs import IdleHarness, harness, model, spec, task
from tests.runs import PRACTICE, run_command


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages(IdleHarness):
    """A harness of Anthropic's protocol."""

    speaks: ClassVar[ProtocolName] = "anthropic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(IdleHarness):
    """A harness of OpenAI's protocol."""

    speaks: ClassVar[ProtocolName] = "openai"


HARNESSES = (
    harness("messages", harness=Messages()),
    harness("chat", harness=Chat()),
    harness("silent"),
)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-1")


def hosted(name: str, protocol: str) -> ModelSpec:
    given = {"protocol": protocol, "base_url": "https://h", "key_env": "A_KEY"}
    return model(name, model=Hosted(**given))  # type: ignore[arg-type] # any protocol


def found(
    *models: ModelSpec,
    harnesses: tuple[HarnessSpec, ...] = HARNESSES,
    only: str = "",
    unsafe: bool = False,
) -> list[Requirement]:
    """The parts of a plan for a public task that cannot be used."""
    planned = trials(
        spec(models, harnesses),
        [task("p1_page_ranges", folder=PRACTICE / "p1_page_ranges")],
        only=[parse_choice(only)] if only else [],
    )
    sandbox = Unsafe() if unsafe else Bubblewrap()
    return [part for part in requirements(plan(planned), sandbox) if part.problems]


def test_each_pair_that_cannot_talk_is_one_line_as_far_as_both_say() -> None:
    assert found(model("local"), hosted("every", "both")) == []
    first, second = found(hosted("o", "openai"), hosted("a", "anthropic"))
    assert (first.name, second.name) == ("o in messages", "a in chat")
    assert first.problems == (
        Problem(
            "",
            "the harness speaks anthropic, but the model answers openai, responses",
            "say 'both' if it answers both, or leave the pair out with --except",
        ),
    )


def test_a_pair_that_is_not_planned_need_not_talk() -> None:
    assert found(hosted("o", "openai"), only="harness=chat") == []


@pytest.mark.parametrize("name", names("harnesses"))
def test_every_harness_of_ours_says_what_it_speaks(name: str) -> None:
    kind = load("harnesses", name)
    assert isinstance(kind, Speaking)
    assert kind.speaks in get_args(ProtocolName)


def test_a_hosted_model_without_a_sandbox_is_refused() -> None:
    (part,) = found(hosted("o", "openai"), harnesses=HARNESSES[1:], unsafe=True)
    assert (part.kind, part.name) == ("model", "o")
    assert list(map(str, part.problems)) == [
        "is hosted, and without a sandbox agents could read its key; use a sandbox"
    ]


SPEC = """\
[run]
packs = ["{pack}"]
tasks = ["p1_page_ranges"]

[[model]]
name = "vendor-1"
base_url = "https://api.example.com"
protocol = "anthropic"
key_env = "NO_SUCH_KEY_HERE"

[[model]]
name = "local"
gguf = "$MODELS/none.gguf"
program = "/bin/true"

[[harness]]
name = "mini"
"""


def said_by(
    folder: Path, *command: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """What a command says that must fail, line by line."""
    done = run_command(
        *command, cwd=folder, environment={"MODELS": str(folder / "models")}
    )
    assert done.returncode == 1, done.stderr
    return done, (done.stdout + done.stderr).splitlines()


@pytest.mark.e2e
def test_the_doctor_shows_what_a_run_refuses(tmp_path: Path) -> None:
    needs("bwrap")
    pack = tmp_path / "secret"
    pack.mkdir()
    (pack / "p1_page_ranges").symlink_to(PRACTICE / "p1_page_ranges")
    (tmp_path / "run.toml").write_text(SPEC.format(pack=pack))

    ended, refused = said_by(tmp_path, "run", "run.toml")

    assert ended.stdout == ""
    assert not (tmp_path / "runs").exists()
    assert [line.partition(": ")[0] for line in refused] == [
        *("secret", "vendor-1", "local", "vendor-1 in mini")
    ]
    _, lines = said_by(tmp_path, "doctor", "run.toml")
    bad = [" ".join(line.split()) for line in lines if line.startswith("bad")]
    kinds = ("task pack", "model", "model", "pair")
    assert bad == [
        "bad {} {} {}".format(kind, *line.split(": ", 1))
        for kind, line in zip(kinds, refused, strict=True)
    ]
    assert any(line.startswith("ok    harness mini") for line in lines)


@pytest.mark.e2e
def test_the_doctor_looks_only_at_what_is_asked_for(tmp_path: Path) -> None:
    needs("bwrap")
    (tmp_path / "run.toml").write_text(SPEC.format(pack=PRACTICE))

    _, lines = said_by(tmp_path, "doctor", "run.toml", "--only", "model=local")

    (bad,) = [line for line in lines if line.startswith("bad")]
    assert bad.startswith("bad   model local")
    assert not any("vendor-1" in line for line in lines)
