"""The first admin is appointed from outside; old tokens no longer open anything."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from graph.errors import Conflict, NotFound, SessionEnded
from graph.roles import appoint, set_role
from graph.runner import Graph
from graph.viewer import Role, Viewer
from tests.graph.people import World, new_world


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def test_who_is_appointed_has_to_log_in_again(world: World) -> None:
    world.run(appoint("alice", Role.ADMIN))

    with pytest.raises(SessionEnded):
        world.post(world.alice)
    assert world.post(Viewer(world.alice.user_id, world.alice.session_id, Role.ADMIN))


@pytest.mark.parametrize("name", ["nobody", "", "\x00"])
def test_who_is_not_there_cannot_be_appointed(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        world.run(appoint(name, Role.ADMIN))


def _admin(world: World, viewer: Viewer) -> Viewer:
    (row,) = world.cypher("MATCH (u:User {id: $id}) RETURN u.username AS name", id=viewer.user_id)
    world.run(appoint(str(row["name"]).upper(), Role.ADMIN))
    return Viewer(viewer.user_id, viewer.session_id, Role.ADMIN)


def test_the_last_admin_stays(world: World) -> None:
    alice = _admin(world, world.alice)

    with pytest.raises(Conflict, match="only admin"):
        world.run(set_role(alice, alice.user_id, Role.USER))
    with pytest.raises(Conflict, match="only admin"):
        world.run(appoint("alice", Role.MODERATOR))

    world.run(set_role(alice, world.bob.user_id, Role.ADMIN))
    world.run(set_role(alice, alice.user_id, Role.USER))
    with pytest.raises(SessionEnded):
        world.run(set_role(alice, alice.user_id, Role.ADMIN))


def test_two_admins_who_demote_each_other_at_once_leave_one(world: World) -> None:
    for _ in range(10):
        alice, bob = _admin(world, world.alice), _admin(world, world.bob)
        pairs = [(alice, bob), (bob, alice)]

        def demote(pair: tuple[Viewer, Viewer]) -> None:
            with suppress(Conflict, SessionEnded):
                world.run(set_role(pair[0], pair[1].user_id, Role.USER))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(demote, pairs))
        roles = world.cypher("MATCH (u:User) WHERE u.role = 'ADMIN' RETURN u.admin_since AS since")
        assert len(roles) == 1
        assert roles[0]["since"] > 0


def _entries(world: World) -> list[tuple[object, ...]]:
    rows = world.cypher(
        "MATCH (e:AuditEntry) RETURN e.actor_id AS a, e.action AS b, e.subject_id AS c, "
        "e.reason AS d, e.k ENDS WITH e.id AS keyed ORDER BY e.k"
    )
    assert all(row.pop("keyed") for row in rows)
    return [tuple(row.values()) for row in rows]


def test_every_change_of_a_role_is_in_the_audit_log_once(world: World) -> None:
    alice, bob = _admin(world, world.alice), world.bob.user_id
    by_hand = (None, "SET_ROLE", alice.user_id, "USER → ADMIN")
    assert _entries(world) == [by_hand]

    world.run(appoint("alice", Role.ADMIN))
    command = set_role(alice, bob, Role.MODERATOR)
    for _ in range(2):
        world.run(command)
    world.run(set_role(alice, bob, Role.MODERATOR))
    with pytest.raises(NotFound):
        world.run(set_role(alice, "u_none", Role.ADMIN))
    with pytest.raises(Conflict):
        world.run(set_role(alice, alice.user_id, Role.USER))
    with pytest.raises(NotFound):
        world.run(appoint("nobody", Role.ADMIN))
    given = (alice.user_id, "SET_ROLE", bob, "USER → MODERATOR")
    assert _entries(world) == [by_hand, given]


def test_who_was_demoted_while_they_waited_changes_no_role(world: World) -> None:
    carol = _admin(world, world.carol)
    for _ in range(5):
        alice, bob = _admin(world, world.alice), _admin(world, world.bob)

        def demote(pair: tuple[Viewer, Viewer]) -> None:
            with suppress(SessionEnded):
                world.run(set_role(pair[0], pair[1].user_id, Role.USER))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(demote, [(alice, bob), (bob, alice)]))
        (left,) = world.cypher(
            "MATCH (u:User {role: 'ADMIN'}) WHERE u.id <> $carol RETURN u.id AS id",
            carol=carol.user_id,
        )
        assert left["id"] in (alice.user_id, bob.user_id)
