"""What the search looks through is what has a page, each once."""

import json
from typing import Any

from sitegen.build import build
from sitegen.search import SEARCHED
from tests.records import EXAMPLE, read, with_publish
from tests.sites import example_site, pages_of


def listed(site: dict[str, bytes]) -> list[list[str]]:
    text = site[SEARCHED].decode()
    assert text.startswith("harnessBench.pages(")
    found: list[list[str]] = json.loads(text[len("harnessBench.pages(") : -3])
    return found


def test_every_page_of_an_entity_is_there_once() -> None:
    site = dict(example_site())
    paths = [path for *_, path in listed(site)]
    folders: tuple[str, ...] = ("models/", "quants/", "harnesses/", "combos/")
    folders += ("tasks/", "groups/", "posts/")
    expected = [
        path
        for path in pages_of(site)
        if path.startswith(folders) and not path.endswith("/index.html")
    ]
    assert sorted(paths) == expected
    assert ["Combo", "gpt-oss-120b MXFP4 + Pi", ""] in [e[:3] for e in listed(site)]


def test_a_task_without_a_name_is_found_by_its_number_only() -> None:
    given: Any = with_publish(read(EXAMPLE), cells=True, task_ids="numbered")
    tasks = [each for each in listed(dict(build(given))) if each[0] == "Task"]
    names = {record.task for record in given.records}
    assert len(tasks) == 16
    assert not names & {word for each in tasks for word in each}
