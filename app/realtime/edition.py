"""What the subscribers of a channel are told of a batch of events: worked out once for all."""

import asyncio
import logging
from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, Final

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
    """

    position: int
    payload: bytes


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


_logger = logging.getLogger(__name__)
_MOST_PAIRS: Final = 20_000
"""Of an event and somebody present, in one statement about audiences."""
_MOST_GROUPS: Final = 50
"""Of subscribers of one channel, that are read for together; smaller ones read alone."""
Telling = StreamEvent | Told | None
"""What a group is told: an event that each is to read alone, what all are told, or nothing."""


class Reading:
    """One reading of an event, for the equal subscriptions of one person that wait for it."""

    def __init__(self, read: Coroutine[Any, Any, Told | None]) -> None:
        self.task = asyncio.create_task(read)
        self.waiter_count = 0


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """An event that its subscriber is to read with their own eyes.

    Args:
        event: The event.
        readings: What is being read of the batch, so that a person who subscribes twice to the
            same reads it once.
    """

    event: StreamEvent
    readings: dict[Hashable, Reading]

    @property
    def position(self) -> int:
        """Of the event."""
        return self.event.position

    async def read(
        self, reader: Hashable, read: Callable[[StreamEvent], Coroutine[Any, Any, Told | None]]
    ) -> Told | None:
        """Read and render the event, or share what an equal reader is reading.

        Args:
            reader: Equal for the equal subscriptions of one person.
            read: Reads and renders it.
        """
        key = (self.position, reader)
        reading = self.readings.get(key)
        if reading is None:
            reading = self.readings[key] = Reading(read(self.event))
        reading.waiter_count += 1
        try:
            return await asyncio.shield(reading.task)
        finally:
            reading.waiter_count -= 1
            if not reading.waiter_count:  # or it would go on for as long as Neo4j is away
                reading.task.cancel()
                del self.readings[key]


@dataclass(frozen=True, slots=True)
class Edition:
    """A batch of events as everybody present is to be told of them.

    Args:
        events: The batch.
        audiences: Who is told of each event; none where nobody shares anything.
        tellings: What each group is told of each event.
        readings: What those who read alone are reading.
    """

    events: Sequence[StreamEvent]
    audiences: Sequence[Audience]
    tellings: Mapping[Hashable, Sequence[Telling]]
    readings: dict[Hashable, Reading] = field(default_factory=dict[Hashable, Reading])

    @classmethod
    async def of(
        cls, events: Sequence[StreamEvent], shares: Sequence[Share], patient: Runner, graph: Runner
    ) -> "Edition":
        """Work out a batch: one statement for the audiences, one for each event and group.

        They run side by side: hardly ever is there an event that a whole group may not be told
        of, and nobody waits for two answers one after the other.

        Args:
            events: The batch.
            shares: Of those present who share anything.
            patient: Where to ask who may be told, however long it takes.
            graph: Where to read; what fails there is read by each alone.
        """
        if not shares:
            return cls(events, (), {})
        present = {share.viewer_id for share in shares}
        groups = _largest_groups(shares)
        audiences, found = await asyncio.gather(
            _judge_all(shares[0].judge, events, present, patient),
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
        tellings = self.tellings.get(share.group, self.events)
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


async def _judge_all(
    judge: Judge, events: Sequence[StreamEvent], present: Collection[str], patient: Runner
) -> list[Audience]:
    audiences: list[Audience] = []
    size = max(1, _MOST_PAIRS // len(present))
    for start in range(0, len(events), size):
        judged = await patient.run(judge(events[start : start + size], present))
        audiences += judged
    return audiences


def _largest_groups(shares: Sequence[Share]) -> dict[Hashable, Share]:
    """Give the groups that are worth a reading of their own, each by one of its members."""
    counts = Counter(share.group for share in shares)
    largest = {group for group, _ in counts.most_common(_MOST_GROUPS)}
    return {share.group: share for share in shares if share.group in largest}


async def _read_all(share: Share, events: Sequence[StreamEvent], graph: Runner) -> list[_Found]:
    return [await _read(share, event, graph) for event in events]


async def _read(share: Share, event: StreamEvent, graph: Runner) -> _Found:
    """Read an event for a group.

    What cannot be read for one group takes nothing from the others: its members read it alone,
    and learn there what is wrong.
    """
    try:
        statement = share.read(event)
        if statement is None:
            return event
        return await graph.run(statement)
    except Exception:
        _logger.exception("An event could not be read for a group; each reads it alone.")
        return event


async def _tell(share: Share, event: StreamEvent, found: _Found) -> Telling:
    if found is None or isinstance(found, StreamEvent):
        return found
    try:
        return Told(event.position, await share.render(event, found))
    except Exception:
        _logger.exception("An event could not be rendered for a group; each reads it alone.")
        return event
