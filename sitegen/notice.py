"""What a reader must know before any number, on pages and on embedded charts.

Why the results may not hold yet, and which models were scripts: said here alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness_bench.schema import UsageSource
from sitegen.config import SiteSettings
from sitegen.definitions import PAGE
from sitegen.keys import Key, ModelKey
from sitegen.names import Names
from sitegen.numbers import abridged, count_of, listed, percent
from sitegen.records import Records
from sitegen.stats.doubts import Doubts
from sitegen.stats.provenance import Mixture, Mixtures
from sitegen.texts import Rows
from sitegen.words import Run, Words, link, strong, words

SERVER = "scripted"
"""What the build of the server of a scripted model begins with: a program that plays a
model, so that the bench itself is tested."""
_NAMED = 5
"""As many scripted models are named where there are many."""
PRELIMINARY = "Preliminary"
"""What results are called that may not hold yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice of a site."""

    settings: SiteSettings
    doubts: Doubts
    scripted: Mapping[str, str]
    """By name, in order: what each scripted model is called."""
    estimated: Mapping[str, str] = field(default_factory=dict)
    """The same of each model of which some tokens are estimates."""
    mixtures: Mixtures = field(default_factory=dict)

    @property
    def status(self) -> str:
        """All of it in a word or two, for a line under a chart; empty: nothing."""
        own = self.settings.status[:1].upper() + self.settings.status[1:]
        if not any(_reasons(self.doubts)) or own == PRELIMINARY:
            return own
        return f"{own}, {PRELIMINARY.lower()}" if own else PRELIMINARY

    def about(self, model: str | None, shows: Key | str | None = None) -> Words:
        """What a page or chart says of the numbers on it; empty: nothing.

        Args:
            model: The one model whose results it shows; None: of several.
            shows: The one entity or sweep whose trials they are; None: all trials.
        """
        status = self.settings.status[:1].upper() + self.settings.status[1:]
        reasons = "; ".join(_reasons(self.doubts))
        parts: list[str | Run] = []
        if status and not (reasons and status == PRELIMINARY):
            parts += [strong(f"{status}."), " "]
        parts += _scripted(_called(self.scripted, model))
        if guessed := _called(self.estimated, model):
            said = f" the server of {listed(abridged(guessed, _NAMED))} did not tell"
            more = " all tokens; as many at least were used. "
            parts += [strong("Estimates:"), f"{said}{more}"]
        if self.settings.note:
            parts += [f"{self.settings.note} "]
        if mixture := self.mixtures.get(shows):
            parts += [strong("Mixed:"), f" {_mixed(mixture)} "]
        if reasons:
            parts += [strong(f"{PRELIMINARY}:"), f" {reasons}. "]
        return words(*parts, link("How to read this", PAGE)) if parts else ()

    def brief(self, model: str | None, shows: Key | str | None = None) -> Words:
        """The same in a line, for an embedded chart: who is a script, and marks."""
        whole = self.about(model, shows)
        first, *rest = [r.text.rstrip(".:") for r in whole if r.strong] or [""]
        parts = _scripted(_called(self.scripted, model))
        if first:
            marks = ", ".join([first, *(each.lower() for each in rest)])
            parts += [strong(f"{marks}."), " "]
        return words(*parts, link("How to read it", PAGE)) if whole else ()


_WHAT = {
    "hardware": ("the hardware", "{} kinds of hardware"),
    "harness_version": ("the version of the harness", "up to {} versions of a harness"),
    "server_build": ("the build of the server", "{} builds of the model server"),
    "sampling": ("the sampling", "{} ways of sampling"),
    "sandbox": ("the sandbox", "{} kinds of sandbox"),
}


def _mixed(mixture: Mixture) -> str:
    """What differs within the trials that a page shows, as sentences."""
    several = [_WHAT[name][1].format(n) for name, n in mixture.kinds.items()]
    partly = [_WHAT[name][0] for name in mixture.partly]
    said = []
    if several:
        said.append(f"these trials ran with {listed(several)}.")
    if partly:
        verb = "is" if len(partly) == 1 else "are"
        said.append(f"{listed(partly)} {verb} recorded of some trials only.")
    if "hardware" in {*mixture.kinds, *mixture.partly}:
        said.append("No time is averaged over unlike hardware.")
    return " ".join([said[0], *(each[0].upper() + each[1:] for each in said[1:])])


def scripted_models(records: Records, names: Names) -> dict[str, str]:
    """The models of which at least one trial was answered by a script, as called."""
    builds = records.coded("server_build")
    return _models(records, builds.where(lambda b: (b or "").startswith(SERVER)), names)


def estimated_models(records: Records, names: Names) -> dict[str, str]:
    """The models that used tokens of which no server told, as called."""
    guessed = records.coded("usage_source").among({UsageSource.ESTIMATE})
    return _models(records, guessed, names)


def _models(records: Records, rows: Rows, names: Names) -> dict[str, str]:
    found = sorted(records.take(rows).coded("model").values)
    return {name: names[ModelKey(name)].label for name in found}


def _called(models: Mapping[str, str], only: str | None) -> list[str]:
    return [text for name, text in models.items() if only in {None, name}]


def _scripted(labels: list[str]) -> list[str | Run]:
    if not labels:
        return []
    said = (
        f"{labels[0]} is a scripted model. It tests the bench; it is not a language "
        "model."
    )
    if len(labels) > 1:
        said = (
            f"{listed(abridged(labels, _NAMED))} are scripted models. They test the "
            "bench; they are not language models."
        )
    return [f"{said} "]


def _reasons(doubts: Doubts) -> Iterator[str]:
    if doubts.ran_once == 1:
        yield "every cell ran once"
    elif doubts.ran_once is not None:
        yield f"{percent(doubts.ran_once, 0)} % of the cells ran once"
    if doubts.no_sandbox_recorded:
        yield "no sandbox is recorded"
    if doubts.unconfined:
        yield f"{count_of(doubts.unconfined, 'trial')} ran in no sandbox"
    if doubts.covered is not None:
        yield (
            f"{percent(doubts.covered, 0)} % of all cells (every combo on every task) "
            "were measured"
        )
