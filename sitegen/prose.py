"""Markdown of the site's owner -> HTML."""

from __future__ import annotations

import re

_RAW_HTML = re.compile(r"[<>&]")
_ENTITIES = {"<": "&lt;", "&": "&amp;", ">": ">"}


def markdown_html(text: str) -> str:
    """Render Markdown with tables and footnotes; markup in it is shown, not run."""
    import markdown  # noqa: PLC0415 slow to import, and most sites have no prose

    safe = _RAW_HTML.sub(lambda found: _ENTITIES[found[0]], text)
    html = markdown.markdown(
        safe, extensions=["tables", "sane_lists"], output_format="html"
    )
    # Its headings come under those of the page: h1 becomes h3, h2 h4.
    html = re.sub(
        r"<(/?)h([1-6])>", lambda tag: f"<{tag[1]}h{min(int(tag[2]) + 2, 6)}>", html
    )
    # A link in prose may point anywhere but into a script.
    return re.sub(
        r'(href|src)="\s*(?:javascript|data|vbscript):[^"]*"', r'\1="#"', html
    )
