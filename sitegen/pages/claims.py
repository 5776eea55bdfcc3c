"""The claims of the site's author, each with its verdict and figures."""

from collections.abc import Iterator, Sequence

from sitegen.judge.verdict import PRIVATE, Judged, Verdict
from sitegen.numbers import count_of
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.tally import tally
from sitegen.site_data import SiteData
from sitegen.table import EMPTY, Cell, Column, Table, plain_cell
from sitegen.words import Words, link, paragraph, strong, words

PATH = "claims.html"


def claims_pages(data: SiteData) -> Iterator[Page]:
    """The one page of claims; none without claims."""
    judged = data.judged
    if not judged:
        return
    lead = paragraph(
        f"{count_of(len(judged), 'statement')} of the author, judged by the "
        f"numbers of this site: {tally(judged)}. "
    )
    private = any(PRIVATE in found.figures for found in judged)
    yield Page(
        path=PATH,
        title="Claims",
        description=plain(lead),
        content=Content(
            heading="Does it hold?",
            lead=lead,
            sections=(
                Section(
                    title="Every claim",
                    anchor="verdicts",
                    paragraphs=(
                        words(
                            "A claim holds where the data show it, not where they "
                            "merely agree. Comparisons are paired and exact; a claim "
                            "about an extreme is adjusted for all that it was picked "
                            "from. ",
                            link("How claims are judged", "methodology.html#claims"),
                        ),
                        *_scopes(data),
                        *[words(f"Some are not judged. {PRIVATE}")] * private,
                    ),
                    table=_table(judged),
                ),
                *(
                    Section(
                        title=found.claim.says,
                        anchor=f"claim-{number}",
                        findings=paragraph(strong(found.verdict.capitalize()), "."),
                        paragraphs=tuple(words(figure) for figure in found.figures),
                    )
                    for number, found in enumerate(judged, start=1)
                    if PRIVATE not in found.figures
                ),
            ),
        ),
    )


def _scopes(data: SiteData) -> tuple[Words, ...]:
    """Where claims are judged, where that is not over all trials."""
    if not data.main.within:
        return ()
    return paragraph(
        "Claims about models, harnesses and tasks are judged in the "
        f"{data.main.label}, those about combos and quants over all trials."
    )


def _table(judged: Sequence[Judged]) -> Table:
    order = list(Verdict)
    return Table(
        caption="Claims and verdicts",
        columns=(
            Column(title="Claim", kind="name"),
            Column(title="Verdict", kind="text"),
            Column(title="Figures", kind="text", folds=True),
        ),
        rows=tuple(
            (
                Cell(text=found.claim.says, sort=n)
                if PRIVATE in found.figures
                else Cell(text=found.claim.says, href=f"{PATH}#claim-{n}", sort=n),
                Cell(
                    text=found.verdict.value,
                    sort=order.index(found.verdict),
                    strong=True,
                ),
                EMPTY if PRIVATE in found.figures else plain_cell(found.figures[0]),
            )
            for n, found in enumerate(judged, start=1)
        ),
    )


PAGES = PageType(label="Claims", href=PATH, pages=claims_pages)
