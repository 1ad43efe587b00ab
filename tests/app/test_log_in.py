"""Logging in waits for Neo4j once, however many statements it runs."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.log_in import Accounts
from app.log_in_limit import LogInLimit
from app.settings import AppSettings
from app.tokens import Tokens
from graph.errors import Unavailable
from graph.runner import AsyncGraph, Graph
from graph.settings import GraphSettings
from graph.statement import Statement

_BUDGET_S = 2.0


class _Slow(AsyncGraph):
    """A graph that answers just in time for a deadline that begins with each statement."""

    async def run(self, statement: Statement[Any], deadline: float | None = None) -> Any:
        until = deadline or self.deadline()
        await asyncio.sleep(_BUDGET_S * 0.7)
        return await super().run(statement, until)


@pytest.fixture
async def slow(sync_graph: Graph) -> AsyncIterator[AsyncGraph]:
    known = sync_graph.settings.model_dump()
    settings = GraphSettings(**known | {"neo4j_timeout_s": _BUDGET_S})
    graph = _Slow(settings)
    yield graph
    await graph.close()


@pytest.mark.usefixtures("clean")
async def test_all_statements_of_a_log_in_have_one_deadline(
    slow: AsyncGraph, tokens: Tokens, settings: AppSettings
) -> None:
    async with LogInLimit(settings.redis_url, 1_000, 60) as limit:
        accounts = Accounts(slow, tokens, 1, limit)
        await accounts.sign_up("ana", "ana@nexus.example", "nexus-demo", "Ana")
        with pytest.raises(Unavailable):
            await accounts.log_in("ana", "nexus-demo")
