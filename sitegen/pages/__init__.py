"""Pages: one page type a file, and here the list of them."""

from sitegen.pages import (
    analysis,
    board,
    claims,
    combos,
    compare,
    data,
    groups,
    hardware,
    harnesses,
    history,
    methodology,
    models,
    tasks,
)

PAGE_TYPES = (
    board.PAGES,
    models.PAGES,
    hardware.PAGES,
    harnesses.PAGES,
    tasks.PAGES,
    groups.PAGES,
    combos.PAGES,
    compare.PAGES,
    analysis.PAGES,
    claims.PAGES,
    history.PAGES,
    data.PAGES,
    methodology.PAGES,
)
"""In the order of the navigation."""
