"""A channel's past without a graph, and people who are told of it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from app.realtime.edition import Alone, Share, Told
from app.realtime.history import StreamGap
from graph.audience import Audience, JudgedPage
from graph.streams import StreamBounds, StreamEvent, StreamPage


def event(position: int) -> StreamEvent:
    return StreamEvent(position, f"e_{position}", "PostCreated", 0, "u_1", "p_1", "p_1")


class Past:
    """A graph that has events, rows and audiences, and counts who asks for what.

    Args:
        newest: Position of the newest event.
        floor: Up to here events are gone.
    """

    def __init__(self, newest: int, floor: int = 0) -> None:
        self.newest = newest
        self.floor = floor
        self.pages: list[int] = []
        self.read: list[int] = []
        self.judged_count = 0
        self.settled_count = 0

    @property
    def statement_count(self) -> int:
        return len(self.pages) + len(self.read) + self.judged_count + self.settled_count

    async def run(self, statement: Any) -> Any:
        await asyncio.sleep(0)
        if isinstance(statement, int):
            self.read.append(statement)
            return {"n": statement}
        if isinstance(statement, list):
            self.judged_count += 1
            return statement
        bounds = StreamBounds(self.floor, self.newest)
        if isinstance(statement, JudgedReading):
            page = self._page(bounds, **statement.parameters)
            return JudgedPage(page, statement.judge(page.events, statement.present))
        if "after" in statement.parameters:
            return self._page(bounds, **statement.parameters)
        if "oldest" in statement.text:
            return bounds
        self.settled_count += 1
        return self.newest

    def _page(self, bounds: StreamBounds, *, channel: str, after: int, limit: int) -> StreamPage:
        del channel
        self.pages.append(after)
        there = range(max(after, bounds.oldest) + 1, bounds.newest + 1)
        found = [event(position) for position in there[:limit]]
        return StreamPage(found, bounds, len(found) == limit)


AudiencesOf = Callable[[Sequence[StreamEvent], Any], Any]


@dataclass(frozen=True)
class JudgedReading:
    """A statement that reads a page and its audiences at once."""

    parameters: dict[str, Any]
    judge: AudiencesOf
    present: Collection[str]


@dataclass(frozen=True)
class FakeJudge:
    """A judge whose statements are what `audiences_of` makes of events and people."""

    audiences_of: AudiencesOf

    def __call__(self, events: Sequence[StreamEvent], present: Collection[str]) -> Any:
        return self.audiences_of(events, present)

    def page(self, channel: str, after: int, limit: int, present: Collection[str]) -> Any:
        parameters = {"channel": channel, "after": after, "limit": limit}
        return JudgedReading(parameters, self.audiences_of, present)


def judge_all(events: Sequence[StreamEvent], present: Any) -> Any:
    """Let everybody be told of everything."""
    del present
    return [Audience() for _ in events]


def share(
    group: str,
    viewer_id: str,
    read: Callable[[StreamEvent], Any] | None = None,
    judge: AudiencesOf = judge_all,
) -> Share:
    async def render(_: StreamEvent, row: Any) -> bytes:
        return f"{group} {row['n']}".encode()

    return Share(group, viewer_id, FakeJudge(judge), read or (lambda each: each.position), render)


def words(item: Alone | Told | StreamGap) -> Any:
    """Give what is told: what was rendered, a position that each reads alone, or a gap."""
    match item:
        case Told():
            return item.payload.decode()
        case StreamGap():
            return f"gap {item.position}"
        case Alone():
            return item.position
