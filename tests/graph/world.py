"""A small world made by hand: alice, bob, carol and dan, a post, and a thread below it."""

from collections.abc import Mapping, Sequence

from graph import ddl
from graph.events import CREATE_EVENT, Event, EventKind, new_event
from graph.ids import key
from graph.runner import Graph
from graph.statement import Access, Statement

PEOPLE = ("u_alice", "u_bob", "u_carol", "u_dan")
POST = "p_1"
BOBS_COMMENT = "c_1"


def run(graph: Graph, text: str, **parameters: object) -> list[dict[str, object]]:
    """Run Cypher of a test's own, and give the rows."""
    return graph.run(
        Statement(
            text,
            parameters,
            lambda records: [dict(record) for record in records],
            Access.WRITE,
        )
    )


_EMPTY = """\
MATCH (n) WHERE NOT n:SchemaVersion
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 500 ROWS"""


def empty(graph: Graph) -> None:
    """Empty the database, and seed it as a migrated one is."""
    with graph.driver.session() as session:  # a large world takes longer than a deadline
        session.run(_EMPTY).consume()
        with session.begin_transaction() as transaction:
            for text in ddl.SEEDS:
                transaction.run(text).consume()
            transaction.commit()


def catch_up(graph: Graph) -> None:
    """Wait until the indexes of the search hold what was written."""
    run(graph, "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")


def seed(graph: Graph) -> None:
    """Make the people, alice's post, and bob's comment on it."""
    run(
        graph,
        """\
UNWIND $people AS id
CREATE (u:User {id: id, username: substring(id, 2), display_name: id, role: 'USER',
                created_at: 1})
CREATE (:Session {id: 's_' + substring(id, 2), user_id: id, created_at: 1,
                  expires_at: 9999999999999, refresh_id: 'r'})""",
        people=PEOPLE,
    )
    run(
        graph,
        """\
MATCH (alice:User {id: 'u_alice'})
CREATE (alice)-[:POSTED]->(:Post {id: $post, k: $k, author_id: alice.id, text: 'hello',
                                  visibility: 'PUBLIC', created_at: 2})
SET alice.last_post_k = $k""",
        post=POST,
        k=key(2, POST),
    )
    add_comment(graph, BOBS_COMMENT, "u_bob", POST)


def add_comment(graph: Graph, comment_id: str, author_id: str, parent_id: str) -> None:
    """Write a comment below alice's post, without an event."""
    run(
        graph,
        """\
MATCH (author:User {id: $author_id}), (post:Post {id: $post})
OPTIONAL MATCH (above:Comment {id: $parent_id})
WITH author, post, coalesce(above, post) AS parent
CREATE (author)-[:COMMENTED]->(comment:Comment {
  id: $id, k: $k, author_id: author.id, post_id: post.id, parent_id: parent.id,
  depth: 1, text: 'indeed', created_at: 3})
CREATE (comment)-[:REPLY_TO]->(parent)
CREATE (comment)-[:ON_POST {post_id: post.id, at: 3, k: $k}]->(post)""",
        author_id=author_id,
        post=POST,
        parent_id=parent_id,
        id=comment_id,
        k=key(3, comment_id),
    )


_ENDS = {
    "LIKED": ("user_id", "subject_id"),
    "SHARED": ("user_id", "post_id"),
    "FOLLOWS": ("follower_id", "followee_id"),
}


def add_edge(graph: Graph, actor_id: str, kind: str, end_id: str) -> None:
    """Make a LIKED, SHARED or FOLLOWS relationship, at the instant of `emit`, without an event."""
    run(
        graph,
        """\
MATCH (actor:User {id: $actor_id}), (end:User|Post|Comment {id: $end_id})
CREATE (actor)-[edge:$($kind)]->(end)
SET edge = $edge""",
        actor_id=actor_id,
        end_id=end_id,
        kind=kind,
        edge={
            **dict(zip(_ENDS[kind], (actor_id, end_id), strict=True)),
            "at": 4,
            "k": key(4, actor_id),
        },
    )


def add_news(graph: Graph, told: Sequence[Mapping[str, object]]) -> None:
    """Tell people of deeds, each in a notification of its own, without an event.

    Args:
        graph: Where.
        told: `id`, `k`, `to`, `by`, `kind` and `subject_id` of each.
    """
    run(
        graph,
        """\
UNWIND $told AS each
CREATE (news:Notification {
  id: each.id, k: each.k, unread_k: each.k, unseen_k: each.k, recipient_id: each.to,
  kind: each.kind, subject_id: each.subject_id, created_at: 4, updated_at: 4})
CREATE (:Cause {
  key: each.id, notification_id: each.id, recipient_id: each.to, actor_id: each.by,
  k: each.k})-[:CAUSES]->(news)""",
        told=told,
    )


def emit(
    graph: Graph, kind: EventKind, actor_id: str, subject_id: str, post_id: str | None = None
) -> Event:
    """Commit an event as a command does, and give it."""
    event = new_event(kind, 4, actor_id, subject_id, post_id)
    graph.run(Statement(CREATE_EVENT, {"event": event.properties()}, lambda _: None, Access.WRITE))
    return event
