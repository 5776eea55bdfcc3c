"""What a post quotes, found in its Markdown and answered from what is published.

`{{ value("harnesses", harness="pi", field="rate") }}` is the same quote as
`{% include harness-bench/value.html of="harnesses" harness="pi" field="rate" %}`: the
first is read on the site alone, the second in a Jekyll blog too.
"""

import ast
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from harness_bench.errors import near_miss, shown
from sitegen.escape import liquid, url_path
from sitegen.published import Published, QuoteError

Url: TypeAlias = Callable[[str], str]
"""From a site path to what an attribute says."""

NARROW = "(max-width: 46rem)"
"""The one breakpoint of the site."""
THEMES = ("light", "dark", "auto")

_UNREAD = (
    r"\{%-?\s*(?P<unread>raw|comment)\s*-?%\}(?P<inner>.*?)"
    r"\{%-?\s*end(?P=unread)\s*-?%\}"
)
"""What Jekyll does not read: as it is, or not at all."""
_QUOTED = r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'"
"""As Jekyll has it: a backslash keeps the quote behind it inside."""
_CALL = re.compile(
    r"\{\{-?\s*(?P<name>[a-z_]+)\((?P<given>.*?)\)\s*-?\}\}"
    r"|\{%-?\s*include(?:_cached)?\s+harness-bench/(?P<file>[\w-]+)\.html"
    rf"(?P<pairs>(?:[^%\"']|{_QUOTED})*?)-?%\}}"
    rf"|{_UNREAD}",
    re.DOTALL,
)
_PAIR = re.compile(rf"([\w-]+)\s*=\s*(?:{_QUOTED}|([\w.-]+))")
_QUOTE, _ESCAPED = '"', '\\"'
_UNGIVEN = re.compile(r"\{\{|\}\}|\{%|%\}|\\$")
"""In a name: Liquid would read it, or a backslash keep the quote behind it inside."""
_OWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "chart": ("id", ("theme",)),
    "table": ("of", ("top", "columns")),
    "value": ("of", ("field", "digits")),
    "claim": ("id", ("verdict",)),
    "newer": ("", ()),
}
"""Of each quote: what its first argument is called, and its options. All else that a
table or a value is given are columns that choose rows. Only Jekyll answers `newer`: a
page of the site says by itself that newer results differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One quote in a text."""

    name: str
    """chart, table, value, claim or newer."""
    of: str
    options: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    span: tuple[int, int] = (0, 0)
    """Where it stands in the text."""
    line: int = 1

    @property
    def is_block(self) -> bool:
        """Whether it stands between paragraphs and not in one."""
        return self.name in {"chart", "table", "newer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A quote that cannot be read or answered."""

    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a quote is shown."""

    url: Url
    """The address of a site path."""
    pinned: bool = False
    """Whether what is shown is a snapshot, which has no pages of its own."""


def quotes(text: str) -> Iterator[Quote | Wrong]:
    """All quotes of a text, in their order."""
    for match in _CALL.finditer(text):
        if match["unread"]:
            continue
        line = text.count("\n", 0, match.start()) + 1
        try:
            yield _quote(match, line)
        except QuoteError as error:
            yield Wrong(line=line, what=str(error))


def _quote(match: re.Match[str], line: int) -> Quote:
    name = match["name"] or match["file"]
    if name not in _OWN:
        kinds = ", ".join(_OWN)
        near = near_miss(name, _OWN) or f"; there are {kinds}"
        raise QuoteError(f"{shown(name)} is nothing to quote{near}")
    first, own = _OWN[name]
    given = (
        _called(match["given"], first)
        if match["name"]
        else {
            key: a.replace('\\"', '"') or b.replace("\\'", "'") or c
            for key, a, b, c in _PAIR.findall(match["pairs"])
        }
    )
    if first and first not in given:
        raise QuoteError(f"{name} does not say which ({first})")
    rest = {key: given[key] for key in given if key not in {first, *own}}
    if rest and name not in {"table", "value"}:
        key = next(iter(rest))
        raise QuoteError(f"{name} takes no {shown(key)}{near_miss(key, own)}")
    return Quote(
        name=name,
        of=str(given.get(first, "")),
        options={key: given[key] for key in own if key in given},
        where={key: _word(value) for key, value in rest.items()},
        span=match.span(),
        line=line,
    )


def include(name: str, /, **given: object) -> str:
    """A quote as a Jekyll blog spells it."""
    words = "".join(
        f" {key}={value}"
        if isinstance(value, int)
        else f' {key}="{str(value).replace(_QUOTE, _ESCAPED)}"'
        for key, value in given.items()
    )
    return f"{{% include harness-bench/{name}.html{words} %}}"


def included(quote: Quote) -> str:
    """The same of a quote that was read.

    Raises:
        QuoteError: A name in it is none that Jekyll can be given.
    """
    options = {
        key: value if isinstance(value, str | int) else ", ".join(map(str, value))
        for key, value in quote.options.items()
    }
    if any(_UNGIVEN.search(value) for value in (quote.of, *quote.where.values())):
        raise QuoteError("a name in it is none that Jekyll can be given")
    first = {_OWN[quote.name][0]: quote.of}
    return include(quote.name, **first, **quote.where, **options)


def called(name: str, of: str, /, **given: object) -> str:
    """A quote as posts on the site spell it."""
    words = "".join(
        f", {key}={json.dumps(value, ensure_ascii=False)}"
        for key, value in given.items()
    )
    return f"{{{{ {name}({json.dumps(of, ensure_ascii=False)}{words}) }}}}"


def unwrapped(text: str) -> str:
    """A text as Jekyll leaves it, where it says what is not to be read."""
    return re.sub(
        _UNREAD,
        lambda found: found["inner"] if found["unread"] == "raw" else "",
        text,
        flags=re.DOTALL,
    )


def _called(given: str, first: str) -> dict[str, Any]:
    """The arguments of a call, which are plain values."""
    try:
        call = ast.parse(f"f({given.strip()})", mode="eval").body
        assert isinstance(call, ast.Call)  # noqa: S101 - it is written as one
        values = [ast.literal_eval(each) for each in call.args]
        named = {k.arg or "": ast.literal_eval(k.value) for k in call.keywords}
    except (SyntaxError, ValueError, TypeError, AssertionError) as error:
        what = f"({given.strip()}) cannot be read: names are between quotes"
        raise QuoteError(what) from error
    if len(values) > 1:
        raise QuoteError("only the first argument has no name")
    return {**dict(zip((first,), values, strict=False)), **named}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def said(quote: Quote, published: Published) -> str:
    """What a quote says, as plain text: equal where nothing changed.

    Raises:
        QuoteError: What it names is not published.
    """
    if quote.name == "value":
        return _value(quote, published)
    if quote.name == "table":
        found = _table(quote, published)
        return "\n".join("\t".join(row) for row in found.rows)
    if quote.name == "claim":
        row = published.claim(quote.of)
        return f"{row['claim']} ({row['verdict']})"
    if quote.name == "newer":
        return ""
    theme = quote.options.get("theme", "auto")
    if theme not in THEMES:
        raise QuoteError(f"theme is {shown(theme)}, expected {', '.join(THEMES)}")
    return str(published.chart(quote.of)["title"])


def quoted(quote: Quote, published: Published, place: Place) -> str:
    """What a quote says, as HTML.

    Raises:
        QuoteError: What it names is not published.
    """
    text = said(quote, published)
    if quote.name == "value":
        return f'<span class="hb-value">{html.escape(text)}</span>'
    if quote.name == "claim":
        row = published.claim(quote.of)
        address = place.url(f"claims.html#claim-{row['number']}")
        return (
            f'<span class="hb-claim">{html.escape(row["claim"])} '
            f'(<a href="{address}">{html.escape(row["verdict"])}</a>)</span>'
        )
    if quote.name == "table":
        return table_html(quote, published, place)
    if quote.name == "newer":
        return ""
    return figure_html(published, quote.of, place, theme=quote.options.get("theme", ""))


def _value(quote: Quote, published: Published) -> str:
    options = quote.options
    if "field" not in options:
        raise QuoteError("value does not say which field")
    digits = options.get("digits")
    if digits is not None and not re.fullmatch("[0-9]", str(digits)):
        raise QuoteError(f"digits is {shown(digits)}, expected 0 to 9")
    return published.value(quote.of, str(options["field"]), quote.where, digits)


def _table(quote: Quote, published: Published) -> Any:  # noqa: ANN401 - a Cited
    top, columns = quote.options.get("top"), quote.options.get("columns", ())
    if top is not None and not re.fullmatch("[1-9][0-9]{0,5}", str(top)):
        raise QuoteError(f"top is {shown(top)}, expected a whole number")
    if isinstance(columns, str):
        columns = [each.strip() for each in columns.split(",")]
    if not isinstance(columns, Sequence):
        raise QuoteError(f"columns is {shown(columns)}, expected names")
    names = [str(each) for each in columns]
    return published.table(quote.of, names, int(top) if top else None, quote.where)


def figure_html(
    published: Published, chart_id: str, place: Place, *, theme: str = ""
) -> str:
    """A chart as a picture that a script makes live, its caption and its source.

    Raises:
        QuoteError: There is no such chart.
    """
    chart = published.chart(chart_id)
    wide, narrow = chart["wide"], chart["narrow"]
    files = {
        name: place.url(f"charts/{chart_id}{name}")
        for name in (".js", ".svg", "-narrow.svg")
    }
    chosen = f' data-theme="{theme}"' if theme else ""
    title, caption = _html(chart["title"]), _html(chart["caption"])
    said = _source(published, place, chart["embed"], "Table and data")
    if place.pinned:
        said = _source(published, place, chart["csv"], "Data")
    return (
        f'<figure class="harness-bench" data-chart="{_html(chart_id)}"'
        f' data-src="{files[".js"]}"{chosen}><div class="picture"><picture>'
        f'<source media="{NARROW}" srcset="{files["-narrow.svg"]}"'
        f' width="{narrow[0]}" height="{narrow[1]}">'
        f'<source srcset="{files[".svg"]}" width="{wide[0]}" height="{wide[1]}">'
        f'<img src="{place.url(f"charts/{chart_id}.svg")}"'
        f' alt="{title}. {caption}" width="{wide[0]}" height="{wide[1]}">'
        f"</picture></div><figcaption><strong>{title}.</strong> {caption}"
        f'<span class="source">{said}</span>{loaded(place)}</figcaption></figure>'
    )


def table_html(quote: Quote, published: Published, place: Place) -> str:
    """A table with its source under it.

    Raises:
        QuoteError: What it names is not published.
    """
    found = _table(quote, published)
    kinds = [' class="number"' if each else "" for each in found.numeric]
    head = "".join(
        f'<th scope="col"{kind}>{_html(name)}</th>'
        for name, kind in zip(found.titles, kinds, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{_html(text)}</td>"
            for text, kind in zip(row, kinds, strict=True)
        )
        + "</tr>"
        for row in found.rows
    )
    said = _source(published, place, f"data/{quote.of}.csv", "Data")
    return (
        '<div class="harness-bench"><div class="scroll" tabindex="0" role="group"'
        ' aria-label="Table"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f'<p class="source">{said}</p>{loaded(place)}</div>'
    )


def markdown_table(quote: Quote, published: Published) -> str:
    """A table as Markdown.

    Raises:
        QuoteError: What it names is not published.
    """
    found = _table(quote, published)
    rule = ["---:" if number else "---" for number in found.numeric]
    rows = [found.titles, rule, *found.rows]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    return re.sub(r"([\\|`*<&\[])", r"\\\1", " ".join(text.split()))


def _source(published: Published, place: Place, path: str, more: str) -> str:
    title, after = map(_html, source_line(published))
    return (
        f'<a href="{place.url("index.html")}">{title}</a>{after} '
        f'<a href="{place.url(path)}">{more}</a>'
    )


def source_line(published: Published) -> tuple[str, str]:
    """The site's title, and what follows it: the day, and that it is preliminary."""
    about = published.about
    day = f", {published.day}" if published.day else ""
    status = f". {about['status']}" if about.get("status") else ""
    return about["title"], f"{day}{status}."


def loaded(place: Place) -> str:
    """What every quote brings along; a page loads it once however many there are."""
    return (
        f'<link rel="stylesheet" href="{place.url("assets/embed.css")}">'
        f'<script defer src="{place.url("assets/embed.js")}"></script>'
    )


def at(base: str, pinned: str = "") -> Place:
    """A place from which the site is found at an address or a path.

    Args:
        base: Of the site, with a slash behind it.
        pinned: Where in it the charts and data of a snapshot lie; "" the site's own.
    """

    def url(path: str) -> str:
        path, mark, fragment = path.partition("#")
        kept = pinned if path.startswith(("charts/", "data/")) else ""
        return _html(base + url_path(kept + path) + mark + fragment)

    return Place(url=url, pinned=bool(pinned))


def _html(text: str) -> str:
    """Text in an element or attribute, which Liquid may read first."""
    return liquid(html.escape(text))
