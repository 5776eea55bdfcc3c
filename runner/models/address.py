"""The address of a model's server: what it must be, and whose network it is in."""

import re
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

_THIS_MACHINE: Final = frozenset({"::1", "localhost", "0.0.0.0"})  # noqa: S104 - no bind


def split(url: str) -> SplitResult | None:
    """The parts of an address; None: it cannot be taken apart."""
    try:
        return urlsplit(url)
    except ValueError:  # a bracket too many
        return None


def is_of_a_server(place: SplitResult) -> bool:
    """Whether HTTP can be spoken there."""
    try:
        has_port = place.port is None or place.port > 0
    except ValueError:  # it is no number
        return False
    return place.scheme in {"http", "https"} and bool(place.hostname) and has_port


def is_this_machine(place: SplitResult) -> bool:
    """Whether what is sent there stays on this machine."""
    host = place.hostname or ""
    return host in _THIS_MACHINE or re.fullmatch(r"127(\.\d+){3}", host) is not None


def resolved(place: SplitResult) -> list[str]:
    """What the name of its host stands for.

    Raises:
        OSError: Nobody knows the name.
    """
    found = socket.getaddrinfo(place.hostname, place.port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_on_the_internet(addresses: Sequence[str]) -> bool:
    """Whether all are: a machine of one's own network may have such a one too."""
    return all(ip_address(address).is_global for address in addresses)
