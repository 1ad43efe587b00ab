"""What the subscribers of a channel are told of a batch of events: worked out once for all."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Edition:
    """A batch of events as everybody present is to be told of them.

    Args:
        events: The batch.
        audiences: Who is told of each event; none where nobody shares anything.
        tellings: What each group is told of each event.
    """

    events: Sequence[StreamEvent]
    audiences: Sequence[Audience]
    tellings: Mapping[Hashable, Sequence[Telling]]

    @classmethod
    async def of(
        cls, events: Sequence[StreamEvent], shares: Sequence[Share], graph: Runner
    ) -> "Edition":
        """Work out a batch: one statement for the audiences, one for each event and group.

        Args:
            events: The batch.
            shares: Of those present who share anything.
            graph: Where to read, patiently.
        """
        if not shares:
            return cls(events, (), {})
        present = {share.viewer_id for share in shares}
        audiences = await graph.run(shares[0].judge(events, present))
        groups = {share.group: share for share in shares}
        wanted = [
            {share.group for share in shares if audience.shares(share.viewer_id)}
            for audience in audiences
        ]
        tellings = await asyncio.gather(
            *(
                _tell_all(share, events, [group in each for each in wanted], graph)
                for group, share in groups.items()
            )
        )
        return cls(events, audiences, dict(zip(groups, tellings, strict=True)))

    def of_subscriber(self, share: Share | None) -> Iterator[StreamEvent | Told]:
        """Yield what one of those present is told."""
        if share is None:
            yield from self.events
            return
        tellings = self.tellings[share.group]
        for event, audience, telling in zip(self.events, self.audiences, tellings, strict=True):
            if audience.shares(share.viewer_id):
                if telling is not None:
                    yield telling
            elif audience.sees_apart(share.viewer_id):
                yield event


async def _tell_all(
    share: Share, events: Sequence[StreamEvent], wanted: Sequence[bool], graph: Runner
) -> list[Telling]:
    return [
        await _tell(share, event, graph) if is_wanted else None
        for event, is_wanted in zip(events, wanted, strict=True)
    ]


async def _tell(share: Share, event: StreamEvent, graph: Runner) -> Telling:
    statement = share.read(event)
    if statement is None:
        return event
    row = await graph.run(statement)
    return None if row is None else Told(event.position, await share.render(event, row))
