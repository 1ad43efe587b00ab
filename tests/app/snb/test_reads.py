"""A thousand people's conversations, imported and read back through GraphQL, agree with plain SQL.

LDBC SNB Datagen data, 1,000 persons; not an LDBC benchmark result.
"""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from app.tokens import Tokens
from graph import feed
from graph.engagement import HOUR_MS, LENGTH_MS, TimeWindow
from graph.ids import now_ms
from graph.runner import Graph
from graph.settings import GraphSettings
from tests.app.client import Client
from tests.app.snb.conftest import FOLLOWS_MANY, READER_COUNT, SNB, as_user
from tests.app.snb.sql import Snb
from tests.graph.hours import stored
from tests.graph.world import run

pytestmark = [
    pytest.mark.skipif(not SNB.exists(), reason=f"{SNB} is absent; set NEXUS_SNB_DIR"),
    pytest.mark.timeout(300),  # the import is part of the first test, and a busy machine is slow
]

REPLIES_BY_DEPTH = [10_261, 7_026, 2_594, 602, 108, 23]
BUSIEST_COUNT = 50
LONGEST_READ = 1_000
SORTS = ("BEST", "TOP", "NEW", "OLD")


async def _walk(client: Client, document: str, name: str, **variables: Any) -> AsyncIterator[Any]:
    after = None
    while True:
        page = (await client.data(document, after=after, **variables))[name]
        for edge in page["edges"]:
            yield edge
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


async def _pages(client: Client, document: str, name: str, **variables: Any) -> AsyncIterator[Any]:
    async for edge in _walk(client, document, name, **variables):
        yield edge["node"]


async def _edges(client: Client, document: str, name: str) -> list[Any]:
    """Give the edges of a list, or its first thousand."""
    edges: list[Any] = []
    async for edge in _walk(client, document, name):
        edges.append(edge)
        if len(edges) == LONGEST_READ:
            break
    return edges


async def _ids(pages: AsyncIterator[Any]) -> list[str]:
    """Give the ids of a list, or of its first thousand."""
    ids: list[str] = []
    async for node in pages:
        ids.append(node["id"])
        if len(ids) == LONGEST_READ:
            break
    return ids


async def test_every_person_counts_what_the_file_counts(snb: Snb, reader: Client) -> None:
    expected = snb.user_stats()
    people = sorted(expected)
    for start in range(0, len(people), 100):
        some = people[start : start + 100]
        asked = " ".join(
            f'a{i}: user(by: {{id: "{user_id}"}}) '
            "{ stats { followers following posts comments } }"
            for i, user_id in enumerate(some)
        )
        found = await reader.data(f"{{ {asked} }}")
        for i, user_id in enumerate(some):
            assert found[f"a{i}"]["stats"] == expected[user_id], user_id


ALL_POSTS = """\
query ($after: String) {
  posts(first: 100, after: $after) {
    edges {
      node {
        id
        stats { likes comments shares }
        thread(limit: 1000) {
          totalCount
          nodes { id comment { stats { likes replies } } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def test_every_post_and_comment_counts_what_the_file_counts(snb: Snb, reader: Client) -> None:
    post_stats, comment_stats = snb.post_stats(), snb.comment_stats()
    posts: list[str] = []
    comments: set[str] = set()
    async for post in _pages(reader, ALL_POSTS, "posts"):
        posts.append(post["id"])
        thread = post["thread"]
        assert post["stats"] == post_stats[post["id"]]
        assert thread["totalCount"] == len(thread["nodes"]) == post["stats"]["comments"]
        for node in thread["nodes"]:
            comments.add(node["id"])
            assert node["comment"]["stats"] == comment_stats[node["id"]]
    assert posts == snb.posts()
    assert comments == set(comment_stats)


THREAD = """\
query ($id: ID!, $sort: CommentSort!) {
  post(id: $id) { thread(sort: $sort, limit: 1000) { nodes { id depth descendantCount } } }
}"""


@pytest.mark.parametrize("sort", SORTS)
async def test_conversations_stand_in_the_order_that_sql_gives(
    snb: Snb, reader: Client, sort: str
) -> None:
    for post_id in snb.busiest_posts(BUSIEST_COUNT):
        thread = (await reader.data(THREAD, id=post_id, sort=sort))["post"]["thread"]
        shown = [(node["id"], node["depth"], node["descendantCount"]) for node in thread["nodes"]]
        assert shown == snb.thread(post_id, sort), post_id


FEED = """\
query ($after: String) {
  feed(first: 100, after: $after) {
    edges {
      node { id }
      reasons { __typename ... on SharedByFollowed { sharedAt users { id } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""


FOLLOW_TAG = """\
mutation ($name: String!) { followTag(name: $name) { userErrors { code } } }"""


async def test_feeds_hold_what_the_followed_wrote_and_shared_and_what_is_under_followed_tags(
    snb: Snb, imported: Graph, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    readers = snb.readers(READER_COUNT)
    assert len(readers) >= READER_COUNT
    many = snb.every(FOLLOWS_MANY)[0]
    assert snb.user_stats()[many]["following"] > feed.FEW
    for number, user_id in enumerate([*readers, many]):
        client = as_user(imported, http, tokens, user_id)
        for tag in snb.busiest_tags(number % 4):  # none, or up to three
            await client.do(FOLLOW_TAG, name=tag)
            snb.follow_tag(user_id, tag)
        expected, reasons = snb.feed(user_id)[:LONGEST_READ], snb.reasons(user_id)
        edges = await _edges(client, FEED, "feed")
        assert [edge["node"]["id"] for edge in edges] == expected, user_id
        for edge in edges:
            assert _reasons(edge) == reasons[edge["node"]["id"]], user_id


def _reasons(edge: Any) -> tuple[bool, int | None, bool]:
    """Give whether an edge names its author and a tag as reasons, and when somebody shared it."""
    shares = [each for each in edge["reasons"] if each["__typename"] == "SharedByFollowed"]
    at = [datetime.fromisoformat(each["sharedAt"]) for each in shares]
    follows = {"__typename": "FollowsAuthor"} in edge["reasons"]
    has_tag = any(each["__typename"] == "FollowsTag" for each in edge["reasons"])
    return follows, round(at[0].timestamp() * 1_000) if at else None, has_tag


AUTHOR_POSTS = """\
query ($after: String, $author: ID!) {
  posts(first: 100, after: $after, author: $author) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def test_people_list_what_they_wrote(snb: Snb, reader: Client) -> None:
    for user_id in snb.readers(READER_COUNT):
        listed = await _ids(_pages(reader, AUTHOR_POSTS, "posts", author=user_id))
        assert listed == snb.posts(user_id)[:LONGEST_READ], user_id


SUGGESTED = """\
{
  suggestedUsers(first: 100) {
    user { id }
    mutuals(first: 100) { totalCount users { id } }
  }
}"""


async def test_people_are_suggested_as_sql_counts_their_mutuals(
    snb: Snb, imported: Graph, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    for user_id in snb.readers(READER_COUNT):
        client = as_user(imported, http, tokens, user_id)
        found = (await client.data(SUGGESTED))["suggestedUsers"]
        counted = [(each["user"]["id"], each["mutuals"]["totalCount"]) for each in found]
        assert counted == snb.suggested(user_id, 100), user_id
        for each in found[:: len(found) // 5 + 1]:
            shown = [user["id"] for user in each["mutuals"]["users"]]
            assert shown == snb.mutuals(user_id, each["user"]["id"])[:100]


KNOWN = """\
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on User { known: mutuals(first: 100) { totalCount users { id } } }
    ... on Post { known: knownLikers(first: 100) { totalCount users { id } } }
    ... on Comment { known: knownLikers(first: 100) { totalCount users { id } } }
  }
}"""


async def test_known_people_are_those_whom_sql_finds(
    snb: Snb, imported: Graph, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    people, subjects = snb.every(20), snb.most_liked(20)
    for user_id in snb.readers(READER_COUNT):
        client = as_user(imported, http, tokens, user_id)
        expected = {each: snb.mutuals(user_id, each) for each in people}
        expected |= {each: snb.known_likers(user_id, each) for each in subjects}
        for node in (await client.data(KNOWN, ids=[*expected]))["nodes"]:
            known = node["known"]
            shown = [user["id"] for user in known["users"]]
            assert shown == expected[node["id"]][:100], (user_id, node["id"])
            assert known["totalCount"] == len(expected[node["id"]])


async def test_people_are_connected_by_as_many_steps_as_sql_counts(
    snb: Snb, imported: Graph, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    for user_id in snb.readers(READER_COUNT):
        client, distances = as_user(imported, http, tokens, user_id), snb.distances(user_id)
        people = [*snb.every(40), user_id]
        asked = " ".join(
            f'a{n}: connectionPath(to: "{each}") {{ id }}' for n, each in enumerate(people)
        )
        found = await client.data(f"{{ {asked} }}")
        for n, each in enumerate(people):
            path = found[f"a{n}"]
            assert (path and len(path) - 1) == distances.get(each), (user_id, each)
            assert not path or (path[0]["id"], path[-1]["id"]) == (user_id, each)
            assert not path or snb.are_linked([person["id"] for person in path])


RANKED_POSTS = """\
query (
  $after: String, $sort: PostSort!, $tag: String, $author: ID, $window: TimeWindow! = ALL
) {
  posts(first: 100, after: $after, sort: $sort, window: $window, tag: $tag, author: $author) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}"""


@pytest.mark.parametrize("sort", ["NEW", "HOT", "TOP"])
async def test_posts_stand_in_the_order_that_sql_gives(snb: Snb, reader: Client, sort: str) -> None:
    for tag in (None, *snb.busiest_tags(3)):
        expected = snb.ranked_posts(sort, LONGEST_READ, tag)
        pages = _pages(reader, RANKED_POSTS, "posts", sort=sort, tag=tag)
        assert await _ids(pages) == expected, tag


@pytest.mark.parametrize("sort", ["HOT", "TOP"])
async def test_what_people_wrote_stands_in_the_order_that_sql_gives(
    snb: Snb, reader: Client, sort: str
) -> None:
    for user_id in snb.readers(READER_COUNT)[::4]:
        expected = snb.ranked_posts(sort, LONGEST_READ, author=user_id)
        pages = _pages(reader, RANKED_POSTS, "posts", sort=sort, author=user_id)
        assert await _ids(pages) == expected, user_id


@pytest.mark.parametrize("window", list(LENGTH_MS))
async def test_top_posts_of_a_window_stand_in_the_order_that_sql_gives(
    snb: Snb, reader: Client, window: TimeWindow
) -> None:
    while True:
        hour = now_ms() // HOUR_MS
        shown = await _ids(_pages(reader, RANKED_POSTS, "posts", sort="TOP", window=window.value))
        if now_ms() // HOUR_MS == hour:
            break
    since = hour * HOUR_MS - LENGTH_MS[window]
    assert shown == snb.ranked_posts("TOP", LONGEST_READ, since=since)
    assert shown


async def test_tags_count_the_posts_that_sql_counts(snb: Snb, reader: Client) -> None:
    stats = snb.tag_stats()
    names = sorted(stats)[::5]
    for start in range(0, len(names), 100):
        tags = names[start : start + 100]
        asked = " ".join(
            f"t{n}: tag(name: {json.dumps(tag)}) {{ stats {{ posts }} }}"
            for n, tag in enumerate(tags)
        )
        found = await reader.data(f"{{ {asked} }}")
        counted = [found[f"t{n}"]["stats"]["posts"] for n in range(len(tags))]
        assert counted == [stats[tag] for tag in tags]


def test_the_hours_of_all_posts_and_people_are_those_that_sql_counts(
    snb: Snb, imported: Graph, graph_settings: GraphSettings
) -> None:
    assert imported
    with Graph(graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})) as patient:
        assert stored(patient) == snb.hours()


def test_comments_are_as_deep_as_in_the_file(imported: Graph) -> None:
    rows = run(imported, "MATCH (c:Comment) RETURN c.depth AS d, count(*) AS n ORDER BY d")
    assert [row["n"] for row in rows] == REPLIES_BY_DEPTH


def test_the_import_made_no_events_and_no_notifications(imported: Graph) -> None:
    made = run(imported, "MATCH (n:Event|StreamEntry|Job|Notification) RETURN count(n) AS count")
    assert made == [{"count": 0}]
