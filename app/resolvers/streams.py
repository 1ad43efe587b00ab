"""From a channel's events to what subscribers are told."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

from ariadne import SubscriptionType

from app.context import Info
from app.realtime.streams import StreamGap
from graph.ids import now_ms
from graph.positions import decode_position, encode_position
from graph.projection import Row
from graph.streams import StreamEvent

Read = Callable[[StreamEvent], Awaitable[Row | None]]


async def announce(
    info: Info, channel: str, after: str | None, type_name: str, field: str, read: Read
) -> AsyncGenerator[Row, None]:
    """Open a channel and give its events as a subscription yields them.

    Args:
        info: Of the subscription's field.
        channel: Name of the channel, as `graph.events` makes it.
        after: The client's last `eventId`.
        type_name: The union's member that carries the event.
        field: Name of the member's object.
        read: Reads the object as the viewer may see it now; None hides the event.

    Raises:
        InvalidInput: `after` is no position.
        SessionEnded: The viewer's session has ended.
    """
    await info.context.check_live()
    position = None if after is None else decode_position(after)
    stream = await info.context.services.streams.listen(channel, position)

    async def events() -> AsyncGenerator[Row, None]:
        async with aclosing(stream):
            async for item in stream:
                if isinstance(item, StreamGap):
                    yield _row("StreamGap", item.position, now_ms())
                elif (found := await read(item)) is not None:
                    yield {**_row(type_name, item.position, item.occurred_at), field: found}

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
