"""What stands where numbers may not be shown, while cells are private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.numbers import count_of
from sitegen.page import Section
from sitegen.words import words

if TYPE_CHECKING:
    from sitegen.site_data import SiteData


def withheld(data: SiteData, title: str) -> Section:
    """One section in the place of all that is not shown of something."""
    least = count_of(data.settings.publish.min_cells, "cell")
    return Section(
        title=title,
        anchor="withheld",
        paragraphs=(
            words(
                "Not shown: a number here, or what it leaves of a total, would rest on "
                f"fewer than {least} or give one away, and the cells are private."
            ),
        ),
    )
