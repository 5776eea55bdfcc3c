"""A preview on this machine: build, show, watch, rebuild, tell the open pages.

Nothing is written to disk. One thread rebuilds, one watches, one answers a request;
what they share is the `Preview` and two events.
"""

import errno
import os
import socketserver
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from harness_bench.errors import BenchError, Problem, reason
from sitegen.preview import EVENTS, Answer, Preview, event, respond
from sitegen.site import Site

Build: TypeAlias = Callable[[], tuple[Site, Sequence[Path]]]
"""Builds the site anew, empty before the first trial; names every file read."""

Check: TypeAlias = Callable[[Site], None]
"""Refuses a site that holds what nobody may see."""

Say: TypeAlias = Callable[[str], None]
"""Tells the person at the terminal one thing."""

FIRST_PORT = 8000
_PORTS_TRIED = 20
_QUIET_S = 0.15
"""Changes closer together than this are one: editors and exporters write in steps."""
_MOST_QUIET_ROUNDS = 20
"""A file that never rests is rebuilt anyway, after this many quiet times."""
_KEEP_ALIVE_S = 15.0
"""A page that is gone is noticed by writing to it this often."""
_INPUT_SUFFIXES = (".csv", ".csv.gz", ".toml", ".md")
_CHANGES = frozenset(
    {
        EVENT_TYPE_CLOSED,
        EVENT_TYPE_CREATED,
        EVENT_TYPE_DELETED,
        EVENT_TYPE_MODIFIED,
        EVENT_TYPE_MOVED,
    }
)
"""Not the opening and closing of files: our own reading would start the next build."""
_GOING = frozenset({EVENT_TYPE_DELETED, EVENT_TYPE_MOVED})


@contextmanager
def previewing(
    build: Build,
    *,
    watch: Sequence[Path],
    templates: Sequence[Path] = (),
    port: int | None = None,
    say: Say,
) -> Iterator[str]:
    """Preview for the length of a `with` block; gives the address.

    Args:
        build: Called in one thread at a time; a `BenchError` keeps the last good site.
        watch: Inputs known before the first build: files that may be missing yet.
        templates: Folders that are watched with all that is in them.
        port: None: the first free one from 8000; 0: any free one.
        say: Takes what people should know.

    Raises:
        BenchError: The port is taken, or the system cannot watch the folders.
    """
    preview, stopping, changed = Preview(), threading.Event(), threading.Event()
    watcher = _Watcher(changed, templates)
    rebuild = partial(_rebuild, build, preview, watcher, say)
    with ExitStack() as at_the_end:
        server = at_the_end.enter_context(_listen(preview, stopping, port))
        at_the_end.callback(watcher.stop)
        watcher.start(watch)
        rebuild()
        for work in (
            partial(_rebuild_on_change, rebuild, changed, stopping),
            partial(server.serve_forever, poll_interval=0.1),
        ):
            threading.Thread(target=work, daemon=True).start()
        # Run from the last to the first.
        at_the_end.callback(server.shutdown)
        at_the_end.callback(preview.fail, "the preview was stopped")
        at_the_end.callback(changed.set)
        at_the_end.callback(stopping.set)
        yield f"http://127.0.0.1:{server.server_port}/"


class Restyling:
    """A build that makes only styles and scripts anew where that is enough."""

    def __init__(
        self,
        build: Callable[[], tuple[Site, Sequence[Path], Check]],
        restyled: Callable[[Site], Site],
        watch: Sequence[Path],
        templates: Sequence[Path],
    ) -> None:
        """The build, as for `previewing`, also gives what to check its site with.

        Args:
            build: Builds the whole site.
            restyled: Gives a site other styles and scripts.
            watch: Paths beside those that the build names.
            templates: Folders whose HTML changes pages.
        """
        self._build, self._restyled = build, restyled
        self._watch, self._templates = watch, templates
        self._last: tuple[dict[Path, int], Site, Sequence[Path], Check] | None = None

    def __call__(self) -> tuple[Site, Sequence[Path]]:
        """As `Build` has it."""
        last, self._last, began = self._last, None, time.time()
        if last and self._states(last[2]) == last[0]:
            state, site, files, check = last
            site = self._restyled(site)
        else:
            site, files, check = self._build()
            state = self._states(files)
        check(site)
        # What was changed while it was read may be older in the site.
        if max(state.values(), default=0) < (began - _QUIET_S) * 1e9:
            self._last = state, site, files, check
        return site, files

    def _states(self, files: Sequence[Path]) -> dict[Path, int]:
        """When each file, and each folder that holds one, was last changed."""
        pages = (each for at in self._templates for each in at.rglob("*.html"))
        found = {}
        for file in {*files, *self._watch, *pages}:
            for path in (file, file.parent):
                with suppress(OSError):
                    found[path] = path.stat().st_mtime_ns
        return found


def _rebuild(build: Build, preview: Preview, watcher: "_Watcher", say: Say) -> None:
    """Build once; whatever comes of it, the preview goes on."""
    begun = time.perf_counter()
    try:
        watcher.follow(())
        site, files = build()
        watcher.follow(files)
    except BenchError as error:
        say(f"not built:\n{error}")
        preview.fail(*map(str, error.problems))
    except Exception as error:  # noqa: BLE001 - a bug: its traceback, but no end
        say(traceback.format_exc().rstrip())
        preview.fail(f"a bug (see the terminal): {type(error).__name__}: {error}")
    else:
        took_s = time.perf_counter() - begun
        same = "" if preview.succeed(site) else ", nothing changed"
        built = f"built {len(site):,} files in {took_s:.1f} s{same}"
        say(built if site else "no finished trials yet")


def _rebuild_on_change(
    rebuild: Callable[[], None], changed: threading.Event, stopping: threading.Event
) -> None:
    while changed.wait() and not stopping.is_set():
        for _ in range(_MOST_QUIET_ROUNDS):
            changed.clear()
            if stopping.wait(_QUIET_S) or not changed.is_set():
                break
        changed.clear()
        if not stopping.is_set():
            rebuild()


class _Watcher(FileSystemEventHandler):
    """Notices that an input may have changed.

    Folders are watched, not files: editors replace a file by another of its name,
    metadata may appear later, and so may a whole run. Where the folder of an input
    is missing, the nearest one above it is watched.
    """

    def __init__(self, changed: threading.Event, templates: Sequence[Path]) -> None:
        self._changed = changed
        self._templates = frozenset(each.resolve() for each in templates)
        self._files: frozenset[Path] = frozenset()
        self._homes: frozenset[Path] = frozenset()
        """The folders of the files."""
        self._above: frozenset[Path] = frozenset()
        """Those, and all above them: one may come, go, or be another one."""
        self._watched: dict[Path, ObservedWatch] = {}
        self._gone: set[Path] = set()
        """Watched folders that are no longer where they were."""
        self._observer = Observer()

    def start(self, files: Iterable[Path]) -> None:
        """Watch the templates and these inputs."""
        self.follow(files)
        for folder in sorted(self._templates):
            self._schedule(folder, recursive=True)
        self._observer.start()

    def follow(self, files: Iterable[Path]) -> None:
        """Watch these inputs too: where they are named, and where links lead."""
        named = {Path(os.path.realpath(file.parent), file.name) for file in files}
        self._files |= named | {file.resolve() for file in named}
        self._homes = frozenset(file.parent for file in self._files)
        above = (folder for home in self._homes for folder in (home, *home.parents))
        self._above = frozenset(above)
        while self._gone:
            watch = self._watched.pop(self._gone.pop(), None)
            if watch is not None:
                self._observer.unschedule(watch)
        for folder in sorted({_nearest(home) for home in self._homes}):
            if folder not in self._watched:
                self._watched[folder] = self._schedule(folder, recursive=False)

    def stop(self) -> None:
        """Watch nothing any more."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog's thread."""
        kind = event.event_type
        # That something in a folder changed is told by an event of its own.
        if kind not in _CHANGES or (event.is_directory and kind == EVENT_TYPE_MODIFIED):
            return
        source, target = (
            Path(os.fsdecode(path)) if path else None
            for path in (event.src_path, event.dest_path)
        )
        if kind in _GOING and source in self._watched:
            self._gone.add(source)
        if any(path is not None and self._matters(path) for path in (source, target)):
            self._changed.set()

    def _matters(self, path: Path) -> bool:
        if path in self._files or path in self._above:
            return True
        if path.parent in self._homes and path.name.endswith(_INPUT_SUFFIXES):
            return True
        return not self._templates.isdisjoint(path.parents)

    def _schedule(self, folder: Path, *, recursive: bool) -> ObservedWatch:
        try:
            return self._observer.schedule(self, str(folder), recursive=recursive)
        except OSError as error:
            what = f"cannot be watched for changes ({reason(error)})"
            raise BenchError(Problem(str(folder), what)) from error


def _nearest(folder: Path) -> Path:
    """The folder, or while it is missing the nearest one above it."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


class _Server(ThreadingHTTPServer):
    """Answers each request in a thread of its own, on the loopback only."""

    daemon_threads = True
    request_queue_size = 128  # beyond it a client waits a second before it asks again

    def server_bind(self) -> None:
        """Without the base class's look-up of our own name, which can take long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's types
        """A browser that hangs up is no error; anything else is a bug."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _listen(preview: Preview, stopping: threading.Event, port: int | None) -> _Server:
    """A server on the port, or on the first free one."""
    handler = partial(_Handler, preview, stopping)
    tried = range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED) if port is None else [port]
    for each in tried:
        try:
            return _Server(("127.0.0.1", each), handler)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            why = reason(error)
    raise BenchError(Problem(f"port {each}", why, "--port 0 finds a free one"))


class _Handler(BaseHTTPRequestHandler):
    """Turns answers of `respond` into HTTP, and keeps pages informed."""

    server_version = "harness-bench"
    sys_version = ""
    timeout = 30.0  # a browser opens connections that it never uses

    def __init__(
        self,
        preview: Preview,
        stopping: threading.Event,
        *args: Any,  # noqa: ANN401 - the base class's
    ) -> None:
        self._preview = preview
        self._stopping = stopping
        super().__init__(*args)  # handles the request

    def do_GET(self) -> None:
        """Answer GET."""
        if not self._is_for_us():
            text = b"The preview answers requests to localhost only.\n"
            kind = "text/plain; charset=utf-8"
            self._send(
                Answer(status=HTTPStatus.FORBIDDEN, content_type=kind, body=text)
            )
        elif self.path == EVENTS and self.command == "GET":
            self._send_events()
        else:
            self._send(respond(self._preview.state, self.path))

    do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is for what the build has to say."""

    def _is_for_us(self) -> bool:
        """Whether the browser believes to talk to this machine.

        A page of another site can have its own name point to 127.0.0.1, and would
        then be allowed to read what we answer (DNS rebinding).
        """
        hosts = self.headers.get_all("Host", [])
        name = hosts[0].strip().lower() if len(hosts) == 1 else ""
        bare = name.partition("]")[0] + "]" if "]" in name else name.partition(":")[0]
        return bare in {"localhost", "127.0.0.1", "[::1]"}

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.location is not None:
            self.send_header("Location", answer.location)
        self._end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _send_events(self) -> None:
        """Server-sent events: the state now, and each time that it changes."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self._end_headers()
        state = self._preview.state
        self.wfile.write(event(state))
        while True:
            new = self._preview.wait_for_change(state, timeout_s=_KEEP_ALIVE_S)
            self.wfile.write(b": here\n\n" if new is state else event(new))
            state = new
            if self._stopping.is_set():
                return

    def _end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
