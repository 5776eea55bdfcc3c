"""The command that needs no built site, and the settings that `init` writes."""

import json
import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness_bench.cli import STARTERS
from harness_bench.errors import PublishError
from sitegen.cli import embed
from sitegen.config import Settings, Sweep, read_settings
from sitegen.publish import MANIFEST, publish
from tests.sites import example_site

ALL = (STARTERS / "all" / "site.toml").read_text(encoding="utf-8")

CHARTS = [
    {
        "id": "harness_ranking-q4",
        "title": 'Which harness "wins" <here> & {{ there }}?',
        "scope": "q4",
        "embed": "embed/harness_ranking-q4.html",
        "height": 480,
        "svg": "charts/harness_ranking-q4.svg",
        "csv": "data/q4/harnesses.csv",
    },
    {
        "id": "audit",
        "title": "Audit",
        "scope": "all",
        "embed": "embed/audit.html",
        "height": 300,
        "svg": "charts/audit.svg",
        "csv": "data/audit.csv",
    },
]
TITLE = (
    "Which harness &quot;wins&quot; &lt;here&gt; &amp; &#123;&#123; there &#125;&#125;?"
)


PASSED = '{{ value("q4/harnesses", harness="pi", field="passed") }}'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that looks like a built site to `embed`."""
    return with_index(tmp_path, {"charts": CHARTS, "base_url": ""})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, with one card."""
    found: Path = tmp_path_factory.mktemp("built") / "site"
    publish(
        {**example_site(), "cards/index.png": b"PNG", "cards/harnesses/pi.png": b"PNG"},
        found,
    )
    return found


def with_index(folder: Path, index: object) -> Path:
    publish({"data/charts.json": json.dumps(index).encode()}, folder, force=True)
    return folder


def embedded(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        embed, [*arguments, "--site", str(folder)], catch_exceptions=False
    )


def refused(folder: Path, *arguments: str) -> str:
    with pytest.raises(PublishError) as caught:
        embedded(folder, *arguments)
    return str(caught.value)


# embed


def test_embed_without_an_id_lists_the_charts(site: Path) -> None:
    assert embedded(site).stdout.splitlines() == [
        f"harness_ranking-q4\t{CHARTS[0]['title']}",
        "audit\tAudit",
    ]


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        ([], "embed/harness_ranking-q4.html"),
        (
            ["--base-url", "https://example.org/bench"],
            "https://example.org/bench/embed/harness_ranking-q4.html",
        ),
        (
            ["--base-url", "https://example.org/a&b/"],
            "https://example.org/a&amp;b/embed/harness_ranking-q4.html",
        ),
        (
            ["--jekyll", "/bench"],
            "{{ '/bench/embed/harness_ranking-q4.html' | relative_url }}",
        ),
        (
            ["--jekyll", "a/b c/"],
            "{{ '/a/b%20c/embed/harness_ranking-q4.html' | relative_url }}",
        ),
        (
            ["--jekyll", "/"],
            "{{ '/embed/harness_ranking-q4.html' | relative_url }}",
        ),
        (
            ["--jekyll", "it's}}"],
            "{{ '/it%27s%7D%7D/embed/harness_ranking-q4.html' | relative_url }}",
        ),
    ],
)
def test_embed_prints_one_line_to_paste(
    site: Path, arguments: list[str], source: str
) -> None:
    script = source.replace("embed/harness_ranking-q4.html", "assets/embed.js")
    assert embedded(site, "harness_ranking-q4", *arguments).stdout == (
        f'<iframe src="{source}" title="{TITLE}" width="100%" height="480" '
        'loading="lazy" frameborder="0"></iframe>'
        f'<script defer src="{script}"></script>\n'
    )


@pytest.mark.parametrize(
    ("name", "form", "printed"),
    [
        (
            "audit",
            "jekyll",
            '{% include harness-bench/chart.html id="audit" %}\n',
        ),
        ("audit", "html", '<figure class="harness-bench" data-chart="audit"'),
        ("audit", "img", '<img src="/b/charts/audit.svg" alt="Contact with the'),
        (
            "audit",
            "markdown",
            (
                "[![Contact with the hidden grader](/b/charts/audit.svg)]"
                "(/b/embed/audit.html)\n\n*Contact with the hidden grader. "
                "harness-bench 2026. Reconstruction, preliminary.*\n"
            ),
        ),
        (
            "data/q4/harnesses",
            "jekyll",
            '{% include harness-bench/table.html of="q4/harnesses" %}\n',
        ),
        ("data/q4/harnesses", "markdown", "| Harness | Trials |"),
        ("data/q4/harnesses", "html", '<div class="harness-bench">'),
        (
            "data/q4/harnesses",
            "iframe",
            (
                '<iframe src="/b/embed/tables/q4/harnesses.html" title="Harnesses, over'
                ' all models; sweep q4" width="100%" height="280" '
            ),
        ),
        (
            '{{ table("harnesses", top=2) }}',
            "iframe",
            '<iframe src="/b/embed/tables/harnesses.html?top=2" ',
        ),
        (PASSED, "value", "123\n"),
        (PASSED, "markdown", "123\n"),
        (PASSED, "html", '<span class="hb-value">123</span>\n'),
        (
            PASSED,
            "jekyll",
            (
                '{% include harness-bench/value.html of="q4/harnesses" harness="pi" '
                'field="passed" %}\n'
            ),
        ),
        ('{{ claim("perfect") }}', "html", '<span class="hb-claim">'),
        ("cards/index", "img", '<img src="/b/cards/index.png" alt="Which local model'),
        (
            "cards/harnesses/pi",
            "markdown",
            (
                "[![Pi · harness-bench 2026](/b/cards/harnesses/pi.png)]"
                "(/b/harnesses/pi.html)\n\n*harness-bench 2026. Reconstruction, "
            ),
        ),
    ],
)
def test_each_thing_can_be_had_in_its_forms(
    built: Path, name: str, form: str, printed: str
) -> None:
    done = embedded(built, name, "--as", form, "--base-url", "/b")
    assert done.stdout.startswith(printed)
    assert done.stderr == ""


def test_every_number_is_listed_as_it_is_quoted(built: Path) -> None:
    lines = embedded(built, "--as", "value").stdout.splitlines()
    said = dict(line.split("\t") for line in lines)
    assert said[PASSED] == "123"
    assert len(said) == len(lines) > 5_000
    tables = embedded(built, "--as", "iframe").stdout
    assert "data/combos\t" in tables
    assert "data/cells" not in tables + "".join(lines)


@pytest.mark.parametrize(
    "wrong", ['{{ table("q4/harnesses", harness="pi") }}', '{{ table("cells") }}']
)
def test_a_frame_shows_a_whole_table_or_none(built: Path, wrong: str) -> None:
    assert "a frame shows a whole table" in refused(built, wrong, "--as", "iframe")


def test_a_quote_of_nothing_is_refused(built: Path) -> None:
    assert "field" in refused(built, '{{ value("harnesses") }}', "--as", "value")
    wrong = '{{ table("combos", model="{{ x }}") }}'
    assert "Jekyll" in refused(built, wrong, "--as", "jekyll")


def test_a_form_that_a_thing_does_not_have_is_wrong_usage(built: Path) -> None:
    done = embedded(built, "data/combos", "--as", "img")
    assert done.exit_code == 2
    assert "markdown, jekyll, html" in done.output


def test_the_list_tells_charts_of_one_title_apart(built: Path) -> None:
    lines = embedded(built).stdout.splitlines()
    board = "Which local model, in which harness?"
    assert f"speed_vs_accuracy\tSpeed against accuracy\t{board}" in lines
    assert "q8/audit\tContact with the hidden grader\t8-bit sweep" in lines
    assert "data/combos\tTable: Combos: a model at a quant in a harness" in lines
    assert "cards/harnesses/pi\tCard: Pi · harness-bench 2026" in lines
    said = [line.partition("\t")[2] for line in lines]
    assert len(said) == len({*said})


def test_embed_takes_the_address_from_the_site(tmp_path: Path) -> None:
    index = {"charts": CHARTS, "base_url": "https://example.org/b/"}
    result = embedded(with_index(tmp_path, index), "audit")
    assert 'src="https://example.org/b/embed/audit.html"' in result.stdout
    assert result.stderr == ""


def test_embed_says_when_the_address_is_relative(site: Path) -> None:
    assert "--base-url" in embedded(site, "audit").stderr
    assert embedded(site, "audit", "--jekyll", "/b").stderr == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://user:secret@example.org/x",
        "HTTPS://user@example.org",
        "//user:secret@example.org/",
        "https://user@name\\example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "an address",
        "https://example.org/?token=x",
    ],
)
def test_an_address_that_no_page_may_show_is_refused(site: Path, address: str) -> None:
    result = embedded(site, "audit", "--base-url", address)
    assert result.exit_code == 2
    assert "iframe" not in result.stdout


def test_the_path_of_a_site_on_its_server_is_an_address_too(site: Path) -> None:
    result = embedded(site, "audit", "--base-url", "/bench")
    assert 'src="/bench/embed/audit.html"' in result.stdout


def test_a_site_without_a_manifest_is_nothing_that_the_gate_let_pass(
    site: Path,
) -> None:
    (site / MANIFEST).unlink()
    assert "WARNING" in embedded(site, "audit").stderr


def test_an_unknown_chart_is_refused_with_a_near_miss(site: Path) -> None:
    assert refused(site, "audt") == (
        "'audt': is not a chart, card or table of this site (did you mean 'audit'?); "
        "`harness-bench embed` lists them"
    )


def test_two_addresses_are_wrong_usage(site: Path) -> None:
    both = ["--base-url", "https://example.org", "--jekyll", "/b"]
    assert embedded(site, "audit", *both).exit_code == 2


def test_a_folder_without_a_site_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "audit") == (
        f"{tmp_path}/data/charts.json: cannot be read (no such file or "
        "directory); name the folder of a site (--out, or --site of embed), or build"
        " one"
    )


@pytest.mark.parametrize(
    "index", [[], {}, {"charts": [1]}, {"charts": [{"id": "a"}]}, {"charts": 5}]
)
def test_an_index_that_is_not_ours_is_refused(tmp_path: Path, index: object) -> None:
    with_index(tmp_path, index)
    assert "is not a list of charts" in refused(tmp_path, "audit")


# what init writes


def test_the_settings_that_init_writes_are_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(ALL)
    written = read_settings(tmp_path / "site.toml")
    assert replace(written, path=None) == Settings()


def test_init_explains_every_setting(tmp_path: Path) -> None:
    examples = re.sub(r"^# (?=[a-z_]+ = |\[sweeps)", "", ALL, flags=re.MULTILINE)
    path = tmp_path / "site.toml"
    path.write_text(examples)
    (tmp_path / "notes.md").write_text("")
    (tmp_path / "allow.toml").touch()
    (tmp_path / "claims.toml").touch()
    read_settings(path)  # the examples are settings that can be used
    document = tomllib.loads(examples)
    sweep = document.pop("sweeps")["q4"]
    assert {name: set(section) for name, section in document.items()} == {
        section.name: {each.name for each in fields(getattr(Settings(), section.name))}
        for section in fields(Settings)
        if section.name not in {"sweeps", "path"}
    }
    assert set(sweep) == {each.name for each in fields(Sweep)}


def test_the_examples_beside_the_defaults_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    examples = re.sub(r"= \S+ +# (?=[\"\[{])", "= ", ALL)
    assert examples.count(" # ") < ALL.count(" # ")
    path.write_text(examples)
    used = read_settings(path)
    assert used.site.base_url == "https://example.org/bench/"
    assert used.input.statuses == {"resolved": "pass", "error": "agent_crash"}
