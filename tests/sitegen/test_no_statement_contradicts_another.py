"""All that a site says of a pair, a rank or a lead agrees, wherever it stands."""

import os
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from harness_bench.schema import Record, Status
from sitegen.build import build
from sitegen.inputs import Inputs
from sitegen.records import Records
from sitegen.site import Site
from tests.records import EXAMPLE, inputs, read, record
from tests.sitegen import statements as said
from tests.sitegen.statements import Entity, Told, told
from tests.sites import example_site

TABLES = int(os.environ.get("HARNESS_BENCH_TABLES", "6"))
"""Random tables; `make torture` tries more."""


@cache
def drawn(seed: int) -> tuple[Inputs, Site]:
    """A ragged table: cells missing, repeats, sweeps, times on several machines."""
    rng = Random(seed)  # noqa: S311 - tables, not secrets
    found = inputs(_records(rng), cells=seed % 2 == 0)
    return found, build(found)


def _records(rng: Random) -> list[Record]:
    models = [f"mo{i}" for i in range(rng.randint(1, 5))]
    quants = rng.choice([[""], ["Q4"], ["Q4", "Q8"]])
    harnesses = [f"ha{i}" for i in range(rng.randint(1, 4))]
    tasks = [f"ta{i}" for i in range(rng.choice([1, 2, 5, 8, 14]))]
    sweeps = rng.choice([[""], [""], ["one", "two"]])
    hardware: list[str | None] = rng.choice([[None], ["a"], ["a", "b"]])
    kept, seeds = rng.choice([1, 0.95, 0.7]), rng.choice([1, 1, 3])
    skill = {m: rng.choice([0, 0.3, 0.5, 0.9, 1]) for m in (*models, *harnesses)}
    rows = []
    for sweep in sweeps:
        for model in models:
            for quant in quants:
                for harness in harnesses:
                    for task in tasks:
                        if rng.random() > kept:
                            continue
                        for seed in range(rng.randint(1, seeds)):
                            passed = rng.random() < (skill[model] + skill[harness]) / 2
                            rows.append(
                                record(
                                    f"{model}/{quant}/{harness}",
                                    task,
                                    sweep=sweep,
                                    seed=seed,
                                    hardware=rng.choice(hardware),
                                    agent_time_s=round(rng.expovariate(0.01), 1),
                                    status=_status(rng, passed=passed),
                                )
                            )
    return rows or [record("mo0//ha0", "ta0")]


def _status(rng: Random, *, passed: bool) -> Status:
    if rng.random() < 0.03:
        return Status.INFRA_SERVER
    return Status.PASS if passed else rng.choice([Status.FAIL, Status.AGENT_TIMEOUT])


def sites() -> list[object]:
    names = ["example", *range(TABLES)]
    return [pytest.param(name, id=str(name)) for name in names]


@pytest.fixture(params=sites())
def site(request: pytest.FixtureRequest) -> tuple[Inputs, Site]:
    if request.param == "example":
        return read(EXAMPLE), example_site()
    return drawn(request.param)


def main_folder(found: Inputs, site: Site) -> str:
    """Where the data lie of the scope in which models are compared."""
    rows = Counter(r.sweep for r in found.records)
    names = [name for name in rows if name]
    default = found.settings.site.default_sweep
    main = default or min(names, key=lambda name: (-rows[name], name), default=None)
    if main is None:
        return "data/"
    (folder,) = (
        each
        for each in said.folders(site)
        if each != "data/" and main in each.removeprefix("data/").split("/")
    )
    return folder


def scopes(site: Site) -> list[tuple[str, Told]]:
    return [
        (f"{folder} {kind}", told(site, folder, kind))
        for folder in said.folders(site)
        for kind in said.KINDS
    ]


def test_ranks_tiers_and_pairs_of_data_files_agree(site: tuple[Inputs, Site]) -> None:
    for where, of in scopes(site[1]):
        ranked = of.ranked
        for key, row in ranked.items():
            better = sum(other["rate"] > row["rate"] for other in ranked.values())
            assert row["rank"] == 1 + better, (where, key)
            if (row["rank_low"], row["rank_high"]) == (None, None):
                continue  # While cells are private, no verdict leaves.
            assert row["rank_low"] <= row["rank_high"] <= len(ranked), (where, key)
            above, below, _ = of.seen(key)
            if of.complete:
                assert row["rank_low"] == 1 + below, (where, key)
                assert row["rank_high"] == len(ranked) - above, (where, key)
        for (a, b), pair in of.pairs.items():
            one, other = of.standings[a], of.standings[b]
            assert None not in {one["rank"], other["rank"]}, (where, a, b)
            lead = one["rate"] - other["rate"]
            assert pair["delta_rate"] == pytest.approx(lead, abs=3e-6), (where, a, b)
            shares = set(one["tier"]) & set(other["tier"])
            assert pair["separable"] == (pair["p"] <= 0.05), (where, a, b)
            assert pair["separable"] != bool(shares), (where, a, b)


def test_the_pairs_of_quants_are_those_of_models(site: tuple[Inputs, Site]) -> None:
    for folder in said.folders(site[1]):
        models = told(site[1], folder, "model").pairs
        p_of = {frozenset(ends): pair["p"] for ends, pair in models.items()}
        for row in said.rows(site[1], f"{folder}pairs.json"):
            if row["kind"] == "quant":
                ends = frozenset(
                    (row[f"model_{s}"], row[f"quant_{s}"] or "", "", "") for s in "ab"
                )
                assert p_of.get(ends, row["p"]) == row["p"], (folder, ends)
        for row in said.rows(site[1], f"{folder}quant_ladder.json"):
            if row["p"] is not None:
                different = row["finding"] in {"different", "slightly different"}
                assert different == (row["p"] <= 0.05), (folder, row)


def lists(found: Inputs, site: Site) -> list[tuple[str, str, str, Told]]:
    """Page and caption of each list, the folder of its page, and what is known."""
    labels = {"data/": "all trials"}
    for folder in said.folders(site):
        rows = said.rows(site, f"{folder}combos.json")
        assert rows or not found.settings.publish.cells
    pages = {"data/": "index.html"}
    for folder in said.folders(site)[1:]:
        pages[folder] = f"sweeps/{folder.removeprefix('data/').rstrip('/')}.html"
        labels[folder] = ""
    main = main_folder(found, site)
    return [
        *((pages[f], BOARD, f, told(site, f, "combo")) for f in pages),
        ("models/index.html", "Models, ", main, told(site, main, "model")),
        ("harnesses/index.html", "Harnesses", main, told(site, main, "harness")),
    ]


BOARD = "Combos, "


def group_of(row: said.Row) -> str:
    """What stands above a combo on the board, where there are several groups."""
    if not row["rank"]:
        return "Stand apart: too little was run"
    first = row["rank_low"] == 1
    return "Could have come first" if first else "Shown to be worse than another"


def listed(
    site: Site, page: str, caption: str, of: Told
) -> list[tuple[Entity, dict[str, str], str]]:
    """The rows of the first list of a page beside the entities that they name."""
    rows = [
        (fields, href)
        for title, fields, href in said.table_rows(site, page)
        if title.startswith(caption) and "those on" not in title
        if "Rank" in fields or caption == BOARD
    ]
    keys = list(of.standings)
    if caption == BOARD:
        rows_of = of.standings
        keys.sort(key=lambda k: (not rows_of[k]["rank"], rows_of[k]["rank_low"] != 1))
    return [(key, *row) for key, row in zip(keys, rows[: len(keys)], strict=True)]


def test_lists_show_the_ranks_and_rates_of_the_data_files(
    site: tuple[Inputs, Site],
) -> None:
    for page, caption, _, of in lists(*site):
        for key, fields, _ in listed(site[1], page, caption, of):
            row = of.standings[key]
            if caption == BOARD:
                assert fields["Group"] in {"", group_of(row)}, (page, key)
            elif row["rank"]:
                low, high = row["rank_low"], row["rank_high"]
                span = f"{low}" if low == high else f"{low}–{high}"
                place = f"{span} · {row['tier']}" if low else f"{row['rank']}"
                assert fields["Rank"].startswith(place), (page, key)
            else:
                assert fields["Rank"].startswith("–"), (page, key)
            if row["n_trials"]:
                assert fields["Passed"] == f"{row['passed']:,}/{row['n_trials']:,}"


def test_sentences_on_pages_of_entities_count_the_pairs_of_the_data_files(
    site: tuple[Inputs, Site],
) -> None:
    for page, caption, folder, of in lists(*site):
        if page.startswith("sweeps/"):
            continue
        for key, _, href in listed(site[1], page, caption, of):
            text = said.sentences(site[1], href)
            better, worse, rest = of.seen(key)
            if found := said.AMONG.search(text):
                n, over, under, left = (said.number(x or "0") for x in found.groups())
                assert (n, over, under) == (better + worse + rest, better, worse), href
                assert left == rest, href
            elif found := said.UNTOLD.search(text):
                assert (better, worse) == (0, 0), href
                assert said.number(found[1] or "1") == rest, href
            elif found := said.EACH.search(text):
                n = said.number(found[2])
                assert (better, worse, rest) == (
                    (n, 0, 0) if found[1] == "better" else (0, n, 0)
                ), href
            elif found := said.ONE.search(text):
                assert (found[1] == "better", rest) == (better == 1, 0), href
            else:
                assert better + worse + rest == 0, href
            row = of.standings[key]
            if found := said.RANK.search(text):
                rank, of_n, shared, tier, low, high = found.groups()
                assert said.number(rank) == row["rank"], href
                assert said.number(of_n) == len(of.ranked), href
                ties = sum(r["rank"] == row["rank"] for r in of.ranked.values())
                assert said.number(shared or "0") == ties - 1, href
                assert tier == row["tier"], href
                ends = (said.number(low or rank), said.number(high or rank))
                assert low is None or ends == (row["rank_low"], row["rank_high"]), href
                assert low is not None or row["rank_low"] == row["rank_high"], href
            assert ("stands apart" in text) <= (row["rank"] is None), (folder, href)


def test_sentences_of_lists_count_the_pairs_and_name_the_leaders(
    site: tuple[Inputs, Site],
) -> None:
    for page, _, _, of in lists(*site):
        text, ranked = said.sentences(site[1], page), of.ranked
        apart = [row for row in of.pairs.values() if row["separable"]]
        for counted in said.OF_PAIRS.finditer(text):
            assert said.number(counted[1]) == len(of.pairs), page
            assert said.number(counted[2]) == len(apart), page
        if found := said.FROM.search(text):
            seen = of.seen(next(iter(of.standings)))
            assert said.number(found[3]) == sum(seen), page
            assert said.number(found[2] or found[3]) == sum(seen[:2]), page
        for pair in said.BETTER.finditer(text):
            leads = [abs(row["delta_rate"]) * 100 for row in apart]
            assert any(abs(lead - float(pair[2])) < 0.51 for lead in leads), pair[0]
        first = [row for row in ranked.values() if row["rank"] == 1]
        if "leads with" in text or "is the only one to pass" in text:
            assert len(first) == 1, page
        if "nobody leads" in text:
            assert not any(row["passed"] for row in of.standings.values()), page
        if found := said.SHARE.search(text):
            n = re.search(r"[\d,]+", found[1])
            assert len(first) == (said.number(n[0]) if n else 2), (page, found[0])
        if found := said.MAY.search(text):
            may = sum(row["rank_low"] == 1 for row in ranked.values())
            assert said.number(found[2] or found[3] or "2") == may, page
            assert found[4] is None or said.number(found[4]) == len(ranked), page


def test_the_analysis_names_the_leaders_and_the_last_of_its_scope(
    site: tuple[Inputs, Site],
) -> None:
    found, built = site
    text, main = said.sentences(built, "analysis.html"), main_folder(found, built)
    for kind, question in (("model", "Which models"), ("harness", "Which harnesses")):
        answer = text.partition(question)[2].partition("Which ")[0]
        ranked = told(built, main, kind).ranked
        if last := said.LAST.search(answer):
            rates = {row["rate"] for row in ranked.values()}
            (lowest,) = (r for r in ranked.values() if r["rate"] == min(rates))
            assert len(rates) > 1, last[0]
            assert said.number(last[2]) == lowest["passed"], last[0]
            assert said.number(last[3]) == lowest["n_trials"], last[0]
            if better := last[4]:
                n = {"all": len(ranked) - 1, "both": 2, "the other": 1, "none": 0}
                shown = n[better] if better in n else said.number(better)
                assert shown == lowest["rank_low"] - 1, last[0]
    steps = said.rows(built, "data/frontier.json")
    if line := re.search(
        r"can be compared[^.]*?, ([\d,]+) (?:is|are) on the frontier", text
    ):
        assert said.number(line[1]) == len(steps)


def test_a_combo_says_its_rank_in_every_sweep(site: tuple[Inputs, Site]) -> None:
    sweeps = [told(site[1], f, "combo") for f in said.folders(site[1])[1:]]
    of = told(site[1], "data/", "combo")
    for key, _, href in listed(site[1], "index.html", BOARD, of):
        found = said.BY_SWEEP.findall(said.sentences(site[1], href))
        ranks = [
            (
                each.ranked[key]["rank_low"],
                each.ranked[key]["rank_high"],
                len(each.ranked),
            )
            for each in sweeps
            if key in each.ranked
        ]
        if len(sweeps) > 1:
            told_ranks = [
                (said.number(low), said.number(high or low), said.number(n))
                for _, low, high, n in found
            ]
            assert sorted(told_ranks) == sorted(ranks), href


def test_claims_rest_on_the_ranks_and_pairs_of_the_data_files(
    site: tuple[Inputs, Site],
) -> None:
    main = main_folder(*site)
    every = [
        (folder, kind, told(site[1], folder, kind))
        for folder in {"data/", main}
        for kind in said.KINDS
    ]
    for claim in said.rows(site[1], "data/claims.json"):
        for found in said.OF_CLAIM.finditer(claim["figures"]):
            _, _, n, low, high, apart, others = (
                said.number(x) if x and x[0].isdigit() else x for x in found.groups()
            )
            assert any(
                len(of.ranked) == n
                and (row["rank_low"], row["rank_high"]) == (low, high or low)
                and (sum(of.seen(key)[:2]), sum(of.seen(key))) == (apart, others)
                for _, _, of in every
                for key, row in of.ranked.items()
            ), claim


CHECKS = (
    test_ranks_tiers_and_pairs_of_data_files_agree,
    test_the_pairs_of_quants_are_those_of_models,
    test_lists_show_the_ranks_and_rates_of_the_data_files,
    test_sentences_on_pages_of_entities_count_the_pairs_of_the_data_files,
    test_sentences_of_lists_count_the_pairs_and_name_the_leaders,
    test_the_analysis_names_the_leaders_and_the_last_of_its_scope,
    test_a_combo_says_its_rank_in_every_sweep,
    test_claims_rest_on_the_ranks_and_pairs_of_the_data_files,
)
"""For sites that other tests have built."""


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_rows_changes_no_statement(seed: int) -> None:
    found, site = drawn(seed)
    turned = replace(found, records=Records.of(reversed([*found.records])))
    assert dict(build(turned)) == dict(site)
