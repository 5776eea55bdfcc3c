"""Puts a model file into run.toml: a `[[model]]` table behind all that is there."""

import json
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import inf
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from harness_bench.errors import ModelError, Problem, RunError, refused, shown
from harness_bench.settings import read_toml
from runner.machine.durable import replacing
from runner.models import gguf
from runner.models.llama_server import LlamaServer
from runner.plan import all_trials
from runner.run_folder.ledger import read_ledger
from runner.run_folder.run_lock import known_again
from runner.spec import ModelSettings, ModelSpec, Spec, read_spec
from runner.tasks import read_packs

_OF_ONE_FILE: Final = (
    *("title", "note", "family", "total_params_b", "active_params_b"),
)
"""Keys that say nothing of another model, and are not always set for it."""
_DEFAULTS: Final = {item.name: item.default for item in fields(ModelSettings)}
_QUANT: Final = re.compile(
    r"(?i)(?P<name>.+?)[-._](?P<quant>(UD-)?(I?Q\d\w*|TQ\d_\d|MXFP4\w*|NVFP4\w*|B?F16|F32))"
)
_PART: Final = re.compile(r"-\d{5}-of-\d{5}$")
_SIZE: Final = re.compile(r"(?P<all>[\d.]+)(?P<unit>[BM])(-A(?P<used>[\d.]+)B)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What a run of one model will take."""

    trials: int
    seconds: float | None
    """One trial at a time; None: no trial has ended that it could be judged by."""
    tokens: float | None
    """Read and written; None: the same, or nobody told."""


def add(settings: Path, file: Path, *, like: str | None) -> ModelSpec | None:
    """Put a table for a model file behind all that run.toml holds.

    Args:
        settings: The run.toml; what stands in it stays, byte by byte.
        file: The GGUF; of one in several files, the first.
        like: The label or name of a model in it whose settings are taken over.

    Returns:
        The new model; None: the file was named already, and nothing has changed.

    Raises:
        ModelError: The file is no model.
        SettingsError: run.toml is not right, or would not be with the new table.
        RunError: There is no such model to be like, or run.toml cannot be written.
    """
    spec, document = read_spec(settings), read_toml(settings)
    if problems := gguf.problems(file):
        raise ModelError(*problems)
    if any(_file_of(model) == file.resolve() for model in spec.models):
        return None
    table = _table(settings, file, _taken_over(spec, document, like))
    lines = ["[[model]]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    place = settings.resolve()  # a link stays one
    try:
        before = place.read_bytes()
        end = "\r\n" if b"\r\n" in before else "\n"
        begin = end * (1 if before.endswith(b"\n") else 2)
        text = before + (begin + end.join(lines) + end).encode()
        found = read_spec(settings, text)
        with replacing(place) as new:
            os.fchmod(new.fileno(), stat.S_IMODE(place.stat().st_mode))
            new.write(text)
    except OSError as error:
        raise RunError(refused(settings, "written", error)) from error
    return found.models[-1]


def take(settings: Path, label: str, *, like: str | None) -> Take:
    """What the trials of a model will take, by those of the run that have ended.

    Args:
        settings: The run.toml.
        label: The model's.
        like: Only the trials of this model tell; None: all.
    """
    spec = read_spec(settings)
    folder = spec.run_folder(None)
    trials = known_again(folder, all_trials(spec, read_packs(spec.run.packs)))
    ids = {trial.id for trial in trials if like in {None, *_names(trial.model)}}
    ended = read_ledger(folder).valid
    records = [ended[id_].record for id_ in ids & ended.keys()]
    count = sum(trial.model.label == label for trial in trials)
    times = [r.agent_time_s + (r.grade_time_s or 0) for r in records if r.agent_time_s]
    tokens = [
        r.tokens_in + r.tokens_out for r in records if r.tokens_in and r.tokens_out
    ]
    return Take(
        trials=count,
        seconds=count * fmean(times) if times else None,
        tokens=count * fmean(tokens) if tokens else None,
    )


def _names(model: ModelSpec) -> tuple[str, str]:
    return model.label, model.name


def _file_of(model: ModelSpec) -> Path | None:
    own = model.model
    return own.gguf.resolve() if isinstance(own, LlamaServer) else None


def _taken_over(
    spec: Spec, document: Mapping[str, Any], like: str | None
) -> Mapping[str, Any]:
    """The settings that the new table begins with."""
    if like is None:
        return {}
    found = [n for n, model in enumerate(spec.models) if like in _names(model)]
    if len(found) != 1:
        labels = ", ".join(model.label for model in spec.models)
        what = f"names {len(found)} models of {spec.path.name}"
        raise RunError(Problem(f"--like {shown(like)}", what, f"it has {labels}"))
    if _file_of(spec.models[found[0]]) is None:
        what = "is served from no file of this machine"
        raise RunError(Problem(f"--like {shown(like)}", what, "name one with gguf"))
    table: Mapping[str, Any] = document["model"][found[0]]
    return table


def _table(settings: Path, file: Path, like: Mapping[str, Any]) -> dict[str, Any]:
    """The new table: what the file says of itself, and what is taken over."""
    header = gguf.read_header(file)
    stem = _PART.sub("", file.stem)
    named = _QUANT.fullmatch(stem)
    size = _SIZE.fullmatch(str(header.facts.get("general.size_label", "")))
    folder, place = settings.resolve().parent, file.resolve()
    asked = {**_DEFAULTS, **like}
    context = min(asked["context_tokens"], header.context_tokens or inf)
    table: dict[str, Any] = {
        "name": header.facts.get("general.name") or (named["name"] if named else stem),
        "quant": named["quant"].upper() if named else gguf.quantisation(header),
        "gguf": str(
            place.relative_to(folder) if place.is_relative_to(folder) else place
        ),
        "context_tokens": context,
    }
    if asked["output_tokens"] >= context:
        table["output_tokens"] = context // 4
    if size:
        unit = 1 if size["unit"] == "B" else 1000
        table["total_params_b"] = float(size["all"]) / unit
        is_sparse = f"{header.architecture}.expert_count" in header.facts
        used = size["used"] or (None if is_sparse else size["all"])
        table["active_params_b"] = float(used) / unit if used else None
    kept = {key: value for key, value in like.items() if key not in _OF_ONE_FILE}
    return kept | {key: value for key, value in table.items() if value is not None}


def _toml(value: object) -> str:
    """A value on one line, as TOML writes it."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
