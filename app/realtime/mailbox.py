"""Bells on their way from Redis to those who wait for them."""

import asyncio
from typing import Final

GAP: Final = ""
"""A message that tells no position: bells may have been missed, so read from where you are."""


class Mailbox:
    """The newest message of each channel until it is taken: never more than there are channels."""

    def __init__(self) -> None:
        self._messages: dict[str, str] = {}
        self._filled = asyncio.Event()

    def put(self, channel: str, message: str) -> None:
        """Keep a message in place of an older one; nothing takes the place of a gap."""
        if self._messages.get(channel) != GAP:
            self._messages[channel] = message
        self._filled.set()

    def drop(self, channel: str) -> None:
        """Forget what is kept for a channel."""
        self._messages.pop(channel, None)

    async def take(self) -> tuple[str, str]:
        """Wait for a message; give its channel and itself."""
        while not self._messages:
            self._filled.clear()
            await self._filled.wait()
        channel = next(iter(self._messages))
        return channel, self._messages.pop(channel)
