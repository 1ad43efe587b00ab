"""Ask who may be told of events: in the statement that reads them, or in parts that end in time."""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from math import inf
from typing import Final

from app.realtime.patience import Runner
from graph.audience import Audience, Judge, JudgedPage
from graph.errors import Unavailable
from graph.streams import StreamEvent, read_events

_logger = logging.getLogger(__name__)
_MOST_PAIRS: Final = 20_000
"""Of an event and somebody present, in one statement."""
_FEWEST_PAIRS: Final = 100
_SMALLER: Final = 4
_REST_S: Final = 10.0
"""How long events are read by themselves after they could not be read with their audiences."""


class Judging:
    """Asks for one channel, and remembers how much was too much.

    A part that has no answer within a statement's deadline is asked for again as smaller ones: the
    same again would take as long, and the channel would stand still. The smallest ones wait for as
    long as it takes, since Neo4j may be away.

    Args:
        patient: Where to ask, however long it takes.
        graph: Where to ask, and be told when it takes too long.
    """

    def __init__(self, patient: Runner, graph: Runner) -> None:
        self._patient = patient
        self._graph = graph
        self._most = _MOST_PAIRS
        self._apart_until = -inf

    async def page(
        self, judge: Judge, channel: str, after: int, limit: int, present: Collection[str]
    ) -> JudgedPage:
        """Read events of a channel with the audience of each, of the people present, at least one.

        As many as one statement has time for; where that is none, or something has failed lately,
        the events are read without their audiences.
        """
        count = min(limit, self._most // len(present))
        if count and time.monotonic() >= self._apart_until:
            try:
                return await self._graph.run(judge.page(channel, after, count, present))
            except Exception as error:  # noqa: BLE001 - each part is asked for again, and fails there
                _logger.warning("%s is read before it is asked who is told: %r", channel, error)
                self._apart_until = time.monotonic() + _REST_S
        return JudgedPage(await self._patient.run(read_events(channel, after, limit)), None)

    async def audiences(
        self, judge: Judge, events: Sequence[StreamEvent], present: Collection[str]
    ) -> list[Audience]:
        """Give the audience of each event, of the people present."""
        audiences: list[Audience] = []
        people = [*present]
        while len(audiences) < len(events):
            most = self._most
            count = max(1, most // len(people))
            part = events[len(audiences) : len(audiences) + count]
            try:
                audiences += await self._judge(judge, part, people)
            except Unavailable:
                self._most = max(_FEWEST_PAIRS, most // _SMALLER)
                _logger.warning("Who may be told is asked for in parts of %d pairs.", self._most)
            else:
                self._most = min(_MOST_PAIRS, most * 2)
        return audiences

    async def _judge(
        self, judge: Judge, events: Sequence[StreamEvent], people: Sequence[str]
    ) -> list[Audience]:
        runner = self._graph if self._most > _FEWEST_PAIRS else self._patient
        parts = [await runner.run(judge(events, some)) for some in self._parts(people)]
        return [_joined(audiences) for audiences in zip(*parts, strict=True)]

    def _parts(self, people: Sequence[str]) -> Iterator[Sequence[str]]:
        for start in range(0, len(people), self._most):
            yield people[start : start + self._most]


def _joined(audiences: Sequence[Audience]) -> Audience:
    """Give the audience of one event that was asked for by parts of the people.

    Where only some may be told it names them, so that parts name all of them together. A part that
    names nobody in particular saw the event as it was for a moment, before or after: nobody of it.
    """
    if len(audiences) == 1:
        return audiences[0]
    named = [each.only for each in audiences if each.only is not None]
    return Audience(
        frozenset().union(*named) if named else None,
        frozenset().union(*(each.hidden for each in audiences)),
        frozenset().union(*(each.apart for each in audiences)),
    )
