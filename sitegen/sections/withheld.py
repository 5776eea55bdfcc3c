"""What stands where numbers may not be shown, while cells are private."""

from sitegen.keys import Key
from sitegen.kinds import Kind
from sitegen.numbers import count_of, listed, named_of
from sitegen.page import Section
from sitegen.site_data import SiteData
from sitegen.stats.results import Scope
from sitegen.view import View
from sitegen.words import Words, paragraph, words

_MOST_NAMED = 12


def withheld(data: SiteData, title: str, *more: Words) -> Section:
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
            *more,
        ),
    )


def not_told(data: SiteData, scope: Scope) -> tuple[Words, ...]:
    """The combos that ran and whose totals do not leave, by name; () without any."""
    told = {standing.key for standing in scope.combos}
    left = [data.names[key].text for key in sorted(data.results.ran) if key not in told]
    if not left:
        return ()
    n_named = named_of(len(left), _MOST_NAMED)
    named = left[:n_named]
    if more := len(left) - n_named:
        named.append(f"{more} more")
    return paragraph(f"Too little was run to tell how they did: {listed(named)}.")


def others_withheld(view: View, kind: Kind[Key]) -> tuple[Words, ...]:
    """That only some of a kind are shown; () where all are, or none."""
    shown = len(view.scope.standings(kind))
    ran: int = getattr(view.scope.size, kind.standings)
    if not 0 < shown < ran:
        return ()
    return paragraph(
        f"Of {ran:,} {kind.plural}{view.within}, {shown:,} "
        f"{'is' if shown == 1 else 'are'} shown: the totals of the others would "
        "tell of private cells."
    )
