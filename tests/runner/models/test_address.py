"""Where a server is, told by its address."""

import pytest

from runner.models.address import is_of_a_server, is_on_the_internet, split


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://[::1]", True),
        ("https://gpu.example/gateway", True),
        ("ftp://gpu", False),
        ("gpu:8080", False),
        ("http://", False),
        ("http://gpu:port", False),
        ("http://gpu:0", False),
        ("http://gpu:70000", False),
    ],
)
def test_http_can_be_spoken_with_a_host_on_a_port(url: str, *, expected: bool) -> None:
    place = split(url)
    assert place is not None
    assert is_of_a_server(place) is expected


def test_what_cannot_be_taken_apart_is_none() -> None:
    assert split("http://[::1") is None


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["127.0.0.1"], False),
        (["::1", "127.0.0.1"], False),
        (["192.168.1.7"], False),
        (["100.101.102.103"], False),  # of an overlay network (RFC 6598)
        (["fd7a:115c:a1e0::1"], False),
        (["fe80::1%eth0"], False),
        (["192.168.1.7", "2606:4700:4700::1111"], False),  # at home, with IPv6
        (["1.1.1.1"], True),
        (["2606:4700:4700::1111", "1.1.1.1"], True),
    ],
)
def test_ones_own_network_is_told_by_its_addresses(
    addresses: list[str], *, expected: bool
) -> None:
    assert is_on_the_internet(addresses) is expected
