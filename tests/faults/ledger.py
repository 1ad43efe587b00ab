"""What must be so once all is quiet: what was acknowledged is there once, and all figures agree."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from graph.runner import Graph
from tests.faults.crowd import Crowd, Person
from tests.graph.hours import counted, stored
from tests.graph.world import run

_EDGES: Final = """\
MATCH (person:User {id: $id})-[edge:LIKED|SHARED|FOLLOWS|BLOCKS]->(subject)
RETURN type(edge) AS type, subject.id AS id"""
_TYPES: Final = {"like": "LIKED", "share": "SHARED", "follow": "FOLLOWS", "block": "BLOCKS"}
_COMMENTS: Final = """\
MATCH (:User {id: $id})-[:COMMENTED]->(comment:Comment)-[:ON_POST]->(post:Post)
RETURN comment.id AS id, post.id AS post_id"""
_BEHIND: Final = """\
RETURN COUNT { MATCH (e:Event) WHERE e.pending > '' }
  + COUNT { MATCH (j:Job) WHERE j.done_at IS NULL } AS jobs,
  head(COLLECT { MATCH (c:Counter {name: 'events'}) RETURN c.value })
  - head(COLLECT { MATCH (c:Counter {name: 'tally'}) RETURN c.value }) AS tally"""
_DEAD: Final = "MATCH (letter:DeadLetter) RETURN letter {.*} AS letter"
_TOLD_TWICE: Final = """\
MATCH (entry:StreamEntry)
WITH entry.channel AS channel, entry.event_id AS id, count(*) AS times WHERE times > 1
RETURN channel, id"""
_OPEN_TRANSACTIONS: Final = """\
SHOW TRANSACTIONS YIELD currentQuery, elapsedTime WHERE elapsedTime > duration('PT30S')
RETURN currentQuery"""
_STATS: Final = "query ($id: ID!) { post(id: $id) { stats { likes comments shares } } }"
_FEED: Final = "{ feed(first: 100) { edges { node { id } } } }"
_FEED_FROM_EDGES: Final = """\
MATCH (:User {id: $id})-[:FOLLOWS]->(followed:User)
MATCH (followed)-[brought:POSTED|SHARED]->(post:Post)
WHERE post.author_id <> $id AND post.deleted_at IS NULL
WITH post.id AS id, max(CASE type(brought) WHEN 'SHARED' THEN brought.k ELSE post.k END) AS k
RETURN id ORDER BY k DESC, id DESC"""
_POSTS: Final = """\
query ($id: ID!) { posts(first: 100, author: $id) { edges { node { id text } } } }"""
_NOTIFICATIONS: Final = """
query ($after: String) { notifications(first: 100, after: $after) {
  edges { node { kind actors { totalCount } subject { id ... on Comment { post { id } } } } }
  pageInfo { endCursor hasNextPage } unseenCount
} }"""


def is_quiet(graph: Graph) -> bool:
    """Whether everything that follows from what was done has been done."""
    (row,) = run(graph, _BEHIND)
    return not any(row.values())


async def differences(graph: Graph, crowd: Crowd) -> list[str]:
    """Hold the graph, and what the API tells, to what was acknowledged; give what differs."""
    found = list(crowd.oddities)
    for person in crowd.people:
        found += _of_person(graph, person)
        found += await _of_posts(crowd, person)
        found += await _of_feed(graph, crowd, person)
        found += await _of_notifications(crowd, person)
    for post_id in crowd.posts:
        found += await _of_post(crowd, post_id)
    if stored(graph) != counted(graph):
        found.append("the figures by the hour are not those of a recount")
    found += [f"a dead letter: {row['letter']}" for row in run(graph, _DEAD)]
    found += [f"told twice: {row}" for row in run(graph, _TOLD_TWICE)]
    found += [f"left open: {row['currentQuery']}" for row in run(graph, _OPEN_TRANSACTIONS)]
    return found


def _of_person(graph: Graph, person: Person) -> Iterator[str]:
    edges = Counter((row["type"], row["id"]) for row in run(graph, _EDGES, id=person.id))
    expected = Counter((_TYPES[kind], subject) for kind, subject in person.edges)
    if edges != expected:
        yield f"edges of {person.id}: lost {expected - edges}, too many {edges - expected}"
    comments = {row["id"]: row["post_id"] for row in run(graph, _COMMENTS, id=person.id)}
    if comments != person.comments:
        yield f"comments of {person.id}: {comments.items() ^ person.comments.items()}"


async def _of_feed(graph: Graph, crowd: Crowd, person: Person) -> list[str]:
    feed = await crowd.insist(_FEED, person.token)
    shown = [edge["node"]["id"] for edge in feed["edges"]]
    expected = [row["id"] for row in run(graph, _FEED_FROM_EDGES, id=person.id)]
    return [] if shown == expected else [f"feed of {person.id}: {shown}, not {expected}"]


async def _of_posts(crowd: Crowd, person: Person) -> list[str]:
    page = await crowd.insist(_POSTS, person.token, id=person.id)
    shown = {edge["node"]["id"]: edge["node"]["text"] for edge in page["edges"]}
    if shown == person.posts and len(shown) == len(page["edges"]):
        return []
    return [f"posts of {person.id}: {shown.items() ^ person.posts.items()}"]


async def _of_post(crowd: Crowd, post_id: str) -> list[str]:
    told = await crowd.insist(_STATS, crowd.posts[post_id].token, id=post_id)
    expected = {
        "likes": sum(("like", post_id) in each.edges for each in crowd.people),
        "shares": sum(("share", post_id) in each.edges for each in crowd.people),
        "comments": sum([*each.comments.values()].count(post_id) for each in crowd.people),
    }
    return [] if told["stats"] == expected else [f"{post_id}: {told['stats']}, not {expected}"]


async def _of_notifications(crowd: Crowd, person: Person) -> list[str]:
    """What others did and left so is told once, and nothing else."""
    told: Counter[tuple[str, str]] = Counter()
    nodes, unseen = await _all_notifications(crowd, person)
    for node in nodes:
        subject = node["subject"] or {"id": ""}
        post = subject.get("post") or subject
        told[node["kind"], post["id"]] += node["actors"]["totalCount"]
    expected: Counter[tuple[str, str]] = Counter()
    for other in crowd.people:
        if other is not person:
            expected.update(_what_concerns(crowd, person, other))
    if told == expected and unseen == len(nodes):
        return []
    missing, phantom = expected - told, told - expected
    counts = f"{unseen} unseen of {len(nodes)}, at which nobody looked"
    return [f"notifications of {person.id}: missing {missing}, phantom {phantom}; {counts}"]


def _what_concerns(crowd: Crowd, person: Person, other: Person) -> Iterator[tuple[str, str]]:
    for kind, subject in other.edges:
        if kind == "follow" and subject == person.id:
            yield "FOLLOW", ""
        elif crowd.posts.get(subject) is person:
            yield kind.upper(), subject
    for post in other.comments.values():
        if crowd.posts[post] is person:
            yield "COMMENT", post


async def _all_notifications(crowd: Crowd, person: Person) -> tuple[list[Any], int]:
    """Give the notifications of somebody, and how many of them are said to be unseen."""
    nodes: list[Any] = []
    page: Any = {}
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        page = await crowd.insist(_NOTIFICATIONS, person.token, after=info["endCursor"])
        nodes += [edge["node"] for edge in page["edges"]]
        info = page["pageInfo"]
    return nodes, page["unseenCount"]
