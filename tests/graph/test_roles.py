"""The first admin is appointed from outside; old tokens no longer open anything."""

import pytest

from graph.errors import NotFound, SessionEnded
from graph.roles import appoint
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
