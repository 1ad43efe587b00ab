"""What goes wrong on our side: masked, told apart, and leaving nothing behind."""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from graph.runner import AsyncGraph, Graph
from tests.app.client import Client
from tests.graph.world import run


async def test_a_fault_of_ours_is_masked_and_found_in_the_log(
    alice: Client, sync_graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    run(sync_graph, "MATCH (p:Post) SET p.created_at = 'not a number'")
    with caplog.at_level(logging.ERROR):
        answer = await alice.ask('{ me { id } post(id: "p_1") { createdAt } }')
    (error,) = answer["errors"]
    assert answer["data"] == {"me": {"id": "u_alice"}, "post": None}
    assert error["extensions"].keys() == {"code", "errorId"}
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["path"] == ["post", "createdAt"]
    assert "not a number" not in str(answer)
    assert error["extensions"]["errorId"] in caplog.text
    assert "Traceback" in caplog.text


async def test_the_log_of_a_fault_tells_no_password_and_no_token(
    nobody: Client, sync_graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    run(sync_graph, "CREATE (:User {id: 'u_x', username: 'eve', role: 'OWNER'})")
    document = (
        'mutation { logIn(input: {username: "eve", password: "very secret"}) { user { id } } }'
    )
    assert await nobody.bearing("a.stale.token").code(document) == "INTERNAL_SERVER_ERROR"
    assert "KeyError" in caplog.text
    assert not re.search(r"very secret|stale", caplog.text)


async def test_one_field_that_fails_leaves_those_beside_it(alice: Client) -> None:
    document = '{ a: posts(first: 0) { __typename } b: post(id: "p_1") { id } }'
    answer = await alice.ask(document)
    assert answer["errors"][0]["path"] == ["a"]
    assert answer["data"] is None  # the field may not be null, so nothing else can be said
    document = (
        '{ a: post(id: "p_1") { comments(first: 0) { __typename } } b: post(id: "p_1") { id } }'
    )
    answer = await alice.ask(document)
    assert answer["data"] == {"a": None, "b": {"id": "p_1"}}


async def test_requests_that_nobody_waits_for_leave_every_connection_in_order(
    alice: Client, app_graph: AsyncGraph
) -> None:
    def connections() -> list[Any]:
        pools = app_graph.driver._pool.connections.values()
        return [connection for pool in pools for connection in pool]

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - the driver tells nobody
                await asyncio.sleep(0)

    for _ in range(3):
        asked = [asyncio.create_task(alice.ask("{ me { stats { posts } } }")) for _ in range(10)]
        await until(lambda: any(each.in_use for each in connections()))
        for each in asked:
            each.cancel()
        await asyncio.wait(asked)
        await until(lambda: not any(each.in_use for each in connections()))
        assert connections()
        assert not [each for each in connections() if each.defunct() or each.closed()]
    assert (await alice.data("{ me { id } }"))["me"] == {"id": "u_alice"}
