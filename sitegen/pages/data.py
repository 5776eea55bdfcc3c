"""The data behind every figure, for download, with what each column means."""

from collections.abc import Iterator

import harness_bench
from sitegen.croissant import CROISSANT
from sitegen.datafiles.format import DataFile
from sitegen.numbers import count_of
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.site_data import SiteData
from sitegen.table import Cell, Column, Table, plain_cell
from sitegen.view import data_folder
from sitegen.words import link, paragraph, strong, words


def data_pages(data: SiteData) -> Iterator[Page]:
    """The one page about the data files of every scope."""
    whole = data.files[None]
    formats = "CSV, JSON and Parquet" if data.parquet else "CSV and JSON"
    lead = paragraph(
        f"{count_of(len(whole), 'table')}, each as {formats}, over all trials and for "
        "each sweep. Proportions run from 0 to 1, times are in seconds, and what was "
        "not measured is empty, never 0. ",
        link("Croissant", CROISSANT),
        " describes them for machines. ",
        link("Code to show them elsewhere", "gallery.html"),
        ".",
    )
    sections = [
        Section(
            title=data.names.scope_text(sweep).capitalize(),
            anchor=f"scope-{number}",
            table=_files(data, sweep, found),
        )
        for number, (sweep, found) in enumerate(data.files.items())
    ]
    if data.can_be_rebuilt:
        sections.append(_again())
    if data.contributions:
        sections.append(_contributions(data))
    sections += [
        Section(
            title=found.name,
            anchor=f"columns-{found.name}",
            folded=count_of(len(found.fields), "column"),
            paragraphs=paragraph(
                f"{found.title}. ",
                link("JSON Schema", f"data/schema/{found.name}.json"),
            ),
            terms=tuple(
                (
                    field.name,
                    words(
                        field.description
                        + ("." if not field.nullable else "; may be empty.")
                    ),
                )
                for field in found.fields
            ),
        )
        for found in whole
    ]
    yield Page(
        path="data.html",
        title="Data",
        description=plain(lead),
        content=Content(
            heading="Download the data", lead=lead, sections=tuple(sections)
        ),
    )


def _contributions(data: SiteData) -> Section:
    return Section(
        title="Who brought what",
        anchor="contributors",
        table=Table(
            caption="Contributors, by name",
            columns=(
                Column(title="Contributor", kind="name"),
                Column(title="Trials"),
                Column(title="Combos"),
                Column(title="Tasks"),
                Column(title="Hardware", kind="text", folds=True),
            ),
            rows=tuple(
                (
                    plain_cell(each.who),
                    *map(plain_cell, (each.trials, each.combos, each.tasks)),
                    plain_cell(", ".join(each.hardware)),
                )
                for each in data.contributions
            ),
        ),
    )


def _again() -> Section:
    return Section(
        title="The whole site again",
        anchor="again",
        paragraphs=paragraph(
            "This site is made of ",
            link("rebuild.zip", "data/rebuild.zip"),
            ". Where it is unpacked, and with harness-bench "
            f"{harness_bench.__version__} as it made this site, one command makes "
            "it again byte for byte, in the folder site: ",
            strong("harness-bench build cells.csv"),
        ),
    )


def _files(data: SiteData, sweep: str | None, found: tuple[DataFile, ...]) -> Table:
    folder = data_folder(sweep, data.names)
    empty = [file.name for file in found if not file.rows]
    formats = ("CSV", "JSON", *(("Parquet",) if data.parquet else ()))
    return Table(
        caption=f"Data files, {data.names.scope_text(sweep)}",
        columns=(
            Column(title="Table", kind="name"),
            Column(title="What it holds", kind="text", folds=True),
            Column(title="Rows", folds=True),
            *(Column(title=title) for title in formats),
        ),
        rows=tuple(
            (
                Cell(
                    text=file.name,
                    href=f"data.html#columns-{file.name}",
                    sort=file.name,
                ),
                plain_cell(file.title),
                plain_cell(len(file.rows)),
                *(
                    Cell(
                        text=each, href=f"{folder}{file.name}.{each.lower()}", sort=each
                    )
                    for each in formats
                ),
            )
            for file in found
            if file.rows
        ),
        after=words(f"These have no rows: {', '.join(empty)}.") if empty else (),
    )


PAGES = PageType(label="Data", href="data.html", pages=data_pages)
