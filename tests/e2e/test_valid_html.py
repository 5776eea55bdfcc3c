"""Every type of page is valid HTML, says the checker of the W3C's own validator."""

import subprocess
from pathlib import Path

import pytest

from tests.needs import needs
from tests.sites import example_site, pages_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_one_page_of_each_type_has_no_error(tmp_path: Path) -> None:
    jar = needs("vnu")
    kinds = {path.rpartition("/")[0] or path: path for path in pages_of(example_site())}
    lists = [path for path in pages_of(example_site()) if path.endswith("/index.html")]
    pages = sorted({*kinds.values(), *lists})
    for path in pages:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(example_site()[path])
    checked = subprocess.run(
        [needs("java"), "-jar", jar, "--format", "gnu", *pages],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
