"""The feed holds what those whom one follows wrote and shared, newest first, and is exact."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from graph import feed, ids, mutes, tags
from graph.errors import InvalidInput
from graph.feed import read_page
from graph.follows import follow, unfollow
from graph.pages import decode_cursor, encode_cursor
from graph.posts import NewPost, create_post, delete_post
from graph.runner import Graph
from graph.selection import Field
from graph.settings import GraphSettings
from graph.shares import unshare
from graph.viewer import Viewer
from tests.graph.people import (
    AUTHOR,
    POST,
    World,
    add,
    below,
    edge_of,
    first,
    follow_row,
    ids_of,
    new_world,
    nodes_of,
    pick,
    post_row,
    share_row,
    thread,
    user_row,
)


@pytest.fixture(name="world")
def _world(clean: None, graph_settings: GraphSettings) -> Iterator[World]:  # noqa: ARG001
    with Graph(graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})) as patient:
        yield new_world(patient)


_UNWELCOME = """\
MATCH (dan:User {id: $id}), (other:User) WHERE other.id STARTS WITH 'u_x1'
FOREACH (_ IN CASE WHEN other.id ENDS WITH '3' THEN [1] ELSE [] END |
  CREATE (other)-[:BLOCKS {blocker_id: other.id, blocked_id: dan.id, at: 5, k: '5'}]->(dan))
FOREACH (_ IN CASE WHEN other.id ENDS WITH '4' THEN [1] ELSE [] END | SET other.suspended_at = 5)
FOREACH (_ IN CASE WHEN other.id ENDS WITH '3' OR other.id ENDS WITH '4' THEN [] ELSE [1] END |
  CREATE (dan)-[:MUTES {muter_id: dan.id, muted_id: other.id, at: 5, k: '5'}]->(other))"""


def _feed(world: World) -> list[str]:
    return ids_of(world.run(read_page(world.dan, first(), edge_of("id"))))


def follow_all(world: World, *others: Viewer) -> None:
    """Let dan follow some."""
    rows = [follow_row(world.dan.user_id, other.user_id, 1) for other in others]
    add(world.graph, "follow", rows)


def share_at(world: World, post: str, sharers: Mapping[Any, int]) -> None:
    """Let some share a post, each at an instant."""
    rows = [share_row(getattr(by, "user_id", by), post, at) for by, at in sharers.items()]
    add(world.graph, "share", rows)


def test_it_holds_the_posts_of_those_whom_one_follows(world: World) -> None:
    alices, bobs = world.post(world.alice), world.post(world.bob)
    world.post(world.dan)
    assert _feed(world) == []

    world.run(follow(world.dan, world.alice.user_id))
    assert _feed(world) == [alices]
    world.run(follow(world.dan, world.bob.user_id))
    assert _feed(world) == [bobs, alices]
    world.run(unfollow(world.dan, world.alice.user_id))
    assert _feed(world) == [bobs]
    world.run(delete_post(world.bob, bobs))
    assert _feed(world) == []


def test_posts_for_followers_are_among_them(world: World) -> None:
    narrow = NewPost("p_narrow", world.alice.user_id, "ours", 1, "FOLLOWERS")
    world.run(create_post(world.alice, narrow))
    world.run(follow(world.dan, world.alice.user_id))

    assert _feed(world) == ["p_narrow"]


def test_more_authors_than_a_page_holds_leave_it_exact(world: World) -> None:
    names = [f"x{n:02d}" for n in range(30)]
    add(world.graph, "user", [user_row(name) for name in names])
    add(world.graph, "follow", [follow_row(world.dan.user_id, f"u_{name}", 1) for name in names])
    rows = [post_row(f"p_{n:03d}", f"u_{names[n * 7 % 30]}", n // 4) for n in range(90)]
    add(world.graph, "post", rows)
    expected = [f"p_{n:03d}" for n in reversed(range(90))]

    told: list[str] = []
    after = None
    for _ in range(18):
        page = world.run(read_page(world.dan, first(5, after), edge_of("id")))
        told += ids_of(page)
        after = page["page_info"]["end_cursor"]

    assert told == expected
    assert not page["page_info"]["has_next_page"]


def test_those_who_are_not_welcome_take_no_place_of_others(world: World) -> None:
    names = [f"x{n:02d}" for n in range(20)]
    add(world.graph, "user", [user_row(name) for name in names])
    add(world.graph, "follow", [follow_row(world.dan.user_id, f"u_{name}", 1) for name in names])
    add(world.graph, "post", [post_row(f"p_{n:02d}", f"u_x{n % 20:02d}", n) for n in range(60)])
    world.cypher(_UNWELCOME, id=world.dan.user_id)
    expected = [f"p_{n:02d}" for n in reversed(range(60)) if n % 20 < 10]

    first_page = world.run(read_page(world.dan, first(5), edge_of("id")))
    after = first_page["page_info"]["end_cursor"]
    second_page = world.run(read_page(world.dan, first(25, after), edge_of("id")))

    assert ids_of(first_page) + ids_of(second_page) == expected


def test_a_page_is_two_statements_and_with_threads_three(world: World) -> None:
    post = world.post(world.alice)
    world.comment(world.bob, post)
    world.run(follow(world.dan, world.alice.user_id))

    before = world.graph.statement_count
    world.run(read_page(world.dan, first(), edge_of(*POST.fields)))
    twice = world.graph.statement_count
    page = world.run(read_page(world.dan, first(), edge_of(*POST.fields, thread("text"))))

    assert twice - before == 2
    assert world.graph.statement_count - twice == 3
    assert nodes_of(page)[0]["@thread"]["nodes"][0]["comment"]["text"] == "indeed"


def _shared(world: World) -> list[tuple[str, list[str], int | None]]:
    """Give each post of dan's feed with who shared it and when."""
    why = {"FollowsAuthor": pick(AUTHOR), "SharedByFollowed": pick(below("users", "User", "id"))}
    edge = pick(*edge_of("id").fields, Field("reasons", "reasons", {}, why))
    page = world.run(read_page(world.dan, first(), edge))
    found = []
    for each in page["edges"]:
        names = [reason["__typename"] for reason in each["reasons"]]
        shares = [r for r in each["reasons"] if r["__typename"] == "SharedByFollowed"]
        users = [user["username"] for share in shares for user in share["users"]]
        at = shares[0]["shared_at"] if shares else None
        found.append((each["node"]["id"], users + ["author"] * names.count("FollowsAuthor"), at))
    return found


def test_what_the_followed_share_is_there_with_all_that_brought_it(world: World) -> None:
    follow_all(world, world.alice, world.bob)
    add(world.graph, "post", [post_row("p_1", world.carol.user_id, 1)])
    add(world.graph, "post", [post_row("p_2", world.alice.user_id, 2)])
    assert _shared(world) == [("p_2", ["author"], None)]

    share_at(world, "p_1", {world.bob: 3, world.carol: 9})
    assert _shared(world) == [("p_1", ["bob"], 3), ("p_2", ["author"], None)]
    share_at(world, "p_1", {world.alice: 4})
    share_at(world, "p_2", {world.bob: 5})
    assert _shared(world) == [("p_2", ["bob", "author"], 5), ("p_1", ["alice", "bob"], 4)]
    world.run(unshare(world.bob, "p_2"))
    assert _shared(world) == [("p_1", ["alice", "bob"], 4), ("p_2", ["author"], None)]


def test_of_many_who_shared_the_latest_three_are_named(world: World) -> None:
    names = [f"x{n}" for n in range(6)]
    add(world.graph, "user", [user_row(name) for name in names])
    add(world.graph, "post", [post_row("p_1", world.carol.user_id, 1)])
    share_at(world, "p_1", {f"u_{name}": n for n, name in enumerate(names, 2)})
    follows = [follow_row(world.dan.user_id, f"u_x{n}", 1) for n in (0, 1, 2, 4)]
    add(world.graph, "follow", follows)

    assert _shared(world) == [("p_1", ["x4", "x2", "x1"], 6)]
    more = [f"y{n}" for n in range(9)]
    add(world.graph, "user", [user_row(name) for name in more])
    add(world.graph, "follow", [follow_row(world.dan.user_id, f"u_{name}", 1) for name in more])
    assert _shared(world) == [("p_1", ["x4", "x2", "x1"], 6)]


_STAND: Final = {
    "mutes": "CREATE (dan)-[:MUTES {muter_id: dan.id, muted_id: other.id, at: 5, k: '5'}]->(other)",
    "blocks": (
        "CREATE (dan)-[:BLOCKS {blocker_id: dan.id, blocked_id: other.id, at: 5, k: '5'}]->(other)"
    ),
    "is blocked": (
        "CREATE (other)-[:BLOCKS {blocker_id: other.id, blocked_id: dan.id, at: 5, k: '5'}]->(dan)"
    ),
    "suspended": "SET other.suspended_at = 5",
    "unfollowed": "WITH dan, other MATCH (dan)-[f:FOLLOWS]->(other) DELETE f",
}


@pytest.mark.parametrize("how", _STAND)
@pytest.mark.parametrize("few", [400, 0])
def test_who_is_not_welcome_is_no_reason(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str, few: int
) -> None:
    monkeypatch.setattr(feed, "FEW", few)
    follow_all(world, world.alice, world.bob)
    authors = {"p_alices": world.alice, "p_bobs": world.bob, "p_carols": world.carol}
    rows = [post_row(post, author.user_id, n) for n, (post, author) in enumerate(authors.items())]
    add(world.graph, "post", rows)
    share_at(world, "p_carols", {world.alice: 10})
    share_at(world, "p_bobs", {world.alice: 11})
    share_at(world, "p_alices", {world.bob: 12})
    match = "MATCH (dan:User {id: $dan}), (other:User {id: $other}) "
    world.cypher(match + _STAND[how], dan=world.dan.user_id, other=world.alice.user_id)

    expected = [("p_bobs", ["author"], None)]
    if how == "unfollowed":
        expected.insert(0, ("p_alices", ["bob"], 12))
    assert _shared(world) == expected


def test_ones_own_posts_are_not_there_whoever_shares_them(world: World) -> None:
    follow_all(world, world.alice)
    add(world.graph, "post", [post_row("p_mine", world.dan.user_id, 1)])
    share_at(world, "p_mine", {world.alice: 2})
    assert _shared(world) == []


def test_what_was_shown_is_not_shown_again_when_its_share_is_taken_back(world: World) -> None:
    follow_all(world, world.alice, world.bob)
    add(world.graph, "post", [post_row(f"p_{n}", world.alice.user_id, n) for n in range(3)])
    share_at(world, "p_0", {world.bob: 9})

    one = world.run(read_page(world.dan, first(1), edge_of("id")))
    world.run(unshare(world.bob, "p_0"))
    rest = world.run(read_page(world.dan, first(9, one["page_info"]["end_cursor"]), edge_of("id")))

    assert ids_of(one) + ids_of(rest) == ["p_0", "p_2", "p_1"]


def test_a_page_is_full_whatever_cannot_be_seen(world: World) -> None:
    follow_all(world, world.alice, world.bob)
    add(world.graph, "user", [user_row(f"x{n:03d}") for n in range(60)])
    people = [f"u_x{n:03d}" for n in range(60)]
    add(world.graph, "follow", [follow_row(world.dan.user_id, each, 1) for each in people])
    add(world.graph, "post", [post_row(f"p_{n}", world.carol.user_id, n) for n in range(3)])
    add(world.graph, "share", [share_row(each, "p_2", 9 + n) for n, each in enumerate(people)])
    add(world.graph, "share", [share_row(each, "p_1", 8) for each in people])
    add(world.graph, "share", [share_row("u_x000", "p_0", 7)])

    page = world.run(read_page(world.dan, first(3), edge_of("id")))

    assert ids_of(page) == ["p_2", "p_1", "p_0"]
    assert not page["page_info"]["has_next_page"]


@pytest.mark.parametrize("position", [["k"], ["k", "k"], ["k", [1]], [1, []], ["k", ["k"] * 501]])
def test_a_cursor_that_the_feed_did_not_give_is_refused(
    world: World, position: Sequence[object]
) -> None:
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        read_page(world.dan, first(1, encode_cursor("feed", position)), edge_of("id"))


def test_a_cursor_remembers_no_more_than_it_must(world: World) -> None:
    follow_all(world, world.alice, world.bob)
    hour = 3_600_000
    add(world.graph, "post", [post_row(f"p_{n}", world.alice.user_id, n * hour) for n in range(4)])
    share_at(world, "p_0", {world.bob: 9 * hour})

    page = world.run(read_page(world.dan, first(3), edge_of("id")))

    keys = [ids.key(n * hour, f"p_{n}") for n in range(4)]
    assert ids_of(page) == ["p_0", "p_3", "p_2"]
    assert decode_cursor("feed", page["page_info"]["end_cursor"]) == [keys[2], [keys[0], keys[2]]]


def test_a_share_that_seems_older_than_its_post_shows_it_once(world: World) -> None:
    follow_all(world, world.alice, world.bob)
    add(world.graph, "post", [post_row(f"p_{n}", world.carol.user_id, 9) for n in range(2)])
    share_at(world, "p_0", {world.bob: 7, world.alice: 5})
    share_at(world, "p_1", {world.bob: 6})

    one = world.run(read_page(world.dan, first(1), edge_of("id")))
    rest = world.run(read_page(world.dan, first(9, one["page_info"]["end_cursor"]), edge_of("id")))

    assert ids_of(one) + ids_of(rest) == ["p_0", "p_1"]


def _follow_tag(world: World, name: str) -> None:
    world.run(tags.follow_tag(world.dan, name))


def test_posts_under_a_followed_tag_are_there_and_say_so(world: World) -> None:
    follow_all(world, world.alice)
    authors = (world.alice, world.bob, world.carol, world.dan)
    rows = [post_row(f"p_{n}", by.user_id, n, "x", "y") for n, by in enumerate(authors)]
    add(world.graph, "post", [*rows, post_row("p_other", world.bob.user_id, 9, "z")])
    world.run(mutes.mute(world.dan, world.carol.user_id))
    assert _feed(world) == ["p_0"]

    _follow_tag(world, "x")
    assert _feed(world) == ["p_1", "p_0"]
    share_at(world, "p_1", {world.alice: 20})
    _follow_tag(world, "y")
    names = below("tag", "Tag", "name")
    why = {"FollowsAuthor": pick("id"), "FollowsTag": pick(names)}
    edge = pick(*edge_of("id").fields, Field("reasons", "reasons", {}, why))
    page = world.run(read_page(world.dan, first(), edge))

    found = [[_named(reason) for reason in each["reasons"]] for each in page["edges"]]
    assert ids_of(page) == ["p_1", "p_0"]
    assert found == [["SharedByFollowed", "x", "y"], ["FollowsAuthor", "x", "y"]]


def _named(reason: Mapping[str, Any]) -> str:
    return str(reason["tag"]["name"] if "tag" in reason else reason["__typename"])
