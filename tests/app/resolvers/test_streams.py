"""Subscriptions as resolvers give them, every event through the real outbox and bell."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import orjson
import pytest

from app.context import RequestContext, Services
from app.execution import Caller, Executor
from app.metrics import REGISTRY
from app.realtime.operations import OperationError, Result
from graph.ids import now_ms
from graph.notify import notify
from graph.runner import AsyncGraph, Graph
from tests.app.client import Client
from tests.app.resolvers.conftest import Relay
from tests.app.resolvers.test_posts import write
from tests.graph.world import run

POST_ADDED = """
subscription ($authorId: ID, $after: ID) {
  postAdded(authorId: $authorId, after: $after) {
    __typename
    ... on PostAdded { eventId occurredAt post { id text author { username } } }
    ... on StreamGap { eventId occurredAt }
  }
}
"""
COMMENT_ADDED = """
subscription ($after: ID) {
  commentAdded(postId: "p_1", after: $after) {
    ... on CommentAdded { eventId comment { id text depth post { id } } }
    ... on StreamGap { eventId }
  }
}
"""
INTERACTION_ADDED = """
subscription ($after: ID) {
  interactionAdded(postId: "p_1", after: $after) {
    ... on InteractionAdded { eventId interaction {
      id kind createdAt actor { username } subject { __typename id stats { likes } }
    } }
    ... on StreamGap { eventId }
  }
}
"""
NOTIFICATION_ADDED = """
subscription ($after: ID) {
  notificationAdded(after: $after) {
    ... on NotificationAdded { eventId notification { kind actors { users { username } } } }
  }
}
"""
LIKE = 'mutation { like(subjectId: "p_1") { userErrors { code } } }'


async def subscribe(
    executor: Executor, client: Client, document: str, **variables: Any
) -> AsyncGenerator[Result, None]:
    viewer = client.tokens.read_access(client.token or "").viewer
    operation = executor.prepare({"query": document, "variables": variables})
    return await executor.subscribe(operation, viewer)


def plain(result: Result) -> dict[str, Any]:
    """Give a response as a client gets it, also one that was rendered for many."""
    answer: dict[str, Any] = orjson.loads(orjson.dumps(result))
    return answer


async def following(source: AsyncGenerator[Result, None]) -> Any:
    """Give the next event, which has no errors."""
    async with asyncio.timeout(20):
        answer = plain(await anext(source))
    assert "errors" not in answer, answer["errors"]
    (event,) = answer["data"].values()
    return event


def counted() -> tuple[float, ...]:
    """Give how many gaps and deliveries this process has told of."""
    names = ("nexus_stream_gaps_total", "nexus_deliveries_total")
    return tuple(REGISTRY.get_sample_value(name) or 0 for name in names)


async def refused(executor: Executor, client: Client, document: str, **variables: Any) -> str:
    with pytest.raises(OperationError) as error:
        await subscribe(executor, client, document, **variables)
    code: str = error.value.errors[0]["extensions"]["code"]
    return code


async def test_posts_arrive_once_and_in_order_and_again_after_an_absence(
    executor: Executor, alice: Client, bob: Client, relay: Relay
) -> None:
    async with aclosing(await subscribe(executor, bob, POST_ADDED, authorId="u_alice")) as live:
        written = [await write(alice, f"number {n}") for n in range(3)]
        await write(bob, "of another author")
        relay()
        events = [await following(live) for _ in written]
    assert [event["post"]["id"] for event in events] == written
    assert events[0]["__typename"] == "PostAdded"
    assert events[0]["post"]["author"] == {"username": "alice"}
    assert len({event["eventId"] for event in events}) == 3

    resumed = await subscribe(
        executor, bob, POST_ADDED, authorId="u_alice", after=events[0]["eventId"]
    )
    async with aclosing(resumed) as live:
        assert [await following(live) for _ in range(2)] == events[1:]


async def test_posts_without_an_author_are_those_of_whom_one_follows(
    executor: Executor, alice: Client, bob: Client, carol: Client, relay: Relay
) -> None:
    cursor = (await bob.data("{ streamCursor }"))["streamCursor"]
    await write(alice, "before the follow")
    await bob.do('mutation { follow(userId: "u_alice") { userErrors { code } } }')
    await write(carol, "of somebody else")
    wanted = await write(alice, "after the follow")
    relay()
    async with aclosing(await subscribe(executor, bob, POST_ADDED, after=cursor)) as live:
        assert (await following(live))["post"]["id"] == wanted


async def test_an_open_stream_follows_whom_its_subscriber_follows(
    executor: Executor, alice: Client, bob: Client, carol: Client, relay: Relay
) -> None:
    steps = (("follow", "alice", "a"), ("follow", "carol", "ac"), ("unfollow", "alice", "c"))
    async with aclosing(await subscribe(executor, bob, POST_ADDED)) as live:
        for verb, author, heard in steps:
            await bob.do(f'mutation {{ {verb}(userId: "u_{author}") {{ userErrors {{ code }} }} }}')
            written = {"a": await write(alice, verb), "c": await write(carol, verb)}
            relay()
            for each in heard:
                assert (await following(live))["post"]["id"] == written[each]


async def test_comments_arrive_from_any_depth(
    executor: Executor, alice: Client, bob: Client, relay: Relay
) -> None:
    async with aclosing(await subscribe(executor, alice, COMMENT_ADDED)) as live:
        document = """
        mutation { createComment(input: {postId: "p_1", parentId: "c_1", text: "deep"}) {
          comment { id }
        } }
        """
        created = (await bob.do(document))["comment"]["id"]
        relay()
        event = await following(live)
    comment = {"id": created, "text": "deep", "depth": 2, "post": {"id": "p_1"}}
    assert event["comment"] == comment


async def test_a_cursor_then_a_page_then_a_stream_lose_nothing_while_people_write(
    executor: Executor, alice: Client, bob: Client, carol: Client, relay: Relay
) -> None:
    """Wherever in the writing somebody begins to read: what is on neither was never written."""
    write_one = """
    mutation ($text: String!) { createComment(input: {postId: "p_1", text: $text}) {
      comment { id }
    } }
    """
    read_page = '{ post(id: "p_1") { comments(first: 100) { edges { node { id } } } } }'
    written = list[str]()
    grown = asyncio.Event()

    async def keep_writing(client: Client, text: str, count: int) -> None:
        nonlocal grown
        for _ in range(count):
            written.append((await client.do(write_one, text=text))["comment"]["id"])
            grown.set()
            grown = asyncio.Event()
            await asyncio.to_thread(relay)

    async def read_from(count: int) -> tuple[set[str], list[str]]:
        while len(written) < count:
            await grown.wait()
        cursor = (await alice.data("{ streamCursor }"))["streamCursor"]
        page = (await alice.data(read_page))["post"]["comments"]["edges"]
        told, is_over = list[str](), False
        source = await subscribe(executor, alice, COMMENT_ADDED, after=cursor)
        async with aclosing(source) as live:
            while not is_over:
                comment = (await following(live))["comment"]
                told.append(comment["id"])
                is_over = comment["text"] == "the last"
        return {edge["node"]["id"] for edge in page}, told

    readers = [asyncio.create_task(read_from(count)) for count in range(0, 20, 2)]
    await asyncio.gather(*(keep_writing(each, "one of many", 10) for each in (bob, carol)))
    await keep_writing(bob, "the last", 1)
    for page, told in await asyncio.gather(*readers):
        assert {*written} <= page | {*told}
        assert len({*told}) == len(told)


async def test_interactions_arrive_as_the_list_has_them(
    executor: Executor, alice: Client, bob: Client, relay: Relay
) -> None:
    async with aclosing(await subscribe(executor, alice, INTERACTION_ADDED)) as live:
        await bob.data(LIKE)
        await bob.data('mutation { share(postId: "p_1") { userErrors { code } } }')
        relay()
        told = [(await following(live))["interaction"] for _ in range(2)]
    document = """
    { post(id: "p_1") { interactions(kinds: [LIKE, SHARE]) { edges { node {
      id kind createdAt actor { username } subject { __typename id stats { likes } }
    } } } } }
    """
    listed = (await alice.data(document))["post"]["interactions"]["edges"]
    assert [edge["node"] for edge in listed][::-1] == told


async def test_what_was_undone_is_not_told(
    executor: Executor, alice: Client, bob: Client, carol: Client, relay: Relay
) -> None:
    async with aclosing(await subscribe(executor, alice, INTERACTION_ADDED)) as live:
        await bob.data(LIKE)
        await bob.data('mutation { unlike(subjectId: "p_1") { userErrors { code } } }')
        await carol.data(LIKE)
        relay()
        told = (await following(live))["interaction"]
    assert told["actor"] == {"username": "carol"}


async def test_a_notification_arrives_at_whom_it_concerns(
    executor: Executor, alice: Client, bob: Client, relay: Relay, sync_graph: Graph
) -> None:
    async with aclosing(await subscribe(executor, alice, NOTIFICATION_ADDED)) as live:
        await bob.data(LIKE)
        for event in relay():
            sync_graph.run(notify(event.event_id, now_ms()))
        relay()
        told = (await following(live))["notification"]
    assert told == {"kind": "LIKE", "actors": {"users": [{"username": "bob"}]}}


async def test_history_that_is_gone_is_a_gap_and_then_what_is_there(
    executor: Executor, alice: Client, bob: Client, relay: Relay, sync_graph: Graph
) -> None:
    await write(alice, "gone")
    (gone,) = relay()
    run(sync_graph, "MATCH (c:Counter {name: 'events'}) SET c.floor = $n", n=gone.position)
    kept = await write(alice, "kept")
    relay()
    source = await subscribe(executor, bob, POST_ADDED, authorId="u_alice", after="e_0")
    gaps, deliveries = counted()
    async with aclosing(source) as live:
        gap = await following(live)
        assert (gap["__typename"], gap["eventId"]) == ("StreamGap", f"e_{gone.position}")
        assert (await following(live))["post"]["id"] == kept
    assert counted() == (gaps + 1, deliveries + 1)


async def test_what_is_not_to_be_seen_has_no_stream(
    executor: Executor, alice: Client, bob: Client, sync_graph: Graph
) -> None:
    document = """subscription ($id: ID!) { commentAdded(postId: $id) { __typename } }"""
    assert await refused(executor, alice, document, id="p_none") == "BAD_USER_INPUT"
    run(sync_graph, "MATCH (p:Post {id: 'p_1'}) SET p.visibility = 'FOLLOWERS'")
    assert await refused(executor, bob, document, id="p_1") == "BAD_USER_INPUT"
    await (await subscribe(executor, alice, document, id="p_1")).aclose()


@pytest.mark.parametrize("document", [POST_ADDED, COMMENT_ADDED, INTERACTION_ADDED])
@pytest.mark.parametrize("after", ["", "x", "e_", "e_-1", "e_999999999", "e_" + "9" * 40, "p_1"])
async def test_a_made_up_position_is_refused(
    executor: Executor, alice: Client, document: str, after: str
) -> None:
    assert await refused(executor, alice, document, after=after) == "BAD_USER_INPUT"


async def test_variables_that_do_not_fit_are_refused(executor: Executor, alice: Client) -> None:
    document = "subscription ($id: ID!) { commentAdded(postId: $id) { __typename } }"
    assert await refused(executor, alice, document) == "BAD_USER_INPUT"
    assert await refused(executor, alice, document, id=None) == "BAD_USER_INPUT"


async def test_a_session_that_ends_ends_its_subscriptions_in_plain_words(
    executor: Executor, alice: Client, bob: Client, relay: Relay, sync_graph: Graph
) -> None:
    document = INTERACTION_ADDED.replace("actor { username }", "actor { viewer { following } }")
    async with aclosing(await subscribe(executor, alice, document)) as live:
        run(sync_graph, "MATCH (s:Session {id: 's_alice'}) SET s.revoked_at = 1")
        await bob.data(LIKE)
        relay()
        with pytest.raises(OperationError) as ended:
            await following(live)
    assert ended.value.errors[0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_fault_after_the_start_is_masked(
    executor: Executor, alice: Client, bob: Client, relay: Relay, sync_graph: Graph
) -> None:
    async with aclosing(await subscribe(executor, alice, INTERACTION_ADDED)) as live:
        await bob.data(LIKE)
        relay()
        run(sync_graph, "MATCH ()-[r:LIKED]->(), (e:Event) SET r.at = 'x', e.occurred_at = 'x'")
        with pytest.raises(AssertionError, match="INTERNAL_SERVER_ERROR"):
            await following(live)


async def test_a_selection_that_cannot_be_read_is_refused_with_its_reason(
    executor: Executor, bob: Client
) -> None:
    document = """
    subscription { postAdded(authorId: "u_alice") {
      ... on PostAdded { post { comments(first: 1000) { __typename } } }
    } }
    """
    assert await refused(executor, bob, document) == "BAD_USER_INPUT"


async def test_variables_that_nobody_declared_are_passed_by(
    executor: Executor, bob: Client, alice: Client, relay: Relay
) -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    async with aclosing(
        await subscribe(executor, bob, POST_ADDED, authorId="u_alice", deep=deep)
    ) as live:
        post_id = await write(alice)
        relay()
        assert (await following(live))["post"]["id"] == post_id


async def test_a_field_may_be_renamed_and_its_fragments_shared(
    executor: Executor, alice: Client, bob: Client, relay: Relay
) -> None:
    document = """
    subscription ($yes: Boolean!) {
      live: interactionAdded(postId: "p_1") { __typename ...E @include(if: $yes) }
    }
    fragment E on InteractionAdded {
      what: interaction { on: subject { ... on Post { words: text } } }
    }
    """
    async with aclosing(await subscribe(executor, alice, document, yes=True)) as live:
        await bob.data(LIKE)
        relay()
        event = await following(live)
    assert event == {"__typename": "InteractionAdded", "what": {"on": {"words": "hello"}}}


async def test_a_subscriber_who_leaves_leaves_nothing(executor: Executor, alice: Client) -> None:
    streams = executor._services.streams
    for _ in range(3):
        source = await subscribe(executor, alice, INTERACTION_ADDED)
        waiting = asyncio.create_task(following(source))
        async with asyncio.timeout(20):
            while not streams._hubs:  # noqa: ASYNC110 - the hub tells nobody that it began
                await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        await source.aclose()
        assert not streams._hubs


async def test_a_crowd_costs_one_reading_and_so_do_the_tabs_of_one_person(
    executor: Executor,
    app_graph: AsyncGraph,
    alice: Client,
    bob: Client,
    carol: Client,
    relay: Relay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What all see alike is read once for all; what depends on who reads, once for each person.

    And it is rendered as often, each time with a context of its own.
    """
    contexts: list[RequestContext] = []

    def new_context(services: Services, caller: Caller) -> RequestContext:
        contexts.append(RequestContext(services, caller))
        return contexts[-1]

    monkeypatch.setattr("app.execution.RequestContext", new_context)
    own = INTERACTION_ADDED.replace("actor { username }", "actor { username viewer { following } }")
    for document, readings in ((INTERACTION_ADDED, 1), (own, 2)):
        async with AsyncExitStack() as stack:
            lives = [
                await stack.enter_async_context(aclosing(await subscribe(executor, each, document)))
                for each in (alice, carol, alice, carol, alice)
            ]
            hearing = [asyncio.ensure_future(following(live)) for live in lives]
            await asyncio.sleep(0.5)
            await bob.data(LIKE)
            before = app_graph.statement_count
            contexts.clear()
            relay()
            heard = await asyncio.gather(*hearing)
            assert len(contexts) == readings
            assert [each["interaction"]["kind"] for each in heard] == ["LIKE"] * 5
            looks = 2  # for the events, and whether there are more
            assert app_graph.statement_count - before <= looks + 1 + readings
        await bob.data('mutation { unlike(subjectId: "p_1") { userErrors { code } } }')
        relay()
