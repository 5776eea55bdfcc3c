"""What `make demo` adds to `site/`: a blog that Jekyll builds around the board."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sitegen.publish import publish
from tests.blogs import TROUBLE, jekyll
from tests.needs import needs
from tests.sites import EXAMPLE, REPOSITORY, broken_links, example_site

pytestmark = [pytest.mark.jekyll, pytest.mark.e2e]


def test_the_blog_shows_posts_and_boards(tmp_path: Path) -> None:
    needs("jekyll")
    site = tmp_path / "site"
    site.mkdir()
    shutil.copy(REPOSITORY / "site" / "README.md", site)
    publish(example_site(), site)
    publish(example_site(), site / "bench")  # as of an earlier `make blog`
    made = ["-o", ".venv/run.stamp", "-o", "bundle", "blog", f"SITE={site}"]
    subprocess.run(
        [needs("make"), *made], cwd=REPOSITORY, check=True, capture_output=True
    )
    assert (site / "index.html").read_bytes() == example_site()["index.html"]
    [post] = (site / "_posts").iterdir()
    assert post.read_bytes() == (EXAMPLE.parent / "posts" / post.name).read_bytes()

    out = tmp_path / "out"
    assert TROUBLE.findall(jekyll(site, out)) == []

    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    [written] = [path for path in files if path.startswith("2026/")]
    own = {path: (out / path).read_bytes() for path in (written, "blog/index.html")}
    # Places within the board are for tests of the site.
    bare = {path: re.sub(rb'#[^"]*"', b'"', own[path]) for path in own}
    assert broken_links(bare, files) == []
    assert f'href="/{written}"'.encode() in own["blog/index.html"]
    assert own[written].count(b'<figure class="harness-bench"') == 6
