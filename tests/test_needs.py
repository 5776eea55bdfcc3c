"""A missing tool is a skip on a laptop and a failure where all is required."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs

REPOSITORY = Path(__file__).parent.parent


def test_a_tool_that_is_there_is_its_path() -> None:
    assert Path(needs("sh", {})).name == "sh"


def test_a_missing_tool_skips_with_its_name_on_a_laptop() -> None:
    with pytest.raises(pytest.skip.Exception, match="no-such-tool: not found"):
        needs("no-such-tool", {})


@pytest.mark.parametrize(
    "environment", [{"HARNESS_BENCH_REQUIRE": "all"}, {"CI": "true"}, {"CI": "1"}]
)
def test_a_missing_tool_fails_where_everything_is_required(
    environment: dict[str, str],
) -> None:
    with pytest.raises(pytest.fail.Exception, match="no-such-tool: not found"):
        needs("no-such-tool", environment)


@pytest.mark.parametrize(("required", "code"), [("", 0), ("all", 1)])
def test_a_skip_ends_a_run_with_failure_only_where_nothing_may_be_skipped(
    tmp_path: Path, required: str, code: int
) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\ndef test_one():\n    pytest.skip('why')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", tmp_path, tmp_path],
        env={"PYTHONPATH": str(REPOSITORY), "HARNESS_BENCH_REQUIRE": required},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert "1 skipped" in done.stdout
