"""A suspension hides and silences a person, moves nothing, and never takes the last admin."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from graph.errors import Conflict, Forbidden, InvalidInput, NotFound, SessionEnded
from graph.likes import like
from graph.posts import NewPost, create_post, find_post
from graph.roles import appoint, set_role
from graph.runner import Graph
from graph.sessions import NewSession, create_session
from graph.suspensions import reinstate_user, suspend_user
from graph.viewer import Role, Viewer
from tests.graph.people import LIFETIME_S, World, new_world, pick


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _with_role(world: World, name: str, role: Role) -> Viewer:
    world.run(appoint(name, role))
    viewer: Viewer = getattr(world, name)
    return Viewer(viewer.user_id, viewer.session_id, role)


@pytest.fixture(name="moderator")
def _moderator(world: World) -> Viewer:
    return _with_role(world, "dan", Role.MODERATOR)


def _entries(world: World) -> list[tuple[Any, ...]]:
    rows = world.cypher(
        "MATCH (e:AuditEntry) WHERE e.actor_id IS NOT NULL "
        "RETURN e.actor_id AS a, e.action AS b, e.subject_id AS c, e.reason AS d ORDER BY e.k"
    )
    return [tuple(row.values()) for row in rows]


def test_who_is_suspended_is_silent_and_hidden_until_they_are_reinstated(
    world: World, moderator: Viewer
) -> None:
    alice = world.alice.user_id
    post = world.post(world.alice)
    world.run(like(world.bob, post))
    edges = "MATCH (a)-[r]->(b) RETURN type(r) AS t, a.id AS a, b.id AS b ORDER BY t, a, b"
    before = world.cypher(edges)

    for _ in range(2):
        account = world.run(suspend_user(moderator, alice, " spam "))
        assert account["suspended_at"] is not None
    with pytest.raises(SessionEnded):
        world.post(world.alice)
    assert world.run(find_post(world.bob, post, pick("id"))) is None
    for _ in range(2):
        assert world.run(reinstate_user(moderator, alice))["suspended_at"] is None

    assert world.cypher(edges) == before
    assert world.run(find_post(world.bob, post, pick("id"))) is not None
    with pytest.raises(SessionEnded):
        world.post(world.alice)
    session = NewSession.of(alice, LIFETIME_S)
    world.run(create_session(session))
    assert world.post(Viewer(alice, session.id))
    assert _entries(world) == [
        (moderator.user_id, "SUSPEND_USER", alice, "spam"),
        (moderator.user_id, "REINSTATE_USER", alice, None),
    ]


def test_run_twice_it_is_one_change_and_one_entry(world: World, moderator: Viewer) -> None:
    statement = suspend_user(moderator, world.alice.user_id, "spam")
    assert world.run(statement) == world.run(statement)
    assert len(_entries(world)) == 1


def test_nobody_suspends_themselves(moderator: Viewer) -> None:
    with pytest.raises(Forbidden, match="themselves"):
        suspend_user(moderator, moderator.user_id, "spam")


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_suspension_says_why(moderator: Viewer, reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        suspend_user(moderator, "u_1", reason)


def test_who_is_not_there_is_not_found(world: World, moderator: Viewer) -> None:
    for command in (suspend_user(moderator, "u_none", "x"), reinstate_user(moderator, "u_none")):
        with pytest.raises(NotFound):
            world.run(command)


def test_an_admin_is_suspended_and_reinstated_by_an_admin_only(
    world: World, moderator: Viewer
) -> None:
    alice, bob = (_with_role(world, name, Role.ADMIN) for name in ("alice", "bob"))
    with pytest.raises(Forbidden, match="only an admin"):
        world.run(suspend_user(moderator, alice.user_id, "spam"))
    world.run(suspend_user(bob, alice.user_id, "spam"))
    with pytest.raises(Forbidden, match="only an admin"):
        world.run(reinstate_user(moderator, alice.user_id))

    with pytest.raises(Conflict, match="only admin"):
        world.run(set_role(bob, bob.user_id, Role.USER))


def test_two_admins_who_suspend_each_other_at_once_leave_one(world: World) -> None:
    for _ in range(5):
        alice, bob = (_with_role(world, name, Role.ADMIN) for name in ("alice", "bob"))

        def suspend(pair: tuple[Viewer, Viewer]) -> None:
            with suppress(SessionEnded):
                world.run(suspend_user(pair[0], pair[1].user_id, "spam"))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(suspend, [(alice, bob), (bob, alice)]))
        active = world.cypher(
            "MATCH (u:User {role: 'ADMIN'}) WHERE u.suspended_at IS NULL RETURN u.id AS id"
        )
        assert len(active) == 1
        world.cypher("MATCH (u:User) REMOVE u.suspended_at")
        world.cypher("MATCH (s:Session) REMOVE s.revoked_at")


def test_a_post_that_meets_a_suspension_is_seen_by_nobody(world: World, moderator: Viewer) -> None:
    new = NewPost.of(world.alice, "hello")

    def post() -> None:
        with suppress(SessionEnded):
            world.run(create_post(world.alice, new))

    with ThreadPoolExecutor(2) as pool:
        posting = pool.submit(post)
        world.run(suspend_user(moderator, world.alice.user_id, "spam"))
        posting.result()
    assert world.run(find_post(world.bob, new.id, pick("id"))) is None
