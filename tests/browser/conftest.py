"""The browser and the published example that these tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sitegen.publish import publish
from tests.sites import chromium, example_site, served


# Closed after each module: two of one process cannot be open at a time, and some
# tests open their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def example_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example, published and served: its address, with a slash."""
    folder: Path = tmp_path_factory.mktemp("example") / "site"
    publish(example_site(), folder)
    with served(folder) as url:
        yield url
