"""The colours of the site: one list for CSS, figures, SVG and browser alike.

Figures carry the light value of a token. The SVG renderer turns it into the
token's class and the browser into the token's current value, so that a chart
follows light, dark and print without being drawn anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    # Families: Okabe and Ito's order of hues, darkened until each has a
    # contrast of 4.5 : 1 on the paper, and lightened likewise for the dark.
    "hue1": ("#0072b2", "#58b4ea"),
    "hue2": ("#bf4d00", "#ff9d63"),
    "hue3": ("#7b3f9e", "#c99ae6"),
    "hue4": ("#00785a", "#45cda2"),
    "hue5": ("#a8326e", "#f48dbf"),
    "hue6": ("#7d6200", "#d8b54a"),
    "hue7": ("#47598f", "#a3b3ea"),
    # Models of no such family.
    "hue8": ("#6a6d75", "#9a9ca3"),
    # Heat: one hue from the paper to the accent, in nine even steps.
    "heat0": ("#f1f5f9", "#1a2129"),
    "heat1": ("#dfe9f3", "#1f2c39"),
    "heat2": ("#c9dbec", "#25394c"),
    "heat3": ("#b0cae4", "#2b4862"),
    "heat4": ("#93b7da", "#325a7c"),
    "heat5": ("#3a75b1", "#5a8fc2"),
    "heat6": ("#2f6cab", "#6ea5da"),
    "heat7": ("#1f5c9b", "#88bdf0"),
    "heat8": ("#0a4a87", "#a9d3fd"),
}
"""Token -> its light and its dark value."""
_LIGHT: Final = 0
_DARK: Final = 1
_PLAIN: Final = ("paper", "ink", "accent")

PALETTE: Final = {light: token for token, (light, _) in TOKENS.items()}
"""Light value -> token, for the SVG renderer and the browser."""

HEAT_STEPS: Final = 9
HEAT_DARK_FROM: Final = 5
"""From this step on, text on a heat cell takes the paper's colour."""

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

INK = TOKENS["ink"][0]
MUTED = TOKENS["muted"][0]
HAIRLINE = TOKENS["hairline"][0]
PAPER = TOKENS["paper"][0]
ACCENT = TOKENS["accent"][0]
BAND = TOKENS["band"][0]


def hue(index: int) -> str:
    """The colour of a family; 0, where no family is known, is the accent."""
    return TOKENS[f"hue{index}"][0] if index else ACCENT


def heat_step(rate: float) -> int:
    """The step of a proportion in 0..1: nine equal bins, 1.0 in the last."""
    return min(int(rate * HEAT_STEPS), HEAT_STEPS - 1)


def heat_scale() -> list[list[float | str]]:
    """The stepped colour scale, as Plotly spells it."""
    scale: list[list[float | str]] = []
    for step in range(HEAT_STEPS):
        colour = TOKENS[f"heat{step}"][0]
        scale += [[step / HEAT_STEPS, colour], [(step + 1) / HEAT_STEPS, colour]]
    return scale


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
