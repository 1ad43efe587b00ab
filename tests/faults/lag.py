"""How long after it was acknowledged a like or a comment is in the figures and in the ranks."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Final

import httpx

from graph.runner import Graph
from tests.faults.crowd import Crowd, Person
from tests.faults.stage import Stage
from tests.graph.world import run

SOON_S: Final = 5.0
_PATIENCE_S: Final = 20
_POLL_S: Final = 0.1
_ROUNDS: Final = 3
_EDGE: Final = "mutation ($id: ID!) {{ {0}(subjectId: $id) {{ userErrors {{ message }} }} }}"
_COMMENT: Final = """
mutation ($id: ID!, $key: String!) {
  createComment(input: {postId: $id, text: "a comment", idempotencyKey: $key}) {
    userErrors { message } } }"""
_FIGURES: Final = "query ($id: ID!) { analytics { post(id: $id) { likes comments } } }"
_RANK: Final = "MATCH (p:Post {id: $id}) RETURN left(p.hot_k, 15) AS rank, p.created_at AS at"


async def measure_lag(stage: Stage, graph: Graph) -> None:
    """Let three people like and comment a post, and look until figures and rank have it.

    Raises:
        AssertionError: It took longer than five seconds.
    """
    async with httpx.AsyncClient(timeout=15, trust_env=False) as http:
        crowd = Crowd(stage.urls, http)
        author, *fans = [await crowd.sign_up(f"fan_{n}") for n in range(4)]
        watch = _Watch(crowd, graph, author, await crowd.write(author))
        await watch.look_on(fans, rounds=1)  # what is asked for the first time is planned first
        figures, ranks = await watch.look_on(fans, _ROUNDS)
    for name, found in (("figures", figures), ("HOT rank", ranks)):
        stage.notes.append(
            f"{name} of a post: {median(found):.2f} s after a like or comment was acknowledged, "
            f"at most {max(found):.2f} s, of {len(found)}"
        )
    assert max(*figures, *ranks) < SOON_S, stage.notes


class _Watch:
    """A post, and what is known of it."""

    def __init__(self, crowd: Crowd, graph: Graph, author: Person, post_id: str) -> None:
        self._crowd = crowd
        self._graph = graph
        self._author = author
        self._id = post_id
        self._likes = self._comments = 0

    async def look_on(self, fans: Sequence[Person], rounds: int) -> tuple[list[float], list[float]]:
        figures: list[float] = []
        ranks: list[float] = []
        for _ in range(rounds):
            for fan in fans:
                await self._like("like", fan, 1, figures, ranks)
            variables = {"id": self._id, "key": self._crowd.key()}
            await self._crowd.insist(_COMMENT, fans[0].token, **variables)
            self._comments += 1
            figures.append(await self._until(self._has_figures))
            for fan in fans:
                await self._like("unlike", fan, -1, figures, ranks)
        return figures, ranks

    async def _like(
        self, verb: str, fan: Person, more: int, figures: list[float], ranks: list[float]
    ) -> None:
        await self._crowd.insist(_EDGE.format(verb), fan.token, id=self._id)
        self._likes += more
        both = await asyncio.gather(self._until(self._has_figures), self._until(self._has_rank))
        for found, lag in zip((figures, ranks), both, strict=True):
            found.append(lag)

    async def _until(self, condition: Callable[[], Awaitable[bool]]) -> float:
        began = time.monotonic()
        deadline = began + _PATIENCE_S
        while not await condition() and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)
        return time.monotonic() - began

    async def _has_figures(self) -> bool:
        found = await self._crowd.insist(_FIGURES, self._author.token, id=self._id)
        return bool(found["post"] == {"likes": self._likes, "comments": self._comments})

    async def _has_rank(self) -> bool:
        """Compare with the rank that follows from likes and age; the first like changes nothing."""
        (row,) = await asyncio.to_thread(run, self._graph, _RANK, id=self._id)
        age = (int(str(row["at"])) / 1000 - 1_134_028_003) / 45_000
        rank = round(1e7 * (100_000 + math.log10(max(self._likes, 1)) + age))
        return abs(int(str(row["rank"])) - rank) <= 1
