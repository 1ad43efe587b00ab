"""What a subscription's resolver gives: a source of events, opened but not begun."""

from abc import ABC, abstractmethod
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
)

from app.realtime.edition import Told
from app.realtime.outlet import Outlet
from graph.projection import Row

Render = Callable[[Row], Awaitable[bytes]]
"""Makes the GraphQL response of an event's row."""


class Source(ABC, AsyncIterable[Row | Told]):
    """A source of events that equal subscriptions are told alike.

    It is an iterable because the specification asks for one; it is begun by `events`.
    """

    @abstractmethod
    def events(
        self, group: Hashable, render: Render, outlet: Outlet
    ) -> AsyncGenerator[Row | Told, None]:
        """Begin: give what is shared as `Told`, and rows of what this subscriber alone is shown.

        Args:
            group: Equal for equal subscriptions.
            render: Makes the response of a row.
            outlet: Takes at once what is shared, and is told how far the client has been told.
        """

    def __aiter__(self) -> AsyncIterator[Row | Told]:
        """Refuse: a source is not begun without its group."""
        raise TypeError("Begin a source by its `events`.")
