"""A process and all that comes from it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from runner.sandboxes.process_tree import TAG, ProcessTree
from tests.needs import needs


@contextmanager
def running(script: str, word: str) -> Iterator[tuple[ProcessTree, int, list[int]]]:
    """A tree, its first process, and the processes that the script names."""
    needs("setsid")
    with subprocess.Popen(
        ["/bin/sh", "-c", f"{script}; echo; wait"],
        env={TAG: word, "PATH": os.defpath},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        named = [int(pid) for pid in process.stdout.readline().split()]
        tree = ProcessTree(process.pid, word)
        try:
            yield tree, process.pid, named
        finally:
            tree.kill()


def test_children_and_those_that_left_their_session_are_found() -> None:
    script = "sleep 99 & a=$!; setsid sleep 98 & printf '%s %s' $a $!"
    with running(script, "a-word-of-its-own") as (tree, first, named):
        assert {first, *named} <= {*tree.living()}
        assert os.getpid() not in tree.living()
        assert tree.cpu_s() < 5
        assert {first, *named} <= {*tree.kill()}


def test_one_without_the_word_and_the_parent_is_known_from_before() -> None:
    script = "env -i sleep 97 & printf '%s' $!"
    with running(script, "another-word") as (tree, first, (named,)):
        assert named in tree.living()
        os.kill(first, 9)
        assert named in tree.living()


@pytest.mark.parametrize("word", ["one-word", "other-word"])
def test_those_of_another_tree_are_left_alone(word: str) -> None:
    with running("sleep 96 & printf '%s' $!", "one-word") as (_, first, named):
        found = ProcessTree(1 << 30, word).living()
        assert ({first, *named} <= {*found}) == (word == "one-word")
