"""What the outside tells the inside to do: a command with what it was given.

It is a pickle, and goes in only: nothing that comes out of the box is unpickled. What
is a file or a folder outside goes in with it and is a path of the box there; a model
whose server is outside stands for it by its number.
"""

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from runner.models.model import Answering, Model, Remote, Told
from runner.models.scripted import Scripted

INPUT: Final = "in"
"""Folder of the box for what goes in."""
ORDER: Final = "order"
"""File of the box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command and what it was given."""

    target: str
    """Module and attribute of the click command: `package.module:attribute`."""
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """What the inside has to know of a model whose server is outside."""

    number: int
    is_hosted: bool
    identity: Mapping[str, str]
    answers: tuple[str, ...] | None
    """None: it does not say."""
    kind: str
    """`told`, `remote` or `plain`: what of it can be asked before a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An order that can be sent."""

    data: bytes
    files: Mapping[str, Path]
    """Path below the box's folder -> file or folder outside."""
    models: tuple[Model, ...]
    """By their numbers."""


@dataclass(slots=True)
class _Found:
    """What packing meets."""

    places: dict[Path, str]
    files: dict[str, Path] = field(default_factory=dict)
    models: list[Model] = field(default_factory=list)


def pack(order: Order, *, places: Mapping[Path, str], root: str) -> Packed:
    """An order as it is sent.

    Args:
        order: Frozen values; paths among them are taken along.
        places: Folder outside -> its place inside, for those that are there already.
        root: The folder of the box.
    """
    found = _Found({path.absolute(): place for path, place in places.items()})

    class Packer(pickle.Pickler):
        def persistent_id(self, obj: object) -> object:
            if isinstance(obj, Path):
                return ("path", _inside(found, obj.absolute(), root))
            if isinstance(obj, Scripted) or not hasattr(obj, "serve"):
                return None
            return None if isinstance(obj, type) else ("far", _far(found, obj))  # type: ignore[arg-type]

    file = io.BytesIO()
    Packer(file).dump(order)
    return Packed(data=file.getvalue(), files=found.files, models=tuple(found.models))


def _inside(found: _Found, path: Path, root: str) -> str:
    """Where a path is inside; what exists goes there."""
    for outer in (path, *path.parents):
        if outer in found.places:
            below = path.relative_to(outer)
            return str(Path(found.places[outer]) / below)
    if not path.exists():
        return str(path)
    # In a folder of its own each: two packs may have one name.
    place = f"{INPUT}/{len(found.files)}/{path.name}"
    found.files[place] = path
    found.places[path] = f"{root}/{place}"
    return found.places[path]


def _far(found: _Found, model: Model) -> Mapping[str, Any]:
    if model not in found.models:
        found.models.append(model)
    kind = "remote" if isinstance(model, Remote) else "plain"
    return {
        "number": found.models.index(model),
        "is_hosted": model.is_hosted,
        "identity": dict(model.identity()),
        "answers": model.answers if isinstance(model, Answering) else None,
        "kind": "told" if isinstance(model, Told) else kind,
    }


def unpack(data: bytes, relay: Callable[[Far], object]) -> Order:
    """The order, inside.

    Args:
        data: What `pack` made.
        relay: Makes the model that stands for one outside.
    """
    made: dict[int, object] = {}

    class Unpacker(pickle.Unpickler):
        def persistent_load(self, pid: Any) -> object:  # noqa: ANN401 - as pickled
            kind, value = pid
            if kind == "path":
                return Path(value)
            far = Far(**value)
            return made.setdefault(far.number, relay(far))

    found: Order = Unpacker(io.BytesIO(data)).load()
    return found
