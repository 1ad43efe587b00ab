"""What the subscribers of a channel are told of a batch of events: worked out once for all."""

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any

from app.realtime.patience import Runner
from graph.audience import Audience, Judge
from graph.projection import Row
from graph.statement import Statement
from graph.streams import StreamEvent


@dataclass(slots=True, eq=False)
class Told:
    """What a group of subscribers is told of one event.

    Args:
        position: Of the event.
        payload: The GraphQL response, as JSON.
        frames: What transports made of the payload, so that they need not make it again.
    """

    position: int
    payload: bytes
    frames: dict[Hashable, bytes] = field(default_factory=dict[Hashable, bytes])


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """A subscription's part in what equal ones are told alike.

    Args:
        group: Equal for subscriptions that are told the same: document and variables.
        viewer_id: Id of the person who subscribes.
        judge: Tells who may be told; the same for all subscribers of a channel.
        read: Makes the statement that reads what an event tells of for all who may be told; None
            where that depends on who is.
        render: Makes the response of what was read.
    """

    group: Hashable
    viewer_id: str
    judge: Judge
    read: Callable[[StreamEvent], Statement[Row | None] | None]
    render: Callable[[StreamEvent, Row], Awaitable[bytes]]


Telling = StreamEvent | Told | None
"""What a group is told: an event that each is to read alone, what all are told, or nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """An event that its subscriber is to read with their own eyes.

    Args:
        event: The event.
        readings: What was read of the batch by now, so that a person who subscribes twice to the
            same reads it once.
    """

    event: StreamEvent
    readings: dict[Hashable, asyncio.Task[Told | None]]

    @property
    def position(self) -> int:
        """Of the event."""
        return self.event.position

    async def read(
        self, reader: Hashable, read: Callable[[StreamEvent], Coroutine[Any, Any, Told | None]]
    ) -> Told | None:
        """Read and render the event, or take what an equal reader has.

        Args:
            reader: Equal for the equal subscriptions of one person.
            read: Reads and renders it.
        """
        key = (self.position, reader)
        reading = self.readings.get(key)
        if reading is None:
            reading = self.readings[key] = asyncio.create_task(read(self.event))
            reading.add_done_callback(_heed)
        return await asyncio.shield(reading)


def _heed(reading: asyncio.Task[Told | None]) -> None:
    if not reading.cancelled():
        reading.exception()  # whoever waited has it; without anybody it is of no use


@dataclass(frozen=True, slots=True)
class Edition:
    """A batch of events as everybody present is to be told of them.

    Args:
        events: The batch.
        audiences: Who is told of each event; none where nobody shares anything.
        tellings: What each group is told of each event.
        readings: What was read by those who read alone.
    """

    events: Sequence[StreamEvent]
    audiences: Sequence[Audience]
    tellings: Mapping[Hashable, Sequence[Telling]]
    readings: dict[Hashable, asyncio.Task[Told | None]] = field(
        default_factory=dict[Hashable, asyncio.Task[Told | None]]
    )

    @classmethod
    async def of(
        cls, events: Sequence[StreamEvent], shares: Sequence[Share], graph: Runner
    ) -> "Edition":
        """Work out a batch: one statement for the audiences, one for each event and group.

        They run side by side: hardly ever is there an event that a whole group may not be told
        of, and nobody waits for two answers one after the other.

        Args:
            events: The batch.
            shares: Of those present who share anything.
            graph: Where to read, patiently.
        """
        if not shares:
            return cls(events, (), {})
        present = {share.viewer_id for share in shares}
        groups = {share.group: share for share in shares}
        audiences, found = await asyncio.gather(
            graph.run(shares[0].judge(events, present)),
            asyncio.gather(*(_read_all(share, events, graph) for share in groups.values())),
        )
        wanted = [
            {share.group for share in shares if audience.shares(share.viewer_id)}
            for audience in audiences
        ]
        tellings = {
            share.group: [
                await _tell(share, event, row) if share.group in each else None
                for event, row, each in zip(events, rows, wanted, strict=True)
            ]
            for share, rows in zip(groups.values(), found, strict=True)
        }
        return cls(events, audiences, tellings)

    def of_subscriber(self, share: Share | None) -> Iterator[Alone | Told]:
        """Yield what one of those present is told."""
        if share is None:
            yield from (Alone(event, self.readings) for event in self.events)
            return
        tellings = self.tellings[share.group]
        for event, audience, telling in zip(self.events, self.audiences, tellings, strict=True):
            if audience.shares(share.viewer_id):
                if isinstance(telling, Told):
                    yield telling
                elif telling is not None:
                    yield Alone(event, self.readings)
            elif audience.sees_apart(share.viewer_id):
                yield Alone(event, self.readings)


_Found = Row | StreamEvent | None
"""What was read of an event; the event itself where each is to read alone."""


async def _read_all(share: Share, events: Sequence[StreamEvent], graph: Runner) -> list[_Found]:
    return [await _read(share, event, graph) for event in events]


async def _read(share: Share, event: StreamEvent, graph: Runner) -> _Found:
    statement = share.read(event)
    if statement is None:
        return event
    return await graph.run(statement)


async def _tell(share: Share, event: StreamEvent, found: _Found) -> Telling:
    if found is None or isinstance(found, StreamEvent):
        return found
    return Told(event.position, await share.render(event, found))
