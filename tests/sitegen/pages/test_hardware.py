"""The page that says what ran on which hardware, and when there is none."""

from harness_bench.schema import Record
from sitegen.build import build
from tests.records import inputs, record
from tests.sites import page_text

PAGE = "hardware.html"


def ran(model: str, hardware: str | None, speed: float, n: int = 6) -> list[Record]:
    return [
        record(
            f"{model}//pi",
            f"t{i}",
            hardware=hardware,
            tokens_per_s=speed,
            agent_time_s=1000 / speed,
            passed=i < n - 1,
        )
        for i in range(n)
    ]


TWO = [
    *ran("small", "secret gpu", 100),
    *ran("large", "secret gpu", 40),
    *ran("huge", "secret cpu", 2, n=4),
    *ran("huge-q", None, 5, n=3),
]


def test_each_kind_of_hardware_has_its_models_with_times_of_their_own() -> None:
    site = build(inputs(TWO))
    text = page_text(site, PAGE)
    said = (
        "Trials ran on 2 kinds of hardware, and some on hardware that is not recorded"
    )
    assert f"{said}. Names are not" in text.replace("  ", " ")
    assert f"{said}: what ran on which." in page_text(site, "models/index.html")
    _, first, second, unknown = text.split("Hardware ")[-4:]
    assert "1 12 trials, 2 combos and 2 models." in first
    assert "small 5 /6" in first
    assert "25 s 40.0 tok/s" in first
    assert "huge" not in first
    assert second.startswith("2 4 trials, 1 combo and 1 model.")
    assert "huge 3 /4" in second
    assert unknown.startswith("not recorded 3 trials, 1 combo and 1 model.")
    assert b"secret" not in site[PAGE]


def test_a_model_on_two_machines_has_no_speed_over_both_but_one_on_each() -> None:
    more = [*ran("small", "gpu", 100), *ran("small", "cpu", 10, n=4)]
    text = page_text(build(inputs(more)), PAGE)
    assert "10 s 100 tok/s" in text
    assert "100 s 10.0 tok/s" in text


def test_without_two_kinds_or_with_private_cells_there_is_no_such_page() -> None:
    for site in (
        build(inputs(ran("m", "gpu", 10))),
        build(inputs([*ran("m", None, 10), *ran("k", None, 10)])),
        build(inputs(TWO, cells=False)),
    ):
        assert PAGE not in site
        assert "which hardware" not in page_text(site, "models/index.html")
