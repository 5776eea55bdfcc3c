"""A preview over real sockets, with real files that change."""

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness_bench.errors import BenchError, SchemaError
from sitegen.serve import Check, Restyling, previewing
from sitegen.site import Site


class Sandbox:
    """A folder with a small input, a build that reads it, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.csv = folder / "in" / "cells.csv"
        self.csv.parent.mkdir()
        self.csv.write_text("one")
        self.said: list[str] = []

    def build(self) -> tuple[Site, Sequence[Path]]:
        if not self.csv.exists():
            return {}, ()
        text = self.csv.read_text()
        if text == "broken":
            raise SchemaError("cells.csv:2: passed is 2, expected 0 or 1")
        if text == "bug":
            raise ZeroDivisionError(text)
        parts = [
            file.read_text()
            for file in sorted(self.folder.rglob("*"))
            if file.name in {"models.csv", "page.html", "notes.txt"}
        ]
        page = f"<body>{text} {' '.join(parts)}</body>"
        site = {"index.html": page.encode(), "404.html": b"<body>lost</body>"}
        return site, [self.csv, self.folder / "notes" / "notes.txt"]


class Browser:
    """A client without an opinion: it asks, and it listens to events."""

    def __init__(self, url: str) -> None:
        self.port = int(url.rstrip("/").rpartition(":")[2])

    def request(
        self, method: str, target: str, *hosts: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, target, skip_host=True)
        for host in hosts:
            connection.putheader("Host", host)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, dict(response.headers), body

    def get(self, target: str) -> tuple[int, dict[str, str], bytes]:
        return self.request("GET", target, f"127.0.0.1:{self.port}")

    def home(self) -> bytes:
        return self.get("/")[2]

    @contextmanager
    def events(self) -> Iterator[Iterator[dict[str, object]]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/.harness-bench/events")
        response = connection.getresponse()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        try:
            yield (
                json.loads(line.removeprefix(b"data: "))
                for line in response
                if line.startswith(b"data: ")
            )
        finally:
            response.close()
            connection.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


@contextmanager
def browsing(sandbox: Sandbox, *templates: Path) -> Iterator[Browser]:
    with previewing(
        sandbox.build,
        watch=[sandbox.csv],
        templates=templates,
        port=0,
        say=sandbox.said.append,
    ) as url:
        yield Browser(url)


# Requests


def test_the_page_is_served_and_not_kept_by_the_browser(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser:
        status, headers, body = browser.get("/")
    assert status == 200
    assert body.startswith(b"<body>one <script src=")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Length"] == str(len(body))


def test_head_is_get_without_a_body(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser:
        _, of_get, body = browser.get("/")
        status, of_head, nothing = browser.request("HEAD", "/", "localhost")
    assert (status, nothing) == (200, b"")
    assert of_head["Content-Length"] == of_get["Content-Length"] == str(len(body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(sandbox: Sandbox, method: str) -> None:
    with browsing(sandbox) as browser:
        assert browser.request(method, "/", "localhost")[0] == 501


@pytest.mark.parametrize(
    "hosts",
    [
        ["localhost"],
        ["LOCALHOST:8000"],
        ["127.0.0.1"],
        ["127.0.0.1:1"],
        ["[::1]:8000"],
    ],
)
def test_names_of_this_machine_are_answered(sandbox: Sandbox, hosts: list[str]) -> None:
    with browsing(sandbox) as browser:
        assert browser.request("GET", "/", *hosts)[0] == 200


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.example"],
        ["localhost.evil.example"],
        ["127.0.0.1.evil.example:8000"],
        ["[::2]"],
        ["localhost", "evil.example"],
        ["evil.example", "localhost"],
        ["localhost@evil.example"],
    ],
)
@pytest.mark.parametrize("target", ["/", "/.harness-bench/events"])
def test_a_name_of_another_machine_is_refused(
    sandbox: Sandbox, hosts: list[str], target: str
) -> None:
    with browsing(sandbox) as browser:
        status, _, body = browser.request("GET", target, *hosts)
    assert status == 403
    assert b"one" not in body


@pytest.mark.parametrize(
    "target", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cetc"]
)
def test_no_path_leads_out_of_the_site(sandbox: Sandbox, target: str) -> None:
    with browsing(sandbox) as browser:
        status, _, body = browser.get(target)
    assert status == 404
    assert body.startswith(b"<body>lost")


def test_other_addresses_of_this_machine_do_not_answer(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser:
        for address in ("127.0.0.2", "::1"):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family) as tried:
                tried.settimeout(1)
                assert tried.connect_ex((address, browser.port)) != 0


# Changes


def test_a_change_reaches_an_open_page(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        first = next(events)
        sandbox.csv.write_text("two")
        second = next(events)
        assert second["version"] != first["version"]
        assert second["problems"] == []
        assert browser.home().startswith(b"<body>two")


def test_a_broken_input_keeps_the_page_and_says_why_until_it_is_mended(
    sandbox: Sandbox,
) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        good = next(events)
        sandbox.csv.write_text("broken")
        broken = next(events)
        assert broken["version"] == good["version"]
        assert broken["problems"] == ["cells.csv:2: passed is 2, expected 0 or 1"]
        assert browser.home().startswith(b"<body>one")
        assert "cells.csv:2: passed is 2" in sandbox.said[-1]
        sandbox.csv.write_text("one")
        assert next(events) == good


def test_a_file_that_is_replaced_as_editors_do_is_noticed(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        aside = sandbox.csv.with_name("cells.csv.swp")
        aside.write_text("two")
        aside.replace(sandbox.csv)
        next(events)
        assert browser.home().startswith(b"<body>two")


def test_metadata_that_appears_is_noticed(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        sandbox.csv.with_name("models.csv").write_text("new metadata")
        next(events)
        assert b"new metadata" in browser.home()


def replaced(path: Path, text: str) -> None:
    """Put a file in place as a runner does: whole, or not at all."""
    aside = path.with_name(f".{path.name}.partial")
    aside.write_text(text)
    aside.replace(path)


def test_a_run_without_results_is_waited_for(sandbox: Sandbox) -> None:
    sandbox.csv.unlink()
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        assert b"No finished trials yet" in browser.home()
        assert sandbox.said == ["no finished trials yet"]
        for text in ("one trial", "two trials"):
            replaced(sandbox.csv, text)
            next(events)
            assert browser.home().startswith(f"<body>{text}".encode())


def test_a_folder_that_does_not_exist_yet_is_waited_for(sandbox: Sandbox) -> None:
    sandbox.csv = sandbox.folder / "runs" / "2026-11" / "cells.csv"
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        sandbox.csv.parent.mkdir(parents=True)
        replaced(sandbox.csv, "first")
        next(events)
        assert browser.home().startswith(b"<body>first")


@pytest.mark.parametrize("moved", [True, False])
def test_a_run_folder_that_is_made_anew_is_followed(
    sandbox: Sandbox,
    moved: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    folder = sandbox.csv.parent
    # As a command is told of a run: by its folder.
    with (
        previewing(
            sandbox.build, watch=[folder, sandbox.csv], say=sandbox.said.append
        ) as url,
        Browser(url).events() as events,
    ):
        next(events)
        if moved:
            folder.rename(folder.with_name("before"))
        else:
            sandbox.csv.unlink()
            folder.rmdir()
        next(events)
        assert b"No finished trials yet" in Browser(url).home()
        folder.mkdir()
        for text in ("anew", "and on"):
            replaced(sandbox.csv, text)
            next(events)
            assert Browser(url).home().startswith(f"<body>{text}".encode())


def test_what_else_a_run_writes_starts_no_build(sandbox: Sandbox) -> None:
    with (
        previewing(
            sandbox.build,
            watch=[sandbox.csv.parent, sandbox.csv],
            say=sandbox.said.append,
        ) as url,
        Browser(url).events() as events,
    ):
        next(events)
        for number in range(20):
            trace = sandbox.csv.parent / "traces" / f"{number}" / "calls.jsonl"
            trace.parent.mkdir(parents=True)
            trace.write_text("{}")
            time.sleep(0.02)
        time.sleep(0.5)
        assert len(sandbox.said) == 1
        replaced(sandbox.csv, "two")
        next(events)
    assert len(sandbox.said) == 2


def test_a_template_is_watched(sandbox: Sandbox) -> None:
    page = sandbox.folder / "templates" / "partials" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text("old template")
    with (
        browsing(sandbox, sandbox.folder / "templates") as browser,
        browser.events() as events,
    ):
        next(events)
        page.write_text("new template")
        next(events)
        assert b"new template" in browser.home()


def test_a_file_that_only_the_build_knows_is_watched(sandbox: Sandbox) -> None:
    notes = sandbox.folder / "notes" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("old notes")
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        notes.write_text("new notes")
        next(events)
        assert b"new notes" in browser.home()


def test_the_target_of_a_link_is_watched(sandbox: Sandbox) -> None:
    real = sandbox.folder / "elsewhere" / "data"
    real.parent.mkdir()
    sandbox.csv.rename(real)
    sandbox.csv.symlink_to(real)
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        real.write_text("two")
        next(events)
        assert browser.home().startswith(b"<body>two")


def test_changes_in_quick_succession_are_one_build(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        for number in range(20):
            sandbox.csv.write_text(f"change {number}")
        next(events)
        assert browser.home().startswith(b"<body>change 19")
    assert len(sandbox.said) <= 3


def test_reading_the_inputs_does_not_start_the_next_build(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        sandbox.csv.write_text("two")
        next(events)
        sandbox.csv.read_text()
        sandbox.csv.with_name("unrelated.log").write_text("noise")
        sandbox.csv.write_text("three")
        next(events)
    assert len(sandbox.said) == 3


def test_a_failing_first_build_shows_its_problems_and_recovers(
    sandbox: Sandbox,
) -> None:
    sandbox.csv.write_text("broken")
    with browsing(sandbox) as browser, browser.events() as events:
        broken = next(events)
        status, _, body = browser.get("/")
        assert status == 503
        assert b"passed is 2, expected 0 or 1" in body
        sandbox.csv.write_text("mended")
        assert next(events)["version"] != broken["version"]
        assert browser.home().startswith(b"<body>mended")


def test_a_bug_prints_its_traceback_and_the_preview_goes_on(sandbox: Sandbox) -> None:
    with browsing(sandbox) as browser, browser.events() as events:
        next(events)
        sandbox.csv.write_text("bug")
        assert next(events)["problems"] == [
            "a bug (see the terminal): ZeroDivisionError: bug"
        ]
        assert sandbox.said[-1].startswith("Traceback (most recent call last)")
        assert browser.home().startswith(b"<body>one")
        sandbox.csv.write_text("two")
        next(events)
        assert browser.home().startswith(b"<body>two")


def test_a_page_hears_that_the_preview_ended(sandbox: Sandbox) -> None:
    with ExitStack() as open_page:
        with browsing(sandbox) as browser:
            events = open_page.enter_context(browser.events())
            next(events)
        assert next(events)["problems"] == ["the preview was stopped"]
        assert list(events) == []


def test_a_port_that_is_taken_is_one_clear_line(sandbox: Sandbox) -> None:
    with (
        browsing(sandbox) as browser,
        pytest.raises(BenchError) as caught,
        previewing(sandbox.build, watch=[], port=browser.port, say=sandbox.said.append),
    ):
        pass
    assert str(caught.value) == (
        f"port {browser.port}: address already in use; --port 0 finds a free one"
    )


def test_without_a_port_two_previews_find_two(sandbox: Sandbox) -> None:
    one = previewing(sandbox.build, watch=[], say=sandbox.said.append)
    other = previewing(sandbox.build, watch=[], say=sandbox.said.append)
    with one as first, other as second:
        assert first != second
        assert Browser(first).home() == Browser(second).home()


def test_only_what_is_no_style_builds_the_whole_site_again(tmp_path: Path) -> None:
    csv, page, style = (tmp_path / name / "x.html" for name in ("in", "t", "t/assets"))
    for path in (csv, page, style.with_suffix(".css")):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    for path in (*tmp_path.rglob("*"), tmp_path):
        os.utime(path, (1e9, 1e9))
    made: list[str] = []
    checked: list[Site] = []

    def whole() -> tuple[Site, list[Path], Check]:
        made.append("whole")
        return {"index.html": b"1", "assets/site.css": b"old"}, [csv], checked.append

    def restyled(site: Site) -> Site:
        made.append("style")
        return {**site, "assets/site.css": b"new"}

    build = Restyling(whole, restyled, [], [tmp_path / "t"])
    assert build()[0]["assets/site.css"] == b"old"
    assert build() == ({"index.html": b"1", "assets/site.css": b"new"}, [csv])
    os.utime(page, (1e9, 1e9 + 1))
    build()
    os.utime(csv, (1e9, 1e9 + 1))
    build()
    page.touch()  # while it is built: what was read may be older
    build()
    build()
    assert made == ["whole", "style", "whole", "whole", "whole", "whole"]
    assert len(checked) == len(made)
