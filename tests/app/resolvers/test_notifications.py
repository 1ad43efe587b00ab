"""Notifications as the worker makes them, read and marked through GraphQL."""

from typing import Any

import pytest

from graph.events import EventKind
from graph.ids import now_ms
from graph.notify import notify
from graph.outbox import number_pending
from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import add_edge, emit, run

READ = """
query ($unreadOnly: Boolean! = false, $first: Int! = 20, $after: String) {
  notifications(unreadOnly: $unreadOnly, first: $first, after: $after) {
    unreadCount unseenCount
    edges { cursor node {
      __typename id kind seen read createdAt updatedAt
      actors { totalCount users { username } }
      subject { __typename id ... on Post { text } ... on Comment { post { id } } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
MARK_SEEN = """
mutation ($upTo: String!) {
  markNotificationsSeen(upTo: $upTo) { unreadCount unseenCount userErrors { code path message } }
}
"""
MARK_READ = MARK_SEEN.replace("Seen(", "Read(")


@pytest.fixture
def news(client: Client, sync_graph: Graph) -> Client:
    """Bob likes alice's post, carol comments and shares it, dan follows alice."""
    add_edge(sync_graph, "u_bob", "LIKED", "p_1")
    add_edge(sync_graph, "u_carol", "SHARED", "p_1")
    add_edge(sync_graph, "u_dan", "FOLLOWS", "u_alice")
    events = [
        emit(sync_graph, EventKind.COMMENT_CREATED, "u_bob", "c_1", "p_1"),
        emit(sync_graph, EventKind.POST_LIKED, "u_bob", "p_1"),
        emit(sync_graph, EventKind.POST_SHARED, "u_carol", "p_1", "p_1"),
        emit(sync_graph, EventKind.USER_FOLLOWED, "u_dan", "u_alice"),
    ]
    begin = now_ms()
    sync_graph.run(number_pending(100, begin, begin))
    for n, event in enumerate(events):
        sync_graph.run(notify(event.id, begin + n))
    return client


async def read(client: Client, **variables: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await client.data(READ, **variables))["notifications"]
    return page


def kinds(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["kind"] for edge in page["edges"]]


async def test_news_come_newest_first_with_who_and_what(news: Client) -> None:
    page = await read(news.as_("alice"))
    assert kinds(page) == ["FOLLOW", "SHARE", "LIKE", "COMMENT"]
    assert (page["unreadCount"], page["unseenCount"]) == (4, 4)
    follow, share, like, comment = (edge["node"] for edge in page["edges"])
    assert follow["subject"] is None
    assert (
        share["subject"] == like["subject"] == {"__typename": "Post", "id": "p_1", "text": "hello"}
    )
    assert comment["subject"] == {"__typename": "Comment", "id": "c_1", "post": {"id": "p_1"}}
    for node, name in ((follow, "dan"), (share, "carol"), (like, "bob"), (comment, "bob")):
        assert node["actors"] == {"totalCount": 1, "users": [{"username": name}]}
        assert (node["seen"], node["read"], node["__typename"]) == (False, False, "Notification")
        assert node["createdAt"] == node["updatedAt"]


async def test_news_are_their_readers_alone(news: Client) -> None:
    for name in ("bob", "carol", "dan"):
        page = await read(news.as_(name))
        assert (page["edges"], page["unreadCount"], page["unseenCount"]) == ([], 0, 0)


async def test_pages_joined_are_all_news(news: Client) -> None:
    alice = news.as_("alice")
    for unread_only in (False, True):
        joined: list[str] = []
        after, goes_on = None, True
        while goes_on:
            page = await read(alice, first=1, after=after, unreadOnly=unread_only)
            joined += kinds(page)
            after, goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert joined == ["FOLLOW", "SHARE", "LIKE", "COMMENT"]


async def test_what_was_marked_is_marked_once_and_for_good(news: Client) -> None:
    alice = news.as_("alice")
    cursors = [edge["cursor"] for edge in (await read(alice))["edges"]]
    for _ in range(2):
        seen = await alice.do(MARK_SEEN, upTo=cursors[1])
        assert (seen["unreadCount"], seen["unseenCount"]) == (4, 1)
    for _ in range(2):
        marked = await alice.do(MARK_READ, upTo=cursors[2])
        assert (marked["unreadCount"], marked["unseenCount"]) == (2, 1)
    page = await read(alice)
    nodes = [edge["node"] for edge in page["edges"]]
    assert [node["seen"] for node in nodes] == [False, True, True, True]
    assert [node["read"] for node in nodes] == [False, False, True, True]
    assert kinds(await read(alice, unreadOnly=True)) == ["FOLLOW", "SHARE"]
    marked = await alice.do(MARK_READ, upTo=cursors[0])
    assert (marked["unreadCount"], marked["unseenCount"]) == (0, 0)


async def test_a_cursor_marks_only_ones_own(news: Client) -> None:
    cursor = (await read(news.as_("alice")))["edges"][0]["cursor"]
    await news.as_("bob").do(MARK_READ, upTo=cursor)
    assert (await read(news.as_("alice")))["unreadCount"] == 4


async def test_what_is_gone_takes_its_news_along(news: Client) -> None:
    alice = news.as_("alice")
    await alice.do('mutation { deletePost(id: "p_1") { userErrors { code } } }')
    page = await read(alice)
    assert kinds(page) == ["FOLLOW"]
    assert (page["unreadCount"], page["unseenCount"]) == (1, 1)


PREFER = """
mutation ($kind: NotificationKind!, $enabled: Boolean!) {
  setNotificationPreference(kind: $kind, enabled: $enabled) {
    preferences { kind enabled } userErrors { code path message }
  }
}
"""


async def test_a_kind_is_turned_off_and_on_again(client: Client) -> None:
    alice = client.as_("alice")
    everything = {"LIKE", "COMMENT", "REPLY", "SHARE", "QUOTE", "MENTION", "FOLLOW"}
    for _ in range(2):
        found = (await alice.do(PREFER, kind="LIKE", enabled=False))["preferences"]
        assert {each["kind"] for each in found} == everything
        assert [each["kind"] for each in found if not each["enabled"]] == ["LIKE"]
    query = "{ notificationPreferences { kind enabled } }"
    assert (await alice.data(query))["notificationPreferences"] == found
    others = (await client.as_("bob").data(query))["notificationPreferences"]
    assert all(each["enabled"] for each in others)
    found = (await alice.do(PREFER, kind="LIKE", enabled=True))["preferences"]
    assert all(each["enabled"] for each in found)


async def test_what_moderators_did_is_always_told(client: Client) -> None:
    refused = await client.as_("alice").fail(PREFER, kind="MODERATION", enabled=False)
    assert refused == ("VALIDATION", ["kind"])


MUTED = """
{ post(id: "p_1") { viewer { hasMutedConversation } }
  comment(id: "c_1") { viewer { hasMutedConversation } } }
"""
MUTE = """
mutation { muteConversation(postId: "p_1") {
  post { viewer { hasMutedConversation } } userErrors { code }
} }
"""


async def test_a_conversation_is_muted_and_heard_again(client: Client, sync_graph: Graph) -> None:
    alice = client.as_("alice")

    async def like(name: str) -> list[str]:
        add_edge(sync_graph, f"u_{name}", "LIKED", "p_1")
        event = emit(sync_graph, EventKind.POST_LIKED, f"u_{name}", "p_1", "p_1")
        sync_graph.run(number_pending(100, 1, 1))
        sync_graph.run(notify(event.id, now_ms()))
        return kinds(await read(alice))

    for document, muted in ((MUTE, True), (MUTE, True), (MUTE.replace("mute", "unmute"), False)):
        payload = await alice.do(document)
        assert payload["post"]["viewer"]["hasMutedConversation"] is muted
        data = await alice.data(MUTED)
        assert {each["viewer"]["hasMutedConversation"] for each in data.values()} == {muted}
        if muted:
            assert await like("bob") == []
            run(sync_graph, "MATCH ()-[l:LIKED]->() DELETE l")
    assert await like("dan") == ["LIKE"]


@pytest.mark.parametrize("document", [MARK_SEEN, MARK_READ])
@pytest.mark.parametrize("cursor", ["", "x", "☃", "WyJub3RpZmljYXRpb25zIl0"])
async def test_what_is_no_cursor_marks_nothing(news: Client, document: str, cursor: str) -> None:
    alice = news.as_("alice")
    assert await alice.code(document, upTo=cursor) == "BAD_USER_INPUT"
    assert await alice.code(READ, after=cursor) == "BAD_USER_INPUT"
    assert (await read(alice))["unseenCount"] == 4
