"""Trials side by side, and now and then one for which all others wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Quiet:
    """Many may be in `together()` at one time, or one in `alone()`."""

    def __init__(self) -> None:
        self._together = 0
        self._changed = asyncio.Condition()
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Beside others; those who want to be alone go first."""
        async with self._one:
            self._together += 1
        try:
            yield
        finally:
            async with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """When the others have ended; nobody begins until this has."""
        async with self._one:
            async with self._changed:
                await self._changed.wait_for(lambda: not self._together)
            yield
