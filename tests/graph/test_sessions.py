"""A refresh token is good for one use; a copy of it ends the session for whoever holds either."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.errors import InvalidCredentials, SessionEnded
from graph.runner import Graph
from graph.sessions import REPEAT_WINDOW_MS, NewSession, Renewed, create_session, renew_session
from graph.viewer import Role, Viewer
from tests.graph.people import LIFETIME_S, World, new_world


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


@pytest.fixture(name="session")
def _session(world: World) -> NewSession:
    session = NewSession.of(world.bob.user_id, LIFETIME_S)
    for _ in range(2):
        world.run(create_session(session))
    return session


def _renew(world: World, session: NewSession, refresh_id: str) -> Renewed:
    return world.run(renew_session(session.id, refresh_id, LIFETIME_S))


def _set(world: World, session: NewSession, **properties: object) -> None:
    world.cypher(
        "MATCH (s:Session {id: $id}) SET s += $properties", id=session.id, properties=properties
    )


def _properties(world: World, session: NewSession) -> dict[str, object]:
    (row,) = world.cypher("MATCH (s:Session {id: $id}) RETURN properties(s) AS s", id=session.id)
    found: dict[str, object] = row["s"]
    return found


def _wait_beyond_the_window(world: World, session: NewSession) -> None:
    refreshed_at = _properties(world, session)["refreshed_at"]
    assert isinstance(refreshed_at, int)
    _set(world, session, refreshed_at=refreshed_at - REPEAT_WINDOW_MS - 1)


def test_a_session_is_made_once_and_opens(world: World, session: NewSession) -> None:
    assert (
        world.value("COUNT { (:Session)-[:SESSION_OF]->(:User {id: $id}) }", id=world.bob.user_id)
        == 2
    )
    assert world.post(Viewer(world.bob.user_id, session.id))


def test_each_renewal_gives_another_token_and_a_longer_life(
    world: World, session: NewSession
) -> None:
    _set(world, session, expires_at=session.created_at + 100_000)

    one = _renew(world, session, session.refresh_id)
    two = _renew(world, session, one.refresh_id)

    assert len({session.refresh_id, one.refresh_id, two.refresh_id}) == 3
    assert (one.user_id, one.session_id, one.role) == (world.bob.user_id, session.id, Role.USER)
    assert _properties(world, session)["expires_at"] >= session.expires_at  # type: ignore[operator]


def test_repeated_within_the_window_it_gives_the_same_newest(
    world: World, session: NewSession
) -> None:
    newest = _renew(world, session, session.refresh_id)
    before = _properties(world, session)

    assert [_renew(world, session, session.refresh_id) for _ in range(3)] == [newest] * 3
    assert _properties(world, session) == before | {"lk": True}


def test_the_same_request_again_after_a_lost_answer_is_the_same_renewal(
    world: World, session: NewSession
) -> None:
    statement = renew_session(session.id, session.refresh_id, LIFETIME_S)
    one = world.run(statement)
    _wait_beyond_the_window(world, session)

    assert world.run(statement) == one


def test_used_again_after_the_window_it_ends_the_session_for_both(
    world: World, session: NewSession
) -> None:
    newest = _renew(world, session, session.refresh_id)
    _wait_beyond_the_window(world, session)

    for refresh_id in (session.refresh_id, newest.refresh_id):
        with pytest.raises(InvalidCredentials):
            _renew(world, session, refresh_id)
    with pytest.raises(SessionEnded):
        world.post(Viewer(world.bob.user_id, session.id))
    assert world.post(world.bob), "the other session goes on"


def test_a_token_before_the_last_two_ends_the_session_even_within_the_window(
    world: World, session: NewSession
) -> None:
    one = _renew(world, session, session.refresh_id)
    _renew(world, session, one.refresh_id)

    with pytest.raises(InvalidCredentials):
        _renew(world, session, session.refresh_id)
    with pytest.raises(InvalidCredentials):
        _renew(world, session, one.refresh_id)


def test_an_ended_session_is_not_renewed(world: World, session: NewSession) -> None:
    _set(world, session, expires_at=session.created_at - 1)
    with pytest.raises(InvalidCredentials):
        _renew(world, session, session.refresh_id)
    assert "revoked_at" not in _properties(world, session)

    _set(world, session, expires_at=session.expires_at)
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.bob.user_id)
    with pytest.raises(InvalidCredentials):
        _renew(world, session, session.refresh_id)
    world.cypher("MATCH (u:User {id: $id}) REMOVE u.suspended_at", id=world.bob.user_id)
    assert _renew(world, session, session.refresh_id)


@pytest.mark.parametrize("bad", ["", "s_none", "\x00"])
def test_a_session_that_is_not_there_is_not_renewed(world: World, bad: str) -> None:
    with pytest.raises(InvalidCredentials):
        world.run(renew_session(bad, "t_none", LIFETIME_S))


def test_of_many_renewals_at_once_all_get_the_one_newest(world: World, session: NewSession) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _renew(world, session, session.refresh_id), range(16)))

    assert len({answer.refresh_id for answer in answers}) == 1
    assert _properties(world, session)["refresh_id"] == answers[0].refresh_id


def test_the_role_is_that_of_the_moment(world: World, session: NewSession) -> None:
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=world.bob.user_id)
    assert _renew(world, session, session.refresh_id).role is Role.ADMIN
