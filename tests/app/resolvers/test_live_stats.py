"""`statsChanged`: the counts as they are, told when they change, to those who may see them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest

from app.execution import Executor
from app.realtime.operations import OperationError, Result
from graph.ids import key
from graph.runner import AsyncGraph, Graph
from tests.app.client import Client
from tests.app.resolvers.test_streams import following, subscribe
from tests.graph.world import add_edge, run

STATS = """
subscription { statsChanged(postId: "p_1") { likes comments shares bookmarks } }
"""
NEW_POST = """\
MATCH (author:User {id: $author})
CREATE (author)-[:POSTED]->(:Post {id: $id, k: $k, author_id: author.id, text: 'hello',
                                   visibility: 'PUBLIC', created_at: 2})"""
LIKE = 'mutation { like(subjectId: "p_1") { userErrors { code } } }'
UNLIKE = 'mutation { unlike(subjectId: "p_1") { userErrors { code } } }'
NONE = {"likes": 0, "comments": 1, "shares": 0, "bookmarks": 0}
BLOCK = (
    "MATCH (a {id: $a}), (b {id: $b}) CREATE (a)-[:BLOCKS {blocker_id: $a, blocked_id: $b}]->(b)"
)


@asynccontextmanager
async def watching(
    executor: Executor, client: Client
) -> AsyncIterator[AsyncGenerator[Result, None]]:
    async with aclosing(await subscribe(executor, client, STATS)) as live:
        assert await following(live) == NONE
        yield live


async def _hears_nothing(live: AsyncGenerator[Result, None]) -> bool:
    try:
        async with asyncio.timeout(1.2):
            await anext(live)
    except TimeoutError:
        return True
    return False


async def test_counts_come_at_once_and_whenever_they_change(
    executor: Executor, alice: Client, bob: Client
) -> None:
    async with watching(executor, alice) as live:
        await bob.data(LIKE)
        assert await following(live) == NONE | {"likes": 1}
        await bob.data('mutation { bookmark(postId: "p_1") { userErrors { code } } }')
        assert await following(live) == NONE | {"likes": 1, "bookmarks": 1}
        await bob.data(UNLIKE)
        assert await following(live) == NONE | {"bookmarks": 1}


async def test_a_flood_is_told_as_its_latest_value(
    executor: Executor, alice: Client, bob: Client, carol: Client
) -> None:
    told: list[Any] = []
    async with watching(executor, alice) as live:
        for _ in range(10):
            for each in (bob, carol):
                await each.data(LIKE)
                await each.data(UNLIKE)
        await asyncio.gather(bob.data(LIKE), carol.data(LIKE))
        while not told or told[-1] != NONE | {"likes": 2}:
            told.append(await following(live))
        assert await _hears_nothing(live)
    assert len(told) < 40, "forty changes, and not a value for each"


async def test_all_that_people_watch_is_looked_at_in_one_statement(
    executor: Executor, app_graph: AsyncGraph, alice: Client, bob: Client, carol: Client
) -> None:
    async with (
        watching(executor, alice) as one,
        watching(executor, carol) as two,
        watching(executor, carol) as three,
    ):
        hearing = [asyncio.ensure_future(following(live)) for live in (one, two, three)]
        await asyncio.sleep(0)
        before = app_graph.statement_count
        await bob.data(LIKE)
        assert await asyncio.gather(*hearing) == [NONE | {"likes": 1}] * 3
        looks = app_graph.statement_count - before
        assert looks <= 6, "the like takes some, and each look is one whoever watches"


@pytest.mark.parametrize(("blocker", "blocked"), [("u_alice", "u_carol"), ("u_carol", "u_alice")])
async def test_who_may_not_see_the_post_any_more_hears_nothing(
    executor: Executor, bob: Client, carol: Client, sync_graph: Graph, blocker: str, blocked: str
) -> None:
    async with watching(executor, carol) as hidden, watching(executor, bob) as live:
        run(sync_graph, BLOCK, a=blocker, b=blocked)
        await bob.data(LIKE)
        assert await following(live) == NONE | {"likes": 1}
        assert await _hears_nothing(hidden)
    with pytest.raises(OperationError) as refused:
        await subscribe(executor, carol, STATS)
    assert refused.value.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


HIDINGS = {
    "p_closed": "MATCH (p:Post {id: 'p_closed'}) SET p.visibility = 'FOLLOWERS'",
    "p_removed": "MATCH (p:Post {id: 'p_removed'}) SET p.removed_at = 5",
    "p_suspended": (
        "MATCH (p:Post {id: 'p_suspended'})<-[:POSTED]-(u) "
        "SET u.suspended_at = 5, u.suspended_name = u.username REMOVE u.username"
    ),
    "p_seen": "RETURN 1",
}


async def test_counts_of_what_is_hidden_by_now_are_told_to_nobody(
    executor: Executor, carol: Client, sync_graph: Graph
) -> None:
    for post_id in HIDINGS:
        author = "u_dan" if post_id == "p_suspended" else "u_alice"
        run(sync_graph, NEW_POST, id=post_id, author=author, k=key(2, post_id))
    async with AsyncExitStack() as stack:
        lives = {}
        for post_id in HIDINGS:
            opened = await subscribe(executor, carol, STATS.replace("p_1", post_id))
            lives[post_id] = await stack.enter_async_context(aclosing(opened))
            assert (await following(lives[post_id]))["likes"] == 0
        for post_id, hide in HIDINGS.items():
            run(sync_graph, hide)
            add_edge(sync_graph, "u_bob", "LIKED", post_id)
        heard = [asyncio.ensure_future(_hears_nothing(live)) for live in lives.values()]
        assert await asyncio.gather(*heard) == [True, True, True, False]


async def test_a_deleted_post_has_no_counts(executor: Executor, alice: Client, bob: Client) -> None:
    async with watching(executor, bob) as live:
        await bob.data(LIKE)
        assert await following(live) == NONE | {"likes": 1}
        await alice.data('mutation { deletePost(id: "p_1") { userErrors { code } } }')
        assert await _hears_nothing(live)


async def test_nobody_watching_costs_nothing(
    executor: Executor, app_graph: AsyncGraph, alice: Client
) -> None:
    async with watching(executor, alice):
        pass
    before = app_graph.statement_count
    await asyncio.sleep(1.2)
    assert app_graph.statement_count == before
