"""What a preview answers, without a socket."""

import json
import threading
from http import HTTPStatus

import pytest

from sitegen.preview import (
    CLIENT,
    CLIENT_SCRIPT,
    EVENTS,
    Answer,
    Preview,
    event,
    respond,
)
from sitegen.site import Site

PAGE = b"<!doctype html><body><p>Home</p></BODY></html>"
SITE: Site = {
    "index.html": PAGE,
    "404.html": b"<body>lost</body>",
    "models/index.html": b"<body>models</body>",
    "models/a b.html": b"no end",
    "data/combos.csv": b"a,b\n</body>\n",
    "assets/x.woff2": b"\0",
    "assets/x.unknown": b"\0",
}


def shown(site: Site = SITE) -> Preview:
    """A preview after a good build."""
    preview = Preview()
    preview.succeed(site)
    return preview


def get(target: str, site: Site = SITE) -> Answer:
    return respond(shown(site).state, target)


@pytest.mark.parametrize(
    ("target", "content_type", "start"),
    [
        ("/", "text/html; charset=utf-8", b"<!doctype"),
        ("/index.html?x=1", "text/html; charset=utf-8", b"<!doctype"),
        ("/models/", "text/html; charset=utf-8", b"<body>models"),
        ("/models/a%20b.html", "text/html; charset=utf-8", b"no end"),
        ("/assets/x.woff2", "font/woff2", b"\0"),
        ("/assets/x.unknown", "application/octet-stream", b"\0"),
        (CLIENT, "text/javascript; charset=utf-8", b"// Reloads"),
    ],
)
def test_a_path_is_answered_with_its_file(
    target: str, content_type: str, start: bytes
) -> None:
    answer = get(target)
    assert answer.status is HTTPStatus.OK
    assert answer.content_type == content_type
    assert answer.body.startswith(start)


def test_pages_get_the_client_before_the_end_of_their_body() -> None:
    version = shown().state.version
    script = f'<script src="{CLIENT}" data-version="{version}" defer></script>'
    assert get("/").body == PAGE.replace(b"</BODY>", script.encode() + b"</BODY>")
    assert get("/models/a%20b.html").body == b"no end" + script.encode()


def test_other_files_are_served_as_they_are() -> None:
    assert get("/data/combos.csv").body == SITE["data/combos.csv"]


def test_a_folder_without_its_slash_leads_to_the_one_with_it() -> None:
    answer = get("/models?sort=rate")
    assert (answer.status, answer.location) == (302, "/models/?sort=rate")


def test_a_redirect_stays_on_this_server() -> None:
    answer = get("//evil.example?x", {"evil.example/index.html": b"", **SITE})
    assert answer.location == "/evil.example/?x"


@pytest.mark.parametrize(
    "target",
    [
        "/missing.html",
        "/models/index.html/",
        "/../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2fetc%2fpasswd",
        "//etc/passwd",
        "/%ff",
        "/%00",
        "/.harness-bench/",
    ],
)
def test_what_is_not_in_the_site_is_not_found(target: str) -> None:
    answer = get(target)
    assert answer.status is HTTPStatus.NOT_FOUND
    assert answer.body.startswith(b"<body>lost<script")


def test_a_site_without_a_page_for_it_still_says_not_found() -> None:
    answer = get("/missing", {"index.html": PAGE})
    assert answer.status is HTTPStatus.NOT_FOUND
    assert b"Not found" in answer.body


def test_before_the_first_good_site_every_path_shows_the_problems() -> None:
    preview = Preview()
    preview.fail("cells.csv:2: <b>passed</b> is 2, expected 0 or 1", "cells.csv:3: x")
    for target in ("/", "/models/", "/nothing"):
        answer = respond(preview.state, target)
        assert answer.status is HTTPStatus.SERVICE_UNAVAILABLE
        assert b"cells.csv:2: &lt;b&gt;passed&lt;/b&gt; is 2" in answer.body
        assert b"<li>cells.csv:3: x</li>" in answer.body
        assert preview.state.version.encode() in answer.body


def test_before_the_first_trial_every_path_says_so() -> None:
    preview = shown({})
    for target in ("/", "/models/oracle.html"):
        answer = respond(preview.state, target)
        assert answer.status is HTTPStatus.OK
        assert b"<h1>No finished trials yet</h1>" in answer.body
        assert preview.state.version.encode() in answer.body


def test_the_first_trial_reloads_a_page_that_waits_for_it() -> None:
    preview = shown({})
    waiting = preview.state.version
    assert not preview.succeed({})
    assert preview.succeed(SITE)
    assert preview.state.version != waiting


def test_a_failed_build_keeps_the_site_and_its_version() -> None:
    preview = shown()
    before = preview.state
    preview.fail("cells.csv:2: wrong")
    assert preview.state.site == SITE
    assert preview.state.version == before.version
    assert json.loads(event(preview.state).removeprefix(b"data: ")) == {
        "version": before.version,
        "problems": ["cells.csv:2: wrong"],
    }


def test_other_problems_reload_a_page_that_shows_only_problems() -> None:
    preview = Preview()
    preview.fail("one")
    first = preview.state.version
    preview.fail("another")
    assert preview.state.version != first
    assert b'"problems": []' in event(preview.state)


def test_an_event_is_one_line_whatever_a_problem_holds() -> None:
    preview = shown()
    preview.fail("line\nbreak\r and \N{LINE SEPARATOR}")
    assert event(preview.state).strip().count(b"\n") == 0
    assert event(preview.state).endswith(b"\n\n")


def test_equal_sites_have_one_version_and_different_ones_do_not() -> None:
    preview = shown({"a": b"1", "b": b"2"})
    assert not preview.succeed({"b": b"2", "a": b"1"})
    assert preview.succeed({"a": b"12", "b": b""})
    assert preview.succeed({"a": b"1", "b2": b""})


def test_whoever_waits_is_woken_by_a_change() -> None:
    preview = shown()
    before = preview.state
    threading.Timer(0.05, preview.fail, ["broken"]).start()
    after = preview.wait_for_change(before, timeout_s=30)
    assert after.problems == ("broken",)
    assert preview.wait_for_change(after, timeout_s=0) is after


def test_the_client_listens_where_the_server_tells() -> None:
    assert f'EventSource("{EVENTS}")' in CLIENT_SCRIPT
