"""The harnesses that are installed here."""

import pytest

from runner.harnesses.install import packaged
from tests.needs import everything_is_required, needs


@pytest.fixture(params=packaged())
def harness(request: pytest.FixtureRequest) -> str:
    """The name of a harness that is installed."""
    needs("bwrap")
    name = str(request.param)
    if problems := packaged()[name].problems():
        reason = f"{name}: {problems[0]}"
        if everything_is_required():
            pytest.fail(reason)
        pytest.skip(reason)
    return name
