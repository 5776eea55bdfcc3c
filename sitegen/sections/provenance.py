"""Trials of one combo or harness apart, where they did not run with the same."""

from collections.abc import Iterable, Iterator

from sitegen.keys import ComboKey, HarnessKey, Key
from sitegen.numbers import count_of
from sitegen.page import Section
from sitegen.site_data import SiteData
from sitegen.stats.provenance import View
from sitegen.stats.standings import Standing
from sitegen.table import UNORDERED, Cell, Column, Table, measures, plain_cell
from sitegen.words import Words, link, paragraph, words

_WORDS = {
    "hardware": "hardware",
    "harness_version": "harness version",
    "server_build": "server build",
}
_COLUMNS = (
    Column(title="Ran with", kind="name"),
    Column(title="Tasks", folds=True),
    *UNORDERED,
)


def view_section(data: SiteData, key: ComboKey) -> Iterator[Section]:
    """A combo's trials by hardware and versions, where they differ."""
    views = [v for v in data.results.provenance.views if v.standing.key == key]
    if not views:
        return
    yield Section(
        title="By hardware and version",
        anchor="setup",
        paragraphs=paragraph(
            "Its trials did not all run on the same hardware or with the same "
            "versions. The names of these are not published; number 1 is what "
            "most trials had. Each row is over its own tasks, and so is not "
            "ranked."
        ),
        table=_table(
            "Trials of this combo, by what they ran with",
            [(_ran_with(view), view.standing) for view in views],
        ),
    )


def _ran_with(view: View) -> str:
    return ", ".join(_numbered(name, number) for name, number in view.setup.items())


def _numbered(name: str, number: int) -> str:
    return f"{_WORDS[name]} {number or 'not recorded'}"


def hardware_name(number: int) -> str:
    """What a kind of hardware is called."""
    return _numbered("hardware", number)


def to_hardware(data: SiteData, *, linked: bool = True) -> tuple[Words, ...]:
    """On how many kinds trials ran, with the way to their page; () where on one."""
    numbers = [machine.number for machine in data.results.provenance.machines]
    if not numbers:
        return ()
    kinds = count_of(sum(map(bool, numbers)), "kind")
    rest = "" if all(numbers) else ", and some on hardware that is not recorded"
    more = (": ", link("what ran on which", "hardware.html")) if linked else ()
    return (words(f"Trials ran on {kinds} of hardware{rest}", *more, "."),)


def sealing_section(data: SiteData, key: HarnessKey) -> Iterator[Section]:
    """What a harness scores in a sandbox and in none, where both were run."""
    found = next((s for s in data.results.provenance.sealing if s.harness == key), None)
    if found is None:
        return
    over = (
        "Over the cells (combo and task) that ran both ways, all trials."
        if found.shared
        else "No cell ran both ways: the two rates are over different cells, all "
        "trials, and differ by these too."
    )
    yield Section(
        title="In a sandbox and in none",
        anchor="sealed",
        paragraphs=paragraph(over),
        table=_table(
            "Trials of this harness in a sandbox and in none",
            [("in a sandbox", found.sealed), ("in none", found.unsealed)],
        ),
    )


def _table(caption: str, found: Iterable[tuple[str, Standing[Key]]]) -> Table:
    return Table(
        caption=caption,
        columns=_COLUMNS,
        rows=tuple(
            (Cell(text=text, sort=text), plain_cell(s.n_across), *measures(s))
            for text, s in found
        ),
    )
