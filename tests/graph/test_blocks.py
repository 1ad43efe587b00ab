"""Blocks and mutes: made once, taken back whole, and exact beside follows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph import blocks, mutes
from graph.blocks import block, unblock
from graph.errors import Conflict, GraphError, InvalidInput, NotFound
from graph.follows import follow, unfollow
from graph.mutes import mute, unmute
from graph.posts import find_post
from graph.runner import Graph
from graph.statement import Statement
from graph.users import find_user
from graph.viewer import Viewer
from tests.graph.people import World, first, ids_of, new_person, new_world, page_of, pick

Command = Callable[[Viewer, str], Statement[str]]
PROFILE = pick("stats", "viewer", page_of("followers", "User"))
PAIRS = [(block, unblock, blocks), (mute, unmute, mutes)]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _edges(world: World) -> list[tuple[str, str, str]]:
    rows = world.cypher(
        "MATCH (a)-[r:FOLLOWS|BLOCKS|MUTES]->(b) "
        "RETURN type(r) AS type, a.username AS a, b.username AS b ORDER BY type, a, b"
    )
    return [(row["type"], row["a"], row["b"]) for row in rows]


def _refusal(world: World, command: Statement[str]) -> type[GraphError] | None:
    try:
        world.run(command)
    except GraphError as error:
        return type(error)
    return None


@pytest.mark.parametrize(("do", "undo", "_"), PAIRS)
def test_doing_it_twice_is_once_and_taking_it_back_twice_too(
    world: World, do: Command, undo: Command, _: object
) -> None:
    bob = world.bob.user_id
    type_name = {block: "BLOCKS", mute: "MUTES"}[do]  # type: ignore[index]

    assert [world.run(do(world.alice, bob)) for _ in range(2)] == [bob, bob]
    assert _edges(world) == [(type_name, "alice", "bob")]
    assert [world.run(undo(world.alice, bob)) for _ in range(2)] == [bob, bob]
    assert _edges(world) == []
    told = [("UserBlocked", world.alice.user_id, bob, None)] if do is block else []
    assert world.news() == told


@pytest.mark.parametrize(("do", "undo", "_"), PAIRS)
@pytest.mark.parametrize("bad", ["u_none", "", "\x00", "p_1"])
def test_who_is_not_there_is_not_found(
    world: World, do: Command, undo: Command, _: object, bad: str
) -> None:
    assert _refusal(world, do(world.alice, bad)) is NotFound
    assert _refusal(world, undo(world.alice, bad)) is NotFound


@pytest.mark.parametrize(("do", "undo", "_"), PAIRS)
def test_nobody_does_it_to_themselves(world: World, do: Command, undo: Command, _: object) -> None:
    with pytest.raises(InvalidInput, match="yourself") as caught:
        do(world.alice, world.alice.user_id)
    assert caught.value.path == ("userId",)
    assert world.run(undo(world.alice, world.alice.user_id)) == world.alice.user_id


@pytest.mark.parametrize(("do", "undo", "_"), PAIRS)
def test_what_was_done_to_who_is_hidden_since_can_be_taken_back(
    world: World, do: Command, undo: Command, _: object
) -> None:
    bob = world.bob.user_id
    world.run(do(world.alice, bob))
    world.run(block(world.bob, world.alice.user_id)) if do is mute else world.cypher(
        "MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=bob
    )

    assert _refusal(world, do(world.alice, bob)) is NotFound
    assert world.run(undo(world.alice, bob)) == bob
    assert _refusal(world, undo(world.alice, bob)) is NotFound


def test_a_block_hides_a_follow_without_taking_it_away(world: World) -> None:
    alice, bob = world.alice, world.bob
    world.run(follow(bob, alice.user_id))
    world.run(follow(world.carol, alice.user_id))
    world.run(block(alice, bob.user_id))

    profile = world.run(find_user(alice, alice.user_id, PROFILE))
    blocked = world.run(find_user(alice, bob.user_id, PROFILE))
    assert profile is not None
    assert blocked is not None
    assert profile["stats"]["followers"] == 2, "blocks change no count"
    assert ids_of(profile["@followers"]) == [world.carol.user_id]
    assert (blocked["viewer"]["blocking"], blocked["viewer"]["followed_by"]) == (True, True)
    assert world.run(find_user(bob, alice.user_id, PROFILE)) is None

    world.run(unblock(alice, bob.user_id))
    back = world.run(find_user(bob, alice.user_id, PROFILE))
    assert back is not None
    assert back["viewer"]["following"] is True
    assert ids_of(back["@followers"]) == [world.carol.user_id, bob.user_id]


def test_a_follow_across_a_block_is_refused_on_either_side(world: World) -> None:
    alice, bob = world.alice, world.bob
    world.run(block(alice, bob.user_id))
    world.news()

    assert _refusal(world, follow(bob, alice.user_id)) is NotFound
    with pytest.raises(Conflict, match="unblock them first") as caught:
        world.run(follow(alice, bob.user_id))
    assert caught.value.path == ("userId",)
    assert _refusal(world, block(bob, alice.user_id)) is NotFound
    assert world.run(unfollow(alice, bob.user_id)) == bob.user_id
    assert _edges(world) == [("BLOCKS", "alice", "bob")]
    assert world.news() == []


def test_a_follow_against_a_block_is_there_before_it_or_not_at_all(world: World) -> None:
    """Whoever got the lock first: no event of a follow that the block forbade."""
    pairs = [
        (new_person(world.graph, f"fan_{n}"), new_person(world.graph, f"star_{n}"))
        for n in range(24)
    ]
    world.news()

    def race(pair: tuple[Viewer, Viewer]) -> list[type[GraphError] | None]:
        fan, star = pair
        with ThreadPoolExecutor(2) as pool:
            commands = [follow(fan, star.user_id), block(star, fan.user_id)]
            return list(pool.map(lambda command: _refusal(world, command), commands))

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(race, pairs))

    follows = {(a, b) for kind, a, b in _edges(world) if kind == "FOLLOWS"}
    told = {actor for _, actor, _, _ in world.news()}
    for n, ((fan, _), outcome) in enumerate(zip(pairs, outcomes, strict=True)):
        assert outcome in ([None, None], [NotFound, None])
        followed = outcome[0] is None
        assert ((f"fan_{n}", f"star_{n}") in follows) is followed
        assert (fan.user_id in told) is followed


def test_two_who_block_each_other_at_once_never_fail_and_one_comes_first(world: World) -> None:
    pairs = [(a, b) for a in world.people for b in world.people if a != b]

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(
            pool.map(lambda pair: _refusal(world, block(pair[0], pair[1].user_id)), pairs)
        )

    assert sorted(map(str, outcomes)) == sorted(map(str, [None] * 6 + [NotFound] * 6))
    assert len(_edges(world)) == 6


@pytest.mark.parametrize(("do", "_", "module"), PAIRS)
def test_the_list_is_the_viewers_own_newest_first_in_pages(
    world: World, do: Command, _: object, module: object
) -> None:
    others = [world.bob.user_id, world.carol.user_id, world.dan.user_id]
    for other in others:
        world.run(do(world.alice, other))
    assert module in (blocks, mutes)
    read_page = module.read_page  # type: ignore[attr-defined]

    seen: list[str] = []
    after = None
    for _page in others:
        page = world.run(read_page(world.alice, first(1, after), pick("id")))
        seen += ids_of(page)
        after = page["page_info"]["end_cursor"]
    assert not page["page_info"]["has_next_page"]
    assert seen == others[::-1]
    assert ids_of(world.run(read_page(world.bob, first(), pick("id")))) == []


def test_a_mute_hides_nobody_where_one_looks_for_them(world: World) -> None:
    post = world.post(world.bob)
    world.run(mute(world.alice, world.bob.user_id))

    assert world.run(find_post(world.alice, post, pick("id"))) is not None
    profile = world.run(find_user(world.alice, world.bob.user_id, PROFILE))
    assert profile is not None
    assert profile["viewer"]["muting"] is True
    assert world.run(follow(world.alice, world.bob.user_id)) == world.bob.user_id
