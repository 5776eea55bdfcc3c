"""The colours of the site: one list for CSS, figures, SVG and browser alike.

Figures carry the light value of a token. The SVG renderer turns it into the
token's class and the browser into the token's current value, so that a chart
follows light, dark and print without being drawn anew.
"""

from collections.abc import Iterable
from typing import Final

TOKENS: Final[dict[str, tuple[str, str]]] = {
    "paper": ("#fdfdfb", "#131416"),
    "ink": ("#1a1b20", "#ecebe6"),
    "muted": ("#5c5f67", "#a4a6ad"),
    "hairline": ("#e0e1e3", "#33353a"),
    "recede": ("#b4b7bd", "#5a5d65"),
    "accent": ("#0b5cad", "#7db9fb"),
    "band": ("#abc8e6", "#35557a"),
    "notice": ("#fdf3d3", "#33290d"),
    "notice-ink": ("#5b4300", "#f1d98f"),
    # Families: told apart with any kind of red-green blindness, from each other and
    # from the grey of models without one; for marks, not for text.
    "hue1": ("#0a72c4", "#3b93ff"),
    "hue2": ("#d25400", "#f57a33"),
    "hue3": ("#5f1f4d", "#e79ac6"),
    "hue4": ("#36784f", "#6fe09a"),
    "hue5": ("#6a0800", "#b04c30"),
    "hue6": ("#8b8e95", "#696c74"),
    # Less to more, in nine steps around "as usual".
    "less4": ("#8a5f26", "#d9a662"),
    "less3": ("#b98b4f", "#7d5a2b"),
    "less2": ("#e2cba9", "#57432a"),
    "less1": ("#f3ebe0", "#352d22"),
    "usual": ("#f4f5f4", "#242528"),
    "more1": ("#e3edf7", "#1f2f42"),
    "more2": ("#b0cae4", "#27496e"),
    "more3": ("#5e93c9", "#2f6298"),
    "more4": ("#1f5c9b", "#88bdf0"),
}
"""Token -> its light and its dark value."""
_LIGHT: Final = 0
_DARK: Final = 1
_PLAIN: Final = ("paper", "ink", "accent")

PALETTE: Final = {light: token for token, (light, _) in TOKENS.items()}
"""Light value -> token, for the SVG renderer and the browser."""

LESS_TO_MORE: Final = (
    *(f"less{step}" for step in (4, 3, 2, 1)),
    "usual",
    *(f"more{step}" for step in (1, 2, 3, 4)),
)

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

INK = TOKENS["ink"][0]
MUTED = TOKENS["muted"][0]
HAIRLINE = TOKENS["hairline"][0]
PAPER = TOKENS["paper"][0]
ACCENT = TOKENS["accent"][0]
BAND = TOKENS["band"][0]
RECEDE = TOKENS["recede"][0]


def hue(index: int) -> str:
    """The colour of a family; 0, where no family is known, is the accent."""
    return TOKENS[f"hue{index}"][0] if index else ACCENT


def diverging_scale() -> list[list[float | str]]:
    """The nine steps from less to more, as Plotly spells a scale."""
    steps = len(LESS_TO_MORE)
    ends = [(step / steps, (step + 1) / steps) for step in range(steps)]
    return [
        [round(end, 6), TOKENS[token][0]]
        for token, pair in zip(LESS_TO_MORE, ends, strict=True)
        for end in pair
    ]


def ink_on(step: int) -> str:
    """What is read on a step of the diverging scale, -4 to 4: the ends are dark."""
    return PAPER if abs(step) == len(LESS_TO_MORE) // 2 else INK


def stylesheet() -> str:
    """For pages: the tokens, which a reader may turn light or dark, and the classes."""
    return (
        f":root{{color-scheme:light dark;{_variables(_LIGHT)}}}\n"
        f"@media (prefers-color-scheme:dark)"
        f"{{:root:not([data-theme=light]){{{_variables(_DARK)}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{_variables(_DARK)}}}\n"
        f":root[data-theme=light]{{color-scheme:light}}\n"
        f"@media print{{:root:root:root{{color-scheme:light;{_variables(_LIGHT)}}}}}\n"
        f"{_classes()}\n"
    )


def embed_stylesheet() -> str:
    """For somebody else's page: the tokens, by the colour scheme of the place."""
    both = "".join(f"--{n}:light-dark({a},{b});" for n, (a, b) in TOKENS.items())
    return f".harness-bench{{{both}}}\n"


def picture_stylesheet() -> str:
    """For an SVG file of its own: the tokens as the reader prefers, and the classes."""
    return (
        f"svg{{{_variables(_LIGHT)}background:var(--paper);"
        "font-family:system-ui,sans-serif}"
        f"@media(prefers-color-scheme:dark){{svg{{{_variables(_DARK)}}}}}{_classes()}"
    )


def bare_stylesheet() -> str:
    """For a page that refers to no other file: the tokens of plain text alone."""
    return (
        f":root{{color-scheme:light dark;{_variables(_LIGHT, _PLAIN)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_variables(_DARK, _PLAIN)}}}}}"
    )


def _variables(mode: int, names: Iterable[str] = TOKENS) -> str:
    """The tokens as CSS custom properties, in their light or dark values."""
    return "".join(f"--{name}:{TOKENS[name][mode]};" for name in names)


def _classes() -> str:
    """What SVG marks are coloured with."""
    return "".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}"
        for name in TOKENS
    )
