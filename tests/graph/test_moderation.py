"""Removal and restoration move what is counted, are told once, and leave deletion alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from graph.comments import delete_comment, update_comment
from graph.errors import Forbidden, InvalidInput, NotFound
from graph.likes import like
from graph.moderation import remove_content, restore_content
from graph.notify import notify
from graph.outbox import number_pending
from graph.posts import delete_post, update_post
from graph.roles import appoint
from graph.runner import Graph
from graph.shares import share
from graph.statement import Statement
from graph.viewer import Role, Viewer
from tests.graph.people import World, new_world


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


@pytest.fixture(name="moderator")
def _moderator(world: World) -> Viewer:
    world.run(appoint("dan", Role.MODERATOR))
    return Viewer(world.dan.user_id, world.dan.session_id, Role.MODERATOR)


EDGES = """\
MATCH (a)-[r]->(b)
WHERE type(r) IN ['POSTED', 'ONCE_POSTED', 'COMMENTED', 'ONCE_COMMENTED', 'REPLY_TO',
                  'ONCE_REPLY_TO', 'ON_POST', 'LIKED', 'SHARED']
RETURN type(r) AS type, a.id AS start, b.id AS end, properties(r) AS properties
ORDER BY type, start, end"""
LAST = "MATCH (u:User) WHERE u.last_post_k IS NOT NULL RETURN u.id AS id, u.last_post_k AS k"


class Conversation:
    """Two posts of alice's, and below the newer a comment of bob's that carol replied to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.older = world.post(world.alice, "older")
        self.post = world.post(world.alice, "newer")
        self.comment = world.comment(world.bob, self.post)
        self.reply = world.comment(world.carol, self.post, self.comment)
        world.run(like(world.carol, self.comment))
        world.run(share(world.carol, self.post))

    def counted(self) -> Any:
        """Give all that degrees count, and the newest post of each author."""
        return self.world.cypher(EDGES), self.world.cypher(LAST)

    def counts(self) -> dict[str, int]:
        """Give the degrees that clients read."""
        (row,) = self.world.cypher(
            """\
MATCH (p:Post {id: $post}), (c:Comment {id: $comment}), (a:User {id: $alice}), (b:User {id: $bob})
RETURN COUNT { (p)<-[:ON_POST]-() } AS below, COUNT { (p)<-[:REPLY_TO]-() } AS direct,
       COUNT { (c)<-[:REPLY_TO]-() } AS replies, COUNT { (a)-[:POSTED]->() } AS posts,
       COUNT { (b)-[:COMMENTED]->() } AS comments""",
            post=self.post,
            comment=self.comment,
            alice=self.world.alice.user_id,
            bob=self.world.bob.user_id,
        )
        return row


ALL = {"below": 2, "direct": 1, "replies": 1, "posts": 2, "comments": 1}


@pytest.fixture(name="conversation")
def _conversation(world: World) -> Conversation:
    return Conversation(world)


def test_a_removed_comment_is_counted_nowhere_until_it_is_restored(
    world: World, moderator: Viewer, conversation: Conversation
) -> None:
    before = conversation.counted()
    assert conversation.counts() == ALL

    world.run(remove_content(moderator, conversation.comment, "spam"))
    assert conversation.counts() == ALL | {"below": 1, "direct": 0, "comments": 0}

    world.run(restore_content(moderator, conversation.comment))
    assert conversation.counted() == before


def test_a_removed_post_is_counted_nowhere_until_it_is_restored(
    world: World, moderator: Viewer, conversation: Conversation
) -> None:
    before = conversation.counted()

    world.run(remove_content(moderator, conversation.post, "spam"))
    assert conversation.counts() == ALL | {"posts": 1}
    (last,) = world.cypher(LAST)
    assert str(last["k"]).endswith(conversation.older)

    world.run(restore_content(moderator, conversation.post))
    assert conversation.counted() == before


def _subject(conversation: Conversation, kind: str) -> tuple[str, Statement[str]]:
    world = conversation.world
    if kind == "post":
        return conversation.post, delete_post(world.alice, conversation.post)
    return conversation.comment, delete_comment(world.bob, conversation.comment)


KINDS = pytest.mark.parametrize("kind", ["post", "comment"])


@KINDS
def test_what_was_removed_may_be_deleted_and_then_stays_so(
    world: World, moderator: Viewer, conversation: Conversation, kind: str
) -> None:
    subject, delete = _subject(conversation, kind)
    world.run(remove_content(moderator, subject, "spam"))
    removed = conversation.counted()

    world.run(delete)
    world.run(delete)
    world.run(restore_content(moderator, subject))

    assert conversation.counted() == removed
    with pytest.raises(NotFound, match="deleted"):
        world.run(restore_content(moderator, subject))
    with pytest.raises(NotFound, match="deleted"):
        world.run(remove_content(moderator, subject, "spam"))


@KINDS
def test_what_was_deleted_is_neither_removed_nor_restored(
    world: World, moderator: Viewer, conversation: Conversation, kind: str
) -> None:
    subject, delete = _subject(conversation, kind)
    world.run(delete)
    deleted = conversation.counted()
    world.news()

    for command in (remove_content(moderator, subject, "x"), restore_content(moderator, subject)):
        with pytest.raises(NotFound, match="deleted"):
            world.run(command)

    assert conversation.counted() == deleted
    assert world.news() == []
    assert _entries(world) == []


def test_what_was_removed_cannot_be_changed_by_its_author(
    world: World, moderator: Viewer, conversation: Conversation
) -> None:
    for subject in (conversation.comment, conversation.post):
        world.run(remove_content(moderator, subject, "spam"))

    with pytest.raises(NotFound):
        world.run(update_post(world.alice, conversation.post, "again"))
    with pytest.raises(NotFound):
        world.run(update_comment(world.bob, conversation.comment, "again"))


@pytest.mark.parametrize("subject", ["p_none", "c_none", "u_none", "", "\x00"])
def test_what_is_not_there_is_not_found(world: World, moderator: Viewer, subject: str) -> None:
    with pytest.raises(NotFound):
        world.run(remove_content(moderator, subject, "spam"))
    with pytest.raises(NotFound):
        world.run(restore_content(moderator, subject))


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "\x00"])
def test_a_removal_says_why(moderator: Viewer, reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        remove_content(moderator, "p_1", reason)


def _entries(world: World) -> list[tuple[Any, ...]]:
    rows = world.cypher(
        "MATCH (e:AuditEntry) WHERE e.actor_id IS NOT NULL "
        "RETURN e.actor_id AS actor, e.action AS action, e.subject_id AS id, "
        "e.reason AS reason, e.k STARTS WITH '00' AND e.k ENDS WITH e.id AS keyed ORDER BY e.k"
    )
    assert all(row.pop("keyed") for row in rows)
    return [tuple(row.values()) for row in rows]


@KINDS
def test_every_deed_is_in_the_audit_log_and_told_once(
    world: World, moderator: Viewer, conversation: Conversation, kind: str
) -> None:
    subject, _ = _subject(conversation, kind)
    world.news()
    for reason in (" spam ", "again"):
        command = remove_content(moderator, subject, reason)
        world.run(command)
        world.run(command)
    for _ in range(2):
        command = restore_content(moderator, subject)
        world.run(command)
        world.run(command)

    dan, post = moderator.user_id, conversation.post
    assert _entries(world) == [
        (dan, "REMOVE_CONTENT", subject, "spam"),
        (dan, "RESTORE_CONTENT", subject, None),
    ]
    assert world.news() == [
        ("ContentRemoved", dan, subject, post),
        ("ContentRestored", dan, subject, post),
    ]


def _tell(world: World) -> list[tuple[Any, ...]]:
    """Run the jobs of all moderation events twice, and give what was told."""
    while world.run(number_pending(100, 10, 20)):
        pass
    events = world.cypher("MATCH (e:Event) WHERE e.kind STARTS WITH 'Content' RETURN e.id AS id")
    for event in events * 2:
        world.run(notify(str(event["id"]), now=30))
    rows = world.cypher(
        """\
MATCH (n:Notification {kind: 'MODERATION'})<-[:CAUSES]-(c:Cause)
MATCH (u:User {id: n.recipient_id}) WHERE n.unread_k = n.k AND n.unseen_k = n.k
RETURN u.username AS who, n.act AS act, n.reason AS reason, n.subject_id AS id, c.actor_id AS actor
ORDER BY n.id"""
    )
    return [tuple(row.values()) for row in rows]


@KINDS
def test_its_author_is_told_by_no_name_of_every_deed(
    world: World, moderator: Viewer, conversation: Conversation, kind: str
) -> None:
    subject, _ = _subject(conversation, kind)
    who = "alice" if kind == "post" else "bob"
    removed = (who, "REMOVED", "spam", subject, None)
    restored = (who, "RESTORED", None, subject, None)
    world.news()

    world.run(remove_content(moderator, subject, "spam"))
    assert _tell(world) == [removed]
    world.run(restore_content(moderator, subject))
    assert _tell(world) == [removed, restored]
    world.run(remove_content(moderator, subject, "spam"))
    assert _tell(world) == [removed, restored, removed]


def test_who_removes_what_is_their_own_is_not_told(world: World, moderator: Viewer) -> None:
    post = world.post(moderator)
    world.run(remove_content(moderator, post, "oops"))
    assert _tell(world) == []


def test_nobody_but_an_admin_restores_what_is_their_own(world: World, moderator: Viewer) -> None:
    post = world.post(moderator)
    world.run(remove_content(moderator, post, "oops"))
    with pytest.raises(Forbidden, match="another moderator"):
        world.run(restore_content(moderator, post))
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=moderator.user_id)
    world.run(restore_content(replace(moderator, role=Role.ADMIN), post))
    assert world.cypher("MATCH (:User)-[:POSTED]->(p {id: $id}) RETURN p.id AS id", id=post)


def _race(world: World, commands: list[Callable[[], Statement[str]]]) -> None:
    def run(make: Callable[[], Statement[str]]) -> None:
        with suppress(NotFound):
            world.run(make())

    with ThreadPoolExecutor(len(commands)) as pool:
        list(pool.map(run, commands))


@KINDS
def test_removal_and_deletion_at_once_leave_it_deleted(
    world: World, moderator: Viewer, kind: str
) -> None:
    for _ in range(8):
        conversation = Conversation(world)
        subject, delete = _subject(conversation, kind)
        _race(
            world,
            [
                lambda s=subject: remove_content(moderator, s, "spam"),  # type: ignore[misc]
                lambda d=delete: d,  # type: ignore[misc]
                lambda s=subject: restore_content(moderator, s),  # type: ignore[misc]
            ],
        )
        (node,) = world.cypher("MATCH (n {id: $id}) RETURN n.deleted_at AS at", id=subject)
        assert node["at"] is not None
        counts = ALL | {"posts": conversation.counts()["posts"]}
        if kind == "comment":
            counts |= {"below": 1, "direct": 0}
        counts["comments"] = conversation.counts()["comments"]
        assert conversation.counts() == counts
        types = world.cypher(
            "MATCH ({id: $id})<-[r:POSTED|COMMENTED|ONCE_POSTED|ONCE_COMMENTED]-() "
            "RETURN type(r) AS type",
            id=subject,
        )
        assert types == [{"type": "ONCE_POSTED" if kind == "post" else "ONCE_COMMENTED"}]
