"""`add`: a model came out today, and three commands later it is on the site."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness_bench.cli import group
from harness_bench.errors import BenchError, ModelError, RunError, SettingsError
from runner.add import add, take
from runner.models.llama_server import LlamaServer
from runner.spec import read_spec
from tests.needs import needs
from tests.runner.models.gguf_files import gguf
from tests.runs import PRACTICE

FAKE = Path(__file__).parent / "models" / "fake_llama_server.py"
FACTS: dict[str, str | int] = {
    "general.name": "Tiny 30B A3B",
    "general.size_label": "30B-A3B",
    "general.file_type": 15,
}
BEFORE = """\
# Mine: do not touch.
[run]
name = "weekly"
packs = ["{pack}"]
tasks = ["p1_*"]

[[model]]   # last week's
name = "Old"
quant = "Q8_0"
gguf = "old.gguf"
program = "{fake}"
server_args = ["--load-s", "0"]
rename = {{ max_tokens = "max_completion_tokens" }}
family = "old makers"
total_params_b = 1.5

[[harness]]
name = "mini"   # no new line at the end"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A run.toml with one model, whose file is beside it."""
    (tmp_path / "old.gguf").write_bytes(gguf())
    path = tmp_path / "run.toml"
    path.write_text(BEFORE.format(pack=PRACTICE, fake=FAKE))
    return path


def new(folder: Path, name: str = "new-Q4_K_M.gguf", **facts: str | int) -> Path:
    """A model file that says what it is."""
    path = folder / name
    path.write_bytes(gguf(facts=facts or FACTS, count=3))
    return path


def test_all_that_was_there_stays_and_a_table_comes_behind_it(settings: Path) -> None:
    before, mode = settings.read_bytes(), settings.stat().st_mode
    settings.chmod(0o640)
    found = add(settings, new(settings.parent), like="Old Q8_0")
    assert settings.read_bytes().startswith(before)
    assert settings.stat().st_mode & 0o777 == 0o640 != mode
    *_, last = read_spec(settings).models
    assert last == found
    assert (last.name, last.quant) == ("Tiny 30B A3B", "Q4_K_M")
    assert (last.total_params_b, last.active_params_b) == (30.0, 3.0)
    assert last.context_tokens == 4096, "what the file was trained for"
    assert last.rename == {"max_tokens": "max_completion_tokens"}
    assert last.family is None, "nobody said who made it"
    assert isinstance(last.model, LlamaServer)
    assert last.model.server_args == ("--load-s", "0")
    assert '\ngguf = "new-Q4_K_M.gguf"\n' in settings.read_text()


@pytest.mark.parametrize(
    ("name", "facts", "quant", "total", "active"),
    [
        ("a-ud-q4_k_xl-00001-of-00001.gguf", {}, "UD-Q4_K_XL", None, None),
        ("a.gguf", {"general.file_type": 7}, "Q8_0", None, None),
        ("a.gguf", {"general.file_type": 999}, "", None, None),
        ("a.gguf", {"general.size_label": "270M"}, "", 0.27, 0.27),
        ("a.gguf", {"general.size_label": "8x7B"}, "", None, None),
        (
            "a.gguf",
            {"general.size_label": "30B", "tiny.expert_count": 8},
            *("", 30.0, None),
        ),
    ],
)
def test_what_a_file_does_not_say_stays_unknown(
    settings: Path,
    name: str,
    facts: dict[str, str | int],
    quant: str,
    total: float | None,
    active: float | None,
) -> None:
    file = new(settings.parent, name, **{"general.name": "a", **facts})
    found = add(settings, file, like=None)
    assert found is not None
    sizes = (found.total_params_b, found.active_params_b)
    assert (found.quant, *sizes) == (quant, total, active)


def test_a_second_add_of_a_file_is_a_line_and_no_change(settings: Path) -> None:
    file = new(settings.parent)
    words = ["add", str(file), "--settings", str(settings)]
    first = CliRunner().invoke(group(), words, catch_exceptions=False)
    before = settings.read_bytes()
    second = CliRunner().invoke(group(), words, catch_exceptions=False)
    assert (first.exit_code, second.exit_code) == (0, 0)
    added = "run.toml: Tiny 30B A3B Q4_K_M is added: 1 trial; "
    assert first.stderr == f"{added}how long it takes is not known\n"
    named = "run.toml: names new-Q4_K_M.gguf already; nothing is changed"
    assert second.stderr == f"{named}\n"
    assert settings.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "like", "kind", "line"),
    [
        (b"text", None, ModelError, "is not a GGUF file"),
        (None, "New", RunError, "--like 'New': names 0 models of run.toml"),
        (gguf(facts={"general.name": "Old\x07"}), None, SettingsError, "Old"),
    ],
)
def test_what_cannot_be_added_is_one_line_and_no_change(
    settings: Path,
    content: bytes | None,
    like: str | None,
    kind: type[BenchError],
    line: str,
) -> None:
    file, before = new(settings.parent), settings.read_bytes()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(kind) as raised:
        add(settings, file, like=like)
    assert line in "\n".join(map(str, raised.value.problems))
    assert settings.read_bytes() == before
    assert {path.name for path in settings.parent.iterdir()} == {
        *("old.gguf", "run.toml", file.name),
    }


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_three_commands_lead_to_a_site_that_tells_what_is_new(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("bwrap")
    monkeypatch.chdir(settings.parent)
    Path("site.toml").write_text("[publish]\ncells = true\n")

    def said(*words: str) -> str:
        ended = CliRunner().invoke(group(), words, catch_exceptions=False)
        assert ended.exit_code == 0, ended.stderr
        return ended.stderr

    publish = ("build", "runs/weekly", "--settings", "site.toml")
    said("run", "run.toml")
    said(*publish)
    new(settings.parent)
    told = said("add", "new-Q4_K_M.gguf", "--like", "Old")
    assert "1 trial; about" in told
    assert "20 tokens, as of Old" in told
    said("run", "run.toml")
    said(*publish)
    first, *_ = Path("site/feed.xml").read_text().split("<entry>")[1:]
    assert "Tiny 30B A3B" in first
    assert "Tiny 30B A3B" in Path("site/data/combos.json").read_text()


def test_what_it_takes_is_told_by_the_trials_that_have_ended(settings: Path) -> None:
    assert take(settings, "Old Q8_0", like=None).trials == 1
    assert take(settings, "Old Q8_0", like=None).seconds is None
