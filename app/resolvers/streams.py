"""From a channel's events to what subscribers are told."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from ariadne import SubscriptionType

from app.context import Info
from app.realtime.streams import StreamGap
from graph.errors import NotFound
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
    """

    channel: str
    topic: Statement[Row | None]
    type_name: str
    field: str
    read: Callable[[StreamEvent], Statement[Row | None]]


async def announce(
    info: Info, announcement: Announcement, after: str | None
) -> AsyncGenerator[Row, None]:
    """Open a channel and give its events as a subscription yields them.

    Args:
        info: Of the subscription's field.
        announcement: What to tell.
        after: The client's last `eventId`.

    Raises:
        InvalidInput: `after` is no position.
        NotFound: What the channel is about is not there, or not to be seen.
        SessionEnded: The viewer's session has ended.
    """
    position = None if after is None else decode_position(after)
    if await info.context.run(announcement.topic) is None:
        raise NotFound("There is no such post or person, or you may not see it.")
    stream = await info.context.services.streams.listen(announcement.channel, position)

    async def events() -> AsyncGenerator[Row, None]:
        async with aclosing(stream):
            async for item in stream:
                if isinstance(item, StreamGap):
                    yield _row("StreamGap", item.position, now_ms())
                    continue
                found = await info.context.run_patiently(announcement.read(item))
                if found is not None:
                    row = _row(announcement.type_name, item.position, item.occurred_at)
                    yield {**row, announcement.field: found}

    return events()


def _row(type_name: str, position: int, occurred_at: int) -> Row:
    return {
        "__typename": type_name,
        "event_id": encode_position(position),
        "occurred_at": occurred_at,
    }


def bind_source(
    subscription: SubscriptionType,
    field: str,
    source: Callable[..., Awaitable[AsyncGenerator[Row, None]]],
) -> None:
    """Bind a subscription's source, which refuses or opens its stream before the first event.

    The row that it yields is the field's value as it stands.
    """
    subscription.set_source(field, cast("Any", source))
    subscription.set_field(field, lambda row, *_, **__: row)
