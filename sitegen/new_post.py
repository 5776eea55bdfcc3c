"""A post to start from: the questions, what answers them, and what is true today.

Nothing is typed that results could change: numbers, ranks and verdicts are quotes, in
the spelling that the site and a Jekyll blog both read.
"""

import json
import re
from collections.abc import Sequence

from harness_bench.errors import Problem, PublishError
from sitegen.escape import one_line
from sitegen.judge.verdict import Verdict
from sitegen.numbers import UNKNOWN
from sitegen.published import Published, QuoteError, Row
from sitegen.quotes import Wrong, include, quotes, said
from sitegen.slug import slugs

_FIRST_ROWS, _TABLE_ROWS = 3, 8
_KEYS = ("model", "quant", "variant", "harness", "task")
_COLUMNS = (*_KEYS, "passed", "n_trials:Of", "rate", "agent_time_mean_s")
_QUESTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Which model, in which harness?",
        "combos",
        ("speed_vs_accuracy", "model_harness_heatmap"),
    ),
    ("Which model?", "models", ("size_vs_pass_rate",)),
    ("Which harness?", "harnesses", ("harness_ranking",)),
    ("What is solved in how much time?", "", ("success_within_budget",)),
    ("Which tasks are hard?", "tasks", ("task_difficulty",)),
    ("Does the answer change?", "", ("sweep_change",)),
    ("Do more bits help?", "", ("quant_pairs",)),
    ("Who looked at the grader?", "", ("audit",)),
)
"""Each with a table and charts that answer it, where they are there."""
_SENTENCES = (
    "{who}: {passed} of {n_trials} trials passed.",
    "The rate is {rate}, the 95 % interval {ci_low} to {ci_high}.",
    "Any rank from {rank_low} to {rank_high} is possible.",
    "A trial took {agent_time_mean_s}.",
)
"""About one row: `{field}` becomes a quote, `{who}` what the row is about."""
_UNREADABLE = re.compile(r"[\\\"'`%{}<>&$|\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Nothing escapes these for Liquid, both Markdowns and an include at once."""


def draft(published: Published, title: str, day: str) -> tuple[str, str]:
    """The name and the text of a post, in which every quote has an answer.

    Args:
        published: What a built site says today.
        title: Of the post; its file is called by it.
        day: Of the post: "2026-11-29".

    Raises:
        PublishError: The site has nothing that a post could quote.
    """
    claims = "\n".join(
        f"- {include('claim', id=row['name'])}"
        for row in _rows(published, "claims")
        if row["verdict"] == Verdict.HOLDS
        and row.get("name")
        and not _UNREADABLE.search(row["name"])
    )
    bodies = {"In short": claims} | {
        asked: _body(published, table, charts) for asked, table, charts in _QUESTIONS
    }
    sections = [f"## {asked}\n\n{body}\n" for asked, body in bodies.items() if body]
    if not sections:
        what = "publishes no chart and no number that a post could quote"
        raise PublishError(Problem("the site", what))
    whole = json.dumps(one_line(title), ensure_ascii=False)
    front = f"---\nlayout: post\ntitle: {whole}\ndate: {day}\n---\n"
    first = f"{front}Say here what was measured, and why.\n"
    return f"{day}-{slugs([title])[title]}.md", "\n".join([first, *sections])


def _body(published: Published, table: str, charts: Sequence[str]) -> str:
    """What answers a question; "" where nothing does."""
    charts = [each for each in charts if each in published.charts]
    if charts and table:
        # Where the chart is of one sweep, so is what is said beside it.
        scope = published.charts[charts[0]]["csv"].split("/")[1:-1]
        table = "/".join([*scope, table])
    rows = _rows(published, table)
    if not charts and len(rows) < 2 and table != "combos":  # noqa: PLR2004 - which one is no question where there is one
        return ""
    lines = [_said(published, table, row) for row in rows[:_FIRST_ROWS]]
    blocks = ["\n".join(f"- {line}" for line in lines if line)]
    blocks += [include("chart", id=each) for each in charts]
    if rows:
        known = {name for row in rows for name in row if row[name] is not None}
        wide = ", ".join(c for c in _COLUMNS if c.partition(":")[0] in known)
        blocks.append(include("table", of=table, top=_TABLE_ROWS, columns=wide))
    return "\n\n".join(filter(None, blocks))


def _rows(published: Published, table: str) -> Sequence[Row]:
    """Those of a table that a Jekyll blog can quote too."""
    return published.rows(table) if table in published.quotable else ()


def _said(published: Published, table: str, row: Row) -> str:
    """The sentences about a row of which all is known."""
    keys = {key: row[key] or "" for key in _KEYS if key in row}
    if any(map(_UNREADABLE.search, keys.values())):
        return ""
    names = re.sub(r"([*_\[\]#~])", r"\\\1", " ".join(filter(None, keys.values())))

    def quote(field: re.Match[str]) -> str:
        if field[1] == "who":
            return f"**{names}**"
        return include("value", of=table, **keys, field=field[1])

    lines = [re.sub(r"\{(\w+)\}", quote, each) for each in _SENTENCES]
    return " ".join(line for line in lines if _is_answered(line, published))


def _is_answered(text: str, published: Published) -> bool:
    """Whether all that a text quotes is published, and known."""
    try:
        return not any(
            isinstance(each, Wrong) or said(each, published) == UNKNOWN
            for each in quotes(text)
        )
    except QuoteError:
        return False
