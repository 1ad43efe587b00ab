"""Moderators list accounts by prefix, role and state, suspended ones too."""

from typing import Any

import pytest

from graph.accounts import AccountFilter, AccountStatus, read_page
from graph.errors import InvalidInput
from graph.roles import appoint
from graph.runner import Graph
from graph.suspensions import reinstate_user, suspend_user
from graph.viewer import Role, Viewer
from tests.graph.people import World, first, new_person, new_world, nodes_of
from tests.graph.world import empty

ACTIVE, SUSPENDED = AccountStatus.ACTIVE, AccountStatus.SUSPENDED
MODERATOR = Role.MODERATOR


@pytest.fixture(name="world", scope="module")
def _world(sync_graph: Graph) -> World:
    """The four, dan a moderator, and alicia and al_1, of whom alicia is suspended."""
    empty(sync_graph)
    world = new_world(sync_graph)
    alicia = new_person(sync_graph, "alicia")
    new_person(sync_graph, "al_1")
    for name in ("dan", "bob"):
        world.run(appoint(name, MODERATOR))
    for whom in (alicia, world.bob, world.carol):
        world.run(suspend_user(_dan(world), whom.user_id, "spam"))
    world.run(reinstate_user(_dan(world), world.carol.user_id))
    return world


def _dan(world: World) -> Viewer:
    return Viewer(world.dan.user_id, world.dan.session_id, MODERATOR)


def _names(world: World, **listed: Any) -> list[str]:
    page = world.run(read_page(_dan(world), first(), AccountFilter(**listed)))
    return [str(node["username"]) for node in nodes_of(page)]


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ({}, ["al_1", "alice", "alicia", "bob", "carol", "dan"]),
        ({"query": ""}, ["al_1", "alice", "alicia", "bob", "carol", "dan"]),
        ({"query": " ALI"}, ["alice", "alicia"]),
        ({"query": "alice"}, ["alice"]),
        ({"query": "lice"}, []),
        ({"query": "~"}, []),
        ({"query": "\x00"}, []),
        ({"status": ACTIVE}, ["al_1", "alice", "carol", "dan"]),
        ({"status": SUSPENDED}, ["alicia", "bob"]),
        ({"status": SUSPENDED, "query": "a"}, ["alicia"]),
        ({"status": SUSPENDED, "role": MODERATOR}, ["bob"]),
        ({"role": MODERATOR}, ["bob", "dan"]),
        ({"role": MODERATOR, "query": "d", "status": ACTIVE}, ["dan"]),
        ({"role": MODERATOR, "status": ACTIVE}, ["dan"]),
        ({"role": Role.ADMIN}, []),
        ({"role": Role.USER, "query": "al", "status": ACTIVE}, ["al_1", "alice"]),
    ],
)
def test_accounts_are_listed_by_what_is_asked(
    world: World, listed: dict[str, Any], names: list[str]
) -> None:
    assert _names(world, **listed) == names


def test_a_cursor_holds_whatever_the_filter(world: World) -> None:
    page = world.run(read_page(_dan(world), first(2), AccountFilter()))
    after = page["page_info"]["end_cursor"]
    page = world.run(read_page(_dan(world), first(2, after), AccountFilter(status=ACTIVE)))
    assert [node["username"] for node in nodes_of(page)] == ["carol", "dan"]
    with pytest.raises(InvalidInput, match="cursor"):
        read_page(_dan(world), first(2, "x"), AccountFilter())


def test_an_account_says_how_it_stands(world: World) -> None:
    (bob,) = nodes_of(world.run(read_page(_dan(world), first(), AccountFilter("bob"))))
    assert (bob["status"], bob["role"], bob["open_reports"]) == ("SUSPENDED", "MODERATOR", 0)
    assert bob["suspended_at"] is not None
