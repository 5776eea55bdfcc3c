"""Where vendors have what we call `/v1/chat/completions`."""

import pytest

from runner.proxy.api_path import served_at


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions"),
        ("https://h/api/", "https://h/api/v1/chat/completions"),
        ("https://h/api/paas/v4", "https://h/api/paas/v4/chat/completions"),
        ("https://h/v1beta/openai/", "https://h/v1beta/openai/chat/completions"),
        ("https://h/api/v3", "https://h/api/v3/chat/completions"),
        ("https://v4/x", "https://v4/x/v1/chat/completions"),
        ("https://h/v4x4/y", "https://h/v4x4/y/chat/completions"),
        ("https://h/v4-x/y", "https://h/v4-x/y/v1/chat/completions"),
        ("https://h/chat/completions", "https://h/chat/completions"),
        ("https://h/api/v3/chat/completions/", "https://h/api/v3/chat/completions"),
    ],
)
def test_an_address_with_a_version_or_a_whole_path_is_taken_as_it_is(
    base_url: str, expected: str
) -> None:
    assert served_at(base_url, "/v1/chat/completions") == expected


def test_other_paths_are_beside_a_whole_one_and_keep_their_query() -> None:
    at = "https://h/v2/chat/completions"
    assert served_at(at, "/v1/messages?beta=true") == "https://h/v2/messages?beta=true"
    assert served_at("https://h/v2/messages", "/v1/models") == "https://h/v2/models"
