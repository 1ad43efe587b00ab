"""Whoever may no longer act finds every statement closed, whatever their token says."""

from collections.abc import Callable, Iterator

import pytest

from graph import ids
from graph.errors import SessionEnded
from graph.pages import encode_cursor
from graph.roles import set_role
from graph.runner import Graph
from graph.sessions import read_ended
from graph.statement import Statement
from graph.users import find_user
from graph.viewer import Role, Viewer
from tests.graph.people import World, new_world, pick
from tests.graph.test_statement import Samples, operators, viewer_statements

NOBODYS = Viewer("u_none", "s_none")


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _of(world: World, viewer: Viewer) -> Iterator[tuple[str, Statement[object]]]:
    post = world.post(world.alice)
    comment = world.comment(world.alice, post)
    cursor = encode_cursor("notifications", ["k"])
    after = {"notifications": cursor}
    samples = Samples(viewer, world.alice.user_id, post, comment, after=after, whole=False)
    for name, statements in viewer_statements(samples).items():
        for statement in statements:
            yield name, statement


def _suspend(world: World) -> None:
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.bob.user_id)


def _revoke(world: World) -> None:
    world.cypher("MATCH (s:Session {id: $id}) SET s.revoked_at = 1", id=world.bob.session_id)


def _expire(world: World) -> None:
    world.cypher(
        "MATCH (s:Session {id: $id}) SET s.expires_at = $now",
        id=world.bob.session_id,
        now=ids.now_ms() - 1,
    )


def _promote(world: World) -> None:
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=world.bob.user_id)


def _remove(world: World) -> None:
    world.cypher("MATCH (u:User {id: $id}) DETACH DELETE u", id=world.bob.user_id)


@pytest.mark.parametrize("end", [_suspend, _revoke, _expire, _promote, _remove])
def test_every_statement_is_closed_to_who_may_no_longer_act(
    world: World, end: Callable[[World], None]
) -> None:
    statements = list(_of(world, world.bob))
    end(world)
    before = world.value("COUNT { (n) } + COUNT { ()-->() }")

    for name, statement in statements:
        with pytest.raises(SessionEnded):
            pytest.fail(f"{name} answered {world.run(statement)!r}")

    assert world.value("COUNT { (n) } + COUNT { ()-->() }") == before


@pytest.mark.parametrize("end", [_suspend, _revoke, _expire, _promote, _remove])
def test_who_may_no_longer_act_is_read_of_many_at_once(
    world: World, end: Callable[[World], None]
) -> None:
    unknown = Viewer(world.alice.user_id, "s_none")
    asked = [*world.people, unknown, world.bob]
    assert world.run(read_ended(asked)) == [unknown]
    end(world)
    assert world.run(read_ended(asked)) == [world.bob, unknown, world.bob]
    assert world.run(read_ended([])) == []


def test_made_up_sessions_open_nothing(world: World) -> None:
    for viewer in (
        NOBODYS,
        Viewer(world.bob.user_id, "s_none"),
        Viewer(world.bob.user_id, ""),
        Viewer(world.bob.user_id, world.bob.session_id, Role.ADMIN),
    ):
        for _, statement in _of(world, viewer):
            with pytest.raises(SessionEnded):
                world.run(statement)


def test_a_role_holds_at_once(world: World) -> None:
    admin = Viewer(world.alice.user_id, world.alice.session_id, Role.ADMIN)
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=admin.user_id)
    moderator = Viewer(world.bob.user_id, world.bob.session_id, Role.MODERATOR)

    assert world.run(set_role(admin, moderator.user_id, Role.MODERATOR)) == moderator.user_id
    with pytest.raises(SessionEnded):
        world.post(world.bob)
    assert world.post(moderator)
    world.run(set_role(admin, moderator.user_id, Role.USER))
    with pytest.raises(SessionEnded):
        world.post(moderator)
    assert world.post(world.bob)


def test_a_viewer_is_found_by_id_even_where_sessions_are_few(world: World) -> None:
    statement = find_user(world.bob, world.bob.user_id, pick("id"))
    world.cypher("CALL db.clearQueryCaches()")
    with world.graph.driver.session() as session:
        plan = session.run("EXPLAIN " + statement.text, dict(statement.parameters)).consume().plan

    assert plan is not None
    assert {name for name, _ in operators(plan) if "Seek" in name} == {"NodeUniqueIndexSeek"}


@pytest.mark.unit
def test_roles_include_those_before_them() -> None:
    assert Role.USER < Role.MODERATOR < Role.ADMIN
