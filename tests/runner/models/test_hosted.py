"""Vendors' models: their keys, their prices, and how busy they are."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from aiohttp import web

from harness_bench.errors import ModelError, SettingsError
from runner.models.hosted import Hosted
from runner.models.prices import Prices
from runner.pack_file import read_pack
from runner.proxy.back_off import BackOff
from runner.proxy.metering import Refusal, Usage
from runner.proxy.proxy import Proxy
from runner.spec import read_spec
from sitegen.parsed import read
from tests.needs import needs
from tests.runner.models.vendors import KEY, SPIES, Vendor, everything_in
from tests.runner.talking import HIGH, a_task, logged, proxied, serving
from tests.runs import PRACTICE, runner_command, runner_environment

PRICES = {"in": 3.0, "out": 15.0, "cached": 0.3, "stored": 3.75}
OPENAI = Hosted(
    base_url="https://api.example.com/",
    protocol="openai",
    key_env="EXAMPLE_API_KEY",
    prices=PRICES,
)
CHAT = "/v1/chat/completions"
QUICK = BackOff(first_s=0.01, longest_s=0.05, total_s=1.0)
ASK = {"model": "m", "messages": [], "stream": True}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)


# Settings.


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"key_env": "NO_SUCH_KEY"}, "the variable NO_SUCH_KEY is not set; put the"),
        ({"key_env": KEY}, "key_env is not the name of a variable, expected one"),
        ({"base_url": "api.example.com"}, "base_url is 'api.example.com', expected"),
        ({"base_url": "http://api.example.com"}, "base_url is 'http://api.example.com"),
        ({"base_url": "https://h:port"}, "base_url is 'https://h:port', expected"),
        ({"base_url": "https://h/v1"}, "base_url is 'https://h/v1'; leave out /v1"),
        ({"base_url": f"https://{KEY}@h"}, "base_url holds more than an address"),
        ({"base_url": f"https://h?key={KEY}"}, "base_url holds more than an address"),
        ({"prices": {"in": 1.0}}, "prices.out is missing"),
        ({"prices": PRICES | {"out": -1.0}}, "prices.out is -1.0, expected dollars"),
        ({"prices": PRICES | {"up": 1.0}}, "prices has 'up', expected in, out,"),
    ],
)
def test_each_mistake_is_one_line_without_any_key(
    change: Mapping[str, Any], expected: str
) -> None:
    (problem,) = map(str, replace(OPENAI, **change).problems())
    assert problem.startswith(expected)
    assert KEY not in problem


def test_a_variable_that_holds_no_key_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", f"{KEY} and more")
    (problem,) = map(str, OPENAI.problems())
    assert problem.startswith("the variable EXAMPLE_API_KEY holds blanks or letters")
    assert KEY not in problem

    async def serve() -> None:
        async with OPENAI.serve():
            pass

    with pytest.raises(ModelError):
        asyncio.run(serve())


def test_a_key_in_the_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        f'[run]\npacks = ["{PRACTICE}"]\n[[model]]\nname = "m"\napi_key = "{KEY}"\n'
        'base_url = "https://h"\nprotocol = "openai"\nkey_env = "A_KEY"\n'
        '[[harness]]\nname = "mini"\n'
    )
    with pytest.raises(SettingsError) as caught:
        read_spec(path)
    assert "unknown key 'api_key'" in str(caught.value)
    assert KEY not in str(caught.value)


def test_the_vendor_is_known_and_the_key_is_in_nothing_that_is_shown(
    tmp_path: Path,
) -> None:
    async def serve() -> None:
        async with OPENAI.serve() as endpoint:
            assert endpoint.base_url(a_task(tmp_path), 0) == "https://api.example.com"
            assert endpoint.provenance.hardware == "hosted by api.example.com"
            assert endpoint.provenance.context_tokens is None
            assert endpoint.headers(CHAT) == {"Authorization": f"Bearer {KEY}"}
            assert KEY not in f"{endpoint!r} {endpoint.provenance!r} {OPENAI!r}"
        async with replace(OPENAI, protocol="anthropic").serve() as endpoint:
            assert endpoint.headers("/v1/models") == {"x-api-key": KEY}

    asyncio.run(serve())
    assert KEY not in str(OPENAI.identity())
    # Of an address that turns out to answer both, no trial is paid for again.
    other = replace(OPENAI, prices={}, key_env="ANOTHER_KEY", protocol="both")
    assert OPENAI.identity() == other.identity()


def test_what_a_hosted_model_can_hold_is_known_where_the_settings_say_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.toml"
    said = "context_tokens = 200_000\n"

    async def held(more: str) -> int | None:
        path.write_text(SETTINGS.format(packs=PRACTICE, more=more))
        (model,) = read_spec(path).models
        async with model.model.serve() as endpoint:
            return endpoint.provenance.context_tokens

    assert [asyncio.run(held(more)) for more in ("", said)] == [None, 200_000]


SETTINGS = """\
[run]
packs = ["{packs}"]
[[model]]
name = "m"
base_url = "https://api.example.com"
protocol = "openai"
key_env = "EXAMPLE_API_KEY"
{more}
[[harness]]
name = "mini"
"""


# Prices.


def test_the_cost_is_that_of_each_kind_of_token() -> None:
    prices = Prices(
        tokens_in=3.0, tokens_out=15.0, tokens_cached=0.3, tokens_stored=3.75
    )
    used = Usage(
        calls=1,
        tokens_in=1_000_000,
        tokens_cached=600_000,
        tokens_stored=100_000,
        tokens_out=200_000,
    )
    # 0.3 m new for 0.90, 0.6 m read for 0.18, 0.1 m stored for 0.375, 0.2 m for 3.00.
    assert prices.cost_usd(used) == 4.455
    assert prices.cost_usd(replace(used, tokens_cached=None, tokens_stored=None)) == 6.0
    assert prices.cost_usd(replace(used, tokens_in=None)) is None
    assert prices.cost_usd(Usage()) == 0.0


# Busy vendors.


def asked(
    folder: Path,
    vendor: Vendor,
    *,
    path: str = CHAT,
    back_off: BackOff = QUICK,
    times: int = 1,
    hosted: Hosted | None = None,
) -> tuple[Proxy, list[tuple[int, str]]]:
    """What a harness hears that asks so many times."""
    protocol: Literal["openai", "anthropic"] = "openai" if path == CHAT else "anthropic"
    asked_for = hosted or replace(OPENAI, protocol=protocol)

    async def ask() -> tuple[Proxy, list[tuple[int, str]]]:
        heard = []
        async with serving(vendor.answer) as url, asked_for.serve() as endpoint:
            between = proxied(
                folder, url, headers=endpoint.headers, back_off=back_off, limits=HIGH
            )
            async with between as (proxy, client):
                for _ in range(times):
                    async with client.post(path, json=ASK) as response:
                        heard.append((response.status, await response.text()))
        return proxy, heard

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        # 60 k × 3 + 40 k × 0.3 + 5 k × 15, a million
        (CHAT, 0.267),
        # the same and 20 k × 3.75
        ("/v1/messages", 0.342),
    ],
)
def test_a_busy_vendor_is_waited_for_and_billed_to_the_cent(
    tmp_path: Path, path: str, cost: float
) -> None:
    vendor = Vendor(busy=[(429, "0.2"), (529, None), (429, None)], pause_s=0.02)
    proxy, heard = asked(tmp_path, vendor, path=path)
    assert [status for status, _ in heard] == [200]
    assert proxy.usage().calls == 1
    assert not proxy.meter.upstream_failed_last
    # Waiting is the model's time: 0.2 s as asked, then 0.02 and 0.04; then the stream.
    assert proxy.usage().model_time_s > 0.2 + 0.02 + 0.04
    (call,) = logged(tmp_path)
    assert (call["outcome"], call["pauses"]) == ("answered", 3)
    prices = Prices(
        tokens_in=3.0, tokens_out=15.0, tokens_cached=0.3, tokens_stored=3.75
    )
    assert prices.cost_usd(proxy.usage()) == cost


def test_a_vendor_that_stays_busy_is_a_failure_in_the_end(tmp_path: Path) -> None:
    vendor = Vendor(busy=[(429, None)] * 1000)
    short = BackOff(first_s=0.01, longest_s=0.02, total_s=0.1)
    proxy, heard = asked(tmp_path, vendor, back_off=short, times=4)
    assert [status for status, _ in heard] == [429, 429, 429, 503]
    assert proxy.meter.stop is Refusal.UPSTREAM
    assert [call["outcome"] for call in logged(tmp_path)] == [
        *["upstream"] * 3,
        "refused",
    ]


def test_a_vendor_that_asks_for_hours_is_not_waited_for(tmp_path: Path) -> None:
    proxy, heard = asked(tmp_path, Vendor(busy=[(429, "7200")]))
    assert [status for status, _ in heard] == [429]
    assert proxy.meter.upstream_failed_last


def test_a_vendor_that_repeats_the_key_does_not_reach_the_harness_or_the_log(
    tmp_path: Path,
) -> None:
    _, heard = asked(tmp_path, Vendor(busy=[(400, None)]))
    assert [status for status, _ in heard] == [400]
    assert "[key]" in heard[0][1]
    assert KEY not in heard[0][1]
    assert KEY not in (tmp_path / "calls.jsonl").read_text()


BOTH = replace(OPENAI, protocol="both")


@pytest.mark.parametrize(
    ("path", "header"),
    [
        (CHAT, "Authorization"),
        ("/v1/responses", "Authorization"),
        ("/v1/messages", "x-api-key"),
        ("/v1/messages/count_tokens", "x-api-key"),
    ],
)
def test_a_vendor_of_both_protocols_is_shown_the_key_as_each_wants_it(
    tmp_path: Path, path: str, header: str
) -> None:
    keys: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        names = ("Authorization", "x-api-key")
        found = {
            name: request.headers[name] for name in names if name in request.headers
        }
        keys.append(found)
        # As some do: with the key that they were given.
        return web.json_response({"error": {"message": f"no: {found}"}}, status=400)

    async def ask() -> str:
        async with serving(answer) as url, BOTH.serve() as endpoint:
            between = proxied(tmp_path, url, headers=endpoint.headers)
            async with (
                between as (_, client),
                client.post(f"{path}?beta=true", json=ASK) as response,
            ):
                return await response.text()

    heard = asyncio.run(ask())
    assert [list(found) for found in keys] == [[header]]
    assert keys[0][header].endswith(KEY)
    assert "[key]" in heard
    assert KEY not in heard


def test_a_vendor_of_both_protocols_answers_harnesses_of_both(tmp_path: Path) -> None:
    for place, path in enumerate((CHAT, "/v1/messages")):
        folder = tmp_path / str(place)
        folder.mkdir()
        vendor = Vendor(busy=[(429, "0")])
        _, heard = asked(folder, vendor, path=path, hosted=BOTH)
        assert [status for status, _ in heard] == [200]


def test_money_that_is_spent_is_not_waited_for(tmp_path: Path) -> None:
    vendor = Vendor(busy=[(429, None)])

    async def broke(request: web.Request) -> web.StreamResponse:
        await vendor.answer(request)
        error = {"type": "insufficient_quota", "code": "insufficient_quota"}
        return web.json_response({"error": error}, status=429)

    async def ask() -> int:
        async with serving(broke) as url, OPENAI.serve() as endpoint:
            between = proxied(tmp_path, url, headers=endpoint.headers)
            async with between as (_, client), client.post(CHAT, json=ASK) as response:
                return response.status

    assert asyncio.run(ask()) == 429
    assert vendor.asked == 1


@pytest.mark.parametrize(
    ("number", "asked_for", "waited_s", "expected"),
    [
        (0, None, 0.0, 1.0),
        (3, None, 7.0, 8.0),
        (20, None, 100.0, 60.0),
        (20, None, 599.0, None),
        (0, "30", 0.0, 30.0),
        (0, "1.5", 0.0, 1.5),
        (0, "-4", 0.0, 0.0),
        (0, "601", 0.0, None),
        (2, "soon", 0.0, 4.0),
        (2, "inf", 0.0, 4.0),
        (0, "Sat, 01 Jan 2000 00:00:00 GMT", 0.0, 0.0),
    ],
)
def test_pauses_grow_unless_the_server_says_how_long(
    number: int, asked_for: str | None, waited_s: float, expected: float | None
) -> None:
    found = BackOff().pause_s(number, asked=asked_for, waited_s=waited_s)
    assert found == expected


def test_a_date_to_come_is_waited_for() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = BackOff().pause_s(0, asked=soon, waited_s=0.0)
    assert found is not None
    assert 85 < found <= 90


# Consent.


def test_a_pack_may_be_sent_away_only_where_it_says_so(tmp_path: Path) -> None:
    assert not read_pack(tmp_path).pack.allow_hosted
    (tmp_path / "pack.toml").write_text("[pack]\nallow_hosted = true\n")
    assert read_pack(tmp_path).pack.allow_hosted
    (tmp_path / "pack.toml").write_text('[pack]\nallow_hosted = "yes"\n')
    with pytest.raises(SettingsError) as caught:
        read_pack(tmp_path)
    assert str(caught.value) == (
        "pack.toml: [pack] allow_hosted is 'yes', expected true or false"
    )
    assert read_pack(PRACTICE).pack.allow_hosted


SPEC = """\
[run]
name = "hosted"
packs = ["{pack}"]
tasks = ["p1_page_ranges"]

[limits]
agent_s = 30
grader_s = 30

[[model]]
name = "vendor-1"
base_url = "{url}"
protocol = "openai"
key_env = "EXAMPLE_API_KEY"
prices = {{ in = 3.0, out = 15.0, cached = 0.3 }}

[[harness]]
name = "mini"
"""


def run_with(
    folder: Path, pack: Path, vendor: Vendor
) -> subprocess.CompletedProcess[str]:
    """The real runner against a vendor that is served meanwhile."""

    async def run() -> subprocess.CompletedProcess[str]:
        async with serving(vendor.answer) as url:
            spec = folder / "run.toml"
            spec.write_text(SPEC.format(pack=pack, url=url))
            process = await asyncio.create_subprocess_exec(
                *runner_command("run", spec, "--run", "kept"),
                cwd=folder,
                env=runner_environment(EXAMPLE_API_KEY=KEY),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            said, told = await process.communicate()
            return subprocess.CompletedProcess(
                "run", process.returncode or 0, said.decode(), told.decode()
            )

    return asyncio.run(run())


@pytest.mark.e2e
def test_a_planted_key_is_in_no_sandbox_log_ledger_archive_or_page(
    tmp_path: Path,
) -> None:
    needs("bwrap")
    spies = f"({SPIES}) > spied.txt 2>/dev/null; env"
    vendor = Vendor(busy=[(429, "0"), (529, "0")], command=spies)
    done = run_with(tmp_path, PRACTICE, vendor)
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    (record,) = read((tmp_path / "kept" / "cells.csv").read_bytes())
    assert record.cost_usd == 0.534
    assert record.hardware is not None
    assert record.hardware.startswith("hosted by 127.0.0.1")
    assert (record.calls, record.tokens_in, record.tokens_out) == (2, 200_000, 10_000)
    site = subprocess.run(
        [sys.executable, "-m", "sitegen", "build", "kept", "--out", "site"],
        cwd=tmp_path,
        env={**os.environ, **runner_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert site.returncode == 0, site.stderr
    method = (tmp_path / "site" / "methodology.html").read_text()
    assert "vendor-1 is answered by 127.0.0.1" in method
    files = everything_in(tmp_path)
    assert len(files) > 20
    # What the agent saw is there: its own environment, of every process it could see.
    assert any(b"HOME=/home/agent" in content for content in files.values())
    holding = [path for path, content in files.items() if KEY.encode() in content]
    assert holding == []
    # And what the model was told of it.
    assert KEY not in json.dumps(vendor.bodies)
    assert "HOME=/home/agent" in json.dumps(vendor.bodies)


@pytest.mark.e2e
def test_a_pack_without_consent_is_sent_to_nobody(tmp_path: Path) -> None:
    needs("bwrap")
    pack = tmp_path / "secret"
    pack.mkdir()
    (pack / "p1_page_ranges").symlink_to(PRACTICE / "p1_page_ranges")
    vendor = Vendor()
    done = run_with(tmp_path, pack, vendor)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "secret: its tasks would be sent to the vendor of vendor-1;"
        f" allow_hosted = true below [pack] in {pack}/pack.toml allows it"
    )
    assert vendor.asked == 0
    assert not (tmp_path / "kept").exists()
