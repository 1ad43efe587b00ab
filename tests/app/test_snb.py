"""A thousand people's conversations, imported and read back through GraphQL.

LDBC SNB Datagen data, 1,000 persons; not an LDBC benchmark result.
"""

import gzip
import json
import os
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.tokens import Tokens
from graph.importer import Imported, import_lines
from graph.runner import Graph
from graph.sessions import NewSession, create_session
from graph.settings import GraphSettings
from graph.viewer import Viewer
from tests.app.client import Client
from tests.graph.world import empty, run

ROOT = Path(__file__).parents[2]
SNB = Path(os.environ.get("NEXUS_SNB_DIR", ROOT / "../shared/data/snb-1k"), "world.jsonl.gz")

pytestmark = pytest.mark.skipif(not SNB.exists(), reason=f"{SNB} is absent; set NEXUS_SNB_DIR")

LINES = {"user": 1_000, "follow": 18_120, "post": 31_435, "comment": 20_614, "like": 21_727}
REPLIES_BY_DEPTH = [10_261, 7_026, 2_594, 602, 108, 23]


@dataclass
class World:
    """The file, counted in plain Python."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    followees: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    likes: Counter[str] = field(default_factory=Counter)
    users: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def newest_first(self, authors: set[str]) -> list[str]:
        """Give the ids of the authors' posts, as a feed lists them."""
        chosen = [(each["at"], id_) for id_, each in self.posts.items() if each["by"] in authors]
        return [id_ for _, id_ in sorted(chosen, reverse=True)]


def _add(world: World, line: dict[str, Any]) -> None:
    match line["kind"]:
        case "user":
            world.users[f"u_{line['id']}"].update()
        case "follow":
            source, target = f"u_{line['src']}", f"u_{line['dst']}"
            world.followees[source].add(target)
            world.users[source]["following"] += 1
            world.users[target]["followers"] += 1
        case "post":
            author = f"u_{line['author']}"
            world.posts[f"p_{line['id']}"] = {"by": author, "at": line["created_at_ms"]}
            world.users[author]["posts"] += 1
        case "comment":
            parent = line["parent"]
            parent_id = f"p_{parent}" if f"p_{parent}" in world.posts else f"c_{parent}"
            world.comments[f"c_{line['id']}"] = {"on": f"p_{line['post']}", "under": parent_id}
            world.users[f"u_{line['author']}"]["comments"] += 1
        case "like":
            subject = line["subject"]
            known = f"p_{subject}" in world.posts
            world.likes[f"p_{subject}" if known else f"c_{subject}"] += 1


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    with gzip.open(SNB, "rt") as lines:
        for line in lines:
            _add(world, json.loads(line))
    return world


@pytest.fixture(scope="module")
def imported(sync_graph: Graph, graph_settings: GraphSettings) -> Iterator[Graph]:
    empty(sync_graph)
    patient = graph_settings.model_copy(update={"neo4j_timeout_s": 120.0})
    with Graph(patient) as graph, gzip.open(SNB, "rb") as lines:
        total = Imported()
        for batch in import_lines(graph, lines, None):
            total.add(batch)
    assert total.broken == []
    assert total.new == LINES
    yield sync_graph
    empty(sync_graph)


def _as(graph: Graph, http: httpx.AsyncClient, tokens: Tokens, user_id: str) -> Client:
    session = NewSession.of(user_id, 3_600)
    graph.run(create_session(session))
    return Client(http, tokens).bearing(tokens.access(Viewer(user_id, session.id)))


@pytest.fixture(scope="module")
def busiest(world: World) -> str:
    return max(world.followees, key=lambda user_id: len(world.followees[user_id]))


@pytest.fixture(scope="module")
def reader(imported: Graph, http: httpx.AsyncClient, tokens: Tokens, busiest: str) -> Client:
    return _as(imported, http, tokens, busiest)


async def _pages(client: Client, document: str, name: str) -> AsyncIterator[dict[str, Any]]:
    after = None
    while True:
        page = (await client.data(document, after=after))[name]
        for edge in page["edges"]:
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


async def test_every_person_counts_what_the_file_counts(world: World, reader: Client) -> None:
    people = sorted(world.users)
    for start in range(0, len(people), 100):
        some = people[start : start + 100]
        asked = " ".join(
            f'a{i}: user(by: {{id: "{user_id}"}}) '
            "{ stats { followers following posts comments } }"
            for i, user_id in enumerate(some)
        )
        found = await reader.data(f"{{ {asked} }}")
        for i, user_id in enumerate(some):
            expected = world.users[user_id]
            stats = found[f"a{i}"]["stats"]
            assert stats == {name: expected[name] for name in stats}, user_id


ALL_POSTS = """\
query ($after: String) {
  posts(first: 100, after: $after) {
    edges {
      node {
        id
        stats { likes comments shares }
        thread(limit: 1000) {
          totalCount
          nodes { id parentId descendantCount comment { stats { likes replies } } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def test_every_post_and_comment_counts_what_the_file_counts(
    world: World, reader: Client
) -> None:
    comments_of = Counter(each["on"] for each in world.comments.values())
    replies_to = Counter(each["under"] for each in world.comments.values())
    posts: list[str] = []
    comments: set[str] = set()
    async for post in _pages(reader, ALL_POSTS, "posts"):
        posts.append(post["id"])
        count = comments_of[post["id"]]
        assert post["stats"] == {"likes": world.likes[post["id"]], "comments": count, "shares": 0}
        assert post["thread"]["totalCount"] == len(post["thread"]["nodes"]) == count
        for node in post["thread"]["nodes"]:
            comments.add(node["id"])
            assert node["parentId"] == world.comments[node["id"]]["under"]
            stats = {"likes": world.likes[node["id"]], "replies": replies_to[node["id"]]}
            assert node["comment"]["stats"] == stats
    assert posts == world.newest_first(set(world.users))
    assert comments == set(world.comments)


FEED = """\
query ($after: String) {
  feed(first: 100, after: $after) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def test_feeds_hold_what_the_followed_wrote(
    world: World, imported: Graph, http: httpx.AsyncClient, tokens: Tokens, busiest: str
) -> None:
    by_followees = sorted(world.users, key=lambda user_id: len(world.followees[user_id]))
    readers = [by_followees[0], by_followees[len(by_followees) // 2]]
    for user_id in readers:
        client = _as(imported, http, tokens, user_id)
        feed = [post["id"] async for post in _pages(client, FEED, "feed")]
        assert feed == world.newest_first(world.followees[user_id])
    client = _as(imported, http, tokens, busiest)
    first = (await client.data(FEED))["feed"]["edges"]
    expected = world.newest_first(world.followees[busiest])[:100]
    assert [edge["node"]["id"] for edge in first] == expected


def test_comments_are_as_deep_as_in_the_file(imported: Graph) -> None:
    rows = run(imported, "MATCH (c:Comment) RETURN c.depth AS d, count(*) AS n ORDER BY d")
    assert [row["n"] for row in rows] == REPLIES_BY_DEPTH


def test_the_import_made_no_events_and_no_notifications(imported: Graph) -> None:
    made = run(imported, "MATCH (n:Event|StreamEntry|Job|Notification) RETURN count(n) AS count")
    assert made == [{"count": 0}]
