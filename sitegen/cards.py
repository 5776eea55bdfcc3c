"""The picture that a shared link shows: the page's answer, and where its combos stand.

1200 by 630 pixels, in light colours, drawn as SVG in the one font that `pictures` has.
Sentences, verdicts and places are those of the page; nothing on a card is cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sitegen.charts.labels import SMALL, Box, Mark, Plot, beside
from sitegen.charts.scatter import log_range, ticks
from sitegen.charts.speed_vs_accuracy import TIME_TICKS, ruled_out
from sitegen.escape import xml_text
from sitegen.keys import ComboKey, Key
from sitegen.numbers import count_of
from sitegen.page import Page
from sitegen.site_data import SiteData
from sitegen.stats.results import Scope
from sitegen.stats.standings import Standing
from sitegen.svg import text_width
from sitegen.svg.markup import group, number, tag
from sitegen.theme import HAIRLINE, INK, MUTED, PAPER, RECEDE, hue
from sitegen.words import Run, Words, sentences, text_of, words

FONT = "Roboto"
WIDTH, HEIGHT = 1200, 630

_FOLDERS = ("sweeps", "models", "harnesses", "combos")
"""Whose pages have a card of their own, beside the front page."""
_LETTERS = re.compile(
    "[ -~\u00a0-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03e1\u0400-\u052f"
    "\u1e00-\u1eff\u2010-\u2027\u202f-\u2044\u2070-\u2071\u2074-\u208e\u2122"
    "\u2212\u2248\u2260\u2264\u2265]*"
)
"""What the font can write."""
_NARROWER = {False: 0.88, True: 0.82}
"""How wide its lines are, in widths of `text_width`; by whether it is bold. Lines of
unusually wide letters reach into the margin."""

_MARGIN = 64
_ACROSS = WIDTH - 2 * _MARGIN
_TITLES = ((60, 2), (48, 2), (40, 3), (32, 4))
"""Sizes of a title, the largest first, each with the lines that it may take."""
_TITLE_END = 76
_SAID, _SAID_STEP, _MOST_LINES, _FEWER_LINES = 29, 38, 5, 3
_FOOT, _SMALL = 22, 19
_ZOOM = 5 / 3
"""The chart is laid out as on pages and drawn so much larger."""
_LEFT = 40
_DOT, _LIT_DOT = 9, 11
_LEAST_PX = 80
"""In less than this no chart is drawn."""
_TAIL_PX = 34
"""Under a chart, for the texts of its axis, as on pages."""

_Piece: TypeAlias = tuple[str, bool]
"""A word, and whether it is bold."""
_Line: TypeAlias = list[_Piece]


def cards(
    pages: Iterable[Page], data: SiteData, notices: Mapping[str, Words]
) -> dict[str, str]:
    """The card of each page that has one, as SVG, by the path of its picture."""
    found = {}
    dots = {scope.sweep: _Dots(scope) for scope in data.results.scopes}
    for page in pages:
        if page.path == "index.html" or page.path.split("/")[0] in _FOLDERS:
            scope = _scope(page, data)
            drawn = _card(page, data, scope, dots[scope.sweep], notices[page.path])
            if drawn:
                found[card_path(page)] = drawn
    return found


def card_path(page: Page) -> str:
    """Where the picture of a page's card lies."""
    return f"cards/{page.path.removesuffix('.html')}.png"


def _card(page: Page, data: SiteData, scope: Scope, dots: _Dots, notice: Words) -> str:
    """The card; "" where it holds letters that the font lacks."""
    size, title = _title(page.title if _about(page) else page.content.heading)
    lead = [each for found in page.content.lead for each in sentences(found)]
    counts = count_of(scope.size.combos, "combo"), count_of(scope.size.tasks, "task")
    foot = " on ".join(counts)
    if page.path.split("/")[0] in {"index.html", "sweeps"} and len(lead) > 1:
        foot = text_of(lead.pop(0))
    parts: list[str] = []
    y = float(_TITLE_END - size * 0.7)
    for line in title:
        y += size * 1.1
        parts.append(_text(line, y, size, INK))
    y += 14
    most = (_MOST_LINES if _about(page) is None else _FEWER_LINES) - len(title) + 1
    for line in _fitting(lead, _SAID, most):
        y += _SAID_STEP
        parts.append(_text(line, y, _SAID, INK))
    doubts = sentences(tuple(run for run in notice if not run.href))
    names = (Run(text=data.settings.site.title, strong=True),)
    ends = (
        *((line, _SMALL) for line in _fitting(doubts, _SMALL, 1)),
        *((line, _FOOT) for line in _fitting([names, words(f"  {foot}")], _FOOT, 1)),
    )
    base = float(HEIGHT - 26)
    for line, pixels in ends:
        parts.append(_text(line, base, pixels, MUTED if pixels == _SMALL else INK))
        base -= pixels * 1.6
    chart = _chart(page, data, scope, dots, (y + 40, base - 4))
    svg = tag(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{WIDTH}",
            "height": f"{HEIGHT}",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "font-family": FONT,
        },
        tag("rect", {"width": f"{WIDTH}", "height": f"{HEIGHT}", "fill": PAPER}),
        *parts,
        chart,
    )
    return svg if _LETTERS.fullmatch(svg) else ""


# Texts


def _title(text: str) -> tuple[int, list[_Line]]:
    """The largest size in which it has its lines, and these."""
    pieces = [*_pieces([Run(text=text, strong=True)])]
    for size, most in _TITLES:
        lines = _wrapped(pieces, size)
        if len(lines) <= most:
            break
    return size, lines


def _fitting(found: Iterable[Words], size: int, most: int) -> list[_Line]:
    """The lines of the sentences that have room in so many, in their order."""
    chosen: list[_Piece] = []
    for sentence in found:
        blank = [(" ", False)] if chosen else []
        longer = [*chosen, *blank, *_pieces(sentence)]
        if len(_wrapped(longer, size)) <= most:
            chosen = longer
    return _wrapped(chosen, size)


def _pieces(found: Iterable[Run]) -> Iterator[_Piece]:
    """Words with what stands between them: a blank ends each but the last of a run."""
    for run in found:
        for part in re.findall(r" *[^ ]+ *| +", run.text):
            yield part, run.strong


def _wrapped(pieces: Sequence[_Piece], size: float) -> list[_Line]:
    """Lines no wider than the card; only what is wider than a line is broken."""
    lines: list[_Line] = [[]]
    left = float(_ACROSS)
    for text, bold in pieces:
        for part in _broken(text, size, bold=bold):
            wide = _wide(part, size, bold=bold)
            if wide > left and lines[-1]:
                lines.append([])
                left = _ACROSS
            lines[-1].append((part, bold))
            left -= wide
    return [line for line in lines if line]


def _broken(text: str, size: float, *, bold: bool) -> Iterator[str]:
    while _wide(text.strip(), size, bold=bold) > _ACROSS:
        end = len(text)
        while _wide(text[:end], size, bold=bold) > _ACROSS:
            end -= 1
        yield text[:end]
        text = text[end:]
    yield text


def _wide(text: str, size: float, *, bold: bool) -> float:
    return text_width(text, size, bold=bold) * _NARROWER[bold]


def _text(line: _Line, y: float, size: float, colour: str) -> str:
    runs: list[_Piece] = []
    for text, bold in line:
        if runs and runs[-1][1] == bold:
            runs[-1] = (runs[-1][0] + text, bold)
        else:
            runs.append((text, bold))
    return tag(
        "text",
        {"x": f"{_MARGIN}", "y": number(y), "font-size": number(size), "fill": colour},
        *(
            tag("tspan", {"font-weight": "700"} if bold else {}, xml_text(text))
            for text, bold in runs
        ),
    )


# The chart


@dataclass(frozen=True, slots=True)
class _Dot:
    """A combo as a mark; x as `Plot` takes it."""

    standing: Standing[ComboKey]
    x: float
    y: float


class _Dots:
    """The combos of a scope as dots, laid out once for all cards that show them."""

    def __init__(self, scope: Scope) -> None:
        combos = [s for s in scope.combos if s.rate is not None]
        timed = [s for s in combos if s.time_mean_s and s.beside]
        self.timed = bool(timed)
        self.all = [
            _Dot(s, float(s.time_mean_s or 0), float(s.rate or 0) * 100) for s in timed
        ] or _by_rate(combos)
        self.named = {step.standing.key for step in scope.frontier[-4:] if timed}
        """Where the card is about none of them."""
        self.of: dict[Key, list[int]] = {}
        """The dots of each entity."""
        for place, dot in enumerate(self.all):
            combo = dot.standing.key
            for key in (combo, combo.harness_of, combo.quant_of, combo.model_of):
                self.of.setdefault(key, []).append(place)
        self.quants: dict[Key, set[str]] = {}
        """Of each model."""
        for key in (s.key for s in scope.combos):
            self.quants.setdefault(key.model_of, set()).add(key.quant)
        self._laid: dict[Plot, tuple[list[str], list[Box]]] = {}

    def plot(self, pixels: float) -> Plot:
        """The plot area in so much room."""
        least, most = min(d.y for d in self.all), max(d.y for d in self.all)
        if self.timed:
            low, high = log_range([each.x for each in self.all])
            least, most = max(0, least // 10 * 10 - 5), 102
        else:
            low, high, least, most = -0.03, 1.03, -1, max(most + 1, 8)
        return Plot(
            width=_ACROSS / _ZOOM - (_LEFT if self.timed else 0),
            height=pixels / _ZOOM - _TAIL_PX,
            left=low,
            right=high,
            bottom=least,
            top=most,
        )

    def laid(self, plot: Plot) -> tuple[list[str], list[Box]]:
        """All dots without colour, and what each covers."""
        if plot not in self._laid:
            at = [plot.at(dot.x, dot.y) for dot in self.all]
            half = _LIT_DOT / 2
            self._laid[plot] = (
                [_circle(x, y, _DOT, RECEDE) for x, y in at],
                [(x - half, y - half, x + half, y + half) for x, y in at],
            )
        return self._laid[plot]


def _scope(page: Page, data: SiteData) -> Scope:
    """The trials shown: of the page's sweep, of the main one for lists, or all."""
    if page.path.endswith("/index.html"):
        return data.results.main
    scopes = {scope.sweep: scope for scope in data.results.scopes}
    return scopes[page.shows if isinstance(page.shows, str) else None]


def _chart(
    page: Page, data: SiteData, scope: Scope, dots: _Dots, room: tuple[float, float]
) -> str:
    """The combos of the scope, those that the page is about in colour."""
    top, bottom = room
    if not dots.all or bottom - top < _LEAST_PX:
        return ""
    plot = dots.plot(bottom - top)
    x = _MARGIN + (_LEFT * _ZOOM if dots.timed else 0)
    place = f"translate({number(x)} {number(top)}) scale({number(_ZOOM)})"
    lit, names = _told(page, data, dots)
    circles, boxes = dots.laid(plot)
    # Those that are lit last, so that nothing covers them.
    above = sorted({*lit, *names}, key=lambda each: (each in lit, each in names, each))
    hidden = {*above}
    return group(
        {"transform": place, "font-size": f"{SMALL}", "fill": MUTED},
        *(_rates(plot) if dots.timed else ()),
        *(_times(plot) if dots.timed else _shares(plot)),
        *(_frontier(scope, plot) if dots.timed and not _about(page) else ()),
        *(each for at, each in enumerate(circles) if at not in hidden),
        *(
            _circle(
                *plot.at(dots.all[each].x, dots.all[each].y),
                _LIT_DOT if each in names else _DOT,
                hue(data.names[dots.all[each].standing.key].hue)
                if each in lit
                else RECEDE,
            )
            for each in above
        ),
        *_names(
            [(dots.all[at], names[at]) for at in above if at in names], plot, boxes
        ),
    )


def _about(page: Page) -> Key | None:
    return page.shows if isinstance(page.shows, Key) else None


def _by_rate(combos: list[Standing[ComboKey]]) -> list[_Dot]:
    """Marks of one rate on top of each other; there are no times."""
    there: Counter[int] = Counter()
    found = []
    for s in combos:
        column = round(float(s.rate or 0) * 60)
        found.append(_Dot(s, 10 ** float(s.rate or 0), float(there[column])))
        there[column] += 1
    return found


def _told(page: Page, data: SiteData, dots: _Dots) -> tuple[set[int], dict[int, str]]:
    """Which dots are lit, and what those with a name are called."""
    about = _about(page)
    if about is None:
        return (
            {i for i, dot in enumerate(dots.all) if not ruled_out(dot.standing)},
            {
                place: data.names[key].text
                for key in dots.named
                for place in dots.of.get(key, ())
            },
        )
    own = dots.of.get(about, [])
    several = len(dots.quants.get(about, ())) > 1
    names = {}
    for place in own:
        found = data.names[dots.all[place].standing.key]
        if "model" not in about.parts:
            names[place] = found.full
        elif "harness" in about.parts:
            names[place] = found.text
        else:
            more = f" {found.quant}" if several else ""
            names[place] = f"{found.harness}{more}"
    return {*own}, {place: name for place, name in names.items() if name}


def _circle(x: float, y: float, size: float, colour: str) -> str:
    return tag(
        "circle",
        {
            "cx": number(x),
            "cy": number(y),
            "r": number(size / 2),
            "fill": colour,
            "stroke": PAPER,
        },
    )


def _names(
    named: Sequence[tuple[_Dot, str]], plot: Plot, taken: Iterable[Box]
) -> Iterator[str]:
    marks = [
        Mark(x=dot.x, y=dot.y, size=_LIT_DOT, name=name, bold=True)
        for dot, name in reversed(named)
    ]
    for place in beside(marks, plot, taken):
        x, y = plot.at(place.mark.x, place.mark.y)
        anchor = {"left": "start", "center": "middle", "right": "end"}[place.anchor]
        yield tag(
            "text",
            {
                "x": number(x + place.shift[0]),
                "y": number(y - place.shift[1] + 0.35 * SMALL),
                "text-anchor": anchor,
                "font-weight": "700",
                "fill": INK,
            },
            xml_text(place.mark.name),
        )


def _rates(plot: Plot) -> Iterator[str]:
    step = 25 if plot.bottom < 50 else 10  # noqa: PLR2004 - as much as fits
    for rate in range(0, 101, step):
        if rate > plot.bottom:
            _, y = plot.at(1, rate)
            yield tag(
                "path",
                {"d": f"M0 {number(y)}H{number(plot.width)}", "stroke": HAIRLINE},
            )
            yield _tick(f"{rate} %", -8, y + 0.35 * SMALL, "end")


def _times(plot: Plot) -> Iterator[str]:
    title = "mean time per task"
    room = plot.width - text_width(title, SMALL)
    for value, text in ticks((TIME_TICKS,), plot):
        x, _ = plot.at(value, 0)
        if x + text_width(text, SMALL) / 2 < room - 8:
            yield _tick(text, x, plot.height + 18, "middle")
    yield _tick(title, plot.width, plot.height + 18, "end")


def _shares(plot: Plot) -> Iterator[str]:
    """The axis of pass rates, where there are no times."""
    for rate in range(0, 101, 25):
        x, _ = plot.at(10 ** (rate / 100), 0)
        yield _tick(f"{rate} %", x, plot.height + 18, "middle")


def _tick(text: str, x: float, y: float, anchor: str) -> str:
    return tag(
        "text", {"x": number(x), "y": number(y), "text-anchor": anchor}, xml_text(text)
    )


def _frontier(scope: Scope, plot: Plot) -> Iterator[str]:
    places = [
        plot.at(float(s.time_mean_s or 0), float(s.rate or 0) * 100)
        for s in (step.standing for step in scope.frontier)
        if s.time_mean_s
    ]
    if places:
        path = f"M{number(places[0][0])} {number(plot.height)}"
        path += f"V{number(places[0][1])}"
        for x, y in places[1:]:
            path += f"H{number(x)}V{number(y)}"
        yield tag(
            "path",
            {
                "d": f"{path}H{number(plot.width)}",
                "fill": "none",
                "stroke": MUTED,
                "stroke-dasharray": "1.5 3",
            },
        )
