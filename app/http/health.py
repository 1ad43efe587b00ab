"""Whether this process lives, and whether it can serve."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from graph.errors import GraphError
from graph.runner import AsyncGraph
from graph.streams import read_bounds

_PATIENCE_S: Final = 3.0


def livez(_: Request) -> Response:
    """Answer as long as the process does."""
    return JSONResponse({"status": "live"})


class Readiness:
    """`/readyz`: 200 while Neo4j answers and is migrated, 503 while it does not.

    Args:
        graph: Neo4j.
        is_warm: Tells whether what people ask for first was planned.
    """

    def __init__(self, graph: AsyncGraph, is_warm: Callable[[], bool]) -> None:
        self._graph = graph
        self._is_warm = is_warm

    async def handle(self, _: Request) -> Response:
        """Ask Neo4j for something that only a migrated database has."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._graph.run(read_bounds())
        except (GraphError, TimeoutError, IndexError) as error:
            reason = str(error) or "Neo4j does not answer."
            return JSONResponse({"status": "unavailable", "neo4j": reason}, 503)
        if not self._is_warm():
            return JSONResponse({"status": "warming up", "neo4j": "ready"}, 503)
        return JSONResponse({"status": "ready", "neo4j": "ready"})
