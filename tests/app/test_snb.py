"""A thousand people's conversations, imported and read back through GraphQL, agree with plain SQL.

LDBC SNB Datagen data, 1,000 persons; not an LDBC benchmark result.
"""

import gzip
import json
import os
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.tokens import Tokens
from graph import feed
from graph.engagement import HOUR_MS, LENGTH_MS, TimeWindow
from graph.ids import now_ms
from graph.importer import Imported, import_lines
from graph.runner import Graph
from graph.sessions import NewSession, create_session
from graph.settings import GraphSettings
from graph.viewer import Viewer
from tests.app.client import Client
from tests.app.snb import Snb
from tests.graph.hours import stored
from tests.graph.world import empty, run

ROOT = Path(__file__).parents[2]
SNB = Path(os.environ.get("NEXUS_SNB_DIR", ROOT / "../shared/data/snb-1k"), "world.jsonl.gz")

pytestmark = [
    pytest.mark.skipif(not SNB.exists(), reason=f"{SNB} is absent; set NEXUS_SNB_DIR"),
    pytest.mark.timeout(300),  # the import is part of the first test, and a busy machine is slow
]

LINES = {"user": 1_000, "follow": 18_120, "post": 31_435, "comment": 20_614, "like": 21_727}
REPLIES_BY_DEPTH = [10_261, 7_026, 2_594, 602, 108, 23]
BUSIEST_COUNT = 50
READER_COUNT = 20
SHARED_COUNT, SHARES_OF_EACH = 3_000, 4
"""The file has no shares; these are made."""
FOLLOWS_MANY = 500
"""The first of every so many people follows everybody, as nobody in the file does: so many that
their feed is found by walking what everybody did."""
LONGEST_READ = 1_000
_DELETE_HOURS = """\
MATCH (hour:PostHour|UserHour|PlatformHour)
CALL (hour) { DELETE hour } IN TRANSACTIONS OF 10000 ROWS"""
"""What the import counted is more than all that it was counted from."""
SORTS = ("BEST", "TOP", "NEW", "OLD")


@pytest.fixture(scope="module")
def snb() -> Snb:
    return Snb(SNB)


@pytest.fixture(scope="module")
def imported(sync_graph: Graph, graph_settings: GraphSettings, snb: Snb) -> Iterator[Graph]:
    empty(sync_graph)
    patient = graph_settings.model_copy(update={"neo4j_timeout_s": 120.0})
    with Graph(patient) as graph, gzip.open(SNB, "rb") as lines:
        total = Imported()
        shares = snb.make_shares(SHARED_COUNT, SHARES_OF_EACH, now_ms())
        follows = [*snb.make_follows(snb.every(FOLLOWS_MANY)[0])]
        made = map(orjson.dumps, chain(follows, shares))
        for batch in import_lines(graph, chain(lines, made), None):
            total.add(batch)
    assert total.broken == []
    assert total.new == LINES | {
        "share": SHARED_COUNT * SHARES_OF_EACH,
        "follow": LINES["follow"] + len(follows),
    }
    run(sync_graph, "CALL db.clearQueryCaches()")
    yield sync_graph
    with sync_graph.driver.session() as session:
        session.run(_DELETE_HOURS).consume()
    empty(sync_graph)


def _as(graph: Graph, http: httpx.AsyncClient, tokens: Tokens, user_id: str) -> Client:
    session = NewSession.of(user_id, 3_600)
    graph.run(create_session(session))
    return Client(http, tokens).bearing(tokens.access(Viewer(user_id, session.id)))


@pytest.fixture(scope="module")
def reader(imported: Graph, http: httpx.AsyncClient, tokens: Tokens, snb: Snb) -> Client:
    return _as(imported, http, tokens, snb.readers(READER_COUNT)[-1])


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
        client = _as(imported, http, tokens, user_id)
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
        client = _as(imported, http, tokens, user_id)
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
        client = _as(imported, http, tokens, user_id)
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
        client, distances = _as(imported, http, tokens, user_id), snb.distances(user_id)
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


TOP = """\
query ($from: DateTime, $to: DateTime, $by: TopBy!) {
  analytics { topPosts(from: $from, to: $to, by: $by, first: 100) {
    posts { engagement likes comments shares post { id } }
  } }
}"""
SPANS = (
    ("2010-01-01T00:00:00Z", "2013-01-01T00:00:00Z"),
    ("2011-06-01T00:00:00Z", "2011-07-01T00:00:00Z"),
    ("2012-03-05T07:00:00Z", "2012-03-05T19:00:00Z"),
)


def _ms(instant: str) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1_000)


@pytest.mark.parametrize("by", ["ENGAGEMENT", "LIKES", "COMMENTS", "SHARES"])
async def test_top_posts_of_a_span_are_those_that_sql_gives(
    snb: Snb, reader: Client, by: str
) -> None:
    for start, end in SPANS:
        found = await reader.data(TOP, **{"from": start, "to": end}, by=by)
        names = ("engagement", "likes", "comments", "shares")
        top = [
            (row["post"]["id"], *(row[name] for name in names))
            for row in found["analytics"]["topPosts"]["posts"]
        ]
        assert top == snb.top(by, _ms(start), _ms(end))


SERIES = """\
query ($id: ID!, $interval: Interval, $from: DateTime) {
  analytics {
    user(id: $id, interval: $interval, from: $from) {
      posts comments likesGiven likesReceived shares
      series { from to posts comments likesGiven likesReceived shares }
    }
  }
}"""


@pytest.mark.parametrize(
    ("interval", "start"),
    [(None, None), ("MONTH", None), ("DAY", "2012-01-01T00:00:00Z"), ("WEEK", None)],
)
async def test_series_of_people_are_those_that_sql_gives(
    snb: Snb,
    imported: Graph,
    http: httpx.AsyncClient,
    tokens: Tokens,
    interval: str | None,
    start: str | None,
) -> None:
    hours = snb.hours()
    names = ("posts", "comments", "likesGiven", "likesReceived", "shares")
    to = "2013-03-01T00:00:00Z"
    document = SERIES.replace("from: $from", f'from: $from, to: "{to}"')
    for user_id in snb.readers(READER_COUNT)[::4]:
        client = _as(imported, http, tokens, user_id)
        found = (await client.data(document, id=user_id, interval=interval, **{"from": start}))[
            "analytics"
        ]["user"]
        own = {at: row for (_, id_, at), row in hours.items() if id_ == user_id}

        def total(since: str, until: str, own: Any = own) -> list[int]:
            rows = [row for at, row in own.items() if _ms(since) <= at < _ms(until)]
            return [sum(column) for column in zip(*rows, strict=True)] or [0] * len(names)

        for bucket in found["series"]:
            assert [bucket[name] for name in names] == total(bucket["from"], bucket["to"])
        assert [found[name] for name in names] == total(start or "1970-01-01T00:00:00Z", to)


def test_comments_are_as_deep_as_in_the_file(imported: Graph) -> None:
    rows = run(imported, "MATCH (c:Comment) RETURN c.depth AS d, count(*) AS n ORDER BY d")
    assert [row["n"] for row in rows] == REPLIES_BY_DEPTH


def test_the_import_made_no_events_and_no_notifications(imported: Graph) -> None:
    made = run(imported, "MATCH (n:Event|StreamEntry|Job|Notification) RETURN count(n) AS count")
    assert made == [{"count": 0}]
