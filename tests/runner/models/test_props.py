"""What llama-server says of itself, and what others say in its place."""

import pytest

from runner.models.props import context_tokens


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"default_generation_settings": {"n_ctx": 8192}}, 8192),
        ({"default_generation_settings": {"n_ctx": "8192"}}, None),
        ({"default_generation_settings": [8192]}, None),
        ({}, None),
    ],
)
def test_the_context_is_that_of_one_slot_where_it_is_told(
    props: dict[str, object], expected: int | None
) -> None:
    assert context_tokens(props) == expected
