"""The end of sessions, told to whoever waits for it; one statement for all of them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.realtime.session_watch import SessionWatch
from graph.errors import Unavailable
from graph.runner import AsyncGraph, Graph
from graph.viewer import Role, Viewer
from tests.graph.world import run, seed

PEOPLE = [Viewer(f"u_{name}", f"s_{name}") for name in ("alice", "bob", "carol", "dan")]
ALICE, BOB, CAROL, DAN = PEOPLE


@pytest.fixture
def watch(graph: AsyncGraph, clean: None, sync_graph: Graph) -> SessionWatch:  # noqa: ARG001
    seed(sync_graph)
    return SessionWatch(graph)


@asynccontextmanager
async def waiting(watch: SessionWatch, *viewers: Viewer) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(watch.ended(viewer)) for viewer in viewers]
    await asyncio.sleep(0)
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def over(watch: SessionWatch, tasks: list[asyncio.Task[None]]) -> list[bool]:
    await watch.look()
    await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_whose_session_ends_is_told_and_nobody_else(
    watch: SessionWatch, sync_graph: Graph
) -> None:
    admin = Viewer(DAN.user_id, DAN.session_id, Role.ADMIN)
    async with waiting(watch, *PEOPLE, ALICE) as tasks:
        assert await over(watch, tasks) == [False] * 5
        run(sync_graph, "MATCH (s:Session {id: 's_alice'}) SET s.revoked_at = 1")
        assert await over(watch, tasks) == [True, False, False, False, True]
        run(sync_graph, "MATCH (u:User {id: 'u_bob'}) SET u.suspended_at = 1")
        assert await over(watch, tasks) == [True, True, False, False, True]
        run(sync_graph, "MATCH (u:User {id: 'u_dan'}) SET u.role = 'ADMIN'")
        async with waiting(watch, admin) as others:
            assert await over(watch, [*tasks, *others]) == [True, True, False, True, True, False]


@pytest.mark.parametrize("count", [1, 300])
async def test_a_look_is_one_statement_however_many_wait(
    watch: SessionWatch, graph: AsyncGraph, count: int
) -> None:
    sessions = [Viewer("u_alice", f"s_{n}") for n in range(count)]
    async with waiting(watch, *PEOPLE, *sessions, *sessions) as tasks:
        before = graph.statement_count
        assert await over(watch, tasks) == [False] * 4 + [True] * (2 * count)
        assert graph.statement_count == before + 1


async def test_nobody_who_waits_is_no_statement_and_leaves_nothing(
    watch: SessionWatch, graph: AsyncGraph
) -> None:
    async with waiting(watch, ALICE, ALICE, BOB):
        pass
    before = graph.statement_count
    await watch.look()
    assert graph.statement_count == before
    assert not watch._waiting


async def test_who_comes_again_with_an_ended_session_is_told_again(
    watch: SessionWatch, sync_graph: Graph
) -> None:
    run(sync_graph, "MATCH (s:Session {id: 's_alice'}) SET s.revoked_at = 1")
    for _ in range(2):
        async with waiting(watch, ALICE) as tasks:
            assert await over(watch, tasks) == [True]


class Stumbling:
    """A graph that is away, then has a bug, then answers."""

    def __init__(self) -> None:
        self.answers: list[Any] = [Unavailable("away"), RuntimeError("a bug"), [], [ALICE]]

    async def run(self, statement: Any) -> Any:
        del statement
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.unit
async def test_an_outage_is_outlived(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with SessionWatch(Stumbling(), 0.001) as watch, asyncio.timeout(10):
        await watch.ended(ALICE)
    told = [record.getMessage().partition(";")[0] for record in caplog.records]
    assert told[:2] == ["Neo4j is away", "Sessions could not be looked at"]
