"""What a server that runs already tells of itself, in the words of each kind.

Sources:
    llama.cpp's tools/server/README.md (`/props`; `meta` in the list of models),
    docs.vllm.ai and docs.sglang.io (`max_model_len`), lmstudio.ai/docs/developer/rest
    (`/api/v0/models`), Ollama's docs/api.md (`/api/ps`, `/api/show`).
"""

import hashlib
import http.client
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from runner.proxy.api_path import served_at
from runner.proxy.wire.loose import Table, count, dumped, parsed, table, tables, text

ANSWER_S: Final = 10.0
UNREACHABLE: Final = (OSError, http.client.HTTPException)
"""What asking raises where no server answers."""
_REAL: Final = ("loaded_context_length", "context_length", "max_model_len")
"""In the entry of a model: how many tokens a conversation may have."""
_AT_MOST: Final = ("max_context_length", "n_ctx_train")
"""There or in its `meta`: how many the model was made for."""
_FEWEST_LETTERS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is known of one model there; None: the server does not tell."""

    names: tuple[str, ...] = ()
    """All models in its list."""
    served_as: str | None = None
    """The one that answers, as the server calls it."""
    server_build: str | None = None
    chat_template_sha256: str | None = None
    context_tokens: int | None = None
    """How many one conversation can have."""
    context_at_most: int | None = None
    """How many the model was made for."""
    tools: bool | None = None
    """Whether its template takes tools."""


def get(
    base_url: str, path: str, keys: Mapping[str, str], body: Table | None = None
) -> tuple[int, Any]:
    """Status and content of a path; with a body it is a POST.

    Raises:
        UNREACHABLE: Nobody answers.
    """
    place = urlsplit(base_url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[place.scheme](place.hostname or "", place.port, timeout=ANSWER_S)
    with closing(connection):
        given = None if body is None else dumped(body)
        method = "GET" if body is None else "POST"
        connection.request(method, path, given, dict(keys))
        response = connection.getresponse()
        return response.status, parsed(response.read())


def hashed(template: str) -> str | None:
    """The hash of a template; None: there is none."""
    return hashlib.sha256(template.encode()).hexdigest() if template else None


def models_path(base_url: str) -> str:
    """Where the list of models is."""
    return urlsplit(served_at(base_url, "/v1/models")).path


def look(base_url: str, name: str, keys: Mapping[str, str]) -> Looked:
    """Ask a server what it tells of a model.

    Raises:
        UNREACHABLE: Nobody answers.
    """

    def told(path: str, body: Table | None = None) -> Table:
        status, said = get(base_url, path, keys, body)
        return table(said) if status == http.client.OK else {}

    root = urlsplit(base_url).path.rstrip("/")
    listed = tables(told(models_path(base_url)).get("data"))
    entry = _entry(listed, name)
    props = told(f"{root}/props")
    found: list[Table] = [entry, table(entry.get("meta"))]
    template = text(props.get("chat_template"))
    able: object = table(props.get("chat_template_caps")).get("supports_tools")
    tools = able if isinstance(able, bool) else None
    real = context_tokens(props)
    if not props:  # other servers than llama.cpp's
        found.append(_entry(tables(told("/api/v0/models").get("data")), name))
        show = told("/api/show", {"model": name})
        loaded = tables(told("/api/ps").get("models")) if show else []
        found.append(_entry(loaded, name))
        about = table(show.get("model_info"))
        ends = [each for key, each in about.items() if key.endswith(".context_length")]
        found.append({"n_ctx_train": next(iter(ends), None)})
        given = re.search(r"(?m)^\s*num_ctx\s+(\d+)", text(show.get("parameters")))
        real = int(given[1]) if given else None
        template = text(show.get("template"))
        able = show.get("capabilities")
        tools = "tools" in able if isinstance(able, list) else None
    return Looked(
        names=tuple(_id(each) for each in listed),
        served_as=_id(entry) or None,
        server_build=text(props.get("build_info")) or None,
        chat_template_sha256=hashed(template),
        context_tokens=real or _first(found, _REAL),
        context_at_most=_first(found, _AT_MOST),
        tools=tools,
    )


def context_tokens(props: Table) -> int | None:
    """How many tokens one slot of llama-server holds, says its `/props`."""
    return count(table(props.get("default_generation_settings")).get("n_ctx"))


def is_named(name: str, listed: str) -> bool:
    """Whether a name in a list may well be this one, spelled in another way."""
    ours, theirs = _letters(name), _letters(listed)
    short = min(len(ours), len(theirs)) < _FEWEST_LETTERS
    return ours == theirs if short else ours in theirs or theirs in ours


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _entry(listed: list[Table], name: str) -> Table:
    """The entry of a model: of its name, of nearly its name, or the only one."""
    exact = [each for each in listed if _id(each) == name]
    near = [each for each in listed if is_named(name, _id(each))]
    alone = listed if len(listed) == 1 else []
    return next(iter((*exact, *near, *alone)), {})


def _id(entry: Table) -> str:
    return text(entry.get("id")) or text(entry.get("model")) or text(entry.get("name"))


def _first(found: list[Table], keys: tuple[str, ...]) -> int | None:
    counts = (count(each.get(key)) for each in found for key in keys)
    return next((number for number in counts if number), None)
