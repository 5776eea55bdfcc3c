"""What a preview answers: the last good site, and what is wrong since.

No sockets here: `respond` is a function from a state and a path to an answer, and
`Preview` hands the state from the thread that builds to the threads that answer.
"""

import hashlib
import html
import json
import threading
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, unquote

from sitegen.site import Site

EVENTS: Final = "/.harness-bench/events"
"""Where pages listen; no path of a site starts with a dot."""

CLIENT: Final = "/.harness-bench/client.js"

CONTENT_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
        ".gz": "application/gzip",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".webmanifest": "application/manifest+json; charset=utf-8",
        ".woff2": "font/woff2",
        ".xml": "application/xml; charset=utf-8",
    }
)
"""Our own table: the standard library's depends on files of the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the preview shows at one moment."""

    site: Site
    """The last good one; empty before there is one, and before the first trial."""
    version: str
    """Equal for states that look the same in a browser, after a restart too."""
    problems: tuple[str, ...]
    """Why the last build failed; empty when it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    status: HTTPStatus
    content_type: str
    body: bytes
    location: str | None = None
    """Where a redirect leads."""


class Preview:
    """Hands the state of the preview from the builder to whoever shows it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._state = _state(site={}, problems=())

    @property
    def state(self) -> State:
        """What is shown now."""
        return self._state

    def succeed(self, site: Site) -> bool:
        """Show a new site; whether it differs from the one before."""
        before, new = self._state, _state(site, ())
        self._set(new)
        return new.version != before.version

    def fail(self, *problems: str) -> None:
        """Keep the last good site and say why it is not the newest."""
        self._set(_state(self._state.site, problems))

    def wait_for_change(self, seen: State, *, timeout_s: float) -> State:
        """The state once it is another than the one seen, or when time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._state is not seen, timeout_s)
            return self._state

    def _set(self, state: State) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()


def _state(site: Site, problems: tuple[str, ...]) -> State:
    """A state with its version: a hash of the site, or of the page in its place."""
    shown = site or {"": "\n".join(problems).encode()}
    digest = hashlib.sha256()
    for path in sorted(shown):
        for part in (path.encode(), shown[path]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return State(site=site, version=digest.hexdigest(), problems=problems)


def event(state: State) -> bytes:
    """What pages are told: the version to show and why there is no newer one."""
    # Without any good site the problems are the page.
    problems = state.problems if state.site else ()
    data = json.dumps({"version": state.version, "problems": problems})
    return f"data: {data}\n\n".encode()


def respond(state: State, target: str) -> Answer:
    """Answer a request for a path of the site, with or without a query.

    The site is a mapping, so that no path can lead out of it.
    """
    raw, mark, query = target.partition("?")
    if raw == CLIENT:
        return _file("client.js", CLIENT_SCRIPT.encode())
    site = state.site
    if not site:
        # There has never been a good one, or a run has no finished trial yet.
        soon = "<p>The site appears here as soon as the first trial has ended.</p>"
        if not state.problems:
            return _page(state, "No finished trials yet", soon)
        items = "".join(f"<li>{html.escape(each)}</li>" for each in state.problems)
        mend = "<p>This page reloads when the problems are mended.</p>"
        page = _page(state, "The site cannot be built", f"<ul>{items}</ul>{mend}")
        return replace(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    path = unquote(raw).lstrip("/")
    if f"{path}/index.html" in site:
        # Relative links of the page would miss a folder without the last slash.
        return Answer(
            status=HTTPStatus.FOUND,
            content_type="text/plain; charset=utf-8",
            body=b"",
            location=f"/{quote(path)}/{mark}{query}",
        )
    if path.endswith("/") or not path:
        path += "index.html"
    if path in site:
        return _file(path, _with_client(path, site[path], state.version))
    missing = site.get("404.html", b"<!doctype html><title>Not found</title>Not found")
    body = _with_client("404.html", missing, state.version)
    return replace(_file("404.html", body), status=HTTPStatus.NOT_FOUND)


def _file(path: str, body: bytes) -> Answer:
    suffix = PurePosixPath(path).suffix.lower()
    content_type = CONTENT_TYPES.get(suffix, "application/octet-stream")
    return Answer(status=HTTPStatus.OK, content_type=content_type, body=body)


def _with_client(path: str, body: bytes, version: str) -> bytes:
    """The page and, before the end of its body, our script; other files as is."""
    if not path.endswith(".html"):
        return body
    script = f'<script src="{CLIENT}" data-version="{version}" defer></script>'
    at = body.lower().rfind(b"</body>")
    at = len(body) if at < 0 else at
    return body[:at] + script.encode() + body[at:]


def _page(state: State, heading: str, content: str) -> Answer:
    """A page in place of the site."""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{heading}</title>"
        "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"
        "margin:3rem auto;padding:0 1rem}:root{color-scheme:light dark}"
        "li{font-family:ui-monospace,monospace;overflow-wrap:anywhere}</style>"
        f"<body><h1>{heading}</h1>{content}</body></html>"
    )
    return _file("page.html", _with_client("page.html", page.encode(), state.version))


CLIENT_SCRIPT: Final = Path(__file__).with_suffix(".js").read_text("utf-8")
"""What a page runs in a preview; classic, because a module does not know its tag."""
