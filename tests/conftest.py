"""Settings of the whole suite: hypothesis profiles, and no skips where required."""

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness_bench.start import collect_seldom
from tests.needs import everything_is_required

# Started in the background the suite may have inherited that SIGINT is ignored, and so
# would every program that a test starts and then interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_seldom()

# Time limits would fail tests on a loaded machine for no fault of the code. In CI
# the examples are the same at every run: a failure there is one that a change made.
settings.register_profile(
    "dev", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci", settings.get_profile("dev"), derandomize=True, print_blob=True
)
settings.load_profile("ci" if everything_is_required() else "dev")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turns skips into a failed run where everything is required."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not everything_is_required():
        return
    if reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line("A test was skipped, and nothing may be skipped here.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """An empty folder whose path leaves room for the names of sockets."""
    with tempfile.TemporaryDirectory(prefix="hb-", dir="/tmp") as name:
        yield Path(name)
