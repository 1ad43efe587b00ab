"""People who listen through all faults, and what they must have heard."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from graph.events import post_comments, post_interactions, user_notifications
from graph.runner import Graph
from tests.faults.crowd import Crowd
from tests.graph.world import run
from tests.listener import Listener, stay_all

_PATIENCE_S: Final = 60
_STREAMS: Final = {
    "commentAdded(postId: {0!r}, after: $after)": "CommentAdded",
    "interactionAdded(postId: {0!r}, after: $after)": "InteractionAdded",
    "notificationAdded(after: $after)": "NotificationAdded",
}
_TOLD: Final = """\
MATCH (entry:StreamEntry {channel: $channel})
OPTIONAL MATCH (event:Event {id: entry.event_id})
RETURN entry.position AS position,
  EXISTS { MATCH (:Comment {id: event.subject_id})-[:ON_POST]->() } AS stands"""


@dataclass(frozen=True)
class Seat:
    """A listener, and the channel that it hears."""

    listener: Listener
    channel: str

    def __str__(self) -> str:
        return f"{self.channel} at {self.listener.port}"


@asynccontextmanager
async def audience(ports: Sequence[int], crowd: Crowd) -> AsyncIterator[list[Seat]]:
    """Let each person listen to a post's comments, its interactions and their own news.

    All of them at each API process; half of them leave now and then.
    """
    seats = [*_seats(ports, crowd)]
    task = asyncio.create_task(stay_all([seat.listener for seat in seats]))
    try:
        yield seats
    finally:
        task.cancel()
        await asyncio.wait([task])


def _seats(ports: Sequence[int], crowd: Crowd) -> Iterator[Seat]:
    posts = itertools.cycle(crowd.posts)
    for n, (port, person) in enumerate(itertools.product(ports, crowd.people)):
        post_id = next(posts)
        channels = (
            post_comments(post_id),
            post_interactions(post_id),
            user_notifications(person.id),
        )
        for (field, type_name), channel in zip(_STREAMS.items(), channels, strict=True):
            document = (
                f"subscription ($after: ID!) {{ {field.format(post_id)} {{ __typename "
                f"... on {type_name} {{ eventId }} ... on StreamGap {{ eventId }} }} }}"
            ).replace("'", '"')
            restless_s = 5.0 if n % 2 else 3_600.0
            yield Seat(Listener(port, person.token, document, restless_s), channel)


async def misheard(graph: Graph, seats: Sequence[Seat]) -> list[str]:
    """Wait until everybody must have heard everything; give what they did not, or heard twice.

    What was taken back at once need not have been heard, so what still stands is looked for: the
    comments. Whatever was heard has to be of the channel, in order and once.
    """
    found: list[str] = []
    deadline = time.monotonic() + _PATIENCE_S
    for seat in seats:
        told = await asyncio.to_thread(run, graph, _TOLD, channel=seat.channel)
        standing = {row["position"] for row in told if row["stands"]}
        book = seat.listener.book
        while not standing <= {*book.positions} and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        missed = standing - {*book.positions}
        phantom = {*book.positions} - {row["position"] for row in told}
        if missed or phantom or book.oddities or not book.is_in_order:
            found.append(
                f"{seat}: missed {missed}, phantom {phantom}, {book.oddities}, "
                f"in order: {book.is_in_order}, refused: {book.refusals[-3:]}"
            )
    return found
