"""Comments belong to a post and a parent, are their authors', and leave tombstones."""

from collections.abc import Callable

import pytest

from graph.blocks import block
from graph.comments import (
    NewComment,
    create_comment,
    delete_comment,
    find_comment,
    update_comment,
)
from graph.errors import Forbidden, NotFound
from graph.likes import like
from graph.posts import delete_post, find_post
from graph.runner import Graph
from tests.graph.people import (
    COMMENT,
    World,
    below,
    ids_of,
    new_world,
    page_of,
    pick,
)


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def test_a_comment_reads_as_it_was_written(world: World) -> None:
    post = world.post(world.alice)
    one = world.comment(world.bob, post)
    two = world.comment(world.carol, post, one, " é😀 ")
    selection = pick(
        "text",
        "stats",
        below("author", "User", "id"),
        below("post", "Post", "id"),
        below("parent", "Comment", "id"),
    )

    above = world.run(find_comment(world.dan, one, selection))
    reply = world.run(find_comment(world.dan, two, selection))

    assert above is not None
    assert reply is not None
    assert (above["depth"], above["parent"], above["post"]["id"]) == (1, None, post)
    assert above["stats"] == {"likes": 0, "replies": 1}
    assert (reply["depth"], reply["parent"]["id"], reply["post"]["id"]) == (2, one, post)
    assert (reply["text"], reply["tombstone"]) == ("é😀", None)
    assert reply["author"]["id"] == world.carol.user_id


def test_the_post_itself_as_parent_is_no_parent(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post, post)

    row = world.run(find_post(world.bob, post, pick(page_of("comments", "Comment", sort="OLD"))))

    assert row is not None
    assert ids_of(row["@comments"]) == [comment]


@pytest.mark.parametrize("bad", ["p_none", "", "\x00", "c_1", "p_" + "x" * 9_000])
def test_a_post_that_is_not_there_cannot_be_commented(world: World, bad: str) -> None:
    with pytest.raises(NotFound, match="no post") as caught:
        world.comment(world.bob, bad)
    assert caught.value.path == ("postId",)
    assert world.news() == []


def test_a_parent_has_to_be_below_the_same_post(world: World) -> None:
    post, other = world.post(world.alice), world.post(world.alice)
    elsewhere = world.comment(world.bob, other)
    world.news()

    for bad in (elsewhere, other, "c_none", "", world.bob.user_id):
        with pytest.raises(NotFound, match="no comment") as caught:
            world.comment(world.bob, post, bad)
        assert caught.value.path == ("parentId",)
    assert world.news() == []


def test_a_tombstone_takes_no_reply_and_keeps_those_it_has(world: World) -> None:
    post = world.post(world.alice)
    one = world.comment(world.bob, post)
    two = world.comment(world.carol, post, one)
    world.run(delete_comment(world.bob, one))

    with pytest.raises(NotFound, match="no comment"):
        world.comment(world.dan, post, one)
    with pytest.raises(NotFound):
        world.run(like(world.dan, one))
    three = world.comment(world.dan, post, two)

    grave = world.run(
        find_comment(
            world.bob, one, pick(*COMMENT.fields, page_of("replies", "Comment", sort="OLD"))
        )
    )
    assert grave is not None
    assert (grave["text"], grave["author"], grave["tombstone"]) == (None, None, "DELETED")
    assert grave["edited_at"] is None
    assert grave["viewer"] == {
        "has_liked": False,
        "has_shared": False,
        "has_bookmarked": False,
        "has_muted_conversation": False,
        "can_edit": False,
        "can_delete": False,
        "can_reply": False,
    }
    assert ids_of(grave["@replies"]) == [two]
    assert world.run(find_comment(world.bob, three, COMMENT)) is not None


def test_a_tombstone_keeps_its_place_among_its_siblings(world: World) -> None:
    post = world.post(world.alice)
    comments = [world.comment(world.bob, post) for _ in range(3)]
    world.run(delete_comment(world.bob, comments[1]))

    for sort in ("OLD", "NEW", "TOP", "BEST"):
        listed = pick("stats", page_of("comments", "Comment", "tombstone", sort=sort))
        row = world.run(find_post(world.dan, post, listed))
        assert row is not None
        expected = comments[::-1] if sort == "NEW" else comments
        assert ids_of(row["@comments"]) == expected
        assert row["stats"]["comments"] == 2


def test_only_its_author_may_change_or_delete_it(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)

    for stranger in (world.alice, world.carol):
        with pytest.raises(Forbidden, match="Only its author may change"):
            world.run(update_comment(stranger, comment, "mine"))
        with pytest.raises(Forbidden, match="Only its author may delete"):
            world.run(delete_comment(stranger, comment))


@pytest.mark.parametrize("bad", ["c_none", "", "p_1", "\x00"])
def test_what_is_not_there_is_not_found(world: World, bad: str) -> None:
    assert world.run(find_comment(world.bob, bad, COMMENT)) is None
    for command in (update_comment(world.bob, bad, "x"), delete_comment(world.bob, bad)):
        with pytest.raises(NotFound):
            world.run(command)


def test_a_changed_comment_says_when_and_a_deleted_one_does_not_change(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)

    world.run(update_comment(world.bob, comment, "changed"))
    row = world.run(find_comment(world.dan, comment, COMMENT))
    world.run(delete_comment(world.bob, comment))

    assert row is not None
    assert row["text"] == "changed"
    assert row["edited_at"] >= row["created_at"]
    with pytest.raises(NotFound):
        world.run(update_comment(world.bob, comment, "back"))


def _block(world: World, _: str) -> None:
    world.run(block(world.alice, world.bob.user_id))


def _suspend(world: World, _: str) -> None:
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.alice.user_id)


def _delete(world: World, post: str) -> None:
    world.run(delete_post(world.alice, post))


def _close(world: World, post: str) -> None:
    world.cypher("MATCH (p:Post {id: $id}) SET p.visibility = 'FOLLOWERS'", id=post)


@pytest.mark.parametrize("hide", [_block, _suspend, _delete, _close])
def test_below_a_hidden_post_one_can_take_back_what_one_said_and_nothing_else(
    world: World, hide: Callable[[World, str], None]
) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)
    others = world.comment(world.carol, post)
    hide(world, post)
    world.news()

    for command in (update_comment(world.bob, comment, "x"), delete_comment(world.bob, others)):
        with pytest.raises(NotFound):
            world.run(command)
    assert world.news() == []

    for _ in range(2):
        assert world.run(delete_comment(world.bob, comment)) == comment
    assert world.news() == [("CommentDeleted", world.bob.user_id, comment, post)]
    (row,) = world.cypher(
        "MATCH (c:Comment {id: $id}) RETURN c.deleted_at IS NOT NULL AS gone, "
        "COUNT { (:User)-[:COMMENTED]->(c) } AS counted",
        id=comment,
    )
    assert row == {"gone": True, "counted": 0}


def test_counts_are_those_of_the_edges_after_every_command(world: World) -> None:
    post = world.post(world.alice)
    one = world.comment(world.bob, post)
    two = world.comment(world.carol, post, one)
    three = world.comment(world.bob, post, two)
    subjects = (post, one, two, three)
    for command in (
        like(world.dan, post),
        like(world.dan, one),
        delete_comment(world.carol, two),
        delete_comment(world.bob, three),
        delete_comment(world.bob, one),
    ):
        world.run(command)
        for subject in subjects:
            assert world.stats(subject) == world.recount(subject)
    assert world.stats(post) == {"likes": 1, "comments": 0, "shares": 0, "bookmarks": 0}
    assert world.stats(one)["replies"] == 0


def test_the_same_comment_again_is_known(world: World) -> None:
    comment = NewComment.of(world.bob, world.post(world.alice), None, "once")

    assert {world.run(create_comment(world.bob, comment)) for _ in range(2)} == {comment.id}
    assert world.value("COUNT { (:Comment) }") == 1
