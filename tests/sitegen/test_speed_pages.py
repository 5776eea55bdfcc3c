"""What pages and data files say of how models answered, and when they say nothing."""

import json
from dataclasses import replace
from itertools import product

from jsonschema import Draft202012Validator

from harness_bench.schema import Record
from sitegen.build import build
from sitegen.definitions import DEFINITIONS
from sitegen.rebuild import REBUILD
from tests.records import inputs, record
from tests.sites import broken_links, example_site
from tests.sites import page_text as page

TASKS = "12345"
ANCHORS = ("answer-speed", "first-token", "context-peak", "malformed")
"""Of what every site with answers explains."""


def told(**more: object) -> list[Record]:
    """Two models in two harnesses; the second answers half as fast."""
    return [
        record(
            f"{model}/{quant}/{harness}",
            task,
            first_token_s=0.5 * slow,
            tokens_per_s=80.0 / slow,
            context_peak=1000 * int(task),
            calls=10,
            malformed_calls=int(harness == "y" and task == "5"),
            hardware="RTX 4090",
            **more,
        )
        for (model, quant, slow), harness, task in product(
            (("fast", "Q4", 1), ("slow", "Q8", 2)), "xy", TASKS
        )
    ]


def site_of(records: list[Record], **publish: bool) -> dict[str, bytes]:
    return dict(build(inputs(records, **publish)))


def rows_of(
    site: dict[str, bytes], path: str = "data/speed.json"
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(site[path])["rows"]
    return found


def test_the_models_page_says_who_answers_fastest() -> None:
    text = page(site_of(told()), "models/index.html")
    assert "How fast do they answer?" in text
    assert (
        "fast Q4 begins to answer after 0.50 s and writes 80.0 tokens per second: "
        "medians over 10 trials. The slowest of 2 models, slow Q8, writes 40.0 per "
        "second."
    ) in text
    assert "fast Q4 80.0 tok/s 0.50 s 1.00 in 100 1 /100 5,000 10" in text
    assert "hardware" not in text


def test_pages_of_models_quants_harnesses_and_combos_say_what_is_theirs() -> None:
    site = site_of(told())
    for path, said in (
        ("models/fast.html", "y Q4 80.0 tok/s 0.50 s 2.00 in 100 1 /50 5,000 5"),
        ("quants/slow--q8.html", "x Q8 40.0 tok/s 1.0 s 0 in 100 0 /50 5,000 5"),
        ("harnesses/y.html", "2 malformed tool calls in 100 model calls: 2.00 in 100."),
        ("harnesses/y.html", "slow Q8 40.0 tok/s 1.0 s 2.00 in 100 1 /50"),
        ("harnesses/index.html", "y gets the most: 2.00 in 100 model calls."),
        ("harnesses/index.html", "Over all harnesses it is 1.00 in 100."),
        ("combos/fast--q4--x.html", "Speed 80.0 tok/s, median over 5 trials"),
        ("combos/fast--q4--x.html", "First token 0.50 s, median over 5 trials"),
        ("combos/fast--q4--x.html", "at most 5,000 tokens in a call, over 5 trials"),
        ("combos/fast--q4--x.html", "0 in 50 model calls, over 5 trials"),
    ):
        assert said in page(site, path), path


def test_every_figure_links_to_what_it_means() -> None:
    site = site_of(told())
    assert (
        broken_links(
            {path: text for path, text in site.items() if path.endswith(".html")}, site
        )
        == []
    )
    for anchor in ANCHORS:
        for path in ("models/fast.html", "combos/fast--q4--x.html"):
            assert f"methodology.html#{anchor}" in site[path].decode()
        assert f'id="{anchor}"' in site["methodology.html"].decode()


def test_the_data_file_says_the_same_and_keeps_to_its_schema() -> None:
    site = site_of(told())
    schema = json.loads(site["data/schema/speed.json"])
    document = json.loads(site["data/speed.json"])
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert {
        "kind": "model",
        "model": "slow",
        "quant": "Q8",
        "harness": None,
        "n_speed": 10,
        "tokens_per_s_median": 40.0,
        "n_first_token": 10,
        "first_token_median_s": 1.0,
        "mixed_hardware": False,
        "n_context": 10,
        "context_peak": 5000,
        "n_calls": 10,
        "calls": 100,
        "malformed_calls": 1,
        "malformed_per_100": 1.0,
    } in rows_of(site)
    assert "speed.csv" in site["data.html"].decode()


def test_each_sweep_has_its_own_file() -> None:
    site = site_of([*told(sweep="one"), record("z/Q4/x", sweep="two")])
    assert len(rows_of(site, "data/one/speed.json")) == 2 + 2 + 4
    assert "data/two/speed.json" not in site


def test_speeds_of_different_hardware_are_not_put_together() -> None:
    records = [
        replace(each, hardware=f"secret-{each.task}") if each.model == "slow" else each
        for each in told()
    ]
    site = site_of(records)
    text = page(site, "models/index.html")
    assert "slow Q8 – – 1.00 in 100" in text
    assert "fast Q4 80.0 tok/s" in text
    assert "no median over two machines is true of either" in text
    assert "a faster row may be a faster machine" in text
    assert "slowest" not in text
    assert "no median over two machines" in page(site, "combos/slow--q8--x.html")
    assert not any(
        word in content
        for content in site.values()
        for word in (b"secret-", b"RTX 4090")
    )


def test_rows_on_different_hardware_are_shown_and_not_ranked() -> None:
    records = [replace(each, hardware=each.model) for each in told()]
    text = page(site_of(records), "models/index.html")
    assert "slow Q8 40.0 tok/s" in text
    assert "a faster row may be a faster machine" in text
    assert "left out" not in text
    assert "slowest" not in text


def test_without_these_columns_nothing_is_said_of_them() -> None:
    bare = [
        replace(
            each,
            first_token_s=None,
            tokens_per_s=None,
            context_peak=None,
            malformed_calls=None,
        )
        for each in told()
    ]
    late = ("prefill", "context-limit", "memory", "energy")
    for site in (site_of(bare), dict(example_site())):
        assert not any(path.endswith("/speed.json") for path in site)
        for path, content in site.items():
            if path.endswith(".html"):
                assert not any(
                    DEFINITIONS[anchor].href.encode() in content
                    for anchor in (*ANCHORS, *late)
                ), path
        assert b'id="answer-speed"' not in site["methodology.html"]
        data = [path for path in site if "data/" in path and path != REBUILD]
        assert not any(b"energy" in site[path] for path in data)


def test_prefill_limit_memory_and_energy_are_shown_where_they_were_recorded() -> None:
    site = site_of(
        told(
            prefill_per_s=812.5,
            context_limit=32_768,
            peak_memory_gb=12.25,
            energy_wh=1500.0,
        )
    )
    for path, said in (
        ("models/index.html", "fast Q4 80.0 tok/s 0.50 s 812 tok/s 1.00 in 100"),
        ("models/index.html", "5,000 32,768 12.2 GB 10"),
        ("harnesses/index.html", "y 2.00 in 100 2 /100 5,000 32,768 12.2 GB 10"),
        ("combos/fast--q4--x.html", "Prefill 812 tok/s, median over 5 trials"),
        ("combos/fast--q4--x.html", "32,768 tokens, the largest over 5 trials"),
        ("combos/fast--q4--x.html", "Memory at most 12.2 GB, over 5 trials"),
        ("combos/fast--q4--x.html", "Energy mean 1.5 kWh, median 1.5 kWh"),
        ("quants/slow--q8.html", "Energy mean 1.5 kWh"),
        ("harnesses/y.html", "Energy mean 1.5 kWh"),
        ("analysis.html", "The frontier of energy"),
    ):
        assert said in page(site, path), path
    for anchor in ("prefill", "context-limit", "memory", "energy"):
        assert f'id="{anchor}"' in site["methodology.html"].decode()
        assert f"methodology.html#{anchor}" in site["combos/fast--q4--x.html"].decode()
    assert {
        "n_prefill": 10,
        "prefill_per_s_median": 812.5,
        "n_context_limit": 10,
        "context_limit": 32_768,
        "n_memory": 10,
        "peak_memory_gb": 12.25,
    }.items() <= rows_of(site)[0].items()
    assert "energy" in {row["resource"] for row in rows_of(site, "data/spending.json")}


def test_a_column_of_one_sweep_stands_in_the_files_of_all() -> None:
    records = [*told(sweep="one"), *told(sweep="two", energy_wh=2.0, prefill_per_s=9.0)]
    site = site_of(records)
    for sweep in ("one", "two"):
        for name in ("speed", "quant_changes"):
            schema = json.loads(site[f"data/schema/{name}.json"])
            document = json.loads(site[f"data/{sweep}/{name}.json"])
            assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert rows_of(site, "data/one/speed.json")[0]["n_prefill"] == 0


def test_one_column_alone_is_shown_alone() -> None:
    records = [
        replace(each, tokens_per_s=None, first_token_s=None, malformed_calls=None)
        for each in told()
    ]
    site = site_of(records)
    assert "fast Q4 5,000 10" in page(site, "models/index.html")
    assert "malformed" not in page(site, "harnesses/index.html").lower()


def test_cells_stay_private() -> None:
    """No row mixes a task with another key, whatever may be published."""
    for cells in (True, False):
        site = site_of(told(), cells=cells)
        header = site["data/speed.csv"].decode().partition("\n")[0]
        assert "task" not in header.split(",")
