"""Conversations of ten thousand comments, and five hundred levels deep, as a client reads them."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from graph.runner import AsyncGraph, Graph
from tests.app.client import Client
from tests.app.resolvers.test_comments import DELETE, like, reply
from tests.app.resolvers.test_threads import THREAD
from tests.graph.people import add, comment_row
from tests.graph.world import POST

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

COMMENTS: Final = 10_000
LEVELS: Final = 500
PAGE: Final = 1_000


def _rows() -> list[dict[str, Any]]:
    """Make a chain of 500, and below its second comment a bush of 9,500, three at each."""
    at = 1_000
    depths = {f"c_{n:05d}": n + 1 for n in range(LEVELS)}
    parents: dict[str, str | None] = {"c_00000": None}
    parents |= {f"c_{n:05d}": f"c_{n - 1:05d}" for n in range(1, LEVELS)}
    bush = [f"c_{n:05d}" for n in range(LEVELS, COMMENTS)]
    for n, each in enumerate(bush):
        parents[each] = bush[(n - 1) // 3] if n else "c_00001"
        depths[each] = depths[str(parents[each])] + 1
    return [
        comment_row(each, "u_bob", POST, at + n // 7, parents[each], depth=depths[each])
        for n, each in enumerate(parents)
    ]


@pytest.fixture
def large(bob: Client, sync_graph: Graph) -> Client:
    rows = _rows()
    for start in range(0, COMMENTS, 2_000):
        add(sync_graph, "comment", rows[start : start + 2_000])
    return bob


async def _read(client: Client, graph: AsyncGraph, **variables: Any) -> dict[str, Any]:
    """Read a page, and see that it takes two statements."""
    before = graph.statement_count
    thread: dict[str, Any] = (await client.data(THREAD, **variables))["post"]["thread"]
    assert graph.statement_count - before <= 2
    return thread


def _order_of(thread: Mapping[str, Any]) -> list[str]:
    return [node["id"] for node in thread["nodes"]]


@pytest.mark.parametrize("sort", ["BEST", "TOP", "NEW", "OLD"])
async def test_ten_thousand_comments_come_once_each_while_some_are_added_and_deleted(
    large: Client, app_graph: AsyncGraph, sort: str
) -> None:
    for subject_id in ("c_00700", "c_09999", "c_00001"):
        await like(large, subject_id)
    joined: list[str] = []
    after, total, added = None, 0, set()
    while True:
        page = await _read(large, app_graph, sort=sort, depth=LEVELS, limit=PAGE, after=after)
        total = total or page["totalCount"]
        joined += _order_of(page)
        if page["more"] is None:
            break
        after = page["more"]["cursor"]
        added.add(await reply(large, joined[len(joined) // 2]))
        added.add(await reply(large, "c_00002"))
        await large.do(DELETE, id=joined[-1])

    assert total == COMMENTS + 1  # and bob's
    assert len(joined) == len(set(joined)), "none twice"
    assert set(joined) - added == {f"c_{n:05d}" for n in range(COMMENTS)} | {"c_1"}


async def test_five_hundred_levels_come_in_one_request(
    large: Client, app_graph: AsyncGraph
) -> None:
    thread = await _read(large, app_graph, sort="OLD", depth=LEVELS, limit=PAGE)
    chain = [node for node in thread["nodes"] if node["id"] < f"c_{LEVELS:05d}"]
    assert [node["depth"] for node in chain] == list(range(1, LEVELS + 1))
    assert chain[0]["descendantCount"] == COMMENTS - 1
