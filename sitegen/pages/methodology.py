"""What was measured and how it was counted, from the settings really used."""

from collections.abc import Iterator
from typing import Any

from harness_bench.schema import COLUMNS
from sitegen.definitions import explained
from sitegen.measures import Measure, shown
from sitegen.metadata import HarnessInfo
from sitegen.numbers import count_of, listed
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.policy import RULES, Choice, Limit
from sitegen.site_data import SiteData
from sitegen.stats.results import Scope
from sitegen.words import Words, link, paragraph, words


def methodology_pages(data: SiteData) -> Iterator[Page]:
    """The one methodology page."""
    size = data.results.all.size
    lead = paragraph(
        f"{count_of(size.rows, 'trial')} of {count_of(size.combos, 'combo')} on "
        f"{count_of(size.tasks, 'task')}. "
        f"{_repeats(data)}"
    )
    html = data.notes_html
    notes = (Section(title="Notes", anchor="notes", html=html),) if html else ()
    yield Page(
        path="methodology.html",
        title="Method",
        description=plain(lead),
        content=Content(
            heading="How was this counted?",
            lead=lead,
            sections=(
                *notes,
                Section(title="Words", anchor="words", terms=_WORDS),
                Section(title="What counts", anchor="counting", terms=_counting(data)),
                Section(
                    title="The figures",
                    anchor="figures",
                    paragraphs=(_known_times(data),),
                    defines=explained(_told(data.results.all)),
                ),
                Section(
                    title="What is published", anchor="privacy", terms=_privacy(data)
                ),
                *_sweeps(data),
                *_harnesses(data),
                *_reading(data),
            ),
        ),
    )


def _told(scope: Scope) -> tuple[Measure, ...]:
    """What is measured here; what answering was like, only where any of it is."""
    return tuple(
        each
        for each in shown(Measure, scope.recorded)
        if each in scope.recorded or scope.speeds
    )


def _repeats(data: SiteData) -> str:
    size = data.results.all.size
    if size.most_trials_a_cell == size.fewest_trials_a_cell == 1:
        return (
            "Every cell ran once: every interval holds chance within a cell and the "
            "choice of tasks together, and nothing can tell the two apart."
        )
    if size.most_trials_a_cell == size.fewest_trials_a_cell:
        return f"Every cell ran {size.most_trials_a_cell} times."
    return (
        f"A cell ran between {size.fewest_trials_a_cell} and "
        f"{size.most_trials_a_cell} times."
    )


_UNPUBLISHED = frozenset(
    column.name
    for column in COLUMNS
    if column.group == "provenance" or column.name in {"seed", "sandbox"}
)
"""Columns of which no page shows a value."""

_WORDS: tuple[tuple[str, Words], ...] = (
    ("Harness", words("The agent program that a model works in.")),
    ("Combo", words("A model at a quantisation in a harness.")),
    ("Cell", words("A combo on a task.")),
    ("Trial", words("One run of a cell with one seed: one row of the input.")),
    ("Sweep", words("Cells that were run to be compared with each other.")),
)


_ALWAYS: tuple[tuple[str, Words], ...] = (
    (
        "Times on unlike hardware",
        words(
            "They are neither averaged nor compared: an entry has a mean where all of "
            "its trials ran on one kind, and stands beside others, as on a frontier, "
            "where that is the kind of most trials."
        ),
    ),
    (
        "Task versions",
        words("One version per task: rows under two versions are refused."),
    ),
)
"""Rules that no setting changes."""


def _counting(data: SiteData) -> tuple[tuple[str, Words], ...]:
    return (
        (
            "Infrastructure",
            words(
                "A broken server, sandbox, set-up or grader, and a cancelled trial, "
                "say nothing about the agent: they leave the denominator and are "
                "shown as coverage."
            ),
        ),
        *(
            (rule.term, _rule_words(rule, getattr(data.settings.policy, name)))
            for name, rule in RULES.items()
        ),
        *_ALWAYS,
        *_foreign(data),
    )


def _rule_words(rule: Choice | Limit, value: Any) -> Words:  # noqa: ANN401 - a setting
    if not rule.compared:
        return words(rule.sentence(value))
    return words(
        rule.sentence(value),
        " The other two ways of counting stand beside it: ",
        link(rule.compared, f"analysis.html#{rule.compared}"),
        ".",
    )


def _foreign(data: SiteData) -> Iterator[tuple[str, Words]]:
    """What `[input]` changed, in our words: names of foreign columns are private."""
    given = data.settings.input
    if given.statuses:
        yield (
            "Status words",
            words("The source has its own; each was translated into one of ours."),
        )
    hidden = {"task"} if data.settings.publish.task_ids == "numbered" else set()
    for column, value in sorted(given.defaults.items()):
        if column in _UNPUBLISHED | hidden:
            yield f"Empty {column}", words("Filled in with what is not published.")
        else:
            yield f"Empty {column}", words(f"Read as {value!r}.")
    if given.score_scale != 1:
        yield "Full marks", words(f"{given.score_scale:g}: scores were divided by it.")
    if given.verdict:
        yield (
            "Columns that contradict each other",
            words(f"Where {given.verdict} is known, it decides."),
        )
    for column in sorted(given.unknown):
        yield (
            f"Unknown {column}",
            words("Values that stand for nothing measured count as unknown."),
        )
    if given.score_outside != "error":
        how = {"clip": "moved to the nearer end", "empty": "taken as not measured"}
        yield (
            "Scores outside 0 to 1",
            words(f"Were {how[given.score_outside]}."),
        )
    if given.duplicates != "error":
        counts = f"Of several rows for one trial the {given.duplicates} counts."
        each = "Rows that no seed tells apart are trials of their own."
        yield (
            "Rows with one key",
            words(each if given.duplicates == "number" else counts),
        )


def _known_times(data: SiteData) -> Words:
    size = data.results.all.size
    return words(f"The time is known for {size.timed:,} of {size.trials:,} trials.")


def _privacy(data: SiteData) -> tuple[tuple[str, Words], ...]:
    publish, told = data.settings.publish, data.results.told
    cells = (
        words("Published: the author of these results chose to show every cell.")
        if told is None
        else words(
            f"Not published. {told.said} Nothing else here tells one. Comparisons of "
            "combos and curves are left out: they rest on the cells of two, or on the "
            "order of few trials. Others are told apart where it is told how each did "
            "on each task. In intervals all trials of a task count as "
            "one, which makes them wider than need be."
        )
    )
    least = "" if told is None else f" of {count_of(publish.min_cells, 'cell')} or more"
    return (
        (
            "Totals",
            words(
                f"By combo, model, harness and task{least}. A total of 0 or 100 % "
                "tells each of its cells; that is accepted."
            ),
        ),
        ("Single cells", cells),
        ("Vendors", _vendors(data)),
        (
            "Never published",
            words(
                "Prompts, traces, logs, solutions, graders, and any column "
                "outside the schema."
            ),
        ),
    )


def _vendors(data: SiteData) -> Words:
    """Who was sent the tasks, as far as the metadata says it."""
    models: dict[str, list[str]] = {}
    for model in {combo.model_of for combo in data.results.ran}:
        info = data.metadata.models.get(model.model)
        if info and info.vendor:
            label = data.names[model].label
            models.setdefault(info.vendor, []).append(label)
    if not models:
        return words(
            "No model here is known to be hosted by a vendor, and no task to have been "
            "sent to one."
        )
    answered = [
        f"{listed(sorted(labels))} {'is' if len(labels) == 1 else 'are'} answered by "
        f"{vendor}"
        for vendor, labels in sorted(models.items())
    ]
    return words(
        f"{'; '.join(answered)}. Instructions and files of the tasks were sent there. "
        "harness-bench sends a task pack to a vendor only where the pack's owner "
        "allows it (allow_hosted), and never hidden tests or solutions. What a vendor "
        "has seen may be in its next model."
    )


def _sweeps(data: SiteData) -> Iterator[Section]:
    terms = []
    for scope in data.results.sweeps:
        name = scope.sweep or ""
        known = data.settings.sweeps.get(name)
        note = known.note if known and known.note else ""
        size = scope.size
        terms.append(
            (
                data.names.sweeps[name].label,
                words(
                    f"{count_of(size.combos, 'combo')} on "
                    f"{count_of(size.tasks, 'task')}, "
                    f"{count_of(size.rows, 'trial')}. {note}"
                ),
            )
        )
    if terms:
        yield Section(title="Sweeps", anchor="sweeps", terms=tuple(terms))


def _harnesses(data: SiteData) -> Iterator[Section]:
    """What each harness is, and what it was given."""
    terms = tuple(
        (data.names[harness].label, words(" ".join(said)))
        for harness in sorted({combo.harness_of for combo in data.results.ran})
        if (info := data.metadata.harnesses.get(harness.harness))
        and (said := tuple(_given(info)))
    )
    if terms:
        yield Section(title="Harnesses", anchor="harnesses", terms=terms)


def _given(info: HarnessInfo) -> Iterator[str]:
    if info.version:
        yield f"Version {info.version}."
    if info.settings:
        yield f"Given: {info.settings}."
    if info.prompt_tokens is not None:
        yield (
            f"Its first request held {count_of(info.prompt_tokens, 'token')} (median): "
            "its own prompt, its tools and the task."
        )
    if info.note:
        yield info.note


def _reading(data: SiteData) -> Iterator[Section]:
    size = data.results.all.size
    yield Section(
        title="How far to trust it",
        anchor="limits",
        paragraphs=paragraph(
            f"With {count_of(size.tasks, 'task')}, neighbouring ranks "
            "are rarely "
            "real differences: look at the interval and at the range "
            "of the rank "
            "before the rank. Numbers from different sweeps rest on different "
            "cells and compare only where they are paired."
        ),
    )


PAGES = PageType(label="Method", href="methodology.html", pages=methodology_pages)
