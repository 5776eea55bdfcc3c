import os
from pathlib import Path

from runner.box.order import Far, Order, pack, unpack
from runner.models.hosted import Hosted
from runner.models.script import Script
from runner.models.scripted import Scripted


def test_paths_are_those_of_the_box_and_go_in_with_the_order(tmp_path: Path) -> None:
    one, two, run = tmp_path / "a/pack", tmp_path / "b/pack", tmp_path / "run"
    for folder in (one, two, run):
        folder.mkdir(parents=True)
    given = {"packs": (one, two, one), "run": run / "x", "none": Path("/no/such")}
    packed = pack(Order(target="m:c", given=given), places={run: "/box/run"}, root="/b")
    found = unpack(packed.data, lambda far: far)
    assert found.given["packs"] == tuple(
        map(Path, ("/b/in/0/pack", "/b/in/1/pack", "/b/in/0/pack"))
    )
    assert found.given["run"] == Path("/box/run/x")
    assert found.given["none"] == Path("/no/such")
    assert packed.files == {"in/0/pack": one, "in/1/pack": two}


def test_no_key_and_no_address_is_in_what_goes_in() -> None:
    os.environ["BOX_TEST_KEY"] = "sk-very-secret"
    try:
        hosted = Hosted(
            base_url="https://api.example.com", protocol="both", key_env="BOX_TEST_KEY"
        )
        scripted = Scripted(script=Script.ORACLE)
        order = Order(target="m:c", given={"models": (hosted, scripted, hosted)})
        packed = pack(order, places={}, root="/box")
    finally:
        del os.environ["BOX_TEST_KEY"]
    assert b"sk-very-secret" not in packed.data
    assert b"BOX_TEST_KEY" not in packed.data
    far, kept, again = unpack(packed.data, lambda far: far).given["models"]
    assert far is again
    assert kept == scripted
    assert far == Far(
        number=0,
        is_hosted=True,
        identity={"base_url": "https://api.example.com"},
        answers=hosted.answers,
        kind="remote",
    )
    assert packed.models == (hosted,)
