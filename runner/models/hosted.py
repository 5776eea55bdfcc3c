"""A vendor's model behind its API: a baseline for models on machines of one's own.

The key stays here: the proxy adds it to what it sends to the vendor, and no sandbox,
file or page of ours ever holds it.
"""

import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from harness_bench.errors import ModelError, Problem, shown
from runner.models import address
from runner.models.model import Provenance, spoken
from runner.models.prices import Prices
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import ProtocolName
from runner.tasks import Task

_PRICES: Final = ("in", "out", "cached", "stored")
_NAME: Final = re.compile(r"[A-Z]+(_[A-Z0-9]+)+")
_MESSAGES: Final = "/v1/messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """`[[model]]` with `key_env`."""

    is_hosted: ClassVar[bool] = True

    base_url: str
    """Where the vendor answers, without `/v1`: `https://api.openai.com`."""
    protocol: Literal["openai", "anthropic", "both"]
    """What it answers at this address, and so how it wants its key: in `Authorization`
    or, of Anthropic's protocol, in `x-api-key`. A gateway may answer both."""
    key_env: str
    """The environment variable that holds the key; never the key itself."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """Dollars for a million tokens: `{ in = 3.0, out = 15.0, cached = 0.3,
    stored = 3.75 }`. Without them, the column cost_usd stays empty. What is read from
    the vendor's cache and what is put there cost as much as `in` unless it is said."""
    context_tokens: int = 0
    """What it can hold, where the settings say it; a vendor does not."""

    def identity(self) -> Mapping[str, str]:
        """The address: what answers there is the vendor's to change."""
        return {"base_url": self.url}

    @property
    def answers(self) -> tuple[ProtocolName, ...]:
        """The protocols in which a harness may speak to it."""
        return spoken(self.protocol)

    @property
    def host(self) -> str:
        """Where it answers, in a word; empty where the address is none."""
        place = address.split(self.url)
        return (place.hostname if place else None) or ""

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the settings, and a key that is missing."""
        return (
            *self._address_problems(),
            *self._key_problems(),
            *self._price_problems(),
        )

    def _address_problems(self) -> tuple[Problem, ...]:
        place, given = address.split(self.url), shown(self.base_url)
        example = "https://api.example.com"
        if place and ("@" in place.netloc or place.query):
            # Not shown: a key may be in it.
            what = f"base_url holds more than an address, expected one like {example}"
        elif (
            place is None
            or not address.is_of_a_server(place)
            # A key must not be readable on its way.
            or not (place.scheme == "https" or address.is_this_machine(place))
        ):
            what = f"base_url is {given}, expected one like {example}"
        elif place.path.endswith("/v1"):
            return (Problem("", f"base_url is {given}", "leave out /v1"),)
        else:
            return ()
        return (Problem("", what),)

    def _key_problems(self) -> tuple[Problem, ...]:
        if not _NAME.fullmatch(self.key_env):  # not shown: it may be the key
            what = "key_env is not the name of a variable, expected one like"
            return (Problem("", f"{what} OPENAI_API_KEY"),)
        key = os.environ.get(self.key_env, "")
        if not key.strip():
            what = f"the variable {self.key_env} is not set"
            return (Problem("", what, "put the key in it"),)
        if not re.fullmatch(r"[!-~]+", key.strip()):
            what = f"the variable {self.key_env} holds blanks or letters beyond ASCII"
            return (Problem("", what, "put the key alone in it"),)
        return ()

    def _price_problems(self) -> tuple[Problem, ...]:
        lines = [
            f"prices has {shown(name)}, expected {', '.join(_PRICES)}"
            for name in self.prices
            if name not in _PRICES
        ]
        lines += [
            f"prices.{name} is {price}, expected dollars per million tokens"
            for name, price in self.prices.items()
            if not 0 <= price < float("inf")
        ]
        lines += [
            f"prices.{name} is missing"
            for name in ("in", "out")
            if self.prices and name not in self.prices
        ]
        return tuple(Problem("", line) for line in lines)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["HostedEndpoint"]:
        """Nothing is started, and nothing more asked: that would cost."""
        if problems := self.problems():
            raise ModelError(*problems)
        provenance = Provenance(
            context_tokens=self.context_tokens or None,
            hardware=f"hosted by {urlsplit(self.url).netloc}",
            prices=self._priced(),
        )
        yield HostedEndpoint(self, provenance)

    def upstream(self) -> Upstream:
        """The way to it; with a key that is missing, it is refused there."""
        return Upstream(self.url, keys=self.headers)

    def headers(self, path: str) -> Mapping[str, str]:
        """The key, as the protocol of this path wants it."""
        found = "anthropic" if path.startswith(_MESSAGES) else "openai"
        key = os.environ.get(self.key_env, "").strip()
        if (found if self.protocol == "both" else self.protocol) == "anthropic":
            return {"x-api-key": key}
        return {"Authorization": f"Bearer {key}"}

    def _priced(self) -> Prices | None:
        if not self.prices:
            return None
        whole = self.prices["in"]
        return Prices(
            tokens_in=whole,
            tokens_out=self.prices["out"],
            tokens_cached=self.prices.get("cached", whole),
            tokens_stored=self.prices.get("stored", whole),
        )

    @property
    def url(self) -> str:
        """Its address."""
        return self.base_url.rstrip("/")


class HostedEndpoint:
    """The vendor's API; its key is in no attribute that is ever shown."""

    def __init__(self, model: Hosted, provenance: Provenance) -> None:
        self.provenance = provenance
        self._url, self.headers = model.url, model.headers

    def base_url(self, _task: Task, _seed: int) -> str:
        """The same for all trials."""
        return self._url

    async def ready(self) -> None:
        """Nothing: asking would cost."""
