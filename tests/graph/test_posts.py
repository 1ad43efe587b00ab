"""Posts are their authors', are read newest first, and leave the right traces when they go."""

import pytest

from graph.comments import NewComment, create_comment, find_comment
from graph.errors import Forbidden, InvalidInput, NotFound
from graph.follows import follow
from graph.likes import like
from graph.post_lists import Scope, read_page
from graph.posts import NewPost, create_post, delete_post, find_post, update_post
from graph.runner import Graph
from graph.shares import share
from tests.graph.people import POST, World, add, first, ids_of, new_world, pick, post_row


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _last_post(world: World) -> str | None:
    (row,) = world.cypher(
        """\
MATCH (u:User {id: $id}) OPTIONAL MATCH (p:Post {k: u.last_post_k})
RETURN u.last_post_k AS k, p.id AS id""",
        id=world.alice.user_id,
    )
    assert (row["k"] is None) == (row["id"] is None)
    return row["id"]  # type: ignore[no-any-return]


def test_a_post_reads_as_it_was_written(world: World) -> None:
    text = "é😀 👩‍👩‍👧 '}) DETACH DELETE n // $viewer\n" + "x" * 4_000

    post = world.post(world.alice, f"  {text} ")
    row = world.run(find_post(world.bob, post, POST))

    assert row is not None
    assert {name: row[name] for name in ("id", "text", "visibility", "edited_at")} == {
        "id": post,
        "text": text,
        "visibility": "PUBLIC",
        "edited_at": None,
    }
    assert row["author"]["username"] == "alice"
    assert row["stats"] == {"likes": 0, "comments": 0, "shares": 0, "bookmarks": 0}
    assert row["viewer"] == {
        "has_liked": False,
        "has_shared": False,
        "has_bookmarked": False,
        "has_muted_conversation": False,
        "can_edit": False,
        "can_delete": False,
        "can_reply": True,
    }
    own = world.run(find_post(world.alice, post, POST))
    assert own is not None
    assert own["viewer"]["can_edit"]
    assert own["viewer"]["can_delete"]


def test_a_changed_post_says_when(world: World) -> None:
    post = world.post(world.alice)

    world.run(update_post(world.alice, post, "hello"))
    unchanged = world.run(find_post(world.bob, post, POST))
    world.run(update_post(world.alice, post, "hello again"))
    changed = world.run(find_post(world.bob, post, POST))

    assert unchanged is not None
    assert changed is not None
    assert unchanged["edited_at"] is None
    assert changed["edited_at"] >= changed["created_at"]
    assert changed["text"] == "hello again"


def test_only_its_author_may_change_or_delete_it(world: World) -> None:
    post = world.post(world.alice)

    with pytest.raises(Forbidden, match="Only its author may change"):
        world.run(update_post(world.bob, post, "mine"))
    with pytest.raises(Forbidden, match="Only its author may delete"):
        world.run(delete_post(world.bob, post))

    row = world.run(find_post(world.alice, post, POST))
    assert row is not None
    assert row["text"] == "hello"


@pytest.mark.parametrize("post_id", ["p_none", "", "c_1", "\x00", "p_" + "x" * 9_000, "p_' OR 1"])
def test_what_is_not_there_is_not_found(world: World, post_id: str) -> None:
    assert world.run(find_post(world.bob, post_id, POST)) is None
    for command in (update_post(world.bob, post_id, "x"), delete_post(world.bob, post_id)):
        with pytest.raises(NotFound):
            world.run(command)


def test_a_deleted_post_is_gone_for_everybody(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)
    world.run(follow(world.bob, world.alice.user_id))
    world.run(delete_post(world.alice, post))
    world.news()

    for viewer in world.people:
        assert world.run(find_post(viewer, post, POST)) is None
        assert world.run(find_comment(viewer, comment, POST)) is None
    assert ids_of(world.run(read_page(world.bob, first(), POST))) == []
    assert ids_of(world.run(read_page(world.bob, first(), POST, Scope(world.alice.user_id)))) == []
    for command in (
        update_post(world.alice, post, "back"),
        like(world.bob, post),
        like(world.bob, comment),
        share(world.bob, post),
        create_comment(world.bob, NewComment.of(world.bob, post, None, "late")),
        create_comment(world.bob, NewComment.of(world.bob, post, comment, "late")),
        delete_post(world.bob, post),
    ):
        with pytest.raises(NotFound):
            world.run(command)
    assert world.news() == []


def test_the_last_post_is_right_whatever_is_deleted(world: World) -> None:
    one, two, three = (world.post(world.alice) for _ in range(3))

    assert _last_post(world) == three
    world.run(delete_post(world.alice, two))
    assert _last_post(world) == three
    world.run(delete_post(world.alice, three))
    assert _last_post(world) == one
    world.run(delete_post(world.alice, one))
    assert _last_post(world) is None
    four = world.post(world.alice)
    assert _last_post(world) == four


def test_the_last_post_is_the_newest_and_not_the_last_to_arrive(world: World) -> None:
    new = NewPost("p_new", world.alice.user_id, "new", 2_000)
    old = NewPost("p_old", world.alice.user_id, "old", 1_000)

    for post in (new, old):
        world.run(create_post(world.alice, post))

    assert _last_post(world) == "p_new"


def test_deleting_leaves_the_authors_count_right(world: World) -> None:
    def posts() -> object:
        return world.value("COUNT { (:User {id: $id})-[:POSTED]->() }", id=world.alice.user_id)

    one, _ = (world.post(world.alice) for _ in range(2))
    assert posts() == 2
    world.run(delete_post(world.alice, one))
    assert posts() == 1
    assert world.value("COUNT { (:User)-[:ONCE_POSTED]->(:Post) }") == 1


def test_pages_are_everybodys_or_one_authors(world: World) -> None:
    rows = [post_row(f"p_{n}", world.people[n % 2].user_id, 5) for n in range(6)]
    add(world.graph, "post", rows)

    everybodys = world.run(read_page(world.dan, first(), pick("id")))
    alices = world.run(read_page(world.dan, first(2), pick("id"), Scope(world.alice.user_id)))
    nobodys = world.run(read_page(world.dan, first(), pick("id"), Scope("u_none")))

    assert ids_of(everybodys) == [f"p_{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert ids_of(alices) == ["p_4", "p_2"]
    assert alices["page_info"]["has_next_page"]
    assert ids_of(nobodys) == []


def test_a_post_of_half_a_surrogate_pair_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="surrogate"):
        NewPost.of(world.alice, "\ud800")
    with pytest.raises(InvalidInput, match="surrogate"):
        world.run(find_post(world.alice, "\ud800", POST))
