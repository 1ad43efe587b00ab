"""People who listen through all faults, and what they must have heard."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from graph.events import author_posts, post_comments, post_interactions, user_notifications
from graph.runner import Graph
from tests.faults.crowd import Crowd
from tests.graph.world import run
from tests.listener import Book, Listener, stay_all

_PATIENCE_S: Final = 60
_STREAMS: Final = {
    "commentAdded(postId: {0!r}, after: $after)": "CommentAdded",
    "interactionAdded(postId: {0!r}, after: $after)": "InteractionAdded",
    "postAdded(authorId: {1!r}, after: $after)": "PostAdded",
    "notificationAdded(after: $after)": "NotificationAdded",
}
_STATS: Final = """
subscription {{ statsChanged(postId: "{0}") {{ likes shares }} }}"""
_TOLD: Final = """\
MATCH (entry:StreamEntry {channel: $channel})
OPTIONAL MATCH (event:Event {id: entry.event_id})
RETURN entry.position AS position, CASE event.kind
  WHEN 'CommentCreated' THEN EXISTS { MATCH (:Comment {id: event.subject_id})-[:ON_POST]->() }
  WHEN 'PostCreated' THEN EXISTS {
    MATCH (post:Post {id: event.subject_id})
    WHERE post.deleted_at IS NULL AND post.removed_at IS NULL
  }
  WHEN 'NotificationCreated' THEN NOT EXISTS {
    MATCH (later:Event {subject_id: event.subject_id, kind: event.kind})
    WHERE later.position > event.position
  } AND EXISTS {
    MATCH (told:Notification {id: event.subject_id})
    WHERE told.ended_at IS NULL
    MATCH (cause:Cause {notification_id: told.id})
    WHERE cause.k > '' AND NOT EXISTS {
      MATCH (undone:Event {actor_id: cause.actor_id})
      WHERE undone.subject_id IN [told.subject_id, told.recipient_id]
        AND undone.kind IN ['PostUnliked', 'CommentUnliked', 'PostUnshared', 'UserUnfollowed']
    }
  }
  ELSE NOT EXISTS {
    MATCH (undone:Event {actor_id: event.actor_id, subject_id: event.subject_id})
    WHERE undone.position > event.position AND undone.kind IN ['PostUnliked', 'PostUnshared']
  }
END AS stands"""
_COUNTS: Final = """\
MATCH (post:Post {id: $id})
RETURN COUNT { (post)<-[:LIKED]-() } AS likes, COUNT { (post)<-[:SHARED]-() } AS shares"""


@dataclass
class Board(Book):
    """The counts that one subscriber was told last."""

    counts: dict[str, int] = field(default_factory=dict[str, int])

    def enter(self, answer: dict[str, Any]) -> None:
        """Write down counts, in place of those before."""
        if "errors" in answer:
            self.oddities.append(str(answer["errors"]))
        else:
            self.counts = answer["data"]["statsChanged"]


@dataclass(frozen=True)
class Seat:
    """A listener, and the channel that it hears; the post where it watches counts."""

    listener: Listener
    channel: str

    def __str__(self) -> str:
        return f"{self.channel} at {self.listener.port}"


@asynccontextmanager
async def audience(ports: Sequence[int], crowd: Crowd) -> AsyncIterator[list[Seat]]:
    """Let each person listen to a post, to its author's posts and to their own news.

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
        author_id = crowd.posts[post_id].id
        restless_s = 5.0 if n % 2 else 3_600.0
        channels = (
            post_comments(post_id),
            post_interactions(post_id),
            author_posts(author_id),
            user_notifications(person.id),
        )
        for (stream, type_name), channel in zip(_STREAMS.items(), channels, strict=True):
            document = (
                f"subscription ($after: ID!) {{ {stream.format(post_id, author_id)} {{ __typename "
                f"... on {type_name} {{ eventId }} ... on StreamGap {{ eventId }} }} }}"
            ).replace("'", '"')
            yield Seat(Listener(port, person.token, document, restless_s), channel)
        stats = _STATS.format(post_id)
        yield Seat(Listener(port, person.token, stats, restless_s, Board()), post_id)


async def misheard(graph: Graph, seats: Sequence[Seat]) -> list[str]:
    """Wait until everybody must have heard everything; give what they did not, or heard twice.

    What was taken back at once need not have been heard, so what still stands is looked for: of a
    notification the last event, where somebody caused it and never took that back, and where what
    it is about was not deleted: that may be gone before anybody is told of it. What is undone and
    done again is told once, and so never where it was undone at that moment.
    Whatever was heard has to be of the channel, in order and once.
    """
    found: list[str] = []
    deadline = time.monotonic() + _PATIENCE_S
    for seat in seats:
        if isinstance(seat.listener.book, Board):
            found += await _misread(graph, seat, seat.listener.book, deadline)
            continue
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


async def _misread(graph: Graph, seat: Seat, board: Board, deadline: float) -> list[str]:
    (counts,) = await asyncio.to_thread(run, graph, _COUNTS, id=seat.channel)
    while board.counts != counts and time.monotonic() < deadline:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.1)
    if board.counts == counts and not board.oddities:
        return []
    return [f"{seat}: told {board.counts}, not {counts}; {board.oddities}"]
