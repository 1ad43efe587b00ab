import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from app.context import RequestContext
from graph.errors import Unavailable
from graph.runner import AsyncGraph
from graph.settings import GraphSettings
from graph.statement import Statement

pytestmark = pytest.mark.unit

ONE: Statement[int] = Statement("RETURN 1 AS one", {}, lambda records: int(records[0]["one"]))


class Silence:
    """A server that takes connections and says nothing."""

    def __init__(self) -> None:
        self.asked = 0

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        await reader.read()
        writer.close()


@asynccontextmanager
async def _context(silence: Silence) -> AsyncIterator[RequestContext]:
    server = await asyncio.start_server(silence.hear, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = GraphSettings(
        neo4j_uri=f"bolt://127.0.0.1:{port}", neo4j_password=SecretStr("-"), neo4j_timeout_s=0.2
    )
    async with server, AsyncGraph(settings) as graph:
        services: Any = SimpleNamespace(graph=graph)
        yield RequestContext(services, None)


async def test_a_request_waits_for_a_silent_database_once_and_not_for_each_field() -> None:
    silence = Silence()
    async with _context(silence) as context:
        with pytest.raises(Unavailable):
            await context.run(ONE)
        asked = silence.asked
        assert asked
        for _ in range(3):
            with pytest.raises(Unavailable):
                await context.run(ONE)
        assert silence.asked == asked
        context.renew_deadline()
        with pytest.raises(Unavailable):
            await context.run(ONE)
        assert silence.asked > asked
