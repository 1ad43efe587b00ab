"""What the subscribers of a channel are told of a batch of events: worked out once for all."""

import asyncio
import logging
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
from dataclasses import dataclass
from typing import Any, Final

from app.realtime.judging import Judging
from app.realtime.patience import Runner
from graph.audience import Audience, Judge
from graph.errors import Unavailable
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
_PATIENCE_S: Final = 1.0
"""How long the others wait for what one group is told of a batch."""
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


class Edition:
    """A batch of events as everybody present is to be told of them.

    Args:
        events: The batch.
        audiences: Who is told of each event; none where nobody shares anything.
        tellings: What each group is told of each event.
        late: Groups that were not read for in time; their members are to read the history.
    """

    def __init__(
        self,
        events: Sequence[StreamEvent],
        audiences: Sequence[Audience] = (),
        tellings: Mapping[Hashable, Sequence[Telling]] | None = None,
        late: Collection[Hashable] = (),
    ) -> None:
        self.late = frozenset(late)
        readings: dict[Hashable, Reading] = {}
        self._alone = [Alone(event, readings) for event in events]
        self._audiences = audiences
        self._items = {
            group: [
                alone if isinstance(telling, StreamEvent) else telling
                for alone, telling in zip(self._alone, told, strict=True)
            ]
            for group, told in (tellings or {}).items()
        }
        self._items_of_all = {
            group: [item for item in items if item] for group, items in self._items.items()
        }
        self._is_for_all = all(audience.only is None for audience in audiences)
        self.excepted = frozenset[str]().union(
            *(audience.hidden | audience.apart for audience in audiences)
        )
        """Ids of those who may be told something else than others of their group."""

    @classmethod
    async def of(
        cls,
        events: Sequence[StreamEvent],
        groups: Sequence[Share],
        viewer_ids: Collection[str],
        judging: Judging,
        graph: Runner,
        audiences: Sequence[Audience] | None = None,
    ) -> "Edition":
        """Work out a batch: one statement for each event and group, and one for the audiences.

        They run side by side: hardly ever is there an event that a whole group may not be told
        of, and nobody waits for two answers one after the other.

        Args:
            events: The batch.
            groups: A member of each group to read for.
            viewer_ids: Ids of those present who share anything.
            judging: Where to ask who may be told, however long it takes.
            graph: Where to read; what fails there is read by each alone.
            audiences: Who is told of each event, where that is known already.
        """
        if not groups:
            return cls(events)
        telling = asyncio.gather(*(_tell_in_time(share, events, graph) for share in groups))
        if audiences is None:
            asking = judging.audiences(groups[0].judge, events, viewer_ids)
            judged, told = await asyncio.gather(asking, telling)
            audiences = judged
        else:
            told = await telling
        tellings = {share.group: each for share, each in zip(groups, told, strict=True)}
        in_time = {group: each for group, each in tellings.items() if each is not None}
        return cls(events, audiences, in_time, tellings.keys() - in_time.keys())

    def shared_by(self, group: Hashable) -> Sequence[Alone | Told] | None:
        """Give what all of a group are told but those `excepted`; None where it depends on who.

        Args:
            group: None for those who share nothing.
        """
        if group is None:
            return self._alone
        return self._items_of_all.get(group, self._alone) if self._is_for_all else None

    def of_subscriber(self, share: Share | None) -> Sequence[Alone | Told]:
        """Give what one of those present is told."""
        if share is None:
            return self._alone
        shared = self.shared_by(share.group)
        if shared is not None and share.viewer_id not in self.excepted:
            return shared
        return [*self._of_viewer(share)]

    def _of_viewer(self, share: Share) -> Iterator[Alone | Told]:
        items = self._items.get(share.group, self._alone)
        for alone, audience, item in zip(self._alone, self._audiences, items, strict=True):
            if audience.shares(share.viewer_id):
                if item:
                    yield item
            elif audience.sees_apart(share.viewer_id):
                yield alone


async def _tell_in_time(
    share: Share, events: Sequence[StreamEvent], graph: Runner
) -> list[Telling] | None:
    """Read and render a batch for a group; None where that keeps the others waiting."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return [await tell(share, event, graph) for event in events]
    except (TimeoutError, Unavailable):
        _logger.warning("A group was not read for in time; it reads the history instead.")
        return None


async def tell(share: Share, event: StreamEvent, graph: Runner) -> Telling:
    """Read and render an event for a group.

    What fails for one group takes nothing from the others: its members read it alone, and learn
    there what is wrong.

    Raises:
        Unavailable: The runner gave up.
    """
    try:
        statement = share.read(event)
        if statement is None:
            return event
        found = await graph.run(statement)
        return None if found is None else Told(event.position, await share.render(event, found))
    except Unavailable:
        raise
    except Exception:
        _logger.exception("An event could not be read for a group; each reads it alone.")
        return event
