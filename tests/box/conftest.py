"""The engine, for every test of the box."""

import pytest

from harness_bench.errors import SandboxError
from runner.box.engine import Engine, engine_named
from runner.box.image import image_id
from tests.box.boxes import NAME
from tests.needs import everything_is_required


@pytest.fixture(scope="session")
def engine() -> Engine:
    """It answers and has the image; or the test is skipped, or fails."""
    try:
        found = engine_named(NAME)
        image_id(found)
    except SandboxError as error:
        if everything_is_required():
            pytest.fail(str(error))
        pytest.skip(str(error))
    return found
