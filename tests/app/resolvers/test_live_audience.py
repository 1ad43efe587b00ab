"""Who is told of what happens now, where many listen: what all share, and what not all may see."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest

from app.execution import Executor
from tests.app.client import Client
from tests.app.resolvers.conftest import Relay
from tests.app.resolvers.test_posts import write
from tests.app.resolvers.test_streams import following, subscribe

COMMENTS = """
subscription { commentAdded(postId: "p_1") {
  ... on CommentAdded { comment { id text tombstone author { username } } }
} }
"""
INTERACTIONS = """
subscription { interactionAdded(postId: "p_1") {
  ... on InteractionAdded { interaction { kind actor { username } } }
} }
"""
POSTS = """
subscription { postAdded(authorId: "u_alice") { ... on PostAdded { post { text } } } }
"""
COMMENT = """
mutation ($text: String!) { createComment(input: {postId: "p_1", text: $text}) {
  comment { id } userErrors { code }
} }
"""
LIKE = 'mutation { like(subjectId: "p_1") { userErrors { code } } }'


class Hall:
    """People who listen at once, and hear what is handed out live."""

    def __init__(self, executor: Executor, stack: AsyncExitStack) -> None:
        self._executor = executor
        self._stack = stack
        self._heard: dict[str, asyncio.Queue[Any]] = {}

    async def enter(self, document: str, **people: Client) -> None:
        """Let people listen; all of them wait for what comes when this returns."""
        for name, client in people.items():
            source = await subscribe(self._executor, client, document)
            live = await self._stack.enter_async_context(aclosing(source))
            task = asyncio.create_task(self._listen(live, self._queue(name)))
            self._stack.push_async_callback(asyncio.wait, [task])
            self._stack.callback(task.cancel)
        async with asyncio.timeout(20):
            while not self._all_wait(len(people)):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)

    async def hears(self, name: str, count: int = 1) -> list[Any]:
        async with asyncio.timeout(20):
            return [await self._queue(name).get() for _ in range(count)]

    def _queue(self, name: str) -> asyncio.Queue[Any]:
        return self._heard.setdefault(name, asyncio.Queue())

    async def _listen(self, live: Any, heard: asyncio.Queue[Any]) -> None:
        while True:
            (event,) = (await following(live)).values()
            heard.put_nowait(event)

    def _all_wait(self, count: int) -> bool:
        hubs = self._executor._services.streams._hubs.values()
        buffers = [buffer for hub in hubs for buffer in hub._presence.buffers]
        return len(buffers) == count and all(buffer._waiter for buffer in buffers)


@pytest.fixture
async def hall(executor: Executor) -> AsyncIterator[Hall]:
    async with AsyncExitStack() as stack:
        yield Hall(executor, stack)


@pytest.fixture
def dan(client: Client) -> Client:
    return client.as_("dan")


async def block(client: Client, name: str, verb: str = "block") -> None:
    await client.do(f'mutation {{ {verb}(userId: "u_{name}") {{ userErrors {{ code }} }} }}')


def _texts(comments: list[Any]) -> list[str | None]:
    return [comment["text"] for comment in comments]


async def test_a_comment_of_whom_one_blocks_is_a_tombstone_for_them_alone(
    hall: Hall, alice: Client, bob: Client, carol: Client, dan: Client, relay: Relay
) -> None:
    await hall.enter(COMMENTS, alice=alice, carol=carol, dan=dan)
    await block(carol, "bob")
    await bob.do(COMMENT, text="of bob")
    await alice.do(COMMENT, text="of alice")
    relay()
    for name in ("alice", "dan"):
        assert _texts(await hall.hears(name, 2)) == ["of bob", "of alice"]
    of_bob, of_alice = await hall.hears("carol", 2)
    assert (of_bob["text"], of_bob["author"]) == (None, None)
    assert of_bob["tombstone"]
    assert of_alice["text"] == "of alice"


@pytest.mark.parametrize("blocks", [("alice", "dan"), ("dan", "alice")])
async def test_whom_the_posts_author_is_parted_from_hears_nothing_of_it(
    hall: Hall, client: Client, relay: Relay, blocks: tuple[str, str]
) -> None:
    alice, bob, carol, dan = map(client.as_, ("alice", "bob", "carol", "dan"))
    blocker, blocked = blocks
    await hall.enter(COMMENTS, carol=carol, dan=dan)
    await block(client.as_(blocker), blocked)
    await bob.do(COMMENT, text="meanwhile")
    relay()
    assert _texts(await hall.hears("carol")) == ["meanwhile"]
    await block(client.as_(blocker), blocked, "unblock")
    await alice.do(COMMENT, text="afterwards")
    relay()
    assert _texts(await hall.hears("carol")) == ["afterwards"]
    assert _texts(await hall.hears("dan")) == ["afterwards"]


async def test_what_somebody_did_is_hidden_from_whom_they_block(
    hall: Hall, alice: Client, bob: Client, carol: Client, dan: Client, relay: Relay
) -> None:
    await hall.enter(INTERACTIONS, alice=alice, carol=carol, dan=dan)
    await block(bob, "carol")
    await bob.do(LIKE)
    await dan.do(LIKE)
    relay()
    likers = {
        name: [each["actor"]["username"] for each in await hall.hears(name, count)]
        for name, count in (("alice", 2), ("dan", 2), ("carol", 1))
    }
    assert likers == {"alice": ["bob", "dan"], "dan": ["bob", "dan"], "carol": ["dan"]}


async def test_posts_for_followers_reach_them_alone_and_nobody_who_is_blocked(
    hall: Hall, alice: Client, bob: Client, carol: Client, dan: Client, relay: Relay
) -> None:
    follow = 'mutation { follow(userId: "u_alice") { userErrors { code } } }'
    for each in (bob, dan):
        await each.do(follow)
    await hall.enter(POSTS, alice=alice, bob=bob, carol=carol, dan=dan)
    await block(alice, "dan")
    await write(alice, "for followers", visibility="FOLLOWERS")
    await write(alice, "for all")
    relay()
    both = [{"text": "for followers"}, {"text": "for all"}]
    assert await hall.hears("alice", 2) == both
    assert await hall.hears("bob", 2) == both
    assert await hall.hears("carol") == [{"text": "for all"}]
    await block(alice, "dan", "unblock")
    await write(alice, "at last")
    relay()
    assert await hall.hears("dan") == [{"text": "at last"}]
