"""The analysis page's answer about variants: those of one combo, paired by task."""

from collections.abc import Iterator

from sitegen.keys import ComboKey
from sitegen.names import Names
from sitegen.numbers import count_of
from sitegen.page import Section
from sitegen.sections.compare import DIFFERENCE, difference_cells
from sitegen.site_data import SiteData
from sitegen.table import SCREENFUL, Cell, Column, Table
from sitegen.words import paragraph


def variant_sections(data: SiteData) -> Iterator[Section]:
    """What effort, profile or edit format change; nothing where no two were run."""
    pairs = [pair for pair in data.results.all.pairs if pair.kind == "variant"]
    if not pairs:
        return
    apart = sum(pair.separable for pair in pairs)
    told = f"{apart:,} can be told apart." if apart else "none can be told apart."
    title = "Does the variant matter?"
    yield Section(
        title=title,
        anchor="variants",
        findings=paragraph(
            f"Of {count_of(len(pairs), 'pair')} of variants of one model, "
            f"quant and harness{data.over_all}, {told}"
        ),
        paragraphs=paragraph(
            "Over the tasks that both ran. Positive differences favour the "
            "first of the two."
        ),
        table=Table(
            caption="Variants of one model, quant and harness",
            columns=(
                Column(title="Combo", kind="name"),
                Column(title="Variant", kind="text"),
                Column(title="Compared with", kind="text"),
                *DIFFERENCE,
            ),
            rows=tuple(
                (
                    *_named(data.names, pair.a, pair.b),
                    *difference_cells(pair),
                )
                for pair in pairs
                if isinstance(pair.a, ComboKey) and isinstance(pair.b, ComboKey)
            ),
            filterable=len(pairs) > SCREENFUL,
        ),
    )


def _named(names: Names, a: ComboKey, b: ComboKey) -> tuple[Cell, ...]:
    found, harness = names[a], names[a.harness_of].label
    return (
        Cell(
            text=found.label,
            muted=" ".join(filter(None, (found.quant, harness))),
            sort=found.full.lower(),
            hue=found.hue,
        ),
        *(
            Cell(text=key.variant or "none", href=names[key].href, sort=key.variant)
            for key in (a, b)
        ),
    )
