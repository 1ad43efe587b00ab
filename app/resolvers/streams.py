"""From a channel's events to what subscribers are told."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

from ariadne import SubscriptionType

from app.context import Info, RequestContext
from app.metrics import DELIVERIES, GAPS
from app.realtime.edition import Alone, Share, Told
from app.realtime.history import StreamGap
from app.realtime.outlet import Outlet
from app.realtime.source import Render, Source
from app.realtime.streams import Opening
from graph.audience import Judge
from graph.errors import NotFound
from graph.events import EventKind
from graph.ids import now_ms
from graph.positions import decode_position, encode_position
from graph.projection import Row
from graph.statement import Statement
from graph.streams import StreamEvent


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a subscription tells of the events of one channel.

    Args:
        channel: Name of the channel, as `graph.events` makes it.
        topic: Reads what the channel is about: its post or person.
        type_name: The union's member that carries an event.
        field: Name of the member's object.
        read: Makes the statement that reads the object of an event as the viewer may see it
            now; None as its answer hides the event.
        read_shared: Makes the statement that reads it for all who may see it; no statement where
            that depends on who reads.
        judge: Tells who may see it; None for a channel of the viewer's own.
    """

    channel: str
    topic: Statement[Row | None]
    type_name: str
    field: str
    read: Callable[[StreamEvent], Statement[Row | None]]
    read_shared: Callable[[StreamEvent], Statement[Row | None] | None] | None = None
    judge: Judge | None = None

    def row(self, event: StreamEvent, found: Row) -> Row:
        """Make the row of an event."""
        return {**_row(self.type_name, event.position, event.occurred_at), self.field: found}


class LiveSource(Source):
    """A subscription's source of a channel's events.

    Args:
        context: Of the subscription.
        announcement: What to tell.
        opening: Where to begin.
    """

    def __init__(
        self, context: RequestContext, announcement: Announcement, opening: Opening
    ) -> None:
        self._context = context
        self._announcement = announcement
        self._opening = opening

    async def events(  # noqa: D102 - as `Source` says
        self, group: Hashable, render: Render, outlet: Outlet
    ) -> AsyncGenerator[Row | Told, None]:
        viewer, announcement = self._context.viewer, self._announcement

        async def read(event: StreamEvent) -> Told | None:
            found = await self._context.run_patiently(announcement.read(event))
            if found is None:
                return None
            return Told(event.position, await render(announcement.row(event, found)))

        share = self._share(group, render)
        stream = self._context.services.streams.follow(self._opening, share, outlet)
        async with aclosing(stream) as items:
            async for item in items:
                match item:
                    case Told():
                        DELIVERIES.inc()
                        yield item
                    case StreamGap():
                        GAPS.inc()
                        yield _row("StreamGap", item.position, now_ms())
                    case Alone():
                        if told := await item.read((group, viewer), read):
                            DELIVERIES.inc()
                            yield told

    def _share(self, group: Hashable, render: Render) -> Share | None:
        told = self._announcement
        if told.judge is None or told.read_shared is None:
            return None
        return Share(
            group,
            self._context.viewer.user_id,
            told.judge,
            told.read_shared,
            lambda event, found: render(told.row(event, found)),
        )


async def announce(info: Info, announcement: Announcement, after: str | None) -> LiveSource:
    """Open a channel for a subscription.

    Args:
        info: Of the subscription's field.
        announcement: What to tell.
        after: The client's last `eventId`.

    Raises:
        InvalidInput: `after` is no position.
        NotFound: What the channel is about is not there, or not to be seen.
        SessionEnded: The viewer's session has ended.
    """
    announcement.read(_ANY_EVENT)  # a selection that cannot be read is refused now
    position = None if after is None else decode_position(after)
    if await info.context.run(announcement.topic) is None:
        raise NotFound("There is no such post or person, or you may not see it.")
    opening = await info.context.services.streams.open(announcement.channel, position)
    return LiveSource(info.context, announcement, opening)


_ANY_EVENT: Final = StreamEvent(0, "", EventKind.POST_LIKED, 0, "", "", None)


def _row(type_name: str, position: int, occurred_at: int) -> Row:
    return {
        "__typename": type_name,
        "event_id": encode_position(position),
        "occurred_at": occurred_at,
    }


def bind_source(
    subscription: SubscriptionType,
    field: str,
    source: Callable[..., Awaitable[Source]],
) -> None:
    """Bind a subscription's source, which refuses or opens its stream before the first event.

    The row that it yields is the field's value as it stands.
    """
    subscription.set_source(field, cast("Any", source))
    subscription.set_field(field, lambda row, *_, **__: row)
