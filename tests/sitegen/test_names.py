"""What entities are called, and where their pages live."""

from itertools import product

from sitegen.config import Settings, Sweep
from sitegen.keys import ComboKey, HarnessKey, ModelKey, QuantKey, TaskKey
from sitegen.metadata import HarnessInfo, Metadata, ModelInfo, TaskInfo
from sitegen.names import N_HUES, NEUTRAL, Names, names
from sitegen.policy import Policy
from sitegen.stats.results import results
from tests.records import record


def named(
    *combos: str,
    metadata: Metadata | None = None,
    settings: Settings | None = None,
    sweeps: tuple[str, ...] = ("",),
) -> Names:
    records = [record(c, sweep=s) for c, s in product(combos, sweeps)]
    computed = results(records, Policy(), default_sweep=None)
    return names(computed, metadata or Metadata(), settings or Settings())


def hues_of(found: Names) -> dict[str, int]:
    return {
        key.model: entity.hue
        for key, entity in found.entities.items()
        if isinstance(key, ModelKey)
    }


def test_a_title_stands_in_for_a_name_and_the_address_stays_that_of_the_name() -> None:
    found = named(
        "m/Q4/h",
        metadata=Metadata(
            models={"m": ModelInfo(title="Model M")},
            harnesses={"h": HarnessInfo(title="Harness H")},
            tasks={"t": TaskInfo(title="Task T")},
        ),
    )
    assert found[ComboKey("m", "Q4", "h")].text == "Model M Q4 + Harness H"
    assert found[TaskKey("t")].label == "Task T"
    assert found[ModelKey("m")].href == "models/m.html"
    assert found[QuantKey("m", "Q4")].href == "quants/m--q4.html"
    assert found[HarnessKey("h")].href == "harnesses/h.html"
    assert found[TaskKey("t")].href == "tasks/t.html"
    assert found[ComboKey("m", "Q4", "h")].href == "combos/m--q4--h.html"


def test_without_a_quant_a_model_and_its_model_quant_share_a_page() -> None:
    found = named("m//h")
    assert found[QuantKey("m", "")].href == found[ModelKey("m")].href
    assert found[QuantKey("m", "")].full == "m"


def test_no_two_entities_share_a_page() -> None:
    found = named("a b/Q/h", "a-b/Q/h", "A B/Q/h", "a/b-q/h", "index/../h")
    for kind in (ModelKey, HarnessKey, TaskKey, ComboKey):
        pages = [e.href for key, e in found.entities.items() if type(key) is kind]
        assert pages
        assert len(set(pages)) == len(pages)
        assert not {"models/index.html", "harnesses/index.html"} & set(pages)


def test_the_largest_families_have_hues_and_the_rest_share_the_neutral_one() -> None:
    families = [f"family {i}" for i in range(N_HUES + 2)]
    models = {
        f"m{i}-{copy}": ModelInfo(family=family)
        for i, family in enumerate(families)
        for copy in range(2 if i == 4 else 1)
    }
    found = named(*(f"{m}//h" for m in models), metadata=Metadata(models=models))
    assert (
        found.families
        == ("family 4", *(f for f in families if f != "family 4"))[:N_HUES]
    )
    hues = hues_of(found)
    assert hues["m4-0"] == hues["m4-1"] == 1
    assert hues["m0-0"] == 2
    assert hues["m6-0"] == hues["m5-0"] == NEUTRAL


def test_without_any_family_there_is_no_hue() -> None:
    found = named("m//h", "n//h")
    assert set(hues_of(found).values()) == {0}


def test_a_model_of_unknown_family_is_neutral_beside_one_whose_family_is_known() -> (
    None
):
    found = named(
        "m//h", "n//h", metadata=Metadata(models={"m": ModelInfo(family="F")})
    )
    assert hues_of(found) == {
        "m": 1,
        "n": NEUTRAL,
    }


def test_a_sweep_is_called_by_its_label_or_by_its_name() -> None:
    found = named(
        "m//h",
        sweeps=("q4", "q8"),
        settings=Settings(sweeps={"q4": Sweep(label="4-bit")}),
    )
    assert found.scope_text("q4") == "4-bit"
    assert found.scope_text("q8") == "sweep q8"
    assert found.scope_text(None) == "all trials"


def test_no_sweep_takes_a_folder_that_the_site_has_already() -> None:
    taken = ("all", "schema", "models", "harnesses", "tasks", "combos", "quants")
    found = named("m//h", sweeps=taken)
    slugs = {
        entity.href.removeprefix("sweeps/")[:-5] for entity in found.sweeps.values()
    }
    assert slugs.isdisjoint(taken)
    assert len(slugs) == len(taken)
