"""A subscription's way out to its client."""

from collections.abc import Callable
from dataclasses import dataclass

from app.realtime.buffer import Push


@dataclass(slots=True, eq=False)
class Outlet:
    """Where a subscription is told at once, and how far it has been told.

    Args:
        push: Takes what many subscribers are told, whenever it can; None where there is no way
            past the subscription's own task.
        cursor: Gives the `eventId` up to which the client has been told all; None until the
            subscription has such a place.
    """

    push: Push | None = None
    cursor: Callable[[], str] | None = None
