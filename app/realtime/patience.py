"""Read the graph, and wait while it is away."""

import asyncio
from typing import Protocol, TypeVar

from app.realtime.backoff import Backoff
from app.realtime.outage import Outage
from graph.errors import Unavailable
from graph.statement import Statement

T = TypeVar("T")


class Runner(Protocol):
    """What runs statements: `graph.runner.AsyncGraph`."""

    async def run(self, statement: Statement[T]) -> T:
        """Run a statement and give its answer."""


class PatientRunner:
    """A runner whose callers have nowhere else to go: it tries until Neo4j answers."""

    def __init__(self, graph: Runner) -> None:
        self._graph = graph
        self._outage = Outage("Neo4j is away; live updates wait for it")

    async def run(self, statement: Statement[T]) -> T:
        """Run a statement, as often and as long as it takes."""
        backoff = Backoff()
        while True:
            try:
                answer = await self._graph.run(statement)
            except Unavailable as error:
                self._outage.began(error)
                await asyncio.sleep(backoff.next_s())
            else:
                self._outage.ended()
                return answer
