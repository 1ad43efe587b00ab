"""Ring the relay after a commit."""

import asyncio

from broadcaster import Broadcast

from adapters.bell import RELAY_CHANNEL


class RelayBell:
    """The relay's bell as the API rings it: at once, without waiting and without failing.

    Args:
        broadcast: Whose backend swallows the errors of a Redis that is away.
    """

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._is_rung = False
        self._ringer: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Tell the relay that an event waits; many rings at once make one or two messages."""
        self._is_rung = True
        if self._ringer is None or self._ringer.done():
            self._ringer = asyncio.create_task(self._publish())

    async def aclose(self) -> None:
        """Leave no task behind."""
        if self._ringer:
            self._ringer.cancel()
            await asyncio.wait([self._ringer])

    async def _publish(self) -> None:
        while self._is_rung:
            self._is_rung = False
            await self._broadcast.publish(RELAY_CHANNEL, "")
