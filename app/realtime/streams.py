"""Streams of events: what was missed, then what happens, each event once and in order.

A subscriber joins the hub of its channel, reads the history from its own position up to where
the hub stood at that moment, and goes on with what the hub hands out. Positions tell which events
it has seen, so the two may overlap and leave nothing between them.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from broadcaster import Broadcast

from app.realtime.buffer import Buffer
from app.realtime.edition import Alone, Share, Told
from app.realtime.history import StreamGap
from app.realtime.hub import Hub, StreamLimits
from app.realtime.outlet import Outlet
from app.realtime.patience import PatientRunner, Runner
from app.realtime.settling import Settling
from graph.errors import InvalidInput
from graph.positions import encode_position
from graph.streams import StreamBounds, read_bounds

StreamItem = Alone | Told | StreamGap


@dataclass(frozen=True, slots=True)
class Opening:
    """A place in a channel where a stream may begin.

    Args:
        channel: Name of the channel.
        position: What comes after it is told.
        bounds: How far the history went when the place was found.
    """

    channel: str
    position: int
    bounds: StreamBounds


class Streams:
    """The channels of one process.

    Args:
        graph: Where events are read.
        broadcast: A connected bus whose backend is `app.realtime.bus.RedisBackend`.
        limits: How to read.
    """

    def __init__(
        self, graph: Runner, broadcast: Broadcast, limits: StreamLimits | None = None
    ) -> None:
        self._graph = graph
        self._patient = PatientRunner(graph)
        self._broadcast = broadcast
        self._limits = limits or StreamLimits()
        self._settling = Settling(self._patient)
        self._hubs: dict[str, Hub] = {}

    async def open(self, channel: str, after: int | None = None) -> "Opening":
        """Find the place in a channel where a stream is to begin; nothing is held for it.

        Args:
            channel: The stream's name, as `graph.events` makes it.
            after: The position of the last event seen; None for the newest position there is.

        Raises:
            InvalidInput: No event can have had this position.
            Unavailable: Neo4j did not answer.
        """
        bounds = await self._graph.run(read_bounds())
        if after is not None and not 0 <= after <= bounds.newest:
            raise InvalidInput(
                f"No event has position {after}. Give the eventId of one that you received.",
                ("after",),
            )
        return Opening(channel, bounds.newest if after is None else after, bounds)

    async def follow(
        self, opening: "Opening", share: Share | None = None, outlet: Outlet | None = None
    ) -> AsyncGenerator[StreamItem, None]:
        """Follow a channel from a place on; the stream never ends by itself.

        Nothing is held until the stream is first iterated, and nothing after its `aclose()`.

        Args:
            opening: The place.
            share: What the subscriber is told together with others, as `Told`; without it, each
                event comes as it is.
            outlet: Takes at once what is shared, and is told how far the subscriber has been told.
        """
        bounds = opening.bounds
        outlet = outlet or Outlet()
        buffer = Buffer(self._limits.buffer_size, opening.position, share, outlet.push)
        if buffer.position < bounds.oldest:
            buffer.position = bounds.oldest
            yield StreamGap(buffer.position)
        async with self._joined(opening.channel, bounds.newest, buffer) as hub:
            outlet.cursor = lambda: encode_position(buffer.reached(hub.seen))
            while True:
                buffer.reopen()
                target = hub.position
                await hub.started()
                async with aclosing(hub.history.catch_up(buffer, target)) as past:
                    async for item in past:
                        yield item
                while not buffer.has_overflowed:
                    for item in buffer.untold(await buffer.take()):
                        yield item

    @asynccontextmanager
    async def _joined(self, channel: str, newest: int, buffer: Buffer) -> AsyncIterator[Hub]:
        """Share the channel's hub; the first to come starts it and the last to leave ends it."""
        hub = self._hubs.get(channel)
        if hub is None:
            hub = Hub(
                self._patient,
                self._broadcast,
                channel,
                newest,
                self._limits,
                self._settling,
                self._graph,
            )
            self._hubs[channel] = hub
        hub.join(buffer)
        try:
            yield hub
        finally:
            hub.leave(buffer)
            if hub.is_deserted:
                del self._hubs[channel]
                await hub.stop()
