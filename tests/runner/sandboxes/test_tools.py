"""Which commands there are."""

import asyncio

from runner.sandboxes.tools import missing_tools
from runner.sandboxes.unsafe import Unsafe


def test_the_commands_that_are_not_there_are_named_in_their_order() -> None:
    asked = ("no-such-b", "sh", "no-such-a", "cat")
    found = asyncio.run(missing_tools(Unsafe(), asked))
    assert found == ("no-such-b", "no-such-a")


def test_where_all_are_there_none_is_named() -> None:
    assert asyncio.run(missing_tools(Unsafe(), ["sh"])) == ()
