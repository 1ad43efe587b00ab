"""The examples of `docs/realtime.md`, as they stand, against a running Nexus."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from graph.ids import now_ms
from graph.retention import prune_events
from graph.runner import Graph
from graph.tally import tally
from tests.clients.conftest import Talk
from tests.clients.scripts import EXAMPLES, PATIENCE_S
from tests.graph.world import run

pytestmark = pytest.mark.slow


@pytest.fixture(params=["follow.mjs", "follow.py"])
def example(request: pytest.FixtureRequest) -> Path:
    if request.param.endswith(".mjs"):
        folder: Path = request.getfixturevalue("scripts")
        return folder / request.param
    return EXAMPLES / request.param


async def test_it_shows_what_is_there_and_what_comes(talk: Talk, example: Path) -> None:
    await talk.say("one")
    async with talk.script(example) as script:
        assert await script.lines(2) == ["-- 1 comments", "bob: one"]
        await talk.say("two", "three")
        assert await script.lines(2) == ["bob: two", "bob: three"]


async def test_it_goes_on_where_it_stood(talk: Talk, example: Path) -> None:
    async with talk.script(example) as script:
        await script.lines(1)
        await talk.say("one")
        assert await script.lines(1) == ["bob: one"]
        talk.line.die()
        await talk.say("two", "three")
        async with asyncio.timeout(PATIENCE_S):
            await talk.line.lost()
        talk.line.cut()
        assert await script.lines(2) == ["bob: two", "bob: three"]


async def test_it_reads_the_page_again_after_a_gap(
    talk: Talk, example: Path, sync_graph: Graph
) -> None:
    async with talk.script(example) as script:
        await script.lines(1)
        await talk.say("one")
        assert await script.lines(1) == ["bob: one"]
        talk.line.die()
        await talk.say_told("two")
        run(sync_graph, "MATCH (job:Job) SET job.done_at = 1")  # as workers do
        sync_graph.run(tally(1_000))
        assert sync_graph.run(prune_events(now_ms() + 1, 1_000))
        talk.line.cut()
        assert await script.lines(3) == ["-- 2 comments", "bob: one", "bob: two"]
        await talk.say("three")
        assert await script.lines(1) == ["bob: three"]


async def test_it_ends_when_its_login_is_refused(talk: Talk, example: Path) -> None:
    async with talk.script(example, token="not-a-token") as script:
        assert await script.end() == (1, "The access token is not valid. Log in again.")


async def test_it_ends_when_there_is_nothing_to_show(talk: Talk, example: Path) -> None:
    async with replace(talk, post_id="p_unknown").script(example) as script:
        assert await script.end() == (1, "There is no such post, or you may not see it.")
