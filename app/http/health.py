"""Whether this process lives, and whether it can serve."""

import asyncio
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
    """`/readyz`: 200 while Neo4j answers and is migrated, 503 while it does not."""

    def __init__(self, graph: AsyncGraph) -> None:
        self._graph = graph

    async def handle(self, _: Request) -> Response:
        """Ask Neo4j for something that only a migrated database has."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._graph.run(read_bounds())
        except (GraphError, TimeoutError, IndexError) as error:
            reason = str(error) or "Neo4j does not answer."
            return JSONResponse({"status": "unavailable", "neo4j": reason}, 503)
        return JSONResponse({"status": "ready", "neo4j": "ready"})
