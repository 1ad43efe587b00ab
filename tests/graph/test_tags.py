"""Posts stand under their tags as long as they are there, and tell whom they mention."""

from typing import Any

import pytest

from graph.comments import delete_comment, find_comment, update_comment
from graph.errors import InvalidInput
from graph.follows import follow
from graph.posts import delete_post, find_post, update_post
from graph.runner import Graph
from graph.tags import find_tag, follow_tag, read_followed, unfollow_tag
from tests.graph.people import World, below, first, ids_of, new_world, nodes_of, page_of, pick

TAG = pick("name", "display_name", "stats", "viewer", page_of("posts", "Post", "id"))
NAMES = pick("id", below("tags", "Tag", "name"), below("mentions", "User", "username"))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _tag(world: World, name: str) -> Any:
    return world.run(find_tag(world.bob, name, TAG))


def _under(world: World, name: str) -> list[str]:
    """Give the posts under a tag, whose number is told, too."""
    row = _tag(world, name)
    if row is None:
        return []
    posts = ids_of(row["@posts"])
    assert row["stats"] == {"posts": len(posts)}
    return posts


def _names(world: World, post: str) -> tuple[list[str], list[str]]:
    row = world.run(find_post(world.bob, post, NAMES))
    assert row is not None
    return [t["name"] for t in row["tags"]], [u["username"] for u in row["mentions"]]


def test_a_post_names_tags_and_people_in_the_order_of_its_text(world: World) -> None:
    post = world.post(world.alice, "#Zebra @dan #apple @carol @nobody #zebra @dan")

    assert _names(world, post) == (["zebra", "apple"], ["dan", "carol"])
    assert _tag(world, "#ZEBRA")["display_name"] == "Zebra"
    assert _under(world, "apple") == [post]


def test_posts_under_a_tag_are_read_newest_first_in_pages(world: World) -> None:
    posts = [world.post(world.alice, f"#x {n}") for n in range(5)]
    world.post(world.alice, "#y")
    seen: list[str] = []
    after = None
    while len(seen) < 5:
        page = pick(page_of("posts", "Post", "id", first=2, after=after))
        row = world.run(find_tag(world.bob, "x", page))
        assert row is not None
        seen += ids_of(row["@posts"])
        after = row["@posts"]["page_info"]["end_cursor"]
    assert seen == posts[::-1]


def test_a_changed_text_names_what_it_says_now(world: World) -> None:
    post = world.post(world.alice, "#old #kept @dan @carol")

    for _ in range(2):
        world.run(update_post(world.alice, post, "#new #kept @carol"))
        assert _names(world, post) == (["new", "kept"], ["carol"])
    assert [_under(world, name) for name in ("old", "kept", "new")] == [[], [post], [post]]


def test_a_text_that_is_not_changed_keeps_what_it_names(world: World) -> None:
    post = world.post(world.alice, "hello")
    world.cypher(
        """\
MATCH (post:Post {id: $id})
CREATE (post)-[:TAGGED {tag: 'imported', k: post.k, position: 0}]->(
  :Tag {name: 'imported', display_name: 'imported'})""",
        id=post,
    )
    world.run(update_post(world.alice, post, "hello"))
    assert _names(world, post) == (["imported"], [])


def test_a_deleted_post_leaves_its_tags(world: World) -> None:
    one, two = (world.post(world.alice, "#x") for _ in range(2))

    for _ in range(2):
        world.run(delete_post(world.alice, one))
        assert _under(world, "x") == [two]
    assert world.value("COUNT { (:Post)-[:ONCE_TAGGED]->(:Tag {name: 'x'}) }") == 1


def test_a_comment_mentions_people_and_names_no_tags(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.alice, post, text="#x @dan @carol")

    def mentions() -> list[str]:
        row = world.run(find_comment(world.bob, comment, NAMES))
        assert row is not None
        return [user["username"] for user in row["mentions"]]

    assert mentions() == ["dan", "carol"]
    assert _tag(world, "x") is None
    world.run(update_comment(world.alice, comment, "@bob"))
    assert mentions() == ["bob"]
    world.run(delete_comment(world.alice, comment))
    assert mentions() == []


def test_a_mention_gives_no_right_to_see(world: World) -> None:
    post = world.post(world.alice, "#x @bob")
    world.cypher("MATCH (post:Post) SET post.visibility = 'FOLLOWERS'")

    assert world.run(find_post(world.bob, post, NAMES)) is None
    assert _tag(world, "x") is None
    world.run(follow(world.bob, world.alice.user_id))
    assert _under(world, "x") == [post]


def test_who_follows_a_tag_that_they_may_see_nothing_of_learns_nothing_of_it(world: World) -> None:
    post = world.post(world.alice, "#x")
    world.cypher("MATCH (post:Post) SET post.visibility = 'FOLLOWERS'")
    for name in ("x", "y"):
        world.run(follow_tag(world.bob, name))

    unknown = {"display_name": "y", "stats": {"posts": 0}, "viewer": {"following": True}}
    for name in ("x", "y"):
        row = _tag(world, name)
        assert {**row, "display_name": "y"}.items() >= unknown.items()
        assert ids_of(row["@posts"]) == []
    followed = nodes_of(world.run(read_followed(world.bob, first(), pick("name", "stats"))))
    assert [tag["stats"]["posts"] for tag in followed] == [0, 0]

    world.run(follow(world.bob, world.alice.user_id))
    assert _under(world, "x") == [post]


def test_a_tag_is_followed_once_however_it_is_written(world: World) -> None:
    for name in ("Straße", "#STRASSE", "＃strasse"):  # noqa: RUF001
        assert world.run(follow_tag(world.bob, name)) == "strasse"
    assert _tag(world, "strasse")["viewer"] == {"following": True}
    assert _tag(world, "strasse")["display_name"] == "Straße"
    assert world.value("COUNT { ()-[:FOLLOWS_TAG]->() }") == 1
    assert world.run(find_tag(world.alice, "strasse", TAG)) is None

    for _ in range(2):
        world.run(unfollow_tag(world.bob, "Strasse"))
        assert _tag(world, "strasse") is None
    assert world.value("COUNT { ()-[:FOLLOWS_TAG]->() }") == 0


def test_followed_tags_are_the_viewers_newest_follow_first(world: World) -> None:
    for name in ("b", "a", "c"):
        world.run(follow_tag(world.bob, name))
    world.run(follow_tag(world.alice, "d"))
    world.cypher("MATCH ()-[r:FOLLOWS_TAG]->() SET r.k = {b: '1', a: '2', c: '3', d: '4'}[r.tag]")

    page = world.run(read_followed(world.bob, first(2), pick("name")))
    assert [tag["name"] for tag in nodes_of(page)] == ["c", "a"]
    rest = world.run(read_followed(world.bob, first(2, page["page_info"]["end_cursor"]), pick()))
    assert [tag["name"] for tag in nodes_of(rest)] == ["b"]


@pytest.mark.parametrize("name", ["", "#", " # ", "x" * 101, "ﷺ" * 100])
def test_what_is_no_tag_cannot_be_followed(world: World, name: str) -> None:
    for command in (follow_tag, unfollow_tag):
        with pytest.raises(InvalidInput) as caught:
            command(world.bob, name)
        assert caught.value.path == ("name",)


def test_to_unfollow_what_is_not_there_changes_nothing_and_tells_nothing(world: World) -> None:
    assert world.run(unfollow_tag(world.bob, "#None")) == "none"
    assert _tag(world, "none") is None
