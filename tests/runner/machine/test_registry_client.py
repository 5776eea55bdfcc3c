"""The line in which a client says what is wrong."""

import pytest

from runner.machine.registry_client import said_failing, telling_line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Collecting\nERROR: Ignored x\nERROR: No match\n", "ERROR: No match"),
        ("Reading\nE: Unable to locate package x\n", "E: Unable to locate package x"),
        ("npm error code E404\nnpm error 404 Not Found\n", "npm error 404 Not Found"),
        ("\n  something else\n", "something else"),
        ("", "it said nothing"),
    ],
)
def test_the_telling_line_is_found(said: str, line: str) -> None:
    assert telling_line(said) == line


def test_only_a_client_that_fails_has_said_something() -> None:
    assert said_failing(("sh", "-c", "echo well")) is None
    assert said_failing(("sh", "-c", "echo out; echo err >&2; exit 3")) == "out\nerr\n"
