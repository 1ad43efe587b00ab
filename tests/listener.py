"""A subscriber that comes back after every loss, and a book of what it was told."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from graph.positions import decode_position

_FOR_GOOD_S: Final = 3_600.0
_CHANCE: Final = random.Random()  # noqa: S311 - chance, no secret


@dataclass
class Book:
    """What one subscriber was told."""

    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    positions: list[int] = field(default_factory=list[int])
    oddities: list[str] = field(default_factory=list[str])
    refusals: list[str] = field(default_factory=list[str])

    @property
    def after(self) -> str:
        """The last `eventId`."""
        return f"e_{self.positions[-1] if self.positions else 0}"

    @property
    def is_in_order(self) -> bool:
        """Whether each event came after those before it, and none twice."""
        return self.positions == sorted(set(self.positions))

    def enter(self, answer: dict[str, Any]) -> None:
        """Write down an event."""
        if "errors" in answer:
            self.oddities.append(str(answer["errors"]))
            return
        (event,) = answer["data"].values()
        if event["__typename"] == "StreamGap":
            self.oddities.append("a gap")
            return
        self.events.append(event)
        self.positions.append(decode_position(event["eventId"]))


@dataclass(frozen=True)
class Listener:
    """Somebody who subscribes to one thing.

    Args:
        port: Of the API process.
        token: Of the person.
        document: The subscription; its variable `after` is where to go on.
        restless_s: After how long it leaves by itself, more or less, and comes again.
    """

    port: int
    token: str
    document: str
    restless_s: float = _FOR_GOOD_S
    book: Book = field(default_factory=Book)

    async def stay(self) -> None:
        """Listen for good: come back after every loss, and leave now and then."""
        while True:
            stay_s = _CHANCE.uniform(0.5, 1.5) * self.restless_s
            with suppress(TimeoutError, OSError, WebSocketException):
                async with asyncio.timeout(stay_s):
                    await self._listen()
            await asyncio.sleep(_CHANCE.uniform(0, 0.3))

    async def _listen(self) -> None:
        """Subscribe behind the last event that is known, and write down what comes."""
        url = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            init = {"type": "connection_init", "payload": {"token": self.token}}
            await socket.send(orjson.dumps(init).decode())
            payload = {"query": self.document, "variables": {"after": self.book.after}}
            while True:
                message = orjson.loads(await socket.recv())
                match message["type"]:
                    case "connection_ack":
                        start = {"type": "subscribe", "id": "1", "payload": payload}
                        await socket.send(orjson.dumps(start).decode())
                    case "next":
                        self.book.enter(message["payload"])
                    case "error":
                        self.book.refusals.append(message["payload"][0]["message"])
                        return
                    case other:
                        assert other == "ping", message


async def stay_all(listeners: Sequence[Listener]) -> None:
    """Let all listen until cancelled."""
    await asyncio.gather(*(each.stay() for each in listeners))
