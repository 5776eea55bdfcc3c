"""Without mounts, a command's words name the real places."""

from pathlib import Path

from runner.sandboxes.places import environment, in_place
from runner.sandboxes.sandbox import Confined, Mount

MOUNTS = (
    Mount(source=Path("/real/w"), target="/workspace", writable=True),
    Mount(source=Path("/real/h"), target="/home/agent", writable=True),
    Mount(source=Path("/real/inside"), target="/opt/inside"),
    Mount(source=Path("/real/deeper"), target="/opt/inside/deeper"),
)


def moved(*words: str, **variables: str) -> Confined:
    return in_place(Confined(command=words, environment=variables, mounts=MOUNTS))


def test_places_are_replaced_alone_and_at_the_beginning_of_paths() -> None:
    found = moved(
        *("/opt/inside/a.py", "--file=/home/agent/x", "cd /workspace; ls '/workspace'"),
        *("/opt/inside/deeper/b", "/opt/inside"),
        PATHS="/opt/inside:/workspace/bin",
    )

    assert found.command == (
        *("/real/inside/a.py", "--file=/real/h/x", "cd /real/w; ls '/real/w'"),
        *("/real/deeper/b", "/real/inside"),
    )
    assert found.environment == {"PATHS": "/real/inside:/real/w/bin"}
    assert found.folder == "/real/w"


def test_what_only_looks_like_a_place_stays() -> None:
    words = ("/srv/workspace", "/workspaces", "/home/agent2", "a/opt/inside", "/opt")

    assert moved(*words).command == words


def test_home_is_where_it_is_mounted_else_where_the_command_starts() -> None:
    assert environment(moved("x"), "/bin")["HOME"] == "/real/h"
    alone = in_place(Confined(command=("x",), mounts=MOUNTS[:1]))
    assert environment(alone, "/bin")["HOME"] == "/real/w"
