"""What people ask for first is planned before they come, and changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from graphql import parse, validate

from adapters.settings import MediaSettings
from app.execution import Executor
from app.main import build_app
from app.schema import build_schema
from app.settings import AppSettings
from app.warm_up import NOBODY, OPERATIONS, WarmUp
from graph.runner import AsyncGraph, Graph
from graph.settings import GraphSettings
from tests.graph.world import run, seed

_PATIENCE_S = 60


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - it is asked from outside, as a machine does
            await asyncio.sleep(0.02)


@pytest.mark.unit
@pytest.mark.parametrize("document", OPERATIONS)
def test_an_operation_is_valid(document: str) -> None:
    assert validate(build_schema(), parse(document)) == []


async def test_each_operation_has_a_statement_planned_and_changes_nothing(
    clean: None,  # noqa: ARG001
    executor: Executor,
    app_graph: AsyncGraph,
    sync_graph: Graph,
    caplog: pytest.LogCaptureFixture,
) -> None:
    seed(sync_graph)
    everything = "MATCH (n) RETURN labels(n) AS labels, n {.*} AS all"
    before, count = run(sync_graph, everything), app_graph.statement_count
    async with WarmUp(executor, _PATIENCE_S) as warm_up:
        await warm_up.over.wait()
    assert app_graph.statement_count - count == len(OPERATIONS), "nobody gets any further"
    assert run(sync_graph, everything) == before
    assert not [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]


@pytest.mark.parametrize("document", OPERATIONS)
async def test_an_operation_is_refused_by_its_statement(
    executor: Executor,
    app_graph: AsyncGraph,
    document: str,
) -> None:
    before = app_graph.statement_count
    answer = await executor.execute(executor.prepare({"query": document}), NOBODY)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHENTICATED"}
    assert app_graph.statement_count == before + 1


async def test_a_process_is_ready_once_it_is_warm(
    clean: None,  # noqa: ARG001
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
) -> None:
    warming = settings.model_copy(update={"warm_up_s": _PATIENCE_S})
    app = build_app(warming, graph_settings, media_settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://nexus") as http,
    ):
        assert (await http.get("/livez")).status_code == 200
        first = await http.get("/readyz")
        assert (first.status_code, first.json()["status"]) == (503, "warming up")

        async def is_ready() -> bool:
            return (await http.get("/readyz")).status_code == 200

        await _until(is_ready)


class Away:
    """An executor whose Neo4j is away."""

    def prepare(self, payload: Any) -> Any:
        return payload

    async def execute(self, *_: Any) -> Any:
        return {"errors": [{"extensions": {"code": "SERVICE_UNAVAILABLE"}}]}


class Broken(Away):
    """An executor that has a fault."""

    async def execute(self, *_: Any) -> Any:
        raise ValueError("a fault")


@pytest.mark.unit
@pytest.mark.parametrize("executor", [Away(), Broken()])
async def test_what_cannot_be_planned_is_given_up_and_told(
    executor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with WarmUp(executor, 0.2) as warm_up, asyncio.timeout(_PATIENCE_S):
        await warm_up.over.wait()
    assert "First answers may be slow" in caplog.text


@pytest.mark.unit
async def test_one_may_do_without_and_a_stop_waits_for_nothing() -> None:
    broken: Any = Broken()
    async with WarmUp(broken, 0) as none:
        assert none.over.is_set()
    away: Any = Away()
    async with asyncio.timeout(_PATIENCE_S / 2), WarmUp(away, _PATIENCE_S) as some:
        assert not some.over.is_set()
